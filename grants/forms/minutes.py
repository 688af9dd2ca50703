"""The form of a group's minutes; the target is the Round."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from grants.forms.base import ActionForm
from grants.forms.fields import DocumentField, RowsField
from grants.forms.running import LongTextField
from grants.models import Panel, Seat
from grants.services.minutes import cases_of


class NoteRowForm(forms.Form):
    """One defence: what was asked, what was answered."""

    case = forms.CharField(label=_("Application"), max_length=50)
    questions = forms.CharField(
        label=_("Questions"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    answers = forms.CharField(
        label=_("Answers"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class RecordMinutesForm(ActionForm):
    group = forms.IntegerField(
        label=_("Review group"), min_value=1, widget=forms.HiddenInput
    )
    present = LongTextField(
        label=_("Who was present"),
        help_text=_("Experts, operator, supervisor of the session; absent ones, too."),
    )
    notes = RowsField(
        NoteRowForm, label=_("Defences"), min_rows=0, max_rows=500, fixed=True
    )
    conclusion = LongTextField(label=_("Conclusion"))
    scan = DocumentField(
        "defence_minutes",
        camera=True,
        label=_("Signed scan"),
        required=False,
        help_text=_("The printed minutes with the signatures; it may come later."),
    )

    def prepare(self) -> None:
        seats = Seat.objects.filter(panel__round=self.target).order_by("pk")
        named = seats.values_list("case__code", "case__title").distinct()
        self.fields["notes"].row_labels = {c: f"{c} {title}" for c, title in named}

    def start_from(self, given: Any) -> None:
        """What is put down already of the group that the address names."""
        pk = given.get("group", "")
        if not (pk.isdecimal() and len(pk) < 16):
            return
        panels = self.target.panels.select_related("minutes")
        panel = panels.filter(pk=int(pk)).first()
        if panel is not None:
            self.initial = self.written(panel)

    def written(self, panel: Panel) -> dict[str, Any]:
        minutes = getattr(panel, "minutes", None)
        notes = {note.case_id: note for note in panel.defence_notes.all()}
        rows = [
            {
                "case": case.code,
                "questions": notes[case.pk].questions if case.pk in notes else "",
                "answers": notes[case.pk].answers if case.pk in notes else "",
            }
            for case in cases_of(panel)
        ]
        return {
            "group": panel.pk,
            "present": minutes.present if minutes else experts_of(panel),
            "notes": rows,
            "conclusion": minutes.conclusion if minutes else "",
        }

    def example(self) -> dict[str, Any]:
        panel = self.target.panels.order_by("pk").first()
        if panel is None:
            return {"group": 1, "present": "", "notes": [], "conclusion": ""}
        return self.written(panel) | {
            "conclusion": gettext("All defences were held as scheduled.")
        }


def experts_of(panel: Panel) -> str:
    """Who sits in the group now, to begin the list of those present with."""
    seats = panel.seats.select_related("reviewer").order_by("number", "pk")
    return "、".join(dict.fromkeys(str(seat.reviewer) for seat in seats))
