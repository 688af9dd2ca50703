"""The pages of a big form: its topics, the self-check, the answers, earlier ones."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from desk.requirements import Group, group_of_act
from desk.topics import DONE, OPTIONAL, Filling
from desk.views.answers import refusals
from grants.actions import ACTIONS
from grants.errors import Missing, NotVisible
from grants.models import Case
from grants.selectors import cases_visible_to
from grants.services.drafts import note_editor
from grants.services.reuse import APPLY, copy_from, earlier_applications
from organisations.models import User
from workflows.models import WorkItem
from workflows.selectors import item_for


def filling_for(request: HttpRequest, pk: int) -> Filling:
    """The form of an open task of mine that has topics; 404 for any other."""
    item = item_for(request.user, pk)
    if item.case is not None:
        if not cases_visible_to(request.user).filter(pk=item.case_id).exists():
            raise NotVisible()
    if not ACTIONS[item.action].form.paged:
        raise Missing()
    return Filling(item, request.user)


def context_of(filling: Filling, **more: Any) -> dict[str, Any]:
    """What all pages of a form share."""
    item = filling.item
    case = item.case
    return {
        "item": item,
        "case": case,
        "round": item.round,
        "action": ACTIONS[item.action],
        "lines": filling.lines(),
        "revision": filling.revision,
        "editors": filling.editors(),
        "draft_url": reverse("desk:work-draft", args=[item.pk]),
        "item_url": reverse("desk:work-item", args=[item.pk]),
        "check_url": reverse("desk:work-check", args=[item.pk]),
        "back": reverse("desk:case-detail", args=[case.code])
        if case
        else reverse("desk:inbox"),
    } | more


def topics_page(request: HttpRequest, item: WorkItem) -> HttpResponse:
    """The list of topics: how far the form is."""
    filling = Filling(item, request.user)
    lines = filling.lines()
    done = sum(line.state in (DONE, OPTIONAL) for line in lines)
    earlier = item.action == APPLY and earlier_applications(item.case).exists()
    return render(
        request,
        "desk/topics.html",
        context_of(
            filling,
            lines=lines,
            done=done,
            earlier=earlier,
            requirements=papers_beside(item, request.user),
        ),
    )


def papers_beside(item: WorkItem, user: User) -> Group | None:
    """The papers that go with the form of a case."""
    return group_of_act(user, item.action, item.target) if item.case else None


@require_safe
@refusals
def work_topic(request: HttpRequest, pk: int, topic: int) -> HttpResponse:
    """One topic of the form."""
    filling = filling_for(request, pk)
    line = filling.line(topic)
    if line is None:
        raise Http404
    lines = filling.lines()
    place = lines.index(line)
    title = _("Topic %(number)s of %(all)s: %(label)s") % {
        "number": place + 1,
        "all": len(lines),
        "label": line.label,
    }
    note_editor(filling.key, by=request.user, topic=line.label)
    following = lines[place + 1] if place + 1 < len(lines) else None
    return render(
        request,
        "desk/topic.html",
        context_of(
            filling,
            line=line,
            title=title,
            page=filling.page(line, everything="check" in request.GET),
            before=lines[place - 1] if place else None,
            following=following,
            rivals=filling.rivals(line.names),
            checks=filling.form.checks(),
        ),
    )


@require_safe
@refusals
def work_check(request: HttpRequest, pk: int) -> HttpResponse:
    """The self-check: what is missing, wrong or over a limit, with links."""
    return check_page(request, filling_for(request, pk))


def check_page(
    request: HttpRequest, filling: Filling, status: int = 200
) -> HttpResponse:
    form = filling.form
    context = context_of(
        filling,
        findings=filling.findings(),
        warnings=getattr(form, "warnings", []),
        checks=form.checks(),
        requirements=papers_beside(filling.item, filling.by),
        answers_url=reverse("desk:work-answers", args=[filling.item.pk]),
    )
    return render(request, "desk/check.html", context, status=status)


@require_safe
@refusals
def work_answers(request: HttpRequest, pk: int) -> HttpResponse:
    """Check your answers, then submit; back to the self-check while it finds any."""
    filling = filling_for(request, pk)
    if filling.findings():
        return redirect("desk:work-check", pk=pk)
    case = filling.item.case
    context = context_of(
        filling,
        sheet=filling.sheet_with_links(),
        warnings=getattr(filling.form, "warnings", []),
        version=case.version if case else "",
        token=uuid.uuid4().hex,
    )
    return render(request, "desk/answers.html", context)


@refusals
def work_earlier(request: HttpRequest, pk: int) -> HttpResponse:
    """Start from an earlier application of the same organisation."""
    filling = filling_for(request, pk)
    if filling.item.action != APPLY:
        raise Missing()
    case: Case = filling.item.case
    earlier = earlier_applications(case)
    if request.method == "POST":
        code = request.POST.get("case", "").replace("\x00", "")[:50]
        chosen = earlier.filter(code=code).first()
        if chosen is None:
            raise Missing()
        count = len(copy_from(chosen, case, by=request.user))
        messages.success(
            request,
            ngettext(
                "%(count)s answer was copied. What you had typed stays.",
                "%(count)s answers were copied. What you had typed stays.",
                count,
            )
            % {"count": count},
        )
        return redirect("desk:work-item", pk=pk)
    context = context_of(filling, earlier=list(earlier[:20]))
    return render(request, "desk/earlier.html", context)
