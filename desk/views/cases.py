"""The case register and the page of a case."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from desk import selectors
from desk.dossier_subject import may_have_dossier
from desk.forms import CaseFilter
from desk.requirements import lacking_counts
from desk.views import tabs
from desk.views.answers import refusals
from desk.views.work import visible_case
from grants.as_of import audits, note_reading
from grants.errors import Missing
from grants.models import Case
from grants.selectors import (
    cases_visible_to,
    may_read_findings,
    may_read_objections,
    rounds_visible_to,
)
from grants.services.intervening import may_record_intervention
from organisations.paging import page_by_key
from workflows.selectors import actions_open_to, open_items_of

PAGE = 30


@require_safe
def case_list(request: HttpRequest) -> HttpResponse:
    """Cases I may see, filtered, paged by key, never counted."""
    rounds = list(rounds_visible_to(request.user)[:200])
    form = CaseFilter(request.GET or None, rounds=rounds)
    cases = form.cut(cases_visible_to(request.user))
    found, after = page_by_key(
        request, cases.select_related("organisation", "round"), PAGE
    )
    lacking = lacking_counts(request.user, found)
    for case in found:
        case.lacking = lacking[case.pk]
    counted = any(count is not None for count in lacking.values())
    context = {"cases": found, "next": after, "form": form, "counted": counted}
    partial = request.htmx and not request.htmx.history_restore_request
    template = "desk/_case_rows.html" if partial else "desk/case_list.html"
    return render(request, template, context)


#: Tabs of a case: name, the function that reads what the tab shows.
TABS = {
    "overview": tabs.overview,
    "form": tabs.application,
    "documents": tabs.documents,
    "reviews": tabs.reviews,
    "objections": tabs.objections,
    "findings": tabs.findings,
    "money": tabs.money,
    "tracking": tabs.tracking,
    "ledger": tabs.ledger,
    "timeline": tabs.timeline,
    "diagram": tabs.diagram,
}


@require_safe
@refusals
def case_detail(request: HttpRequest, code: str, tab: str = "overview") -> HttpResponse:
    """A case: who holds it since when, what happens next, what I may do."""
    case = visible_case(request, code)
    if tab not in TABS:
        raise Missing()
    user = request.user
    note_reading(user, case, tab)
    items = list(open_items_of(case))
    for item in items:
        item.case = case
    context: dict[str, Any] = {
        "case": case,
        "tab": tab,
        "tabs": tab_titles(user, case),
        "offers": actions_open_to(user, case, items),
        "holders": [
            {
                "item": item,
                "who": selectors.holder_of(user, case, item),
                "since": item.claimed_at or item.opened_at,
            }
            for item in selectors.items_shown(user, case, items)
        ],
        "holds": list(case.holds.filter(lifted_at=None)),
        "offices": selectors.sees_everything(user, case),
        "has_dossier": may_have_dossier(user, case.round),
        "may_record_intervention": may_record_intervention(user, case),
    }
    context |= TABS[tab](user, case, items)
    return render(request, f"desk/tabs/{tab}.html", context)


def tab_titles(user: Any, case: Case) -> list[tuple[str, str]]:
    """The tabs this person has something to read in."""
    titles = [
        ("overview", _("Overview")),
        ("form", _("Application form")),
        ("documents", _("Documents")),
        ("reviews", _("Reviews")),
        ("objections", _("Objections")),
        ("findings", _("Audit findings")),
        ("money", _("Money")),
        ("tracking", _("Tracking")),
        ("ledger", _("Ledger")),
        ("timeline", _("Timeline")),
        ("diagram", _("Diagram")),
    ]
    if not may_read_objections(user, case):
        titles = [t for t in titles if t[0] != "objections"]
    if not may_read_findings(user, case):
        titles = [t for t in titles if t[0] != "findings"]
    if not selectors.sees_money(user, case):
        titles = [t for t in titles if t[0] not in ("money", "tracking", "ledger")]
    if audits(user, case):
        titles.append(("as-of", _("As of")))
    return titles
