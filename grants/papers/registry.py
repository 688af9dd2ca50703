"""Which papers there are, of what, in which formats, and who may have them.

The one table of permissions for papers: programme roles, and MEMBER for people
of the applicant organisation. Whoever may have a paper must see its case (or
round) besides; nobody who declared a conflict in a round has its papers.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from grants.lifecycle import PAYABLE
from grants.models import (
    Case,
    Decision,
    Recusal,
    Role,
    Round,
    Seat,
    SeatStatus,
    Status,
    Tranche,
    TrancheStatus,
)
from grants.papers import (
    application_form,
    case_papers,
    money_papers,
    orders,
    review_papers,
    round_papers,
)
from grants.papers.sheet import Sheet
from grants.permissions import roles_of
from grants.selectors import PROJECT_STATUSES
from grants.services.deciding import awardable_cases
from organisations.models import User
from organisations.selectors import organisation_ids_of

R = Role
MEMBER = "member"
PDF, DOCX = "pdf", "docx"
BOTH = (PDF, DOCX)

TRAIL = (R.AUDITOR, R.INSPECTOR)
BUREAU = (R.FUNDER, R.HEAD, R.LEADER, *TRAIL)
OFFICES = (R.OPERATOR, R.COMMITTEE, R.FINANCE, *BUREAU)
REVIEW = (R.OPERATOR, *BUREAU)
MONEY = (R.FINANCE, *BUREAU)

AWARDED = (Status.REVISION, Status.AGREEMENT, *PROJECT_STATUSES)


def is_submitted(case: Case) -> bool:
    return case.submitted_at is not None


def in_status(*statuses: Status) -> Callable[[Case], bool]:
    return lambda case: case.status in statuses


@dataclass(frozen=True)
class Paper:
    """One kind of paper.

    target: "case", "round", "panel" or "batch"; `build` takes it (a batch paper
    takes round and batch). `ready` says of the case or round whether there is
    something to print; a panel always has, and the builder has the last word
    (WrongState, 409). One that names bank `accounts` is told whether its reader
    sees them in full.
    """

    code: str
    title: Any
    target: str
    formats: tuple[str, ...]
    who: tuple[str, ...]
    build: Callable[..., Sheet]
    ready: Callable[[Any], bool] = is_submitted
    accounts: bool = False


def rectified(case: Case) -> bool:
    """Asks the database only while and after stages run."""
    later = (*PAYABLE, Status.ARCHIVED, *orders.TERMINATED)
    return case.status in later and orders.rectified_stage(case) is not None


def has_cases(*statuses: Status, **facts: Any) -> Callable[[Round], bool]:
    """Whether cases of the round wait for a step, or the step was taken."""
    rule = Q(status__in=statuses)
    if facts:
        rule |= Q(**facts)
    return lambda round_: round_.cases.filter(rule).exists()


def has_payments(round_: Round) -> bool:
    """Whether receipts are registered whose payment nobody approved yet."""
    return Tranche.objects.filter(
        case__round=round_, status=TrancheStatus.REGISTERED
    ).exists()


met = has_cases(Status.PROPOSED, decision_lines__decision__kind=Decision.Kind.MEETING)
noticed = has_cases(Status.DECIDED, notices__isnull=False)
audited = has_cases(audit_report__isnull=False)


def awarded(round_: Round) -> bool:
    projects = round_.cases.filter(project__isnull=False)
    return projects.exists() or awardable_cases(round_).exists()


PAPERS = (
    Paper(
        "application",
        _("Application form for printing"),
        "case",
        (PDF,),
        (MEMBER, *OFFICES),
        application_form.form,
    ),
    Paper(
        "receipt",
        _("Receipt of the application"),
        "case",
        (PDF,),
        (MEMBER, R.OPERATOR, *BUREAU),
        case_papers.receipt,
    ),
    Paper(
        "approval",
        _("Award letter of the organisation"),
        "case",
        BOTH,
        (MEMBER, *BUREAU),
        case_papers.approval,
        in_status(*AWARDED),
    ),
    Paper(
        "agreement",
        _("Funding agreement"),
        "case",
        BOTH,
        (MEMBER, R.OPERATOR, *MONEY),
        case_papers.agreement,
        in_status(Status.AGREEMENT, *PROJECT_STATUSES),
        accounts=True,
    ),
    Paper(
        "rectification",
        _("Rectification order"),
        "case",
        BOTH,
        (MEMBER, R.OPERATOR, R.SUPERVISOR, R.EVALUATOR, *BUREAU),
        orders.rectification,
        rectified,
    ),
    Paper(
        "termination",
        _("Decision to terminate"),
        "case",
        BOTH,
        (MEMBER, *MONEY),
        orders.termination,
        in_status(*orders.TERMINATED),
    ),
    Paper(
        "refund",
        _("Notice of money to be paid back"),
        "case",
        BOTH,
        (MEMBER, *MONEY),
        orders.refund,
        lambda case: bool(orders.to_pay_back(case)),
    ),
    Paper(
        "request",
        _("Request to the bureau meeting"),
        "round",
        BOTH,
        BUREAU,
        round_papers.request,
        met,
    ),
    Paper(
        "minutes",
        _("Draft minutes of the bureau meeting"),
        "round",
        BOTH,
        BUREAU,
        round_papers.minutes,
        met,
    ),
    Paper(
        "notice",
        _("Public notice"),
        "round",
        BOTH,
        REVIEW,
        round_papers.notice,
        noticed,
    ),
    Paper(
        "award-notice",
        _("Award letter of the round"),
        "round",
        BOTH,
        BUREAU,
        round_papers.award_notice,
        awarded,
    ),
    Paper(
        "settlement",
        _("Settlement sheet"),
        "round",
        BOTH,
        (R.OPERATOR, *MONEY),
        money_papers.settlement_sheet,
        audited,
    ),
    Paper(
        "draw-record",
        _("Record of the draw"),
        "panel",
        BOTH,
        REVIEW,
        review_papers.draw_record,
    ),
    Paper(
        "defences",
        _("Minutes of the defences"),
        "panel",
        BOTH,
        REVIEW,
        review_papers.minutes,
    ),
    Paper("sign-in", _("Sign-in sheet"), "panel", BOTH, REVIEW, review_papers.sign_in),
    Paper(
        "scores",
        _("Score summary"),
        "panel",
        BOTH,
        (R.COMMITTEE, *REVIEW),
        review_papers.scores,
    ),
    Paper(
        "fees",
        _("Fee list of the experts"),
        "panel",
        BOTH,
        (R.FINANCE, R.FUNDER, *TRAIL),
        review_papers.fees,
    ),
    Paper(
        "payment-form",
        _("Payment approval form"),
        "batch",
        BOTH,
        MONEY,
        money_papers.payment_form,
        has_payments,
        accounts=True,
    ),
    Paper(
        "payment-list",
        _("Payment list"),
        "batch",
        BOTH,
        MONEY,
        money_papers.payment_list,
        has_payments,
        accounts=True,
    ),
)
BY_CODE = {paper.code: paper for paper in PAPERS}

#: Papers that belong to a step: they are offered on its page.
OF_ACTION = {
    "screen": ("application",),
    "decide_list": ("scores",),
    "confirm_decision": ("scores",),
    "record_meeting": ("request", "minutes"),
    "publish_notice": ("notice",),
    "award_list": ("award-notice",),
    "sign": ("agreement",),
    "countersign": ("agreement",),
    "submit_rectification": ("rectification",),
    "recheck": ("rectification",),
    "approve_payment": ("payment-form", "payment-list"),
    "record_payment": ("payment-list",),
    "record_refund": ("refund",),
}


# -- who may ---------------------------------------------------------------------------


def may_have(paper: Paper, user: User, target: Case | Round) -> bool:
    """Whether this person's roles give them the paper; seeing is asked apart."""
    if isinstance(target, Case):
        member = target.organisation_id in organisation_ids_of(user)
        programme = target.round.programme_id
    else:
        member, programme = False, target.programme_id
    if MEMBER in paper.who and member:
        return True
    return any(p == programme and role in paper.who for p, role in roles_of(user))


def is_conflicted(user: User, round_: Round) -> bool:
    """Whether somebody left a case of this round because of a conflict."""
    return (
        Recusal.objects.filter(case__round=round_, reviewer=user).exists()
        or Seat.objects.filter(
            case__round=round_, reviewer=user, status=SeatStatus.CONFLICT
        ).exists()
    )


def case_papers_for(user: User, case: Case) -> list[Paper]:
    """The papers of a case that this person may have and that can be printed."""
    return [
        paper
        for paper in PAPERS
        if paper.target == "case" and may_have(paper, user, case) and paper.ready(case)
    ]


def round_papers_for(
    user: User, round_: Round, targets: Iterable[str] = ("round", "panel", "batch")
) -> list[Paper]:
    """The papers of a round that this person may have, whether ready or not."""
    return [
        paper
        for paper in PAPERS
        if paper.target in targets and may_have(paper, user, round_)
    ]
