"""The inbox, the page of a task, and holding tasks."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from desk.formpage import errors_of, page_of
from desk.forms import ReassignForm
from desk.refused import note
from desk.topics import Filling
from desk.views.acting import OURS, Acting, act_page, run
from desk.views.answers import problem, refusals
from desk.views.calendar import feed_path
from desk.views.topics import check_page, topics_page
from grants.actions import ACTIONS
from grants.errors import Missing, NotVisible, NotYours, WrongState
from grants.lifecycle import MOVES
from grants.models import Case
from grants.permissions import can_take
from grants.selectors import cases_visible_to
from organisations.paging import key_of, position_of
from organisations.posted import posted
from workflows.models import WorkItem
from workflows.selectors import (
    FREE,
    done_by,
    group_items_of,
    inbox_for,
    item_for,
    items_for,
    mine_of,
    overdue_of,
    why,
)
from workflows.services import claim, reassign, release

PAGE = 50
#: Actions that are taken on a tab, and lead back there.
TAB_OF = {
    "reopen_score": "reviews",
    "vacate_seat": "reviews",
    "raise_finding": "findings",
    "refer_finding": "findings",
} | {
    f"{verb}_{kind}": "ledger"
    for verb in ("record", "correct", "void")
    for kind in ("service", "expense")
}
TABS = {"mine": mine_of, "groups": group_items_of, "overdue": overdue_of}


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """My tasks, my groups' tasks, the overdue ones; a fixed number of queries."""
    tab = request.GET.get("tab", "all")
    items = TABS.get(tab, inbox_for)(request.user)
    offset = position_of(request)
    found = list(items[offset : offset + PAGE + 1])
    rows = [
        {"item": item, "why": why(item, request.user), "label": label_of(item)}
        for item in found[:PAGE]
    ]
    tabs = [
        ("all", _("All")),
        ("mine", _("Mine")),
        ("groups", _("My groups")),
        ("overdue", _("Overdue")),
    ]
    return render(
        request,
        "desk/inbox.html",
        {
            "rows": rows,
            "tab": tab if tab in TABS else "all",
            "tabs": tabs,
            "next": offset + PAGE if len(found) > PAGE else None,
            "before": max(offset - PAGE, 0) if offset else None,
            "calendar": request.build_absolute_uri(feed_path(request.user)),
        },
    )


def label_of(item: WorkItem) -> str:
    return str(ACTIONS[item.action].label)


@require_safe
def done(request: HttpRequest) -> HttpResponse:
    """What I completed, the latest first, paged by key."""
    items = done_by(request.user)
    key = key_of(request)
    last = items.filter(pk=key).first() if key is not None else None
    if last is not None:
        earlier = Q(closed_at=last.closed_at, pk__lt=last.pk)
        items = items.filter(Q(closed_at__lt=last.closed_at) | earlier)
    found = list(items[: PAGE + 1])
    visible = set(
        cases_visible_to(request.user)
        .filter(pk__in={item.case_id for item in found})
        .values_list("pk", flat=True)
    )
    rows = [
        {"item": i, "label": label_of(i), "open": i.case_id in visible}
        for i in found[:PAGE]
    ]
    after = found[PAGE - 1].pk if len(found) > PAGE else None
    return render(request, "desk/done.html", {"rows": rows, "next": after})


@refusals
def work_item(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of a task: its form, and on POST the act."""
    try:
        item = item_for(request.user, pk)
    except NotVisible:
        return gone(request, pk)
    case = item.case
    back = reverse("desk:inbox")
    acting = Acting(
        name=item.action,
        target=item.target,
        item=item,
        url=reverse("desk:work-item", args=[pk]),
        back=reverse("desk:case-detail", args=[case.code]) if case else back,
        draft_url=reverse("desk:work-draft", args=[pk]),
        why=why(item, request.user),
    )
    if request.method == "POST":
        return handed_in(request, acting)
    if acting.action.form.paged and "all" not in request.GET:
        return topics_page(request, item)
    return act_page(request, acting)


def handed_in(request: HttpRequest, acting: Acting) -> HttpResponse:
    """Run the task's action with the POST, or with the draft that it names."""
    item = acting.item
    if item is None or "from_draft" not in request.POST:
        return act_page(request, acting)
    filling = Filling(item, request.user)
    findings = filling.findings()
    if request.POST["from_draft"] != str(filling.revision) or findings:
        if not findings:
            messages.warning(
                request,
                _("Somebody changed an answer after you checked: look again."),
            )
        return check_page(request, filling, status=422 if findings else 409)
    return run(request, acting, filling.form)


def gone(request: HttpRequest, pk: int) -> HttpResponse:
    """A task that was closed or taken meanwhile: 409 with what was typed.

    Only who may see the case (or takes part in the round) learns so much.
    """
    item = get_object_or_404(WorkItem.objects.select_related("case", "round"), pk=pk)
    if item.case_id:
        require_sight(request, item)
        url = reverse("desk:case-detail", args=[item.case.code])
    else:
        url = reverse("desk:round-detail", args=[item.round.code])
    may_act = can_take(item.action, item.target, request.user)
    if not may_act and item.completed_by_id != request.user.pk:
        raise NotVisible()
    typed = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in OURS and not name.startswith("draft_")
        for value in values
        if value.strip()
    ]
    error = WrongState() if not item.is_open else NotYours()
    if request.method == "POST":
        note(request, error)
    return problem(request, 409, str(error.message), typed=typed, way_on=url)


@require_POST
@refusals
def work_claim(request: HttpRequest, pk: int) -> HttpResponse:
    """Claim: of two who press at once one wins, the other reads who did not."""
    item = visible_item(request, pk)
    claim(item, by=request.user)
    messages.success(request, _("The task is yours now."))
    return redirect("desk:inbox" if "stay" in request.POST else item_url(item))


@require_POST
@refusals
def work_release(request: HttpRequest, pk: int) -> HttpResponse:
    release(visible_item(request, pk), by=request.user)
    messages.success(request, _("The task is back with its group."))
    return redirect("desk:inbox")


@refusals
def work_reassign(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose a colleague who may do it, and hand the task over."""
    item = visible_item(request, pk)
    form = ReassignForm(posted(request), item=item, by=request.user)
    if request.method == "POST" and form.is_valid():
        reassign(item, to=form.cleaned_data["to"], by=request.user)
        messages.success(request, _("The task was handed over."))
        return redirect("desk:inbox")
    return form_page(
        request,
        form,
        heading=_("Reassign: %s") % label_of(item),
        submit=_("Reassign"),
        back=reverse("desk:inbox"),
    )


def visible_item(request: HttpRequest, pk: int) -> WorkItem:
    """An open item of the inbox, or one that a colleague holds: then 409."""
    try:
        return item_for(request.user, pk)
    except NotVisible:
        item = WorkItem.objects.filter(pk=pk).first()
        if item is None or not can_take(item.action, item.target, request.user):
            raise
        require_sight(request, item)
        raise WrongState(_("Somebody else has taken this task.")) from None


def require_sight(request: HttpRequest, item: WorkItem) -> None:
    """NotVisible for who may not see the case of a task."""
    if item.case_id:
        if not cases_visible_to(request.user).filter(pk=item.case_id).exists():
            raise NotVisible()


def item_url(item: WorkItem) -> str:
    return reverse("desk:work-item", args=[item.pk])


@refusals
def case_act(request: HttpRequest, code: str, action: str) -> HttpResponse:
    """An action without a task: withdraw, decline. Steps lead to their task."""
    case = visible_case(request, code)
    if action not in ACTIONS:
        raise Missing(_("There is no such action."))
    if ACTIONS[action] not in FREE:
        item = items_for(request.user).filter(case=case, action=action).first()
        if item is None:
            raise NotYours() if case.status in MOVES[action].sources else WrongState()
        return redirect(item_url(item))
    if not can_take(action, case, request.user):
        raise NotYours()
    if case.status not in MOVES[action].sources and request.method != "POST":
        raise WrongState()
    url = reverse("desk:case-act", args=[code, action])
    back = reverse("desk:case-detail", args=[code])
    after = None
    if action in TAB_OF:
        back = reverse("desk:case-tab", args=[code, TAB_OF[action]])
        after = lambda _result: back  # noqa: E731
    acting = Acting(name=action, target=case, url=url, back=back, after=after)
    return act_page(request, acting)


def visible_case(request: HttpRequest, code: str) -> Case:
    """The case with what pages show of it, or NotVisible."""
    case = (
        cases_visible_to(request.user)
        .select_related(
            "round__programme",
            "rules",
            "organisation",
            "district",
            "application",
            "project",
            "folder",
        )
        .filter(code=code)
        .first()
    )
    if case is None:
        raise NotVisible()
    return case


def form_page(
    request: HttpRequest,
    form: Any,
    *,
    template: str = "desk/form.html",
    status: int | None = None,
    **context: Any,
) -> HttpResponse:
    """A plain page with one form, in the same pattern as the actions.

    ``status`` is the answer's; without it 422 with errors and 200 without.
    """
    errors = errors_of(form) if form.is_bound else {}
    context |= {"page": page_of(form, errors)}
    status = status or (422 if errors else 200)
    return render(request, template, context, status=status)
