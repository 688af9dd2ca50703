"""Django's admin, read-only: a look into the tables of the house's set-up.

Superusers only, and never the tables of cases: whoever runs the machine has
no business in them here.
"""

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from grants.models import District, Programme, ProgrammeRules, RoleGroup, Round
from organisations.models import Membership, Organisation, User
from outbox.models import Message


class ReadOnlySite(admin.AdminSite):
    """Signing in is the house's own; nothing can be changed."""

    site_header = site_title = "Weigong"

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.is_superuser

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """To the house's sign-in page, and from there straight to the admin.

        Who is signed in and may not come here is told so: the sign-in page
        would only send them back.
        """
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(reverse("admin:index"))

    def password_change(  # type: ignore[override]  # a redirect, no page of its own
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("account_change_password")


class ReadOnly(admin.ModelAdmin):
    """Lists and details, no forms that write."""

    show_full_result_count = False
    exclude = ("password",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


site = ReadOnlySite(name="admin")
for model in (
    User,
    Organisation,
    Membership,
    Programme,
    ProgrammeRules,
    RoleGroup,
    District,
    Round,
    Message,
):
    site.register(model, ReadOnly)
