"""Forms of the expert review."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.timezone import now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from grants.calendar import next_working_day, today
from grants.forms.base import ActionForm
from grants.forms.batches import eligible_by_round, keep, kept
from grants.forms.fields import CodesField, RowsField
from grants.models import SeatStatus
from grants.rules import in_language, rules_of
from grants.services.replacing import (
    alternate_place,
    nobody_free,
    replacements_for,
    replacements_of,
)
from grants.services.rescoring import locked_before
from grants.services.reviewing import score_errors
from organisations.models import User


class GroupRowForm(forms.Form):
    """One review group (评审组): its cases are scored by the same experts."""

    name = forms.CharField(label=_("Group"), max_length=40)
    theme = forms.CharField(label=_("Theme"), max_length=80, required=False)
    meets_on = forms.DateField(label=_("Date"))
    starts_at = forms.TimeField(label=_("First defence at"), required=False)
    room = forms.CharField(label=_("Room"), max_length=60, required=False)
    cases = CodesField(
        label=_("Cases"),
        widget=forms.Textarea,
        help_text=_(
            "Application numbers, separated by commas, in the order of defence."
        ),
    )


class OpenReviewForm(ActionForm):
    groups = RowsField(GroupRowForm, label=_("Review groups"), max_rows=50)
    seed = forms.CharField(
        label=_("Seed of the draw"),
        max_length=40,
        required=False,
        help_text=_("Left empty, one is drawn. It stays on record."),
    )

    @classmethod
    def gather(cls, targets: list[Any], by: Any) -> None:
        keep(targets, eligible=eligible_by_round(targets))

    def prepare(self) -> None:
        """One group with every case that waits: the operator parts it, or adds one."""
        cases = kept(self.target, "eligible", eligible_by_round)
        first = [{"name": "第一评审组", "cases": ", ".join(cases)}] if cases else []
        self.initial = {"groups": first} | (self.initial or {})

    def example(self) -> dict[str, Any]:
        day = next_working_day(today(now()) + timedelta(days=2))
        return {
            "groups": [
                {
                    "name": "第一评审组",
                    "theme": "",
                    "meets_on": day.isoformat(),
                    "starts_at": "09:00",
                    "room": "",
                    "cases": kept(self.target, "eligible", eligible_by_round),
                }
            ],
            "seed": "",
        }


class DeclareInterestForm(ActionForm):
    conflict = forms.BooleanField(
        label=_("I have a conflict of interest in this case"), required=False
    )
    declined = forms.BooleanField(
        label=_("I cannot take this seat (leave, lack of time)"),
        required=False,
        help_text=_(
            "Somebody else takes the seat, an alternate first; the case closes to you."
        ),
    )
    reason = forms.CharField(
        label=_("What the conflict is, or why you cannot take the seat"),
        max_length=500,
        required=False,
        widget=forms.Textarea,
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("conflict") and not cleaned.get("reason", "").strip():
            self.add_error("reason", _("Say what the conflict is."))
        elif cleaned.get("declined") and not cleaned.get("reason", "").strip():
            self.add_error("reason", _("Say why you cannot take the seat."))
        return cleaned

    def example(self) -> dict[str, Any]:
        return {"conflict": False, "declined": False, "reason": ""}


class ReplaceReviewerForm(ActionForm):
    reviewer = forms.ChoiceField(
        label=_("Reviewer"),
        help_text=_(
            "The group's alternates first, in their order, then the others by lot."
        ),
    )
    reason = forms.CharField(
        label=_("Why not the first one"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Needed when you pass somebody over; it stays on record."),
    )

    @classmethod
    def gather(cls, targets: list[Any], by: Any) -> None:
        by_programme: dict[int, list[Any]] = {}
        for seat in targets:
            by_programme.setdefault(seat.case.round.programme_id, []).append(seat)
        for seats in by_programme.values():
            found = replacements_of(seats)
            for seat in seats:
                seat.replacements = found[seat.pk]

    def prepare(self) -> None:
        gathered = self.target.__dict__.get("replacements")
        found = replacements_for(self.target) if gathered is None else gathered
        self.people = {u.username: u for u in found}
        self.fields["reviewer"].choices = [
            (username, self.label_of(user)) for username, user in self.people.items()
        ]
        self.fields["reviewer"].initial = next(iter(self.people), None)
        if not self.people:
            reason = nobody_free(self.target)
            self.fields["reviewer"].help_text = reason
            for code in ("required", "invalid_choice"):
                self.fields["reviewer"].error_messages[code] = reason

    def label_of(self, user: User) -> str:
        place = alternate_place(self.target, user)
        if place is None:
            return str(user)
        return gettext("Alternate %(place)s: %(name)s") % {
            "place": place,
            "name": user,
        }

    def clean_reviewer(self) -> User:
        return self.people[self.cleaned_data["reviewer"]]

    def example(self) -> dict[str, Any]:
        return {"reviewer": next(iter(self.people), ""), "reason": ""}


class LockScoreForm(ActionForm):
    """A score and a comment for each criterion of the case's rules."""

    def prepare(self) -> None:
        self.criteria = rules_of(self.target.case).criteria
        for criterion in self.criteria:
            code, word = criterion["code"], in_language(criterion)
            self.fields[f"score_{code}"] = forms.DecimalField(
                label=_("%(criterion)s (0 to %(weight)s)")
                % {"criterion": word, "weight": criterion["weight"]},
                max_digits=5,
                decimal_places=2,
                min_value=0,
                max_value=criterion["weight"],
            )
            self.fields[f"comment_{code}"] = forms.CharField(
                label=_("Comment on: %(criterion)s") % {"criterion": word},
                help_text=_("Needed below 60 per cent of the weight."),
                max_length=1000,
                required=False,
                widget=forms.Textarea,
            )
        self.fields["recommended"] = forms.DecimalField(
            label=_("Recommended amount (CNY)"),
            max_digits=14,
            decimal_places=2,
            min_value=0,
        )
        if self.target.status == SeatStatus.REOPENED:
            self.initial = locked_before(self.target) | (self.initial or {})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        errors = score_errors(self.target, cleaned)
        self.add_paths({n: m for n, m in errors.items() if n not in self.errors})
        return cleaned

    def example(self) -> dict[str, Any]:
        body: dict[str, Any] = {}
        for criterion in self.criteria:
            score = Decimal(criterion["weight"]) * Decimal("0.85")
            body[f"score_{criterion['code']}"] = f"{score:.2f}"
            body[f"comment_{criterion['code']}"] = "符合要求。"
        return body | {"recommended": str(self.target.case.requested)}
