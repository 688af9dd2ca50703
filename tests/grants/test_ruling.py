"""The rules of a programme: what is refused, new versions, what rounds take."""

import copy
from decimal import Decimal

import pytest

from audit.testing import ambient_event
from grants.errors import Invalid, NotYours, Stale, WrongState
from grants.evaluation import band_of, spread
from grants.forms.programmes import name_of
from grants.forms.ruling import SUBJECTS
from grants.models import ProgrammeRules, Round
from grants.rules import budget_rules_of, default_data, parse, rules_of
from grants.rules_diff import differences
from grants.services.budget import budget_errors, budget_warnings
from grants.services.programmes import latest_rules
from grants.services.rule_checks import rule_at, rules_errors
from grants.services.ruling import change_rules, use_rules
from tests.factories import make_case, make_programme, make_round, person

pytestmark = pytest.mark.once


def changed(path, value):
    """The default rules with one of them changed."""
    data = copy.deepcopy(default_data())
    *sections, last = path.split(".")
    place = data
    for part in sections:
        place = place[part]
    place[last] = value
    return data


def test_the_default_programme_has_no_errors():
    assert rules_errors(default_data()) == {}


WRONG = [
    ("call.correction_times", -1, "call.correction_times"),
    ("call.correction_times", "often", "call.correction_times"),
    ("call.cycle_months", {"min": 12, "max": 6}, "call.cycle_months.max"),
    ("call.categories", [], "call.categories"),
    ("call.categories", [{"code": "a", "zh": "甲"}], "call.categories.0.en"),
    ("review.panel_size", 0, "review.panel_size"),
    ("review.min_finance_experts", 6, "review.min_finance_experts"),
    (
        "review.trim_high_low_when_at_least",
        6,
        "review.trim_high_low_when_at_least",
    ),
    (
        "review.trim_high_low_when_at_least",
        2,
        "review.trim_high_low_when_at_least",
    ),
    ("review.pass_mark", 101, "review.pass_mark"),
    ("review.pass_mark", "NaN", "review.pass_mark"),
    ("review.criteria", default_data()["review"]["criteria"][:5], "review.criteria"),
    ("notice.working_days", 4, "notice.working_days"),
    ("notice.working_days", 16, "notice.working_days"),
    ("disbursement.shares", ["0.50", "0.40"], "disbursement.shares"),
    ("disbursement.shares", ["1"], "disbursement.shares"),
    ("disbursement.shares", ["0.5", "0.5", "0"], "disbursement.shares.2.share"),
    ("disbursement.leader_above", "-1", "disbursement.leader_above"),
    ("disbursement.officer_up_to", "200000.01", "disbursement.leader_above"),
    ("review.alternates", 11, "review.alternates"),
    ("evaluation.MID", default_data()["evaluation"]["MID"][1:], "evaluation.MID"),
    (
        "evaluation.FINAL",
        [{"code": "a", "zh": "甲", "en": "A", "weight": 0}],
        "evaluation.FINAL.0.weight",
    ),
    ("evaluation.adjustment_max", 101, "evaluation.adjustment_max"),
    ("evaluation.comment_below", "1.5", "evaluation.comment_below"),
    ("evaluation.satisfaction_min", "most", "evaluation.satisfaction_min"),
    (
        "tracking.opens_at_share",
        {"INITIAL": "0", "MID": "1", "FINAL": "0.5"},
        "tracking.opens_at_share.FINAL",
    ),
    ("budget.staff_share_of_grant_max", "1.01", "budget.staff_share_of_grant_max"),
    ("budget.staff_share_mode", "shout", "budget.staff_share_mode"),
    ("documents.macros", "sometimes", "documents.macros"),
    ("budget.forbidden_heads", ["CAR"], "budget.forbidden_heads"),
    ("budget.sources", [{"source": ""}], "budget.sources.0.source"),
    (
        "closing.bands",
        [
            {"code": "A", "zh": "甲", "en": "A", "min": 60},
            {"code": "B", "zh": "乙", "en": "B", "min": 85},
        ],
        "closing.bands.1.min",
    ),
]


@pytest.mark.parametrize(("path", "value", "named"), WRONG)
def test_what_cannot_be_is_named_by_its_path(path, value, named):
    assert named in rules_errors(changed(path, value))


def test_each_rule_that_is_missing_is_named():
    for path in ("call.correction_times", "review.pass_mark", "closing.bands"):
        data = copy.deepcopy(default_data())
        section, name = path.split(".")
        del data[section][name]
        assert list(rules_errors(data)) == [path]


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_form_that_is_sent_back_as_it_came_changes_nothing(subject):
    version = ProgrammeRules(version=3, data=default_data())
    form = SUBJECTS[subject](target=version, by=None)
    if not set(form.fields) - {"reason", "base"}:
        pytest.skip("this programme has no such rules yet")
    posted = {"reason": "核对", "base": "3"}
    for name in form.fields:
        if name in form.initial and name != "base":
            posted[name] = form.initial[name]
    bound = SUBJECTS[subject](data=posted, target=version, by=None)
    assert bound.is_valid(), bound.errors
    assert bound.data_after() == default_data()


def test_section_that_an_old_version_lacks_comes_whole():
    old = copy.deepcopy(default_data())
    del old["change"]
    version = ProgrammeRules(version=1, data=old)
    form = SUBJECTS["changes"](target=version, by=None)
    posted = dict(form.initial) | {"reason": "x", "extensions": "2"}
    bound = SUBJECTS["changes"](data=posted, target=version, by=None)
    assert bound.is_valid(), bound.errors
    whole = default_data()["change"] | {"extensions_max": 2}
    assert bound.data_after() == old | {"change": whole}


def test_weights_are_refused_beside_the_table():
    version = ProgrammeRules(version=1, data=default_data())
    form = SUBJECTS["review"](target=version, by=None)
    posted = dict(form.initial) | {"reason": "x"}
    posted["criteria"] = posted["criteria"][:-1]
    bound = SUBJECTS["review"](data=posted, target=version, by=None)
    assert list(bound.error_paths()) == ["criteria"]


def test_preset_of_two_payments_replaces_the_table():
    version = ProgrammeRules(version=1, data=default_data())
    form = SUBJECTS["payments"](target=version, by=None)
    posted = dict(form.initial) | {"reason": "x", "preset": "60/40"}
    bound = SUBJECTS["payments"](data=posted, target=version, by=None)
    assert bound.is_valid(), bound.errors
    assert bound.data_after()["disbursement"]["shares"] == ["0.60", "0.40"]


def test_evaluation_is_edited_with_half_points_or_without_dimensions():
    version = ProgrammeRules(version=1, data=default_data())
    form = SUBJECTS["evaluation"](target=version, by=None)
    posted = dict(form.initial) | {"reason": "x", "final": []}
    posted["mid"] = [dict(row) for row in posted["mid"]]
    posted["mid"][0]["weight"], posted["mid"][1]["weight"] = "37.5", "12.5"
    bound = SUBJECTS["evaluation"](data=posted, target=version, by=None)
    assert bound.is_valid(), bound.errors
    rules = parse(bound.data_after())
    mid, final = (rules.evaluation.dimensions[kind] for kind in ("MID", "FINAL"))
    assert [d["weight"] for d in mid] == [Decimal("37.5"), Decimal("12.5"), 25, 25]
    assert spread(mid, Decimal(80))["implementation"] == Decimal("30.0")
    assert final == ()


def test_bands_of_half_points_are_told_apart():
    data = copy.deepcopy(default_data())
    data["closing"]["bands"][0]["min"] = "84.5"
    rules = parse(data)
    assert [band_of(Decimal(n), rules) for n in ("84.5", "84.4")] == ["A", "B"]


@pytest.mark.parametrize(
    ("amount", "office"),
    [
        ("20000.00", "funder"),
        ("20000.01", "head"),
        ("200000.00", "head"),
        ("200000.01", "leader"),
    ],
)
def test_chain_says_whose_approval_an_amount_needs(amount, office):
    rules = parse(changed("disbursement.officer_up_to", "20000.00"))
    assert rules.approver_of(Decimal(amount)) == office


def test_rule_is_called_by_its_subject_label_row_and_column():
    assert name_of("rules.review.criteria.1.weight") == (
        "Review and score sheet, Criteria, 2, Weight"
    )
    assert name_of("rules.review.pass_mark").endswith(", Pass mark (of 100)")
    assert name_of("pools.0.amount").startswith("Pools, 1, ")
    assert name_of("closes_at") == "Call closes"
    assert name_of("rules.somewhere.else") == "somewhere.else"


def test_differences_name_rule_before_and_after():
    after = changed("review.pass_mark", 70)
    after["review"]["criteria"] = copy.deepcopy(after["review"]["criteria"])
    after["review"]["criteria"][0]["weight"] = 15
    after["review"]["criteria"][1]["weight"] = 25
    after["somewhere"] = {"new": 1}
    rows = differences(default_data(), after)
    told = [(row.before, row.after) for row in rows]
    assert told == [("60", "70"), ("20", "15"), ("20", "25"), ("", "1")]
    assert "need" in rows[1].rule
    assert rows[3].rule == "somewhere.new"
    assert differences(default_data(), default_data()) == []


# -- versions ------------------------------------------------------------------------


@pytest.mark.django_db
def test_new_version_goes_to_drafts_and_not_to_published_rounds():
    programme = make_programme(reviewers=0)
    running = make_round(programme)
    draft = make_round(programme, published=False)
    case = make_case(running)
    by = person("operator", programme)
    rules = change_rules(
        programme, changed("review.pass_mark", 70), base=1, reason="局长办公会", by=by
    )
    assert (rules.version, rules.created_by, rules.reason) == (2, by, "局长办公会")
    assert Round.objects.get(pk=draft.pk).rules_id == rules.pk
    assert Round.objects.get(pk=running.pk).rules.version == 1
    assert programme.rules.get(version=1).data == default_data()
    bureau = person("funder", programme)
    with pytest.raises(NotYours):
        use_rules(running, 2, reason="统一", by=by)
    with pytest.raises(Invalid) as caught:
        use_rules(running, 2, reason=" ", by=bureau)
    assert list(caught.value.errors) == ["reason"]
    for version in (1, 9):
        with pytest.raises(Invalid) as caught:
            use_rules(running, version, reason="统一", by=bureau)
        assert list(caught.value.errors) == ["version"]
    use_rules(running, 2, reason="统一", by=bureau)
    assert rules_of(Round.objects.get(pk=running.pk)).pass_mark == 70
    case.refresh_from_db()
    assert rules_of(case).pass_mark == 60
    assert rules_of(make_case(Round.objects.get(pk=running.pk))).pass_mark == 70


@pytest.mark.django_db
def test_rules_are_refused_without_reason_change_right_or_the_newest_version():
    programme = make_programme(reviewers=0)
    by, data = person("funder", programme), changed("review.pass_mark", 70)
    with pytest.raises(NotYours):
        change_rules(
            programme, data, base=1, reason="x", by=person("committee", programme)
        )
    for given, reason, named in (
        (data, " ", "reason"),
        (default_data(), "x", "__all__"),
        (changed("review.pass_mark", 700), "x", "review.pass_mark"),
    ):
        with pytest.raises(Invalid) as caught:
            change_rules(programme, given, base=1, reason=reason, by=by)
        assert list(caught.value.errors) == [named]
    change_rules(programme, data, base=1, reason="x", by=by)
    with pytest.raises(Stale):
        change_rules(programme, default_data(), base=1, reason="x", by=by)
    assert latest_rules(programme).version == 2


@pytest.mark.django_db
def test_closed_round_keeps_its_rules():
    programme = make_programme(reviewers=0)
    round_ = make_round(programme)
    by = person("funder", programme)
    change_rules(programme, changed("review.pass_mark", 70), base=1, reason="x", by=by)
    with ambient_event():
        Round.objects.filter(pk=round_.pk).update(closed_at=round_.opens_at)
    with pytest.raises(WrongState):
        use_rules(round_, 2, reason="x", by=by)


@pytest.mark.django_db
def test_fund_source_has_its_own_budget_limits():
    row = {
        "source": "财政资金",
        "staff_share_of_grant_max": "0.10",
        "staff_share_mode": "block",
        "admin_share_max": "0.05",
        "admin_share_mode": "warn",
    }
    programme = make_programme(reviewers=0, rules=changed("budget.sources", [row]))
    lottery = make_case(make_round(programme))
    fiscal = make_case(make_round(programme, fund_source="财政资金"))
    rows = [
        {"head": head, "item": "x", "amount": amount, "funded_by": "GRANT"}
        for head, amount in (("STAFF", 20), ("ADMIN", 8), ("ACTIVITY", 72))
    ]
    for case, errors, warnings in ((lottery, 0, 0), (fiscal, 1, 1)):
        rules = budget_rules_of(case)
        found = budget_errors(rules, rows, grant=100).get("budget", [])
        assert len(found) == errors
        assert len(budget_warnings(rules, rows, grant=100)) == warnings
    assert rule_at(default_data(), "budget.sources") == []
