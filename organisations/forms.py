"""Forms of the administrator's pages."""

from typing import Any

from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from organisations.attempts import wrong_code
from organisations.models import LegalForm, MembershipRole, Organisation, User


class PersonForm(forms.Form):
    """A new account."""

    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        validators=[User.username_validator],
        help_text=_("Letters, digits and @ . + - _ only; it cannot change later."),
    )
    name = forms.CharField(label=_("Name"), max_length=60)
    unit = forms.CharField(label=_("Unit"), max_length=80, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    phone = forms.CharField(label=_("Telephone"), max_length=30, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    password = forms.CharField(
        label=_("First password"),
        widget=forms.PasswordInput,
        help_text=_("At least eight characters; the person changes it."),
    )

    def clean_username(self) -> str:
        username = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=username).exists():
            raise forms.ValidationError(_("This user name is taken."))
        return username

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        validate_password(password)
        return password


class OrganisationForm(forms.ModelForm):
    """A new organisation; a filed one has no credit code and a custodian."""

    class Meta:
        model = Organisation
        fields = ["name", "legal_form", "credit_code", "custodian", "is_community"]
        labels = {
            "name": pgettext_lazy("organisation", "Name"),
            "legal_form": _("Legal form"),
            "credit_code": _("Credit code"),
            "custodian": _("Financial custodian"),
            "is_community": _("Community organisation"),
        }

    def clean_credit_code(self) -> str:
        return self.cleaned_data["credit_code"].strip().upper()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        filed = cleaned.get("legal_form") == LegalForm.FILED
        if cleaned.get("legal_form") and "credit_code" not in self.errors:
            if filed and cleaned.get("credit_code"):
                self.add_error("credit_code", _("A filed organisation has none."))
            if not filed and not cleaned.get("credit_code"):
                self.add_error("credit_code", _("Enter the credit code."))
        return cleaned


class MemberForm(forms.Form):
    """Give a person, named by the user name, a role in the organisation."""

    username = forms.CharField(label=_("User name"), max_length=150)
    role = forms.ChoiceField(label=_("Role"), choices=MembershipRole.choices)

    def clean_username(self) -> User:
        user = User.objects.filter(
            username=self.cleaned_data["username"], is_active=True
        ).first()
        if user is None:
            raise forms.ValidationError(_("There is no active person of this name."))
        return user


class OurWords:
    """The one field of allauth's forms, named as the pages name it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Code of the app")  # type: ignore[attr-defined]


class OnRecord:
    """A wrong code is on record, and that too many were tried."""

    user: User

    def clean_code(self) -> str:
        try:
            return super().clean_code()  # type: ignore[misc]
        except forms.ValidationError as error:
            wrong_code(context.request, self.user, code=str(error.code))
            raise


class SetUpForm(OurWords, ActivateTOTPForm):
    """The first code of an authenticator app."""


class SecondFactorForm(OnRecord, OurWords, AuthenticateForm):
    """The code that completes a sign-in; a recovery code will do."""


class SecondFactorAgainForm(OnRecord, OurWords, ReauthenticateForm):
    """The code that is asked for again."""
