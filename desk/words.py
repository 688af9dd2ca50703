"""The words of a message: a programme's own text, else the default one.

Default texts are templates/messages/<kind>.txt (the first line is the subject,
the rest the body). A programme's own text is plain text with placeholders in
braces; each is filled in once, so that no value is read as a placeholder, and
pages escape the whole like everything else.
"""

import re
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from desk.kinds import KINDS, example_of
from desk.models import MessageText
from desk.wording import action_label
from grants.models import ChangeStatus, LiftStatus, StageKind, StageStatus, Status
from outbox.models import Message

PLACE = re.compile(r"\{([^{}]*)\}")
#: Stands for {count} where a default text is turned into one with placeholders.
NUMBER = 98765


def gather_texts(messages: list[Message]) -> None:
    """Keep on each message what its programme wrote; one query for all."""
    programmes = {
        pk for m in messages if isinstance(pk := m.params.get("programme"), int)
    }
    own: dict[tuple[int, str], dict[str, MessageText]] = {}
    if programmes:
        kinds = {message.template for message in messages}
        for text in MessageText.objects.filter(
            programme__in=programmes, kind__in=kinds
        ):
            own.setdefault((text.programme_id, text.kind), {})[text.language] = text
    for message in messages:
        key = message.params.get("programme"), message.template
        message.own_texts = own.get(key, {})


def words_of(message: Message, language: str) -> tuple[str, str]:
    """Subject and body of a message; the language is active already."""
    if not hasattr(message, "own_texts"):
        gather_texts([message])
    english = language.startswith("en")
    own = message.own_texts.get("en" if english else "zh-hans")
    context = context_of(message.params, language)
    if own is None:
        return split(render_to_string(f"messages/{message.template}.txt", context))
    values = values_of(context) | {"recipient": str(message.recipient)}
    return fill(own.subject, values), fill(own.body, values)


def split(text: str) -> tuple[str, str]:
    subject, _newline, body = text.strip().partition("\n")
    return subject.strip(), body.strip()


def context_of(given: dict[str, Any], language: str) -> dict[str, Any]:
    """A letter's parameters with codes turned into words of the language."""
    params = dict(given)
    english = language.startswith("en")
    params["title"] = params.get("title_en" if english else "title_zh") or params.get(
        "title", ""
    )
    params["action_label"] = action_label(params.get("action", ""))
    if params.get("status") in Status.values:
        params["status_label"] = Status(params["status"]).label
    if params.get("lines"):
        lines = [
            line | {"action_label": action_label(line["action"])}
            for line in params["lines"]
        ]
        text = render_to_string("messages/_lines.txt", {"lines": lines})
        params["lines"] = text.strip()
    for outcomes in (ChangeStatus, LiftStatus):
        if params.get("outcome") in outcomes.values:
            params["outcome_label"] = outcomes(params["outcome"]).label
    if "stage" in params:
        params["stage_label"] = StageKind(params["stage"]).label
        params["stage_status_label"] = StageStatus(params["stage_status"]).label
    return params


def values_of(context: dict[str, Any]) -> dict[str, str]:
    """What each placeholder stands for; "–" for what this message lacks."""
    labelled = {"action", "status", "outcome", "stage", "stage_status"}
    out = {}
    for name in {name for kind in KINDS.values() for name in kind.placeholders}:
        value = context.get(f"{name}_label" if name in labelled else name)
        out[name] = "–" if value in (None, "") else str(value)
    return out


def fill(text: str, values: dict[str, str]) -> str:
    """Put the values in; a placeholder that there is no longer stays as it is."""
    return PLACE.sub(lambda m: values.get(m[1].strip(), m[0]), text)


def problems_of(text: str, kind: str) -> list[str]:
    """What is wrong with the placeholders of a text, in the reader's language."""
    known = KINDS[kind].placeholders
    used = dict.fromkeys(name.strip() for name in PLACE.findall(text))
    found = [
        _("There is no placeholder {%(name)s} in this message.") % {"name": name}
        for name in used
        if name not in known
    ]
    if "{" in (rest := PLACE.sub("", text)) or "}" in rest:
        found.append(_("A brace has no partner: placeholders stand in { and }."))
    return found


def default_text(kind: str, language: str) -> tuple[str, str]:
    """The default text of a kind in a language, with placeholders."""
    names = KINDS[kind].placeholders
    context: dict[str, Any] = {name: f"{{{name}}}" for name in names}
    context |= {f"{name}_label": f"{{{name}}}" for name in names}
    context["count"] = NUMBER
    with translation.override(language):
        text = render_to_string(f"messages/{kind}.txt", context)
    return split(text.replace(str(NUMBER), "{count}"))


def preview(kind: str, language: str, subject: str, body: str) -> tuple[str, str]:
    """A text filled in with a made-up letter, in its own language."""
    with translation.override(language):
        context = context_of(example_of(kind), language)
        values = values_of(context) | {"recipient": "张敏"}
        return fill(subject, values), fill(body, values)
