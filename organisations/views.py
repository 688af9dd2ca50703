"""People, organisations and memberships: the administrator's pages.

The administrator sees no case here or anywhere else.
"""

import functools
from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from organisations.forms import MemberForm, OrganisationForm, PersonForm
from organisations.models import ApiToken, Membership, Organisation, User
from organisations.paging import page_by_key
from organisations.posted import posted
from organisations.second_factor import has_second_factor, reset_second_factor
from organisations.selectors import tokens_of
from organisations.services import (
    add_member,
    admit_organisation,
    create_organisation,
    create_person,
    deactivate_user,
    end_membership,
    revoke_token,
)

PAGE = 40


def administrators_only(view: Callable[..., HttpResponse]) -> Callable:
    """403 for everybody else."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not request.user.is_administrator:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


@require_safe
@administrators_only
def person_list(request: HttpRequest) -> HttpResponse:
    """People, found by name, user name or unit."""
    text = request.GET.get("q", "").strip()
    people = User.objects.all()
    if text:
        people = people.filter(
            Q(username__icontains=text)
            | Q(name__icontains=text)
            | Q(unit__icontains=text)
        )
    rows, after = page_by_key(request, people, PAGE)
    context = {"people": rows, "next": after, "q": text}
    return render(request, "organisations/person_list.html", context)


@administrators_only
def person_new(request: HttpRequest) -> HttpResponse:
    """Open an account with a first password."""
    form = PersonForm(posted(request))
    if request.method == "POST" and form.is_valid():
        person = create_person(by=request.user, **form.cleaned_data)
        messages.success(request, _("The account was opened."))
        return redirect("organisations:person-detail", pk=person.pk)
    context = {"form": form, "heading": _("New person"), "submit": _("Open account")}
    return form_response(request, context)


@require_safe
@administrators_only
def person_detail(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    memberships = person.memberships.select_related("organisation").order_by("-pk")
    roles = person.groups.order_by("name").values_list("name", flat=True)
    context = {
        "person": person,
        "memberships": memberships,
        "roles": roles,
        "has_second_factor": has_second_factor(person),
        "tokens": tokens_of(person),
    }
    return render(request, "organisations/person_detail.html", context)


@require_POST
@administrators_only
def person_deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """Close an account; its history stays."""
    person = get_object_or_404(User, pk=pk)
    if person.pk == request.user.pk:
        messages.error(request, _("You cannot close your own account."))
    else:
        deactivate_user(person, by=request.user)
        messages.success(request, _("The account is closed."))
    return redirect("organisations:person-detail", pk=pk)


@require_POST
@administrators_only
def person_reset_factor(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody lost phone and recovery codes: they set up a new second factor."""
    person = get_object_or_404(User, pk=pk)
    if person.pk == request.user.pk:
        messages.error(request, _("Another administrator resets your own."))
    elif reset_second_factor(person, by=request.user):
        messages.success(request, _("The second factor is reset."))
    else:
        messages.info(request, _("There is no second factor to reset."))
    return redirect("organisations:person-detail", pk=pk)


@require_POST
@administrators_only
def person_token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """A program of this person's comes in no more."""
    token = get_object_or_404(ApiToken, pk=pk)
    revoke_token(token, by=request.user)
    messages.success(request, _("The access key is revoked."))
    return redirect("organisations:person-detail", pk=token.user_id)


@require_safe
@administrators_only
def organisation_list(request: HttpRequest) -> HttpResponse:
    """Organisations, found by name or credit code."""
    text = request.GET.get("q", "").strip()
    organisations = Organisation.objects.all()
    if text:
        organisations = organisations.filter(
            Q(name__icontains=text) | Q(credit_code__istartswith=text)
        )
    rows, after = page_by_key(request, organisations, PAGE)
    context = {"organisations": rows, "next": after, "q": text}
    return render(request, "organisations/organisation_list.html", context)


@administrators_only
def organisation_new(request: HttpRequest) -> HttpResponse:
    form = OrganisationForm(posted(request))
    if request.method == "POST" and form.is_valid():
        made = create_organisation(by=request.user, **form.cleaned_data)
        messages.success(request, _("The organisation was registered."))
        return redirect("organisations:organisation-detail", pk=made.pk)
    context = {
        "form": form,
        "heading": _("New organisation"),
        "submit": _("Register"),
    }
    return form_response(request, context)


@administrators_only
def organisation_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """An organisation with its members; add another one."""
    organisation = get_object_or_404(
        Organisation.objects.select_related("custodian"), pk=pk
    )
    form = MemberForm(posted(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        add_member(
            organisation, user=given["username"], role=given["role"], by=request.user
        )
        messages.success(request, _("The member was added."))
        return redirect("organisations:organisation-detail", pk=pk)
    members = organisation.memberships.select_related("user").order_by(
        "-ended_at", "pk"
    )
    context = {"organisation": organisation, "members": members, "form": form}
    return form_response(
        request, context, template="organisations/organisation_detail.html"
    )


@require_POST
@administrators_only
def organisation_admit(request: HttpRequest, pk: int) -> HttpResponse:
    """Let an organisation apply."""
    organisation = get_object_or_404(Organisation, pk=pk)
    admit_organisation(organisation, by=request.user)
    messages.success(request, _("The organisation is admitted."))
    return redirect("organisations:organisation-detail", pk=pk)


@require_POST
@administrators_only
def membership_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a membership: access goes, open tasks are released at once."""
    membership = get_object_or_404(
        Membership.objects.select_related("user", "organisation"), pk=pk
    )
    if membership.ended_at is None:
        end_membership(membership, by=request.user)
        messages.success(request, _("The membership has ended."))
    return redirect("organisations:organisation-detail", pk=membership.organisation_id)


def form_response(
    request: HttpRequest, context: dict, template: str = "organisations/form.html"
) -> HttpResponse:
    """A page with a form; 422 when the form was refused."""
    status = 422 if context["form"].is_bound else 200
    return render(request, template, context, status=status)
