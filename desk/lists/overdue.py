"""Who is late (催办清单): a row per open task past its due date."""

from typing import Any

from django.db.models import Q
from django.utils.timezone import localdate, now
from django.utils.translation import gettext_lazy as _

from audit.record import shows
from desk.lists.columns import Column, Kind, ListKind
from desk.lists.facts import day_of
from desk.wording import action_label, audience_of
from workflows.models import WorkItem


def days_late(item: WorkItem) -> int:
    """Whole days since the due day, Asia/Shanghai."""
    return (localdate() - day_of(item.due_at)).days


def telephone_of(item: WorkItem) -> str:
    found = item.holder.phone if item.holder_id else ""
    if found:
        shows()
    return found


OVERDUE = ListKind(
    "overdue",
    _("Overdue steps"),
    _("Open steps past their due date, whose they are and how late."),
    (
        Column("code", _("Application number"), value=lambda i: i.case.code),
        Column("title", _("Project name"), value=lambda i: i.case.title),
        Column("step", _("Step"), value=lambda i: str(action_label(i.action))),
        Column(
            "organisation",
            _("Applicant organisation"),
            value=lambda i: i.case.organisation.name,
            select=("case__organisation",),
        ),
        Column("office", _("Office"), value=audience_of),
        Column(
            "holder",
            _("Person responsible"),
            value=lambda i: str(i.holder or ""),
            select=("holder",),
        ),
        Column("phone", _("Telephone"), value=telephone_of, select=("holder",)),
        Column("due", _("Due"), Kind.DATE, lambda i: day_of(i.due_at)),
        Column("late", _("Days late"), Kind.NUMBER, days_late),
        Column("reminders", _("Reminders sent"), Kind.NUMBER, lambda i: i.reminders),
        Column(
            "reminded", _("Last reminder"), Kind.DATE, lambda i: day_of(i.reminded_at)
        ),
    ),
    rows=lambda cases: late_items(cases),
    order=("due_at", "pk"),
    case="case",
)


def late_items(cases: Any) -> Any:
    return WorkItem.objects.filter(
        Q(due_at__lt=now()), closed_at=None, case__in=cases.values("pk")
    ).select_related("case")
