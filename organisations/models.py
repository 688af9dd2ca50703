"""People and the organisations they act for.

A person may hold roles in programmes (groups, see grants.permissions) and
memberships in organisations; both end by being ended, never by deletion.
"""

import hashlib

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from audit.declare import Audited
from organisations.credit_code import validate_credit_code


class User(AbstractUser):
    """A person who signs in. Deactivated, never deleted."""

    name = models.CharField(_("name"), max_length=60, blank=True)
    phone = models.CharField(_("telephone"), max_length=30, blank=True)
    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES, blank=True
    )
    unit = models.CharField(_("unit"), max_length=80, blank=True)
    is_administrator = models.BooleanField(_("administrator"), default=False)
    is_finance_expert = models.BooleanField(_("finance expert"), default=False)

    first_name = None
    last_name = None
    audited = Audited(
        secret=("password",), personal=("phone", "email", "name", "username")
    )

    class Meta(AbstractUser.Meta):
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return self.name or self.username

    def get_short_name(self) -> str:
        return self.name or self.username


class LegalForm(models.TextChoices):
    """Legal forms (DOMAIN C02); a filed organisation has none of them."""

    ASSOCIATION = "ASSOC", _("Association")
    PRIVATE_UNIT = "PNE", _("Private non-enterprise unit")
    FOUNDATION = "FOUND", _("Foundation")
    FILED = "FILED", _("Filed community organisation")
    AUTHORITY = "GOV", _("Public authority")
    COMPANY = "FIRM", _("Firm")


class Organisation(models.Model):
    """A social organisation, operator, firm or authority."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    legal_form = models.CharField(
        _("legal form"), max_length=8, choices=LegalForm.choices
    )
    credit_code = models.CharField(
        _("credit code"),
        max_length=18,
        blank=True,
        validators=[validate_credit_code],
    )
    custodian = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="in_custody",
        verbose_name=_("financial custodian"),
        help_text=_("Holds the money of a filed organisation."),
    )
    is_community = models.BooleanField(
        _("community organisation"),
        default=False,
        help_text=_(
            "Founded by residents and active in a community: a district keeps 30 per "
            "cent of its fund for such organisations."
        ),
    )
    bank = models.CharField(_("bank"), max_length=80, blank=True)
    bank_account = models.CharField(_("account number"), max_length=40, blank=True)
    admitted_at = models.DateTimeField(_("admitted"), null=True, blank=True)
    excluded_until = models.DateField(_("excluded until"), null=True, blank=True)
    exclusion_reason = models.CharField(
        _("reason of the exclusion"), max_length=400, blank=True
    )
    history = HistoricalRecords()

    audited = Audited(personal=("bank_account", "exclusion_reason"))

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        constraints = [
            models.UniqueConstraint(
                fields=["credit_code"],
                condition=~Q(credit_code=""),
                name="organisation_credit_code_once",
            )
        ]

    def __str__(self) -> str:
        return self.name


class AnnualCheck(models.TextChoices):
    """Conclusions of the annual check (年检结论)."""

    PASSED = "PASSED", _("Passed")
    BASICALLY = "BASICALLY", _("Basically passed")
    FAILED = "FAILED", pgettext_lazy("annual check", "Failed")


class OrganisationProfile(models.Model):
    """What an organisation says of itself (DOMAIN §6.1); new drafts begin with it.

    `staff`: people employed full time. `grade`: of the assessment, 1A to 5A.
    """

    organisation = models.OneToOneField(
        Organisation, on_delete=models.PROTECT, related_name="profile"
    )
    legal_representative = models.CharField(
        _("legal representative"), max_length=60, blank=True
    )
    telephone = models.CharField(_("telephone"), max_length=30, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    founded_on = models.DateField(_("founded on"), null=True, blank=True)
    staff = models.PositiveIntegerField(_("full-time staff"), null=True, blank=True)
    postcode = models.CharField(_("postcode"), max_length=6, blank=True)
    address = models.CharField(_("postal address"), max_length=120, blank=True)
    annual_check_year = models.PositiveIntegerField(
        _("year of the annual check"), null=True, blank=True
    )
    annual_check_result = models.CharField(
        _("conclusion of the annual check"),
        max_length=10,
        choices=AnnualCheck.choices,
        blank=True,
    )
    grade_year = models.PositiveIntegerField(
        _("year of the grade"), null=True, blank=True
    )
    grade = models.PositiveIntegerField(_("grade (A)"), null=True, blank=True)
    org_profile = models.TextField(_("profile of the organisation"), blank=True)
    updated_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    updated_at = models.DateTimeField(_("changed"))
    history = HistoricalRecords()

    audited = Audited(
        stream="organisations_organisation:{organisation_id}",
        personal=("telephone", "email", "legal_representative"),
    )

    class Meta:
        verbose_name = _("profile of an organisation")
        verbose_name_plural = _("profiles of organisations")

    def __str__(self) -> str:
        return str(self.organisation)


class MembershipRole(models.TextChoices):
    """What a member does for the organisation."""

    APPLICANT = "applicant", _("Applicant")
    LEGAL_REP = "legal_rep", _("Legal representative")
    FINANCE_CONTACT = "org_finance", _("Organisation's finance contact")


class Membership(models.Model):
    """One person in one role of one organisation, from when until when."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="memberships"
    )
    role = models.CharField(_("role"), max_length=12, choices=MembershipRole.choices)
    since = models.DateTimeField(_("since"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    history = HistoricalRecords()

    audited = Audited(stream="organisations_organisation:{organisation_id}")

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation", "role"],
                condition=Q(ended_at__isnull=True),
                name="membership_active_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.organisation} · {self.get_role_display()}"


class ApiToken(models.Model):
    """A personal token for the API; only its SHA-256 is kept."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="tokens")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    audited = Audited(stream="organisations_user:{user_id}")

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return f"{self.user_id}:{self.digest[:8]}"

    @staticmethod
    def digest_of(token: str) -> str:
        return hashlib.sha256(token.encode()).hexdigest()
