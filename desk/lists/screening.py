"""The eligibility checklist of every application, a column a rule (资格预审汇总表)."""

from django.db.models import Max, OuterRef, Subquery
from django.utils.functional import lazy
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from desk.lists.cases import CODE, ORGANISATION, STATUS, TITLE
from desk.lists.columns import Column, Kind, ListKind
from grants.models import Case, EligibilityCheck, Status, Verdict
from grants.rules import default_data
from grants.services.eligibility import label_of

#: Statuses in which nobody has decided on the eligibility yet.
UNDECIDED = (Status.SCREENING, Status.CORRECTION, Status.WITHDRAWN)


def verdict_in_words(verdict: str | None) -> str:
    return str(Verdict(verdict).label) if verdict else ""


def of_check(rule: str, field: str) -> Subquery:
    checks = EligibilityCheck.objects.filter(case=OuterRef("pk"), rule=rule)
    return Subquery(checks.values(field)[:1])


def rule_column(rule: dict[str, str]) -> Column:
    """One rule's verdict; its header in the reader's language."""
    return Column(
        rule["code"],
        lazy(lambda: label_of(rule), str)(),
        value=verdict_in_words,
        expression=of_check(rule["code"], "verdict"),
    )


def newest_check() -> Subquery:
    checks = EligibilityCheck.objects.filter(case=OuterRef("pk")).order_by()
    return Subquery(checks.values("case").annotate(day=Max("checked_on")).values("day"))


def screenshot() -> Subquery:
    checks = EligibilityCheck.objects.filter(
        case=OuterRef("pk"), document__isnull=False
    )
    return Subquery(checks.values("document__title")[:1])


def opinion_of(case: Case) -> str:
    """What the operator says (承办单位意见)."""
    application = case.application
    if application.screened_by_id is None:
        return ""
    if application.refusal_proposed_by_id is not None:
        return gettext("Refusal proposed")
    if case.status == Status.CORRECTION:
        return gettext("Returned for correction")
    return "" if case.status in UNDECIDED else gettext("Passed")


def confirmation_of(case: Case) -> str:
    """What the bureau decided on a proposed refusal (主办单位确认)."""
    refused = case.status == Status.INELIGIBLE
    return case.application.end_reason if refused else ""


REST = (
    Column("checked_on", _("Checked on"), Kind.DATE, expression=newest_check()),
    Column("screenshot", _("Screenshot"), expression=screenshot()),
    Column(
        "corrections",
        _("Corrections"),
        Kind.NUMBER,
        lambda c: c.application.corrections,
        select=("application",),
    ),
    Column(
        "opinion",
        pgettext_lazy("screening", "Operator's opinion"),
        value=opinion_of,
        select=("application",),
    ),
    Column(
        "confirmation",
        pgettext_lazy("screening", "Confirmed by the bureau"),
        value=confirmation_of,
        select=("application",),
    ),
    STATUS,
)


def screening_columns() -> tuple[Column, ...]:
    rules = (rule_column(rule) for rule in default_data()["eligibility"])
    return (CODE, TITLE, ORGANISATION, *rules, *REST)


SCREENING = ListKind(
    "screening",
    _("Eligibility screening"),
    _("Every application with the verdict on each rule of the checklist."),
    screening_columns(),
    rows=lambda cases: cases.filter(submitted_at__isnull=False),
    order=("code",),
    hidden=("status",),
)
