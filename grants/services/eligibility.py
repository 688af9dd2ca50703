"""The eligibility checklist: what the data say by themselves, and what people say.

`facts_of` reads what is known of cases in a fixed number of queries;
`automatic_verdicts` and `formal_findings` are pure functions of those facts.
Rules: DOMAIN §11, as data in the programme's rules.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Count
from django.utils.timezone import now
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from attachments.models import Document
from grants.calendar import today
from grants.lifecycle import ENDED
from grants.models import Application, Case, EligibilityCheck, Verdict
from grants.rules import rules_of
from grants.services.applying import (
    amount_error,
    districts_on,
    period_errors,
    themes_of,
)
from grants.services.round_setup import cap_of
from organisations.credit_code import validate_credit_code
from organisations.models import LegalForm, Organisation, User

REGISTERED = (LegalForm.ASSOCIATION, LegalForm.PRIVATE_UNIT, LegalForm.FOUNDATION)
PASS, FAIL, UNKNOWN = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN

#: A row of the checklist: rule, verdict, source, checked_on, evidence.
Row = dict[str, Any]


@dataclass(frozen=True)
class Facts:
    """What the data say of one application on one day."""

    case: Case
    organisation: Organisation
    application: Application
    on: date
    #: Applications of the organisation in the round that are not ended, this one too.
    live: int
    #: Whether the district was valid when the call opened; None where there is none.
    in_district: bool | None


@dataclass(frozen=True)
class Found:
    """A verdict of the system, and in words what it rests on."""

    verdict: Verdict
    note: str


def facts_of(cases: Iterable[Case]) -> dict[int, Facts]:
    """Facts by case; two queries, however many cases with their relations."""
    cases = list(cases)
    counted = (
        Case.objects.filter(
            round_id__in={c.round_id for c in cases},
            organisation_id__in={c.organisation_id for c in cases},
        )
        .exclude(status__in=ENDED)
        .order_by()
        .values_list("round_id", "organisation_id")
        .annotate(n=Count("pk"))
    )
    live = Counter({(r, organisation): n for r, organisation, n in counted})
    day = today(now())
    valid: dict[date, set[int]] = {}
    found = {}
    for case in cases:
        opened = today(case.round.opens_at)
        if opened not in valid:
            valid[opened] = {district.pk for district in districts_on(opened)}
        district = case.district_id
        found[case.pk] = Facts(
            case=case,
            organisation=case.organisation,
            application=case.application,
            on=day,
            live=live[case.round_id, case.organisation_id],
            in_district=None if district is None else district in valid[opened],
        )
    return found


# -- what the system can say ----------------------------------------------------------


def _registered(facts: Facts) -> Found:
    organisation = facts.organisation
    if organisation.legal_form == LegalForm.FILED:
        if organisation.custodian_id is None:
            return Found(FAIL, _("Filed, and no custodian is on record."))
        return Found(PASS, _("Filed, with a custodian."))
    if organisation.legal_form not in REGISTERED:
        return Found(FAIL, _("This legal form may not apply."))
    if not organisation.credit_code:
        return Found(UNKNOWN, _("No credit code is on record."))
    if credit_code_error(organisation):
        return Found(FAIL, _("The check character of the credit code is wrong."))
    return Found(PASS, _("Registered; credit code %s.") % organisation.credit_code)


def _annual_check(facts: Facts) -> Found:
    """What the applicant states is no proof of passing, but one of failing."""
    stated = facts.application.annual_check_result
    if not stated:
        return Found(UNKNOWN, "")
    said = _("Stated in the application: %(year)s, %(result)s.") % {
        "year": facts.application.annual_check_year or "–",
        "result": facts.application.get_annual_check_result_display(),
    }
    failed = stated == Application.Conclusion.FAILED
    return Found(FAIL if failed else UNKNOWN, said)


def _excluded(facts: Facts) -> Found:
    until = facts.organisation.excluded_until
    if until is not None and facts.on <= until:
        return Found(FAIL, _("Excluded until %s.") % until.isoformat())
    return Found(PASS, _("No exclusion is on record."))


def _account(facts: Facts) -> Found:
    filed = facts.organisation.legal_form == LegalForm.FILED
    if filed and facts.organisation.custodian_id is not None:
        return Found(PASS, _("The custodian holds the money."))
    return Found(UNKNOWN, "")


def _jurisdiction(facts: Facts) -> Found:
    if facts.in_district is None:
        return Found(UNKNOWN, "")
    if facts.in_district:
        return Found(PASS, _("A district of the round."))
    return Found(FAIL, _("The district did not exist when the call opened."))


AUTOMATIC: dict[str, Callable[[Facts], Found]] = {
    "registered_or_filed_with_custodian": _registered,
    "annual_report_submitted_and_passed": _annual_check,
    "not_blacklisted_3y": _excluded,
    "own_bank_account_or_custodian": _account,
    "implemented_in_jurisdiction": _jurisdiction,
}


def automatic_verdicts(facts: Facts) -> dict[str, Found]:
    """The system's verdict on every rule of the case's checklist, by code."""
    nothing = Found(UNKNOWN, "")
    return {
        rule["code"]: AUTOMATIC[rule["code"]](facts)
        if rule["code"] in AUTOMATIC
        else nothing
        for rule in rules_of(facts.case).eligibility
    }


def credit_code_error(organisation: Organisation) -> bool:
    """Whether a credit code is on record that cannot be one (GB 32100-2015)."""
    try:
        if organisation.credit_code:
            validate_credit_code(organisation.credit_code)
    except ValidationError:
        return True
    return False


def formal_findings(facts: Facts) -> list[str]:
    """What is wrong with the application's form: amount, period, field, number."""
    case, rules = facts.case, rules_of(facts.case)
    found = []
    if case.requested is None:
        found.append(_("No amount is asked for."))
    elif error := amount_error(cap_of(case.round, case.organisation), case.requested):
        found.append(error)
    period = {
        "period_start": facts.application.period_start,
        "period_end": facts.application.period_end,
    }
    errors = period_errors(case.round, rules, period)
    found += dict.fromkeys(m for messages in errors.values() for m in messages)
    if facts.application.category not in themes_of(case.round, rules):
        found.append(_("The service field is not one of the round's."))
    if facts.live > rules.max_applications:
        found.append(
            _("The organisation has %(live)s applications in this round.")
            % {"live": facts.live}
        )
    return found


def all_findings(facts: Facts) -> list[str]:
    """Everything that the automatic checks found wrong, in words."""
    failed = [f.note for f in automatic_verdicts(facts).values() if f.verdict == FAIL]
    return [*failed, *formal_findings(facts)]


# -- the checklist of a case ---------------------------------------------------------


def label_of(rule: dict[str, str], key: str = "") -> str:
    """A rule in the reader's language; key "look_" for where one looks it up."""
    english = (get_language() or "").startswith("en")
    return rule.get(f"{key}{'en' if english else 'zh'}", "")


def checklist(
    case: Case, facts: Facts, stored: Iterable[EligibilityCheck] = ()
) -> list[Row]:
    """The rows as the form shows them first: earlier verdicts, else automatic ones."""
    before = {check.rule: check for check in stored}
    found = automatic_verdicts(facts)
    rows = []
    for rule in rules_of(case).eligibility:
        code, automatic = rule["code"], found[rule["code"]]
        row: Row = {
            "rule": code,
            "verdict": str(automatic.verdict),
            "source": label_of(rule, "look_"),
            "checked_on": facts.on,
            "evidence": automatic.note,
        }
        check = before.get(code)
        if check is not None and check.verdict != UNKNOWN and not check.automatic:
            row |= {
                "verdict": check.verdict,
                "source": check.source,
                "checked_on": check.checked_on,
                "evidence": check.evidence,
            }
        rows.append(row)
    return rows


def passed(rows: list[Row], *, source: str = "", evidence: str = "") -> list[Row]:
    """The same rows with every open rule met; a failing one is left as it is."""
    return [
        row
        if row["verdict"] != UNKNOWN
        else row
        | {
            "verdict": str(PASS),
            "source": source or row["source"],
            "evidence": evidence or row["evidence"],
        }
        for row in rows
    ]


def verdict_errors(case: Case, outcome: str, rows: list[Row]) -> dict[str, list[str]]:
    """What stands against an outcome in the checklist, by path of the row.

    Passing needs every rule met, a refusal at least one that is not; who finds a
    rule met where the system found it failed says why.
    """
    rules = {rule["code"]: rule for rule in rules_of(case).eligibility}
    errors: dict[str, list[str]] = {}
    seen: set[str] = set()
    found = automatic_verdicts(facts_of([case])[case.pk]) if rows else {}
    for index, row in enumerate(rows):
        code, verdict = row["rule"], row["verdict"]
        if code not in rules or code in seen:
            errors[f"checks.{index}.rule"] = [_("This is no rule, or stands twice.")]
            continue
        seen.add(code)
        if outcome == "ELIGIBLE" and verdict != PASS:
            errors[f"checks.{index}.verdict"] = [
                _("To pass, this rule must be met: %s.") % label_of(rules[code])
            ]
        elif verdict == PASS and found[code].verdict == FAIL:
            if not row.get("evidence") or row["evidence"] == found[code].note:
                errors[f"checks.{index}.evidence"] = [
                    _("The automatic check says otherwise: %s Say why it is met.")
                    % found[code].note
                ]
    missing = [label_of(rule) for code, rule in rules.items() if code not in seen]
    if outcome == "ELIGIBLE" and missing:
        errors["checks"] = [_("Not checked: %s.") % ", ".join(missing)]
    if outcome == "REFUSE" and rules and not any(r["verdict"] == FAIL for r in rows):
        errors["checks"] = [_("A refusal names at least one rule that is not met.")]
    return errors


def keep_checks(
    case: Case, rows: list[Row], *, by: User, screenshot: Document | None
) -> None:
    """Store the verdicts of a screening; the screenshot goes with those by hand."""
    found = automatic_verdicts(facts_of([case])[case.pk])
    before = {check.rule: check for check in case.eligibility_checks.all()}
    made: list[EligibilityCheck] = []
    changed: list[EligibilityCheck] = []
    for row in rows:
        check = before.get(row["rule"]) or EligibilityCheck(case=case, rule=row["rule"])
        automatic = found[row["rule"]]
        check.verdict = row["verdict"]
        check.automatic = (
            automatic.verdict != UNKNOWN and automatic.verdict == row["verdict"]
        )
        check.source = row.get("source") or ""
        check.checked_on = row.get("checked_on") or today(now())
        check.evidence = row.get("evidence") or ""
        if screenshot is not None and not check.automatic:
            check.document = screenshot
        check.checked_by, check.checked_at = by, now()
        (changed if check.pk else made).append(check)
    EligibilityCheck.objects.bulk_create(made)
    fields = [f.name for f in EligibilityCheck._meta.fields]
    fields = [n for n in fields if n not in ("id", "case", "rule")]
    if changed:
        EligibilityCheck.objects.bulk_update(changed, fields)
