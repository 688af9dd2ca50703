"""Reminders (催办): by the sweep once, by an officer once a day a person."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.db.models import F, Q
from django.utils.timezone import localtime, now

from audit.record import record, record_refusal
from grants.permissions import programmes_with
from organisations.models import User
from outbox.services import announce
from workflows.models import WorkItem


def remind_overdue(limit: int = 200) -> int:
    """Write once to who holds (or could take) an item that passed its date."""
    overdue = (
        WorkItem.objects.filter(
            closed_at=None, due_at__lt=now(), reminded_at=None, case__isnull=False
        )
        .select_related("case__round", "holder")
        .order_by("due_at")[:limit]
    )
    count = 0
    for item in overdue:
        with record("remind", by="system:reminders", target=item.case.code):
            if note([item.pk], Q(reminded_at=None)):
                announce("task_overdue", item=item)
                count += 1
    return count


def remind_now(items: Iterable[WorkItem], *, by: User) -> int:
    """An officer's one click: everybody who is late hears of all of it at once.

    Each item counts one reminder a day (Asia/Shanghai), whoever presses, and
    nobody gets a second letter on the same day. Items of programmes in which the
    person does not remind are passed over. Returns the items reminded of;
    PermissionDenied (recorded) for who reminds nowhere.
    """
    theirs = programmes_with(by, "remind")
    if not theirs:
        record_refusal("remind", by=by, target="list:overdue", code="may_not_remind")
        raise PermissionDenied
    today = localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    not_today = Q(reminded_at=None) | Q(reminded_at__lt=today)
    ids = [item.pk for item in items if item.case_id and item.is_overdue]
    with record("remind", by=by, target="list:overdue") as event:
        due = WorkItem.objects.filter(
            not_today, pk__in=ids, programme_id__in=theirs, closed_at=None
        )
        found = list(due.select_related("case__round", "holder").order_by("due_at"))
        note([item.pk for item in found], not_today)
        event.data["items"] = len(found)
        if found:
            announce("reminder", items=found, by=by)
    return len(found)


def note(ids: list[int], condition: Q) -> int:
    """Count a reminder of each item that is open and fits the condition."""
    return WorkItem.objects.filter(condition, pk__in=ids, closed_at=None).update(
        reminded_at=now(), reminders=F("reminders") + 1
    )
