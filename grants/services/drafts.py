"""Typing before it is handed in: shared, in revisions, never silently lost.

A draft belongs to a step of a case. Each save names the fields that were
changed and the revision that its page was made of. A field that somebody else
saved meanwhile is not overwritten: the later text is kept beside it
(`contested`) until a person chooses. Nothing here is part of the record.
"""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.timezone import now

from grants.models import Draft, DraftEditor
from organisations.models import User

#: A field as typed: a text, several texts, or the rows of a table.
Typed = str | list[str] | list[dict[str, str]]
#: Characters that one draft may hold, as JSON.
DRAFT_MAX = 300_000
#: Seconds since the last sign of life after which nobody edits any more.
EDITING = 60


@dataclass(frozen=True)
class Sender:
    """A page open in one browser, and the number of its save."""

    page: str = ""
    turn: int = 0


NOBODY = Sender()


@dataclass
class Saved:
    """What became of a save: the revision, and the fields it did not overwrite."""

    revision: int
    conflicts: list[str] = field(default_factory=list)
    too_large: bool = False


@dataclass(frozen=True)
class Rival:
    """A text that waits beside the one that stands in the draft."""

    field: str
    user: int
    name: str
    value: Any
    at: str


def draft_key(action: str, target: Any) -> str:
    """The key of an action's form about one target."""
    return f"{action}:{target._meta.model_name}:{target.pk}"


def draft_of(key: str) -> Draft | None:
    """The draft of a step, or None where nobody typed yet."""
    return Draft.objects.filter(key=key).first()


def typed_in(key: str) -> dict[str, Typed]:
    """What was typed there and not handed in."""
    draft = draft_of(key)
    return draft.data if draft else {}


def save_typing(
    key: str,
    *,
    by: User,
    fields: dict[str, Typed],
    base: int | None = None,
    seen: dict[str, int] | None = None,
    sender: Sender = NOBODY,
) -> Saved:
    """Keep what was typed, right or wrong.

    fields: the changed fields only. base: the revision the page was made of,
    None to overwrite whatever stands there; seen: later revisions of single
    fields that the page has read or written since. sender: two saves of one
    page that overtake each other are no conflict, the later one counts.
    """
    with transaction.atomic():
        draft = _locked(key)
        conflicts = []
        revision = draft.revision + 1
        for name, value in fields.items():
            turn = _turn_of(draft, name, sender)
            if turn is not None:
                if turn <= sender.turn:
                    _write(draft, name, value, by, revision, sender)
                continue
            if draft.data.get(name, "") == value:
                _forget_rival(draft, name, by.pk)
                continue
            if base is not None and _changed_since(draft, name, base, seen or {}):
                _add_rival(draft, name, by, value)
                conflicts.append(name)
                continue
            _write(draft, name, value, by, revision, sender)
        if len(json.dumps([draft.data, draft.contested])) > DRAFT_MAX:
            transaction.set_rollback(True)
            return Saved(revision - 1, too_large=True)
        draft.revision, draft.saved_by, draft.saved_at = revision, by, now()
        draft.save()
    return Saved(revision, conflicts)


def choose(key: str, *, by: User, name: str, of: int, use: bool) -> None:
    """Settle a contested field: take the text of one person, or drop it."""
    with transaction.atomic():
        draft = _locked(key)
        rival = draft.contested.get(name, {}).get(str(of))
        if rival is None:
            return
        draft.revision += 1
        if use:
            _write(draft, name, rival["value"], by, draft.revision, NOBODY)
        _forget_rival(draft, name, of)
        draft.saved_at = now()
        draft.save()


def rivals_of(draft: Draft | None) -> list[Rival]:
    """Every text that waits for a choice."""
    if draft is None:
        return []
    return [
        Rival(name, int(user), entry["name"], entry["value"], entry["at"])
        for name, entries in draft.contested.items()
        for user, entry in entries.items()
    ]


def changes_since(draft: Draft, base: int, seen: dict[str, int], by: User) -> list[str]:
    """Fields that other people saved after this page read them."""
    return [
        name
        for name, stamp in draft.stamps.items()
        if stamp["by"] != by.pk and stamp["revision"] > seen.get(name, base)
    ]


def discard_draft(*keys: str) -> None:
    """Forget the typing once the form was handed in, or is another person's."""
    Draft.objects.filter(key__in=keys).delete()
    DraftEditor.objects.filter(key__in=keys).delete()


# -- who is there ------------------------------------------------------------------


def note_editor(key: str, *, by: User, topic: str) -> None:
    """A sign of life of somebody who has the form open."""
    DraftEditor.objects.update_or_create(
        key=key, user=by, defaults={"topic": topic[:100], "seen_at": now()}
    )


def other_editors(key: str, *, by: User) -> list[DraftEditor]:
    """Who else has the form open, seen within the last minute."""
    since = now() - timedelta(seconds=EDITING)
    return list(
        DraftEditor.objects.filter(key=key, seen_at__gte=since)
        .exclude(user=by)
        .select_related("user")
        .order_by("pk")
    )


# -- inside a draft ------------------------------------------------------------------


def _locked(key: str) -> Draft:
    Draft.objects.get_or_create(key=key, defaults={"saved_at": now()})
    return Draft.objects.select_for_update().get(key=key)


def _changed_since(draft: Draft, name: str, base: int, seen: dict[str, int]) -> bool:
    stamp = draft.stamps.get(name)
    return stamp is not None and stamp["revision"] > seen.get(name, base)


def _turn_of(draft: Draft, name: str, sender: Sender) -> int | None:
    """The turn in which this very page saved the field last, None for any other."""
    stamp = draft.stamps.get(name, {})
    return stamp["turn"] if sender.page and stamp.get("page") == sender.page else None


def _write(
    draft: Draft, name: str, value: Typed, by: User, revision: int, sender: Sender
) -> None:
    draft.data[name] = value
    draft.stamps[name] = {
        "revision": revision,
        "by": by.pk,
        "name": str(by),
        "at": now().isoformat(timespec="seconds"),
        "page": sender.page,
        "turn": sender.turn,
    }
    _forget_rival(draft, name, by.pk)


def _add_rival(draft: Draft, name: str, by: User, value: Typed) -> None:
    draft.contested.setdefault(name, {})[str(by.pk)] = {
        "value": value,
        "name": str(by),
        "at": now().isoformat(timespec="seconds"),
    }


def _forget_rival(draft: Draft, name: str, user: int) -> None:
    entries = draft.contested.get(name, {})
    entries.pop(str(user), None)
    if not entries:
        draft.contested.pop(name, None)
