"""Reads of cases and rounds, always cut to what the reader may see."""

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from attachments.models import Folder, Version
from grants.lifecycle import ENDED, MOVES
from grants.models import (
    Case,
    Finding,
    FindingAddressee,
    Objection,
    Recusal,
    Role,
    Round,
    Seat,
    SeatStatus,
    Status,
    Tranche,
    TrancheStatus,
)
from grants.permissions import (
    has_permission,
    is_not_of_applicant,
    programmes_with,
    roles_of,
)
from organisations.models import User
from organisations.selectors import organisation_ids_of

PROJECT_STATUSES = (
    Status.RUNNING_INITIAL,
    Status.MID_EVAL,
    Status.RUNNING_FINAL,
    Status.FINAL_EVAL,
    Status.AUDIT,
    Status.CLOSING,
    Status.CLOSED,
    Status.ARCHIVED,
    Status.TERMINATED,
    Status.CLAWBACK,
    Status.CLAWBACK_DONE,
)
AUDIT_STATUSES = (Status.AUDIT, Status.CLOSING, Status.CLOSED, Status.ARCHIVED)
REVIEW_STATUSES = (Status.UNDER_REVIEW, Status.SCORED)
#: Permissions of which one lets read objections.
OBJECTION_READERS = ("accept_objection", "rule_on_objection", "view_trail")
FINDING_READERS = ("answer_finding", "view_trail")
#: Money that a case takes out of the round's pool.
COMMITTED = (
    Status.PROPOSED,
    Status.DECIDED,
    Status.IN_NOTICE,
    Status.REVISION,
    Status.AGREEMENT,
    *PROJECT_STATUSES,
)


def has_seat(user: User, organisations: Iterable[int]) -> Q:
    """The reviewer sits, or sat, on the case's panel without a conflict."""
    seats = Seat.objects.filter(case=OuterRef("pk"), reviewer=user)
    return Q(Exists(seats.exclude(status=SeatStatus.CONFLICT)))


def stands_in(*statuses: str) -> Callable[[User, Iterable[int]], Q]:
    return lambda user, organisations: Q(status__in=statuses)


#: What of a programme's cases a role sees, besides the offices that see all.
SEEN_BY_ROLE: dict[str, Callable[[User, Iterable[int]], Q]] = {
    Role.REVIEWER: has_seat,
    Role.SUPERVISOR: stands_in(*PROJECT_STATUSES),
    Role.EVALUATOR: stands_in(*PROJECT_STATUSES),
    Role.CPA: stands_in(*AUDIT_STATUSES),
    Role.WITNESS: stands_in(*REVIEW_STATUSES),
    Role.DISTRICT: lambda user, organisations: Q(
        submitted_at__isnull=False, district__bureau_id__in=organisations
    ),
    Role.CUSTODIAN: lambda user, organisations: Q(
        submitted_at__isnull=False, organisation__custodian_id__in=organisations
    ),
}


def cases_visible_to(user: User) -> QuerySet[Case]:
    """The cases a person may see: one rule for page, list, file and API.

    Drafts belong to their organisation alone. Whoever declared a conflict in
    a case does not see it at all (DESIGN.md §6).
    """
    if not user.is_authenticated or not user.is_active:
        return Case.objects.none()
    organisations = organisation_ids_of(user)
    submitted = Q(submitted_at__isnull=False)
    offices = Q(round__programme_id__in=programmes_with(user, "view_cases"))
    rule = Q(organisation_id__in=organisations) | offices & submitted
    held: dict[str, list[int]] = {}
    for programme, role in roles_of(user):
        held.setdefault(role, []).append(programme)
    for role, programmes in held.items():
        if role in SEEN_BY_ROLE:
            rule |= Q(round__programme_id__in=programmes) & SEEN_BY_ROLE[role](
                user, organisations
            )
    conflicted = Recusal.objects.filter(case=OuterRef("pk"), reviewer=user)
    conflicted_seat = Seat.objects.filter(
        case=OuterRef("pk"), reviewer=user, status=SeatStatus.CONFLICT
    )
    return Case.objects.filter(rule).exclude(
        Exists(conflicted) | Exists(conflicted_seat)
    )


def may_read_objections(user: User, case: Case) -> bool:
    """Whether who sees a case may read its objections with their files.

    Who accepts them, who rules on them and who audits the programme; nobody of
    the applicant organisation.
    """
    programme = case.round.programme_id
    held = any(has_permission(user, name, programme) for name in OBJECTION_READERS)
    return held and is_not_of_applicant(user, case)


def may_read_findings(user: User, case: Case) -> bool:
    """Whether who sees a case may read what auditors found in it: who oversees the
    programme, and the office that answers; nobody of the applicant organisation."""
    programme = case.round.programme_id
    held = any(has_permission(user, name, programme) for name in FINDING_READERS)
    return held and is_not_of_applicant(user, case)


def sees_finding(user: User, finding: Finding) -> bool:
    """Whether somebody may read one finding with its evidence: who oversees, the
    programme's office, and of the organisation those whom it asks."""
    if not cases_visible_to(user).filter(pk=finding.case_id).exists():
        return False
    if may_read_findings(user, finding.case):
        return True
    asked = MOVES["explain_finding"].members
    return (
        finding.addressee == FindingAddressee.ORGANISATION
        and finding.case.organisation_id in organisation_ids_of(user, *asked)
    )


def evidence_of(folder: Folder | None) -> list[Version]:
    """The files that a finding rests on: one query, none without a folder."""
    if folder is None:
        return []
    found = Version.objects.filter(document__folder=folder)
    return list(found.select_related("document").order_by("pk"))


def findings_visible_to(user: User) -> QuerySet[Finding]:
    """The findings of the programmes that somebody oversees."""
    overseen = programmes_with(user, "view_trail")
    cases = cases_visible_to(user).filter(round__programme_id__in=overseen)
    return Finding.objects.filter(case__in=cases)


def sees_objections(user: User, case: Case) -> bool:
    """The same, for who has not been asked whether they see the case."""
    return (
        may_read_objections(user, case)
        and cases_visible_to(user).filter(pk=case.pk).exists()
    )


def objections_of(case: Case) -> list[Objection]:
    """A case's objections with their files, the latest first: four queries.

    For callers that have asked `may_read_objections`.
    """
    papers = "folder__documents__versions"
    found = case.objections.select_related("folder").prefetch_related(papers)
    return list(found.order_by("-pk"))


def rounds_visible_to(user: User) -> QuerySet[Round]:
    """Published rounds for everybody, unpublished ones for those who set up."""
    public = Q(published_at__isnull=False)
    if not user.is_authenticated:
        return Round.objects.filter(public)
    return Round.objects.filter(
        public | Q(programme_id__in=programmes_with(user, "set_up_round"))
    )


def open_rounds(at: datetime) -> QuerySet[Round]:
    """Rounds whose call is open at a moment."""
    return Round.objects.filter(
        published_at__isnull=False,
        closed_at__isnull=True,
        opens_at__lte=at,
        closes_at__gt=at,
    )


def committed_of(round_: Round) -> Decimal:
    """CNY of the pool that decided cases take; ended awards give it back."""
    return round_.pool - pool_free(round_)


def committed_by_kind(rounds: Iterable[Round]) -> dict[int, dict[bool, Decimal]]:
    """CNY taken of the pools of rounds by id, of community organisations and others.

    {round: {True: community, False: others}}; one query.
    """
    taken = {r.pk: {True: Decimal("0.00"), False: Decimal("0.00")} for r in rounds}
    cases = Case.objects.filter(round__in=list(taken), status__in=COMMITTED)
    kinds = cases.order_by().values_list("round_id", "organisation__is_community")
    for pk, community, awarded in kinds.annotate(Sum("awarded")):
        taken[pk][community] = awarded or Decimal("0.00")
    return taken


def pool_free(round_: Round) -> Decimal:
    """CNY still free in the pool."""
    return pools_free([round_])[round_.pk]


def pools_free(rounds: Iterable[Round]) -> dict[int, Decimal]:
    """The same of several rounds, by id: one query."""
    free = {round_.pk: round_.pool for round_ in rounds}
    taken = Case.objects.filter(round__in=list(free), status__in=COMMITTED)
    for pk, awarded in (
        taken.order_by().values_list("round_id").annotate(Sum("awarded"))
    ):
        free[pk] -= awarded or Decimal("0.00")
    return free


def paid_of(case: Case) -> Decimal:
    """CNY paid out on a case so far."""
    total = Tranche.objects.filter(case=case, status=TrancheStatus.PAID).aggregate(
        s=Sum("amount")
    )["s"]
    return total or Decimal("0.00")


def paid_by_case(ids: Iterable[int]) -> dict[int, Decimal]:
    """The same of several cases, by id: one query."""
    rows = Tranche.objects.filter(case__in=list(ids), status=TrancheStatus.PAID)
    return dict(rows.order_by().values_list("case_id").annotate(Sum("amount")))


def returned_of(case: Case) -> Decimal:
    """CNY that the organisation paid back."""
    refund = getattr(case, "refund", None)
    return refund.amount if refund else Decimal("0.00")


def has_open_hold(case: Case) -> bool:
    """The one question that money asks."""
    return case.holds.filter(lifted_at=None).exists()


def is_ended(case: Case) -> bool:
    return case.status in ENDED
