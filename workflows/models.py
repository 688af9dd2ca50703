"""The engine's rows and the inbox.

Process and Task are viewflow's abstract models with real foreign keys to our
nouns (no generic keys); WorkItem is one row per open human task.
"""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from viewflow.workflow.models import AbstractProcess, AbstractTask

from audit.declare import Audited
from grants.models import Role
from organisations.models import MembershipRole


class Process(AbstractProcess):
    """A running flow of one case; side flows name their subject."""

    case = models.ForeignKey(
        "grants.Case", on_delete=models.PROTECT, related_name="processes"
    )
    stage = models.ForeignKey(
        "grants.Stage", on_delete=models.PROTECT, null=True, related_name="processes"
    )
    tranche = models.ForeignKey(
        "grants.Tranche", on_delete=models.PROTECT, null=True, related_name="processes"
    )
    objection = models.ForeignKey(
        "grants.Objection",
        on_delete=models.PROTECT,
        null=True,
        related_name="processes",
    )
    finding = models.ForeignKey(
        "grants.Finding", on_delete=models.PROTECT, null=True, related_name="processes"
    )
    parent_task = models.ForeignKey(
        "workflows.Task", on_delete=models.PROTECT, null=True, related_name="children"
    )

    audited = Audited(stream="case:{case_id}")

    class Meta:
        verbose_name = _("process")
        verbose_name_plural = _("processes")
        indexes = [
            models.Index(fields=["case", "flow_class"], name="process_case_flow"),
            models.Index(fields=["flow_class", "status"], name="process_flow_status"),
        ]


class Task(AbstractTask):
    """One task of a process; `seat` is the subject of a review branch."""

    process = models.ForeignKey(
        Process, on_delete=models.PROTECT, related_name="task_set"
    )
    case = models.ForeignKey(
        "grants.Case", on_delete=models.PROTECT, related_name="tasks"
    )
    seat = models.ForeignKey(
        "grants.Seat", on_delete=models.PROTECT, null=True, related_name="tasks"
    )
    failures = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=200, blank=True)
    # viewflow's own, unused here; without reverse names, which would clash with
    # those of viewflow's table, and without its deletion of history with a user
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    owner_permission_content_type = models.ForeignKey(
        "contenttypes.ContentType",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    audited = Audited(stream="case:{case_id}")

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        ordering = ["id"]
        indexes = [
            models.Index(fields=["case", "status"], name="task_case_status"),
            models.Index(fields=["flow_task", "status"], name="task_node_status"),
            models.Index(
                fields=["scheduled"],
                condition=Q(status="SCHEDULED"),
                name="task_due_timers",
            ),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.case_id is None:
            self.case_id = self.process.case_id
        super().save(*args, **kwargs)


class WorkItem(models.Model):
    """An open human task: who may do it, who holds it, until when.

    A case's item belongs to an engine task; a round's item has none and is
    opened and closed by what its cases wait for (workflows.rounds).
    """

    task = models.OneToOneField(
        Task, on_delete=models.PROTECT, null=True, related_name="item"
    )
    case = models.ForeignKey(
        "grants.Case", on_delete=models.PROTECT, null=True, related_name="work_items"
    )
    round = models.ForeignKey(
        "grants.Round", on_delete=models.PROTECT, related_name="work_items"
    )
    programme = models.ForeignKey(
        "grants.Programme", on_delete=models.PROTECT, related_name="+"
    )
    stream = models.CharField(max_length=60)
    action = models.CharField(_("action"), max_length=40)
    node = models.CharField(max_length=40, blank=True)
    role = models.CharField(_("role"), max_length=12, choices=Role.choices, blank=True)
    organisation = models.ForeignKey(
        "organisations.Organisation",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    membership_role = models.CharField(
        max_length=12, choices=MembershipRole.choices, blank=True
    )
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="held_items",
        verbose_name=_("Current holder"),
    )
    personal = models.BooleanField(default=False)
    excluded = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    opened_at = models.DateTimeField(default=now)
    due_at = models.DateTimeField(_("Due"), null=True)
    claimed_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    reminders = models.PositiveSmallIntegerField(_("reminders"), default=0)
    closed_at = models.DateTimeField(null=True)
    completed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    audited = Audited(stream="{stream}")

    class Meta:
        verbose_name = _("work item")
        verbose_name_plural = _("work items")
        ordering = ["due_at", "id"]
        indexes = [
            models.Index(
                fields=["programme", "role", "due_at"],
                condition=Q(closed_at__isnull=True),
                name="item_open_role",
            ),
            models.Index(
                fields=["holder", "due_at"],
                condition=Q(closed_at__isnull=True),
                name="item_open_holder",
            ),
            models.Index(
                fields=["organisation", "membership_role"],
                condition=Q(closed_at__isnull=True),
                name="item_open_organisation",
            ),
            models.Index(fields=["case", "closed_at"], name="item_case"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "action"],
                condition=Q(case__isnull=True, closed_at__isnull=True),
                name="item_round_action_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.case_id or self.round_id}"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def is_overdue(self) -> bool:
        return self.is_open and self.due_at is not None and self.due_at < now()

    @property
    def target(self) -> Any:
        """What the action is about: the seat, stage, tranche …, case or round."""
        if self.task is None:
            return self.round
        process = self.task.process
        subject = self.task.seat or process.stage or process.tranche
        subject = subject or process.objection or process.finding
        if subject is None:
            return self.case
        subject.case = self.case
        return subject
