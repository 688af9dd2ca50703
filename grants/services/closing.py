"""Closing: audit, refund, closure package, closing, archive (结项与归档)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import (
    Aggregate,
    Count,
    Exists,
    F,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
)
from django.utils.timezone import now
from django.utils.translation import gettext as _

from attachments.models import Document
from grants.calendar import today
from grants.errors import Invalid, WrongState
from grants.evaluation import band_of
from grants.models import (
    AuditReport,
    Case,
    Closure,
    Hold,
    Project,
    Refund,
    Stage,
    StageKind,
    Status,
    Tranche,
    TrancheStatus,
    Visit,
)
from grants.models.contract import ClosingOutcome
from grants.money import last_tranche
from grants.numbers import plain_number
from grants.rules import rules_of
from grants.services.gate import gate, set_status
from organisations.models import User

NOTHING = Decimal("0.00")
#: A tranche that was opened and is neither paid nor settled.
UNPAID = (
    TrancheStatus.OPEN,
    TrancheStatus.REQUESTED,
    TrancheStatus.REGISTERED,
    TrancheStatus.APPROVED,
)
SETTLED = (TrancheStatus.PAID, TrancheStatus.SETTLED)


@dataclass(frozen=True)
class ClosingFacts:
    """What stands between a project and its closing; amounts in CNY."""

    on_hold: bool
    visits: int
    excused: int
    unpaid: bool
    paid: Decimal
    returned: Decimal
    accepted: Decimal | None
    final_score: Decimal | None = None


def closing_facts(ids: Iterable[int]) -> dict[int, ClosingFacts]:
    """The facts of some cases, by id, read afresh in one query."""
    of_case = {"case": OuterRef("pk")}
    visits = Visit.objects.filter(**of_case, cancelled_at=None)
    excused = Stage.objects.filter(**of_case, excused=True, visits=None)
    tranches = Tranche.objects.filter(**of_case).order_by()
    rows = Case.objects.filter(pk__in=ids).values(
        "pk",
        on_hold=Exists(Hold.objects.filter(**of_case, lifted_at=None)),
        made=_subquery(visits, Count("pk")),
        let_go=_subquery(excused, Count("pk")),
        unpaid=Exists(tranches.filter(status__in=UNPAID)),
        paid=_subquery(tranches.filter(status=TrancheStatus.PAID), Sum("amount")),
        accepted=F("audit_report__accepted_expenditure"),
        returned=F("refund__amount"),
        final=Subquery(
            Stage.objects.filter(**of_case, kind=StageKind.FINAL).values("score")[:1]
        ),
    )
    return {
        row["pk"]: ClosingFacts(
            on_hold=row["on_hold"],
            visits=row["made"] or 0,
            excused=row["let_go"] or 0,
            unpaid=row["unpaid"],
            paid=row["paid"] or NOTHING,
            returned=row["returned"] or NOTHING,
            accepted=row["accepted"],
            final_score=row["final"],
        )
        for row in rows.order_by()
    }


def _subquery(rows: QuerySet[Any], figure: Aggregate) -> Subquery:
    """A figure of a case's rows, as a column."""
    return Subquery(rows.values("case").annotate(figure=figure).values("figure"))


def facts_of(case: Case) -> ClosingFacts:
    return closing_facts([case.pk])[case.pk]


def settlement(case: Case, facts: ClosingFacts | None = None) -> Decimal:
    """CNY still to pay (positive) or to pay back (negative): OFFICER §0.6.

    min(award, accepted expenditure) − (paid − returned); nothing before the
    audit report is there.
    """
    facts = facts or facts_of(case)
    if facts.accepted is None:
        return NOTHING
    kept = facts.paid - facts.returned
    return last_tranche(case.awarded, facts.accepted, kept)


def refund_due(case: Case, facts: ClosingFacts | None = None) -> Decimal:
    """CNY to be paid back and not recorded yet; zero when there is none."""
    return max(NOTHING, -settlement(case, facts))


def visits_missing(case: Case, facts: ClosingFacts | None = None) -> int:
    """Visits that a case lacks of the rules' minimum (A11, S3: three a cycle).

    A stage that the bureau let go on although nothing was reported has no
    visit to show: its written decision stands for one.
    """
    facts = facts or facts_of(case)
    return max(0, rules_of(case).min_visits - facts.visits - facts.excused)


def closing_obstacle(
    case: Case, facts: ClosingFacts | None = None
) -> WrongState | None:
    """Why the project cannot be closed now, or None."""
    facts = facts or facts_of(case)
    if facts.on_hold:
        return WrongState(
            _("An open question on this case must be answered first."), code="on_hold"
        )
    if visits_missing(case, facts):
        least = rules_of(case).min_visits
        return WrongState(
            _("A project needs at least %(least)s visits.") % {"least": least},
            code=f"TRACKING_MIN_{least}",
        )
    if facts.unpaid:
        return WrongState(
            _("A tranche that was opened is not paid yet."), code="unpaid_tranche"
        )
    if refund := refund_due(case, facts):
        return WrongState(
            _("%(amount)s yuan must be paid back first.") % {"amount": refund},
            code="refund_due",
        )
    return None


def is_settled(case: Case) -> bool:
    """Whether the last tranche is paid or settled, so that one may archive."""
    last = Tranche.objects.filter(case=case).order_by("seq").last()
    return last is not None and last.status in SETTLED


def refuse_future(field: str, day: Any) -> None:
    if day > today(now()):
        raise Invalid({field: [_("This day has not come yet.")]})


# -- the services -----------------------------------------------------------------


@gate("file_audit_report")
def file_audit_report(
    case: Case,
    *,
    by: User,
    report: Document,
    accepted_expenditure: Decimal,
    opinion: str,
) -> AuditReport:
    """The audit firm files its report; accepted expenditure (审定支出) in CNY.

    It may exceed the award: what the organisation spent of its own counts too.
    """
    if accepted_expenditure < 0:
        message = _("This cannot be less than nothing.")
        raise Invalid({"accepted_expenditure": [message]})
    filed = AuditReport.objects.create(
        case=case,
        report=report,
        accepted_expenditure=accepted_expenditure,
        opinion=opinion,
        filed_by=by,
    )
    set_status(case, Status.CLOSING)
    return filed


@gate("record_refund")
def record_refund(
    case: Case,
    *,
    by: User,
    amount: Decimal,
    returned_on: Any,
    voucher_number: str,
    proof: Document,
) -> Refund:
    """Money came back (缴回), with its proof: exactly what is due, in CNY."""
    due = refund_due(case)
    if not due:
        raise WrongState(_("Nothing is to be paid back."), code="no_refund_due")
    if amount != due:
        message = _("Exactly %(amount)s yuan are to be paid back.")
        raise Invalid({"amount": [message % {"amount": due}]})
    refuse_future("returned_on", returned_on)
    return Refund.objects.create(
        case=case,
        amount=amount,
        returned_on=returned_on,
        voucher_number=plain_number(voucher_number),
        proof=proof,
        recorded_by=by,
    )


@gate("submit_closure")
def submit_closure(case: Case, *, by: User, summary: str, package: Document) -> Closure:
    """The legal representative hands in the closure package (结项材料)."""
    if case.closures.filter(outcome="").exists():
        raise WrongState(_("A closure package is being examined."))
    return Closure.objects.create(
        case=case, summary=summary, package=package, submitted_by=by
    )


@gate("close_project")
def close_project(
    case: Case, *, by: User, outcome: str, remarks: str = "", band: str = ""
) -> Project:
    """Accept the package and close the project, or return it with the reason.

    WrongState names what is missing: an answered question, visits, a payment,
    a refund. Closing sets the last tranche to what is still to pay. band: the one
    that the final score proposes, or another with the reason in the remarks.
    """
    closure = case.closures.filter(outcome="").order_by("-pk").first()
    if closure is None:
        raise WrongState(_("There is no closure package to examine."))
    project = case.project
    closure.outcome = outcome
    closure.remarks = remarks
    if outcome == ClosingOutcome.RETURN:
        if not remarks.strip():
            raise Invalid({"remarks": [_("Say why.")]})
        closure.save()
        return project
    if obstacle := closing_obstacle(case):
        raise obstacle
    proposed = proposed_band(case)
    if band and band not in {b["code"] for b in rules_of(case).bands}:
        raise Invalid({"band": [_("There is no such band.")]})
    if band not in ("", proposed) and not remarks.strip():
        message = _("The score proposes %(band)s: say in the remarks why not.")
        raise Invalid({"band": [message % {"band": proposed}]})
    closure.save()
    settle_last_tranche(case)
    project.band = band or proposed
    project.closed_at = now()
    project.save()
    set_status(case, Status.CLOSED)
    return project


def proposed_band(case: Case) -> str:
    """The closing band of the case's final score."""
    return band_of(final_score(case), rules_of(case))


def final_score(case: Case) -> Decimal | None:
    """Of 100, what the final evaluation gave."""
    return case.stages.get(kind=StageKind.FINAL).score


def settle_last_tranche(case: Case) -> Tranche:
    """Open the last tranche with what is still to pay, or settle it at zero."""
    last = case.tranches.order_by("seq").last()
    if last.status != TrancheStatus.PLANNED:
        return last
    last.amount = max(NOTHING, settlement(case))
    last.status = TrancheStatus.OPEN if last.amount else TrancheStatus.SETTLED
    last.save()
    return last


@gate("archive")
def archive(case: Case, *, by: User, file_number: str) -> Project:
    """Put the case on file (归档), once its money is settled; read-only then."""
    if not is_settled(case):
        raise WrongState(
            _("The last tranche is not settled yet."), code="unpaid_tranche"
        )
    number = plain_number(file_number)
    other = Project.objects.filter(file_number=number).exclude(case=case).first()
    if not number or other is not None:
        raise Invalid({"file_number": [_("This file number cannot be used.")]})
    project = case.project
    project.file_number = number
    project.archived_at = now()
    project.save()
    set_status(case, Status.ARCHIVED)
    return project
