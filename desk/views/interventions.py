"""Interventions in cases: the form for the staff, the list for the inspector."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from desk.views.answers import refusals
from desk.views.work import form_page, visible_case
from grants.errors import Invalid, NotVisible, NotYours
from grants.forms.running import DayField, LongTextField, OutcomeField
from grants.models import InterventionWay
from grants.services.intervening import (
    interventions_for,
    may_record_intervention,
    note_reading,
    reads_interventions,
    record_intervention,
)
from organisations.paging import page_by_key
from organisations.posted import posted

PAGE = 20


class InterventionForm(forms.Form):
    who = forms.CharField(
        label=gettext_lazy("Who interfered"),
        max_length=200,
        help_text=gettext_lazy("Name, unit and office, as far as you know them."),
    )
    happened_on = DayField(label=gettext_lazy("When it was"))
    way = OutcomeField(InterventionWay, label=gettext_lazy("How"))
    asked = LongTextField(label=gettext_lazy("What was asked for"))
    done = LongTextField(label=gettext_lazy("What I did"))


@refusals
def intervention_new(request: HttpRequest, code: str) -> HttpResponse:
    """Put an intervention on record; it is not shown again, not even to oneself."""
    case = visible_case(request, code)
    if not may_record_intervention(request.user, case):
        raise NotYours()
    back = reverse("desk:case-detail", args=[code])
    form = InterventionForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            record_intervention(case, by=request.user, **form.cleaned_data)
        except Invalid as error:
            for name, found in error.errors.items():
                form.add_error(name, found)
        else:
            messages.success(request, _("It is on record for the inspector."))
            return redirect(back)
    return form_page(
        request,
        form,
        heading=_("Record an intervention"),
        intro=_(
            "Only the discipline inspector reads this. It cannot be changed "
            "afterwards, and the record of the case does not show it."
        ),
        submit=_("Put on record"),
        back=back,
    )


@require_safe
@refusals
def intervention_list(request: HttpRequest) -> HttpResponse:
    """What was recorded, for the inspector; the reading is an event."""
    if not reads_interventions(request.user):
        raise NotVisible()
    rows = interventions_for(request.user)
    rows = rows.select_related("case__organisation", "recorded_by")
    found, after = page_by_key(request, rows, PAGE)
    note_reading(request.user, found)
    context = {"interventions": found, "next": after}
    return render(request, "desk/intervention_list.html", context)
