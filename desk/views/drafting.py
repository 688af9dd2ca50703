"""Keeping what is typed: autosave, the button, choosing between two texts.

A page sends the names of the fields that were changed (`draft_fields`), the revision
of the draft that it was made of (`draft_base`), and later revisions of fields that it
has read or written since (`draft_seen`). Without a script `draft_fields` is empty: then
every field of the page that differs from the draft counts as changed.
"""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from desk.topics import Filling
from desk.views.answers import refusals
from grants.actions import ACTIONS
from grants.forms.typed import is_blank, plain_typed, typed_of
from grants.services.drafts import (
    Saved,
    Sender,
    changes_since,
    choose,
    draft_key,
    draft_of,
    note_editor,
    save_typing,
    typed_in,
)
from workflows.models import WorkItem
from workflows.selectors import item_for


@require_http_methods(["GET", "HEAD", "POST"])
@refusals
def work_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Autosave answers with JSON, a button leads on to the next page.

    A GET comes from signing in again in the middle of a save: to the form.
    """
    item = item_for(request.user, pk)
    if request.method != "POST":
        return redirect("desk:work-item", pk=pk)
    saved = keep_typing(request, item)
    settle(request, item)
    if request.headers.get("Accept") == "application/json":
        return autosaved(request, item, saved)
    if saved.too_large:
        messages.error(request, _("This is too much text for a draft."))
    elif saved.conflicts:
        messages.warning(
            request,
            _("Somebody else changed a field meanwhile. Both texts are kept: choose."),
        )
        return redirect(place_in(request, "draft_here", pk))
    elif "save" in request.POST:
        messages.success(request, _("Your draft is saved. Files are not part of it."))
    name = "draft_go" if "draft_go" in request.POST else "draft_here"
    return redirect(place_in(request, name, pk))


def place_in(request: HttpRequest, name: str, pk: int) -> str:
    """The page to go to, if it is one of this task's own pages, else its first."""
    own = reverse("desk:work-item", args=[pk])
    given = request.POST.get(name, "")
    return given if given.startswith(own) and "//" not in given else own


def keep_typing(request: HttpRequest, item: WorkItem) -> Saved:
    """Store the changed fields of a POST; conflicts are kept beside, not over."""
    form = ACTIONS[item.action].form(target=item.target, by=request.user)
    key = draft_key(item.action, item.target)
    post = request.POST
    named = post.get("draft_fields", "").split()
    names = [n for n in named if n in form.fields]
    if named and not names:  # a script said that nothing was changed
        return unchanged(key)
    if not names and "draft_topic" in post:
        names = [n for n in post["draft_topic"].split() if n in form.fields]
    typed = typed_of(form, post, names or None)
    if not names:
        typed = {n: v for n, v in typed.items() if is_sent(post, n)}
    kept = typed_in(key)
    changed = {
        name: value
        for name, value in typed.items()
        if (bool(named) and name not in kept)
        or differs(plain_typed(form, name, kept.get(name)), value)
    }
    if not changed or "draft_heartbeat" in post:
        return unchanged(key)
    base = number_in(post, "draft_base")
    return save_typing(
        key,
        by=request.user,
        fields=changed,
        base=base,
        seen=seen_in(post),
        sender=Sender(
            post.get("draft_page", "")[:40], number_in(post, "draft_turn") or 0
        ),
    )


def unchanged(key: str) -> Saved:
    """The answer where there was nothing to save."""
    draft = draft_of(key)
    return Saved(draft.revision if draft else 0)


def differs(kept: Any, typed: Any) -> bool:
    """Two values that are not both nothing, and not the same."""
    return kept != typed and not (is_blank(kept) and is_blank(typed))


def is_sent(post: Any, name: str) -> bool:
    """Whether a page carried the field at all, or a row of it."""
    return name in post or any(key.startswith(f"{name}-") for key in post)


def settle(request: HttpRequest, item: WorkItem) -> None:
    """The choice between two texts: `draft_choose` is field:person:use or :drop."""
    name, _colon, rest = request.POST.get("draft_choose", "").partition(":")
    person, _colon, what = rest.partition(":")
    if name and person.isdecimal() and len(person) < 16:
        key = draft_key(item.action, item.target)
        choose(key, by=request.user, name=name, of=int(person), use=what == "use")


def number_in(post: Any, name: str) -> int | None:
    given = post.get(name, "")
    return int(given) if given.isdecimal() and len(given) < 10 else None


def seen_in(post: Any) -> dict[str, int]:
    """Revisions of single fields that a page knows; a broken list counts as none."""
    try:
        given = json.loads(post.get("draft_seen") or "{}")
    except (ValueError, RecursionError):
        return {}
    if not isinstance(given, dict):
        return {}
    return {str(n): r for n, r in given.items() if isinstance(r, int)}


def autosaved(request: HttpRequest, item: WorkItem, saved: Saved) -> HttpResponse:
    """What a page shows after a save: who is there, what changed, what is right."""
    if saved.too_large:
        error = str(_("This is too much text for a draft."))
        return JsonResponse({"error": error}, status=413)
    filling = Filling(item, request.user)
    topic = request.POST.get("draft_label", "")
    note_editor(filling.key, by=request.user, topic=topic)
    names = [n for n in request.POST.get("draft_topic", "").split() if n]
    return JsonResponse(
        {
            "revision": saved.revision,
            "conflicts": saved.conflicts,
            "changed": changed_by_others(request, filling),
            "editors": filling.editors(),
            "rivals": render_to_string(
                "desk/_rivals.html",
                {"rivals": filling.rivals(names or None), "draft_url": request.path},
                request,
            ),
            "checks": render_to_string(
                "desk/_checks.html", {"checks": filling.form.checks()}, request
            ),
        }
    )


def changed_by_others(request: HttpRequest, filling: Filling) -> dict[str, Any]:
    """Fields that colleagues saved since this page read them, with their texts."""
    base = number_in(request.POST, "draft_base")
    if filling.draft is None or base is None:
        return {}
    names = changes_since(filling.draft, base, seen_in(request.POST), request.user)
    return {
        name: {
            "value": filling.typed.get(name),
            "revision": filling.draft.stamps[name]["revision"],
            "by": filling.draft.stamps[name]["name"],
            "label": str(filling.form.fields[name].label),
        }
        for name in names
        if name in filling.form.fields
    }
