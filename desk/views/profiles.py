"""The page of an organisation for its own people: its facts, kept in one place."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from desk.views.answers import refusals
from desk.views.work import form_page
from grants.accounts import may_keep_account, may_keep_profile
from grants.errors import NotVisible, NotYours
from grants.forms.profile import ProfileForm
from grants.services.reuse import profile_before
from organisations.models import Organisation, OrganisationProfile
from organisations.posted import posted
from organisations.selectors import memberships_of
from organisations.services import record_profile


@refusals
def profile(request: HttpRequest, pk: int) -> HttpResponse:
    """Read by every member; changed by applicants and the legal representative.

    Until it is filled in it offers what the newest application said.
    """
    members = [m for m in memberships_of(request.user) if m.organisation_id == pk]
    if not members:
        raise NotVisible()
    organisation = Organisation.objects.select_related("custodian").get(pk=pk)
    known = (
        OrganisationProfile.objects.filter(organisation=organisation)
        .select_related("updated_by")
        .first()
    )
    may_change = may_keep_profile(request.user, organisation)
    if request.method == "POST" and not may_change:
        raise NotYours()
    form = ProfileForm(posted(request), initial=begin_with(organisation, known))
    if request.method == "POST" and form.is_valid():
        record_profile(organisation, by=request.user, **form.cleaned_data)
        messages.success(request, _("The profile was saved."))
        return redirect("desk:profile", pk=pk)
    return form_page(
        request,
        form,
        template="desk/profile.html",
        heading=_("Profile of %(organisation)s") % {"organisation": organisation},
        organisation=organisation,
        known=known,
        members=members,
        may_change=may_change,
        account_url=reverse("desk:bank-account", args=[pk])
        if may_keep_account(request.user, organisation)
        else "",
        submit=_("Save"),
        back=reverse("desk:home"),
    )


def begin_with(
    organisation: Organisation, known: OrganisationProfile | None
) -> dict[str, Any]:
    """What the fields show at first."""
    if known is None:
        return profile_before(organisation)
    return {name: getattr(known, name) for name in ProfileForm().fields}
