"""The eligibility checklist: what the system says, what people may say, what stays."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from django.utils.timezone import now

from audit.testing import ambient_event
from grants.actions import ACTIONS
from grants.errors import Invalid
from grants.models import Case, EligibilityCheck, Status, Verdict
from grants.rules import default_data, rules_of
from grants.services.eligibility import (
    all_findings,
    automatic_verdicts,
    facts_of,
    formal_findings,
)
from organisations.models import LegalForm
from tests.factories import (
    act_on,
    make_case,
    make_organisation,
    make_round,
    member,
    person,
)

pytestmark = [pytest.mark.once, pytest.mark.django_db]
PASS, FAIL, UNKNOWN = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN
REGISTERED = "registered_or_filed_with_custodian"


@pytest.fixture
def case():
    return make_case(until=Status.SCREENING)


def facts(case):
    return facts_of([case])[case.pk]


def verdict(facts, rule):
    return automatic_verdicts(facts)[rule].verdict


def rows_of(case, **verdicts):
    """The example's rows, some rules with another verdict."""
    rows = ACTIONS["screen"].example(case, person("operator", case.round))["checks"]
    return [row | {"verdict": verdicts.get(row["rule"], "PASS")} for row in rows]


def screen(case, **changes):
    act_on("screen", case, by=person("operator", case.round), **changes)
    case.refresh_from_db()
    return case


def test_default_programme_has_the_twelve_rules_in_both_languages():
    rules = default_data()["eligibility"]
    assert len({rule["code"] for rule in rules}) == len(rules) == 12
    for rule in rules:
        assert all(rule[key] for key in ("zh", "en", "look_zh", "look_en", "source"))


# -- what the system says by itself -------------------------------------------------


def test_sound_application_has_no_findings(case):
    known = facts(case)
    found = {code: f.verdict for code, f in automatic_verdicts(known).items()}
    assert found[REGISTERED] == PASS
    assert found["not_blacklisted_3y"] == PASS
    assert found["implemented_in_jurisdiction"] == PASS
    assert found["scope_matches_charter"] == UNKNOWN
    assert set(found) == {rule["code"] for rule in rules_of(case).eligibility}
    assert all_findings(known) == []


def test_filed_organisation_needs_its_custodian(case):
    organisation = make_organisation(form=LegalForm.FILED)
    alone = replace(facts(case), organisation=organisation)
    assert verdict(alone, REGISTERED) == FAIL
    assert verdict(alone, "own_bank_account_or_custodian") == UNKNOWN
    organisation.custodian = make_organisation()
    assert verdict(alone, REGISTERED) == PASS
    assert verdict(alone, "own_bank_account_or_custodian") == PASS


@pytest.mark.parametrize("form", [LegalForm.AUTHORITY, LegalForm.COMPANY])
def test_authorities_and_firms_may_not_apply(case, form):
    known = replace(facts(case), organisation=make_organisation(form=form))
    assert verdict(known, REGISTERED) == FAIL


def test_credit_code_with_a_wrong_check_character_fails(case):
    known = facts(case)
    code = known.organisation.credit_code
    known.organisation.credit_code = code[:-1] + ("1" if code[-1] != "1" else "2")
    assert verdict(known, REGISTERED) == FAIL
    known.organisation.credit_code = ""
    assert verdict(known, REGISTERED) == UNKNOWN


def test_exclusion_counts_to_its_last_day(case):
    known = facts(case)
    known.organisation.excluded_until = known.on
    assert verdict(known, "not_blacklisted_3y") == FAIL
    known.organisation.excluded_until = known.on - dt.timedelta(days=1)
    assert verdict(known, "not_blacklisted_3y") == PASS


def test_stated_annual_check_is_proof_of_failing_only(case):
    known, rule = facts(case), "annual_report_submitted_and_passed"
    known.application.annual_check_result = "PASSED"
    assert verdict(known, rule) == UNKNOWN
    known.application.annual_check_result = "FAILED"
    assert verdict(known, rule) == FAIL


def test_district_that_ended_before_the_call_fails(case):
    known = replace(facts(case), in_district=False)
    assert verdict(known, "implemented_in_jurisdiction") == FAIL


def test_formal_findings_name_amount_period_field_and_number(case):
    known = facts(case)
    assert formal_findings(known) == []
    case = known.case
    case.requested = case.round.cap + Decimal("0.01")
    known.application.period_end = case.round.project_ends_on + dt.timedelta(days=1)
    known.application.category = "unheard-of"
    assert len(formal_findings(replace(known, live=2))) == 4


def test_second_application_of_an_organisation_is_found(case):
    second = make_case(case.round)
    with ambient_event():
        Case.objects.filter(pk=second.pk).update(organisation=case.organisation)
    assert len(formal_findings(facts(case))) == 1
    with ambient_event():
        Case.objects.filter(pk=second.pk).update(status=Status.WITHDRAWN)
    assert formal_findings(facts(case)) == []


def test_facts_cost_the_same_for_many(django_assert_num_queries):
    round_ = make_round()
    for _number in range(2):
        make_case(round_, until=Status.SCREENING)
    related = ("round", "rules", "organisation", "application")
    for many in (1, 2):
        cases = list(Case.objects.select_related(*related)[:many])
        with django_assert_num_queries(2):
            for known in facts_of(cases).values():
                all_findings(known)


# -- what people may say ---------------------------------------------------------------


def test_passing_needs_every_rule_met(case):
    for left in ("UNKNOWN", "CORRECT", "FAIL"):
        with pytest.raises(Invalid) as caught:
            screen(case, checks=rows_of(case, not_zombie=left))
        (path,) = caught.value.errors
        assert path == "checks.11.verdict"
    assert not EligibilityCheck.objects.exists()


def test_passing_needs_a_verdict_on_every_rule(case):
    with pytest.raises(Invalid) as caught:
        screen(case, checks=rows_of(case)[:-1])
    assert list(caught.value.errors) == ["checks"]
    with pytest.raises(Invalid) as caught:
        screen(case, checks=[])
    assert list(caught.value.errors) == ["checks"]


def test_rule_stands_once_and_must_be_one(case):
    rows = rows_of(case)
    with pytest.raises(Invalid) as caught:
        screen(case, checks=[*rows, rows[0]])
    assert list(caught.value.errors) == ["checks.12.rule"]
    with pytest.raises(Invalid) as caught:
        screen(case, checks=[*rows, rows[0] | {"rule": "likes_tea"}])
    assert list(caught.value.errors) == ["checks.12.rule"]


def test_refusal_names_a_rule_that_is_not_met(case):
    with pytest.raises(Invalid) as caught:
        screen(case, outcome="REFUSE", reason="x", checks=rows_of(case))
    assert list(caught.value.errors) == ["checks"]
    rows = rows_of(case, scope_matches_charter="FAIL")
    screen(case, outcome="REFUSE", reason="x", checks=rows)
    (failed,) = case.eligibility_checks.filter(verdict=FAIL)
    assert failed.rule == "scope_matches_charter"


def test_against_the_automatic_check_one_says_why(case):
    with ambient_event():
        case.organisation.excluded_until = now().date() + dt.timedelta(days=9)
        case.organisation.save()
    note = automatic_verdicts(facts(case))["not_blacklisted_3y"].note
    rows = rows_of(case)
    rows[7] |= {"evidence": note}
    with pytest.raises(Invalid) as caught:
        screen(case, checks=rows)
    assert list(caught.value.errors) == ["checks.7.evidence"]
    rows[7] |= {"evidence": "处罚已于上月撤销，见撤销决定书。"}
    screen(case, checks=rows)
    check = case.eligibility_checks.get(rule="not_blacklisted_3y")
    assert (check.verdict, check.automatic) == (PASS, False)


def test_verdicts_are_kept_with_source_day_evidence_and_screenshot(case):
    operator = person("operator", case.round)
    rows = rows_of(case)
    rows[3] |= {"source": "信用平台", "checked_on": "2026-01-05", "evidence": "未见"}
    file = {"name": "shot.txt", "content_base64": "YQ=="}
    screen(case, checks=rows, screenshot=file)
    kept = {check.rule: check for check in case.eligibility_checks.all()}
    assert len(kept) == 12
    by_hand, automatic = kept["not_on_abnormal_list"], kept[REGISTERED]
    assert (by_hand.source, by_hand.evidence) == ("信用平台", "未见")
    assert by_hand.checked_on == dt.date(2026, 1, 5)
    assert by_hand.checked_by == operator
    assert by_hand.document.kind == "screening"
    assert (by_hand.automatic, automatic.automatic) == (False, True)
    assert automatic.document is None


def test_second_screening_begins_with_the_first_and_replaces_it(case):
    rows = rows_of(case, scope_matches_charter="CORRECT")
    rows[1] |= {"evidence": "章程第三条"}
    changes = {"outcome": "CORRECTION", "fields": ["plan"], "reason": "请补充"}
    screen(case, checks=rows, **changes)
    act_on("resubmit", case, by=member(case.organisation))
    case = Case.objects.get(pk=case.pk)
    operator = person("operator", case.round)
    form = ACTIONS["screen"].form(target=case, by=operator)
    row = form.initial["checks"][1]
    assert (row["verdict"], row["evidence"]) == ("CORRECT", "章程第三条")
    screen(case)
    assert case.eligibility_checks.count() == 12
    assert set(case.eligibility_checks.values_list("verdict", flat=True)) == {"PASS"}
