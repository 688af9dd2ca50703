"""The reviewer's desk: the proposal beside the score sheet, and the way through
the group's cases."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import OuterRef, Subquery, prefetch_related_objects
from django.urls import reverse

from attachments.models import Document
from attachments.selectors import documents_in
from desk.formpage import Control, FormPage
from grants.application_sheet import Topic, application_sheet
from grants.forms.base import ActionForm
from grants.models import Review, Seat, SeatStatus
from grants.rules import in_language, rules_of
from grants.services.proposal import TABLES
from grants.services.rescoring import last_reopened
from grants.services.reviewing import COMMENT_BELOW
from organisations.models import User
from workflows.models import WorkItem


@dataclass(frozen=True)
class Line:
    """One criterion of the sheet with its two inputs."""

    label: str
    weight: Decimal
    #: Below this score a comment is needed.
    least: Decimal
    score: Control
    comment: Control


@dataclass(frozen=True)
class Place:
    """Where this case stands among the reviewer's cases of the group."""

    number: int
    of: int
    locked: int
    before: str
    after: str
    seats: list[tuple[Seat, str]]


@dataclass(frozen=True)
class ScoreDesk:
    """What templates/desk/score.html draws beside and instead of the form."""

    sheet: list[Topic]
    documents: list[Document]
    lines: list[Line]
    recommended: Control
    total: Decimal
    full: Decimal
    place: Place
    #: What was locked before, where it was reopened.
    reopened: Review | None


def score_desk(user: User, seat: Seat, page: FormPage) -> ScoreDesk:
    """The desk of one seat of a case that the reviewer may see.

    Queries do not grow with the group.
    """
    case = seat.case
    prefetch_related_objects([case], *(table.relation for table in TABLES.values()))
    controls = {control.name: control for control in page.controls}
    lines = lines_of(seat, controls)
    return ScoreDesk(
        sheet=application_sheet(case, contacts=False),
        documents=list(documents_in(case.folder)) if case.folder else [],
        lines=lines,
        recommended=controls["recommended"],
        total=sum((number(line.score.value) for line in lines), Decimal(0)),
        full=sum((line.weight for line in lines), Decimal(0)),
        place=place_of(user, seat),
        reopened=last_reopened(seat),
    )


def lines_of(seat: Seat, controls: dict[str, Control]) -> list[Line]:
    """The criteria of the case's rules with their inputs."""
    lines = []
    for criterion in rules_of(seat.case).criteria:
        code, weight = criterion["code"], Decimal(str(criterion["weight"]))
        lines.append(
            Line(
                label=in_language(criterion),
                weight=weight,
                least=weight * COMMENT_BELOW,
                score=controls[f"score_{code}"],
                comment=controls[f"comment_{code}"],
            )
        )
    return lines


def number(value: Any) -> Decimal:
    """A typed score, 0 where it is none."""
    try:
        found = Decimal(str(value or 0))
    except InvalidOperation:
        return Decimal(0)
    return found if found.is_finite() else Decimal(0)


def place_of(user: User, seat: Seat) -> Place:
    """The reviewer's seats in the group, the one before and the one after: one query.

    A case with an open step leads to the step, another one to its reviews.
    """
    steps = WorkItem.objects.filter(
        task__seat=OuterRef("pk"), holder=user, closed_at=None
    )
    seats = list(
        Seat.objects.filter(panel=seat.panel_id, reviewer=user)
        .exclude(status=SeatStatus.CONFLICT)
        .select_related("case")
        .annotate(step=Subquery(steps.values("pk")[:1]))
        .order_by("case__code")
    )

    def address(of: Seat) -> str:
        if of.step is not None:
            return reverse("desk:work-item", args=[of.step])
        return reverse("desk:case-tab", args=[of.case.code, "reviews"])

    at = next((i for i, s in enumerate(seats) if s.pk == seat.pk), 0)
    return Place(
        number=at + 1,
        of=len(seats),
        locked=sum(s.status == SeatStatus.LOCKED for s in seats),
        before=address(seats[at - 1]) if at > 0 else "",
        after=address(seats[at + 1]) if at + 1 < len(seats) else "",
        seats=[(s, address(s)) for s in seats],
    )


def locked_sheet(form: ActionForm) -> dict[str, Any]:
    """What a valid score sheet says, for the page that asks before locking it."""
    given = form.cleaned_data
    lines = [
        {
            "label": in_language(criterion),
            "weight": criterion["weight"],
            "score": given[f"score_{criterion['code']}"],
            "comment": given[f"comment_{criterion['code']}"],
        }
        for criterion in rules_of(form.target.case).criteria
    ]
    return {
        "lines": lines,
        "total": sum((line["score"] for line in lines), Decimal(0)),
        "full": sum((Decimal(str(line["weight"])) for line in lines), Decimal(0)),
        "recommended": given["recommended"],
    }
