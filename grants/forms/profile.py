"""The profile of an organisation: the application's questions about it, and more."""

import copy
from typing import Any

from django import forms
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from grants.calendar import today
from grants.forms.applying import ApplicationForm, optional_number
from grants.services.proposal import PROFILE, number_errors, text_errors


class ProfileForm(forms.Form):
    """Everything may stay empty; what is said keeps the application's rules."""

    legal_representative = forms.CharField(
        label=_("Legal representative"), max_length=60, required=False
    )
    telephone = forms.RegexField(
        r"^\+?[0-9][0-9 \-]{5,28}$",
        label=_("Telephone of the organisation"),
        required=False,
        error_messages={"invalid": _("Enter a telephone number in figures.")},
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )
    email = forms.EmailField(label=_("E-mail of the organisation"), required=False)
    staff = optional_number(_("Full-time staff"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in PROFILE:
            self.fields[name] = copy.deepcopy(ApplicationForm.base_fields[name])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        said = {name: cleaned.get(name) for name in PROFILE}
        errors = text_errors(said) | number_errors(said, today(now()))
        for name, found in errors.items():
            if name not in self.errors:
                self.add_error(name, found)
        return cleaned
