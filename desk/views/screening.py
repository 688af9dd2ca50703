"""Screening many applications of a round at once, the ones due first on top.

Each application still passes by its own act: one that fails is named and the
others stay passed. What the automatic checks found wrong is never passed here.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from desk.forms import BatchScreenForm
from desk.views.answers import refusals
from desk.views.rounds import visible_round
from grants.actions import ACTIONS
from grants.errors import ActionError, Invalid, NotYours
from grants.forms.screening import ScreenForm
from grants.models import Round
from grants.permissions import has_permission
from grants.services.eligibility import all_findings, facts_of, passed
from grants.services.screening import ELIGIBLE
from organisations.models import User
from organisations.posted import posted
from workflows.models import WorkItem
from workflows.selectors import inbox_for
from workflows.services import perform

#: Applications on the page; the next ones come up as these are done.
MOST = 200


@dataclass
class Queued:
    """An application that waits for this person, and what is wrong with it."""

    item: WorkItem
    findings: list[str]

    @property
    def value(self) -> str:
        """Of the checkbox: the version tells whether it changed meanwhile."""
        return f"{self.item.case.code}@{self.item.case.version}"


def queue_of(user: User, round_: Round) -> list[Queued]:
    """The round's applications that this person may screen: four queries."""
    items = list(inbox_for(user).filter(action="screen", case__round=round_)[:MOST])
    facts = facts_of(item.case for item in items)
    return [Queued(item, all_findings(facts[item.case_id])) for item in items]


@refusals
def round_screening(request: HttpRequest, code: str) -> HttpResponse:
    """The queue with what the automatic checks say; a POST passes the chosen ones."""
    round_ = visible_round(request, code)
    if not has_permission(request.user, "screen", round_.programme_id):
        raise NotYours()
    queue = queue_of(request.user, round_)
    form = BatchScreenForm(posted(request))
    chosen = set(request.POST.getlist("case"))
    failed: list[dict[str, Any]] = []
    if request.method == "POST" and form.is_valid():
        if chosen:
            taken = [q for q in queue if q.item.case.code in codes_of(chosen)]
            failed = pass_all(request.user, taken, chosen, form.cleaned_data)
            done = len(taken) - len(failed)
            if done:
                messages.success(request, told(done))
            if not failed:
                return redirect(request.get_full_path())
            queue = queue_of(request.user, round_)
        else:
            form.add_error(None, _("Choose at least one application."))
    clean = "clean" in request.GET
    status = 422 if form.is_bound and (form.errors or failed) else 200
    return render(
        request,
        "desk/screening.html",
        {
            "round": round_,
            "queue": [q for q in queue if not (clean and q.findings)],
            "waiting": len(queue),
            "most": MOST if len(queue) == MOST else 0,
            "clean": clean,
            "chosen": chosen,
            "form": form,
            "failed": failed,
            "here": request.get_full_path(),
            "back": reverse("desk:round-detail", args=[code]),
        },
        status=status,
    )


def told(count: int) -> str:
    return ngettext(
        "%(count)s application passed screening.",
        "%(count)s applications passed screening.",
        count,
    ) % {"count": count}


def codes_of(chosen: set[str]) -> set[str]:
    return {value.partition("@")[0] for value in chosen}


def pass_all(
    user: User, taken: list[Queued], chosen: set[str], said: dict[str, Any]
) -> list[dict[str, Any]]:
    """Pass each of these applications by its own act; who failed, and why."""
    versions = dict(value.partition("@")[::2] for value in chosen)
    ScreenForm.gather([queued.item.case for queued in taken], user)
    failed = []
    for queued in taken:
        case = queued.item.case
        try:
            if queued.findings:
                raise Invalid({"checks": queued.findings})
            rows = passed(case.checklist, evidence=said["evidence"])
            body = {
                "outcome": ELIGIBLE,
                "checks": [{k: str(v) for k, v in row.items()} for row in rows],
            }
            form = ACTIONS["screen"].bind_json(case, by=user, body=body)
            version = versions[case.code]
            perform(
                "screen",
                case,
                by=user,
                form=form,
                item=queued.item,
                version=int(version) if version[:9].isdecimal() else None,
            )
        except ActionError as error:
            failed.append({"case": queued.item.case, "why": reasons(error)})
    return failed


def reasons(error: ActionError) -> list[str]:
    """Why one application was not passed."""
    if isinstance(error, Invalid):
        return [message for found in error.errors.values() for message in found]
    return [str(error.message)]
