"""Programmes, their versioned rules, districts and rounds."""

from django.conf import settings
from django.db import models
from django.utils.timezone import now
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from audit.declare import Audited


class Programme(models.Model):
    """A funding programme of one host authority (主办单位)."""

    code = models.SlugField(_("code"), max_length=20, unique=True)
    name_zh = models.CharField(_("Chinese name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=120)
    authority = models.ForeignKey(
        "organisations.Organisation",
        on_delete=models.PROTECT,
        related_name="programmes",
        verbose_name=_("host authority"),
    )
    operator = models.ForeignKey(
        "organisations.Organisation",
        on_delete=models.PROTECT,
        related_name="operates",
        null=True,
        blank=True,
        verbose_name=_("operator"),
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        # One permission per action a programme role may take; grants.lifecycle
        # names them and a test compares the two lists.
        permissions = [
            ("view_cases", "See the cases of the programme"),
            ("view_trail", "See the record of the programme"),
            ("set_up_round", "Set up rounds"),
            ("file_documents", "File documents"),
            ("remind", "Remind those who are late"),
            ("screen", "Screen applications"),
            ("confirm_refusal", "Confirm or reject a proposed refusal"),
            ("open_review", "Draw panels and open the review"),
            ("replace_reviewer", "Replace a reviewer"),
            ("reopen_score", "Reopen a locked score"),
            ("vacate_seat", "Free a reviewer's seat"),
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
            ("raise_finding", "Raise findings"),
            ("answer_finding", "Answer findings"),
            ("resolve_finding", "Decide on answers to findings"),
            ("refer_finding", "Refer findings to the inspector"),
            ("close_accountability", "Close accountability cases"),
            ("hold_documents", "Put documents on legal hold"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        language = get_language() or ""
        return self.name_en if language.startswith("en") else self.name_zh


class Role(models.TextChoices):
    """Roles that a programme grants to people (DESIGN.md §6)."""

    OPERATOR = "operator", _("Operator")
    FUNDER = "funder", _("Programme officer (funder)")
    HEAD = "head", _("Head of division")
    LEADER = "leader", _("Deputy director in charge")
    COMMITTEE = "committee", _("Committee member")
    REVIEWER = "reviewer", _("Reviewer")
    FINANCE = "finance", _("Finance officer")
    SUPERVISOR = "supervisor", _("Supervisor")
    EVALUATOR = "evaluator", _("Evaluator")
    CPA = "cpa", _("Audit firm")
    CUSTODIAN = "custodian", _("Custodian")
    DISTRICT = "district", _("District civil-affairs bureau")
    AUDITOR = "auditor", _("Auditor")
    INSPECTOR = "inspector", _("Discipline inspector")
    WITNESS = "witness", _("Witness")


class RoleGroup(models.Model):
    """The Django group that holds one role of one programme.

    guardian gives the group its object permissions on the programme; people
    hold the role by being in the group (docs/decisions/0007).
    """

    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="role_groups"
    )
    role = models.CharField(_("role"), max_length=12, choices=Role.choices)
    group = models.OneToOneField(
        "auth.Group", on_delete=models.PROTECT, related_name="role_group"
    )

    class Meta:
        verbose_name = _("role of a programme")
        verbose_name_plural = _("roles of a programme")
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "role"], name="programme_role_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.programme.code}:{self.role}"


class ProgrammeRules(models.Model):
    """One version of a programme's rules: data, never changed once in use.

    A case keeps the version that it started under (DESIGN.md §3).
    """

    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="rules"
    )
    version = models.PositiveIntegerField(_("version"))
    data = models.JSONField(_("rules"))
    reason = models.CharField(_("reason"), max_length=200)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=now)

    audited = Audited(personal=("reason",))

    class Meta:
        verbose_name = _("version of the rules")
        verbose_name_plural = _("versions of the rules")
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "version"], name="programme_rules_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.programme.code} v{self.version}"


class District(models.Model):
    """A district or county, valid from and until (reform of April 2021)."""

    code = models.CharField(_("code"), max_length=12)
    name_zh = models.CharField(_("Chinese name"), max_length=20)
    name_en = models.CharField(_("English name"), max_length=40)
    bureau = models.ForeignKey(
        "organisations.Organisation",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="districts",
    )
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    class Meta:
        verbose_name = _("district")
        verbose_name_plural = _("districts")
        constraints = [
            models.UniqueConstraint(
                fields=["code", "valid_from"], name="district_code_from"
            )
        ]

    def __str__(self) -> str:
        language = get_language() or ""
        return self.name_en if language.startswith("en") else self.name_zh


class Tier(models.TextChoices):
    """Funding tiers (DOMAIN A01)."""

    CITY = "CITY", _("City")
    DISTRICT = "DISTRICT", _("District")
    STREET = "STREET", _("Street")


class QuestionKind(models.TextChoices):
    """How a question of a round is answered."""

    TEXT = "TEXT", _("Text")
    NUMBER = "NUMBER", _("Number")
    CHOICE = "CHOICE", _("One of several answers")
    DATE = "DATE", _("Date")
    FILE = "FILE", _("File")
    TABLE = "TABLE", _("Table")


class Round(models.Model):
    """One year's call (创投届次): dates, pool and cap.

    The phase is derived from the dates and the cases, never stored. Amounts
    are CNY; `pool` is the sum of the pools. `districts` and `themes` are codes,
    all where there are none; `questions`: grants/services/questions.py. The row
    is the pool's lock (DESIGN.md §3: pool → case → head).
    """

    code = models.SlugField(_("code"), max_length=20, unique=True)
    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="rounds"
    )
    rules = models.ForeignKey(
        ProgrammeRules, on_delete=models.PROTECT, related_name="+"
    )
    title_zh = models.CharField(_("Chinese title"), max_length=80)
    title_en = models.CharField(_("English title"), max_length=120)
    year = models.PositiveIntegerField(_("year"))
    tier = models.CharField(_("tier"), max_length=10, choices=Tier.choices)
    pool = models.DecimalField(_("pool (CNY)"), max_digits=14, decimal_places=2)
    cap = models.DecimalField(
        _("cap per project (CNY)"), max_digits=14, decimal_places=2
    )
    cap_filed = models.DecimalField(
        _("cap for filed organisations (CNY)"),
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
    )
    districts = models.JSONField(_("districts"), default=list, blank=True)
    themes = models.JSONField(_("service fields"), default=list, blank=True)
    questions = models.JSONField(_("questions"), default=list, blank=True)
    # of the first pool
    fund_source = models.CharField(_("fund source"), max_length=40)
    budget_document = models.CharField(_("budget document number"), max_length=60)
    functional_class = models.CharField(
        _("functional class"), max_length=40, blank=True
    )
    economic_class = models.CharField(_("economic class"), max_length=40, blank=True)
    opens_at = models.DateTimeField(_("call opens"))
    closes_at = models.DateTimeField(_("call closes"))
    review_ends_at = models.DateTimeField(_("review ends"))
    ends_at = models.DateTimeField(_("round ends"))
    project_starts_on = models.DateField(_("projects start"))
    project_ends_on = models.DateField(_("projects end"))
    folder = models.OneToOneField(
        "attachments.Folder", on_delete=models.PROTECT, null=True, related_name="+"
    )
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("round")
        verbose_name_plural = _("rounds")
        ordering = ["-opens_at", "-id"]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        language = get_language() or ""
        return self.title_en if language.startswith("en") else self.title_zh


class FundPool(models.Model):
    """Money of a round from one source and one budget document."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="pools")
    position = models.PositiveIntegerField()
    source = models.CharField(_("fund source"), max_length=40)
    amount = models.DecimalField(_("amount (CNY)"), max_digits=14, decimal_places=2)
    budget_year = models.PositiveIntegerField(_("budget year"))
    document_no = models.CharField(_("budget document number"), max_length=60)
    functional_class = models.CharField(
        _("functional class"), max_length=40, blank=True
    )
    economic_class = models.CharField(_("economic class"), max_length=40, blank=True)

    audited = Audited(stream="grants_round:{round_id}")

    class Meta:
        verbose_name = _("pool")
        verbose_name_plural = _("pools")
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.source} {self.amount}"
