"""The form that reopens a locked score; the target is a Case."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from grants.forms.base import ActionForm
from grants.forms.running import LongTextField
from grants.services.rescoring import locked_seats


class ReopenScoreForm(ActionForm):
    seat = forms.TypedChoiceField(label=_("Score of"), coerce=int)
    reason = LongTextField(
        label=_("Reason"),
        help_text=_(
            "The reviewer reads it, and it stays beside the score. What was locked "
            "stays on record; it counts no more."
        ),
    )

    def prepare(self) -> None:
        self.seats = locked_seats(self.target)
        self.fields["seat"].choices = [
            (str(seat.number), f"{seat.number}. {seat.reviewer} · {seat.review.total}")
            for seat in self.seats
            if seat.review is not None
        ]

    def start_from(self, given: Any) -> None:
        """The seat that the address names."""
        if any(given.get("seat") == number for number, _label in self.choices()):
            self.initial["seat"] = given["seat"]

    def choices(self) -> list[tuple[str, str]]:
        return self.fields["seat"].choices

    def example(self) -> dict[str, Any]:
        numbers = [number for number, _label in self.choices()]
        return {
            "seat": next(iter(numbers), "1"),
            "reason": gettext("The comment on the budget speaks of another project."),
        }
