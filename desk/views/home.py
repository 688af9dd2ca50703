"""Home by role, messages, and the choice of language."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import check_for_language
from django.views.decorators.http import require_POST, require_safe
from django.views.i18n import set_language

from desk.glance import glances_of
from desk.scans import trouble
from desk.wording import role_label
from grants.errors import NotVisible
from grants.lifecycle import ENDED
from grants.permissions import roles_of
from grants.selectors import cases_visible_to, open_rounds
from organisations.paging import page_by_key
from organisations.selectors import memberships_of
from organisations.services import choose_language
from outbox.selectors import render_all
from outbox.services import mark_read, messages_for
from workflows.selectors import group_items_of, mine_of, overdue_of, why

NEXT = 8
#: Counts stop here: nobody needs to know that it is 1,312.
ENOUGH = 100
MESSAGES = 40


def count_of(items: Any) -> str:
    """How many, up to 99."""
    found = items.order_by()[:ENOUGH].count()
    return f"{ENOUGH - 1}+" if found >= ENOUGH else str(found)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What waits for me, what is overdue, what is next; by role."""
    user = request.user
    memberships = memberships_of(user)
    mine = mine_of(user)
    next_items = [
        {"item": item, "why": why(item, user)}
        for item in [*mine[:NEXT], *group_items_of(user)[:NEXT]][:NEXT]
    ]
    counts = {
        "mine": count_of(mine),
        "groups": count_of(group_items_of(user)),
        "overdue": count_of(overdue_of(user)),
    }
    own = []
    if memberships:
        ids = {m.organisation_id for m in memberships}
        own = list(
            cases_visible_to(user)
            .filter(organisation_id__in=ids)
            .exclude(status__in=ENDED)
            .select_related("organisation", "round")
            .order_by("-pk")[:NEXT]
        )
    return render(
        request,
        "desk/home.html",
        {
            "counts": counts,
            "glances": glances_of(user),
            "next_items": next_items,
            "scan_trouble": trouble(user),
            "own_cases": own,
            "roles": sorted({role_label(role) for _programme, role in roles_of(user)}),
            "memberships": memberships,
            "open_rounds": list(open_rounds(now())) if memberships else [],
        },
    )


@require_safe
def message_list(request: HttpRequest) -> HttpResponse:
    """My messages, the latest first, in the language that is active now."""
    found = messages_for(request.user).select_related("recipient")
    shown, after = page_by_key(request, found, MESSAGES)
    words = render_all(shown, request.LANGUAGE_CODE)
    lines = [
        {"message": message, "subject": subject, "body": body}
        for message, (subject, body) in zip(shown, words, strict=True)
    ]
    return render(request, "desk/message_list.html", {"lines": lines, "next": after})


@require_POST
def message_read(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark a message as read and go where it leads."""
    message = messages_for(request.user).filter(pk=pk).first()
    if message is None:
        raise NotVisible()
    mark_read(request.user, [message.pk])
    return redirect(message.url or "desk:message-list")


@require_POST
def messages_read(request: HttpRequest) -> HttpResponse:
    """Mark everything as read."""
    mark_read(request.user)
    return redirect("desk:message-list")


@login_not_required
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Django's set_language; for who is signed in the choice is kept (mails)."""
    chosen = request.POST.get("language", "")
    if request.user.is_authenticated and check_for_language(chosen):
        choose_language(request.user, chosen)
    return set_language(request)
