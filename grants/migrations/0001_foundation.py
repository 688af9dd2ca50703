import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import simple_history.models
from django.conf import settings
from django.db import migrations, models

from audit.foundation import Tables


class Migration(migrations.Migration):
    replaces = [
        ("grants", "0001_initial"),
        ("grants", "0002_objection_folder"),
        ("grants", "0003_whole_application_form"),
        ("grants", "0004_check_codes"),
        ("grants", "0005_leave_cover"),
        ("grants", "0006_payment_batches"),
        ("grants", "0007_side_ways"),
        ("grants", "0008_eligibility_checks"),
        ("grants", "0009_ledger_and_evaluation"),
        ("grants", "0010_review_groups"),
        ("grants", "0011_rounds_as_set_up"),
        ("grants", "0012_reopened_scores"),
        ("grants", "0013_hold_opened_by"),
        ("grants", "0014_activities_of_the_budget"),
        ("grants", "0015_defence_minutes"),
    ]

    initial = True

    dependencies = [
        ("attachments", "0001_foundation"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("organisations", "0001_foundation"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        # small tables first: with ours beside them each takes many times as long
        ("axes", "0010_accessattemptexpiration"),
        (
            "guardian",
            "0003_remove_groupobjectpermission_guardian_gr_content_ae6aec_idx_and_more",
        ),
        ("mfa", "0003_authenticator_type_uniq"),
        ("viewflow", "0015_task_scheduled"),
    ]

    tables = [
        migrations.CreateModel(
            name="Case",
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
                    "code",
                    models.CharField(
                        max_length=50, unique=True, verbose_name="Application number"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("DRAFT", "Draft"),
                            ("SCREENING", "In screening"),
                            ("CORRECTION", "Returned for correction"),
                            ("ELIGIBLE", "Eligible, awaiting review"),
                            ("UNDER_REVIEW", "Under review"),
                            ("SCORED", "Scored, awaiting decision"),
                            ("PROPOSED", "Proposed for award"),
                            ("WAITLISTED", "On the wait list"),
                            ("DECIDED", "Approved by the bureau meeting"),
                            ("IN_NOTICE", "In public notice"),
                            ("REVISION", "Plan and budget being revised"),
                            ("AGREEMENT", "Awaiting agreement"),
                            ("RUNNING_INITIAL", "Running, initial stage"),
                            ("MID_EVAL", "Mid-term evaluation"),
                            ("RUNNING_FINAL", "Running, final stage"),
                            ("FINAL_EVAL", "Final evaluation"),
                            ("AUDIT", "Financial audit"),
                            ("CLOSING", "Closing"),
                            ("CLOSED", "Closed"),
                            ("ARCHIVED", "Archived"),
                            ("EXPIRED", "Expired"),
                            ("INELIGIBLE", "Ineligible"),
                            ("REJECTED", "Not funded"),
                            ("WITHDRAWN", "Withdrawn"),
                            ("CANCELLED", "Award cancelled"),
                            ("LAPSED", "Award declined or lapsed"),
                            ("TERMINATED", "Terminated"),
                            ("CLAWBACK", "Clawback"),
                            ("CLAWBACK_DONE", "Clawback settled"),
                        ],
                        default="DRAFT",
                        max_length=16,
                        verbose_name="status",
                    ),
                ),
                (
                    "ended_from",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("DRAFT", "Draft"),
                            ("SCREENING", "In screening"),
                            ("CORRECTION", "Returned for correction"),
                            ("ELIGIBLE", "Eligible, awaiting review"),
                            ("UNDER_REVIEW", "Under review"),
                            ("SCORED", "Scored, awaiting decision"),
                            ("PROPOSED", "Proposed for award"),
                            ("WAITLISTED", "On the wait list"),
                            ("DECIDED", "Approved by the bureau meeting"),
                            ("IN_NOTICE", "In public notice"),
                            ("REVISION", "Plan and budget being revised"),
                            ("AGREEMENT", "Awaiting agreement"),
                            ("RUNNING_INITIAL", "Running, initial stage"),
                            ("MID_EVAL", "Mid-term evaluation"),
                            ("RUNNING_FINAL", "Running, final stage"),
                            ("FINAL_EVAL", "Final evaluation"),
                            ("AUDIT", "Financial audit"),
                            ("CLOSING", "Closing"),
                            ("CLOSED", "Closed"),
                            ("ARCHIVED", "Archived"),
                            ("EXPIRED", "Expired"),
                            ("INELIGIBLE", "Ineligible"),
                            ("REJECTED", "Not funded"),
                            ("WITHDRAWN", "Withdrawn"),
                            ("CANCELLED", "Award cancelled"),
                            ("LAPSED", "Award declined or lapsed"),
                            ("TERMINATED", "Terminated"),
                            ("CLAWBACK", "Clawback"),
                            ("CLAWBACK_DONE", "Clawback settled"),
                        ],
                        max_length=16,
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "title",
                    models.CharField(
                        blank=True, max_length=40, verbose_name="Project name"
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "status_since",
                    models.DateTimeField(default=django.utils.timezone.now),
                ),
                (
                    "submitted_at",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="submitted"
                    ),
                ),
                (
                    "requested",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        verbose_name="Requested",
                    ),
                ),
                (
                    "awarded",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        verbose_name="Awarded",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "folder",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="attachments.folder",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to="organisations.organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "case",
                "verbose_name_plural": "cases",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="BudgetLine",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("REQUEST", "Requested budget"),
                            ("PLAN", "Approved budget"),
                        ],
                        max_length=8,
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                (
                    "head",
                    models.CharField(
                        choices=[
                            ("ACTIVITY", "Activity costs"),
                            ("STAFF", "Staff subsidies"),
                            ("ADMIN", "Administration"),
                            ("TAX", "Tax"),
                            ("FIXED_ASSET", "Fixed assets"),
                        ],
                        max_length=12,
                        verbose_name="budget head",
                    ),
                ),
                ("item", models.CharField(max_length=80, verbose_name="item")),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2, max_digits=14, verbose_name="amount (CNY)"
                    ),
                ),
                (
                    "funded_by",
                    models.CharField(
                        choices=[("GRANT", "Grant"), ("SELF", "Self-raised")],
                        max_length=8,
                        verbose_name="funded by",
                    ),
                ),
                (
                    "activity",
                    models.CharField(
                        blank=True, max_length=120, verbose_name="serves the activity"
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="budget_lines",
                        to="grants.case",
                    ),
                ),
            ],
            options={
                "verbose_name": "budget line",
                "verbose_name_plural": "budget lines",
                "ordering": ["kind", "position"],
            },
        ),
        migrations.CreateModel(
            name="AuditReport",
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
                    "accepted_expenditure",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=14,
                        verbose_name="accepted expenditure (CNY)",
                    ),
                ),
                (
                    "opinion",
                    models.CharField(
                        choices=[
                            ("CLEAN", "Without reservation"),
                            ("QUALIFIED", "With reservations"),
                        ],
                        max_length=12,
                        verbose_name="opinion",
                    ),
                ),
                ("filed_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "filed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="attachments.document",
                    ),
                ),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="audit_report",
                        to="grants.case",
                    ),
                ),
            ],
            options={
                "verbose_name": "audit report",
                "verbose_name_plural": "audit reports",
            },
        ),
        migrations.CreateModel(
            name="Application",
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
                    "category",
                    models.CharField(
                        blank=True, max_length=20, verbose_name="service field"
                    ),
                ),
                (
                    "period_start",
                    models.DateField(
                        blank=True, null=True, verbose_name="project start"
                    ),
                ),
                (
                    "period_end",
                    models.DateField(blank=True, null=True, verbose_name="project end"),
                ),
                (
                    "beneficiaries",
                    models.TextField(blank=True, verbose_name="target beneficiaries"),
                ),
                (
                    "resources",
                    models.TextField(blank=True, verbose_name="usable resources"),
                ),
                ("objectives", models.TextField(blank=True, verbose_name="objectives")),
                (
                    "plan",
                    models.TextField(blank=True, verbose_name="implementation plan"),
                ),
                ("summary", models.TextField(blank=True, verbose_name="summary")),
                (
                    "place",
                    models.CharField(blank=True, max_length=200, verbose_name="place"),
                ),
                (
                    "direct_beneficiaries",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="direct beneficiaries"
                    ),
                ),
                (
                    "indirect_beneficiaries",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="indirect beneficiaries"
                    ),
                ),
                ("need_analysis", models.TextField(blank=True, verbose_name="need")),
                ("innovation", models.TextField(blank=True, verbose_name="innovation")),
                ("risk_plan", models.TextField(blank=True, verbose_name="risks")),
                (
                    "sustainability",
                    models.TextField(blank=True, verbose_name="sustainability"),
                ),
                (
                    "founded_on",
                    models.DateField(blank=True, null=True, verbose_name="founded on"),
                ),
                (
                    "postcode",
                    models.CharField(blank=True, max_length=6, verbose_name="postcode"),
                ),
                (
                    "address",
                    models.CharField(
                        blank=True, max_length=120, verbose_name="postal address"
                    ),
                ),
                (
                    "annual_check_year",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="year of the annual check"
                    ),
                ),
                (
                    "annual_check_result",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("PASSED", "Passed"),
                            ("BASICALLY", "Basically passed"),
                            ("FAILED", "Failed"),
                        ],
                        max_length=10,
                        verbose_name="conclusion of the annual check",
                    ),
                ),
                (
                    "grade_year",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="year of the grade"
                    ),
                ),
                (
                    "grade",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="grade (A)"
                    ),
                ),
                (
                    "org_profile",
                    models.TextField(
                        blank=True, verbose_name="profile of the organisation"
                    ),
                ),
                (
                    "leader_name",
                    models.CharField(
                        blank=True, max_length=60, verbose_name="project leader"
                    ),
                ),
                (
                    "leader_mobile",
                    models.CharField(
                        blank=True, max_length=20, verbose_name="leader's mobile"
                    ),
                ),
                (
                    "leader_phone",
                    models.CharField(
                        blank=True, max_length=30, verbose_name="leader's telephone"
                    ),
                ),
                (
                    "leader_email",
                    models.EmailField(
                        blank=True, max_length=254, verbose_name="leader's e-mail"
                    ),
                ),
                (
                    "contact_name",
                    models.CharField(blank=True, max_length=60, verbose_name="contact"),
                ),
                (
                    "contact_mobile",
                    models.CharField(
                        blank=True, max_length=20, verbose_name="contact's mobile"
                    ),
                ),
                (
                    "contact_phone",
                    models.CharField(
                        blank=True, max_length=30, verbose_name="contact's telephone"
                    ),
                ),
                (
                    "contact_email",
                    models.EmailField(
                        blank=True, max_length=254, verbose_name="contact's e-mail"
                    ),
                ),
                (
                    "commitment",
                    models.BooleanField(default=False, verbose_name="commitment"),
                ),
                (
                    "answers",
                    models.JSONField(
                        blank=True, default=dict, verbose_name="answers to the round"
                    ),
                ),
                ("term_ends", models.DateTimeField(blank=True, null=True)),
                ("handed_in_before", models.TextField(blank=True)),
                ("fields_to_correct", models.JSONField(blank=True, default=list)),
                ("screening_reason", models.TextField(blank=True)),
                ("corrections", models.PositiveIntegerField(default=0)),
                ("correction_due", models.DateTimeField(blank=True, null=True)),
                ("end_reason", models.TextField(blank=True)),
                (
                    "score",
                    models.DecimalField(decimal_places=2, max_digits=5, null=True),
                ),
                ("scored_at", models.DateTimeField(null=True)),
                ("notice_over_at", models.DateTimeField(null=True)),
                (
                    "refusal_proposed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "screened_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="application",
                        to="grants.case",
                    ),
                ),
            ],
            options={
                "verbose_name": "application",
                "verbose_name_plural": "applications",
            },
        ),
        migrations.CreateModel(
            name="Agreement",
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
                ("signed_on", models.DateField(verbose_name="signed on")),
                (
                    "number",
                    models.CharField(
                        blank=True, max_length=60, verbose_name="agreement number"
                    ),
                ),
                ("countersigned_on", models.DateField(blank=True, null=True)),
                (
                    "applicant_copy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="attachments.document",
                    ),
                ),
                (
                    "countersigned_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "sealed_copy",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="attachments.document",
                    ),
                ),
                (
                    "signed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="agreement",
                        to="grants.case",
                    ),
                ),
            ],
            options={
                "verbose_name": "agreement",
                "verbose_name_plural": "agreements",
            },
        ),
        migrations.CreateModel(
            name="Activity",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("REQUEST", "Requested budget"),
                            ("PLAN", "Approved budget"),
                        ],
                        max_length=8,
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                ("name", models.CharField(max_length=120, verbose_name="activity")),
                ("time", models.CharField(max_length=60, verbose_name="time")),
                ("place", models.CharField(max_length=80, verbose_name="place")),
                ("whom", models.CharField(max_length=80, verbose_name="for whom")),
                ("times", models.PositiveIntegerField(verbose_name="times")),
                (
                    "attendances",
                    models.PositiveIntegerField(verbose_name="person-times"),
                ),
                (
                    "output",
                    models.CharField(blank=True, max_length=120, verbose_name="output"),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="activities",
                        to="grants.case",
                    ),
                ),
            ],
            options={
                "verbose_name": "planned activity",
                "verbose_name_plural": "planned activities",
                "ordering": ["kind", "position"],
            },
        ),
        migrations.CreateModel(
            name="Closure",
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
                ("summary", models.TextField(verbose_name="summary")),
                (
                    "submitted_at",
                    models.DateTimeField(default=django.utils.timezone.now),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("ACCEPT", "Close the project"),
                            ("RETURN", "Return the package"),
                        ],
                        max_length=8,
                        verbose_name="outcome",
                    ),
                ),
                ("remarks", models.TextField(blank=True, verbose_name="remarks")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="closures",
                        to="grants.case",
                    ),
                ),
                (
                    "package",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="attachments.document",
                    ),
                ),
                (
                    "submitted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "closure package",
                "verbose_name_plural": "closure packages",
            },
        ),
        migrations.CreateModel(
            name="Decision",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("COMMITTEE", "Committee decision"),
                            ("MEETING", "Bureau meeting"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "proposed_at",
                    models.DateTimeField(default=django.utils.timezone.now),
                ),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("sent_back_at", models.DateTimeField(blank=True, null=True)),
                (
                    "number",
                    models.CharField(
                        blank=True, max_length=60, verbose_name="number of the minutes"
                    ),
                ),
                (
                    "held_on",
                    models.DateField(blank=True, null=True, verbose_name="date"),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "scan",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="attachments.document",
                    ),
                ),
            ],
            options={
                "verbose_name": "decision",
                "verbose_name_plural": "decisions",
            },
        ),
        migrations.CreateModel(
            name="DecisionLine",
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
                    "outcome",
                    models.CharField(
                        choices=[
                            ("AWARD", "Propose award"),
                            ("WAITLIST", "Wait-list"),
                            ("REJECT", "Do not fund"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=14, null=True
                    ),
                ),
                ("reason", models.TextField(blank=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decision_lines",
                        to="grants.case",
                    ),
                ),
                (
                    "decision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="grants.decision",
                    ),
                ),
            ],
            options={
                "verbose_name": "line of a decision",
                "verbose_name_plural": "lines of a decision",
            },
        ),
        migrations.CreateModel(
            name="District",
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
                ("code", models.CharField(max_length=12, verbose_name="code")),
                (
                    "name_zh",
                    models.CharField(max_length=20, verbose_name="Chinese name"),
                ),
                (
                    "name_en",
                    models.CharField(max_length=40, verbose_name="English name"),
                ),
                ("valid_from", models.DateField(verbose_name="valid from")),
                (
                    "valid_to",
                    models.DateField(blank=True, null=True, verbose_name="valid to"),
                ),
                (
                    "bureau",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="districts",
                        to="organisations.organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "district",
                "verbose_name_plural": "districts",
            },
        ),
        migrations.AddField(
            model_name="case",
            name="district",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="grants.district",
            ),
        ),
        migrations.CreateModel(
            name="Draft",
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
                ("key", models.CharField(max_length=100, unique=True)),
                ("revision", models.PositiveIntegerField(default=0)),
                ("data", models.JSONField(default=dict)),
                ("stamps", models.JSONField(default=dict)),
                ("contested", models.JSONField(default=dict)),
                ("saved_at", models.DateTimeField()),
                (
                    "saved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "draft",
                "verbose_name_plural": "drafts",
            },
        ),
        migrations.CreateModel(
            name="DraftEditor",
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
                ("key", models.CharField(max_length=100)),
                ("topic", models.CharField(blank=True, max_length=100)),
                ("seen_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "person who edits",
                "verbose_name_plural": "people who edit",
            },
        ),
        migrations.CreateModel(
            name="EligibilityCheck",
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
                ("rule", models.CharField(max_length=60, verbose_name="rule")),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("PASS", "Met"),
                            ("FAIL", "Not met"),
                            ("CORRECT", "To be corrected"),
                            ("UNKNOWN", "Not checked"),
                        ],
                        max_length=8,
                        verbose_name="verdict",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        blank=True, max_length=120, verbose_name="looked up in"
                    ),
                ),
                ("checked_on", models.DateField(verbose_name="checked on")),
                (
                    "evidence",
                    models.CharField(
                        blank=True, max_length=300, verbose_name="evidence"
                    ),
                ),
                (
                    "automatic",
                    models.BooleanField(default=False, verbose_name="automatic"),
                ),
                ("checked_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="eligibility_checks",
                        to="grants.case",
                    ),
                ),
                (
                    "checked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="attachments.document",
                        verbose_name="screenshot",
                    ),
                ),
            ],
            options={
                "verbose_name": "eligibility check",
                "verbose_name_plural": "eligibility checks",
                "ordering": ["case", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Expense",
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
                    "recorded_at",
                    models.DateTimeField(default=django.utils.timezone.now),
                ),
                (
                    "corrected_because",
                    models.CharField(
                        blank=True,
                        max_length=200,
                        verbose_name="reason of the correction",
                    ),
                ),
                (
                    "voided_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="voided"),
                ),
                (
                    "voided_because",
                    models.CharField(
                        blank=True, max_length=200, verbose_name="reason of the voiding"
                    ),
                ),
                ("spent_on", models.DateField(verbose_name="spent on")),
                (
                    "head",
                    models.CharField(
                        choices=[
                            ("ACTIVITY", "Activity costs"),
                            ("STAFF", "Staff subsidies"),
                            ("ADMIN", "Administration"),
                            ("TAX", "Tax"),
                            ("FIXED_ASSET", "Fixed assets"),
                        ],
                        max_length=12,
                        verbose_name="budget head",
                    ),
                ),
                (
                    "funded_by",
                    models.CharField(
                        choices=[("GRANT", "Grant"), ("SELF", "Self-raised")],
                        max_length=8,
                        verbose_name="funded by",
                    ),
                ),
                ("payee", models.CharField(max_length=120, verbose_name="payee")),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2, max_digits=14, verbose_name="amount (CNY)"
                    ),
                ),
                (
                    "invoice_number",
                    models.CharField(
                        blank=True, max_length=60, verbose_name="invoice number"
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        blank=True, max_length=120, verbose_name="purpose"
                    ),
                ),
                (
                    "activity",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grants.activity",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="expenses",
                        to="grants.case",
                    ),
                ),
                (
                    "proof",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="attachments.document",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "expense",
                "verbose_name_plural": "expenses",
                "ordering": ["spent_on", "pk"],
            },
        ),
        migrations.CreateModel(
            name="HistoricalAgreement",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                ("signed_on", models.DateField(verbose_name="signed on")),
                (
                    "number",
                    models.CharField(
                        blank=True, max_length=60, verbose_name="agreement number"
                    ),
                ),
                ("countersigned_on", models.DateField(blank=True, null=True)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                        max_length=1,
                    ),
                ),
                (
                    "applicant_copy",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="attachments.document",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="grants.case",
                    ),
                ),
                (
                    "countersigned_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "sealed_copy",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="attachments.document",
                    ),
                ),
                (
                    "signed_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical agreement",
                "verbose_name_plural": "historical agreements",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalApplication",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                (
                    "category",
                    models.CharField(
                        blank=True, max_length=20, verbose_name="service field"
                    ),
                ),
                (
                    "period_start",
                    models.DateField(
                        blank=True, null=True, verbose_name="project start"
                    ),
                ),
                (
                    "period_end",
                    models.DateField(blank=True, null=True, verbose_name="project end"),
                ),
                (
                    "beneficiaries",
                    models.TextField(blank=True, verbose_name="target beneficiaries"),
                ),
                (
                    "resources",
                    models.TextField(blank=True, verbose_name="usable resources"),
                ),
                ("objectives", models.TextField(blank=True, verbose_name="objectives")),
                (
                    "plan",
                    models.TextField(blank=True, verbose_name="implementation plan"),
                ),
                ("summary", models.TextField(blank=True, verbose_name="summary")),
                (
                    "place",
                    models.CharField(blank=True, max_length=200, verbose_name="place"),
                ),
                (
                    "direct_beneficiaries",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="direct beneficiaries"
                    ),
                ),
                (
                    "indirect_beneficiaries",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="indirect beneficiaries"
                    ),
                ),
                ("need_analysis", models.TextField(blank=True, verbose_name="need")),
                ("innovation", models.TextField(blank=True, verbose_name="innovation")),
                ("risk_plan", models.TextField(blank=True, verbose_name="risks")),
                (
                    "sustainability",
                    models.TextField(blank=True, verbose_name="sustainability"),
                ),
                (
                    "founded_on",
                    models.DateField(blank=True, null=True, verbose_name="founded on"),
                ),
                (
                    "postcode",
                    models.CharField(blank=True, max_length=6, verbose_name="postcode"),
                ),
                (
                    "address",
                    models.CharField(
                        blank=True, max_length=120, verbose_name="postal address"
                    ),
                ),
                (
                    "annual_check_year",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="year of the annual check"
                    ),
                ),
                (
                    "annual_check_result",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("PASSED", "Passed"),
                            ("BASICALLY", "Basically passed"),
                            ("FAILED", "Failed"),
                        ],
                        max_length=10,
                        verbose_name="conclusion of the annual check",
                    ),
                ),
                (
                    "grade_year",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="year of the grade"
                    ),
                ),
                (
                    "grade",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="grade (A)"
                    ),
                ),
                (
                    "org_profile",
                    models.TextField(
                        blank=True, verbose_name="profile of the organisation"
                    ),
                ),
                (
                    "leader_name",
                    models.CharField(
                        blank=True, max_length=60, verbose_name="project leader"
                    ),
                ),
                (
                    "leader_mobile",
                    models.CharField(
                        blank=True, max_length=20, verbose_name="leader's mobile"
                    ),
                ),
                (
                    "leader_phone",
                    models.CharField(
                        blank=True, max_length=30, verbose_name="leader's telephone"
                    ),
                ),
                (
                    "leader_email",
                    models.EmailField(
                        blank=True, max_length=254, verbose_name="leader's e-mail"
                    ),
                ),
                (
                    "contact_name",
                    models.CharField(blank=True, max_length=60, verbose_name="contact"),
                ),
                (
                    "contact_mobile",
                    models.CharField(
                        blank=True, max_length=20, verbose_name="contact's mobile"
                    ),
                ),
                (
                    "contact_phone",
                    models.CharField(
                        blank=True, max_length=30, verbose_name="contact's telephone"
                    ),
                ),
                (
                    "contact_email",
                    models.EmailField(
                        blank=True, max_length=254, verbose_name="contact's e-mail"
                    ),
                ),
                (
                    "commitment",
                    models.BooleanField(default=False, verbose_name="commitment"),
                ),
                (
                    "answers",
                    models.JSONField(
                        blank=True, default=dict, verbose_name="answers to the round"
                    ),
                ),
                ("term_ends", models.DateTimeField(blank=True, null=True)),
                ("handed_in_before", models.TextField(blank=True)),
                ("fields_to_correct", models.JSONField(blank=True, default=list)),
                ("screening_reason", models.TextField(blank=True)),
                ("corrections", models.PositiveIntegerField(default=0)),
                ("correction_due", models.DateTimeField(blank=True, null=True)),
                ("end_reason", models.TextField(blank=True)),
                (
                    "score",
                    models.DecimalField(decimal_places=2, max_digits=5, null=True),
                ),
                ("scored_at", models.DateTimeField(null=True)),
                ("notice_over_at", models.DateTimeField(null=True)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                        max_length=1,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="grants.case",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "refusal_proposed_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "screened_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical application",
                "verbose_name_plural": "historical applications",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalAuditReport",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                (
                    "accepted_expenditure",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=14,
                        verbose_name="accepted expenditure (CNY)",
                    ),
                ),
                (
                    "opinion",
                    models.CharField(
                        choices=[
                            ("CLEAN", "Without reservation"),
                            ("QUALIFIED", "With reservations"),
                        ],
                        max_length=12,
                        verbose_name="opinion",
                    ),
                ),
                ("filed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                        max_length=1,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="grants.case",
                    ),
                ),
                (
                    "filed_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="attachments.document",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical audit report",
                "verbose_name_plural": "historical audit reports",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalChangeRequest",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("LEADER", "Project leader"),
                            ("PERIOD", "Project period"),
                            ("CONTENT", "Plan"),
                            ("BUDGET", "Budget"),
                            ("PLACE", "Place"),
                            ("CUSTODIAN", "Financial custodian"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("before", models.TextField(blank=True, verbose_name="before")),
                ("after", models.TextField(verbose_name="after")),
                ("wanted", models.TextField(default="{}")),
                ("reason", models.TextField(verbose_name="reason")),
                ("is_major", models.BooleanField(default=False, verbose_name="major")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("REQUESTED", "Requested"),
                            ("APPROVED", "Approved"),
                            ("DENIED", "Not approved"),
                            ("OVERTAKEN", "Overtaken"),
                        ],
                        default="REQUESTED",
                        max_length=10,
                    ),
                ),
                (
                    "requested_at",
                    models.DateTimeField(default=django.utils.timezone.now),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("remarks", models.TextField(blank=True, verbose_name="remarks")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                        max_length=1,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="grants.case",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="attachments.document",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical change request",
                "verbose_name_plural": "historical change requests",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalClosure",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                ("summary", models.TextField(verbose_name="summary")),
                (
                    "submitted_at",
                    models.DateTimeField(default=django.utils.timezone.now),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("ACCEPT", "Close the project"),
                            ("RETURN", "Return the package"),
                        ],
                        max_length=8,
                        verbose_name="outcome",
                    ),
                ),
                ("remarks", models.TextField(blank=True, verbose_name="remarks")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                        max_length=1,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="grants.case",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "package",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="attachments.document",
                    ),
                ),
                (
                    "submitted_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical closure package",
                "verbose_name_plural": "historical closure packages",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalHold",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("objection", "Objection"),
                            ("rectification", "Rectification"),
                            ("suspension", "Suspension"),
                            ("finding", "Audit finding"),
                            ("change", "Pending change"),
                            ("termination", "Termination proposed"),
                        ],
                        max_length=16,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=400)),
                ("opened_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("lifted_at", models.DateTimeField(blank=True, null=True)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                        max_length=1,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="grants.case",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical hold",
                "verbose_name_plural": "historical holds",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalProgramme",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=20, verbose_name="code")),
                (
                    "name_zh",
                    models.CharField(max_length=80, verbose_name="Chinese name"),
                ),
                (
                    "name_en",
                    models.CharField(max_length=120, verbose_name="English name"),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                        max_length=1,
                    ),
                ),
                (
                    "authority",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="organisations.organisation",
                        verbose_name="host authority",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="organisations.organisation",
                        verbose_name="operator",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical programme",
                "verbose_name_plural": "historical programmes",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalProject",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                (
                    "award_no",
                    models.CharField(
                        db_index=True, max_length=50, verbose_name="Award number"
                    ),
                ),
                (
                    "award_letter_no",
                    models.CharField(max_length=60, verbose_name="award letter number"),
                ),
                (
                    "award_letter_date",
                    models.DateField(verbose_name="date of the award letter"),
                ),
                ("plan", models.TextField(blank=True, verbose_name="revised plan")),
                ("plan_submitted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "plan_remarks",
                    models.TextField(blank=True, verbose_name="remarks on the plan"),
                ),
                ("revision_due", models.DateTimeField(null=True)),
                ("signing_due", models.DateTimeField(null=True)),
                (
                    "band",
                    models.CharField(
                        blank=True, max_length=4, verbose_name="closing band"
                    ),
                ),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "file_number",
                    models.CharField(
                        blank=True, max_length=40, verbose_name="file number"
                    ),
                ),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                        max_length=1,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="grants.case",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical project",
                "verbose_name_plural": "historical projects",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalRefund",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                ("returned_on", models.DateField(verbose_name="returned on")),
                (
                    "voucher_number",
                    models.CharField(max_length=60, verbose_name="voucher number"),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                        max_length=1,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="grants.case",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proof",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="attachments.document",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical refund",
                "verbose_name_plural": "historical refunds",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalReopening",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                ("ended_as", models.CharField(max_length=16)),
                ("back_to", models.CharField(max_length=16)),
                ("reason", models.TextField(verbose_name="reason")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("REQUESTED", "Requested"),
                            ("CONFIRMED", "Confirmed"),
                            ("REFUSED", "Not confirmed"),
                        ],
                        default="REQUESTED",
                        max_length=10,
                    ),
                ),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("remarks", models.TextField(blank=True, verbose_name="remarks")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                        max_length=1,
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="grants.case",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical reopening",
                "verbose_name_plural": "historical reopenings",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalStage",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("INITIAL", "Initial tracking"),
                            ("MID", "Mid-term evaluation"),
                            ("FINAL", "Final evaluation"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("REPORT", "Report due"),
                            ("LATE", "Report late"),
                            ("CHECK", "Materials being checked"),
                            ("VISIT", "Visit due"),
                            ("GRADE", "To be graded"),
                            ("RECTIFY", "Rectification due"),
                            ("RECHECK", "To be re-checked"),
                            ("FAILED", "Failed"),
                            ("PASSED", "Passed"),
                        ],
                        default="REPORT",
                        max_length=8,
                    ),
                ),
                ("opens_at", models.DateTimeField()),
                ("report_due", models.DateTimeField(verbose_name="report due")),
                ("rectify_due", models.DateTimeField(blank=True, null=True)),
                ("report", models.TextField(blank=True, verbose_name="report")),
                (
                    "beneficiaries_served",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="persons served"
                    ),
                ),
                (
                    "money_used",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        verbose_name="money used (CNY)",
                    ),
                ),
                ("remarks", models.TextField(blank=True, verbose_name="remarks")),
                ("checked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "score",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=5, null=True
                    ),
                ),
                (
                    "adjustment",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=5,
                        null=True,
                        verbose_name="bonus or penalty",
                    ),
                ),
                (
                    "satisfaction",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=3,
                        null=True,
                        verbose_name="satisfaction (1 to 5)",
                    ),
                ),
                (
                    "rectification",
                    models.TextField(blank=True, verbose_name="rectification"),
                ),
                ("excused", models.BooleanField(default=False)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                        max_length=1,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="grants.case",
                    ),
                ),
                (
                    "checked_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "graded_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "rectification_file",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="attachments.document",
                    ),
                ),
                (
                    "report_file",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="attachments.document",
                    ),
                ),
                (
                    "reported_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical stage",
                "verbose_name_plural": "historical stages",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalTermination",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                (
                    "ground",
                    models.CharField(
                        choices=[
                            ("AGREEMENT", "By agreement"),
                            ("CAUSE", "For breach of the agreement"),
                            ("FRAUD", "For fraud or misuse of the money"),
                            ("FAILURE", "A stage failed or was not reported"),
                        ],
                        max_length=10,
                        verbose_name="ground",
                    ),
                ),
                ("reason", models.TextField(verbose_name="reason")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("PROPOSED", "Proposed"),
                            ("CONFIRMED", "Confirmed"),
                            ("REFUSED", "Not confirmed"),
                            ("OVERTAKEN", "Overtaken by another decision"),
                            ("REVOKED", "Revoked: the case was reopened"),
                        ],
                        default="PROPOSED",
                        max_length=10,
                    ),
                ),
                (
                    "accepted_expenditure",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=14,
                        verbose_name="accepted expenditure (CNY)",
                    ),
                ),
                (
                    "accepted_because",
                    models.TextField(blank=True, verbose_name="how it was found"),
                ),
                (
                    "award",
                    models.DecimalField(
                        decimal_places=2, max_digits=14, verbose_name="award (CNY)"
                    ),
                ),
                (
                    "paid",
                    models.DecimalField(
                        decimal_places=2, max_digits=14, verbose_name="paid (CNY)"
                    ),
                ),
                (
                    "returned",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=14,
                        verbose_name="returned before (CNY)",
                    ),
                ),
                (
                    "to_return",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=14,
                        verbose_name="to be returned (CNY)",
                    ),
                ),
                (
                    "return_due",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="return due"
                    ),
                ),
                (
                    "excluded_until",
                    models.DateField(
                        blank=True, null=True, verbose_name="excluded until"
                    ),
                ),
                (
                    "proposed_at",
                    models.DateTimeField(default=django.utils.timezone.now),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("remarks", models.TextField(blank=True, verbose_name="remarks")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                        max_length=1,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="grants.case",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical termination",
                "verbose_name_plural": "historical terminations",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Hold",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("objection", "Objection"),
                            ("rectification", "Rectification"),
                            ("suspension", "Suspension"),
                            ("finding", "Audit finding"),
                            ("change", "Pending change"),
                            ("termination", "Termination proposed"),
                        ],
                        max_length=16,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=400)),
                ("opened_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("lifted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holds",
                        to="grants.case",
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "hold",
                "verbose_name_plural": "holds",
            },
        ),
        migrations.CreateModel(
            name="Indicator",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("REQUEST", "Requested budget"),
                            ("PLAN", "Approved budget"),
                        ],
                        max_length=8,
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                (
                    "measure",
                    models.CharField(
                        choices=[("OUTPUT", "Output"), ("OUTCOME", "Outcome")],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("name", models.CharField(max_length=100, verbose_name="indicator")),
                ("unit", models.CharField(max_length=20, verbose_name="unit")),
                (
                    "target",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=12,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="target",
                    ),
                ),
                (
                    "counts",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("SESSIONS", "Activities held"),
                            ("PERSONS", "Person-times served"),
                            ("VOLUNTEERS", "Person-times of volunteers"),
                            ("HOURS", "Hours of service"),
                        ],
                        max_length=10,
                        verbose_name="counted from the ledger",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="indicators",
                        to="grants.case",
                    ),
                ),
            ],
            options={
                "verbose_name": "indicator",
                "verbose_name_plural": "indicators",
                "ordering": ["kind", "position"],
            },
        ),
        migrations.CreateModel(
            name="Notice",
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
                ("text", models.TextField(verbose_name="text")),
                ("starts_on", models.DateField(verbose_name="starts on")),
                ("ends_on", models.DateField(verbose_name="ends on")),
                (
                    "published_at",
                    models.DateTimeField(default=django.utils.timezone.now),
                ),
                (
                    "over_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="over"),
                ),
                (
                    "cases",
                    models.ManyToManyField(related_name="notices", to="grants.case"),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "notice",
                "verbose_name_plural": "notices",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="HistoricalObjection",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                (
                    "number",
                    models.CharField(
                        db_index=True, max_length=60, verbose_name="number"
                    ),
                ),
                ("text", models.TextField(verbose_name="objection")),
                (
                    "anonymous",
                    models.BooleanField(default=False, verbose_name="anonymous"),
                ),
                (
                    "name",
                    models.CharField(blank=True, max_length=60, verbose_name="name"),
                ),
                (
                    "contact",
                    models.CharField(
                        blank=True, max_length=120, verbose_name="contact"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("RECEIVED", "Received"),
                            ("LEAD", "Kept as a lead"),
                            ("REFUSED", "Not accepted"),
                            ("ACCEPTED", "Under investigation"),
                            ("DISMISSED", "Dismissed"),
                            ("UPHELD", "Upheld"),
                        ],
                        default="RECEIVED",
                        max_length=10,
                    ),
                ),
                (
                    "received_at",
                    models.DateTimeField(default=django.utils.timezone.now),
                ),
                ("answer", models.TextField(blank=True)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                        max_length=1,
                    ),
                ),
                (
                    "accepted_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="grants.case",
                    ),
                ),
                (
                    "folder",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="attachments.folder",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="grants.notice",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical objection",
                "verbose_name_plural": "historical objections",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Objection",
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
                    "number",
                    models.CharField(max_length=60, unique=True, verbose_name="number"),
                ),
                ("text", models.TextField(verbose_name="objection")),
                (
                    "anonymous",
                    models.BooleanField(default=False, verbose_name="anonymous"),
                ),
                (
                    "name",
                    models.CharField(blank=True, max_length=60, verbose_name="name"),
                ),
                (
                    "contact",
                    models.CharField(
                        blank=True, max_length=120, verbose_name="contact"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("RECEIVED", "Received"),
                            ("LEAD", "Kept as a lead"),
                            ("REFUSED", "Not accepted"),
                            ("ACCEPTED", "Under investigation"),
                            ("DISMISSED", "Dismissed"),
                            ("UPHELD", "Upheld"),
                        ],
                        default="RECEIVED",
                        max_length=10,
                    ),
                ),
                (
                    "received_at",
                    models.DateTimeField(default=django.utils.timezone.now),
                ),
                ("answer", models.TextField(blank=True)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "accepted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="objections",
                        to="grants.case",
                    ),
                ),
                (
                    "folder",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="attachments.folder",
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="objections",
                        to="grants.notice",
                    ),
                ),
            ],
            options={
                "verbose_name": "objection",
                "verbose_name_plural": "objections",
            },
        ),
        migrations.CreateModel(
            name="OtherFunding",
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
                ("position", models.PositiveIntegerField()),
                ("source", models.CharField(max_length=80, verbose_name="source")),
                (
                    "nature",
                    models.CharField(
                        choices=[
                            ("PUBLIC", "Public money"),
                            ("PRIVATE", "Private money"),
                        ],
                        max_length=8,
                        verbose_name="nature",
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2, max_digits=14, verbose_name="amount (CNY)"
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="other_funding",
                        to="grants.case",
                    ),
                ),
            ],
            options={
                "verbose_name": "other funding",
                "verbose_name_plural": "other funding",
                "ordering": ["position"],
            },
        ),
        migrations.CreateModel(
            name="Panel",
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
                ("name", models.CharField(max_length=40, verbose_name="group")),
                (
                    "theme",
                    models.CharField(blank=True, max_length=80, verbose_name="theme"),
                ),
                ("meets_on", models.DateField(verbose_name="date")),
                (
                    "starts_at",
                    models.TimeField(
                        blank=True, null=True, verbose_name="first defence"
                    ),
                ),
                (
                    "room",
                    models.CharField(blank=True, max_length=60, verbose_name="room"),
                ),
                (
                    "seed",
                    models.CharField(max_length=40, verbose_name="seed of the draw"),
                ),
                ("drawn_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "drawn_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "panel",
                "verbose_name_plural": "panels",
            },
        ),
        migrations.CreateModel(
            name="HistoricalSeat",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="seat")),
                ("needs_finance_expert", models.BooleanField(default=False)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("DRAWN", "Interest not declared"),
                            ("CLEAR", "No conflict declared"),
                            ("CONFLICT", "Conflict declared"),
                            ("LOCKED", "Score locked"),
                            ("REOPENED", "Score reopened"),
                        ],
                        default="DRAWN",
                        max_length=10,
                    ),
                ),
                ("conflict_reason", models.TextField(blank=True)),
                ("declared_at", models.DateTimeField(blank=True, null=True)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                        max_length=1,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="grants.case",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reviewer",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "panel",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="grants.panel",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical seat",
                "verbose_name_plural": "historical seats",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalDefenceNote",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                ("questions", models.TextField(blank=True, verbose_name="questions")),
                ("answers", models.TextField(blank=True, verbose_name="answers")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                        max_length=1,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="grants.case",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "panel",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="grants.panel",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical defence",
                "verbose_name_plural": "historical defences",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="DefenceNote",
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
                ("questions", models.TextField(blank=True, verbose_name="questions")),
                ("answers", models.TextField(blank=True, verbose_name="answers")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="defence_notes",
                        to="grants.case",
                    ),
                ),
                (
                    "panel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="defence_notes",
                        to="grants.panel",
                    ),
                ),
            ],
            options={
                "verbose_name": "defence",
                "verbose_name_plural": "defences",
            },
        ),
        migrations.CreateModel(
            name="Partner",
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
                ("position", models.PositiveIntegerField()),
                (
                    "society",
                    models.CharField(
                        choices=[
                            ("COMMUNITY", "Community"),
                            ("ORGANISATION", "Social organisation"),
                            ("SOCIAL_WORK", "Social work"),
                            ("RESOURCES", "Social resources"),
                            ("VOLUNTEERS", "Volunteer organisation"),
                        ],
                        max_length=14,
                        verbose_name="role",
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="partner")),
                (
                    "contribution",
                    models.CharField(
                        blank=True, max_length=120, verbose_name="contribution"
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="partners",
                        to="grants.case",
                    ),
                ),
            ],
            options={
                "verbose_name": "partner",
                "verbose_name_plural": "partners",
                "ordering": ["position"],
            },
        ),
        migrations.CreateModel(
            name="PaymentBatch",
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
                    "number",
                    models.CharField(max_length=40, unique=True, verbose_name="batch"),
                ),
                (
                    "approved_at",
                    models.DateTimeField(default=django.utils.timezone.now),
                ),
                (
                    "approved_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "payment batch",
                "verbose_name_plural": "payment batches",
            },
        ),
        migrations.CreateModel(
            name="HistoricalTranche",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                ("seq", models.PositiveIntegerField(verbose_name="tranche")),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2, max_digits=14, verbose_name="amount (CNY)"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("PLANNED", "Planned"),
                            ("OPEN", "To be requested"),
                            ("REQUESTED", "Requested"),
                            ("REGISTERED", "Receipt registered"),
                            ("APPROVED", "Approved"),
                            ("PAID", "Paid"),
                            ("SETTLED", "Settled without payment"),
                        ],
                        default="PLANNED",
                        max_length=10,
                    ),
                ),
                (
                    "receipt_number",
                    models.CharField(
                        blank=True, max_length=60, verbose_name="receipt number"
                    ),
                ),
                (
                    "receipt_kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("RECEIPT", "Receipt of a social organisation"),
                            ("INVOICE", "Tax invoice"),
                            ("FISCAL", "Fiscal bill"),
                        ],
                        max_length=8,
                        verbose_name="kind of receipt",
                    ),
                ),
                (
                    "receipt_date",
                    models.DateField(
                        blank=True, null=True, verbose_name="date of the receipt"
                    ),
                ),
                (
                    "bank",
                    models.CharField(blank=True, max_length=80, verbose_name="bank"),
                ),
                (
                    "account",
                    models.CharField(
                        blank=True, max_length=40, verbose_name="account number"
                    ),
                ),
                (
                    "budget_year",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="budget year"
                    ),
                ),
                (
                    "budget_document",
                    models.CharField(
                        blank=True, max_length=60, verbose_name="budget document number"
                    ),
                ),
                (
                    "functional_class",
                    models.CharField(
                        blank=True, max_length=40, verbose_name="functional class"
                    ),
                ),
                (
                    "economic_class",
                    models.CharField(
                        blank=True, max_length=40, verbose_name="economic class"
                    ),
                ),
                ("registered_at", models.DateTimeField(blank=True, null=True)),
                ("remarks", models.TextField(blank=True, verbose_name="remarks")),
                (
                    "voucher_number",
                    models.CharField(
                        blank=True, max_length=60, verbose_name="voucher number"
                    ),
                ),
                (
                    "paid_on",
                    models.DateField(blank=True, null=True, verbose_name="paid on"),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                        max_length=1,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="grants.case",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "receipt",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="attachments.document",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "registered_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="grants.paymentbatch",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical tranche",
                "verbose_name_plural": "historical tranches",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Programme",
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
                    "code",
                    models.SlugField(max_length=20, unique=True, verbose_name="code"),
                ),
                (
                    "name_zh",
                    models.CharField(max_length=80, verbose_name="Chinese name"),
                ),
                (
                    "name_en",
                    models.CharField(max_length=120, verbose_name="English name"),
                ),
                (
                    "authority",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="programmes",
                        to="organisations.organisation",
                        verbose_name="host authority",
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="operates",
                        to="organisations.organisation",
                        verbose_name="operator",
                    ),
                ),
            ],
            options={
                "verbose_name": "programme",
                "verbose_name_plural": "programmes",
                "permissions": [
                    ("view_cases", "See the cases of the programme"),
                    ("view_trail", "See the record of the programme"),
                    ("set_up_round", "Set up rounds"),
                    ("screen", "Screen applications"),
                    ("confirm_refusal", "Confirm or reject a proposed refusal"),
                    ("open_review", "Draw panels and open the review"),
                    ("replace_reviewer", "Replace a reviewer"),
                    ("reopen_score", "Reopen a locked score"),
                    ("record_minutes", "Record the minutes of defences"),
                    ("review", "Review assigned applications"),
                    ("decide_list", "Propose the committee's list"),
                    ("confirm_decision", "Confirm the committee's list"),
                    ("record_meeting", "Record the bureau meeting"),
                    ("publish_notice", "Publish the notice"),
                    ("accept_objection", "Accept or refuse an objection"),
                    ("rule_on_objection", "Rule on an objection"),
                    ("award_list", "Issue the award letters"),
                    ("offer_place", "Offer a place from the wait list"),
                    ("accept_plan", "Accept revised plans"),
                    ("countersign", "Countersign agreements"),
                    ("check_materials", "Check the materials of a stage"),
                    ("visit_site", "Visit projects"),
                    ("grade_stage", "Grade a stage"),
                    ("recheck", "Re-check after rectification"),
                    ("decide_on_failure", "Decide on a failed stage"),
                    ("register_receipt", "Register receipts"),
                    ("approve_payment", "Approve payments"),
                    ("record_payment", "Record payments"),
                    ("file_audit_report", "File audit reports"),
                    ("record_refund", "Record refunds"),
                    ("close_project", "Close projects"),
                    ("archive", "Archive projects"),
                    ("terminate", "Propose to terminate projects"),
                    ("confirm_termination", "Confirm or refuse a termination"),
                    ("record_repayment", "Record repayments"),
                    ("decide_change", "Decide on changes"),
                    ("suspend", "Suspend projects"),
                    ("resume", "Resume suspended projects"),
                    ("reopen", "Ask to reopen a case"),
                    ("confirm_reopening", "Confirm or refuse a reopening"),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalCover",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="from")),
                ("ends_on", models.DateField(verbose_name="until")),
                (
                    "reason",
                    models.CharField(blank=True, max_length=200, verbose_name="reason"),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "ended_at",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="ended early"
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                        max_length=1,
                    ),
                ),
                (
                    "absent",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="absent person",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "stand_in",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="stand-in",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="grants.programme",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical leave cover",
                "verbose_name_plural": "historical leave covers",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Cover",
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
                ("starts_on", models.DateField(verbose_name="from")),
                ("ends_on", models.DateField(verbose_name="until")),
                (
                    "reason",
                    models.CharField(blank=True, max_length=200, verbose_name="reason"),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "ended_at",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="ended early"
                    ),
                ),
                (
                    "absent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="covers",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="absent person",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "stand_in",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stands_in",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="stand-in",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="covers",
                        to="grants.programme",
                    ),
                ),
            ],
            options={
                "verbose_name": "leave cover",
                "verbose_name_plural": "leave covers",
                "ordering": ["-starts_on", "-id"],
            },
        ),
        migrations.CreateModel(
            name="ProgrammeRules",
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
                ("version", models.PositiveIntegerField(verbose_name="version")),
                ("data", models.JSONField(verbose_name="rules")),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rules",
                        to="grants.programme",
                    ),
                ),
            ],
            options={
                "verbose_name": "version of the rules",
                "verbose_name_plural": "versions of the rules",
            },
        ),
        migrations.CreateModel(
            name="HistoricalRound",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=20, verbose_name="code")),
                (
                    "title_zh",
                    models.CharField(max_length=80, verbose_name="Chinese title"),
                ),
                (
                    "title_en",
                    models.CharField(max_length=120, verbose_name="English title"),
                ),
                ("year", models.PositiveIntegerField(verbose_name="year")),
                (
                    "tier",
                    models.CharField(
                        choices=[
                            ("CITY", "City"),
                            ("DISTRICT", "District"),
                            ("STREET", "Street"),
                        ],
                        max_length=10,
                        verbose_name="tier",
                    ),
                ),
                (
                    "pool",
                    models.DecimalField(
                        decimal_places=2, max_digits=14, verbose_name="pool (CNY)"
                    ),
                ),
                (
                    "cap",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=14,
                        verbose_name="cap per project (CNY)",
                    ),
                ),
                (
                    "cap_filed",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        verbose_name="cap for filed organisations (CNY)",
                    ),
                ),
                (
                    "districts",
                    models.JSONField(
                        blank=True, default=list, verbose_name="districts"
                    ),
                ),
                (
                    "themes",
                    models.JSONField(
                        blank=True, default=list, verbose_name="service fields"
                    ),
                ),
                (
                    "questions",
                    models.JSONField(
                        blank=True, default=list, verbose_name="questions"
                    ),
                ),
                (
                    "fund_source",
                    models.CharField(max_length=40, verbose_name="fund source"),
                ),
                (
                    "budget_document",
                    models.CharField(
                        max_length=60, verbose_name="budget document number"
                    ),
                ),
                (
                    "functional_class",
                    models.CharField(
                        blank=True, max_length=40, verbose_name="functional class"
                    ),
                ),
                (
                    "economic_class",
                    models.CharField(
                        blank=True, max_length=40, verbose_name="economic class"
                    ),
                ),
                ("opens_at", models.DateTimeField(verbose_name="call opens")),
                ("closes_at", models.DateTimeField(verbose_name="call closes")),
                ("review_ends_at", models.DateTimeField(verbose_name="review ends")),
                ("ends_at", models.DateTimeField(verbose_name="round ends")),
                ("project_starts_on", models.DateField(verbose_name="projects start")),
                ("project_ends_on", models.DateField(verbose_name="projects end")),
                (
                    "published_at",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="published"
                    ),
                ),
                (
                    "closed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="closed"),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                        max_length=1,
                    ),
                ),
                (
                    "folder",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="attachments.folder",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="grants.programme",
                    ),
                ),
                (
                    "rules",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="grants.programmerules",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical round",
                "verbose_name_plural": "historical rounds",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.AddField(
            model_name="case",
            name="rules",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="grants.programmerules",
            ),
        ),
        migrations.CreateModel(
            name="Project",
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
                    "award_no",
                    models.CharField(
                        max_length=50, unique=True, verbose_name="Award number"
                    ),
                ),
                (
                    "award_letter_no",
                    models.CharField(max_length=60, verbose_name="award letter number"),
                ),
                (
                    "award_letter_date",
                    models.DateField(verbose_name="date of the award letter"),
                ),
                ("plan", models.TextField(blank=True, verbose_name="revised plan")),
                ("plan_submitted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "plan_remarks",
                    models.TextField(blank=True, verbose_name="remarks on the plan"),
                ),
                ("revision_due", models.DateTimeField(null=True)),
                ("signing_due", models.DateTimeField(null=True)),
                (
                    "band",
                    models.CharField(
                        blank=True, max_length=4, verbose_name="closing band"
                    ),
                ),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "file_number",
                    models.CharField(
                        blank=True, max_length=40, verbose_name="file number"
                    ),
                ),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="project",
                        to="grants.case",
                    ),
                ),
            ],
            options={
                "verbose_name": "project",
                "verbose_name_plural": "projects",
            },
        ),
        migrations.CreateModel(
            name="Refund",
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
                ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                ("returned_on", models.DateField(verbose_name="returned on")),
                (
                    "voucher_number",
                    models.CharField(max_length=60, verbose_name="voucher number"),
                ),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refund",
                        to="grants.case",
                    ),
                ),
                (
                    "proof",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="attachments.document",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "refund",
                "verbose_name_plural": "refunds",
            },
        ),
        migrations.CreateModel(
            name="Reopening",
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
                ("ended_as", models.CharField(max_length=16)),
                ("back_to", models.CharField(max_length=16)),
                ("reason", models.TextField(verbose_name="reason")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("REQUESTED", "Requested"),
                            ("CONFIRMED", "Confirmed"),
                            ("REFUSED", "Not confirmed"),
                        ],
                        default="REQUESTED",
                        max_length=10,
                    ),
                ),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("remarks", models.TextField(blank=True, verbose_name="remarks")),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reopenings",
                        to="grants.case",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "reopening",
                "verbose_name_plural": "reopenings",
            },
        ),
        migrations.CreateModel(
            name="Review",
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
                    "total",
                    models.DecimalField(
                        decimal_places=2, max_digits=5, verbose_name="total"
                    ),
                ),
                (
                    "recommended",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=14,
                        verbose_name="recommended amount (CNY)",
                    ),
                ),
                ("locked_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "reopened_at",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="reopened"
                    ),
                ),
                (
                    "reopen_reason",
                    models.TextField(
                        blank=True, verbose_name="reason of the reopening"
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reviews",
                        to="grants.case",
                    ),
                ),
                (
                    "reopened_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reviewer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reviews",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "review",
                "verbose_name_plural": "reviews",
            },
        ),
        migrations.CreateModel(
            name="RoleGroup",
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
                    "role",
                    models.CharField(
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
                    "group",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="role_group",
                        to="auth.group",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="role_groups",
                        to="grants.programme",
                    ),
                ),
            ],
            options={
                "verbose_name": "role of a programme",
                "verbose_name_plural": "roles of a programme",
            },
        ),
        migrations.CreateModel(
            name="Round",
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
                    "code",
                    models.SlugField(max_length=20, unique=True, verbose_name="code"),
                ),
                (
                    "title_zh",
                    models.CharField(max_length=80, verbose_name="Chinese title"),
                ),
                (
                    "title_en",
                    models.CharField(max_length=120, verbose_name="English title"),
                ),
                ("year", models.PositiveIntegerField(verbose_name="year")),
                (
                    "tier",
                    models.CharField(
                        choices=[
                            ("CITY", "City"),
                            ("DISTRICT", "District"),
                            ("STREET", "Street"),
                        ],
                        max_length=10,
                        verbose_name="tier",
                    ),
                ),
                (
                    "pool",
                    models.DecimalField(
                        decimal_places=2, max_digits=14, verbose_name="pool (CNY)"
                    ),
                ),
                (
                    "cap",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=14,
                        verbose_name="cap per project (CNY)",
                    ),
                ),
                (
                    "cap_filed",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        verbose_name="cap for filed organisations (CNY)",
                    ),
                ),
                (
                    "districts",
                    models.JSONField(
                        blank=True, default=list, verbose_name="districts"
                    ),
                ),
                (
                    "themes",
                    models.JSONField(
                        blank=True, default=list, verbose_name="service fields"
                    ),
                ),
                (
                    "questions",
                    models.JSONField(
                        blank=True, default=list, verbose_name="questions"
                    ),
                ),
                (
                    "fund_source",
                    models.CharField(max_length=40, verbose_name="fund source"),
                ),
                (
                    "budget_document",
                    models.CharField(
                        max_length=60, verbose_name="budget document number"
                    ),
                ),
                (
                    "functional_class",
                    models.CharField(
                        blank=True, max_length=40, verbose_name="functional class"
                    ),
                ),
                (
                    "economic_class",
                    models.CharField(
                        blank=True, max_length=40, verbose_name="economic class"
                    ),
                ),
                ("opens_at", models.DateTimeField(verbose_name="call opens")),
                ("closes_at", models.DateTimeField(verbose_name="call closes")),
                ("review_ends_at", models.DateTimeField(verbose_name="review ends")),
                ("ends_at", models.DateTimeField(verbose_name="round ends")),
                ("project_starts_on", models.DateField(verbose_name="projects start")),
                ("project_ends_on", models.DateField(verbose_name="projects end")),
                (
                    "published_at",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="published"
                    ),
                ),
                (
                    "closed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="closed"),
                ),
                (
                    "folder",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="attachments.folder",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rounds",
                        to="grants.programme",
                    ),
                ),
                (
                    "rules",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grants.programmerules",
                    ),
                ),
            ],
            options={
                "verbose_name": "round",
                "verbose_name_plural": "rounds",
                "ordering": ["-opens_at", "-id"],
            },
        ),
        migrations.AddField(
            model_name="paymentbatch",
            name="round",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="payment_batches",
                to="grants.round",
            ),
        ),
        migrations.AddField(
            model_name="panel",
            name="round",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="panels",
                to="grants.round",
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="round",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="notices",
                to="grants.round",
            ),
        ),
        migrations.CreateModel(
            name="HistoricalPaymentBatch",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                (
                    "number",
                    models.CharField(
                        db_index=True, max_length=40, verbose_name="batch"
                    ),
                ),
                (
                    "approved_at",
                    models.DateTimeField(default=django.utils.timezone.now),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                        max_length=1,
                    ),
                ),
                (
                    "approved_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="grants.round",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical payment batch",
                "verbose_name_plural": "historical payment batches",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalNotice",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField(verbose_name="text")),
                ("starts_on", models.DateField(verbose_name="starts on")),
                ("ends_on", models.DateField(verbose_name="ends on")),
                (
                    "published_at",
                    models.DateTimeField(default=django.utils.timezone.now),
                ),
                (
                    "over_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="over"),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                        max_length=1,
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="grants.round",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical notice",
                "verbose_name_plural": "historical notices",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalDefenceMinutes",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                ("present", models.TextField(verbose_name="present")),
                ("conclusion", models.TextField(verbose_name="conclusion")),
                (
                    "recorded_at",
                    models.DateTimeField(default=django.utils.timezone.now),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                        max_length=1,
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "scan",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="attachments.document",
                        verbose_name="signed scan",
                    ),
                ),
                (
                    "panel",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="grants.panel",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="grants.round",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical defence minutes",
                "verbose_name_plural": "historical defence minutes",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalDecision",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("COMMITTEE", "Committee decision"),
                            ("MEETING", "Bureau meeting"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "proposed_at",
                    models.DateTimeField(default=django.utils.timezone.now),
                ),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("sent_back_at", models.DateTimeField(blank=True, null=True)),
                (
                    "number",
                    models.CharField(
                        blank=True, max_length=60, verbose_name="number of the minutes"
                    ),
                ),
                (
                    "held_on",
                    models.DateField(blank=True, null=True, verbose_name="date"),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                        max_length=1,
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "scan",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="attachments.document",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="grants.round",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical decision",
                "verbose_name_plural": "historical decisions",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalCase",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        db_index=True, max_length=50, verbose_name="Application number"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("DRAFT", "Draft"),
                            ("SCREENING", "In screening"),
                            ("CORRECTION", "Returned for correction"),
                            ("ELIGIBLE", "Eligible, awaiting review"),
                            ("UNDER_REVIEW", "Under review"),
                            ("SCORED", "Scored, awaiting decision"),
                            ("PROPOSED", "Proposed for award"),
                            ("WAITLISTED", "On the wait list"),
                            ("DECIDED", "Approved by the bureau meeting"),
                            ("IN_NOTICE", "In public notice"),
                            ("REVISION", "Plan and budget being revised"),
                            ("AGREEMENT", "Awaiting agreement"),
                            ("RUNNING_INITIAL", "Running, initial stage"),
                            ("MID_EVAL", "Mid-term evaluation"),
                            ("RUNNING_FINAL", "Running, final stage"),
                            ("FINAL_EVAL", "Final evaluation"),
                            ("AUDIT", "Financial audit"),
                            ("CLOSING", "Closing"),
                            ("CLOSED", "Closed"),
                            ("ARCHIVED", "Archived"),
                            ("EXPIRED", "Expired"),
                            ("INELIGIBLE", "Ineligible"),
                            ("REJECTED", "Not funded"),
                            ("WITHDRAWN", "Withdrawn"),
                            ("CANCELLED", "Award cancelled"),
                            ("LAPSED", "Award declined or lapsed"),
                            ("TERMINATED", "Terminated"),
                            ("CLAWBACK", "Clawback"),
                            ("CLAWBACK_DONE", "Clawback settled"),
                        ],
                        default="DRAFT",
                        max_length=16,
                        verbose_name="status",
                    ),
                ),
                (
                    "ended_from",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("DRAFT", "Draft"),
                            ("SCREENING", "In screening"),
                            ("CORRECTION", "Returned for correction"),
                            ("ELIGIBLE", "Eligible, awaiting review"),
                            ("UNDER_REVIEW", "Under review"),
                            ("SCORED", "Scored, awaiting decision"),
                            ("PROPOSED", "Proposed for award"),
                            ("WAITLISTED", "On the wait list"),
                            ("DECIDED", "Approved by the bureau meeting"),
                            ("IN_NOTICE", "In public notice"),
                            ("REVISION", "Plan and budget being revised"),
                            ("AGREEMENT", "Awaiting agreement"),
                            ("RUNNING_INITIAL", "Running, initial stage"),
                            ("MID_EVAL", "Mid-term evaluation"),
                            ("RUNNING_FINAL", "Running, final stage"),
                            ("FINAL_EVAL", "Final evaluation"),
                            ("AUDIT", "Financial audit"),
                            ("CLOSING", "Closing"),
                            ("CLOSED", "Closed"),
                            ("ARCHIVED", "Archived"),
                            ("EXPIRED", "Expired"),
                            ("INELIGIBLE", "Ineligible"),
                            ("REJECTED", "Not funded"),
                            ("WITHDRAWN", "Withdrawn"),
                            ("CANCELLED", "Award cancelled"),
                            ("LAPSED", "Award declined or lapsed"),
                            ("TERMINATED", "Terminated"),
                            ("CLAWBACK", "Clawback"),
                            ("CLAWBACK_DONE", "Clawback settled"),
                        ],
                        max_length=16,
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "title",
                    models.CharField(
                        blank=True, max_length=40, verbose_name="Project name"
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "status_since",
                    models.DateTimeField(default=django.utils.timezone.now),
                ),
                (
                    "submitted_at",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="submitted"
                    ),
                ),
                (
                    "requested",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        verbose_name="Requested",
                    ),
                ),
                (
                    "awarded",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        verbose_name="Awarded",
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                        max_length=1,
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "district",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="grants.district",
                    ),
                ),
                (
                    "folder",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="attachments.folder",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="organisations.organisation",
                    ),
                ),
                (
                    "rules",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="grants.programmerules",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="grants.round",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical case",
                "verbose_name_plural": "historical cases",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="FundPool",
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
                ("position", models.PositiveIntegerField()),
                ("source", models.CharField(max_length=40, verbose_name="fund source")),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2, max_digits=14, verbose_name="amount (CNY)"
                    ),
                ),
                (
                    "budget_year",
                    models.PositiveIntegerField(verbose_name="budget year"),
                ),
                (
                    "document_no",
                    models.CharField(
                        max_length=60, verbose_name="budget document number"
                    ),
                ),
                (
                    "functional_class",
                    models.CharField(
                        blank=True, max_length=40, verbose_name="functional class"
                    ),
                ),
                (
                    "economic_class",
                    models.CharField(
                        blank=True, max_length=40, verbose_name="economic class"
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pools",
                        to="grants.round",
                    ),
                ),
            ],
            options={
                "verbose_name": "pool",
                "verbose_name_plural": "pools",
                "ordering": ["position"],
            },
        ),
        migrations.CreateModel(
            name="DefenceMinutes",
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
                ("present", models.TextField(verbose_name="present")),
                ("conclusion", models.TextField(verbose_name="conclusion")),
                (
                    "recorded_at",
                    models.DateTimeField(default=django.utils.timezone.now),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "scan",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="attachments.document",
                        verbose_name="signed scan",
                    ),
                ),
                (
                    "panel",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="minutes",
                        to="grants.panel",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grants.round",
                    ),
                ),
            ],
            options={
                "verbose_name": "defence minutes",
                "verbose_name_plural": "defence minutes",
            },
        ),
        migrations.AddField(
            model_name="decision",
            name="round",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="decisions",
                to="grants.round",
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="round",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="cases",
                to="grants.round",
            ),
        ),
        migrations.CreateModel(
            name="Alternate",
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
                ("place", models.PositiveIntegerField(verbose_name="place")),
                (
                    "reviewer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "panel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="alternates",
                        to="grants.panel",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grants.round",
                    ),
                ),
            ],
            options={
                "verbose_name": "alternate",
                "verbose_name_plural": "alternates",
                "ordering": ["panel", "place"],
            },
        ),
        migrations.CreateModel(
            name="Score",
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
                    "criterion",
                    models.CharField(max_length=20, verbose_name="criterion"),
                ),
                (
                    "score",
                    models.DecimalField(
                        decimal_places=2, max_digits=5, verbose_name="score"
                    ),
                ),
                ("comment", models.TextField(blank=True, verbose_name="comment")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="scores",
                        to="grants.case",
                    ),
                ),
                (
                    "review",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="scores",
                        to="grants.review",
                    ),
                ),
            ],
            options={
                "verbose_name": "score",
                "verbose_name_plural": "scores",
            },
        ),
        migrations.CreateModel(
            name="Seat",
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
                ("number", models.PositiveIntegerField(verbose_name="seat")),
                ("needs_finance_expert", models.BooleanField(default=False)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("DRAWN", "Interest not declared"),
                            ("CLEAR", "No conflict declared"),
                            ("CONFLICT", "Conflict declared"),
                            ("LOCKED", "Score locked"),
                            ("REOPENED", "Score reopened"),
                        ],
                        default="DRAWN",
                        max_length=10,
                    ),
                ),
                ("conflict_reason", models.TextField(blank=True)),
                ("declared_at", models.DateTimeField(blank=True, null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seats",
                        to="grants.case",
                    ),
                ),
                (
                    "panel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seats",
                        to="grants.panel",
                    ),
                ),
                (
                    "reviewer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seats",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "seat",
                "verbose_name_plural": "seats",
                "ordering": ["case", "number"],
            },
        ),
        migrations.AddField(
            model_name="review",
            name="seat",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reviews",
                to="grants.seat",
            ),
        ),
        migrations.CreateModel(
            name="Recusal",
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
                ("reason", models.TextField()),
                (
                    "declared_at",
                    models.DateTimeField(default=django.utils.timezone.now),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recusals",
                        to="grants.case",
                    ),
                ),
                (
                    "reviewer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "seat",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recusals",
                        to="grants.seat",
                    ),
                ),
            ],
            options={
                "verbose_name": "recusal",
                "verbose_name_plural": "recusals",
            },
        ),
        migrations.CreateModel(
            name="HistoricalReview",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                (
                    "total",
                    models.DecimalField(
                        decimal_places=2, max_digits=5, verbose_name="total"
                    ),
                ),
                (
                    "recommended",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=14,
                        verbose_name="recommended amount (CNY)",
                    ),
                ),
                ("locked_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "reopened_at",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="reopened"
                    ),
                ),
                (
                    "reopen_reason",
                    models.TextField(
                        blank=True, verbose_name="reason of the reopening"
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                        max_length=1,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="grants.case",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reopened_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reviewer",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "seat",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="grants.seat",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical review",
                "verbose_name_plural": "historical reviews",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="ServiceRecord",
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
                    "recorded_at",
                    models.DateTimeField(default=django.utils.timezone.now),
                ),
                (
                    "corrected_because",
                    models.CharField(
                        blank=True,
                        max_length=200,
                        verbose_name="reason of the correction",
                    ),
                ),
                (
                    "voided_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="voided"),
                ),
                (
                    "voided_because",
                    models.CharField(
                        blank=True, max_length=200, verbose_name="reason of the voiding"
                    ),
                ),
                ("held_on", models.DateField(verbose_name="held on")),
                ("title", models.CharField(max_length=120, verbose_name="activity")),
                ("place", models.CharField(max_length=120, verbose_name="place")),
                ("persons", models.PositiveIntegerField(verbose_name="persons served")),
                (
                    "volunteers",
                    models.PositiveIntegerField(default=0, verbose_name="volunteers"),
                ),
                (
                    "hours",
                    models.DecimalField(
                        decimal_places=1, max_digits=7, verbose_name="hours of service"
                    ),
                ),
                (
                    "satisfaction",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=3,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ],
                        verbose_name="satisfaction (1 to 5)",
                    ),
                ),
                ("notes", models.TextField(blank=True, verbose_name="notes")),
                (
                    "activity",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grants.activity",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="service_records",
                        to="grants.case",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "sign_in_sheet",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="attachments.document",
                    ),
                ),
            ],
            options={
                "verbose_name": "activity record",
                "verbose_name_plural": "activity records",
                "ordering": ["held_on", "pk"],
            },
        ),
        migrations.CreateModel(
            name="ServicePicture",
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
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grants.case",
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="attachments.document",
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pictures",
                        to="grants.servicerecord",
                    ),
                ),
            ],
            options={
                "verbose_name": "picture of an activity",
                "verbose_name_plural": "pictures of activities",
            },
        ),
        migrations.CreateModel(
            name="SimilarProject",
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
                ("position", models.PositiveIntegerField()),
                ("name", models.CharField(max_length=80, verbose_name="project")),
                ("year", models.PositiveIntegerField(verbose_name="year")),
                (
                    "funder",
                    models.CharField(blank=True, max_length=80, verbose_name="funder"),
                ),
                (
                    "amount",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        verbose_name="amount (CNY)",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="similar_projects",
                        to="grants.case",
                    ),
                ),
            ],
            options={
                "verbose_name": "similar project",
                "verbose_name_plural": "similar projects",
                "ordering": ["position"],
            },
        ),
        migrations.CreateModel(
            name="Stage",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("INITIAL", "Initial tracking"),
                            ("MID", "Mid-term evaluation"),
                            ("FINAL", "Final evaluation"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("REPORT", "Report due"),
                            ("LATE", "Report late"),
                            ("CHECK", "Materials being checked"),
                            ("VISIT", "Visit due"),
                            ("GRADE", "To be graded"),
                            ("RECTIFY", "Rectification due"),
                            ("RECHECK", "To be re-checked"),
                            ("FAILED", "Failed"),
                            ("PASSED", "Passed"),
                        ],
                        default="REPORT",
                        max_length=8,
                    ),
                ),
                ("opens_at", models.DateTimeField()),
                ("report_due", models.DateTimeField(verbose_name="report due")),
                ("rectify_due", models.DateTimeField(blank=True, null=True)),
                ("report", models.TextField(blank=True, verbose_name="report")),
                (
                    "beneficiaries_served",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="persons served"
                    ),
                ),
                (
                    "money_used",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        verbose_name="money used (CNY)",
                    ),
                ),
                ("remarks", models.TextField(blank=True, verbose_name="remarks")),
                ("checked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "score",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=5, null=True
                    ),
                ),
                (
                    "adjustment",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=5,
                        null=True,
                        verbose_name="bonus or penalty",
                    ),
                ),
                (
                    "satisfaction",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=3,
                        null=True,
                        verbose_name="satisfaction (1 to 5)",
                    ),
                ),
                (
                    "rectification",
                    models.TextField(blank=True, verbose_name="rectification"),
                ),
                ("excused", models.BooleanField(default=False)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stages",
                        to="grants.case",
                    ),
                ),
                (
                    "checked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "graded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "rectification_file",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="attachments.document",
                    ),
                ),
                (
                    "report_file",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="attachments.document",
                    ),
                ),
                (
                    "reported_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "stage",
                "verbose_name_plural": "stages",
            },
        ),
        migrations.CreateModel(
            name="IndicatorResult",
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
                    "actual",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=12,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="reached",
                    ),
                ),
                (
                    "counted",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=12,
                        null=True,
                        verbose_name="counted from the ledger",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        max_length=200,
                        verbose_name="why it differs from the ledger",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grants.case",
                    ),
                ),
                (
                    "indicator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="results",
                        to="grants.indicator",
                    ),
                ),
                (
                    "stage",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="indicator_results",
                        to="grants.stage",
                    ),
                ),
            ],
            options={
                "verbose_name": "result of an indicator",
                "verbose_name_plural": "results of indicators",
            },
        ),
        migrations.CreateModel(
            name="HistoricalVisit",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                ("visited_on", models.DateField(verbose_name="visited on")),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("ON_SITE", "On site"),
                            ("PHONE", "By telephone"),
                            ("PAPERS", "From papers"),
                        ],
                        default="ON_SITE",
                        max_length=8,
                        verbose_name="method",
                    ),
                ),
                ("findings", models.TextField(verbose_name="findings")),
                (
                    "progress",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="progress (per cent)"
                    ),
                ),
                (
                    "money_share",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="money used (per cent)"
                    ),
                ),
                ("problems", models.TextField(blank=True, verbose_name="problems")),
                ("advice", models.TextField(blank=True, verbose_name="advice")),
                (
                    "recorded_at",
                    models.DateTimeField(default=django.utils.timezone.now),
                ),
                ("cancelled_at", models.DateTimeField(blank=True, null=True)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                        max_length=1,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="grants.case",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "photo",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="attachments.document",
                    ),
                ),
                (
                    "visited_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "stage",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="grants.stage",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical visit",
                "verbose_name_plural": "historical visits",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="StageScore",
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
                    "dimension",
                    models.CharField(max_length=20, verbose_name="dimension"),
                ),
                (
                    "score",
                    models.DecimalField(
                        decimal_places=2, max_digits=5, verbose_name="score"
                    ),
                ),
                ("comment", models.TextField(blank=True, verbose_name="comment")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grants.case",
                    ),
                ),
                (
                    "stage",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="scores",
                        to="grants.stage",
                    ),
                ),
            ],
            options={
                "verbose_name": "score of a dimension",
                "verbose_name_plural": "scores of dimensions",
            },
        ),
        migrations.CreateModel(
            name="SubmittedForm",
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
                ("number", models.PositiveIntegerField(verbose_name="version")),
                (
                    "code",
                    models.CharField(
                        db_index=True, max_length=14, verbose_name="check code"
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                (
                    "submitted_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="submitted"
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="submitted_forms",
                        to="grants.case",
                    ),
                ),
                (
                    "submitted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "submitted form",
                "verbose_name_plural": "submitted forms",
            },
        ),
        migrations.CreateModel(
            name="TeamMember",
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
                ("position", models.PositiveIntegerField()),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                (
                    "role",
                    models.CharField(max_length=80, verbose_name="task in the project"),
                ),
                (
                    "education",
                    models.CharField(
                        blank=True, max_length=80, verbose_name="education and subject"
                    ),
                ),
                (
                    "qualification",
                    models.CharField(
                        blank=True,
                        max_length=80,
                        verbose_name="social-work qualification",
                    ),
                ),
                (
                    "phone",
                    models.CharField(
                        blank=True, max_length=30, verbose_name="telephone"
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="team",
                        to="grants.case",
                    ),
                ),
            ],
            options={
                "verbose_name": "team member",
                "verbose_name_plural": "team members",
                "ordering": ["position"],
            },
        ),
        migrations.CreateModel(
            name="Termination",
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
                    "ground",
                    models.CharField(
                        choices=[
                            ("AGREEMENT", "By agreement"),
                            ("CAUSE", "For breach of the agreement"),
                            ("FRAUD", "For fraud or misuse of the money"),
                            ("FAILURE", "A stage failed or was not reported"),
                        ],
                        max_length=10,
                        verbose_name="ground",
                    ),
                ),
                ("reason", models.TextField(verbose_name="reason")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("PROPOSED", "Proposed"),
                            ("CONFIRMED", "Confirmed"),
                            ("REFUSED", "Not confirmed"),
                            ("OVERTAKEN", "Overtaken by another decision"),
                            ("REVOKED", "Revoked: the case was reopened"),
                        ],
                        default="PROPOSED",
                        max_length=10,
                    ),
                ),
                (
                    "accepted_expenditure",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=14,
                        verbose_name="accepted expenditure (CNY)",
                    ),
                ),
                (
                    "accepted_because",
                    models.TextField(blank=True, verbose_name="how it was found"),
                ),
                (
                    "award",
                    models.DecimalField(
                        decimal_places=2, max_digits=14, verbose_name="award (CNY)"
                    ),
                ),
                (
                    "paid",
                    models.DecimalField(
                        decimal_places=2, max_digits=14, verbose_name="paid (CNY)"
                    ),
                ),
                (
                    "returned",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=14,
                        verbose_name="returned before (CNY)",
                    ),
                ),
                (
                    "to_return",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=14,
                        verbose_name="to be returned (CNY)",
                    ),
                ),
                (
                    "return_due",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="return due"
                    ),
                ),
                (
                    "excluded_until",
                    models.DateField(
                        blank=True, null=True, verbose_name="excluded until"
                    ),
                ),
                (
                    "proposed_at",
                    models.DateTimeField(default=django.utils.timezone.now),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("remarks", models.TextField(blank=True, verbose_name="remarks")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="terminations",
                        to="grants.case",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "termination",
                "verbose_name_plural": "terminations",
            },
        ),
        migrations.CreateModel(
            name="Repayment",
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
                    "claimed",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=14,
                        verbose_name="amount paid back (CNY)",
                    ),
                ),
                ("paid_on", models.DateField(verbose_name="paid back on")),
                (
                    "submitted_at",
                    models.DateTimeField(default=django.utils.timezone.now),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("SUBMITTED", "Proof handed in"),
                            ("RECORDED", "Received"),
                            ("RETURNED", "Proof sent back"),
                        ],
                        default="SUBMITTED",
                        max_length=10,
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        verbose_name="amount received (CNY)",
                    ),
                ),
                (
                    "voucher_number",
                    models.CharField(
                        blank=True, max_length=60, verbose_name="voucher number"
                    ),
                ),
                ("recorded_at", models.DateTimeField(blank=True, null=True)),
                ("remarks", models.TextField(blank=True, verbose_name="remarks")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="repayments",
                        to="grants.case",
                    ),
                ),
                (
                    "proof",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="attachments.document",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "submitted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "termination",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="repayments",
                        to="grants.termination",
                    ),
                ),
            ],
            options={
                "verbose_name": "repayment",
                "verbose_name_plural": "repayments",
            },
        ),
        migrations.CreateModel(
            name="HistoricalRepayment",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                (
                    "claimed",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=14,
                        verbose_name="amount paid back (CNY)",
                    ),
                ),
                ("paid_on", models.DateField(verbose_name="paid back on")),
                (
                    "submitted_at",
                    models.DateTimeField(default=django.utils.timezone.now),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("SUBMITTED", "Proof handed in"),
                            ("RECORDED", "Received"),
                            ("RETURNED", "Proof sent back"),
                        ],
                        default="SUBMITTED",
                        max_length=10,
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        verbose_name="amount received (CNY)",
                    ),
                ),
                (
                    "voucher_number",
                    models.CharField(
                        blank=True, max_length=60, verbose_name="voucher number"
                    ),
                ),
                ("recorded_at", models.DateTimeField(blank=True, null=True)),
                ("remarks", models.TextField(blank=True, verbose_name="remarks")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.CharField(max_length=100, null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")],
                        max_length=1,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="grants.case",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proof",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="attachments.document",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "submitted_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "termination",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="grants.termination",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical repayment",
                "verbose_name_plural": "historical repayments",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Tranche",
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
                ("seq", models.PositiveIntegerField(verbose_name="tranche")),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2, max_digits=14, verbose_name="amount (CNY)"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("PLANNED", "Planned"),
                            ("OPEN", "To be requested"),
                            ("REQUESTED", "Requested"),
                            ("REGISTERED", "Receipt registered"),
                            ("APPROVED", "Approved"),
                            ("PAID", "Paid"),
                            ("SETTLED", "Settled without payment"),
                        ],
                        default="PLANNED",
                        max_length=10,
                    ),
                ),
                (
                    "receipt_number",
                    models.CharField(
                        blank=True, max_length=60, verbose_name="receipt number"
                    ),
                ),
                (
                    "receipt_kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("RECEIPT", "Receipt of a social organisation"),
                            ("INVOICE", "Tax invoice"),
                            ("FISCAL", "Fiscal bill"),
                        ],
                        max_length=8,
                        verbose_name="kind of receipt",
                    ),
                ),
                (
                    "receipt_date",
                    models.DateField(
                        blank=True, null=True, verbose_name="date of the receipt"
                    ),
                ),
                (
                    "bank",
                    models.CharField(blank=True, max_length=80, verbose_name="bank"),
                ),
                (
                    "account",
                    models.CharField(
                        blank=True, max_length=40, verbose_name="account number"
                    ),
                ),
                (
                    "budget_year",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="budget year"
                    ),
                ),
                (
                    "budget_document",
                    models.CharField(
                        blank=True, max_length=60, verbose_name="budget document number"
                    ),
                ),
                (
                    "functional_class",
                    models.CharField(
                        blank=True, max_length=40, verbose_name="functional class"
                    ),
                ),
                (
                    "economic_class",
                    models.CharField(
                        blank=True, max_length=40, verbose_name="economic class"
                    ),
                ),
                ("registered_at", models.DateTimeField(blank=True, null=True)),
                ("remarks", models.TextField(blank=True, verbose_name="remarks")),
                (
                    "voucher_number",
                    models.CharField(
                        blank=True, max_length=60, verbose_name="voucher number"
                    ),
                ),
                (
                    "paid_on",
                    models.DateField(blank=True, null=True, verbose_name="paid on"),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tranches",
                        to="grants.paymentbatch",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tranches",
                        to="grants.case",
                    ),
                ),
                (
                    "receipt",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="attachments.document",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "registered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "tranche",
                "verbose_name_plural": "tranches",
                "ordering": ["case", "seq"],
            },
        ),
        migrations.CreateModel(
            name="Visit",
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
                ("visited_on", models.DateField(verbose_name="visited on")),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("ON_SITE", "On site"),
                            ("PHONE", "By telephone"),
                            ("PAPERS", "From papers"),
                        ],
                        default="ON_SITE",
                        max_length=8,
                        verbose_name="method",
                    ),
                ),
                ("findings", models.TextField(verbose_name="findings")),
                (
                    "progress",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="progress (per cent)"
                    ),
                ),
                (
                    "money_share",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="money used (per cent)"
                    ),
                ),
                ("problems", models.TextField(blank=True, verbose_name="problems")),
                ("advice", models.TextField(blank=True, verbose_name="advice")),
                (
                    "recorded_at",
                    models.DateTimeField(default=django.utils.timezone.now),
                ),
                ("cancelled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="grants.case",
                    ),
                ),
                (
                    "photo",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="attachments.document",
                    ),
                ),
                (
                    "stage",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="grants.stage",
                    ),
                ),
                (
                    "visited_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "visit",
                "verbose_name_plural": "visits",
            },
        ),
        migrations.CreateModel(
            name="VisitPicture",
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
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grants.case",
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="attachments.document",
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pictures",
                        to="grants.visit",
                    ),
                ),
            ],
            options={
                "verbose_name": "picture of a visit",
                "verbose_name_plural": "pictures of visits",
            },
        ),
        migrations.CreateModel(
            name="ChangeRequest",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("LEADER", "Project leader"),
                            ("PERIOD", "Project period"),
                            ("CONTENT", "Plan"),
                            ("BUDGET", "Budget"),
                            ("PLACE", "Place"),
                            ("CUSTODIAN", "Financial custodian"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("before", models.TextField(blank=True, verbose_name="before")),
                ("after", models.TextField(verbose_name="after")),
                ("wanted", models.TextField(default="{}")),
                ("reason", models.TextField(verbose_name="reason")),
                ("is_major", models.BooleanField(default=False, verbose_name="major")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("REQUESTED", "Requested"),
                            ("APPROVED", "Approved"),
                            ("DENIED", "Not approved"),
                            ("OVERTAKEN", "Overtaken"),
                        ],
                        default="REQUESTED",
                        max_length=10,
                    ),
                ),
                (
                    "requested_at",
                    models.DateTimeField(default=django.utils.timezone.now),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("remarks", models.TextField(blank=True, verbose_name="remarks")),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
                        to="grants.case",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="attachments.document",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "change request",
                "verbose_name_plural": "change requests",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "REQUESTED")),
                        fields=("case",),
                        name="change_requested_once",
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="district",
            constraint=models.UniqueConstraint(
                fields=("code", "valid_from"), name="district_code_from"
            ),
        ),
        migrations.AddConstraint(
            model_name="drafteditor",
            constraint=models.UniqueConstraint(
                fields=("key", "user"), name="editor_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="eligibilitycheck",
            constraint=models.UniqueConstraint(
                fields=("case", "rule"), name="eligibility_rule_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="expense",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("voided_at", None), models.Q(("invoice_number", ""), _negated=True)
                ),
                fields=("invoice_number",),
                name="expense_invoice_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lifted_at__isnull", True)),
                fields=("case", "kind"),
                name="hold_open_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="defencenote",
            constraint=models.UniqueConstraint(
                fields=("case", "panel"), name="defence_note_once"
            ),
        ),
        migrations.AddIndex(
            model_name="cover",
            index=models.Index(fields=["stand_in", "ends_on"], name="cover_stand_in"),
        ),
        migrations.AddConstraint(
            model_name="programmerules",
            constraint=models.UniqueConstraint(
                fields=("programme", "version"), name="programme_rules_version"
            ),
        ),
        migrations.AddConstraint(
            model_name="reopening",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "REQUESTED")),
                fields=("case",),
                name="reopening_requested_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="rolegroup",
            constraint=models.UniqueConstraint(
                fields=("programme", "role"), name="programme_role_once"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["round", "status", "id"], name="case_round_status"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["organisation", "id"], name="case_organisation"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["status", "id"], name="case_status"),
        ),
        migrations.AddConstraint(
            model_name="alternate",
            constraint=models.UniqueConstraint(
                fields=("panel", "place"), name="alternate_place"
            ),
        ),
        migrations.AddConstraint(
            model_name="alternate",
            constraint=models.UniqueConstraint(
                fields=("panel", "reviewer"), name="alternate_reviewer"
            ),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.UniqueConstraint(
                fields=("case", "number"), name="seat_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.UniqueConstraint(
                fields=("case", "reviewer"), name="seat_reviewer"
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.UniqueConstraint(
                condition=models.Q(("reopened_at", None)),
                fields=("seat",),
                name="review_in_force_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="stage",
            constraint=models.UniqueConstraint(
                fields=("case", "kind"), name="stage_kind"
            ),
        ),
        migrations.AddConstraint(
            model_name="indicatorresult",
            constraint=models.UniqueConstraint(
                fields=("stage", "indicator"), name="indicator_result_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="stagescore",
            constraint=models.UniqueConstraint(
                fields=("stage", "dimension"), name="stage_score_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="submittedform",
            constraint=models.UniqueConstraint(
                fields=("case", "number"), name="submitted_form_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="termination",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "PROPOSED")),
                fields=("case",),
                name="termination_proposed_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="repayment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "SUBMITTED")),
                fields=("case",),
                name="repayment_submitted_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="repayment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("voucher_number", ""), _negated=True),
                fields=("voucher_number",),
                name="repayment_voucher_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="tranche",
            constraint=models.UniqueConstraint(
                fields=("case", "seq"), name="tranche_seq"
            ),
        ),
        migrations.AddConstraint(
            model_name="tranche",
            constraint=models.UniqueConstraint(
                condition=models.Q(("receipt_number", ""), _negated=True),
                fields=("receipt_number",),
                name="tranche_receipt_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="tranche",
            constraint=models.UniqueConstraint(
                condition=models.Q(("voucher_number", ""), _negated=True),
                fields=("voucher_number",),
                name="tranche_voucher_once",
            ),
        ),
    ]
    operations = [Tables(tables)]
