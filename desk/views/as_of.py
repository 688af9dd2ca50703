"""The page of a case as of any moment, for auditors and inspectors."""

import datetime as dt
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localtime, now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from audit.record import record_read
from desk.as_of import page_of, states
from desk.oversight.days import EARLIEST
from desk.views.answers import refusals
from desk.views.work import visible_case
from grants.as_of import audits
from grants.errors import NotVisible

#: How far back the page begins that nobody gave a moment.
BACK = dt.timedelta(days=30)


class MomentForm(forms.Form):
    """A moment of the past; without a zone it is local time."""

    at = forms.DateTimeField(label=_("Moment"))

    def clean_at(self) -> dt.datetime:
        at: dt.datetime = self.cleaned_data["at"]
        if at.year < EARLIEST:
            raise forms.ValidationError(self.fields["at"].error_messages["invalid"])
        if at > now():
            raise forms.ValidationError(_("This moment is still to come."))
        return at


@require_safe
@refusals
def case_as_of(request: HttpRequest, code: str) -> HttpResponse:
    """The case as it stood at `?at=`, beside today; the reading is on record."""
    case = visible_case(request, code)
    if not audits(request.user, case):
        raise NotVisible()
    form = MomentForm(request.GET if "at" in request.GET else {"at": now() - BACK})
    context: dict[str, Any] = {"case": case, "form": form, "states": states()}
    if not form.is_valid():
        return render(request, "desk/as_of.html", context, status=422)
    at = form.cleaned_data["at"]
    record_read(by=request.user, target=case.code, what=f"as_of:{at.isoformat()}")
    page = page_of(case, at)
    context |= {
        "page": page,
        "typed": localtime(at).strftime("%Y-%m-%dT%H:%M:%S"),
        "only": "changes" in request.GET,
    }
    return render(request, "desk/as_of.html", context)
