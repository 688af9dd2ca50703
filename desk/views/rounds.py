"""Rounds for people who are signed in: tasks, dates, pool, set-up; applying."""

from collections import Counter

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from desk.dossier_subject import may_have_dossier
from desk.forms import ApplyForm
from desk.views.acting import Acting, act_page
from desk.views.answers import refusals
from desk.views.work import form_page
from grants.errors import Invalid, NotVisible, NotYours
from grants.forms.programmes import RoundForm, name_of
from grants.models import Programme, Role, Round, Status
from grants.papers.registry import round_papers_for
from grants.permissions import can_take, has_permission, programmes_with, roles_of
from grants.selectors import cases_visible_to, pool_free, rounds_visible_to
from grants.services.programmes import create_round, publish_round, update_round
from grants.services.reuse import prefill
from organisations.paging import page_by_key
from organisations.posted import posted
from workflows.selectors import inbox_for
from workflows.services import start_case

PAGE = 30
#: What the service names and the form shows elsewhere.
ERRORS_AT = {"pool": "pools"}


@require_safe
def round_list(request: HttpRequest) -> HttpResponse:
    """Rounds, the latest first, paged by key."""
    rounds = rounds_visible_to(request.user).select_related("programme")
    found, after = page_by_key(request, rounds, PAGE)
    programmes = Programme.objects.filter(
        pk__in=programmes_with(request.user, "set_up_round")
    )
    return render(
        request,
        "desk/round_list.html",
        {
            "rounds": found,
            "next": after,
            "programmes": list(programmes),
            "now": now(),
        },
    )


def visible_round(request: HttpRequest, code: str) -> Round:
    """The round, or NotVisible: unpublished ones are for who sets up."""
    round_ = (
        rounds_visible_to(request.user)
        .select_related("programme__authority", "programme__operator", "rules")
        .filter(code=code)
        .first()
    )
    if round_ is None:
        raise NotVisible(_("There is no such round."))
    return round_


@require_safe
@refusals
def round_detail(request: HttpRequest, code: str) -> HttpResponse:
    """A round: its tasks, dates, pool and cases by status."""
    round_ = visible_round(request, code)
    user = request.user
    offices = has_permission(user, "view_cases", round_.programme_id)
    cases = cases_visible_to(user).filter(round=round_).order_by()
    counts = Counter(dict(cases.values_list("status").annotate(n=Count("pk"))))
    held = inbox_for(user).filter(round=round_, case=None)
    set_up = has_permission(user, "set_up_round", round_.programme_id)
    return render(
        request,
        "desk/round_detail.html",
        {
            "round": round_,
            "tasks": list(held),
            "now": now(),
            "counts": [(s, counts[s]) for s in Status.values if counts[s]],
            "offices": offices,
            "free": pool_free(round_) if offices else None,
            "may_set_up": set_up,
            "pools": list(round_.pools.all()),
            "may_change": set_up and not round_.closed_at,
            "may_use_rules": round_.published_at
            and not round_.closed_at
            and (round_.programme_id, Role.FUNDER) in roles_of(user),
            "may_close": set_up
            and round_.published_at
            and round_.closes_at <= now()
            and not round_.closed_at,
            "may_publish": not round_.published_at
            and (round_.programme_id, Role.FUNDER) in roles_of(user),
            "panels": list(round_.panels.order_by("pk")) if offices else [],
            "decisions": list(
                round_.decisions.select_related("scan", "confirmed_by").order_by("pk")
            )
            if offices
            else [],
            "notices": list(round_.notices.all()),
            "rules": round_.rules.data,
            "may_screen": has_permission(user, "screen", round_.programme_id)
            and counts[Status.SCREENING],
            "has_papers": bool(round_papers_for(user, round_)),
            "has_dossier": may_have_dossier(user, round_),
        },
    )


@refusals
def round_new(request: HttpRequest, programme: str) -> HttpResponse:
    """Set up a round of a programme."""
    owner = Programme.objects.filter(
        code=programme, pk__in=programmes_with(request.user, "set_up_round")
    ).first()
    if owner is None:
        raise NotYours()
    given = request.GET.get("from", "")
    like = owner.rounds.filter(code=given).first() if given else None
    form = RoundForm(posted(request), programme=owner, like=like)
    if request.method == "POST" and form.is_valid():
        try:
            round_ = create_round(owner, by=request.user, **form.cleaned_data)
        except Invalid as error:
            put_errors(form, error)
        else:
            messages.success(request, _("The round is set up; publish it next."))
            return redirect("desk:round-detail", code=round_.code)
    return form_page(
        request,
        form,
        template="desk/round_form.html",
        heading=_("Round set-up"),
        submit=_("Save"),
        back=reverse("desk:round-list"),
    )


@refusals
def round_edit(request: HttpRequest, code: str) -> HttpResponse:
    """Change a round: everything before it is published, later its ends only."""
    round_ = visible_round(request, code)
    if not has_permission(request.user, "set_up_round", round_.programme_id):
        raise NotYours()
    form = RoundForm(posted(request), programme=round_.programme, round_=round_)
    if request.method == "POST" and form.is_valid():
        try:
            update_round(round_, by=request.user, **form.cleaned_data)
        except Invalid as error:
            put_errors(form, error)
        else:
            messages.success(request, _("The round was changed."))
            return redirect("desk:round-detail", code=round_.code)
    return form_page(
        request,
        form,
        template="desk/round_form.html",
        heading=_("Round set-up"),
        submit=_("Save"),
        back=reverse("desk:round-detail", args=[code]),
    )


def put_errors(form: RoundForm, error: Invalid) -> None:
    """What the service refused, beside its fields."""
    form.add_paths({ERRORS_AT.get(p, p): found for p, found in error.errors.items()})


@require_POST
@refusals
def round_publish(request: HttpRequest, code: str) -> HttpResponse:
    """Publish the call; the bureau's officer does it."""
    round_ = visible_round(request, code)
    try:
        publish_round(round_, by=request.user)
    except Invalid as error:
        for path, found in error.errors.items():
            text = _("%(field)s: %(problem)s")
            words = {"field": name_of(path), "problem": " ".join(found)}
            messages.error(request, text % words)
    else:
        messages.success(request, _("The round is published."))
    return redirect("desk:round-detail", code=code)


@refusals
def round_close(request: HttpRequest, code: str) -> HttpResponse:
    """Close a round for good; refused with the number of unfinished cases."""
    round_ = visible_round(request, code)
    if not can_take("close_round", round_, request.user):
        raise NotYours()
    back = reverse("desk:round-detail", args=[code])
    url = reverse("desk:round-close", args=[code])
    return act_page(
        request, Acting(name="close_round", target=round_, url=url, back=back)
    )


@refusals
def apply(request: HttpRequest) -> HttpResponse:
    """Begin an application: choose round and organisation, then the form."""
    form = ApplyForm(
        posted(request),
        by=request.user,
        initial={"round": request.GET.get("round", "")},
    )
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        case = start_case(chosen["round"], chosen["organisation"], by=request.user)
        prefill(case, by=request.user)
        item = inbox_for(request.user).filter(case=case).first()
        if item is not None:
            return redirect("desk:work-item", pk=item.pk)
        return redirect("desk:case-detail", code=case.code)
    return form_page(
        request,
        form,
        heading=_("Apply"),
        submit=_("Continue"),
        back=reverse("desk:home"),
        intro=""
        if form.rounds and form.organisations
        else _("There is no open round, or you are not a member who may apply."),
    )
