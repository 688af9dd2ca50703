"""What a signal is, what it finds, and the facts that all of them share."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import QuerySet

from grants.models import Case, Expense, ProgrammeRules, Round
from grants.rules import Rules, parse
from organisations.models import Membership, Organisation, User


@dataclass(frozen=True)
class Row:
    """One stored row that a finding is based on, in words; where it can be seen."""

    text: str
    case: Case | None = None
    tab: str = ""
    at: dt.datetime | None = None


@dataclass(frozen=True)
class Finding:
    """What stands out, in a sentence, and the rows it is based on."""

    summary: str
    rows: list[Row]

    @property
    def cases(self) -> set[int]:
        return {row.case.pk for row in self.rows if row.case is not None}


@dataclass
class Facts:
    """What several signals need of the cases that somebody oversees.

    Each part is one query, made when it is first asked for.
    """

    overseen: QuerySet[Case]
    programmes: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.overseen = self.overseen.filter(submitted_at__isnull=False)

    @cached_property
    def cases(self) -> dict[int, Case]:
        """Submitted cases by key, with round and organisation.

        A round and an organisation are one object for all their cases: with joins,
        ten thousand cases took twice as long to read.
        """
        found = self.overseen.in_bulk()
        rounds = Round.objects.filter(pk__in=self.overseen.order_by().values("round"))
        by_key = rounds.in_bulk()
        for case in found.values():
            case.round = by_key[case.round_id]
            case.organisation = self.organisations[case.organisation_id]
        return found

    @cached_property
    def keys(self) -> QuerySet:
        """The keys of the cases, for conditions."""
        return self.overseen.order_by().values("pk")

    @cached_property
    def expenses(self) -> list[Expense]:
        """Expenses that count, in the order of their days."""
        rows = Expense.objects.filter(case__in=self.keys, voided_at=None)
        return list(rows.order_by("spent_on", "pk"))

    @cached_property
    def rules(self) -> dict[int, Rules]:
        """The rules by version, parsed once each."""
        versions = self.overseen.order_by().values("rules")
        found = ProgrammeRules.objects.filter(pk__in=versions)
        return {pk: parse(data) for pk, data in found.values_list("pk", "data")}

    @cached_property
    def memberships(self) -> dict[int, list[Membership]]:
        """Who is, or was, a member of an organisation that applied."""
        rows = Membership.objects.filter(
            organisation__in=self.overseen.order_by().values("organisation")
        ).select_related("user", "organisation")
        out: dict[int, list[Membership]] = {}
        for row in rows.order_by("pk"):
            out.setdefault(row.organisation_id, []).append(row)
        return out

    @cached_property
    def organisations(self) -> dict[int, Organisation]:
        """The organisations that applied, and who holds money for them."""
        applied = self.overseen.order_by().values("organisation")
        held = Organisation.objects.filter(pk__in=applied).order_by()
        custodians = held.exclude(custodian=None).values("custodian")
        both = Organisation.objects.filter(pk__in=applied)
        return (both | Organisation.objects.filter(pk__in=custodians)).in_bulk()

    def people(self, keys: Iterable[Any]) -> dict[int, User]:
        """People by key: one query."""
        return get_user_model().objects.in_bulk(list(set(keys)))


Finder = Callable[[Facts], list[Finding]]


@dataclass(frozen=True)
class Signal:
    """A kind of finding. `why` explains what is looked for and what it may mean."""

    code: str
    title: Any
    why: Any
    find: Finder
