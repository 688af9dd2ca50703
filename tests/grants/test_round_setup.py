"""A round as it is set up: pools, caps, places, questions, last year's round."""

from datetime import date
from decimal import Decimal

import pytest

from attachments.services import add_document
from grants.application_sheet import application_sheet
from grants.errors import Invalid
from grants.forms.programmes import RoundForm
from grants.forms.questions import questions_from
from grants.models import Case, FundPool, Round, Status
from grants.services.applying import stored_values
from grants.services.programmes import create_round, update_round
from grants.services.questions import question_errors
from grants.services.round_setup import cap_of, copied_values, pool_rows
from organisations.models import LegalForm
from tests.attachments.files import PDF, upload
from tests.factories import (
    act_on,
    make_case,
    make_organisation,
    make_programme,
    make_round,
    member,
    person,
    round_fields,
)

pytestmark = [pytest.mark.once, pytest.mark.django_db]


def row(zh, kind, need="no", choices="", only_if=None, equals=""):
    return {
        "zh": zh,
        "en": zh,
        "kind": kind,
        "need": need,
        "choices": choices,
        "only_if": only_if,
        "equals": equals,
    }


QUESTIONS = questions_from(
    [
        row("是否连续项目", "CHOICE", "yes", "是；否"),
        row("上年编号", "TEXT", "yes", "", 1, "是"),
        row("志愿者人数", "NUMBER"),
        row("启动日期", "DATE"),
        row("证明材料", "FILE", "yes"),
        row("合作方", "TABLE", "no", "名称；职责"),
    ]
)


def pool(source, amount, **fields):
    return {
        "source": source,
        "amount": Decimal(amount),
        "budget_year": 2026,
        "document_no": f"{source}1号",
        "functional_class": "",
        "economic_class": "",
    } | fields


# -- money -----------------------------------------------------------------------


def test_round_has_one_pool_or_several_that_add_up():
    plain = make_round()
    assert [p["amount"] for p in pool_rows(plain)] == [plain.pool]
    pools = [pool("福彩", "300000.00"), pool("财政", "700000.50")]
    programme = make_programme(reviewers=0)
    by = person("operator", programme)
    round_ = create_round(programme, by=by, **round_fields(pools=pools))
    assert round_.pool == Decimal("1000000.50")
    assert (round_.fund_source, round_.budget_document) == ("福彩", "福彩1号")
    update_round(round_, by=by, pools=pools[1:])
    round_ = Round.objects.get(pk=round_.pk)
    assert (round_.pool, round_.fund_source) == (Decimal("700000.50"), "财政")
    assert FundPool.objects.filter(round=round_).count() == 1


def test_pools_of_a_published_round_stay():
    round_ = make_round()
    by = person("funder", round_)
    with pytest.raises(Invalid) as caught:
        update_round(round_, by=by, pools=[pool("福彩", "1.00")])
    assert list(caught.value.errors) == ["pools"]
    update_round(round_, by=by, pools=pool_rows(round_), ends_at=round_.ends_at)


def test_filed_organisation_has_its_own_cap():
    round_ = make_round(cap_filed=Decimal("30000.00"))
    filed = make_organisation("备案", LegalForm.FILED)
    registered = make_organisation("登记")
    assert cap_of(round_, filed) == Decimal("30000.00")
    assert cap_of(round_, registered) == round_.cap
    case = make_case(round_, organisation=filed)
    with pytest.raises(Invalid) as caught:
        act_on("submit_application", case, by=member(filed), amount="30000.01")
    assert "amount" in caught.value.errors
    act_on("submit_application", case, by=member(filed))
    assert Case.objects.get(pk=case.pk).requested == Decimal("30000.00")


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"cap_filed": Decimal("300000.01")}, "cap_filed"),
        ({"pools": [pool("福彩", "0"), pool("财政", "9")]}, "pools.0.amount"),
        ({"questions": questions_from([row("", "TEXT")])}, "questions.0.zh"),
    ],
)
def test_round_names_what_is_wrong(fields, named):
    programme = make_programme(reviewers=0)
    with pytest.raises(Invalid) as caught:
        create_round(
            programme, by=person("funder", programme), **round_fields(**fields)
        )
    assert named in caught.value.errors


# -- places and fields -----------------------------------------------------------


def test_round_takes_its_districts_and_themes_only():
    round_ = make_round(themes=["elderly"], districts=["330102"])
    case = make_case(round_)
    by = member(case.organisation)
    for field, value in (("category", "poverty"), ("district", "330106")):
        with pytest.raises(Invalid) as caught:
            act_on("submit_application", case, by=by, **{field: value})
        assert list(caught.value.errors) == [field]
    act_on("submit_application", case, by=by)
    assert Case.objects.get(pk=case.pk).application.category == "elderly"


# -- questions -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (row("问", "CHOICE", choices="是"), "choices"),
        (row("问", "TABLE"), "choices"),
        (row("问", "CHOICE", choices="是;是;否"), "choices"),
        (row("问", "TEXT", only_if=5, equals="是"), "only_if"),
        (row("问", "TEXT", only_if=3, equals="是"), "only_if"),
        (row("问", "TEXT", only_if=1), "equals"),
        (row("问", "TEXT", only_if=1, equals="也许"), "equals"),
        (row("问", "SONG"), "kind"),
    ],
)
def test_question_that_cannot_be_asked_is_refused(wrong, named):
    rows = [row("是否", "CHOICE", choices="是;否"), row("二", "TEXT")]
    found = question_errors(questions_from([*rows, wrong]))
    assert list(found) == [f"questions.2.{named}"]


def test_answers_are_asked_kept_shown_and_corrected():
    round_ = make_round(questions=QUESTIONS)
    case = make_case(round_)
    by = member(case.organisation)
    with pytest.raises(Invalid) as caught:
        act_on("submit_application", case, by=by, extra_q2="", extra_q5=None)
    assert set(caught.value.errors) == {"extra_q2", "extra_q5"}
    act_on("submit_application", case, by=by, extra_q3="25", extra_q4="2026-08-01")
    case = Case.objects.get(pk=case.pk)
    values = stored_values(case)
    assert (values["extra_q1"], values["extra_q3"]) == ("是", Decimal(25))
    assert values["extra_q4"] == date(2026, 8, 1)
    assert values["extra_q6"] == [{"c1": "名称", "c2": "职责"}]
    assert case.folder.documents.filter(pk=values["extra_q5"]).exists()
    topic = application_sheet(case)[-2]
    assert topic.names == [f"extra_q{n}" for n in range(1, 7)]
    assert dict(topic.answers)["是否连续项目"] == "是"
    assert dict(topic.answers)["证明材料"] == "example"
    act_on(
        "screen",
        case,
        by=person("operator", round_),
        outcome="CORRECTION",
        fields=["title", "extra_q1"],
        reason="请核对",
    )
    act_on("resubmit", case, by=by, extra_q1="否")
    case = Case.objects.get(pk=case.pk)
    assert case.status == Status.SCREENING
    assert (case.application.answers["q1"], case.application.answers["q2"]) == (
        "否",
        None,
    )


def test_answer_may_be_a_paper_of_the_case_and_no_other():
    round_ = make_round(questions=QUESTIONS)
    mine, other = make_case(round_), make_case(round_)
    by = member(mine.organisation)
    foreign = add_document(
        other.folder,
        kind="other",
        upload=upload("b.pdf", PDF),
        by=member(other.organisation),
    )
    with pytest.raises(Invalid) as caught:
        act_on("submit_application", mine, by=by, extra_q5=foreign.pk)
    assert list(caught.value.errors) == ["extra_q5"]
    own = add_document(mine.folder, kind="other", upload=upload("a.pdf", PDF), by=by)
    act_on("submit_application", mine, by=by, extra_q5=own.pk)
    assert Case.objects.get(pk=mine.pk).application.answers["q5"] == own.pk


def test_question_that_is_not_asked_needs_no_answer():
    case = make_case(make_round(questions=QUESTIONS))
    by = member(case.organisation)
    act_on("submit_application", case, by=by, extra_q1="否", extra_q2="多余")
    assert Case.objects.get(pk=case.pk).application.answers["q2"] is None


# -- last year's round -----------------------------------------------------------


def test_round_is_copied_with_its_dates_a_year_later():
    round_ = make_round(
        code="r2026", title_zh="二〇二六（2026）", questions=QUESTIONS, year=2026
    )
    form = RoundForm(programme=round_.programme, like=round_)
    assert form.initial["code"] == "r2027"
    assert form.initial["title_zh"] == "二〇二六（2027）"
    assert form.initial["closes_at"].year == round_.closes_at.year + 1
    assert form.initial["pools"][0]["budget_year"] == 2027
    assert (
        questions_from(
            [
                r | {"only_if": r["only_if"] and int(r["only_if"])}
                for r in form.initial["questions"]
            ]
        )
        == QUESTIONS
    )
    leap = Round(year=2024, project_ends_on=date(2024, 2, 29))
    assert copied_values(leap, ["project_ends_on"])["project_ends_on"] == date(
        2025, 2, 28
    )
