"""Objecting to a case in public notice: anybody may, without an account."""

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from desk.views.acting import Acting, act_page
from desk.views.answers import problem, refusals
from grants.errors import NotVisible
from grants.models import Case

#: Objections of one address in an hour; a notice draws a handful.
MOST = 30
HOUR = 3600


@login_not_required
@refusals
def objection_new(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """The form for one case of a notice; on success the number to keep."""
    case = (
        Case.objects.select_related("round__programme", "rules", "organisation")
        .filter(notices=pk, code=code)
        .first()
    )
    if case is None:
        raise NotVisible(_("There is no such case in this notice."))
    if request.method == "POST" and too_many(request):
        return problem(
            request, 429, _("Too many objections came from here. Try again later.")
        )
    return act_page(
        request,
        Acting(
            name="object",
            target=case,
            url=reverse("desk:objection-new", args=[pk, code]),
            back=reverse("grants:notice-detail", args=[pk]),
            after=lambda made: reverse("grants:objection-status", args=[made.number]),
        ),
    )


def too_many(request: HttpRequest) -> bool:
    """Count by address, for an hour."""
    key = f"objections:{request.META.get('REMOTE_ADDR', '')}"
    cache.add(key, 0, HOUR)
    return cache.incr(key) > MOST
