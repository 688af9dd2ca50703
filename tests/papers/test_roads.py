"""The papers of a case and its round along the road, in both formats."""

from decimal import Decimal

import pytest

from grants.errors import WrongState
from grants.models import Case, TrancheStatus
from grants.money import capitals, wan, yuan
from grants.papers.issue import Issued, issue_case_paper, issue_round_paper
from grants.papers.registry import BY_CODE, PAPERS
from organisations.models import User
from tests.clock import Clock
from tests.factories import bring, make_case, make_organisation, make_round, person
from tests.factories.running import make_running_case
from tests.grants.test_closing import bring_to_closing
from tests.papers.reading import READERS, pdf_pages

AMOUNT = Decimal("88765.43")
pytestmark = [pytest.mark.once, pytest.mark.django_db]


@pytest.fixture
def case(clock: Clock) -> Case:
    """Two scored cases of a round; the first asks for an odd amount."""
    clock.to("2021-03-08 09:00")
    round_ = make_round(code="y2021")
    case = make_case(round_, until="SCORED", submit_application=application())
    make_case(round_, organisation=make_organisation("另一家"), until="SCORED")
    return case


def application() -> dict:
    """A body whose grant has fen."""
    row = {"head": "ACTIVITY", "item": "活动", "amount": "0", "funded_by": "GRANT"}
    return {
        "title": "漂在杭城 乐在其中",
        "amount": str(AMOUNT),
        "budget": [row | {"amount": str(AMOUNT)}],
    }


def officer(case: Case) -> User:
    return person("funder", case.round)


def both(case: Case, code: str, **rest) -> dict[str, str]:
    """A paper's text by format."""
    return {
        fmt: READERS[fmt](issued(case, code, fmt, **rest).content)
        for fmt in BY_CODE[code].formats
    }


def issued(case: Case, code: str, fmt: str, **rest) -> Issued:
    by = officer(case)
    if BY_CODE[code].target == "case":
        return issue_case_paper(case, code, fmt, by=by)
    return issue_round_paper(case.round, code, fmt, by=by, **rest)


def all_hold(texts: dict[str, str], *words: str) -> None:
    for fmt, text in texts.items():
        for word in words:
            assert "".join(word.split()) in text, (fmt, word, text[:600])


def test_papers_of_the_decision_hold_the_figures(case, clock):
    other = Case.objects.exclude(pk=case.pk).get()
    part = case.seats.first().panel_id
    all_hold(
        both(case, "scores", part=part),
        *(case.code, yuan(AMOUNT), str(case.application.score), "专家5", "组内排名"),
    )
    all_hold(both(case, "draw-record", part=part), case.seats.first().panel.seed)
    for code in ("sign-in", "fees"):
        all_hold(both(case, code, part=part), str(case.seats.first().reviewer))
    with pytest.raises(WrongState):
        issued(case, "request", "pdf")

    case = bring(case, "PROPOSED")
    other.refresh_from_db()
    total = case.awarded + other.awarded
    figures = (yuan(total), capitals(total), wan(case.awarded), "等2个项目")
    all_hold(both(case, "request"), *figures, "漂在杭城 乐在其中", "妥否，请批示")
    all_hold(both(case, "minutes"), capitals(total), "会议议定")

    case = bring(case, "DECIDED")
    meeting = case.round.decisions.get(kind="MEETING")
    all_hold(both(case, "minutes"), meeting.number, capitals(total))
    draft = both(case, "notice")
    all_hold(draft, wan(case.awarded), wan(total), "公示期为5个工作日", "须加盖公章")
    case = bring(case, "IN_NOTICE")
    all_hold(both(case, "notice"), "公示期为5个工作日", wan(total))
    assert case.round.notices.get().starts_on.strftime("%-m月%-d日") in draft["pdf"]


def test_papers_after_the_award_hold_the_figures(case, clock):
    case = bring(case, "AGREEMENT", clock=clock)
    project = case.project
    all_hold(both(case, "award-notice"), project.award_letter_no, project.award_no)
    all_hold(both(case, "approval"), project.award_no, capitals(case.awarded))
    words = (
        *(case.code, project.award_no, yuan(AMOUNT), capitals(AMOUNT)),
        *("44,382.72", "35,506.17", "8,876.54", capitals(Decimal("44382.72"))),
        *("甲方（主办单位）", "丙方（承办单位）", "专款专用、单独核算", "一式六份"),
        *("彩票公益金资助—中国福利彩票", "项目方案（核定版）", "经费预算（核定版）"),
    )
    all_hold(both(case, "agreement"), *words)


def test_agreement_without_lottery_money_has_no_such_clause(clock):
    clock.to("2021-03-08 09:00")
    round_ = make_round(fund_source="财政资金")
    case = make_case(round_, until="AGREEMENT", clock=clock)
    for text in both(case, "agreement").values():
        assert "福利彩票" not in text
        assert "第六条其他" in text


def test_application_and_receipt_hold_what_was_handed_in(case):
    pages = pdf_pages(issued(case, "application", "pdf").content)
    code = case.submitted_forms.get().code
    for number, page in enumerate(pages, start=1):
        assert f"第{number}页共{len(pages)}页" in page
        assert code in page
    text = "".join(pages)
    for words in (case.code, "漂在杭城乐在其中", capitals(AMOUNT), yuan(AMOUNT)):
        assert words in text
    all_hold(both(case, "receipt"), case.code, capitals(AMOUNT), "受理回执")


def test_papers_of_payments_hold_amounts_in_capitals(clock):
    running = make_running_case(award="88765.43")
    case = running.case
    finance = running.registrar
    tranche = running.tranche(1)
    running.do("request_payment", tranche)
    running.do("register_receipt", tranche)
    first = Decimal("44382.72")
    for code in ("payment-form", "payment-list"):
        for fmt in ("pdf", "docx"):
            paper = issue_round_paper(case.round, code, fmt, by=finance)
            all_hold({fmt: READERS[fmt](paper.content)}, yuan(first), capitals(first))
    running.do("approve_payment", by=running.leader, tranches=[{"tranche": tranche.pk}])
    batch = running.tranche(1).batch
    with pytest.raises(WrongState):
        issue_round_paper(case.round, "payment-list", "pdf", by=finance)
    running.do("record_payment", running.tranche(1))
    assert running.tranche(1).status == TrancheStatus.PAID
    paper = issue_round_paper(
        case.round, "payment-list", "docx", by=finance, part=batch.pk
    )
    text = READERS["docx"](paper.content)
    rest = case.awarded - first
    all_hold(
        {"docx": text}, batch.number, running.tranche(1).receipt_number, yuan(rest)
    )


def test_rectification_order_says_what_and_until_when(clock):
    running = make_running_case()
    for name in ("report_stage", "check_materials", "visit_site"):
        running.do(name, running.stage("INITIAL"))
    running.do(
        *("grade_stage", running.stage("INITIAL")),
        outcome="RECTIFY",
        score="55",
        remarks="台账不全，签到表缺失。",
    )
    for fmt in ("pdf", "docx"):
        paper = issue_case_paper(
            running.case, "rectification", fmt, by=running.supervisor
        )
        text = READERS[fmt](paper.content)
        assert "台账不全，签到表缺失。" in text
        assert "得分55.00分" in text
        assert "含当日" in text


def test_termination_says_why_and_what_was_paid(clock):
    running = make_running_case(award="88765.43")
    running.pay(1)
    for name in ("report_stage", "check_materials", "visit_site"):
        running.do(name, running.stage("INITIAL"))
    stage = running.stage("INITIAL")
    running.do("grade_stage", stage, outcome="FAIL", score="40", remarks="未开展活动")
    stage = running.stage("INITIAL")
    running.do(
        *("decide_on_failure", stage),
        outcome="TERMINATE",
        reason="长期未开展活动",
        accepted_expenditure="30000.00",
    )
    running.case.refresh_from_db()
    assert running.status() == "CLAWBACK"
    back = Decimal("14382.72")
    for fmt in ("pdf", "docx"):
        paper = issue_case_paper(running.case, "termination", fmt, by=running.funder)
        text = READERS[fmt](paper.content)
        for words in ("长期未开展活动", capitals(Decimal("44382.72")), "44,382.71"):
            assert words in text
        all_hold({fmt: text}, yuan(back), capitals(back))
        notice = issue_case_paper(running.case, "refund", fmt, by=running.finance)
        text = READERS[fmt](notice.content)
        all_hold({fmt: text}, yuan(back), capitals(back), "追缴通知书")


def test_termination_that_claims_nothing_has_no_notice_of_repayment(clock):
    running = make_running_case()
    running.do("terminate", ground="CAUSE", reason="擅自停止服务")
    running.do("confirm_termination")
    running.case.refresh_from_db()
    paper = issue_case_paper(running.case, "termination", "docx", by=running.funder)
    text = READERS["docx"](paper.content)
    assert "擅自停止服务" in text
    assert "不得申报至" in text
    with pytest.raises(WrongState):
        issue_case_paper(running.case, "refund", "docx", by=running.finance)


def test_settlement_adds_up_and_money_is_asked_back(clock):
    running = make_running_case(award="100000.00")
    bring_to_closing(running, clock, accepted_expenditure="82000.50")
    case = Case.objects.get(pk=running.case.pk)
    back = Decimal("7999.50")
    for fmt in ("pdf", "docx"):
        notice = issue_case_paper(case, "refund", fmt, by=running.finance)
        text = READERS[fmt](notice.content)
        all_hold({fmt: text}, yuan(back), capitals(back), capitals(case.awarded))
        sheet = issue_round_paper(case.round, "settlement", fmt, by=running.finance)
        text = READERS[fmt](sheet.content)
        # award, paid, accepted, due, left over, still to pay, to return, returned
        figures = (
            "100,000.00 90,000.00 82,000.50 82,000.50 17,999.50 0.00 7,999.50 0.00"
        )
        all_hold({fmt: text}, figures, case.project.award_no)


def test_every_paper_has_a_title_of_its_own_and_is_known_once():
    assert len({paper.code for paper in PAPERS}) == len(PAPERS)
    assert len({str(paper.title) for paper in PAPERS}) == len(PAPERS)
