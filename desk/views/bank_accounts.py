"""The bank account of an organisation, entered by its own people."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desk.views.answers import refusals
from desk.views.work import form_page
from grants.accounts import may_keep_account
from grants.errors import NotVisible
from organisations.models import Organisation
from organisations.posted import posted
from organisations.services import record_account

SHORTEST, LONGEST = 8, 32


class BankAccountForm(forms.Form):
    """The branch and the account's figures; spaces and hyphens may be typed."""

    bank = forms.CharField(
        label=gettext_lazy("Bank and branch"),
        max_length=80,
        help_text=gettext_lazy("As it stands on the licence of the account."),
    )
    bank_account = forms.CharField(
        label=gettext_lazy("Account number"),
        max_length=40,
        help_text=gettext_lazy(
            "In full only for your organisation, for finance officers and for those "
            "who sign the agreement or approve the payment."
        ),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def clean_bank_account(self) -> str:
        given = self.cleaned_data["bank_account"].replace(" ", "").replace("-", "")
        if not (given.isascii() and given.isdecimal()):
            raise forms.ValidationError(_("An account number has figures only."))
        if not SHORTEST <= len(given) <= LONGEST:
            raise forms.ValidationError(
                _("An account number has %(shortest)s to %(longest)s figures.")
                % {"shortest": SHORTEST, "longest": LONGEST}
            )
        return given


@refusals
def bank_account(request: HttpRequest, pk: int) -> HttpResponse:
    """For the legal representative and the finance contact of the organisation."""
    organisation = Organisation.objects.filter(pk=pk).first()
    if organisation is None or not may_keep_account(request.user, organisation):
        raise NotVisible()
    now = {"bank": organisation.bank, "bank_account": organisation.bank_account}
    form = BankAccountForm(posted(request), initial=now)
    if request.method == "POST" and form.is_valid():
        record_account(organisation, by=request.user, **form.cleaned_data)
        messages.success(request, _("The bank account was entered."))
        return redirect("desk:home")
    return form_page(
        request,
        form,
        heading=_("Bank account of %(organisation)s") % {"organisation": organisation},
        submit=_("Save"),
        back=reverse("desk:home"),
        intro=_(
            "The funding agreement, the approval form and the payment list name this "
            "account. Payments asked for before keep the one they were asked with."
        ),
    )
