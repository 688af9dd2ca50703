"""The second factor of staff: who needs one, and who has given it lately.

An authenticator app (TOTP, RFC 6238) or a recovery code, by django-allauth. With
MFA_REQUIRED (always outside of DEBUG, which the settings see to) whoever holds a
role in a programme or administers the house has one, and gives it again before
the acts that move money or decide.
"""

import time

from allauth.account import app_settings
from allauth.account.internal.flows.login import (
    get_authentication_records,
    record_authentication,
)
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from audit.record import record
from organisations.models import User


def is_staff(user: User) -> bool:
    """Whoever holds a role in a programme, or administers the house."""
    return user.is_administrator or user.groups.exists()


def has_second_factor(user: User) -> bool:
    return is_mfa_enabled(user, [Authenticator.Type.TOTP])


def lacks_second_factor(request: HttpRequest) -> bool:
    """Whether the person of a session needs a second factor and has none."""
    if not settings.MFA_REQUIRED or not request.user.is_authenticated:
        return False
    if _given_at(request) or not is_staff(request.user):
        return False
    return not has_second_factor(request.user)


def gave_lately(request: HttpRequest) -> bool:
    """Whether it was given within ACCOUNT_REAUTHENTICATION_TIMEOUT seconds.

    True where none is required: of applicants, and with MFA_REQUIRED off.
    """
    if not settings.MFA_REQUIRED or not request.user.is_authenticated:
        return True
    if time.time() - _given_at(request) < app_settings.REAUTHENTICATION_TIMEOUT:
        return True
    return not is_staff(request.user)


def ask_again(request: HttpRequest, back: str) -> HttpResponse:
    """To the page that asks for the second factor, and from there back."""
    return redirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': back})}")


def signed_in_lately(request: HttpRequest) -> bool:
    """Whether the last proof of identity of the session is fresh."""
    records = get_authentication_records(request, request.user)
    last = max((entry["at"] for entry in records), default=0)
    return time.time() - last < app_settings.REAUTHENTICATION_TIMEOUT


class SetUp(ActivateTOTPView):
    """Who has just set up the app has given its code."""

    def form_valid(self, form: Form) -> HttpResponse:
        answer = super().form_valid(form)
        record_authentication(self.request, self.request.user, "mfa", type="totp")
        return answer


def reset_second_factor(user: User, *, by: User) -> int:
    """Take away a lost factor, so that the person sets up a new one (counted)."""
    with record("reset_second_factor", by=by, target=f"user:{user.pk}"):
        lost = Authenticator.objects.filter(user=user)
        return lost.delete()[0]


def _given_at(request: HttpRequest) -> float:
    """When this session last gave the second factor; 0 for never."""
    records = get_authentication_records(request, request.user)
    return max((e["at"] for e in records if e["method"] == "mfa"), default=0)
