"""The applicant's form of a round as it will look; nothing is stored."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from desk.formpage import page_of
from desk.views.answers import refusals
from desk.views.rounds import visible_round
from grants.errors import NotYours
from grants.forms.applying import ApplicationForm
from grants.models import Case, Round, Status
from grants.permissions import has_permission


def example_form(round_: Round, data: object = None) -> ApplicationForm:
    """The form of a case that does not exist."""
    case = Case(round=round_, rules=round_.rules, status=Status.DRAFT)
    return ApplicationForm(data, None, target=case, by=None)


@refusals
def round_preview(request: HttpRequest, code: str, topic: int = 1) -> HttpResponse:
    """One topic of the form; a POST checks what was typed and forgets it."""
    round_ = visible_round(request, code)
    if not has_permission(request.user, "set_up_round", round_.programme_id):
        raise NotYours()
    posted = request.method == "POST"
    form = example_form(round_, request.POST if posted else None)
    if not 1 <= topic <= len(form.topics):
        raise Http404
    label, names = form.topics[topic - 1]
    errors = form.error_paths() if posted else {}
    errors = {p: m for p, m in errors.items() if p.split(".")[0] in names}
    url = "desk:round-preview-topic"
    return render(
        request,
        "desk/round_preview.html",
        {
            "round": round_,
            "label": label,
            "page": page_of(form, errors, only=names),
            "checks": form.checks() if posted else [],
            "right": posted and not errors,
            "title": _("Preview: %(label)s") % {"label": label},
            "number": topic,
            "lines": [
                (n, heading, reverse(url, args=[code, n]))
                for n, (heading, _names) in enumerate(form.topics, start=1)
            ],
        },
        status=422 if errors else 200,
    )
