"""Signals: each planted and found, with its rows, and shown on the page."""

import pytest

from audit.models import Event
from grants.models import (
    Case,
)
from tests.costs import queries_of
from tests.desk.planting import (
    FIND,
    Plant,
    a_checked_figure_changes,
    a_counted_expense_changes,
    a_former_member_grades,
    a_project_is_suspended_at_night,
    a_project_is_suspended_on_a_saturday,
    a_receipt_is_checked_at_once,
    a_score_changes,
    a_supervisor_joins,
    an_approved_amount_changes,
    an_indicator_changes_after_the_check,
    another_year_that_overlaps,
    criteria_change_at_an_equal_total,
    expenses_are_split,
    found,
    like_texts_under_another_title,
    one_account_for_two,
    one_address_for_two_members,
    one_invoice_in_two_projects,
    one_payee_takes_most_of_two_projects,
    one_person_is_paid_by_two_organisations,
    one_telephone_for_two,
    pair,
    pair_of_the_module,
    small_expenses_pass_a_limit,
    somebody_enters_what_they_were_paid,
    spend,
    the_head_is_paid,
    the_head_is_paid_under_another_writing,
    the_heads_firm_is_paid,
    the_same_in_another_tier,
    the_same_words_in_another_year,
    two_organisations_with_one_text,
    two_submit_from_one_address,
)
from tests.desk.test_lists import enter
from tests.factories.running import make_running_case

__all__ = ["pair", "pair_of_the_module"]
QUERIES = 54

PLANTS: list[tuple[str, Plant, str, int]] = [
    ("both_sides", a_supervisor_joins, "is a member (Applicant)", 1),
    ("both_sides", a_former_member_grades, "was a member (Applicant)", 1),
    ("funded_twice", the_same_in_another_tier, "titles alike to 100", 2),
    ("funded_twice", like_texts_under_another_title, "texts to 100 per cent", 2),
    (
        "funded_twice",
        two_organisations_with_one_text,
        "2 organisations were funded for nearly the same text, alike to",
        2,
    ),
    ("funded_twice", the_same_words_in_another_year, "in 2026/2027: titles", 2),
    ("funded_twice", another_year_that_overlaps, "titles alike to 100", 2),
    ("repeated_invoices", one_invoice_in_two_projects, "is on 2 entries", 2),
    ("related_payees", the_head_is_paid, "its legal representative is legal_rep", 1),
    ("related_payees", the_heads_firm_is_paid, "its legal representative is 钱来来", 1),
    (
        "related_payees",
        the_head_is_paid_under_another_writing,
        "its legal representative is Ｑian 来来",
        1,
    ),
    (
        "repeated_payees",
        one_payee_takes_most_of_two_projects,
        "甲咨询有限公司 was paid 6 times by 2 organisations, together 2,400.00",
        6,
    ),
    (
        "fees_in_one_hand",
        one_person_is_paid_by_two_organisations,
        "孙某某 was paid fees 2 times by 2 organisations, together 3,100.00",
        2,
    ),
    (
        "fees_in_one_hand",
        somebody_enters_what_they_were_paid,
        "李某某 entered what 李某某 was paid: 1 times",
        1,
    ),
    ("split_amounts", expenses_are_split, "together 29,200.00", 3),
    (
        "split_amounts",
        small_expenses_pass_a_limit,
        "3 small payments to 某某印务有限公司",
        3,
    ),
    ("edits_after_locking", a_score_changes, "from 71.00 to 88.00", 2),
    (
        "edits_after_locking",
        criteria_change_at_an_equal_total,
        "stayed 80.00, but 2 of its criteria changed",
        2,
    ),
    ("edits_after_locking", a_checked_figure_changes, "to 7.00 after it had been", 1),
    (
        "edits_after_locking",
        a_counted_expense_changes,
        "“amount (CNY)” went from 150.00 to 950.00",
        1,
    ),
    (
        "edits_after_locking",
        an_indicator_changes_after_the_check,
        "“reached” went from 6.00 to 12.00",
        1,
    ),
    (
        "edits_after_locking",
        an_approved_amount_changes,
        "“amount (CNY)” went from 50000.00 to 1.00",
        1,
    ),
    ("quick_approvals", a_receipt_is_checked_at_once, "seconds after", 2),
    ("odd_hours", a_project_is_suspended_at_night, "worked in the night", 1),
    (
        "odd_hours",
        a_project_is_suspended_on_a_saturday,
        "funder decided on 2026-03-07, a weekend: acts 1",
        1,
    ),
    ("shared_accounts", one_account_for_two, "belongs to 2 organisations", 2),
    ("shared_contacts", one_telephone_for_two, "13800001111 is given by 2", 2),
    ("shared_contacts", one_address_for_two_members, "same@example.org", 2),
    ("shared_addresses", two_submit_from_one_address, "address 10.20.30.40", 2),
]


@pytest.mark.parametrize(("code", "plant", "said", "rows"), PLANTS)
def test_what_was_planted_is_found_and_explained(pair, code, plant, said, rows):
    first, second = pair
    before = {finding.summary for finding in found(code, first)}
    plant(first, second)
    fresh_ones = [f for f in found(code, first) if f.summary not in before]
    assert len(fresh_ones) == 1, [f.summary for f in fresh_ones]
    (finding,) = fresh_ones
    assert said in finding.summary
    assert len(finding.rows) == rows
    page = enter(first.auditor).get("/audit/signals/")
    assert page.status_code == 200
    shown = page.content.decode()
    assert f'id="signal-{code}"' in shown
    cases = Case.objects.filter(pk__in=finding.cases)
    assert cases
    assert all(f"/cases/{case.code}/" in shown for case in cases)


def test_a_decision_on_a_public_holiday_is_found(pair, clock):
    first, _second = pair
    clock.to("2026-04-06 10:00")  # 清明, a Monday
    first.do("suspend")
    (finding,) = found("odd_hours", first)
    assert "decided on 2026-04-06, a public holiday" in finding.summary


def test_all_signals_are_planted():
    assert {code for code, *_rest in PLANTS} == set(FIND)


# -- the page ---------------------------------------------------------------------


def test_it_is_cut_to_a_round_and_keeps_what_the_other_side_says(pair):
    first, second = pair
    the_same_in_another_tier(first, second)
    client = enter(first.auditor)

    def twice(**asked: str) -> int:
        shown = client.get("/audit/signals/", asked).context["signals"]
        return next(
            len(s["found"]) for s in shown if s["signal"].code == "funded_twice"
        )

    assert twice() == 1
    assert twice(round="district") == 1
    assert twice(round=first.round.code) == 1
    assert twice(round="no-such-round") == 0
    assert twice(programme=str(first.programme.pk)) == 1
    assert twice(programme="other") == 1  # no programme of ours: not cut


def test_it_belongs_to_auditors_and_inspectors_and_is_on_record(pair):
    first, _second = pair
    for name in ("funder", "operator", "finance", "applicant", "reviewer"):
        assert enter(getattr(first, name)).get("/audit/signals/").status_code == 404
    assert not Event.objects.filter(verb="read", target="audit").exists()
    assert enter(first.inspector).get("/audit/signals/").status_code == 200
    event = Event.objects.get(verb="read", target="audit")
    assert event.actor == f"user:{first.inspector.pk}"


def test_in_chinese_nothing_is_left_in_english(pair):
    first, second = pair
    expenses_are_split(first, second)
    page = enter(first.auditor, "zh-hans").get("/audit/signals/").content.decode()
    assert "疑点线索" in page
    assert "just under" not in page


@pytest.mark.once
def test_it_costs_the_same_for_one_and_for_many(pair):
    first, second = pair

    def cost() -> int:
        return queries_of(enter(first.auditor), "/audit/signals/")

    for plant in (one_invoice_in_two_projects, the_head_is_paid, expenses_are_split):
        plant(first, second)
    assert cost() == QUERIES
    for number in range(3):
        third = make_running_case(with_case=first)
        spend(third, "9800.00", payee="某某印务（演示）")
        spend(third, "9700.00", payee="某某印务（演示）")
        spend(third, "700.00", invoice_number=f"0440019{'._/'[number]}12345678")
    assert cost() == QUERIES
