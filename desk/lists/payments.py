"""The payment list (拨款清单): a row per tranche that is asked for or paid."""

from typing import Any

from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from desk.lists.columns import AMOUNT, Column, Kind, ListKind, money
from desk.lists.facts import ZERO, day_of
from grants import accounts
from grants.accounts import READERS, account_of
from grants.models import Tranche, TrancheStatus
from grants.money import capitals
from grants.rules import rules_of

REQUESTED = (
    TrancheStatus.REQUESTED,
    TrancheStatus.REGISTERED,
    TrancheStatus.APPROVED,
    TrancheStatus.PAID,
)


def payee_of(tranche: Tranche) -> str:
    """Whose account gets the money."""
    return accounts.payee_of(tranche.case).name


def share_of(tranche: Tranche) -> str:
    """The payment's planned share of the award (比例), "" where none was planned."""
    shares = rules_of(tranche.case).shares
    if tranche.seq > len(shares):
        return ""
    return f"{shares[tranche.seq - 1] * 100:f}".rstrip("0").rstrip(".") + "%"


def paid_of_case() -> Any:
    rows = (
        Tranche.objects.filter(case=OuterRef("case"), status=TrancheStatus.PAID)
        .order_by()
        .values("case")
        .annotate(total=Sum("amount"))
        .values("total")
    )
    return Coalesce(Subquery(rows, output_field=AMOUNT), ZERO, output_field=AMOUNT)


PAYMENTS = ListKind(
    "payments",
    _("Payment list"),
    _("Tranches that were asked for, with receipt, approval and voucher."),
    (
        Column(
            "award_no",
            _("Award number"),
            value=lambda t: t.case.project.award_no,
            select=("case__project",),
        ),
        Column(
            "title",
            _("Project name"),
            value=lambda t: t.case.title,
            select=("case",),
        ),
        Column(
            "payee",
            _("Payee"),
            value=payee_of,
            select=("case__organisation__custodian",),
        ),
        Column(
            "bank",
            _("Bank of the payee"),
            value=lambda t: account_of(t)[0],
            select=("case__organisation__custodian",),
            permissions=READERS,
        ),
        Column(
            "account",
            _("Account number"),
            value=lambda t: account_of(t)[1],
            select=("case__organisation__custodian",),
            permissions=READERS,
        ),
        money("awarded", _("Awarded"), "case__awarded"),
        Column("seq", _("Tranche"), Kind.NUMBER, lambda t: t.seq),
        Column("share", _("Share"), value=share_of, select=("case",)),
        money("amount", _("This payment"), "amount"),
        Column(
            "capitals", _("In Chinese capitals"), value=lambda t: capitals(t.amount)
        ),
        money("paid", _("Paid so far"), paid_of_case()),
        money("left", _("Not yet paid"), F("case__awarded") - paid_of_case()),
        Column(
            "fund_source",
            _("Fund source"),
            value=lambda t: t.case.round.fund_source,
            select=("case__round",),
        ),
        Column(
            "budget_document",
            _("Budget document number"),
            value=lambda t: t.budget_document or t.case.round.budget_document,
            select=("case__round",),
        ),
        Column(
            "budget_year",
            _("Budget year"),
            value=lambda t: str(t.budget_year or t.case.round.year),
            select=("case__round",),
        ),
        Column(
            "functional_class",
            _("Functional class"),
            value=lambda t: t.functional_class or t.case.round.functional_class,
            select=("case__round",),
        ),
        Column(
            "economic_class",
            _("Economic class"),
            value=lambda t: t.economic_class or t.case.round.economic_class,
            select=("case__round",),
        ),
        Column(
            "receipt_kind",
            _("Kind of receipt"),
            value=lambda t: t.get_receipt_kind_display(),
        ),
        Column("receipt_number", _("Receipt number"), value=lambda t: t.receipt_number),
        Column(
            "receipt_date",
            _("Date of the receipt"),
            Kind.DATE,
            lambda t: t.receipt_date,
        ),
        Column(
            "registered",
            _("Receipt registered on"),
            Kind.DATE,
            lambda t: day_of(t.registered_at),
        ),
        Column(
            "batch",
            _("Payment batch"),
            value=lambda t: t.batch.number if t.batch_id else "",
            select=("batch",),
        ),
        Column("status", _("Status"), value=lambda t: t.get_status_display()),
        Column("voucher", _("Voucher number"), value=lambda t: t.voucher_number),
        Column("paid_on", _("Paid on"), Kind.DATE, lambda t: t.paid_on),
        Column("remarks", _("Remarks"), value=lambda t: t.remarks),
    ),
    rows=lambda cases: Tranche.objects.filter(
        Q(status__in=REQUESTED), case__in=cases.values("pk")
    ),
    order=("case__project__award_no", "seq"),
    hidden=(
        "fund_source",
        "budget_document",
        "budget_year",
        "functional_class",
        "economic_class",
        "receipt_kind",
        "receipt_date",
        "registered",
        "remarks",
    ),
    case="case",
)
