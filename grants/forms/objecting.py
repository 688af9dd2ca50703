"""Forms of objections: the public's, the officer's, the committee's."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from grants.forms.base import ActionForm, example_file
from grants.forms.fields import FilesField
from grants.services.objecting import (
    ACCEPT,
    DISMISS,
    REFUSE,
    UPHOLD,
    objection_errors,
)

#: Of what a visitor may send; the field's help names both.
MOST_FILES = 5
MOST_BYTES = 5 * 1024 * 1024


class ObjectForm(ActionForm):
    """For anybody; who gives a name gets an answer."""

    text = forms.CharField(
        label=_("What you object to, and why"),
        max_length=4000,
        widget=forms.Textarea,
    )
    anonymous = forms.BooleanField(
        label=_("I object anonymously"),
        required=False,
        help_text=_("Anonymous objections are kept as leads and not answered."),
    )
    name = forms.CharField(label=_("Name"), max_length=60, required=False)
    contact = forms.CharField(
        label=_("Telephone or e-mail"), max_length=120, required=False
    )

    files = FilesField(
        "objection",
        folder="objection",
        max_files=MOST_FILES,
        max_bytes=MOST_BYTES,
        label=_("Files"),
        required=False,
        help_text=_(
            "What supports your objection: up to 5 files of 5 MB each. The applicant "
            "does not see them; a file may still name you in its content."
        ),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        errors = objection_errors(
            cleaned.get("text", ""),
            cleaned.get("anonymous", False),
            cleaned.get("name", ""),
            cleaned.get("contact", ""),
        )
        self.add_paths({n: m for n, m in errors.items() if n not in self.errors})
        return cleaned

    def example(self) -> dict[str, Any]:
        return {
            "text": "该项目与往年已获资助的项目内容相同，请核查。",
            "anonymous": False,
            "name": "某居民",
            "contact": "0571-00000000",
            "files": [example_file("evidence.pdf")],
        }


class AcceptObjectionForm(ActionForm):
    outcome = forms.ChoiceField(
        label=_("Outcome"),
        choices=[(ACCEPT, _("Accept objection")), (REFUSE, _("Do not accept"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=1000,
        required=False,
        widget=forms.Textarea,
        help_text=_("Needed when the objection is not accepted."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        refused = cleaned.get("outcome") == REFUSE
        if refused and not cleaned.get("reason", "").strip():
            self.add_error("reason", _("Give the reason."))
        return cleaned

    def example(self) -> dict[str, Any]:
        return {"outcome": ACCEPT, "reason": "予以受理。"}


class RuleOnObjectionForm(ActionForm):
    outcome = forms.ChoiceField(
        label=_("Outcome"),
        choices=[(DISMISS, _("Dismiss objection")), (UPHOLD, _("Uphold objection"))],
        widget=forms.RadioSelect,
    )
    findings = forms.CharField(
        label=_("Findings"), max_length=4000, widget=forms.Textarea
    )

    def example(self) -> dict[str, Any]:
        return {"outcome": DISMISS, "findings": "经核查，异议不成立。"}
