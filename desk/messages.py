"""Who hears of what: verb → recipients → template, and the words of a message.

`register_all` is called once, when the app is ready. A handler names letters
in the transaction of the act; the words are made when somebody reads them, in
the reader's language (desk/words.py). Letters about a case or a round name the
programme, whose own texts and mailing count.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from desk.kinds import KINDS, REFUSED
from desk.templatetags.desk import deadline
from desk.texts import mailings_for
from desk.words import gather_texts, words_of
from grants.models import (
    Case,
    ChangeRequest,
    Cover,
    ExclusionLift,
    Notice,
    Objection,
    Role,
    Seat,
    StageStatus,
    Status,
    Tranche,
)
from organisations.models import MembershipRole, User
from outbox.models import Message
from outbox.registry import (
    Letter,
    register,
    set_mailings,
    set_page,
    set_renderer,
)
from workflows.models import WorkItem

#: After these acts the organisation hears how its case stands, if it moved.
NEWS = (
    "screen",
    "confirm_refusal",
    "rule_on_objection",
    "accept_plan",
    "countersign",
    "decide_on_failure",
    "close_project",
    "archive",
    "withdraw",
    "decline",
    "confirm_termination",
    "record_repayment",
    "confirm_reopening",
)
#: Overdue steps that one reminder names.
LINES = 40
#: After these it hears whatever the status.
SIDE_NEWS = ("suspend", "resume", "decide_change")
STAGE_NEWS = ("check_materials", "grade_stage", "recheck")
#: A stage that stands so has a deadline, or is lost.
BINDING_STAGES = (StageStatus.REPORT, StageStatus.RECTIFY, StageStatus.FAILED)
#: Not told: the decision is not public yet, or nothing changed for them.
INNER = (
    Status.SCREENING,
    Status.UNDER_REVIEW,
    Status.SCORED,
    Status.PROPOSED,
    Status.WAITLISTED,
    Status.DECIDED,
)


def people_of_role(programme_id: int, role: str) -> QuerySet[User]:
    """Active holders of a role in a programme."""
    return get_user_model().objects.filter(
        is_active=True,
        groups__role_group__programme=programme_id,
        groups__role_group__role=role,
    )


def members_of(organisation_id: int, *roles: str) -> QuerySet[User]:
    """Active members of an organisation, in these roles or in any."""
    filters: dict[str, Any] = {
        "is_active": True,
        "memberships__organisation": organisation_id,
        "memberships__ended_at": None,
    }
    if roles:
        filters["memberships__role__in"] = roles
    return get_user_model().objects.filter(**filters).distinct()


def audience_of(item: WorkItem) -> Iterable[User]:
    """Who should do an item: its holder, else its group without the excluded."""
    if item.holder_id:
        return [item.holder] if item.holder else []
    if item.membership_role:
        people = members_of(item.organisation_id or 0, item.membership_role)
    else:
        people = people_of_role(item.programme_id, item.role)
    return people.exclude(pk=item.excluded_id) if item.excluded_id else people


def case_facts(case: Case) -> dict[str, Any]:
    """What every message about a case may name; codes and titles only."""
    return {
        "code": case.code,
        "title": case.title,
        "status": str(case.status),
        "programme": case.round.programme_id,
    }


def read_again(case: Case) -> Case:
    """The case as the act left it."""
    return Case.objects.select_related("round").get(pk=case.pk)


def due_of(item: WorkItem) -> str:
    return deadline(item.due_at) if item.due_at else ""


# -- handlers --------------------------------------------------------------------


def task_letters(verb: str, *, item: WorkItem, **facts: Any) -> Iterator[Letter]:
    """A task was opened, handed over, or is overdue."""
    case = item.case
    params: dict[str, Any] = {"action": item.action, "due": due_of(item)}
    if case is not None:
        params |= case_facts(case)
    else:
        params |= {
            "code": item.round.code,
            "title_zh": item.round.title_zh,
            "title_en": item.round.title_en,
            "programme": item.round.programme_id,
        }
    # Members are never spared a deadline.
    binding = bool(item.membership_role) and (KINDS[verb].binding or bool(item.due_at))
    url = reverse("desk:work-item", args=[item.pk])
    for person in audience_of(item):
        yield Letter(
            to=person,
            template=verb,
            params=params,
            url=url,
            case_code=case.code if case else "",
            binding=binding,
        )


def reminder_letters(
    verb: str, *, items: list[WorkItem], **facts: Any
) -> Iterator[Letter]:
    """One letter a day for each person, with everything that is late."""
    morning = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    late: dict[User, list[WorkItem]] = {}
    for item in items:
        for person in audience_of(item):
            late.setdefault(person, []).append(item)
    told = set(
        Message.objects.filter(
            recipient__in=list(late), template=verb, created_at__gte=morning
        ).values_list("recipient", flat=True)
    )
    for person, theirs in late.items():
        if person.pk not in told:
            lines = [
                {
                    "action": item.action,
                    "code": item.case.code,
                    "title": item.case.title,
                    "due": due_of(item),
                }
                for item in theirs
                if item.case is not None
            ]
            params: dict[str, Any] = {"lines": lines[:LINES], "count": len(lines)}
            programmes = {item.programme_id for item in theirs}
            if len(programmes) == 1:
                params["programme"] = programmes.pop()
            yield Letter(
                to=person,
                template=verb,
                params=params,
                url=reverse("desk:inbox"),
                binding=any(item.membership_role for item in theirs),
            )


def cover_letters(verb: str, *, cover: Cover, **facts: Any) -> Iterator[Letter]:
    """Both people hear who stands in for whom, from when to when."""
    for person in (cover.stand_in, cover.absent):
        yield Letter(
            to=person,
            template=verb,
            params={
                "absent": str(cover.absent),
                "stand_in": str(cover.stand_in),
                "from": cover.starts_on.isoformat(),
                "until": cover.ends_on.isoformat(),
                "programme": cover.programme_id,
            },
            url=reverse("desk:cover-list"),
        )


def news_letters(
    verb: str, *, target: Any, by: Any = None, result: Any = None, **facts: Any
) -> Iterator[Letter]:
    """The organisation hears how its case stands after an officer's act."""
    case = read_again(target.case)
    if case.status not in INNER:
        yield from news_of(case, verb, by)


def stage_letters(
    verb: str, *, target: Any, by: Any = None, result: Any = None, **facts: Any
) -> Iterator[Letter]:
    """The organisation hears what was said of its stage."""
    target.refresh_from_db(fields=["status"])
    extra = {"stage": target.kind, "stage_status": target.status}
    yield from news_of(target.case, verb, by, template="stage_news", **extra)


def side_letters(
    verb: str, *, target: Any, by: Any = None, result: Any = None, **facts: Any
) -> Iterator[Letter]:
    """The organisation hears of a suspension, or how its request was decided."""
    case = read_again(target.case)
    outcome = result.status if isinstance(result, ChangeRequest) else ""
    yield from news_of(case, verb, by, template="side_news", outcome=outcome)


def news_of(
    case: Case, verb: str, by: Any, template: str = "case_news", **extra: Any
) -> Iterator[Letter]:
    url = reverse("desk:case-detail", args=[case.code])
    if template == "case_news":
        template = news_kind(case)
    binding = KINDS[template].binding or extra.get("stage_status") in BINDING_STAGES
    for person in members_of(case.organisation_id):
        if by is None or person.pk != getattr(by, "pk", None):
            yield Letter(
                to=person,
                template=template,
                params=case_facts(case) | {"action": verb} | extra,
                url=url,
                case_code=case.code,
                binding=binding,
            )


def news_kind(case: Case) -> str:
    """Which kind the news of a case's status is."""
    if case.status == Status.CORRECTION:
        return "correction"
    return "refusal" if case.status in REFUSED else "case_news"


def notice_letters(
    verb: str, *, result: Any = None, by: Any = None, **facts: Any
) -> Iterator[Letter]:
    """Every organisation on a published list hears of it."""
    if isinstance(result, Notice):
        for case in result.cases.select_related("round"):
            yield from news_of(case, verb, by)


def award_letters(
    verb: str, *, result: Any = None, by: Any = None, **facts: Any
) -> Iterator[Letter]:
    """Every organisation whose award letter was just issued hears of it."""
    for project in result or []:
        yield from news_of(project.case, verb, by)


def objection_letters(
    verb: str, *, result: Any = None, **facts: Any
) -> Iterator[Letter]:
    """The programme's officers hear that an objection came in."""
    if not isinstance(result, Objection):
        return
    case = result.case
    url = reverse("desk:case-detail", args=[case.code])
    for person in people_of_role(case.round.programme_id, Role.FUNDER):
        yield Letter(
            to=person,
            template="objection_received",
            params=case_facts(case) | {"number": result.number},
            url=url,
            case_code=case.code,
        )


def seat_letters(verb: str, *, result: Seat, **facts: Any) -> Iterator[Letter]:
    """Whose seat was freed hears of it; the case is closed to them."""
    yield Letter(
        to=result.reviewer,
        template=verb,
        params=case_facts(result.case),
        url=reverse("desk:inbox"),
        case_code=result.case.code,
    )


def lift_letters(
    verb: str, *, lift: ExclusionLift, by: User, **facts: Any
) -> Iterator[Letter]:
    """Who decides hears of the proposal; both sides hear of the decision."""
    case = lift.case
    params = case_facts(case) | {
        "organisation": str(case.organisation),
        "until": lift.termination.excluded_until.isoformat(),
        "outcome": lift.status,
    }
    office = reverse("desk:exclusion", args=[lift.termination_id])
    letters = dict.fromkeys(people_of_role(case.round.programme_id, Role.HEAD), office)
    if verb == "decide_lift":
        letters = {lift.proposed_by: reverse("desk:exclusion-list")}
        home = reverse("desk:case-detail", args=[case.code])
        letters |= dict.fromkeys(members_of(case.organisation_id), home)
    for person, url in letters.items():
        if person.pk != by.pk:
            yield Letter(
                to=person, template=verb, params=params, url=url, case_code=case.code
            )


def payment_letters(verb: str, *, target: Tranche, **facts: Any) -> Iterator[Letter]:
    """The organisation hears that a tranche was paid."""
    case = target.case
    url = reverse("desk:case-tab", args=[case.code, "money"])
    roles = (MembershipRole.FINANCE_CONTACT, MembershipRole.LEGAL_REP)
    for person in members_of(case.organisation_id, *roles):
        yield Letter(
            to=person,
            template="paid",
            params=case_facts(case)
            | {"seq": target.seq, "amount": f"{target.amount:,.2f}"},
            url=url,
            case_code=case.code,
        )


def timer_letters(
    verb: str, *, case: Case, node: str, **facts: Any
) -> Iterator[Letter]:
    """A deadline ended or moved the case: the organisation hears of it."""
    ended = (
        Status.EXPIRED,
        Status.INELIGIBLE,
        Status.REJECTED,
        Status.LAPSED,
        Status.MID_EVAL,
        Status.FINAL_EVAL,
    )
    fresh = read_again(case)
    if fresh.status in ended:
        yield from news_of(fresh, node, None)


def register_all() -> None:
    """Tell the outbox who hears of what, and how a message is worded."""
    for verb in ("task_opened", "task_reassigned", "task_overdue"):
        register(verb, task_letters)
    register("reminder", reminder_letters)
    for verb in ("make_cover", "end_cover"):
        register(verb, cover_letters)
    for verb in NEWS:
        register(verb, news_letters)
    for verb in SIDE_NEWS:
        register(verb, side_letters)
    for verb in STAGE_NEWS:
        register(verb, stage_letters)
    register("publish_notice", notice_letters)
    register("award_list", award_letters)
    register("object", objection_letters)
    for verb in ("propose_lift", "decide_lift"):
        register(verb, lift_letters)
    register("record_payment", payment_letters)
    register("vacate_seat", seat_letters)
    register("timer_fired", timer_letters)
    set_renderer(words_of, gather_texts)
    set_mailings(mailings_for)
    set_page(lambda: reverse("desk:message-list"))
