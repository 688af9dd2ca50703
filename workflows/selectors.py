"""The inbox and what may be done now; always cut to the person."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.timezone import now
from django.utils.translation import gettext as _

from grants.actions import ACTIONS, Action
from grants.errors import NotVisible
from grants.lifecycle import MOVES
from grants.models import Case, Hold, Recusal, Role
from grants.permissions import can_take, covers_of, roles_of
from grants.selectors import cases_visible_to, has_open_hold
from organisations.models import MembershipRole, User
from organisations.selectors import memberships_of
from workflows.models import WorkItem

#: What people may do on a case at any time that the table of moves allows.
FREE = tuple(
    action
    for action in ACTIONS.values()
    if action.free and action.of == "case" and not MOVES[action.name].public
)


@dataclass(frozen=True)
class ActionOffer:
    """An action that a person may take on a case now."""

    action: Action
    item: WorkItem | None
    target: Any


#: Steps that wait while a hold on the case is open (the services refuse them).
PAUSED = ("request_payment", "record_payment")


def inbox_for(user: User) -> QuerySet[WorkItem]:
    """What the person can do now; steps that a hold keeps waiting stay out."""
    held = Hold.objects.filter(case=OuterRef("case_id"), lifted_at=None)
    return items_for(user).exclude(Q(action__in=PAUSED) & Exists(held))


def items_for(user: User) -> QuerySet[WorkItem]:
    """Open items that the person holds, or could take from a group."""
    if not user.is_authenticated or not user.is_active:
        return WorkItem.objects.none()
    group = Q()
    for programme_id, role in roles_of(user):
        group |= Q(programme_id=programme_id, role=role)
    for membership in memberships_of(user):
        group |= Q(
            organisation_id=membership.organisation_id,
            membership_role=membership.role,
        )
    rule = Q(holder=user)
    if group:
        rule |= Q(holder=None) & group
        rule |= Q(holder__in=covers_of(user).values("absent"), personal=False) & group
    conflicted = Recusal.objects.filter(case=OuterRef("case_id"), reviewer=user)
    return (
        WorkItem.objects.filter(rule, closed_at=None)
        .exclude(excluded=user)
        .exclude(Exists(conflicted))
        .select_related(
            "case__round__programme",
            "case__organisation",
            "case__rules",
            "case__application",
            "case__district",
            "round__programme",
            "round__rules",
            "holder",
            "organisation",
            "task__seat",
            "task__process__stage",
            "task__process__tranche__batch",
            "task__process__objection",
            "task__process__finding",
        )
        .order_by(F("due_at").asc(nulls_last=True), "pk")
    )


def mine_of(user: User) -> QuerySet[WorkItem]:
    """What the person holds."""
    return inbox_for(user).filter(holder=user)


def group_items_of(user: User) -> QuerySet[WorkItem]:
    """What nobody holds yet and the person could take."""
    return inbox_for(user).filter(holder=None)


def overdue_of(user: User) -> QuerySet[WorkItem]:
    return inbox_for(user).filter(due_at__lt=now())


def done_by(user: User) -> QuerySet[WorkItem]:
    """What the person completed and may still see, the latest first."""
    seen = Q(case=None) | Q(case__in=cases_visible_to(user))
    return (
        WorkItem.objects.filter(seen, completed_by=user)
        .select_related("case__organisation", "round")
        .order_by("-closed_at", "-pk")
    )


def item_for(user: User, pk: int) -> WorkItem:
    """An open item of an inbox, of a case that one sees; NotVisible otherwise."""
    seen = Q(case=None) | Q(case__in=cases_visible_to(user))
    item = items_for(user).filter(seen, pk=pk).first()
    if item is None:
        raise NotVisible()
    return item


def ends_at(item: WorkItem) -> datetime | None:
    """When an organisation's step is over by itself; None where it only reminds."""
    ends = bool(item.task and item.task.flow_task.ends_itself)
    return item.due_at if ends and item.membership_role else None


def open_items_of(case: Case) -> QuerySet[WorkItem]:
    return (
        WorkItem.objects.filter(case=case, closed_at=None)
        .select_related(
            "case__round",
            "round",
            "holder",
            "organisation",
            "task__seat",
            "task__process__stage",
            "task__process__tranche__batch",
            "task__process__objection",
            "task__process__finding",
        )
        .order_by("pk")
    )


def actions_open_to(
    user: User, case: Case, items: list[WorkItem] | None = None
) -> list[ActionOffer]:
    """Every action the person may take on this case now.

    Steps come from the open items; what is free comes from the table of moves,
    unless the step that answers it is open.
    """
    offers = []
    items = list(open_items_of(case)) if items is None else items
    asked = {item.action for item in items}
    if any(item.action in PAUSED for item in items) and has_open_hold(case):
        items = [item for item in items if item.action not in PAUSED]
    for item in items:
        free = is_free_for(item, user) and item.excluded_id != user.pk
        if free and can_take(item.action, item.target, user):
            offers.append(ActionOffer(ACTIONS[item.action], item, item.target))
    for action in FREE:
        move = MOVES[action.name]
        if action.entry:
            continue
        if action.answered_by not in asked and case.status in move.sources:
            if can_take(action.name, case, user):
                offers.append(ActionOffer(action, None, case))
    return offers


def is_free_for(item: WorkItem, user: User) -> bool:
    """Whether nobody else holds the item; a stand-in's absent person does not."""
    if item.holder_id in (None, user.pk):
        return True
    if item.personal:
        return False
    return covers_of(user).filter(absent=item.holder_id).exists()


def why(item: WorkItem, user: User) -> str:
    """Why this item is in this person's inbox."""
    if item.personal and item.holder_id == user.pk:
        return _("You sit on the panel of this case.")
    if item.holder_id == user.pk:
        return _("You hold this task.")
    if item.holder_id is not None:
        return _("You stand in for %(name)s.") % {"name": item.holder}
    if item.membership_role:
        return _("You are %(role)s of %(organisation)s.") % {
            "role": MembershipRole(item.membership_role).label,
            "organisation": item.organisation,
        }
    return _("Your role: %(role)s.") % {"role": Role(item.role).label}
