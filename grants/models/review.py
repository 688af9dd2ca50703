"""Panels, seats, scores."""

from django.conf import settings
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from audit.declare import Audited


class Panel(models.Model):
    """A review group (评审组): its cases are scored by the same experts."""

    round = models.ForeignKey(
        "grants.Round", on_delete=models.PROTECT, related_name="panels"
    )
    name = models.CharField(_("group"), max_length=40)
    theme = models.CharField(_("theme"), max_length=80, blank=True)
    meets_on = models.DateField(_("date"))
    starts_at = models.TimeField(_("first defence"), null=True, blank=True)
    room = models.CharField(_("room"), max_length=60, blank=True)
    seed = models.CharField(_("seed of the draw"), max_length=40)
    drawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    drawn_at = models.DateTimeField(default=now)

    audited = Audited(stream="grants_round:{round_id}")

    class Meta:
        verbose_name = _("panel")
        verbose_name_plural = _("panels")

    def __str__(self) -> str:
        return self.name


class Alternate(models.Model):
    """An expert drawn behind the seats (备选), in the order of the lots."""

    round = models.ForeignKey(
        "grants.Round", on_delete=models.PROTECT, related_name="+"
    )
    panel = models.ForeignKey(
        Panel, on_delete=models.PROTECT, related_name="alternates"
    )
    place = models.PositiveIntegerField(_("place"))
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    audited = Audited(stream="grants_round:{round_id}")

    class Meta:
        verbose_name = _("alternate")
        verbose_name_plural = _("alternates")
        ordering = ["panel", "place"]
        constraints = [
            models.UniqueConstraint(fields=["panel", "place"], name="alternate_place"),
            models.UniqueConstraint(
                fields=["panel", "reviewer"], name="alternate_reviewer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.panel} {self.place}"


class SeatStatus(models.TextChoices):
    DRAWN = "DRAWN", _("Interest not declared")
    CLEAR = "CLEAR", _("No conflict declared")
    CONFLICT = "CONFLICT", _("Conflict declared")
    LOCKED = "LOCKED", _("Score locked")
    REOPENED = "REOPENED", _("Score reopened")


class Seat(models.Model):
    """One chair of a case's panel; a conflict replaces who sits in it."""

    case = models.ForeignKey(
        "grants.Case", on_delete=models.PROTECT, related_name="seats"
    )
    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="seats")
    number = models.PositiveIntegerField(_("seat"))
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="seats"
    )
    needs_finance_expert = models.BooleanField(default=False)
    status = models.CharField(
        max_length=10, choices=SeatStatus.choices, default=SeatStatus.DRAWN
    )
    conflict_reason = models.TextField(blank=True)
    #: Who leaves gives no conflict as the reason: absence, lack of time.
    declined = models.BooleanField(_("declined"), default=False)
    declared_at = models.DateTimeField(null=True, blank=True)
    history = HistoricalRecords()

    audited = Audited(stream="case:{case_id}", personal=("conflict_reason",))

    class Meta:
        verbose_name = _("seat")
        verbose_name_plural = _("seats")
        ordering = ["case", "number"]
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="seat_number"),
            models.UniqueConstraint(fields=["case", "reviewer"], name="seat_reviewer"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.number}"

    @property
    def standing(self) -> str:
        """The status in words; a seat that was given up is no conflict."""
        if self.status == SeatStatus.CONFLICT and self.declined:
            return str(_("Seat given up"))
        return str(self.get_status_display())

    @property
    def review(self) -> "Review | None":
        """The sheet in force; prefetch `reviews` where there are many seats."""
        return next((r for r in self.reviews.all() if r.reopened_at is None), None)

    @property
    def earlier_reviews(self) -> list["Review"]:
        """The sheets that were reopened, the latest first."""
        found = [r for r in self.reviews.all() if r.reopened_at is not None]
        return sorted(found, key=lambda review: review.pk, reverse=True)


class Recusal(models.Model):
    """Who left a seat, for a conflict or for lack of time: shut out for good."""

    case = models.ForeignKey(
        "grants.Case", on_delete=models.PROTECT, related_name="recusals"
    )
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="recusals")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.TextField()
    declined = models.BooleanField(_("declined"), default=False)
    declared_at = models.DateTimeField(default=now)

    audited = Audited(stream="case:{case_id}", personal=("reason",))

    class Meta:
        verbose_name = _("recusal")
        verbose_name_plural = _("recusals")

    def __str__(self) -> str:
        return f"{self.case_id}:{self.reviewer_id}"


class Review(models.Model):
    """A locked score sheet (评审评分表); made once, when it is locked.

    Reopened, it stays as it is, with who, when and why, and counts no more; the
    reviewer locks another one. A seat has one in force at most.
    """

    case = models.ForeignKey(
        "grants.Case", on_delete=models.PROTECT, related_name="reviews"
    )
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="reviews")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reviews"
    )
    total = models.DecimalField(_("total"), max_digits=5, decimal_places=2)
    recommended = models.DecimalField(
        _("recommended amount (CNY)"), max_digits=14, decimal_places=2
    )
    locked_at = models.DateTimeField(default=now)
    reopened_at = models.DateTimeField(_("reopened"), null=True, blank=True)
    reopened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    reopen_reason = models.TextField(_("reason of the reopening"), blank=True)
    history = HistoricalRecords()

    audited = Audited(stream="case:{case_id}", personal=("reopen_reason",))

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        constraints = [
            models.UniqueConstraint(
                fields=["seat"],
                condition=models.Q(reopened_at=None),
                name="review_in_force_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.total}"


class Score(models.Model):
    """The score of one criterion, at most its weight."""

    case = models.ForeignKey(
        "grants.Case", on_delete=models.PROTECT, related_name="scores"
    )
    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="scores")
    criterion = models.CharField(_("criterion"), max_length=20)
    score = models.DecimalField(_("score"), max_digits=5, decimal_places=2)
    comment = models.TextField(_("comment"), blank=True)

    audited = Audited(stream="case:{case_id}")

    class Meta:
        verbose_name = _("score")
        verbose_name_plural = _("scores")

    def __str__(self) -> str:
        return f"{self.criterion}: {self.score}"
