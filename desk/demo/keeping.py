"""The demo's ledgers: what an organisation records while its project runs.

Activities with a sign-in sheet and a picture, expenses with an invoice; each
within its budget head, so that the ledger's page adds up to something.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.utils.timezone import now

from desk.demo.clock import at
from desk.demo.examples import example_of
from grants.calendar import today
from grants.ledger import ledgers_of
from grants.models import BudgetLine, Case
from grants.money import fen
from organisations.models import User

Head = BudgetLine.Head


@dataclass(frozen=True)
class Days:
    """What is recorded at one time: services and expenses.

    services: the activity of the plan by its place, what took place, persons;
    expenses: budget head, payee, purpose, share of the award.
    """

    share: float  # of the project's time that is over
    services: tuple[tuple[int, str, int], ...]
    expenses: tuple[tuple[Head, str, str, str], ...]


PRINTER = "杭州某某印务有限公司（演示）"
WORKER = "专职社工"  # each organisation has its own
UNDER = Decimal("9800.00")  # expenses of 10,000 and more need quotations

BOOK = (
    Days(
        0.04,
        ((0, "启动仪式暨入户走访", 36), (1, "第一次小组活动", 24)),
        (
            (Head.ACTIVITY, "杭州某某文化用品商行（演示）", "活动物料", "0.24"),
            (Head.STAFF, WORKER, "专职社工补贴", "0.07"),
        ),
    ),
    Days(
        0.3,
        ((1, "社区集市与政策宣讲", 58),),
        ((Head.ACTIVITY, PRINTER, "宣传折页与手册", "0.21"),),
    ),
    Days(
        0.7,
        ((0, "成果展示与回访", 47),),
        ((Head.ACTIVITY, "杭州某某交通服务公司（演示）", "志愿者交通与保险", "0.17"),),
    ),
)


def moment_of(period: tuple[date, date], days: Days) -> datetime:
    """When the entries of one time are recorded, in the evening."""
    first, last = period
    return at(first + timedelta(days=round((last - first).days * days.share)), 18)


def parts_of(amount: Decimal, splits: bool) -> list[Decimal]:
    """An amount as it is paid; split, in parts just under what needs quotations.

    The parts add up to the amount, so that no ledger's sum depends on it.
    """
    parts = [UNDER] * int(amount // UNDER) if splits else []
    rest = amount - sum(parts)
    return [*parts, rest] if rest else parts


def entries(
    case: Case, days: Days, by: User, *, splits: bool = False
) -> Iterator[tuple[str, dict[str, Any]]]:
    """(action, body) of what is recorded today.

    splits: what the printer is paid comes in several invoices, for an auditor to find.
    """
    day = today(now()).isoformat()
    dice = Random(f"{case.code}{days.share}")
    planned = list(case.activities.filter(kind=BudgetLine.Kind.PLAN))
    example = example_of("record_service", case, by)
    for place, title, persons in days.services:
        yield (
            "record_service",
            example
            | {
                "held_on": day,
                "activity": str(planned[place % len(planned)].pk) if planned else "",
                "title": title,
                "place": case.application.place or "社区服务中心（演示）",
                "persons": persons + dice.randrange(12),
                "volunteers": 4 + dice.randrange(5),
                "hours": f"{10 + dice.randrange(30) / 2:.1f}",
                "satisfaction": f"{4.2 + dice.randrange(8) / 10:.2f}",
            },
        )
    example = example_of("record_expense", case, by)
    serving = dict.fromkeys(Head, str(planned[-1].pk) if planned else "")
    for number, (head, payee, purpose, share) in enumerate(days.expenses, 1):
        amount = fen(case.awarded * Decimal(share))
        for part, paid in enumerate(parts_of(amount, splits and payee == PRINTER)):
            suffix = f"-{part}" if part else ""
            yield (
                "record_expense",
                example
                | {
                    "spent_on": day,
                    "head": head.value,
                    "activity": serving[head],
                    "payee": f"{case.organisation}{payee}"
                    if payee == WORKER
                    else payee,
                    "amount": str(paid),
                    "invoice_number": f"{case.code}-{days.share:.2f}-{number}{suffix}",
                    "purpose": purpose,
                },
            )


def reported(case: Case) -> dict[str, Any]:
    """What a report says of its ledger: people served, money used."""
    ledger = ledgers_of([case.pk], indicators=False)[case.pk]
    if not ledger.activities:
        return {}
    return {
        "beneficiaries_served": ledger.persons,
        "money_used": str(ledger.spent_of_grant),
    }
