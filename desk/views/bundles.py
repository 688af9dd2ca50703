"""The documents of a case as one zip: asked for here, found among "My files"."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desk.bundle_plan import Asked
from desk.case_bundles import ask_bundle
from desk.requirements import stages_shown
from desk.views.answers import refusals
from desk.views.work import form_page, visible_case
from grants.errors import Invalid
from organisations.posted import posted


class BundleForm(forms.Form):
    stage = forms.ChoiceField(
        label=gettext_lazy("Which documents"), required=False, widget=forms.Select
    )
    earlier = forms.BooleanField(
        label=gettext_lazy("Earlier versions, too"), required=False
    )


@refusals
def case_bundle(request: HttpRequest, code: str) -> HttpResponse:
    """Choose the case or a stage; the zip is made in the background."""
    case = visible_case(request, code)
    form = BundleForm(posted(request))
    form.fields["stage"].choices = [
        ("", _("All of the case")),
        *((s.value, s.label) for s in stages_shown(request.user, case)),
    ]
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            ask_bundle(request.user, Asked(code, given["stage"], given["earlier"]))
        except Invalid as error:
            for name, found in error.errors.items():
                form.add_error(name, found)
        else:
            messages.success(request, _("The file is being made; it will stand here."))
            return redirect("desk:export-list")
    return form_page(
        request,
        form,
        heading=_("Documents as one zip"),
        intro=_(
            "What you may open yourself, by stage, with a manifest: name, version, "
            "size, SHA-256, who filed it in which role and when, and which paper it "
            "is. Files that wait for the virus scan are left out, and the manifest "
            "says so. Only you can fetch the zip; it is removed after 20 hours. "
            "Making and fetching it are on record."
        ),
        submit=_("Make the zip"),
        back=reverse("desk:case-tab", args=[code, "documents"]),
    )
