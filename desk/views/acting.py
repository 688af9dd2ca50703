"""The page of an action: show its form, run it, answer what went wrong.

Every action of the road uses these two functions; what differs is in the
action's form. A refusal shows the same page again, with everything that was
typed and the HTTP status of the refusal.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from desk.formpage import page_of
from desk.scoring import locked_sheet, score_desk
from desk.topics import Filling
from desk.uploading import given_files, offer_uploads
from desk.views.about import about_of
from desk.views.drafting import keep_typing
from grants.actions import ACTIONS, Action
from grants.errors import ActionError, Invalid, NotVisible, WrongState
from grants.forms.base import ActionForm
from grants.forms.fields import RowsField
from grants.forms.typed import typed_of
from grants.lifecycle import MOVES
from grants.models import Case, Round
from grants.selectors import cases_visible_to
from grants.services.drafts import discard_draft, draft_key
from organisations.second_factor import ask_again, gave_lately
from workflows.models import WorkItem
from workflows.selectors import ends_at
from workflows.services import perform

#: Seconds that a sent form is remembered, so that it is not run twice.
REMEMBER = 3600
#: Seconds after which a first click that never ended counts no more.
AT_WORK = 60
#: Fields of a page that belong to no action.
OURS = (
    "csrfmiddlewaretoken",
    "version",
    "token",
    "save",
    "from_draft",
    "confirmed",
)


#: Where a session keeps the typing of an act without a task, by its address.
KEPT = "typed:%s"
#: The action whose page is the reviewer's desk, and which asks before it is done.
LOCK = "lock_score"


@dataclass
class Acting:
    """One action, about to be taken by the person of the request."""

    name: str
    target: Any
    url: str
    back: str
    item: WorkItem | None = None
    draft_url: str = ""
    why: str = ""
    filling: Filling | None = None
    after: Callable[[Any], str] | None = None

    @property
    def action(self) -> Action:
        return ACTIONS[self.name]

    @property
    def case(self) -> Case | None:
        return None if isinstance(self.target, Round) else self.target.case

    @property
    def is_public(self) -> bool:
        """Open to everybody: also to who may not see the case."""
        return MOVES[self.name].public

    @property
    def revision(self) -> int:
        """Of the draft that the page was made of."""
        return self.filling.revision if self.filling else 0

    @property
    def here(self) -> str:
        """This page again, with every question of a big form."""
        return f"{self.url}?all=1" if self.action.form.paged else self.url

    @property
    def draft_key(self) -> str:
        """Where autosave keeps the typing; only steps have it."""
        return draft_key(self.name, self.target) if self.item else ""


def act_page(request: HttpRequest, acting: Acting) -> HttpResponse:
    """GET shows the form, POST runs the action."""
    if acting.action.confirms and not gave_lately(request):
        if request.method == "POST":
            keep_meanwhile(request, acting)
        return ask_again(request, acting.here)
    if request.method != "POST":
        form = acting.action.form(target=acting.target, by=request.user)
        form.start_from(request.GET)
        form.initial.update(draft_values(request, acting, form))
        return show(request, acting, form)
    form = acting.action.bind(
        acting.target, by=request.user, data=request.POST, files=given_files(request)
    )
    asks_first = acting.name == LOCK and "confirmed" not in request.POST
    if asks_first and form.is_valid():
        return confirm_lock(request, acting, form)
    return run(request, acting, form)


def confirm_lock(
    request: HttpRequest, acting: Acting, form: ActionForm
) -> HttpResponse:
    """What is about to be locked; the typing is kept as a draft meanwhile."""
    if acting.item is not None:
        keep_typing(request, acting.item)
    sent = [
        (name, value)
        for name, value in request.POST.items()
        if name == "version" or name in form.fields
    ]
    context = {
        "acting": acting,
        "case": acting.case,
        "sheet": locked_sheet(form),
        "sent": sent,
        "token": uuid.uuid4().hex,
    }
    return render(request, "desk/score_check.html", context)


def run(request: HttpRequest, acting: Acting, form: ActionForm) -> HttpResponse:
    """Run the action once, whatever the number of clicks."""
    token = request.POST.get("token", "")[:64] or uuid.uuid4().hex
    key = f"sent:{request.user.pk}:{acting.url}:{token}"
    if not cache.add(key, "running", AT_WORK):
        if cache.get(key) == "done":
            messages.info(request, _("This was sent already; nothing was done twice."))
            return redirect(next_page(request, acting))
        error: ActionError = WrongState(_("Your first click is still at work."))
        return show(request, acting, form, problem=error)
    try:
        result = perform(
            acting.name,
            acting.target,
            by=request.user,
            form=form,
            item=acting.item,
            version=version_of(request.POST),
        )
    except BaseException as raised:
        cache.delete(key)
        if isinstance(raised, NotVisible) or not isinstance(raised, ActionError):
            raise
        if acting.item is not None and "from_draft" not in request.POST:
            keep_typing(request, acting.item)
        return show(request, acting, form, problem=raised)
    cache.set(key, "done", REMEMBER)
    if acting.draft_key:
        discard_draft(acting.draft_key)
    messages.success(request, _("Done: %s") % acting.action.label)
    return redirect(
        acting.after(result) if acting.after else next_page(request, acting)
    )


def show(
    request: HttpRequest,
    acting: Acting,
    form: ActionForm,
    problem: ActionError | None = None,
) -> HttpResponse:
    """The page of the action; after a refusal with what was typed."""
    errors = problem.errors if isinstance(problem, Invalid) else {}
    case = acting.case
    rivals, editors = beside(request, acting)
    if problem is not None and case is not None:
        case.refresh_from_db(fields=["version", "status"])
    if request.user.is_authenticated:
        about = acting.target if case is None else case
        ends = ends_at(acting.item) if acting.item else None
        offer_uploads(form, folder=about.folder_id, by=request.user, ends=ends)
    page = page_of(form, errors)
    scored = acting.name == LOCK
    return render(
        request,
        "desk/score.html" if scored else "desk/act.html",
        {
            "acting": acting,
            "action": acting.action,
            "case": case,
            "round": acting.target if case is None else case.round,
            "page": page,
            "score": score_desk(request.user, acting.target, page) if scored else None,
            "rivals": rivals,
            "editors": editors,
            "about": about_of(request.user, acting.name, acting.target),
            "problem": problem if problem and not errors else None,
            "warnings": getattr(form, "warnings", []) if errors else [],
            "version": case.version if case else "",
            "token": uuid.uuid4().hex,
        },
        status=problem.http_status if problem else 200,
    )


def beside(request: HttpRequest, acting: Acting) -> tuple[list[Any], list[str]]:
    """Texts to choose between, and who else has the form open."""
    if acting.item is None or not acting.draft_url:
        return [], []
    filling = acting.filling = acting.filling or Filling(acting.item, request.user)
    return filling.rivals(), filling.editors()


def next_page(request: HttpRequest, acting: Acting) -> str:
    """Back to the case, or to the inbox where the case is out of sight now."""
    if acting.after:
        return acting.back
    if acting.case is None:
        return reverse("desk:round-detail", args=[acting.target.code])
    if cases_visible_to(request.user).filter(pk=acting.case.pk).exists():
        return reverse("desk:case-detail", args=[acting.case.code])
    return reverse("desk:inbox")


def version_of(data: QueryDict) -> int | None:
    """The version that the page was made of; a broken one counts as none."""
    given = data.get("version", "")
    return int(given) if given.isdecimal() and len(given) < 10 else None


# -- drafts --------------------------------------------------------------------


def keep_meanwhile(request: HttpRequest, acting: Acting) -> None:
    """What was typed when the second factor is asked for: as a draft, or in the
    session where the act is no task. Chosen files are chosen again."""
    if acting.item is not None:
        keep_typing(request, acting.item)
        return
    form = acting.action.form(target=acting.target, by=request.user)
    request.session[KEPT % acting.url] = typed_of(form, request.POST)


def draft_values(
    request: HttpRequest, acting: Acting, form: ActionForm
) -> dict[str, Any]:
    """What was typed here before, by whomever, as initial values."""
    if acting.item is None:
        values = request.session.pop(KEPT % acting.url, {})
    else:
        acting.filling = Filling(acting.item, request.user)
        values = acting.filling.typed
    return {
        name: value
        for name, value in values.items()
        if name in form.fields and still_fits(form, name, value)
    }


def still_fits(form: ActionForm, name: str, kept: Any) -> bool:
    """A list whose rows are given counts only while the rows are the same."""
    field = form.fields[name]
    if not (isinstance(field, RowsField) and field.fixed):
        return True
    key = next(iter(field.row_form.base_fields))
    now = form.get_initial_for_field(field, name) or []
    return [str(row.get(key)) for row in now] == [str(row.get(key)) for row in kept]
