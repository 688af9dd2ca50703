"""The finance desk: payments and what holds them, batches, voucher files."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from audit.record import shows
from desk import finance
from desk.papers import links_of_batch
from desk.views.answers import refusals
from desk.views.work import form_page
from grants.accounts import account_of, sees_accounts, shown
from grants.errors import Invalid, NotVisible, NotYours
from grants.models import PaymentBatch, Round, Tranche
from grants.money import capitals
from grants.permissions import programmes_with
from grants.services.vouchers import Verdict
from grants.voucher_file import MOST_BYTES, read_file
from organisations.paging import position_of
from workflows.selectors import inbox_for

PAGE = 50
MOST_ROUNDS = 200
STATES = (finance.NOW, finance.HELD, finance.PAID)


def require_desk(request: HttpRequest) -> None:
    if not finance.may_use_desk(request.user):
        raise NotYours()


def desk_rounds(request: HttpRequest) -> list[Round]:
    """Rounds of the reader's programmes, the latest first."""
    programmes = programmes_with(request.user, "view_cases")
    rounds = Round.objects.filter(programme__in=programmes, published_at__isnull=False)
    paying = Exists(Tranche.objects.filter(case__round=OuterRef("pk")))
    rounds = rounds.annotate(pays=paying).order_by("-opens_at", "-pk")
    return list(rounds[:MOST_ROUNDS])


@require_safe
@refusals
def finance_desk(request: HttpRequest) -> HttpResponse:
    """One round's payments: payable now, held with reasons, paid; its batches."""
    require_desk(request)
    rounds = desk_rounds(request)
    asked = request.GET.get("round", "")
    # by default the latest round that has payments at all
    preferred = [r for r in rounds if r.code == asked] or [r for r in rounds if r.pays]
    chosen = next(iter(preferred or rounds), None)
    state = request.GET.get("state", "")
    state = state if state in STATES else finance.NOW
    context: dict[str, Any] = {
        "rounds": rounds,
        "round": chosen,
        "state": state,
        "may_record": bool(programmes_with(request.user, "record_payment")),
    }
    if chosen is not None:
        payments = finance.payments_of(request.user, chosen)
        start = position_of(request)
        rows = finance.rows_of(payments, state, start, PAGE)
        sums = finance.sums_of(payments)
        titles = {
            finance.NOW: _("May be paid now"),
            finance.HELD: _("Held"),
            finance.PAID: _("Paid"),
        }
        inbox = inbox_for(request.user).filter(round=chosen, case=None)
        context |= {
            "rows": rows[:PAGE],
            "next": start + PAGE if len(rows) > PAGE else None,
            "before": max(start - PAGE, 0) if start else None,
            "states": [(name, titles[name], *sums[name]) for name in STATES],
            "awards": finance.unsigned_awards(request.user, chosen)
            if state == finance.HELD
            else [],
            "batches": list(finance.batches_of(chosen)[:PAGE]),
            "approval": inbox.filter(action="approve_payment").first(),
        }
    return render(request, "desk/finance.html", context)


@require_safe
@refusals
def payment_batch(request: HttpRequest, pk: int) -> HttpResponse:
    """A batch: lines, sums in figures and capitals, chain of approval, papers."""
    require_desk(request)
    programmes = programmes_with(request.user, "view_cases")
    rows = PaymentBatch.objects.select_related("round__rules", "approved_by")
    batch = rows.filter(pk=pk, round__programme__in=programmes).first()
    if batch is None:
        raise NotVisible()
    visible = set(
        finance.desk_cases(request.user)
        .filter(tranches__batch=batch)
        .values_list("pk", flat=True)
    )
    every = finance.lines_of(batch)
    lines = [line for line in every if line.case_id in visible]
    total = sum((line.amount for line in lines), finance.NOTHING)
    full = sees_accounts(request.user, batch.round.programme_id)
    for line in lines:
        bank, number = account_of(line)
        line.paid_to = f"{bank} {shown(number, full=full)}".strip()
    if full and lines:
        shows()
    context = {
        "batch": batch,
        "lines": lines,
        "hidden": len(every) - len(lines),
        "total": total,
        "capitals": capitals(total),
        "chain": finance.chain_of(batch, lines),
        "papers": links_of_batch(request.user, batch),
    }
    return render(request, "desk/payment_batch.html", context)


class VoucherFileForm(forms.Form):
    """The treasury's list of what it paid."""

    file = forms.FileField(
        label=gettext_lazy("The treasury's file"),
        help_text=gettext_lazy(
            "XLSX or CSV with a row per payment: award number or payment number, "
            "tranche, amount, voucher number and date."
        ),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is too large."))
        return file

    def lines(self) -> list[Any]:
        """The payments of the file; [] with an error beside the field."""
        file = self.cleaned_data["file"]
        try:
            return read_file(file.name, file.read())
        except Invalid as error:
            self.add_error("file", error.errors["file"])
            return []


@refusals
def voucher_import(request: HttpRequest) -> HttpResponse:
    """Upload → what each line would do → record those that fit."""
    if not programmes_with(request.user, "record_payment"):
        raise NotYours()
    if request.method == "POST" and "lines" in request.POST:
        lines = finance.unsealed(request.POST["lines"], request.user)
        if lines is not None:
            done = finance.record_lines(lines, request.user)
            return render(
                request, "desk/vouchers.html", {"entries": done, "recorded": True}
            )
        messages.warning(request, _("The preview is too old: choose the file again."))
        return redirect("desk:voucher-import")
    form = VoucherFileForm()
    if request.method == "POST":
        form = VoucherFileForm(request.POST, request.FILES)
        if form.is_valid() and (lines := form.lines()):
            entries = finance.matched(lines, request.user)
            context = {
                "entries": entries,
                "lines": finance.sealed(lines, request.user),
                "fit": sum(entry.verdict is Verdict.MATCH for entry in entries),
            }
            return render(request, "desk/vouchers.html", context)
    return upload_page(request, form)


def upload_page(request: HttpRequest, form: VoucherFileForm) -> HttpResponse:
    return form_page(
        request,
        form,
        heading=_("Import voucher numbers"),
        submit=_("Show what fits"),
        back=reverse("desk:finance"),
    )
