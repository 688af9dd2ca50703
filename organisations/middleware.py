"""What stands around every request: account events, and staff's second factor.

The account pages are third-party code that writes rows (last_login, passwords):
their requests run inside one event of the record.
"""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from audit.actors import actor_of
from audit.record import record, record_refusal
from organisations.second_factor import lacks_second_factor

#: What works without a second factor: setting one up, and leaving.
OPEN = ("/accounts/", "/language/", "/static/")
#: An account page whose reading is an event too: it shows secrets, and notes that.
READ = "/accounts/factor/codes/"


class AccountEventMiddleware:
    """Opens the event `account` around POSTs to /accounts/ (PROOF trap 10).

    Who signs in is known when it is over, and so is whether the form was taken: a
    form that was not is no act, but refused.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sent = request.method == "POST" and request.path.startswith("/accounts/")
        if not sent and request.path != READ:
            return self.get_response(request)
        by = request.user if request.user.is_authenticated else "system:account"
        verb = "account_" + request.path.strip("/").split("/")[-1].replace("-", "_")
        with record(verb, by=by, target="account") as act:
            response = self.get_response(request)
            if request.user.is_authenticated:
                act.actor = actor_of(request.user)
            if sent and response.status_code != 302:
                act.verb = f"refused:{verb}"
                act.data = {"code": "not_taken"}
            return response


class SecondFactorMiddleware:
    """Staff without a second factor set one up before anything else."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(OPEN) or not lacks_second_factor(request):
            return self.get_response(request)
        safe = request.method in ("GET", "HEAD", "OPTIONS")
        if request.path.startswith("/api/") or not safe:
            tried = "read" if safe else "attempt"
            record_refusal(
                tried, by=request.user, target="account", code="second_factor"
            )
        text = _("Your role needs a second factor. Set it up here first.")
        if request.path.startswith("/api/"):
            refusal = {"code": "second_factor", "message": text}
            return JsonResponse(refusal, status=403)
        messages.info(request, text)
        return redirect("mfa_activate_totp")
