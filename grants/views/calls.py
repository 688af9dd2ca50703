"""Calls, notices and objections: anybody reads them, without an account."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from grants import register
from grants.calendar import today
from grants.models import Notice, Objection, Round, Status
from grants.selectors import open_rounds
from organisations.paging import page_by_key, position_of

LATEST = 12
PAGE = 30
#: Projects of one notice on a page.
LISTED = 200
#: Bars of a plot on the home page.
SHOWN = 8


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Open calls, notices, and where the money goes."""
    rounds = Round.objects.filter(published_at__isnull=False).select_related(
        "programme"
    )
    funded = register.funded()
    number, amount = register.totals(funded)
    return render(
        request,
        "grants/home.html",
        {
            "open_rounds": list(open_rounds(now()).select_related("programme")),
            "rounds": list(rounds[:LATEST]),
            "notices": list(Notice.objects.select_related("round")[:LATEST]),
            "today": today(now()),
            "number": number,
            "amount": amount,
            "plots": [
                (_("By service field"), register.by_category(funded)[:SHOWN]),
                (_("By district"), register.by_district(funded)[:SHOWN]),
            ],
        },
    )


@login_not_required
@require_safe
def round_public(request: HttpRequest, code: str) -> HttpResponse:
    """A published call: dates, cap, who may apply; its notices."""
    round_ = get_object_or_404(
        Round.objects.select_related("programme__authority", "rules"),
        code=code,
        published_at__isnull=False,
    )
    return render(
        request,
        "grants/round_public.html",
        {
            "round": round_,
            "is_open": open_rounds(now()).filter(pk=round_.pk).exists(),
            "notices": list(round_.notices.all()),
            "rules": round_.rules.data,
        },
    )


@login_not_required
@require_safe
def notice_list(request: HttpRequest) -> HttpResponse:
    """Notices, the latest first, paged by key."""
    notices = Notice.objects.select_related("round")
    found, after = page_by_key(request, notices, PAGE)
    return render(
        request,
        "grants/notice_list.html",
        {"notices": found, "next": after, "today": today(now())},
    )


@login_not_required
@require_safe
def notice_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The list in notice; each case may be objected to while it runs."""
    notice = get_object_or_404(
        Notice.objects.select_related("round__programme__authority"), pk=pk
    )
    start = position_of(request)
    cases = notice.cases.select_related("organisation").order_by("code")
    found = list(cases[start : start + LISTED + 1])
    day = today(now())
    return render(
        request,
        "grants/notice_detail.html",
        {
            "notice": notice,
            "cases": found[:LISTED],
            "next": start + LISTED if len(found) > LISTED else None,
            "before": max(start - LISTED, 0) if start else None,
            "in_notice": Status.IN_NOTICE,
            "running": notice.over_at is None
            and notice.starts_on <= day <= notice.ends_on,
            "today": day,
        },
    )


@login_not_required
@require_safe
def objection_find(request: HttpRequest) -> HttpResponse:
    """Ask for the number of an objection and lead to its status."""
    number = request.GET.get("number", "").strip()
    error = ""
    if number:
        if Objection.objects.filter(number=number).exists():
            return redirect("grants:objection-status", number=number)
        error = _("There is no objection with this number.")
    context = {"number": number, "error": error}
    status = 422 if error else 200
    return render(request, "grants/objection_find.html", context, status=status)


@login_not_required
@require_safe
def objection_status(request: HttpRequest, number: str) -> HttpResponse:
    """Where an objection stands: its status, never its text or its sender."""
    objection = get_object_or_404(
        Objection.objects.select_related("case__round", "notice"), number=number
    )
    return render(request, "grants/objection_status.html", {"objection": objection})
