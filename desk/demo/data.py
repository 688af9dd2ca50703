"""The demo's own data: people, the projects of 2021, those not awarded."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from functools import lru_cache
from pathlib import Path
from random import Random

from organisations.credit_code import check_character
from organisations.models import LegalForm

FOLDER = Path(__file__).with_name("data")
CAP = Decimal("300000.00")
#: The word of the CSV → the code of the programme's service field.
CATEGORIES = {
    "为老": "elderly",
    "助残": "disabled",
    "社会治理": "governance",
    "济困": "poverty",
    "扶贫": "poverty",
    "助医": "health",
    "救孤": "children",
    "社区服务": "community",
    "灾害救助": "relief",
    "优抚": "veterans",
    "社会组织培育": "cultivation",
    "助学": "education",
    "环境保护": "environment",
    "其它创新性": "other",
}
FORMS = {
    "民办非企业单位": LegalForm.PRIVATE_UNIT,
    "社会团体": LegalForm.ASSOCIATION,
    "基金会": LegalForm.FOUNDATION,
    "社区社会组织（备案）": LegalForm.FILED,
}


@dataclass(frozen=True)
class Person:
    """One line of demo_people.csv."""

    username: str
    role_zh: str
    role: str
    name: str
    latin: str
    unit: str
    finance_expert: bool


@dataclass(frozen=True)
class ProjectRow:
    """One project; `amount` is the award in CNY (of the others: the request)."""

    seq: int
    title: str
    theme: str
    organisation: str
    legal_form: str
    district: str
    amount: Decimal

    @property
    def category(self) -> str:
        return CATEGORIES[self.theme]

    @property
    def form(self) -> LegalForm:
        return FORMS[self.legal_form]

    @property
    def request(self) -> Decimal:
        """The award times 1.00 to 1.35, up to the next hundred, under the cap."""
        share = Decimal(str(round(Random(self.title).uniform(1, 1.35), 3)))
        hundreds = (self.amount * share / 100).quantize(Decimal(1), ROUND_CEILING)
        return min(hundreds * 100, CAP).quantize(Decimal("0.01"))


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@lru_cache(maxsize=1)
def people() -> tuple[Person, ...]:
    """Two accounts of each role, by role and number."""
    return tuple(
        Person(
            row["username"],
            row["role_zh"],
            row["role"],
            row["name_zh"],
            row["name_latin"],
            row["unit"],
            row["finance_expert"] == "1",
        )
        for row in _rows("demo_people.csv")
    )


def _projects(name: str) -> tuple[ProjectRow, ...]:
    return tuple(
        ProjectRow(
            int(row["seq"]),
            row["project_name"],
            row["theme"],
            row["organisation_name"],
            row["legal_form"],
            row["district"],
            Decimal(row["amount"]),
        )
        for row in _rows(name)
    )


@lru_cache(maxsize=1)
def awarded() -> tuple[ProjectRow, ...]:
    """The 88 awards of the 2021 round, 14,139,460.00 CNY in all."""
    return _projects("demo_round_2021.csv")


@lru_cache(maxsize=1)
def others() -> tuple[ProjectRow, ...]:
    """Thirty applications that were not awarded."""
    return _projects("demo_applications_rest.csv")


def credit_code(form: LegalForm, district_code: str, number: int) -> str:
    """A credit code with a valid check character, marked as demo by "DEM".

    Registering department 5 (civil affairs), then the class of organisation.
    """
    kind = {LegalForm.ASSOCIATION: "1", LegalForm.FOUNDATION: "3"}.get(form, "2")
    department = "11" if form == LegalForm.AUTHORITY else f"5{kind}"
    first = f"{department}{district_code}DEM{number:06d}"
    return first + check_character(first)
