"""Programmes and their roles: the administrator's pages."""

from collections import defaultdict

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from desk.forms import GrantRoleForm, ProgrammeForm
from desk.views.answers import refusals
from desk.views.work import form_page
from grants.errors import Invalid, NotYours
from grants.models import Programme, Role, RoleGroup
from grants.services.programmes import create_programme, grant_role, revoke_role
from organisations.models import User
from organisations.posted import posted


def require_administrator(request: HttpRequest) -> None:
    """403 for everybody else."""
    if not request.user.is_administrator:
        raise NotYours(_("Only an administrator may do this."))


@require_safe
@refusals
def programme_list(request: HttpRequest) -> HttpResponse:
    require_administrator(request)
    programmes = Programme.objects.select_related("authority", "operator")
    return render(
        request, "desk/programme_list.html", {"programmes": programmes.order_by("code")}
    )


@refusals
def programme_new(request: HttpRequest) -> HttpResponse:
    """A programme with the default rules and a group for each role."""
    require_administrator(request)
    form = ProgrammeForm(posted(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        programme = create_programme(
            given["code"],
            (given["name_zh"], given["name_en"]),
            given["authority"],
            given["operator"],
            by=request.user,
        )
        messages.success(request, _("The programme was created."))
        return redirect("desk:programme-detail", code=programme.code)
    return form_page(
        request,
        form,
        heading=_("New programme"),
        submit=_("Create"),
        back=reverse("desk:programme-list"),
    )


@refusals
def programme_detail(request: HttpRequest, code: str) -> HttpResponse:
    """Who holds which role; grant another one."""
    require_administrator(request)
    programme = get_object_or_404(Programme, code=code)
    form = GrantRoleForm(posted(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            grant_role(programme, given["role"], given["username"], by=request.user)
        except Invalid as error:
            for name, found in error.errors.items():
                form.add_error(name, found)
        else:
            messages.success(request, _("The role was granted."))
            return redirect("desk:programme-detail", code=code)
    holders = defaultdict(list)
    groups = RoleGroup.objects.filter(programme=programme).select_related("group")
    for group in groups.prefetch_related("group__user_set"):
        holders[group.role] = sorted(group.group.user_set.all(), key=str)
    return form_page(
        request,
        form,
        template="desk/programme_detail.html",
        programme=programme,
        roles=[(role.value, role.label, holders[role.value]) for role in Role],
    )


@require_POST
@refusals
def role_revoke(request: HttpRequest, code: str) -> HttpResponse:
    """Take a role away; the person's tasks go back at once."""
    require_administrator(request)
    programme = get_object_or_404(Programme, code=code)
    role = request.POST.get("role", "")
    person = request.POST.get("person", "")
    user = get_object_or_404(User, pk=person if person.isdecimal() else 0)
    if role not in Role.values:
        raise Invalid({"role": [_("There is no such role.")]})
    revoke_role(programme, role, user, by=request.user)
    messages.success(request, _("The role was taken away."))
    return redirect("desk:programme-detail", code=code)
