"""A whole round in Chinese: thirty applications and the people who work them.

Each person sits at a browser of their own. What would only repeat what one of
them has done there already goes through the services.
"""

import datetime as dt
from collections import Counter
from decimal import Decimal

import pytest
from django.db.models import Sum
from django.utils import translation
from django.utils.timezone import now
from playwright.sync_api import expect

from audit.models import Event
from audit.verify import verify
from desk.demo.bodies import (
    budget_rows,
    groups_body,
    list_body,
    score_body,
)
from desk.demo.plan import RoundPlan
from desk.demo.twists import CONFLICT, CORRECT, REFUSE
from grants.actions import ACTIONS
from grants.calendar import end_of, start_of, today
from grants.models import Case, Objection, PaymentBatch, Seat, Tranche
from grants.money import capitals
from grants.selectors import pool_free
from organisations.models import MembershipRole
from tests.clock import Clock
from tests.e2e.conftest import IN_A_BROWSER, Windows
from tests.e2e.round_of_thirty import AWARDED, BELOW, POOL, WAITING, Round30
from tests.e2e.steps import do_task, fill, open_task, send
from tests.workflows.driver import take
from workflows.models import WorkItem
from workflows.open import violations_of
from workflows.services import perform, start_case, sweep
from workflows.walking import do

pytestmark = IN_A_BROWSER
CORRECTED, REFUSED, WITHDRAWN = range(3, 9), 28, 29
CONFLICTED, OBJECTED, DECLINED, NOT_PAID = 5, 9, 10, 17
SEED = "e2e-4"  # by it the two groups sit with all eight experts
#: Pages that only a round of this size fills; the others are checked elsewhere.
FULL = {"task decide_list", "task open_review"}


@pytest.mark.slow(130)
def test_a_whole_round_in_chinese(windows: Windows, clock: Clock) -> None:
    clock.to(now() + dt.timedelta(seconds=1))
    windows.only = FULL
    story = Round30(windows)
    apply(story)
    screen(story)
    review(story)
    decide(story)
    notice(story, clock)
    contract(story)
    pay(story)
    papers(story)
    judge(story)
    kinds = {name.rstrip("0123456789") for name, _locale in windows.pages} - {""}
    assert len(kinds) >= 9, kinds
    assert windows.problems == []


def apply(story: Round30) -> None:
    """Two applications are typed into the browser, 28 come by services."""
    for number, plan in enumerate(story.plans):
        organisation = story.house.organisations[plan.row.organisation]
        by = story.people[
            story.house.member_of(organisation, MembershipRole.APPLICANT).username
        ]
        if number == 0:
            page = story.windows.visit(by.username, "/apply/")
            fill(page, {"round": "e2e", "organisation": organisation.pk})
            page.locator("form#form button").first.click()
            page.wait_for_url("**/work/**")
            plan.case = Case.objects.get()
        else:
            plan.case = start_case(story.round, organisation, by=by)
        body = story.application(number, plan.case, by)
        item = story.item(number, "submit_application")
        if number == 0:
            do_task(story.windows, item, by, body)
        elif number == 1:
            page = open_task(story.windows, item, by)
            page.get_by_role("link", name="在一页上显示全部问题").click()
            fill(page, body)
            send(story.windows, page, item.action)
        else:
            do(item, item.target, by=by, body=body)
    assert {case.status for case in story.round.cases.all()} == {"SCREENING"}
    assert story.round.cases.count() == 30


def screen(story: Round30) -> None:
    """Six go back for correction and return; one is refused, one withdrawn."""
    (sent_back,) = CORRECT["screen"]
    for number in CORRECTED:
        item = story.item(number, "screen")
        if number < 5:
            story.in_browser(item, "operator1", sent_back)
        else:
            take(item, story.people["operator1"], **sent_back)
    (refusal,) = REFUSE["screen"]
    take(story.item(REFUSED, "screen"), story.people["operator1"], **refusal)
    agreed = {"outcome": "CONFIRM", "reason": "同意承办单位意见。"}
    story.in_browser(story.item(REFUSED, "confirm_refusal"), "funder1", agreed)
    withdraw(story, WITHDRAWN, "withdraw", "applicant")
    pass_in_one_go(story, 22)
    for number in CORRECTED:
        item = story.item(number, "resubmit")
        by = story.member(item)
        body = {
            "objectives": "八十名老人建档，八成每月参加两次。",
            "plan": "每周一次。",
        }
        if number < 5:
            story.in_browser(item, by.username, body)
        else:
            take(item, by, **body)
    item = story.item(CORRECTED[0], "screen")
    page = open_task(story.windows, item, story.people["operator1"])
    expect(page.get_by_role("heading", name="补正前后对照")).to_be_visible()
    expect(page.locator("ins").first).to_contain_text("八十名老人建档")
    fill(page, ACTIONS["screen"].example(item.target, story.people["operator1"]))
    send(story.windows, page, "screen")
    pass_in_one_go(story, 5)
    found = Counter(story.round.cases.values_list("status", flat=True))
    assert found == {"ELIGIBLE": 28, "INELIGIBLE": 1, "WITHDRAWN": 1}


def pass_in_one_go(story: Round30, count: int) -> None:
    """The operator passes everything in which the automatic checks found nothing."""
    page = story.windows.visit("operator1", "/rounds/e2e/")
    page.get_by_role("link", name="批量预审").click()
    page.locator("[data-choose-all]").click()
    expect(page.locator("[data-chosen-of]")).to_contain_text(f"{count} / {count}")
    page.fill("[name=evidence]", "已查询信用平台和登记信息，符合要求。")
    page.check("[name=confirmed]")
    page.locator("main form .btn-primary").click()
    expect(page.get_by_text(f"{count}个申报项目预审通过")).to_be_visible()


def withdraw(story: Round30, number: int, action: str, role: str) -> None:
    """Somebody leaves the round, which is no step of it."""
    case = story.case(number)
    by = story.people[story.house.member_of(case.organisation, role).username]
    body = ACTIONS[action].example(case, by)
    form = ACTIONS[action].bind_json(case, by=by, body=body)
    perform(action, case, by=by, form=form)


def review(story: Round30) -> None:
    """Two groups, eight experts; one declares a conflict and an alternate comes."""
    example = ACTIONS["open_review"].example(story.round, story.people["operator1"])
    drawn = RoundPlan({}, {}, story.plans, round=story.round)
    groups = [groups_body(drawn, n, example)["groups"][0] for n in (0, 1)]
    body = {"groups": groups, "seed": SEED}
    story.in_browser(story.item(None, "open_review"), "operator1", body)
    seats = Seat.objects.filter(case__round=story.round)
    assert seats.count() == 28 * 5
    assert seats.values("reviewer").distinct().count() == 8

    case = story.case(CONFLICTED)
    seat = seats.get(case=case, number=2)
    left = seat.reviewer.username
    item = WorkItem.objects.get(task__seat=seat, closed_at=None)
    story.in_browser(item, left, CONFLICT)
    page = story.windows.pages[left, "zh-CN"]
    answer = page.goto(f"/cases/{case.code}/")
    assert answer is not None
    assert answer.status == 404, "the conflict closes the case to the reviewer"
    item = story.item(CONFLICTED, "replace_reviewer")
    page = story.in_browser(item, "operator1")
    seat.refresh_from_db()
    first = seat.panel.alternates.get(place=1)
    assert seat.reviewer == first.reviewer
    assert seat.reviewer.username != left

    for number, place in ((CONFLICTED, 2), (0, 1)):
        sitting = seats.get(case=story.case(number), number=place)
        for action in ("declare_interest", "lock_score"):
            item = WorkItem.objects.get(task__seat=sitting, closed_at=None)
            assert item.action == action
            plan = story.plans[number]
            body = ACTIONS[action].example(item.target, item.holder)
            if action == "lock_score":
                body = score_body(plan, body, item)
            story.in_browser(item, item.holder.username, body)
    plans = {plan.case.pk: plan for plan in story.plans}
    for item in story.items("declare_interest"):
        take(item, story.people[item.holder.username])
    for item in story.items("lock_score"):
        by, target = story.people[item.holder.username], item.target
        example = ACTIONS["lock_score"].example(target, by)
        body = score_body(plans[item.case_id], example, item)
        do(item, target, by=by, body=body)
    assert story.round.cases.filter(status="SCORED").count() == 28


def decide(story: Round30) -> None:
    """The list goes over the pool first, then fits; a second member confirms it."""
    item = story.item(None, "decide_list")
    by = story.people["committee1"]
    plans = {plan.case.code: plan for plan in story.plans}
    body = list_body(plans, ACTIONS["decide_list"].example(story.round, by))
    for line in body["lines"]:
        if line["outcome"] == "AWARD":
            line["amount"] = str(story.award(story.plans.index(plans[line["case"]])))
    page = open_task(story.windows, item, by)
    expect(page.locator("#id_lines")).to_contain_text(f"{POOL:,.2f}")
    fill(page, body)
    waiting = next(n for n, x in enumerate(body["lines"]) if x["outcome"] != "AWARD")
    greedy = {"outcome": "AWARD", "amount": "100000.00"}
    fill(page, {f"lines-{waiting}-{name}": value for name, value in greedy.items()})
    total = sum(map(story.award, AWARDED), Decimal(0))
    over = f"{total + 100000 - POOL:,.2f}"
    shown = page.locator("[data-total=amount]")
    expect(shown).to_have_text(f"{total + 100000:,.2f}")
    send(story.windows, page, item.action)
    expect(page.locator("#id_lines .field-error")).to_contain_text(over)
    back = {"outcome": "WAITLIST", "amount": ""}
    fill(page, {f"lines-{waiting}-{name}": value for name, value in back.items()})
    expect(shown).to_have_text(f"{total:,.2f}")
    send(story.windows, page, item.action)
    item = story.item(None, "confirm_decision")
    page = story.in_browser(item, "committee2")
    found = Counter(story.round.cases.values_list("status", flat=True))
    assert found["PROPOSED"] == len(AWARDED)
    assert found["WAITLISTED"] == len(WAITING)
    assert found["REJECTED"] == len(BELOW)
    assert pool_free(story.round) == POOL - total
    story.in_browser(story.item(None, "record_meeting"), "funder1")
    story.in_browser(story.item(None, "publish_notice"), "head1")


def notice(story: Round30, clock: Clock) -> None:
    """Somebody without an account objects, and follows what becomes of it."""
    published = story.round.notices.get()
    clock.to(start_of(published.starts_on) + dt.timedelta(hours=10))
    case = story.case(OBJECTED)
    page = story.windows.visit("", "/")
    page.locator(f"a[href='/notices/{published.pk}/']").first.click()
    page.locator("tr", has_text=case.title).get_by_role("link", name="提出异议").click()
    said = "该项目与往年已获资助的项目内容相同，请核查。"
    who = {"name": "附近居民", "contact": "0571-00000000"}
    fill(page, {"text": said} | who)
    page.locator("form#form .btn-list button").first.click()
    page.wait_for_url("**/objections/**")
    objection = Objection.objects.get()
    expect(page.locator("h1")).to_contain_text(objection.number)
    assert (objection.case, objection.text) == (case, said)

    item = story.item(OBJECTED, "accept_objection")
    story.in_browser(item, "funder1", {"outcome": "ACCEPT", "reason": "予以受理。"})
    item = story.item(OBJECTED, "rule_on_objection")
    answer = {"outcome": "DISMISS", "findings": "经核查，服务对象不同，异议不成立。"}
    story.in_browser(item, "committee1", answer)
    page.goto("/objections/")
    page.fill("[name=number]", objection.number)
    page.locator("main form button").click()
    objection.refresh_from_db()
    with translation.override("zh-hans"):
        status = str(objection.get_status_display())
    expect(page.locator("main strong")).to_have_text(status)
    assert objection.answered_at is not None

    clock.to(end_of(published.ends_on) + dt.timedelta(minutes=1))
    assert sweep()["failed"] == 0
    story.in_browser(story.item(None, "award_list"), "leader1")
    assert story.round.cases.filter(project__isnull=False).count() == len(AWARDED)


def contract(story: Round30) -> None:
    """Plans to the awarded amounts, agreements signed by both sides."""
    withdraw(story, DECLINED, "decline", "legal_rep")
    for item in story.items("revise_plan"):
        by, case = story.member(item), item.case
        rows = {"budget": budget_rows(case.awarded)}
        if case.pk == story.plans[0].case.pk:
            example = ACTIONS["revise_plan"].example(case, by)
            story.in_browser(item, by.username, example | rows)
        else:
            take(item, by, **rows)
    story.in_browser(story.item(0, "accept_plan"), "funder1")
    assert story.by_services("accept_plan", "funder1") == 14
    item = story.item(0, "sign")
    page = open_task(story.windows, item, story.member(item))
    with page.expect_download() as paper:
        page.locator("a[href$='/papers/agreement/docx/']").first.click()
    sealed = {
        "name": "协议.pdf",
        "mimeType": "application/pdf",
        "buffer": b"%PDF-1.4\n%%EOF\n",
    }
    assert paper.value.suggested_filename.endswith(".docx")
    fill(page, {"signed_on": today(now()).isoformat()})
    page.set_input_files("input[name=sealed_copy]", files=[sealed])
    send(story.windows, page, "sign")
    story.in_browser(story.item(0, "countersign"), "funder1")
    assert story.by_services("sign") == 16
    assert story.by_services("countersign", "funder1") == 16
    assert story.round.cases.filter(status="RUNNING_INITIAL").count() == 17


def pay(story: Round30) -> None:
    """Receipts, one batch without one of them, vouchers by hand and by file."""
    item = story.item(0, "request_payment")
    story.in_browser(item, story.member(item).username)
    story.by_services("request_payment")
    story.in_browser(story.item(0, "register_receipt"), "finance1")
    story.by_services("register_receipt", "finance1")

    page = story.windows.visit("head1", "/finance/")
    page.locator(".alert a[href*='/work/']").click()
    later = story.case(NOT_PAID).project.award_no
    row = page.locator("#id_tranches-table tbody tr", has_text=later)
    row.locator("[data-remove-row]").click()
    expect(page.locator("#id_tranches-table tbody tr")).to_have_count(16)
    send(story.windows, page, "approve_payment")
    batch = PaymentBatch.objects.get()
    page.goto("/finance/")
    page.locator(f"a[href='/finance/batches/{batch.pk}/']").first.click()
    total = sum((line.amount for line in batch.tranches.all()), Decimal(0))
    assert batch.tranches.count() == 16
    expect(page.locator("main")).to_contain_text(f"{total:,.2f}")
    expect(page.locator("main")).to_contain_text(capitals(total))
    with page.expect_download() as form:
        page.locator("a[href*='/papers/payment-form/pdf/']").click()
    assert form.value.path().read_bytes().startswith(b"%PDF")

    story.in_browser(story.item(0, "record_payment"), "finance2")
    page = story.windows.visit("finance2", "/finance/vouchers/")
    day = today(now()).isoformat()
    lines = [
        f"{line.case.project.award_no},{line.amount},国拨-{line.pk:03d},{day}"
        for line in batch.tranches.filter(status="APPROVED")
    ]
    text = "\n".join(["立项编号,本次拨付,凭证号,支付日期", *lines])
    file = {"name": "国库.csv", "mimeType": "text/csv", "buffer": text.encode()}
    page.set_input_files("input[name=file]", files=[file])
    page.locator("main form .btn-primary").click()
    page.locator("main form .btn-primary").click()
    expect(page.locator("main .tag-running")).to_have_count(15)


def papers(story: Round30) -> None:
    """Every paper that the round's page offers to the officer is a file."""
    page = story.windows.visit("funder1", "/rounds/e2e/papers/")
    links = [a.get_attribute("href") for a in page.locator("main li a").all()]
    code = story.plans[0].case.code
    links += [f"/cases/{code}/papers/{p}/pdf/" for p in ("application", "agreement")]
    begins = {"pdf": b"%PDF", "docx": b"PK\x03\x04"}
    for link in links:
        answer = page.request.get(link)
        kind = link.split("/papers/")[1].split("/")[1]
        assert answer.status == 200, link
        assert answer.body().startswith(begins[kind]), link
    kinds = Counter(link.split("/papers/")[1].split("/")[0] for link in links)
    assert kinds["draw-record"] == kinds["scores"] == 4
    assert {"notice", "award-notice", "payment-form", "agreement"} <= set(kinds)


def judge(story: Round30) -> None:
    """What the database says in the end."""
    cases = {case.pk: case for case in story.round.cases.all()}
    statuses = [cases[plan.case.pk].status for plan in story.plans]
    expected = ["RUNNING_INITIAL"] * 18 + ["WAITLISTED"] * 5 + ["REJECTED"] * 5
    expected += ["INELIGIBLE", "WITHDRAWN"]
    expected[DECLINED] = "LAPSED"
    assert statuses == expected
    assert all(violations_of(case) == [] for case in cases.values())

    kept = [number for number in AWARDED if number != DECLINED]
    for number in kept:
        assert story.case(number).awarded == story.award(number)
    total = sum(map(story.award, kept), Decimal(0))
    assert pool_free(story.round) == POOL - total > 0
    tranches = Tranche.objects.filter(case__round=story.round)
    assert tranches.aggregate(sum=Sum("amount"))["sum"] == total
    paid = tranches.filter(status="PAID")
    assert paid.count() == 16
    assert paid.values("voucher_number").distinct().count() == 16
    half = sum(story.award(n) for n in kept if n != NOT_PAID) / 2
    assert paid.aggregate(sum=Sum("amount"))["sum"] == half
    assert tranches.get(case=story.case(NOT_PAID), seq=1).status == "REGISTERED"

    report = verify()
    assert report.findings == []
    assert report.counts["events"] == Event.objects.count() > 1000
