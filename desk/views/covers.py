"""Leave cover: who stands in for me, and for whom I stand in."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from desk.views.answers import refusals
from desk.views.work import form_page
from grants.errors import ActionError, Invalid, NotVisible
from grants.models import Cover, Programme
from grants.permissions import roles_of
from grants.services.covering import covered_roles, end_cover, make_cover
from organisations.models import User


class CoverForm(forms.Form):
    """Who stands in, in which programme, from when to when."""

    programme = forms.ChoiceField(label=gettext_lazy("Programme"))
    stand_in = forms.ChoiceField(label=gettext_lazy("Stand-in"))
    starts_on = forms.DateField(label=gettext_lazy("First day"))
    ends_on = forms.DateField(label=gettext_lazy("Last day"))
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=200, required=False
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = {programme for programme, _role in roles_of(by)}
        self.programmes = {
            str(p.pk): p
            for p in Programme.objects.filter(pk__in=held)
            if covered_roles(p, by)
        }
        colleagues = (
            get_user_model()
            .objects.filter(
                is_active=True,
                groups__role_group__programme__in=list(self.programmes),
            )
            .exclude(pk=by.pk)
            .order_by("unit", "name", "username")
            .distinct()
        )
        self.people = {str(p.pk): p for p in colleagues}
        self.fields["programme"].choices = [
            (key, p.name) for key, p in self.programmes.items()
        ]
        self.fields["stand_in"].choices = [
            (key, f"{p} · {p.unit}" if p.unit else str(p))
            for key, p in self.people.items()
        ]
        self.fields["starts_on"].initial = localdate()

    def clean_programme(self) -> Programme:
        return self.programmes[self.cleaned_data["programme"]]

    def clean_stand_in(self) -> User:
        return self.people[self.cleaned_data["stand_in"]]


@require_safe
@refusals
def cover_list(request: HttpRequest) -> HttpResponse:
    """My covers, both ways; an administrator sees everybody's."""
    user = request.user
    covers = Cover.objects.select_related("programme", "absent", "stand_in", "made_by")
    if not user.is_administrator:
        covers = covers.filter(Q(absent=user) | Q(stand_in=user))
    today = localdate()
    found = list(covers[:200])
    for cover in found:
        cover.is_over = cover.ended_at is not None or cover.ends_on < today
        cover.may_end = not cover.is_over and (
            cover.absent_id == user.pk or user.is_administrator
        )
    context = {"covers": found, "may_make": bool(roles_of(user))}
    return render(request, "desk/cover_list.html", context)


@refusals
def cover_new(request: HttpRequest) -> HttpResponse:
    """Name who stands in for me."""
    if not roles_of(request.user):
        raise NotVisible()
    sent = request.POST if request.method == "POST" else None
    form = CoverForm(sent, by=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            make_cover(absent=request.user, by=request.user, **form.cleaned_data)
        except Invalid as problem:
            for name, errors in problem.errors.items():
                form.add_error(name if name in form.fields else None, errors)
        else:
            messages.success(request, _("Your stand-in was told."))
            return redirect("desk:cover-list")
    return form_page(
        request,
        form,
        heading=_("Leave cover"),
        intro=_(
            "Your stand-in gets your tasks for these days, and the record names "
            "both of you. A reviewer's seat is personal and is not handed on."
        ),
        submit=_("Let this person stand in"),
        back=reverse("desk:cover-list"),
    )


@require_POST
@refusals
def cover_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Back early: the cover ends now."""
    covers = Cover.objects.select_related("programme", "absent", "stand_in")
    if not request.user.is_administrator:
        covers = covers.filter(absent=request.user)
    cover = covers.filter(pk=pk).first()
    if cover is None:
        raise NotVisible()
    try:
        end_cover(cover, by=request.user)
    except ActionError as problem:
        messages.warning(request, str(problem))
    else:
        messages.success(request, _("The cover has ended."))
    return redirect("desk:cover-list")
