"""The account pages are third-party code that writes rows (last_login,
passwords): their requests run inside one event of the record."""

from django.http import HttpRequest, HttpResponse

from audit.record import record


class AccountEventMiddleware:
    """Opens the event `account` around POSTs to /accounts/ (PROOF trap 10)."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST" or not request.path.startswith("/accounts/"):
            return self.get_response(request)
        by = request.user if request.user.is_authenticated else "system:account"
        verb = "account_" + request.path.strip("/").split("/")[-1].replace("-", "_")
        with record(verb, by=by, target="account"):
            return self.get_response(request)
