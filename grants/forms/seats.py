"""What the operator does about one seat of a case; the target is the Case."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from grants.forms.base import ActionForm
from grants.forms.running import LongTextField
from grants.services.replacing import NOT_LEAVABLE, leavable_seats
from grants.services.rescoring import locked_seats


class SeatForm(ActionForm):
    """A form whose `seat` is the number of one of the case's seats."""

    seat: forms.TypedChoiceField

    def start_from(self, given: Any) -> None:
        """The seat that the address names."""
        if any(given.get("seat") == number for number, _label in self.choices()):
            self.initial["seat"] = given["seat"]

    def choices(self) -> list[tuple[str, str]]:
        return self.fields["seat"].choices

    def first(self) -> str:
        """The number of the first seat, 1 where there is none to choose."""
        return next((number for number, _label in self.choices()), "1")


class ReopenScoreForm(SeatForm):
    seat = forms.TypedChoiceField(label=_("Score of"), coerce=int)
    reason = LongTextField(
        label=_("Reason"),
        help_text=_(
            "The reviewer reads it, and it stays beside the score. What was locked "
            "stays on record; it counts no more."
        ),
    )

    def prepare(self) -> None:
        self.fields["seat"].choices = [
            (str(seat.number), f"{seat.number}. {seat.reviewer} · {seat.review.total}")
            for seat in locked_seats(self.target)
            if seat.review is not None
        ]

    def example(self) -> dict[str, Any]:
        return {
            "seat": self.first(),
            "reason": gettext("The comment on the budget speaks of another project."),
        }


class VacateSeatForm(SeatForm):
    seat = forms.TypedChoiceField(
        label=_("Seat of"),
        coerce=int,
        error_messages={"invalid_choice": NOT_LEAVABLE},
        help_text=_(
            "What this reviewer typed is dropped and the case closes to them; then "
            "you choose who takes the seat."
        ),
    )
    reason = LongTextField(
        label=_("Reason"), help_text=_("It stays on record; applicants never read it.")
    )

    def prepare(self) -> None:
        self.fields["seat"].choices = [
            (str(seat.number), f"{seat.number}. {seat.reviewer} · {seat.standing}")
            for seat in leavable_seats(self.target)
        ]

    def example(self) -> dict[str, Any]:
        return {"seat": self.first(), "reason": gettext("Ill until after the review.")}
