"""The auditor's desk: search over the record, saved searches, who read a case."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from audit.checkpoints import is_hourly
from audit.models import Checkpoint, CheckpointStamp
from audit.record import record, record_read
from audit.selectors import entries_of
from desk.models import SavedSearch
from desk.oversight.readings import asked_words, readings_of
from desk.oversight.scope import programmes_of
from desk.oversight.search import PAGE, SearchForm, hits_of, search
from desk.views.answers import refusals
from desk.views.work import visible_case
from grants.as_of import audits
from grants.errors import NotVisible
from organisations.paging import key_of

#: How many searches one person keeps, and how long their names are.
MOST_SAVED, LONGEST = 50, 60


@require_safe
@refusals
def audit(request: HttpRequest) -> HttpResponse:
    """Events that fit, the newest first; each search is itself on record."""
    programmes_of(request.user)
    form = SearchForm(request.GET, by=request.user)
    saved = list(SavedSearch.objects.filter(user=request.user))
    context: dict[str, Any] = {"form": form, "saved": saved}
    context |= {"checkpoint": Checkpoint.objects.last(), "hourly": is_hourly()}
    if settings.TIMESTAMP_URL or settings.TIMESTAMP_CERTIFICATES:
        stamp = CheckpointStamp.objects.order_by("-checkpoint").first()
        context |= {"stamp": stamp, "stamps": True}
    context["query"] = query_of(request.GET)
    if not form.is_valid():
        return render(request, "desk/oversight/search.html", context, status=422)
    record_read(
        by=request.user,
        target="audit",
        what="search",
        asked=asked_words(query_of(request.GET)),
    )
    context["found"] = found = search(request.user, form, key_of(request))
    context["next"] = found.next
    return render(request, "desk/oversight/search.html", context)


def query_of(given: QueryDict) -> str:
    """The filters of an address, without its page."""
    kept = given.copy()
    for name in list(kept):
        if name not in SearchForm.base_fields or not kept[name]:
            del kept[name]
    return kept.urlencode()


@require_POST
@refusals
def search_save(request: HttpRequest) -> HttpResponse:
    """Keep the filters of a search under a name of one's own."""
    programmes_of(request.user)
    name = request.POST.get("name", "").strip()[:LONGEST]
    query = query_of(QueryDict(request.POST.get("query", "")[:2000]))
    back = HttpResponseRedirect(f"{reverse('desk:audit')}?{query}")
    if not name or "\x00" in name + query:
        messages.warning(request, _("Give the search a name."))
        return back
    mine = SavedSearch.objects.filter(user=request.user)
    if mine.exclude(name=name).count() >= MOST_SAVED:
        messages.warning(request, _("Delete a saved search first: there are many."))
        return back
    with record("save_search", by=request.user, target="audit"):
        mine.update_or_create(user=request.user, name=name, defaults={"query": query})
    messages.success(request, _("The search is saved."))
    return back


@require_POST
@refusals
def search_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a saved search of one's own."""
    programmes_of(request.user)
    mine = SavedSearch.objects.filter(user=request.user, pk=pk).first()
    if mine is None:
        raise NotVisible()
    with record("delete_search", by=request.user, target="audit"):
        mine.delete()
    messages.success(request, _("The search is deleted."))
    return redirect("desk:audit")


@require_safe
@refusals
def case_readers(request: HttpRequest, code: str) -> HttpResponse:
    """Who read what of a case, the newest first."""
    case = visible_case(request, code)
    if not audits(request.user, case):
        raise NotVisible()
    record_read(by=request.user, target=case.code, what="readers")
    events = readings_of(case)
    key = key_of(request)
    if key is not None:
        events = events.filter(pk__lt=key)
    rows = list(events.values_list("pk", "line")[: PAGE + 1])
    entries = entries_of([line for _pk, line in rows[:PAGE]])
    pairs = [(pk, e) for (pk, _line), e in zip(rows, entries, strict=False)]
    context = {
        "case": case,
        "hits": hits_of(request.user, pairs),
        "next": rows[PAGE - 1][0] if len(rows) > PAGE else None,
    }
    return render(request, "desk/oversight/readers.html", context)
