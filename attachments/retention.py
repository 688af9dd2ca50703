"""How long papers are kept (会计档案管理办法, Order 79 of MoF and SAA; CONV)."""

from datetime import UTC, datetime
from enum import StrEnum


class Period(StrEnum):
    """A period of keeping; it is to begin when a case is closed."""

    PERMANENT = "permanent"
    VOUCHERS = "vouchers"
    BANK_STATEMENTS = "bank_statements"
    PROJECT_FILE = "project_file"
    REJECTED = "rejected"


#: Stores that count seconds in 32 bits (Ceph) fold a later date into the past.
LAST = datetime(2105, 12, 31, tzinfo=UTC)
#: PERMANENT is a hundred years, since stores want a date, or until LAST.
YEARS = {
    Period.PERMANENT: 100,
    Period.VOUCHERS: 30,
    Period.BANK_STATEMENTS: 10,
    Period.PROJECT_FILE: 10,  # CONV
    Period.REJECTED: 3,  # CONV
}


def end_of(period: Period, begins: datetime) -> datetime:
    """When a period ends; one from 29 February ends on 1 March where there is none."""
    year = begins.year + YEARS[period]
    try:
        ends = begins.replace(year=year)
    except ValueError:
        ends = begins.replace(year=year, month=3, day=1)
    return min(ends, LAST)
