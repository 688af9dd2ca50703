"""What a person may read of a case beyond its row: reviews, names, the record.

`cases_visible_to` says who sees a case at all; here is what of it. Pages and
API read through these functions, so that one rule serves both.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Prefetch
from django.utils.translation import gettext as _

from audit.selectors import Change, TimelineEntry, timeline_of
from desk.wording import origin_words, role_label, verb_label
from grants.as_of import audits
from grants.models import (
    Case,
    DefenceNote,
    Review,
    Seat,
    SeatStatus,
    Status,
    TrancheStatus,
)
from grants.permissions import has_permission, roles_of
from grants.rules import in_language
from grants.selectors import PROJECT_STATUSES
from organisations.models import User
from organisations.selectors import organisation_ids_of

#: From here on the decision is public, and the applicant may read the reviews.
DECISION_PUBLIC = (
    Status.IN_NOTICE,
    Status.REVISION,
    Status.AGREEMENT,
    Status.REJECTED,
    Status.CANCELLED,
    *PROJECT_STATUSES,
)
#: Acts of the review and the committee: closed to the applicant and to other
#: reviewers, who would learn who judges and how.
CONFIDENTIAL = frozenset(
    {
        "open_review",
        "declare_interest",
        "replace_reviewer",
        "lock_score",
        "reopen_score",
        "vacate_seat",
        "decide_list",
        "confirm_decision",
        "offer_place",
        "accept_objection",
        "rule_on_objection",
        "object",
        "raise_finding",
        "answer_finding",
        "resolve_finding",
        "refer_finding",
        "close_accountability",
        "hold_documents",
        "claim",
        "release",
        "reassign",
    }
)
#: Steps of an audit that its subject is not told of.
OVERSIGHT_STEPS = ("answer_finding", "resolve_finding", "close_accountability")
#: Actors without an account.
PUBLIC = ("system:public", "system:anonymous")
#: Tables whose rows are the engine's, not facts of the case.
ENGINE_TABLES = ("workflows_process", "workflows_task", "workflows_workitem")


@dataclass(frozen=True)
class StoryLine:
    """One event of a case in words; `changes` is empty for who may not see it.

    origin: where it came from, for those who read the record; else "".
    """

    at: Any
    verb: str
    label: str
    who: str
    reason: str
    refused: bool
    changes: list[Change]
    origin: str = ""


@dataclass(frozen=True)
class ReviewSheet:
    """A seat and its score sheet, as far as the reader may see them."""

    seat: Seat
    reviewer: str
    review: Review | None
    scores: list[dict[str, Any]]
    #: Sheets that were reopened, for offices and the reviewer whose they are.
    earlier: list[tuple[Review, list[dict[str, Any]]]]


@dataclass(frozen=True)
class Money:
    """CNY of a case, as every page and the API show it."""

    requested: Decimal | None
    awarded: Decimal | None
    paid: Decimal
    returned: Decimal


def is_member(user: User, case: Case) -> bool:
    """Whether the reader belongs to the applicant organisation."""
    return case.organisation_id in organisation_ids_of(user)


def sees_everything(user: User, case: Case) -> bool:
    """Offices of the programme read the case's inner side too."""
    return has_permission(user, "view_cases", case.round.programme_id)


def sees_money(user: User, case: Case) -> bool:
    """Members, offices, and who works on the project; reviewers do not."""
    if is_member(user, case) or sees_everything(user, case):
        return True
    programme = case.round.programme_id
    working = {"cpa", "supervisor", "evaluator", "custodian", "district"}
    return any(p == programme and role in working for p, role in roles_of(user))


def reviews_for(user: User, case: Case) -> list[ReviewSheet]:
    """The score sheets this person may read now.

    Offices: all. A reviewer: the own one, and the others' once it is locked.
    Members: all, without names, once the decision is public. Nobody else any.
    """
    seats = list(
        case.seats.select_related("reviewer").prefetch_related(
            Prefetch("reviews", Review.objects.select_related("reopened_by")),
            "reviews__scores",
        )
    )
    names = {c["code"]: c for c in case.rules.data["review"]["criteria"]}
    offices = sees_everything(user, case)
    if not offices:
        own = next((seat for seat in seats if seat.reviewer_id == user.pk), None)
        if own is not None:
            locked = own.status == SeatStatus.LOCKED
            seats = seats if locked else [own]
        elif not (is_member(user, case) and case.status in DECISION_PUBLIC):
            return []
    return [
        _sheet(seat, offices or seat.reviewer_id == user.pk, names) for seat in seats
    ]


def _sheet(seat: Seat, named: bool, criteria: dict[str, Any]) -> ReviewSheet:
    review = seat.review
    who = str(seat.reviewer) if named else _("Reviewer %d") % seat.number
    earlier = seat.earlier_reviews if named else []
    return ReviewSheet(
        seat,
        who,
        review,
        lines_of(review, criteria),
        [(sheet, lines_of(sheet, criteria)) for sheet in earlier],
    )


def defences_of(case: Case) -> list[DefenceNote]:
    """What was asked and answered, for who may read the reviews: one query."""
    notes = case.defence_notes.select_related("panel__minutes").order_by("pk")
    return [note for note in notes if note.questions or note.answers]


def lines_of(review: Review | None, criteria: dict[str, Any]) -> list[dict[str, Any]]:
    """A sheet's scores with the words and weights of their criteria."""
    lines = []
    for score in review.scores.all() if review else []:
        criterion = criteria.get(score.criterion, {})
        label = in_language(criterion) if criterion else score.criterion
        weight = criterion.get("weight", "–")
        lines.append({"label": label, "weight": weight, "score": score})
    return lines


def story_of(user: User, case: Case) -> list[StoryLine]:
    """The case's timeline for this reader, the latest first.

    Offices read everything. Others read what happened and when, without the
    confidential acts and without the differences; people outside their own
    organisation appear as their office. Auditors and inspectors read where each
    act came from.
    """
    entries = timeline_of(f"case:{case.pk}")
    offices = sees_everything(user, case)
    oversees = audits(user, case)
    if not offices:
        entries = [e for e in entries if e.verb not in CONFIDENTIAL]
        entries = [e for e in entries if not e.verb.startswith("refused:")]
        entries = [e for e in entries if not _added_elsewhere(e, case)]
    people = people_of(entries)
    lines = []
    for entry in reversed(entries):
        changes = [c for c in entry.changes if c.table not in ENGINE_TABLES]
        lines.append(
            StoryLine(
                at=entry.at,
                verb=entry.verb,
                label=verb_label(entry.verb),
                who=names_of(entry, people, user, case, offices),
                reason=entry.reason if offices else "",
                refused=entry.verb.startswith("refused:"),
                changes=changes if offices else [],
                origin=origin_words(entry) if oversees else "",
            )
        )
    return lines


def _added_elsewhere(entry: TimelineEntry, case: Case) -> bool:
    """Whether a document was added that is not among the papers of the case: it came
    with an objection or a finding, which have readers of their own."""
    return any(
        change.table == "attachments_document"
        and change.field == "folder_id"
        and change.new != case.folder_id
        for change in entry.changes
    )


def people_of(entries: list[TimelineEntry]) -> dict[str, tuple[User, set[int]]]:
    """The people behind actor codes, with their organisations: two queries."""
    named = {code for e in entries for code in (e.actor, e.on_behalf or "")}
    codes = {code for code in named if code.startswith("user:")}
    ids = [int(code.split(":", 1)[1]) for code in codes]
    users = get_user_model().objects.filter(pk__in=ids).prefetch_related("memberships")
    return {
        f"user:{u.pk}": (u, {m.organisation_id for m in u.memberships.all()})
        for u in users
    }


def names_of(
    entry: TimelineEntry,
    people: dict[str, tuple[User, set[int]]],
    user: User,
    case: Case,
    offices: bool,
) -> str:
    """Who acted, and for whom where somebody stood in."""
    who = who_of(entry.actor, people, user, case, offices)
    if not offices or entry.on_behalf not in people:
        return who
    absent = who_of(entry.on_behalf, people, user, case, offices)
    return _("%(who)s for %(absent)s") % {"who": who, "absent": absent}


def who_of(
    actor: str,
    people: dict[str, tuple[User, set[int]]],
    user: User,
    case: Case,
    offices: bool,
) -> str:
    """An actor in words: a name where the reader may know it."""
    if actor not in people:
        return _("Public") if actor in PUBLIC else _("System")
    person, organisations = people[actor]
    if offices or person.pk == user.pk:
        return str(person)
    if case.organisation_id in organisations:
        return str(person) if is_member(user, case) else str(case.organisation)
    return _("The programme's office")


def may_name(user: User, case: Case) -> Callable[[Any], bool]:
    """Whose names on open items this reader may know, on every page and the API.

    Offices: everybody's. Members: those of their own organisation. Anybody:
    the own one.
    """
    offices, member = sees_everything(user, case), is_member(user, case)

    def known(item: Any) -> bool:
        own = item.holder_id == user.pk
        return offices or own or (member and item.organisation_id is not None)

    return known


def items_shown(user: User, case: Case, items: list[Any]) -> list[Any]:
    """The open steps that a reader may know of: who is no office learns nothing of
    an audit but what the organisation itself is asked."""
    if sees_everything(user, case):
        return items
    return [item for item in items if item.action not in OVERSIGHT_STEPS]


def holder_of(user: User, case: Case, item: Any) -> str:
    """Who an open item waits for, in words fit for this reader."""
    office = role_label(item.membership_role or item.role or "reviewer")
    if item.holder_id and may_name(user, case)(item):
        return f"{item.holder} · {office}"
    return office


def money_of(case: Case, tranches: list[Any], refund: Any) -> Money:
    """The four figures from rows that are already fetched."""
    paid = sum(
        (t.amount for t in tranches if t.status == TrancheStatus.PAID), Decimal("0.00")
    )
    return Money(
        requested=case.requested,
        awarded=case.awarded,
        paid=paid,
        returned=refund.amount if refund else Decimal("0.00"),
    )
