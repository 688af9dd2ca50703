"""The tables of the application form: what tracking and evaluation measure by.

Each row belongs to a case and keeps its place. Indicators and activities are
of the request or, after the award, of the plan, like the lines of a budget.
"""

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.declare import Audited
from grants.models.application import BudgetLine


class TeamMember(models.Model):
    """Who carries the project out (项目执行团队, X8)."""

    case = models.ForeignKey(
        "grants.Case", on_delete=models.PROTECT, related_name="team"
    )
    position = models.PositiveIntegerField()
    name = models.CharField(_("name"), max_length=60)
    role = models.CharField(_("task in the project"), max_length=80)
    education = models.CharField(_("education and subject"), max_length=80, blank=True)
    qualification = models.CharField(
        _("social-work qualification"), max_length=80, blank=True
    )
    phone = models.CharField(_("telephone"), max_length=30, blank=True)

    audited = Audited(
        stream="case:{case_id}",
        personal=("phone", "name", "education", "qualification"),
    )

    class Meta:
        verbose_name = _("team member")
        verbose_name_plural = _("team members")
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name


class Indicator(models.Model):
    """One measurable objective: an output or an outcome with its target."""

    class Measure(models.TextChoices):
        OUTPUT = "OUTPUT", _("Output")
        OUTCOME = "OUTCOME", _("Outcome")

    class Counted(models.TextChoices):
        """What of the ledger an indicator counts; nothing for what is said."""

        SESSIONS = "SESSIONS", _("Activities held")
        PERSONS = "PERSONS", _("Person-times served")
        VOLUNTEERS = "VOLUNTEERS", _("Person-times of volunteers")
        HOURS = "HOURS", _("Hours of service")

    case = models.ForeignKey(
        "grants.Case", on_delete=models.PROTECT, related_name="indicators"
    )
    kind = models.CharField(max_length=8, choices=BudgetLine.Kind.choices)
    position = models.PositiveIntegerField()
    measure = models.CharField(_("kind"), max_length=8, choices=Measure.choices)
    name = models.CharField(_("indicator"), max_length=100)
    unit = models.CharField(_("unit"), max_length=20)
    target = models.DecimalField(
        _("target"),
        max_digits=12,
        decimal_places=2,
        validators=[MinValueValidator(0)],
    )
    counts = models.CharField(
        _("counted from the ledger"),
        max_length=10,
        choices=Counted.choices,
        blank=True,
    )

    audited = Audited(stream="case:{case_id}")

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        ordering = ["kind", "position"]

    def __str__(self) -> str:
        return f"{self.name} {self.target} {self.unit}"


class Activity(models.Model):
    """One planned activity (实施计划): what, when, where, for whom, how often."""

    case = models.ForeignKey(
        "grants.Case", on_delete=models.PROTECT, related_name="activities"
    )
    kind = models.CharField(max_length=8, choices=BudgetLine.Kind.choices)
    position = models.PositiveIntegerField()
    name = models.CharField(_("activity"), max_length=120)
    time = models.CharField(_("time"), max_length=60)
    place = models.CharField(_("place"), max_length=80)
    whom = models.CharField(_("for whom"), max_length=80)
    times = models.PositiveIntegerField(_("times"))
    attendances = models.PositiveIntegerField(_("person-times"))
    output = models.CharField(_("output"), max_length=120, blank=True)

    audited = Audited(stream="case:{case_id}")

    class Meta:
        verbose_name = _("planned activity")
        verbose_name_plural = _("planned activities")
        ordering = ["kind", "position"]

    def __str__(self) -> str:
        return self.name


class SimilarProject(models.Model):
    """A project of the same sort that the organisation carried out (X9)."""

    case = models.ForeignKey(
        "grants.Case", on_delete=models.PROTECT, related_name="similar_projects"
    )
    position = models.PositiveIntegerField()
    name = models.CharField(_("project"), max_length=80)
    year = models.PositiveIntegerField(_("year"))
    funder = models.CharField(_("funder"), max_length=80, blank=True)
    amount = models.DecimalField(
        _("amount (CNY)"), max_digits=14, decimal_places=2, null=True, blank=True
    )

    audited = Audited(stream="case:{case_id}")

    class Meta:
        verbose_name = _("similar project")
        verbose_name_plural = _("similar projects")
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name


class Partner(models.Model):
    """A partner by its role in the five-society linkage (五社联动, A14)."""

    class Society(models.TextChoices):
        COMMUNITY = "COMMUNITY", _("Community")
        ORGANISATION = "ORGANISATION", _("Social organisation")
        SOCIAL_WORK = "SOCIAL_WORK", _("Social work")
        RESOURCES = "RESOURCES", _("Social resources")
        VOLUNTEERS = "VOLUNTEERS", _("Volunteer organisation")

    case = models.ForeignKey(
        "grants.Case", on_delete=models.PROTECT, related_name="partners"
    )
    position = models.PositiveIntegerField()
    society = models.CharField(_("role"), max_length=14, choices=Society.choices)
    name = models.CharField(_("partner"), max_length=80)
    contribution = models.CharField(_("contribution"), max_length=120, blank=True)

    audited = Audited(stream="case:{case_id}")

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name


class OtherFunding(models.Model):
    """Money from elsewhere for the same project (no double public funding)."""

    class Nature(models.TextChoices):
        PUBLIC = "PUBLIC", _("Public money")
        PRIVATE = "PRIVATE", _("Private money")

    case = models.ForeignKey(
        "grants.Case", on_delete=models.PROTECT, related_name="other_funding"
    )
    position = models.PositiveIntegerField()
    source = models.CharField(_("source"), max_length=80)
    nature = models.CharField(_("nature"), max_length=8, choices=Nature.choices)
    amount = models.DecimalField(_("amount (CNY)"), max_digits=14, decimal_places=2)

    audited = Audited(stream="case:{case_id}")

    class Meta:
        verbose_name = _("other funding")
        verbose_name_plural = _("other funding")
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.source} {self.amount}"
