"""Lists with a row per case: applications, proposed awards, register, settlement."""

from django.db.models import F
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from desk.lists.columns import AMOUNT, Column, Kind, ListKind, money
from desk.lists.facts import (
    ZERO,
    budget,
    category_of,
    day_of,
    due_sum,
    has_hold,
    holder_of,
    is_open,
    next_step,
    of_stage,
    of_tranche,
    paid,
    period_of,
    reported,
    self_raised,
    stage_result,
    step_of,
    sum_over,
)
from grants.models import HoldKind, StageKind, Tranche
from grants.selectors import COMMITTED

# -- columns -------------------------------------------------------------------------

CODE = Column("code", _("Application number"), value=lambda c: c.code)
TITLE = Column("title", _("Project name"), value=lambda c: c.title)
ORGANISATION = Column(
    "organisation",
    _("Applicant organisation"),
    value=lambda c: c.organisation.name,
    select=("organisation",),
)
CREDIT_CODE = Column(
    "credit_code",
    _("Unified social credit code"),
    value=lambda c: c.organisation.credit_code or "",
    select=("organisation",),
)
LEGAL_FORM = Column(
    "legal_form",
    _("Legal form"),
    value=lambda c: c.organisation.get_legal_form_display(),
    select=("organisation",),
)
CATEGORY = Column(
    "category", _("Service field"), value=category_of, select=("application",)
)
DISTRICT = Column(
    "district",
    _("District"),
    value=lambda c: str(c.district or ""),
    select=("district",),
)
PERIOD = Column("period", _("Project period"), value=period_of, select=("application",))
STATUS = Column("status", _("Status"), value=lambda c: c.get_status_display())
REQUESTED = money("requested", _("Requested"), "requested")
AWARDED = money("awarded", _("Awarded"), "awarded")
PAID = money("paid", _("Paid so far"), paid())
ACCEPTED = money(
    "accepted",
    _("Accepted expenditure"),
    "audit_report__accepted_expenditure",
    none=True,
)
RETURNED = money("returned", pgettext_lazy("money", "Returned"), "refund__amount")


def tranche_columns(seq: int) -> tuple[Column, ...]:
    """Amount due, day of payment and voucher of one tranche."""
    name, paid_on, voucher = TRANCHE_LABELS[seq]
    return (
        money(f"tranche{seq}", name, sum_over(Tranche.objects.filter(seq=seq))),
        Column(
            f"tranche{seq}_paid_on",
            paid_on,
            Kind.DATE,
            expression=of_tranche(seq, "paid_on"),
        ),
        Column(
            f"tranche{seq}_voucher",
            voucher,
            expression=of_tranche(seq, "voucher_number"),
        ),
    )


TRANCHE_LABELS = {
    1: (_("First tranche"), _("First paid on"), _("First voucher")),
    2: (_("Second tranche"), _("Second paid on"), _("Second voucher")),
    3: (_("Last tranche"), _("Last paid on"), _("Last voucher")),
}


def stage_columns(kind: StageKind) -> tuple[Column, ...]:
    """Day, result and score of one stage."""
    key = kind.value.lower()
    return (
        Column(
            f"{key}_day",
            STAGE_DAY[kind],
            Kind.DATE,
            day_of,
            of_stage(kind, "ended_at"),
        ),
        Column(
            f"{key}_result",
            kind.label,
            value=stage_result,
            expression=of_stage(kind, "status"),
        ),
        Column(
            f"{key}_score",
            STAGE_SCORE[kind],
            Kind.NUMBER,
            expression=of_stage(kind, "score"),
        ),
    )


STAGE_DAY = {
    StageKind.INITIAL: _("Initial tracking ended"),
    StageKind.MID: _("Mid-term evaluation ended"),
    StageKind.FINAL: _("Final evaluation ended"),
}
STAGE_SCORE = {
    StageKind.INITIAL: _("Score, initial tracking"),
    StageKind.MID: _("Score, mid-term"),
    StageKind.FINAL: _("Score, final"),
}

AWARD_NO = Column(
    "award_no",
    _("Award number"),
    value=lambda c: c.project.award_no if hasattr(c, "project") else "",
    select=("project",),
)

# -- lists ---------------------------------------------------------------------------

APPLICATIONS = ListKind(
    "applications",
    _("Applications received"),
    _("Every application that was handed in, as it stands in the call."),
    (
        CODE,
        TITLE,
        ORGANISATION,
        CREDIT_CODE,
        LEGAL_FORM,
        CATEGORY,
        DISTRICT,
        PERIOD,
        REQUESTED,
        money(
            "self_raised",
            _("Self-raised"),
            budget(kind="REQUEST", funded_by="SELF"),
        ),
        money("budget", _("Budget in all"), budget(kind="REQUEST")),
        Column(
            "submitted",
            _("Submitted"),
            Kind.DATE,
            lambda c: day_of(c.submitted_at),
        ),
        Column(
            "corrections",
            _("Corrections"),
            Kind.NUMBER,
            lambda c: c.application.corrections,
            select=("application",),
        ),
        STATUS,
        Column(
            "remarks",
            _("Remarks"),
            value=lambda c: c.application.screening_reason,
            select=("application",),
        ),
    ),
    rows=lambda cases: cases.filter(submitted_at__isnull=False),
    order=("code",),
)

PROPOSED = ListKind(
    "awards",
    _("Proposed and awarded projects"),
    _("What the committee proposed or the bureau decided, with the amounts."),
    (TITLE, ORGANISATION, CATEGORY, DISTRICT, REQUESTED, AWARDED, CODE, STATUS),
    rows=lambda cases: cases.filter(status__in=COMMITTED),
    order=("code",),
    hidden=("district", "requested", "code", "status"),
)

REGISTER = ListKind(
    "register",
    _("Project register"),
    _("Every funded project with its money, stages and who has it now."),
    (
        AWARD_NO,
        CODE,
        TITLE,
        ORGANISATION,
        CATEGORY,
        DISTRICT,
        Column(
            "fund_source",
            _("Fund source"),
            value=lambda c: c.round.fund_source,
            select=("round",),
        ),
        Column(
            "budget_year",
            _("Budget year"),
            Kind.NUMBER,
            lambda c: c.round.year,
            select=("round",),
        ),
        AWARDED,
        Column(
            "agreement_no",
            _("Agreement number"),
            value=lambda c: c.agreement.number if hasattr(c, "agreement") else "",
            select=("agreement",),
        ),
        Column(
            "signed_on",
            _("Signed on"),
            Kind.DATE,
            lambda c: c.agreement.countersigned_on if hasattr(c, "agreement") else None,
            select=("agreement",),
        ),
        PERIOD,
        *tranche_columns(1),
        *tranche_columns(2),
        *tranche_columns(3),
        PAID,
        *stage_columns(StageKind.INITIAL),
        *stage_columns(StageKind.MID),
        *stage_columns(StageKind.FINAL),
        Column(
            "rectification",
            _("Rectification"),
            value=is_open,
            expression=has_hold(HoldKind.RECTIFICATION),
        ),
        Column(
            "change",
            _("Pending change"),
            value=is_open,
            expression=has_hold(HoldKind.CHANGE),
        ),
        ACCEPTED,
        money(
            "unspent",
            _("Unspent balance"),
            Greatest(paid() - due_sum(), ZERO, output_field=AMOUNT),
        ),
        RETURNED,
        Column(
            "band",
            _("Closing band"),
            value=lambda c: c.project.band if hasattr(c, "project") else "",
            select=("project",),
        ),
        Column(
            "closed_on",
            _("Closed on"),
            Kind.DATE,
            lambda c: day_of(c.project.closed_at) if hasattr(c, "project") else None,
            select=("project",),
        ),
        Column(
            "file_number",
            _("File number"),
            value=lambda c: c.project.file_number if hasattr(c, "project") else "",
            select=("project",),
        ),
        STATUS,
        Column("step", _("Current step"), value=step_of, expression=next_step()),
        Column("holder", _("Current holder"), value=holder_of, expression=next_step()),
    ),
    rows=lambda cases: cases.filter(project__isnull=False),
    order=("project__award_no",),
    hidden=(
        "fund_source",
        "budget_year",
        "signed_on",
        "tranche1_paid_on",
        "tranche1_voucher",
        "tranche2_paid_on",
        "tranche2_voucher",
        "tranche3_paid_on",
        "tranche3_voucher",
        "initial_day",
        "initial_score",
        "mid_day",
        "final_day",
        "change",
        "unspent",
        "file_number",
    ),
)

SETTLEMENT = ListKind(
    "settlement",
    _("Settlement sheet"),
    _("Award, paid, accepted, and what is still to pay or to return."),
    (
        AWARD_NO,
        TITLE,
        ORGANISATION,
        AWARDED,
        PAID,
        money("self_raised", _("Self-raised, spent"), self_raised()),
        money("reported", _("Reported expenditure"), reported()),
        ACCEPTED,
        money(
            "cut",
            _("Not accepted"),
            Greatest(
                reported() - F("audit_report__accepted_expenditure"),
                ZERO,
                output_field=AMOUNT,
            ),
        ),
        money("due", _("Grant as settled"), due_sum()),
        money(
            "left",
            _("Not needed of the award"),
            Greatest(F("awarded") - due_sum(), ZERO, output_field=AMOUNT),
        ),
        money(
            "to_pay",
            _("Still to pay"),
            Greatest(due_sum() - paid(), ZERO, output_field=AMOUNT),
        ),
        money(
            "to_return",
            _("To be returned"),
            Greatest(paid() - due_sum(), ZERO, output_field=AMOUNT),
        ),
        RETURNED,
        Column(
            "returned_on",
            _("Returned on"),
            Kind.DATE,
            lambda c: c.refund.returned_on if hasattr(c, "refund") else None,
            select=("refund",),
        ),
        Column(
            "refund_voucher",
            _("Voucher of the refund"),
            value=lambda c: c.refund.voucher_number if hasattr(c, "refund") else "",
            select=("refund",),
        ),
        STATUS,
    ),
    rows=lambda cases: cases.filter(audit_report__isnull=False),
    order=("project__award_no",),
    hidden=("status",),
)
