"""Organisations that may not apply for some years, and lifting that early."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from desk.views.answers import refusals
from desk.views.work import form_page
from grants.errors import Invalid, NotVisible, NotYours
from grants.models import ExclusionLift, LiftStatus, Termination
from grants.permissions import programmes_with
from grants.selectors import cases_visible_to
from grants.services.lifting import (
    decide_lift,
    exclusions_in,
    may_decide,
    may_propose,
    propose_lift,
)
from organisations.models import User
from organisations.paging import page_by_position
from organisations.posted import posted
from organisations.second_factor import ask_again, gave_lately

PAGE = 50
LIFT, STAND = "LIFT", "STAND"
SECOND_FACTOR = gettext_lazy(
    "Your second factor is asked for again: open this page in another tab, give the "
    "code there, then send this form once more."
)


class ProposeForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("It stays on record with the decision."),
    )


class DecideForm(forms.Form):
    outcome = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        choices=[
            (LIFT, gettext_lazy("Lift the exclusion")),
            (STAND, gettext_lazy("Let the exclusion stand")),
        ],
        widget=forms.RadioSelect,
    )
    remarks = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Needed where the exclusion stands."),
    )


def visible_exclusions(request: HttpRequest) -> Any:
    """Exclusions in force of the programmes whose cases this person reads."""
    programmes = programmes_with(request.user, "view_cases")
    if not programmes:
        raise NotVisible()
    return exclusions_in(programmes).filter(case__in=cases_visible_to(request.user))


@require_safe
@refusals
def exclusion_list(request: HttpRequest) -> HttpResponse:
    """Who is excluded until when and why, and what is proposed."""
    found = visible_exclusions(request).prefetch_related("lifts__proposed_by")
    rows, steps = page_by_position(request, found, PAGE)
    for each in rows:
        each.may_act = may_act(request.user, each, waiting_of(each))
    return render(request, "desk/exclusion_list.html", {"exclusions": rows} | steps)


def waiting_of(termination: Termination) -> ExclusionLift | None:
    """The proposal that waits; of prefetched ones where there are many."""
    lifts = termination.lifts.all()
    return next((each for each in lifts if each.status == LiftStatus.PROPOSED), None)


def may_act(user: User, termination: Termination, lift: ExclusionLift | None) -> bool:
    """Whether it is this person's turn: to propose, or to decide."""
    if lift is None:
        return may_propose(user, termination.case)
    return may_decide(user, termination.case, lift)


@refusals
def exclusion(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose to lift one exclusion, or decide on the proposal."""
    termination = visible_exclusions(request).filter(pk=pk).first()
    if termination is None:
        raise NotVisible()
    lift, case = waiting_of(termination), termination.case
    if not may_act(request.user, termination, lift):
        raise NotYours()
    form = (ProposeForm if lift is None else DecideForm)(posted(request))
    if lift is not None and not gave_lately(request):
        if request.method != "POST":
            return ask_again(request, request.path)
        form.add_error(None, SECOND_FACTOR)  # what was typed stays
    if request.method == "POST" and form.is_valid():
        try:
            said = act(termination, form, request)
        except Invalid as error:
            for name, found in error.errors.items():
                form.add_error(name, found)
        else:
            messages.success(request, said)
            return redirect("desk:exclusion-list")
    return form_page(
        request,
        form,
        heading=_("Exclusion of %(name)s") % {"name": case.organisation},
        intro=intro_of(termination, lift),
        submit=_("Propose to lift it") if lift is None else _("Decide"),
        back=reverse("desk:exclusion-list"),
    )


def act(termination: Termination, form: forms.Form, request: HttpRequest) -> str:
    """What the form says, done; the words that tell of it."""
    given = form.cleaned_data
    if isinstance(form, ProposeForm):
        propose_lift(termination, by=request.user, reason=given["reason"])
        return _("The head of division decides on it now.")
    confirm = given["outcome"] == LIFT
    decide_lift(termination, by=request.user, confirm=confirm, remarks=given["remarks"])
    return _("The exclusion was lifted.") if confirm else _("The exclusion stands.")


def intro_of(termination: Termination, lift: Any) -> str:
    """Until when and why; who proposes to lift it, and why."""
    until = _("Excluded until %(day)s after %(case)s: %(ground)s.") % {
        "day": termination.excluded_until.isoformat(),
        "case": termination.case.code,
        "ground": termination.get_ground_display(),
    }
    if lift is None:
        return until
    proposed = _("%(name)s proposes to lift it: %(reason)s") % {
        "name": lift.proposed_by,
        "reason": lift.reason,
    }
    return f"{until} {proposed}"
