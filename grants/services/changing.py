"""Changing a running project (项目变更): asked for, classified, decided, amended.

The rules say what is minor (the officer decides) and what is major (the head
of division does): moving more than a tenth of a budget head is major, an
extension has its longest term and comes once (DOMAIN §8, §9).
"""

import json
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from attachments.models import Document
from grants.calendar import end_of_working_day
from grants.errors import Invalid, WrongState
from grants.models import (
    BudgetLine,
    Case,
    ChangeKind,
    ChangeRequest,
    ChangeStatus,
    HoldKind,
    StageKind,
    StageStatus,
    Status,
)
from grants.rules import rules_of
from grants.services.applying import months_after
from grants.services.budget import budget_errors, granted_sum
from grants.services.contracting import stage_opens_at
from grants.services.gate import gate
from grants.services.holding import lift_holds, set_hold
from grants.services.proposal import PLAN, link_errors, replace_rows, rows_of
from organisations.models import User

APPROVE, DENY = "APPROVE", "DENY"
K = ChangeKind
#: The fields that say what is wanted, by kind; the first one is needed.
FIELDS: dict[str, tuple[str, ...]] = {
    K.LEADER: ("leader_name", "leader_mobile"),
    K.PERIOD: ("period_end",),
    K.CONTENT: ("plan",),
    K.BUDGET: ("budget",),
    K.PLACE: ("place",),
    K.CUSTODIAN: ("custodian",),
}
#: While one of these runs, the project's end may still be moved.
EXTENDABLE = (Status.RUNNING_INITIAL, Status.MID_EVAL, Status.RUNNING_FINAL)
#: The stages that have not opened yet, by status: an extension moves them.
AHEAD = {
    Status.RUNNING_INITIAL: (StageKind.MID, StageKind.FINAL),
    Status.MID_EVAL: (StageKind.FINAL,),
    Status.RUNNING_FINAL: (StageKind.FINAL,),
}


def open_change(case: Case) -> ChangeRequest | None:
    """The change that waits for its decision."""
    return case.changes.filter(status=ChangeStatus.REQUESTED).first()


# -- before and after -------------------------------------------------------------


def rows_in_words(rows: Iterable[dict[str, Any]]) -> str:
    """A budget as lines of text."""
    labels = dict(BudgetLine.Head.choices)
    return "\n".join(
        f"{labels[row['head']]} · {row['item']} · {row['amount']:,.2f}" for row in rows
    )


def standing(case: Case, kind: str) -> str:
    """What holds now, in words."""
    application = case.application
    if kind == K.LEADER:
        return application.leader_name
    if kind == K.PERIOD:
        return f"{application.period_start} – {application.period_end}"
    if kind == K.CONTENT:
        return case.project.plan or application.plan
    if kind == K.BUDGET:
        return rows_in_words(rows_of(case, "budget", PLAN))
    if kind == K.PLACE:
        return application.place
    return str(case.organisation.custodian or "")


def wished(case: Case, kind: str, wanted: dict[str, Any]) -> str:
    """What is asked for, in the same words."""
    if kind == K.PERIOD:
        return f"{case.application.period_start} – {wanted['period_end']}"
    if kind == K.BUDGET:
        return rows_in_words(wanted["budget"])
    return str(wanted[FIELDS[kind][0]])


# -- rules ------------------------------------------------------------------------


def change_errors(
    case: Case, kind: str, wanted: dict[str, Any]
) -> dict[str, list[str]]:
    """What is wrong with a request, by path of the field."""
    if kind not in FIELDS:
        return {"kind": [_("Choose what is to change.")]}
    name = FIELDS[kind][0]
    if not wanted.get(name) or not str(wanted[name]).strip():
        return {name: [_("Enter what it is to be.")]}
    if kind == K.PERIOD:
        errors = extension_errors(case, wanted["period_end"])
    elif kind == K.BUDGET:
        errors = budget_errors(rules_of(case), wanted["budget"], grant=case.awarded)
        errors |= link_errors(wanted["budget"], rows_of(case, "activities", PLAN))
    else:
        errors = {}
    if not errors and wished(case, kind, wanted) == standing(case, kind):
        return {name: [_("This is how it is now.")]}
    return errors


def extension_errors(case: Case, ends: date) -> dict[str, list[str]]:
    """Why the project's end cannot be moved there."""
    rules, was = rules_of(case), case.application.period_end
    longest = rules.extension_months_max
    latest = months_after(was + timedelta(days=1), longest) - timedelta(days=1)
    before = case.changes.filter(kind=K.PERIOD, status=ChangeStatus.APPROVED).count()
    message = ""
    if case.status not in EXTENDABLE:
        message = _("The project's time is over: its end cannot be moved now.")
    elif before >= rules.extensions_max:
        message = _("The project was extended already.")
    elif ends <= was:
        message = _("The new end must lie after %(day)s.") % {"day": was}
    elif ends > latest:
        message = ngettext(
            "A project is extended by at most %(count)s month, until %(day)s.",
            "A project is extended by at most %(count)s months, until %(day)s.",
            longest,
        ) % {"count": longest, "day": latest}
    return {"period_end": [message]} if message else {}


def is_major(case: Case, kind: str, wanted: dict[str, Any]) -> bool:
    """Whether the head of division decides: by kind, or for a budget by its heads."""
    rules = rules_of(case)
    if kind in rules.major_changes:
        return True
    if kind != K.BUDGET:
        return False
    before = rows_of(case, "budget", PLAN)
    return any(
        abs(granted_sum(wanted["budget"], head) - granted_sum(before, head))
        > granted_sum(before, head) * rules.budget_free_share
        for head in BudgetLine.Head.values
    )


# -- the services -----------------------------------------------------------------


@gate("request_change")
def request_change(
    case: Case,
    *,
    by: User,
    kind: str,
    reason: str,
    file: Document | None = None,
    **fields: Any,
) -> ChangeRequest:
    """The organisation asks for a change; the money waits for the answer.

    fields: those that FIELDS names for the kind; others are not looked at.
    """
    if open_change(case):
        raise WrongState(_("A change is asked for already."))
    wanted = {name: fields.get(name) for name in FIELDS.get(kind, ())}
    errors = change_errors(case, kind, wanted)
    if not reason.strip():
        errors["reason"] = [_("Say why.")]
    if errors:
        raise Invalid(errors)
    set_hold(case, HoldKind.CHANGE, reason, by=by)
    return ChangeRequest.objects.create(
        case=case,
        kind=kind,
        before=standing(case, kind),
        after=wished(case, kind, wanted),
        wanted=json.dumps(wanted, default=str, ensure_ascii=False),
        reason=reason,
        file=file,
        is_major=is_major(case, kind, wanted),
        requested_by=by,
        requested_at=now(),
    )


@gate("decide_change")
def decide_change(
    case: Case, *, by: User, outcome: str, reason: str = ""
) -> ChangeRequest:
    """Approve the change, which amends the project, or deny it with a reason."""
    change = open_change(case)
    if change is None:
        raise WrongState(_("No change is asked for."))
    if outcome not in (APPROVE, DENY):
        raise Invalid({"outcome": [_("Choose an outcome.")]})
    if outcome == DENY and not reason.strip():
        raise Invalid({"reason": [_("Give the reason.")]})
    approved = outcome == APPROVE
    change.status = ChangeStatus.APPROVED if approved else ChangeStatus.DENIED
    change.remarks = reason
    change.decided_by, change.decided_at = by, now()
    change.save()
    if approved:
        amend(case, change.kind, json.loads(change.wanted))
    lift_holds(case, HoldKind.CHANGE)
    return change


def amend(case: Case, kind: str, wanted: dict[str, Any]) -> None:
    """Write what was approved; the history keeps what stood there before.

    The custodian is the organisation's: the administrator changes it there.
    """
    application, project = case.application, case.project
    if kind == K.LEADER:
        application.leader_name = wanted["leader_name"]
        application.leader_mobile = wanted["leader_mobile"] or ""
        application.leader_phone = application.leader_email = ""
    elif kind == K.PERIOD:
        application.period_end = date.fromisoformat(wanted["period_end"])
        move_stages(case)
    elif kind == K.CONTENT:
        project.plan = wanted["plan"]
        project.save()
    elif kind == K.BUDGET:
        rows = [r | {"amount": Decimal(r["amount"])} for r in wanted["budget"]]
        replace_rows(case, "budget", rows, PLAN)
    elif kind == K.PLACE:
        application.place = wanted["place"]
    application.save()


def move_stages(case: Case) -> None:
    """An extension moves the stages ahead, and gives an open last report its time."""
    grace = rules_of(case).report_grace_working_days
    ahead = AHEAD.get(Status(case.status), ())
    for stage in case.stages.filter(status=StageStatus.REPORT):
        moved = stage_opens_at(case, StageKind(stage.kind))
        if stage.kind in ahead:
            stage.opens_at = moved
            stage.report_due = end_of_working_day(max(moved, now()), grace)
        elif case.status == Status.FINAL_EVAL and stage.kind == StageKind.FINAL:
            due = end_of_working_day(moved, grace)
            stage.report_due = max(stage.report_due, due)
        else:
            continue
        stage.save()
