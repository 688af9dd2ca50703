import django.db.models.deletion
import django.utils.timezone
import viewflow.workflow.fields
import viewflow.workflow.token
from django.conf import settings
from django.db import migrations, models

from audit.foundation import Tables


class Migration(migrations.Migration):
    replaces = [
        ("workflows", "0001_initial"),
        ("workflows", "0002_task_owner_unused"),
        ("workflows", "0003_reminders"),
    ]

    initial = True

    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("grants", "0001_foundation"),
        ("organisations", "0001_foundation"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    tables = [
        migrations.CreateModel(
            name="Process",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                (
                    "flow_class",
                    viewflow.workflow.fields.FlowReferenceField(
                        max_length=250, verbose_name="Flow"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("CANCELED", "Canceled"),
                            ("DONE", "Done"),
                            ("NEW", "New"),
                        ],
                        default="NEW",
                        max_length=50,
                        verbose_name="Status",
                    ),
                ),
                (
                    "created",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="Created"
                    ),
                ),
                (
                    "finished",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="Finished"
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="processes",
                        to="grants.case",
                    ),
                ),
                (
                    "objection",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="processes",
                        to="grants.objection",
                    ),
                ),
                (
                    "stage",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="processes",
                        to="grants.stage",
                    ),
                ),
                (
                    "tranche",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="processes",
                        to="grants.tranche",
                    ),
                ),
            ],
            options={
                "verbose_name": "process",
                "verbose_name_plural": "processes",
            },
        ),
        migrations.CreateModel(
            name="Task",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                (
                    "flow_task",
                    viewflow.workflow.fields.TaskReferenceField(
                        max_length=255, verbose_name="Task"
                    ),
                ),
                (
                    "flow_task_type",
                    models.CharField(max_length=50, verbose_name="Type"),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("ASSIGNED", "Assigned"),
                            ("CANCELED", "Canceled"),
                            ("DONE", "Done"),
                            ("ERROR", "Error"),
                            ("NEW", "New"),
                            ("REVIVED", "Revived"),
                            ("SCHEDULED", "Scheduled"),
                            ("STARTED", "Started"),
                        ],
                        db_index=True,
                        default="NEW",
                        max_length=50,
                        verbose_name="Status",
                    ),
                ),
                (
                    "created",
                    models.DateTimeField(
                        db_index=True,
                        default=django.utils.timezone.now,
                        verbose_name="Created",
                    ),
                ),
                (
                    "assigned",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="Assigned"
                    ),
                ),
                (
                    "started",
                    models.DateTimeField(blank=True, null=True, verbose_name="Started"),
                ),
                (
                    "finished",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="Finished"
                    ),
                ),
                (
                    "scheduled",
                    models.DateTimeField(
                        blank=True, db_index=True, null=True, verbose_name="Scheduled"
                    ),
                ),
                (
                    "token",
                    viewflow.workflow.fields.TokenField(
                        default=viewflow.workflow.token.Token("start"),
                        max_length=150,
                        verbose_name="Token",
                    ),
                ),
                (
                    "external_task_id",
                    models.CharField(
                        blank=True,
                        db_index=True,
                        max_length=50,
                        null=True,
                        verbose_name="External Task ID",
                    ),
                ),
                (
                    "owner_permission",
                    models.CharField(
                        blank=True, max_length=255, null=True, verbose_name="Permission"
                    ),
                ),
                (
                    "owner_permission_obj_pk",
                    models.CharField(blank=True, max_length=255, null=True),
                ),
                ("failures", models.PositiveIntegerField(default=0)),
                ("last_error", models.CharField(blank=True, max_length=200)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tasks",
                        to="grants.case",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "owner_permission_content_type",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contenttypes.contenttype",
                    ),
                ),
                (
                    "previous",
                    models.ManyToManyField(
                        related_name="leading",
                        to="workflows.task",
                        verbose_name="Previous",
                    ),
                ),
                (
                    "process",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="task_set",
                        to="workflows.process",
                    ),
                ),
                (
                    "seat",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tasks",
                        to="grants.seat",
                    ),
                ),
            ],
            options={
                "verbose_name": "task",
                "verbose_name_plural": "tasks",
                "ordering": ["id"],
            },
        ),
        migrations.AddField(
            model_name="process",
            name="parent_task",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="children",
                to="workflows.task",
            ),
        ),
        migrations.CreateModel(
            name="WorkItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("stream", models.CharField(max_length=60)),
                ("action", models.CharField(max_length=40, verbose_name="action")),
                ("node", models.CharField(blank=True, max_length=40)),
                (
                    "role",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("operator", "Operator"),
                            ("funder", "Programme officer (funder)"),
                            ("head", "Head of division"),
                            ("leader", "Deputy director in charge"),
                            ("committee", "Committee member"),
                            ("reviewer", "Reviewer"),
                            ("finance", "Finance officer"),
                            ("supervisor", "Supervisor"),
                            ("evaluator", "Evaluator"),
                            ("cpa", "Audit firm"),
                            ("custodian", "Custodian"),
                            ("district", "District civil-affairs bureau"),
                            ("auditor", "Auditor"),
                            ("inspector", "Discipline inspector"),
                            ("witness", "Witness"),
                        ],
                        max_length=12,
                        verbose_name="role",
                    ),
                ),
                (
                    "membership_role",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("applicant", "Applicant"),
                            ("legal_rep", "Legal representative"),
                            ("org_finance", "Organisation's finance contact"),
                        ],
                        max_length=12,
                    ),
                ),
                ("personal", models.BooleanField(default=False)),
                ("opened_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("due_at", models.DateTimeField(null=True, verbose_name="Due")),
                ("claimed_at", models.DateTimeField(null=True)),
                ("reminded_at", models.DateTimeField(null=True)),
                (
                    "reminders",
                    models.PositiveSmallIntegerField(
                        default=0, verbose_name="reminders"
                    ),
                ),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="work_items",
                        to="grants.case",
                    ),
                ),
                (
                    "completed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "excluded",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "holder",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="held_items",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="Current holder",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.organisation",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grants.programme",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="work_items",
                        to="grants.round",
                    ),
                ),
                (
                    "task",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="item",
                        to="workflows.task",
                    ),
                ),
            ],
            options={
                "verbose_name": "work item",
                "verbose_name_plural": "work items",
                "ordering": ["due_at", "id"],
            },
        ),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(fields=["case", "status"], name="task_case_status"),
        ),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(fields=["flow_task", "status"], name="task_node_status"),
        ),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(
                condition=models.Q(("status", "SCHEDULED")),
                fields=["scheduled"],
                name="task_due_timers",
            ),
        ),
        migrations.AddIndex(
            model_name="process",
            index=models.Index(fields=["case", "flow_class"], name="process_case_flow"),
        ),
        migrations.AddIndex(
            model_name="process",
            index=models.Index(
                fields=["flow_class", "status"], name="process_flow_status"
            ),
        ),
        migrations.AddIndex(
            model_name="workitem",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True)),
                fields=["programme", "role", "due_at"],
                name="item_open_role",
            ),
        ),
        migrations.AddIndex(
            model_name="workitem",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True)),
                fields=["holder", "due_at"],
                name="item_open_holder",
            ),
        ),
        migrations.AddIndex(
            model_name="workitem",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True)),
                fields=["organisation", "membership_role"],
                name="item_open_organisation",
            ),
        ),
        migrations.AddIndex(
            model_name="workitem",
            index=models.Index(fields=["case", "closed_at"], name="item_case"),
        ),
        migrations.AddConstraint(
            model_name="workitem",
            constraint=models.UniqueConstraint(
                condition=models.Q(("case__isnull", True), ("closed_at__isnull", True)),
                fields=("round", "action"),
                name="item_round_action_once",
            ),
        ),
    ]
    operations = [Tables(tables)]
