"""A big form one topic a page: the list of topics, what is missing, who is there.

It serves any ActionForm with `paged = True`. Everything is made from the typed
values of the shared draft (grants.services.drafts), bound to the form that
will be handed in, so that a page can say nothing that submitting would not.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from desk.formpage import FormPage, page_of
from grants.actions import ACTIONS
from grants.application_sheet import SheetTable, Topic, answer_of, sheet_of
from grants.forms.base import ActionForm
from grants.forms.typed import is_blank
from grants.models import Draft, DraftEditor
from grants.services.drafts import draft_key, draft_of, other_editors, rivals_of
from organisations.models import User
from workflows.models import WorkItem

DONE, OPEN, WRONG, OPTIONAL, BEGUN = "done", "open", "wrong", "optional", "begun"


@dataclass(frozen=True)
class TopicLine:
    """One topic in the list: how far it is, and where it is filled in."""

    number: int
    label: str
    names: list[str]
    state: str
    url: str

    @property
    def state_label(self) -> str:
        return {
            DONE: _("Done"),
            OPEN: _("Not started"),
            WRONG: _("Has errors"),
            OPTIONAL: _("Optional"),
            BEGUN: _("Incomplete"),
        }[self.state]


@dataclass(frozen=True)
class Finding:
    """Something that is missing, wrong, over a limit or not settled."""

    topic: str
    text: str
    url: str


@dataclass(frozen=True)
class RivalView:
    """Two texts of one field, of which a person chooses one."""

    name: str
    label: str
    user: int
    writer: str
    at: Any
    value: "str | SheetTable"
    stands: "str | SheetTable"
    stands_by: str


class Filling:
    """A paged form as it stands in its draft, for one person."""

    def __init__(self, item: WorkItem, by: User) -> None:
        self.item, self.by = item, by
        self.key = draft_key(item.action, item.target)

    @cached_property
    def draft(self) -> Draft | None:
        return draft_of(self.key)

    @cached_property
    def typed(self) -> dict[str, Any]:
        return dict(self.draft.data) if self.draft else {}

    @cached_property
    def form(self) -> ActionForm:
        item = self.item
        form = ACTIONS[item.action].form(
            data=self.typed, files={}, target=item.target, by=self.by
        )
        form.full_clean()
        return form

    @cached_property
    def errors(self) -> dict[str, list[str]]:
        return self.form.error_paths()

    @property
    def revision(self) -> int:
        return self.draft.revision if self.draft else 0

    # -- topics --------------------------------------------------------------------

    def lines(self) -> list[TopicLine]:
        """Every topic with its state."""
        found = []
        for number, (label, names) in enumerate(self.form.topics, start=1):
            shown = [n for n in names if n in self.form.fields]
            if shown:
                state = self.state_of(shown)
                url = reverse("desk:work-topic", args=[self.item.pk, number])
                found.append(TopicLine(number, str(label), shown, state, url))
        return found

    def line(self, number: int) -> TopicLine | None:
        return next((line for line in self.lines() if line.number == number), None)

    def state_of(self, names: list[str]) -> str:
        """Done, not started, incomplete, with errors, or nothing that is needed."""
        started = any(not is_blank(self.typed.get(n)) for n in names)
        wrong = [n for n in names if n in self.form.errors]
        if not started:
            return OPEN if wrong else OPTIONAL
        if not wrong:
            return DONE
        return BEGUN if all(self.only_missing(n) for n in wrong) else WRONG

    def only_missing(self, name: str) -> bool:
        """Whether a field's one fault is that nothing is in it yet."""
        return is_blank(self.typed.get(name))

    def page(self, line: TopicLine, *, everything: bool) -> FormPage:
        """The fields of a topic; what is merely missing is named only on demand."""
        errors = {
            path: found
            for path, found in self.errors_of(line.names).items()
            if everything or not self.only_missing(path.split(".")[0])
        }
        return page_of(self.form, errors, only=line.names)

    def errors_of(self, names: list[str]) -> dict[str, list[str]]:
        """Errors of some fields, by path."""
        return {p: m for p, m in self.errors.items() if p.split(".")[0] in names}

    # -- before submitting -----------------------------------------------------------

    def findings(self) -> list[Finding]:
        """What hinders submitting, in the order of the form, each with its place."""
        found = []
        rivals = {rival.field for rival in rivals_of(self.draft)}
        for line in self.lines():
            errors = {
                p: m for p, m in self.errors.items() if p.split(".")[0] in line.names
            }
            summary = page_of(self.form, errors, only=line.names).summary
            found += [
                Finding(line.label, text, f"{line.url}?check=1#{anchor}")
                for anchor, text in summary
            ]
            for name in line.names:
                if name in rivals:
                    text = _("%(label)s: there are two texts; choose one.") % {
                        "label": self.form.fields[name].label
                    }
                    found.append(Finding(line.label, text, f"{line.url}#rivals"))
        general = self.errors.get("__all__", [])
        return found + [Finding("", text, "") for text in general]

    def sheet(self) -> list[Topic]:
        """The answers as they will be handed in."""
        return sheet_of(self.form, self.typed)

    def sheet_with_links(self) -> list[dict[str, Any]]:
        lines = {line.number: line for line in self.lines()}
        return [
            {
                "label": topic.label,
                "answers": topic.answers,
                "change": lines[topic.number].url,
            }
            for topic in self.sheet()
        ]

    # -- people ------------------------------------------------------------------------

    def rivals(self, names: list[str] | None = None) -> list[RivalView]:
        """The fields that two people wrote at once, of a topic or of all."""
        found: list[RivalView] = []
        if self.draft is None:
            return found
        stamps = self.draft.stamps
        for rival in rivals_of(self.draft):
            field = self.form.fields.get(rival.field)
            if field is None or (names is not None and rival.field not in names):
                continue
            label, value = answer_of(field, rival.field, rival.value)
            stands = answer_of(field, rival.field, self.typed.get(rival.field))[1]
            found.append(
                RivalView(
                    name=rival.field,
                    label=label,
                    user=rival.user,
                    writer=rival.name,
                    at=datetime.fromisoformat(rival.at),
                    value=value,
                    stands=stands,
                    stands_by=stamps.get(rival.field, {}).get("name", ""),
                )
            )
        return found

    def editors(self) -> list[str]:
        return editor_lines(other_editors(self.key, by=self.by))


def editor_lines(editors: list[DraftEditor]) -> list[str]:
    """Who else has the form open, in words."""
    lines = []
    for editor in editors:
        seconds = max(0, int((now() - editor.seen_at).total_seconds()))
        ago = ngettext(
            "seen %(count)s second ago", "seen %(count)s seconds ago", seconds
        ) % {"count": seconds}
        facts = {"person": str(editor.user), "topic": editor.topic, "ago": ago}
        lines.append(
            (_("%(person)s is editing too (%(topic)s), %(ago)s.") % facts)
            if editor.topic
            else (_("%(person)s is editing too, %(ago)s.") % facts)
        )
    return lines
