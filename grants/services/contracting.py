"""From the award to the agreement: plan revision, signatures, the project."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.timezone import now
from django.utils.translation import gettext as _

from attachments.models import Document
from grants.calendar import end_of, end_of_working_day, start_of, today
from grants.errors import Invalid, Late, WrongState
from grants.models import (
    Agreement,
    Case,
    Project,
    Stage,
    StageKind,
    Status,
    Tranche,
    TrancheStatus,
)
from grants.money import tranche_amounts
from grants.rules import budget_rules_of, rules_of
from grants.services.budget import budget_errors
from grants.services.gate import gate, set_status
from grants.services.grace import with_grace
from grants.services.proposal import PLAN, replace_rows, rows_of, table_errors
from organisations.models import User

ACCEPT, RETURN = "ACCEPT", "RETURN"


@gate("revise_plan")
def revise_plan(
    case: Case,
    *,
    by: User,
    plan: str,
    budget: list[dict[str, Any]],
    indicators: list[dict[str, Any]],
    activities: list[dict[str, Any]],
) -> Project:
    """Enter plan, tables and budget to the award (方案优化, OFFICER §0.1).

    Every rule runs again; a budget that misses the award is refused and the
    difference named. Late after the term.
    """
    project = case.project
    if project.plan_submitted_at is not None:
        raise WrongState(_("The plan was handed in already."))
    due = project.revision_due
    if due and now() >= with_grace(case, due):
        raise Late(_("The time for the revision is over."))
    tables = {"indicators": indicators, "activities": activities, "budget": budget}
    errors = plan_errors(case, plan, budget) | table_errors(rules_of(case), tables)
    errors |= {
        n: [_("Enter at least one row.")] for n, rows in tables.items() if not rows
    }
    if errors:
        raise Invalid(errors)
    for name, rows in tables.items():
        replace_rows(case, name, rows, PLAN)
    project.plan = plan
    project.plan_submitted_at = now()
    project.save()
    return project


def plan_errors(
    case: Case, plan: str, budget: list[dict[str, Any]]
) -> dict[str, list[str]]:
    """What is wrong with a revised plan, by path."""
    errors = {}
    if not plan.strip():
        errors["plan"] = [_("Enter the revised plan.")]
    return errors | budget_errors(budget_rules_of(case), budget, grant=case.awarded)


@gate("accept_plan")
def accept_plan(case: Case, *, by: User, outcome: str, remarks: str = "") -> Project:
    """Accept the revised plan, or return it with remarks and a new term."""
    project, rules = case.project, rules_of(case)
    if project.plan_submitted_at is None:
        raise WrongState(_("The plan has not been handed in."))
    if outcome == RETURN:
        if not remarks.strip():
            raise Invalid({"remarks": [_("Say what is to be changed.")]})
        project.plan_submitted_at = None
        project.revision_due = end_of_working_day(now(), rules.revision_working_days)
    elif outcome == ACCEPT:
        errors = plan_errors(case, project.plan, rows_of(case, "budget", PLAN))
        if errors:
            raise Invalid({"outcome": [m for e in errors.values() for m in e]})
        project.signing_due = end_of_working_day(now(), rules.signing_working_days)
        set_status(case, Status.AGREEMENT)
    else:
        raise Invalid({"outcome": [_("Choose an outcome.")]})
    project.plan_remarks = remarks
    project.save()
    return project


@gate("sign")
def sign(case: Case, *, by: User, signed_on: date, sealed_copy: Document) -> Agreement:
    """The legal representative signs; the sealed copy is on file."""
    if Agreement.objects.filter(case=case).exists():
        raise WrongState(_("The agreement is signed already."))
    due = case.project.signing_due
    if due and now() >= with_grace(case, due):
        raise Late(_("The time for signing is over."))
    if signed_on > today(now()):
        raise Invalid({"signed_on": [_("This day lies in the future.")]})
    return Agreement.objects.create(
        case=case, signed_by=by, signed_on=signed_on, applicant_copy=sealed_copy
    )


@gate("countersign")
def countersign(
    case: Case,
    *,
    by: User,
    number: str,
    countersigned_on: date,
    sealed_copy: Document,
) -> Agreement:
    """The bureau signs; stages and tranches of the project come to be."""
    agreement = Agreement.objects.filter(case=case).first()
    if agreement is None:
        raise WrongState(_("The organisation has not signed yet."))
    if not agreement.signed_on <= countersigned_on <= today(now()):
        raise Invalid(
            {"countersigned_on": [_("Not before the other side, nor in the future.")]}
        )
    same = Agreement.objects.filter(
        number=number, case__round__programme_id=case.round.programme_id
    )
    if same.exclude(case=case).exists():
        raise Invalid({"number": [_("Another agreement has this number.")]})
    agreement.number = number
    agreement.countersigned_by = by
    agreement.countersigned_on = countersigned_on
    agreement.sealed_copy = sealed_copy
    agreement.save()
    _plan_stages(case)
    _plan_tranches(case)
    set_status(case, Status.RUNNING_INITIAL)
    return agreement


def _plan_stages(case: Case) -> None:
    grace = rules_of(case).report_grace_working_days
    for kind in StageKind:
        opens_at = stage_opens_at(case, kind)
        Stage.objects.create(
            case=case,
            kind=kind,
            opens_at=opens_at,
            report_due=end_of_working_day(max(opens_at, now()), grace),
        )


def stage_opens_at(case: Case, kind: StageKind) -> datetime:
    """When a tracking stage opens: at the rules' share of the project's time."""
    application = case.application
    begins = start_of(application.period_start)
    ends = end_of(application.period_end)
    share = rules_of(case).stage_opens[kind]
    return begins + (ends - begins) * float(share)


def _plan_tranches(case: Case) -> None:
    amounts = tranche_amounts(case.awarded or Decimal(0), rules_of(case).shares)
    Tranche.objects.bulk_create(
        Tranche(
            case=case,
            seq=seq,
            amount=amount,
            status=TrancheStatus.OPEN if seq == 1 else TrancheStatus.PLANNED,
        )
        for seq, amount in enumerate(amounts, start=1)
    )


@gate("lapse")
def lapse(case: Case, *, by: User | str) -> None:
    """The organisation let the term for its plan or signature pass (system)."""
    project = case.project
    revising = case.status == Status.REVISION
    due = project.revision_due if revising else project.signing_due
    done = (
        project.plan_submitted_at is not None
        if revising
        else Agreement.objects.filter(case=case).exists()
    )
    if done or due is None or now() < due:
        raise WrongState(_("The term is not over, or it was kept."))
    case.application.end_reason = _("The term was not kept.")
    case.application.save()
    set_status(case, Status.LAPSED)
