"""The organisation's account: entered by its people, full on few papers only."""

import pytest
from django.test import Client

from audit.models import Event
from grants.accounts import masked
from grants.forms.paying import RequestPaymentForm
from grants.papers.issue import issue_case_paper, issue_round_paper
from tests.costs import of_an_event, queries_of
from tests.desk.test_finance import enter
from tests.factories.running import Running, make_running_case
from tests.papers.reading import READERS

NUMBER = "6222021234567890128"


@pytest.fixture
def running(db) -> Running:
    return make_running_case()


def address(running: Running) -> str:
    return f"/bank-account/{running.case.organisation_id}/"


def entered(running: Running) -> None:
    client = enter(running.org_finance)
    body = {"bank": "演示银行杭州分行", "bank_account": "6222 0212 3456-7890 128"}
    assert client.post(address(running), body)["Location"] == "/home/"
    running.case.organisation.refresh_from_db()


@pytest.mark.once
def test_masked_number_keeps_four_figures():
    assert masked(NUMBER) == "***************0128"
    assert (masked("12345678"), masked("1234567"), masked("")) == (
        "****5678",
        "*******",
        "",
    )


def test_finance_contact_enters_it_once_and_it_is_on_record(running):
    entered(running)
    entered(running)
    assert running.case.organisation.bank_account == NUMBER
    assert Event.objects.filter(verb="record_account").count() == 1
    assert not Event.objects.filter(line__contains=NUMBER).exists()


@pytest.mark.parametrize(
    "typed", ["", "1234", "12345678x", "１２３４５６７８９", "9" * 33]
)
def test_wrong_number_is_refused_beside_its_field(running, typed):
    client = enter(running.legal_rep)
    answer = client.post(address(running), {"bank": "某行", "bank_account": typed})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert 'id="id_bank_account-error"' in text
    assert 'value="某行"' in text


def test_page_is_for_those_who_sign_or_keep_the_money(running):
    for name in ("applicant", "finance", "funder", "reviewer"):
        client: Client = enter(getattr(running, name))
        assert client.get(address(running)).status_code == 404
    stranger = make_running_case()
    assert enter(stranger.legal_rep).get(address(running)).status_code == 404


def test_agreement_names_it_in_full_for_both_sides_only(running):
    entered(running)
    full = ("applicant", "legal_rep", "finance", "head", "leader", "funder")
    for name in (*full, "operator", "auditor"):
        by = getattr(running, name)
        paper = issue_case_paper(running.case, "agreement", "docx", by=by)
        text = READERS["docx"](paper.content)
        assert "演示银行杭州分行" in text
        assert (NUMBER in text) is (name in full), name
        assert ("*0128" in text) is (name not in full), name
    paper = issue_case_paper(running.case, "agreement", "pdf", by=running.legal_rep)
    assert NUMBER in READERS["pdf"](paper.content)


def test_papers_of_paying_name_bank_and_account(running):
    entered(running)
    running.do("request_payment", running.tranche(1))
    running.do("register_receipt", running.tranche(1))
    for code in ("payment-form", "payment-list"):
        for name, sees in (("finance", True), ("head", True), ("auditor", False)):
            by = getattr(running, name)
            paper = issue_round_paper(running.round, code, "docx", by=by)
            text = READERS["docx"](paper.content)
            assert "演示银行杭州分行" in text
            assert (NUMBER in text) is sees, (code, name)
            assert ("*0128" in text) is not sees, (code, name)


def test_request_begins_with_the_account_and_may_name_another(running):
    entered(running)
    tranche = running.tranche(1)
    form = RequestPaymentForm(target=tranche, by=running.org_finance)
    assert form.example()["account"] == NUMBER
    assert form["bank"].value() == "演示银行杭州分行"
    running.do("request_payment", tranche, account="1111 2222 3333")
    item_page = f"/cases/{running.case.code}/money/"
    for name, sees in (("org_finance", True), ("finance", True), ("operator", False)):
        text = enter(getattr(running, name)).get(item_page).content.decode()
        assert (NUMBER in text) is sees
        assert ("111122223333" in text) is sees
    assert (
        'href="/bank-account/'
        in enter(running.org_finance).get(item_page).content.decode()
    )


def test_money_tab_costs_the_same_before_and_after_a_payment(running):
    entered(running)
    client = enter(running.finance)
    path = f"/cases/{running.case.code}/money/"
    before = queries_of(client, path)
    running.pay(1)
    # that the account was read is written down
    assert queries_of(client, path) == before == 15 + of_an_event()
