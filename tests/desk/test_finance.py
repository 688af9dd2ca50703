"""The finance desk: its pages, the batch, and the treasury's file of vouchers."""

import copy
import datetime as dt
import io
import re
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from audit.testing import ambient_event
from desk.lists.table import LISTS, table_for
from grants.errors import Invalid
from grants.models import HoldKind, PaymentBatch, Tranche
from grants.voucher_file import read_file
from tests.costs import queries_of
from tests.desk.test_lists import enter
from tests.factories.running import Running, make_running_case
from workflows.engine import ensure_flows
from workflows.rounds import sync_round

DAY = "2026-03-02"


@pytest.fixture
def running(db: Any, clock: Any) -> Running:
    clock.to(f"{DAY} 09:00")
    return make_running_case(award="160675.68")


def approved(running: Running, **fields: Any) -> Tranche:
    """The first payment of a project, approved, with its task of recording."""
    for name in ("request_payment", "register_receipt"):
        running.do(name, running.tranche(1))
    row = {"tranche": running.tranche(1).pk} | fields
    running.do("approve_payment", tranches=[row])
    with ambient_event():
        ensure_flows(running.case)
    return running.tranche(1)


# -- pages ------------------------------------------------------------------------


def test_desk_shows_what_is_payable_and_what_holds_the_rest(running):
    client = enter(running.finance)
    page = client.get("/finance/?state=held").content.decode()
    assert "The organisation&#x27;s receipt is missing." in page
    assert "The mid-term evaluation is not passed." in page
    approved(running)
    page = client.get("/finance/").content.decode()
    assert "80,337.84" in page
    with ambient_event():
        running.case.holds.create(kind=HoldKind.FINDING, reason="审计问题")
    page = client.get("/finance/?state=held").content.decode()
    assert "An open question on this case holds the money." in page
    assert enter(running.finance, "zh-hans").get("/finance/").status_code == 200


def test_desk_is_for_offices(running):
    batch = approved(running).batch
    for name in ("applicant", "reviewer", "supervisor", "org_finance"):
        client = enter(getattr(running, name))
        assert client.get("/finance/").status_code == 403
        assert client.get(f"/finance/batches/{batch.pk}/").status_code == 403
        assert client.get("/finance/vouchers/").status_code == 403
    assert enter(running.head).get("/finance/vouchers/").status_code == 403
    stranger = make_running_case()
    assert (
        enter(stranger.finance).get(f"/finance/batches/{batch.pk}/").status_code == 404
    )


def test_batch_page_has_lines_sums_capitals_and_chain(running):
    tranche = approved(running, budget_year=2027, functional_class="2082899 其他")
    page = enter(running.head).get(f"/finance/batches/{tranche.batch_id}/")
    text = page.content.decode()
    assert "捌万零叁佰叁拾柒元捌角肆分" in text
    assert text.count("80,337.84") == 3
    for part in ("2027", "2082899 其他", str(running.head), str(running.registrar)):
        assert part in text, part
    for name, sees in (("head", True), ("finance", True), ("auditor", False)):
        page = enter(getattr(running, name)).get(
            f"/finance/batches/{tranche.batch_id}/"
        )
        assert ("0000000000000000" in page.content.decode()) is sees
        assert ("************0000" in page.content.decode()) is not sees
    assert tranche.budget_document == running.round.budget_document


def test_payment_list_has_capitals_and_hides_accounts(running):
    approved(running)
    keys = [c.key for c in LISTS["payments"].columns]
    for name, sees in (("finance", True), ("head", True), ("auditor", False)):
        table, _form = table_for(getattr(running, name), LISTS["payments"], {})
        shown = {c.key for c in table.kind.columns}
        assert ({"account", "bank"} <= shown) is sees
        assert ({"account", "bank"} <= {c.key for c in table.columns}) is sees
        assert shown <= set(keys)
        row = next(iter(table.all_rows()))
        cells = {c.key: c.of(row) for c in table.columns}
        assert cells["capitals"] == "捌万零叁佰叁拾柒元捌角肆分"
        assert cells["share"] == "50%"


def test_desk_costs_the_same_at_one_and_three_projects(running):
    approved(running)
    paths = ["/finance/", "/finance/?state=held", "/finance/?state=paid"]
    client = enter(running.finance)
    one = [queries_of(client, path) for path in paths]
    for _number in range(2):
        approved(make_running_case(with_case=running))
    client = enter(running.finance)
    assert [queries_of(client, path) for path in paths] == one
    assert one == [14, 15, 11]


# -- the treasury's file ------------------------------------------------------------


def book(*rows: list[Any]) -> bytes:
    made = openpyxl.Workbook()
    made.active.append(["国库支付明细（演示）"])
    made.active.append(["立项编号", "期次", "本次拨付（元）", "凭证号", "支付日期"])
    for row in rows:
        made.active.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def send(client: Any, content: bytes, name: str = "v.xlsx") -> str:
    """Upload a file; the page of what it would record."""
    file = SimpleUploadedFile(name, content)
    return client.post("/finance/vouchers/", {"file": file}).content.decode()


def confirm(client: Any, page: str) -> str:
    sealed = re.search(r'name="lines" value="([^"]+)"', page)
    assert sealed
    answer = client.post("/finance/vouchers/", {"lines": sealed[1]})
    assert answer.status_code == 200
    return answer.content.decode()


def test_file_records_what_fits_and_names_each_wrong_line(running):
    first, other = approved(running), make_running_case(with_case=running)
    second = approved(other)
    third = approved(make_running_case(with_case=running))
    paid = dt.date(2026, 3, 2)
    rows = [
        [first.case.project.award_no, "首期", 80337.84, "国拨-001", paid],
        [second.case.project.award_no, 1, 99.5, "国拨-002", paid],
        ["LX-nobody", 1, 1, "国拨-003", paid],
        [second.case.project.award_no, 1, 50000, "国拨-004", "2026年2月30日"],
        [second.case.project.award_no, 2, 40000, "国拨-005", paid],
        [third.case.project.award_no, 1, 50000, "国拨-006", dt.date(2026, 3, 1)],
        ["合计", None, 1, None, None],
    ]
    client = enter(running.finance)
    page = send(client, book(*rows))
    assert "Record 1 payment" in page
    for text in (
        "The amount is not that of the payment: 50,000.00.",
        "No project has this award number.",
        "The date cannot be read.",
        "This payment is not approved.",
        "The payment was approved on 2026-03-02 and not paid before.",
    ):
        assert text in page, text
    assert Tranche.objects.filter(status="PAID").count() == 0, (
        "a preview writes nothing"
    )
    done = confirm(client, page)
    assert done.count("Recorded<") == 1
    tranche = running.tranche(1)
    assert (tranche.status, tranche.voucher_number) == ("PAID", "国拨-001")
    assert (tranche.paid_on, tranche.recorded_by) == (paid, running.finance)
    assert other.tranche(1).status == "APPROVED"


def test_same_file_twice_changes_nothing(running):
    tranche = approved(running)
    content = book([tranche.case.project.award_no, 1, 80337.84, "V-1", DAY])
    client = enter(running.finance)
    page = send(client, content)
    confirm(client, page)
    running.case.refresh_from_db()
    before = running.case.version
    assert "Recorded before" in confirm(client, page), "the same preview again"
    again = send(client, content)
    assert "Recorded before" in again
    assert "Nothing of it can be recorded." in again
    changed = book([tranche.case.project.award_no, 1, 80337.84, "V-2", DAY])
    assert "It is recorded otherwise: V-1 on 2026-03-02." in send(client, changed)
    running.case.refresh_from_db()
    assert running.case.version == before


def test_four_eyes_and_holds_are_asked_when_it_is_recorded(running):
    tranche = approved(running)
    content = book([tranche.case.project.award_no, 1, 80337.84, "V-1", DAY])
    page = send(enter(running.registrar), content)
    assert "a colleague records it" in page
    client = enter(running.finance)
    page = send(client, content)
    with ambient_event():
        running.case.holds.create(kind=HoldKind.FINDING, reason="审计问题")
    done = confirm(client, page)
    assert "An open question on this case holds the money." in done
    assert running.tranche(1).status == "APPROVED"
    forged = enter(running.registrar).post("/finance/vouchers/", {"lines": "x:y:z"})
    assert forged.status_code == 302


def test_a_payment_twice_in_a_file_is_recorded_once(running):
    tranche = approved(running)
    row = [tranche.case.project.award_no, 1, 80337.84, "V-1", DAY]
    same_voucher = book(row, row)
    assert "stands in the file twice" in send(enter(running.finance), same_voucher)
    content = book(row, [*row[:3], "V-2", DAY])
    page = send(enter(running.finance), content)
    assert "Record 1 payment" in page
    assert "This payment stands in the file twice." in page


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_by_payment_number_in_any_encoding(encoding):
    text = "拨付编号,金额,凭证号,日期\n17,“¥80,337.84”,国拨－1 ,2026/3/1\n"
    text = text.replace("“", '"').replace("”", '"')
    (line,) = read_file("v.csv", text.encode(encoding))
    assert (line.tranche, str(line.amount), line.voucher) == (17, "80337.84", "国拨-1")
    assert line.paid_on == dt.date(2026, 3, 1)
    assert not line.problems


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 not a zip",
        b"\x89PNG\r\n\x1a\n\x00\x00",
        "金额,日期\n1,2026-01-01\n".encode(),
        "凭证号,金额\nV1,5\n".encode(),
        "立项编号,金额,凭证号,日期\n".encode(),
    ],
)
def test_a_file_that_is_none_is_refused_beside_the_field(content):
    with pytest.raises(Invalid) as refused:
        read_file("v.xlsx", content)
    assert set(refused.value.errors) == {"file"}


def test_a_broken_file_is_a_message_on_the_page(running):
    client = enter(running.finance)
    answer = client.post(
        "/finance/vouchers/", {"file": SimpleUploadedFile("v.xlsx", b"PK\x03\x04")}
    )
    assert answer.status_code == 422
    assert "no spreadsheet" in answer.content.decode()
    assert client.post("/finance/vouchers/", {}).status_code == 422


def test_approval_page_names_each_payment(running):
    for name in ("request_payment", "register_receipt"):
        running.do(name, running.tranche(1))
    with ambient_event():
        sync_round(running.round)
    page = enter(running.head).get("/finance/").content.decode()
    work = re.search(r"/work/\d+/", page)
    assert work
    form = enter(running.head).get(work[0]).content.decode()
    assert running.case.title in form
    assert "80337.84" in form
    assert f'value="{running.tranche(1).pk}"' in form
    assert running.round.budget_document in form
    assert PaymentBatch.objects.count() == 0


def test_the_desk_opens_with_a_round_that_has_payments(running):
    with ambient_event():
        later = copy.copy(running.round)
        later.pk, later.folder, later.code = None, None, "later"
        later.opens_at = running.round.opens_at + dt.timedelta(days=300)
        later.save()
    context = enter(running.finance).get("/finance/").context
    assert context["round"].pk == running.round.pk
