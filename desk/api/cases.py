"""Cases: the list, one case, its timeline and its diagram; making a draft."""

from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from ninja import Router

from attachments.selectors import documents_for
from desk import selectors as reading
from desk.api import forms
from desk.api.body import json_body
from desk.api.documents import document_out
from desk.api.http import address, case_of, person, plain, reply
from desk.api.idempotency import once
from desk.api.objections import objections_out
from desk.api.schemas import ERRORS, CaseOut, CasePage, TimelineOut
from desk.wording import action_label
from grants.actions import ACTIONS
from grants.as_of import note_reading
from grants.errors import Invalid, Missing, NotVisible, NotYours
from grants.forms.json_body import plain_value
from grants.lifecycle import APPLICANT
from grants.models import Case, Hold, Refund, Round, StageStatus, Status
from grants.selectors import cases_visible_to, rounds_visible_to
from organisations.models import User
from organisations.selectors import memberships_of
from workflows import selectors
from workflows.diagram import case_bpmn, case_svg
from workflows.services import start_case

router = Router(tags=["cases"])

PAGE, LARGEST_PAGE = 25, 100
NEW_CASE = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "round": {"type": ["integer", "string"]},
                        "organisation": {"type": "integer"},
                    },
                    "required": ["round"],
                    "description": "GET rounds gives the schema of each round.",
                }
            }
        },
    }
}


# -- the list ------------------------------------------------------------------


@router.get(
    "cases",
    response={200: CasePage, **ERRORS},
    url_name="cases",
    operation_id="cases",
)
def cases(
    request: HttpRequest,
    status: str = "",
    round: str = "",
    q: str = "",
    after: int | None = None,
    limit: int = PAGE,
) -> dict[str, Any]:
    """Cases I may see, the newest first.

    `status` takes several, with commas; `round` an id or a code; `q` looks in
    the application number, the project's and the organisation's name. `after`
    is the `next` of the page before.
    """
    found = cases_visible_to(person(request)).select_related("organisation")
    found = found.filter(filters(status, round, plain("q", q)))
    if after is not None:
        found = found.filter(pk__lt=after)
    limit = min(max(limit, 1), LARGEST_PAGE)
    page = list(found.order_by("-pk")[: limit + 1])
    more = len(page) > limit
    page = page[:limit]
    return {
        "items": [case_line(case) for case in page],
        "next": page[-1].pk if more else None,
    }


def filters(status: str, round_: str, q: str) -> Q:
    """The condition of the list's filters; Invalid for a status there is none."""
    rule = Q()
    if status:
        wanted = [s.strip() for s in status.split(",")]
        if unknown := [s for s in wanted if s not in Status.values]:
            message = _("There is no status %(status)s.") % {"status": unknown[0]}
            raise Invalid({"status": [message]})
        rule &= Q(status__in=wanted)
    if round_:
        rule &= round_rule(round_, "round__")
    if q:
        rule &= (
            Q(code__icontains=q)
            | Q(title__icontains=q)
            | Q(organisation__name__icontains=q)
        )
    return rule


def round_rule(given: str, prefix: str = "") -> Q:
    """A round by its id or its code."""
    given = plain("round", given)
    if given.isascii() and given.isdecimal() and len(given) < 10:
        return Q(**{f"{prefix}pk": int(given)}) | Q(**{f"{prefix}code": given})
    return Q(**{f"{prefix}code": given})


def case_line(case: Case) -> dict[str, Any]:
    return {
        "code": case.code,
        "round": case.round_id,
        "organisation": {"id": case.organisation_id, "name": case.organisation.name},
        "title": case.title,
        "status": case.status,
        "status_label": case.get_status_display(),
        "status_since": case.status_since,
        "submitted_at": case.submitted_at,
        "requested": amount(case.requested),
        "awarded": amount(case.awarded),
        "version": case.version,
        "url": address("cases", case.code),
    }


def amount(value: Decimal | None) -> str | None:
    """CNY with two places, as a text: money is never a float."""
    return None if value is None else f"{value:.2f}"


# -- a new draft ------------------------------------------------------------------


@router.post(
    "cases",
    response={201: CaseOut, **ERRORS},
    url_name="new_case",
    operation_id="new_case",
    openapi_extra=NEW_CASE,
)
def create(request: HttpRequest) -> HttpResponse:
    """Make a draft in a round and keep the given fields as its typing.

    The draft may be incomplete; the task `submit_application` in the inbox
    then offers what was typed as its example.
    """
    body = json_body(request)

    def work() -> tuple[int, dict[str, Any]]:
        round_ = round_for(person(request), body)
        organisation = organisation_for(person(request), body)
        typed = typing_of(round_, person(request), body)
        case = start_case(round_, organisation, by=person(request))
        if typed:
            item = selectors.open_items_of(case).get(action=forms.APPLY)
            forms.keep_typing(person(request), item, typed)
        return 201, case_out(case_of(person(request), case.code), person(request))

    status, answer, _replayed = once(request, work, atomic=True)
    response = reply(status, answer, version=answer["version"])
    response["Location"] = answer["url"]
    return response


def round_for(user: User, body: dict[str, Any]) -> Round:
    """The round that a body names; whether its call is open, the service says."""
    given = body.get("round")
    if isinstance(given, bool) or not isinstance(given, int | str) or given == "":
        raise Invalid({"round": [_("Name a round by its id or its code.")]})
    round_ = (
        rounds_visible_to(user)
        .select_related("programme", "rules")
        .filter(round_rule(str(given)))
        .first()
    )
    if round_ is None:
        there = Round.objects.filter(round_rule(str(given))).exists()
        raise (NotVisible if there else Missing)(_("There is no such round."))
    return round_


def organisation_for(user: User, body: dict[str, Any]) -> Any:
    """The organisation one applies for: the named one, or the only one."""
    mine = {
        m.organisation_id: m.organisation
        for m in memberships_of(user)
        if m.role in APPLICANT
    }
    if not mine:
        raise NotYours(_("Only members of an organisation can apply."))
    given = body.get("organisation")
    if given is None and len(mine) == 1:
        return next(iter(mine.values()))
    if isinstance(given, bool) or not isinstance(given, int):
        raise Invalid(
            {"organisation": [_("You are a member of several: name one by its id.")]}
        )
    if given not in mine:
        raise NotYours(_("You are not an applicant of this organisation."))
    return mine[given]


def typing_of(round_: Round, user: User, body: dict[str, Any]) -> dict[str, Any]:
    """The fields of the form in a body; Invalid for unknown or mistyped ones."""
    draft = Case(round=round_, rules=round_.rules, status=Status.DRAFT)
    fields = ACTIONS[forms.APPLY].form(target=draft, by=user).fields
    errors: dict[str, list[str]] = {}
    typed: dict[str, Any] = {}
    for name, value in body.items():
        if name in ("round", "organisation") or value is None:
            continue
        if name not in fields:
            errors[name] = [_("There is no such field.")]
            continue
        try:
            typed[name] = plain_value(fields[name], value)
        except ValueError as error:
            errors[name] = [str(error)]
    if errors:
        raise Invalid(errors)
    return typed


# -- one case ---------------------------------------------------------------------


@router.get(
    "cases/{code}",
    response={200: CaseOut, **ERRORS},
    url_name="case",
    operation_id="case",
)
def case(request: HttpRequest, code: str) -> HttpResponse:
    """A case: what may be done, what is open, its papers, holds and money."""
    found = case_of(person(request), code)
    note_reading(person(request), found, "api:case")
    return reply(200, case_out(found, person(request)), version=found.version)


def case_out(case: Case, user: User) -> dict[str, Any]:
    items = list(selectors.open_items_of(case))
    for item in items:
        item.case, item.round = case, case.round  # nothing is read twice
    offers = selectors.actions_open_to(user, case, items)
    mine = {offer.item.pk for offer in offers if offer.item}
    money = reading.money_of(
        case,
        list(case.tranches.all()),
        Refund.objects.filter(case=case).first(),
    )
    return {
        **case_line(case),
        "stage": stage_out(case),
        "available_actions": [offer_out(offer, case, user) for offer in offers],
        "tasks": [
            {
                "task": item.pk,
                "action": item.action,
                "title": action_label(item.action),
                "due_at": item.due_at,
                "opened_at": item.opened_at,
                "mine": item.pk in mine,
                "waits_for": reading.holder_of(user, case, item),
            }
            for item in reading.items_shown(user, case, items)
        ],
        "documents": [document_out(d) for d in documents_for(user, case.folder)]
        if case.folder_id
        else [],
        "objections": objections_out(case, user),
        "holds": [
            {
                "kind": hold.kind,
                "label": hold.get_kind_display(),
                "opened_at": hold.opened_at,
                "lifted_at": hold.lifted_at,
            }
            for hold in Hold.objects.filter(case=case).order_by("pk")
        ],
        "money": {
            "requested": amount(money.requested or Decimal(0)),
            "awarded": amount(money.awarded or Decimal(0)),
            "paid": amount(money.paid),
            "returned": amount(money.returned),
        }
        if reading.sees_money(user, case)
        else None,
    }


def offer_out(offer: Any, case: Case, user: User) -> dict[str, Any]:
    schema, example = forms.schema_and_example(offer.action, offer.target, user)
    task = offer.item.pk if offer.item else None
    return {
        "action": offer.action.name,
        "title": action_label(offer.action.name),
        "task": task,
        "url": address("cases", case.code, offer.action.name, task=task),
        "schema": schema,
        "example": example,
    }


def stage_out(case: Case) -> dict[str, Any] | None:
    """The tracking stage that the case is in, or null."""
    at = now()
    for stage in case.stages.order_by("opens_at", "pk"):
        if stage.status != StageStatus.PASSED and stage.opens_at <= at:
            return {
                "kind": stage.kind,
                "status": stage.status,
                "opens_at": stage.opens_at,
                "report_due": stage.report_due,
            }
    return None


# -- the record and the picture ---------------------------------------------------


@router.get(
    "cases/{code}/timeline",
    response={200: list[TimelineOut], **ERRORS},
    url_name="timeline",
    operation_id="timeline",
)
def timeline(request: HttpRequest, code: str) -> list[dict[str, Any]]:
    """What happened, the latest first, as far as I may know.

    The programme's offices read before and after, reasons and names; others
    what happened and when (desk.selectors.story_of).
    """
    found = case_of(person(request), code)
    note_reading(person(request), found, "timeline")
    return [
        {
            "at": line.at,
            "action": line.verb,
            "title": line.label,
            "actor": line.who,
            "reason": line.reason,
            "changes": [change_out(change) for change in line.changes],
        }
        for line in reading.story_of(person(request), found)
    ]


def change_out(change: Any) -> dict[str, Any]:
    return {
        "field": change.field,
        "of": str(change.model_label),
        "old": change.old,
        "new": change.new,
    }


@router.get(
    "cases/{code}/diagram.svg",
    response={200: None, **ERRORS},
    url_name="diagram_svg",
    operation_id="diagram_svg",
)
def diagram_svg(request: HttpRequest, code: str) -> HttpResponse:
    """The picture of the case's flow, with its live state."""
    found = case_of(person(request), code)
    return HttpResponse(
        case_svg(found, reading.may_name(person(request), found)),
        content_type="image/svg+xml",
    )


@router.get(
    "cases/{code}/diagram.bpmn",
    response={200: None, **ERRORS},
    url_name="diagram_bpmn",
    operation_id="diagram_bpmn",
)
def diagram_bpmn(request: HttpRequest, code: str) -> HttpResponse:
    """The case's flow as BPMN 2.0."""
    found = case_of(person(request), code)
    return HttpResponse(
        case_bpmn(found),
        content_type="application/xml",
        headers={"Content-Disposition": f'attachment; filename="{found.code}.bpmn"'},
    )
