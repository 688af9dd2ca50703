"""Forms of the committee, the bureau meeting, the notice and the award."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.timezone import now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from grants.calendar import today
from grants.forms.base import ActionForm, example_file
from grants.forms.batches import (
    decided_by_round,
    keep,
    kept,
    scored_by_round,
    waiting_by_round,
)
from grants.forms.fields import DocumentField, RowsField
from grants.models import Case, DecisionOutcome
from grants.rules import rules_of
from grants.services.deciding import (
    CONFIRM,
    SEND_BACK,
    notice_errors,
    notice_period,
)
from grants.services.listing import (
    award_error,
    fence_message,
    list_errors,
    pool_message,
    rooms_of,
)


def money(label: Any, *, required: bool = True) -> forms.DecimalField:
    """An amount in CNY."""
    return forms.DecimalField(
        label=label, max_digits=14, decimal_places=2, min_value=0, required=required
    )


class DecisionRowForm(forms.Form):
    """What the list says about one case."""

    case = forms.CharField(label=_("Application number"), max_length=50)
    outcome = forms.ChoiceField(label=_("Outcome"), choices=DecisionOutcome.choices)
    amount = money(_("Award (CNY)"), required=False)
    reason = forms.CharField(label=_("Reason"), max_length=500, required=False)


class DecideListForm(ActionForm):
    """A line for every scored case of the round, best first."""

    lines = RowsField(
        DecisionRowForm, label=_("The committee's list"), max_rows=1000, fixed=True
    )

    @classmethod
    def gather(cls, targets: list[Any], by: Any) -> None:
        keep(targets, scored=scored_by_round(targets), room=rooms_of(targets))

    def prepare(self) -> None:
        self.ranked = kept(self.target, "scored", scored_by_round)
        self.proposed = self.proposal()
        self.initial = {"lines": self.proposed} | (self.initial or {})
        lines = self.fields["lines"]
        room = kept(self.target, "room", rooms_of)
        lines.help_text = _("The pool has %(free)s yuan left.") % {
            "free": f"{room[True]:,.2f}"
        }
        lines.row_labels = {case.code: self.label_of(case) for case in self.ranked}

    @staticmethod
    def label_of(case: Case) -> str:
        """What one needs to see of a case beside its line."""
        asked = gettext("%(score)s points, %(requested)s yuan asked for") % {
            "score": case.application.score,
            "requested": f"{case.requested or 0:,.2f}",
        }
        return f"{case.code} {case.title} · {case.organisation} · {asked}"

    def proposal(self) -> list[dict[str, Any]]:
        """The list that the ranking suggests, as far as the pool reaches.

        What only the ring-fence keeps from others waits with that reason, and
        the community organisations behind it get their awards.
        """
        room = dict(kept(self.target, "room", rooms_of))
        pass_mark = rules_of(self.target).pass_mark
        outcome, lines = DecisionOutcome.AWARD, []
        for case in self.ranked:
            amount = min(case.requested, self.target.cap)
            community = case.organisation.is_community
            if (case.application.score or Decimal(0)) < pass_mark:
                outcome = DecisionOutcome.REJECT
            elif amount > room[True]:
                outcome = DecisionOutcome.WAITLIST
            line = {"case": case.code, "outcome": str(outcome), "reason": ""}
            if outcome == DecisionOutcome.AWARD and amount > room[community]:
                line["outcome"] = str(DecisionOutcome.WAITLIST)
                line["reason"] = gettext(
                    "What is left of the pool is kept for community organisations."
                )
            elif outcome == DecisionOutcome.AWARD:
                room[True] -= amount
                room[False] -= Decimal(0) if community else amount
                room[False] = min(room.values())
                line["amount"] = str(amount)
            lines.append(line)
        return lines

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "lines" in cleaned:
            cases = {case.code: case for case in self.ranked}
            self.add_paths(list_errors(self.target, cases, cleaned["lines"]))
        return cleaned

    def example(self) -> dict[str, Any]:
        return {"lines": self.proposed}


class ConfirmDecisionForm(ActionForm):
    outcome = forms.ChoiceField(
        label=_("Outcome"),
        choices=[(CONFIRM, _("Confirm decision")), (SEND_BACK, _("Send back"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=1000,
        required=False,
        widget=forms.Textarea,
        help_text=_("Needed when the list is sent back."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        sent_back = cleaned.get("outcome") == SEND_BACK
        if sent_back and not cleaned.get("reason", "").strip():
            self.add_error("reason", _("Give the reason."))
        return cleaned

    def example(self) -> dict[str, Any]:
        return {"outcome": CONFIRM, "reason": ""}


class RecordMeetingForm(ActionForm):
    number = forms.CharField(label=_("Number of the minutes"), max_length=60)
    held_on = forms.DateField(label=_("Date of the meeting"))
    scan = DocumentField("minutes", label=_("Scan of the minutes"))

    def example(self) -> dict[str, Any]:
        return {
            "number": f"局长办公会纪要〔{self.target.year}〕1号",
            "held_on": today(now()).isoformat(),
            "scan": example_file("minutes.pdf"),
        }


class PublishNoticeForm(ActionForm):
    starts_on = forms.DateField(
        label=_("First day"),
        required=False,
        help_text=_("Left empty: the next working day."),
    )
    ends_on = forms.DateField(
        label=_("Last day"),
        required=False,
        help_text=_("Left empty: so many working days as the rules ask for."),
    )
    text = forms.CharField(
        label=_("Text of the notice"), max_length=4000, widget=forms.Textarea
    )

    @classmethod
    def gather(cls, targets: list[Any], by: Any) -> None:
        keep(targets, decided=decided_by_round(targets))

    def prepare(self) -> None:
        first, last = notice_period(self.target)
        self.usual = self.wording()
        suggested = {"starts_on": first, "ends_on": last, "text": self.usual}
        self.initial = suggested | (self.initial or {})

    def wording(self) -> str:
        """The usual text (OFFICER §2); an official document is in Chinese."""
        count = kept(self.target, "decided", decided_by_round)
        return (
            "经自主申报、资格预审、专家评审、评审委员会审定，并经局长办公会研究，"
            f"拟对{count}个项目予以资助，现予公示。公示期内如有异议，请反映。"
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors:
            first, last = notice_period(
                self.target, cleaned.get("starts_on"), cleaned.get("ends_on")
            )
            self.add_paths(notice_errors(self.target, first, last))
        return cleaned

    def example(self) -> dict[str, Any]:
        first, last = notice_period(self.target)
        return {
            "starts_on": first.isoformat(),
            "ends_on": last.isoformat(),
            "text": self.usual,
        }


class AwardListForm(ActionForm):
    letter_number = forms.CharField(label=_("Award letter number"), max_length=60)
    letter_date = forms.DateField(label=_("Date of the award letter"))

    def example(self) -> dict[str, Any]:
        return {
            "letter_number": f"立项通知〔{self.target.year}〕1号",
            "letter_date": today(now()).isoformat(),
        }


class OfferPlaceForm(ActionForm):
    case = forms.ChoiceField(label=_("Case"))
    amount = money(_("Award (CNY)"))

    @classmethod
    def gather(cls, targets: list[Any], by: Any) -> None:
        keep(targets, waiting=waiting_by_round(targets), room=rooms_of(targets))

    def prepare(self) -> None:
        ranked = kept(self.target, "waiting", waiting_by_round)
        self.cases = {case.code: case for case in ranked}
        self.fields["case"].choices = [(c.code, str(c)) for c in ranked]
        self.room = kept(self.target, "room", rooms_of)
        self.free = self.room[True]
        self.fields["amount"].help_text = _("The pool has %(free)s yuan left.") % {
            "free": f"{self.free:,.2f}"
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "case" in cleaned and "amount" in cleaned:
            case, amount = self.cases[cleaned["case"]], cleaned["amount"]
            if error := award_error(self.target, case, amount):
                self.add_error("amount", error)
            elif amount > self.free:
                self.add_error("amount", pool_message(amount, self.free))
            elif amount > self.room[case.organisation.is_community]:
                self.add_error("amount", fence_message(self.target, amount))
        return cleaned

    def example(self) -> dict[str, Any]:
        rooms = {
            c: self.room[x.organisation.is_community] for c, x in self.cases.items()
        }
        fitting = [code for code, room in rooms.items() if room > 0]
        for code in fitting or rooms:
            asked = self.cases[code].requested
            amount = min(asked, self.target.cap, rooms[code])
            return {"case": code, "amount": str(amount)}
        return {"case": "", "amount": "0.00"}


class DeclineForm(ActionForm):
    declaration = DocumentField("declaration", label=_("Sealed declaration"))
    reason = forms.CharField(
        label=_("Reason"), max_length=500, required=False, widget=forms.Textarea
    )

    def example(self) -> dict[str, Any]:
        return {"declaration": example_file("declaration.pdf"), "reason": ""}
