"""A case as of any moment: everything that belongs to it, rebuilt from the record.

What stands in the streams of others (the round's decisions, the organisation's
members, the roles of people) is cut to what concerns the case.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model

from audit.asof import Row, Rows, then_and_now
from audit.models import Event
from audit.record import READ, record_read
from audit.tables import tables
from grants.models import Case, Cover, Decision, Notice, Panel, PaymentBatch, RoleGroup
from grants.permissions import has_permission
from organisations.models import User

USER = get_user_model()._meta.db_table
GROUPS = get_user_model().groups.through._meta.db_table
ON_NOTICE = Notice.cases.through._meta.db_table
#: Verbs that change no role, though there are many of them in a person's stream.
IDLE = (READ, "account_login", "account_logout")
ROLE_VERBS = ("grant_role", "revoke_role")


@dataclass(frozen=True)
class RoleHolder:
    """A person in a role of the programme, then or now, or both."""

    user_id: int
    role: str
    then: bool
    now: bool


@dataclass(frozen=True)
class CaseAsOf:
    """A case at a moment beside today: rows by (table, key), canonical values."""

    at: dt.datetime
    then: Rows
    now: Rows
    holders: list[RoleHolder]


def audits(user: User, case: Case) -> bool:
    """Whether who sees this case may also read its whole record."""
    return has_permission(user, "view_trail", case.round.programme_id)


def note_reading(user: User, case: Case, what: str) -> None:
    """Record that an auditor or inspector reads a case; nobody else is noted."""
    if audits(user, case):
        record_read(by=user, target=case.code, what=what)


def case_as_of(case: Case, at: dt.datetime) -> CaseAsOf:
    """The case at a moment, and as the record has it today.

    For callers that have asked `audits`. A fixed number of queries.
    """
    programme = case.round.programme
    roles = dict(
        RoleGroup.objects.filter(programme=programme).values_list("group", "role")
    )
    notices = Notice.objects.filter(round=case.round_id).values_list("pk", flat=True)
    people = people_streams(programme.code, list(roles))
    streams = [
        f"case:{case.pk}",
        f"organisations_organisation:{case.organisation_id}",
        f"grants_round:{case.round_id}",
        f"grants_programme:{case.round.programme_id}",
        *(f"{Notice._meta.db_table}:{pk}" for pk in notices),
        *people,
    ]
    then, now = then_and_now(streams, at, without=IDLE)
    return CaseAsOf(
        at,
        concerning(case, then),
        concerning(case, now),
        holders_of(roles, then, now),
    )


def people_streams(code: str, groups: list[int]) -> set[str]:
    """The streams of who has, or ever had, a role in a programme: two queries."""
    now = get_user_model().objects.filter(groups__in=groups)
    streams = {f"{USER}:{pk}" for pk in now.order_by().values_list("pk", flat=True)}
    granted = Event.objects.filter(
        verb__in=ROLE_VERBS,
        target__startswith=f"{code}:",
        stream__startswith=f"{USER}:",
    )
    return streams | set(granted.order_by().values_list("stream", flat=True))


def holders_of(roles: dict[int, str], then: Rows, now: Rows) -> list[RoleHolder]:
    """Who held which role at the moment, and who does now; by role and person."""
    before, today = _holdings(roles, then), _holdings(roles, now)
    return [
        RoleHolder(user_id, role, (role, user_id) in before, (role, user_id) in today)
        for role, user_id in sorted(before | today)
    ]


def _holdings(roles: dict[int, str], rows: Rows) -> set[tuple[str, int]]:
    return {
        (roles[row["group_id"]], row["user_id"])
        for (table, _pk), row in rows.items()
        if table == GROUPS
        and row["group_id"] in roles
        and rows.get((USER, row["user_id"]), {}).get("is_active", True)
    }


# -- what of the shared streams concerns one case ---------------------------------


def _named(rows: Rows, tables: Iterable[str], column: str) -> set[Any]:
    return {
        row[column]
        for (table, _pk), row in rows.items()
        if table in tables and row.get(column) is not None
    }


def _rule(case: Case, rows: Rows) -> dict[str, Callable[[Any, Row], bool]]:
    """By table of a shared stream: whether a row of it concerns the case."""
    panels = _named(rows, ("grants_seat", "grants_defencenote"), "panel_id")
    decisions = _named(rows, ("grants_decisionline",), "decision_id")
    batches = _named(rows, ("grants_tranche",), "batch_id")
    on_notice = {
        row["notice_id"]
        for (table, _pk), row in rows.items()
        if table == ON_NOTICE and row["case_id"] == case.pk
    }
    notices = on_notice | _named(rows, ("grants_objection",), "notice_id")
    return {
        Panel._meta.db_table: lambda pk, row: pk in panels,
        Decision._meta.db_table: lambda pk, row: pk in decisions,
        PaymentBatch._meta.db_table: lambda pk, row: pk in batches,
        Notice._meta.db_table: lambda pk, row: pk in notices,
        ON_NOTICE: lambda pk, row: row["case_id"] == case.pk,
        Cover._meta.db_table: lambda pk, row: True,
        "grants_round": lambda pk, row: True,
        "organisations_organisation": lambda pk, row: True,
        "organisations_organisationprofile": lambda pk, row: True,
        "organisations_membership": lambda pk, row: True,
    }


def concerning(case: Case, rows: Rows) -> Rows:
    """The rows of the case, and of shared streams those that concern it."""
    rule = _rule(case, rows)
    return {
        (table, pk): row
        for (table, pk), row in rows.items()
        if (table in rule and rule[table](pk, row)) or belongs(case, row, table)
    }


def belongs(case: Case, row: Row, table: str) -> bool:
    """Whether a row stands in the case's own stream."""
    known = tables().get(table)
    return known is not None and known.stream(row) == f"case:{case.pk}"
