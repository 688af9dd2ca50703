"""The page "as of": who may open it, what it marks, what the reading leaves."""

import re
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.utils import timezone, translation

from attachments.services import add_document
from audit.erasure import erase_disclosures
from audit.models import Disclosure, Event
from audit.record import record
from audit.tables import tables
from desk.as_of import CHANGED, SAME, SECTIONS, _record
from desk.record_words import field_label, shown_columns, table_label
from grants.models import Case
from grants.services.programmes import revoke_role
from organisations.models import Organisation
from tests.attachments.files import PDF, upload
from tests.costs import queries_of

from .conftest import World

BY = "system:test"


def asked(at) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%dT%H:%M:%S.%f")


def page_at(world: World, case: Case, at, who: str = "auditor1", language="en") -> str:
    client = world.enter(who, language)
    answer = client.get(f"/cases/{case.code}/as-of/", {"at": asked(at)})
    assert answer.status_code == 200
    return answer.content.decode()


def words(page: str) -> str:
    """The text of a page, without its marks."""
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", page))


def test_differences_since_a_moment_are_marked(world):
    case = world.bring(world.draft(), "ELIGIBLE")
    at = timezone.now()
    world.clock.forward(days=1)
    with record("change", by=BY, target=case.code):
        Case.objects.filter(pk=case.pk).update(requested=Decimal("123456.00"))
    was = f"{case.requested:,.2f}"
    page = words(page_at(world, case, at))
    assert f"Requested differs {was} 123,456.00" in page
    world.bring(case, "UNDER_REVIEW")
    page = words(page_at(world, case, at))
    assert "Status differs Eligible, awaiting review Under review" in page
    assert "Open panels and reviews" not in page
    assert re.search(r"Seat 1 · \S+ not there yet", page)


def test_papers_of_the_rules_are_called_as_the_rules_call_them(world):
    case = world.bring(world.draft(), "SCREENING")
    by = world.applicant_of(case)
    add_document(
        case.folder, kind="annual_report", upload=upload("年检.pdf", PDF), by=by
    )
    timeline = world.enter("auditor1", "zh-hans").get(f"/cases/{case.code}/timeline/")
    for page in (
        timeline.content.decode(),
        page_at(world, case, timezone.now(), language="zh-hans"),
    ):
        assert "上年度年检或年报" in words(page)
        assert "Annual report" not in page


def test_activities_and_indicators_are_no_budgets(world):
    case = world.bring(world.draft(), "SCREENING")
    page = words(page_at(world, case, timezone.now(), language="zh-hans"))
    assert "计划活动 申报 · " in page
    assert "指标 申报 · " in page
    assert "申报预算" not in page


def test_only_what_differs(world):
    case = world.bring(world.draft(), "SCREENING")
    at = timezone.now()
    world.bring(case, "ELIGIBLE")
    client = world.enter("inspector1")
    path = f"/cases/{case.code}/as-of/"
    every = words(client.get(path, {"at": asked(at)}).content.decode())
    some = words(client.get(path, {"at": asked(at), "changes": "1"}).content.decode())
    assert case.application.contact_mobile in every
    assert case.application.contact_mobile not in some
    assert "Status differs In screening Eligible, awaiting review" in some


def test_before_the_case_there_was_nothing(world):
    case = world.bring(world.draft(), "SCREENING")
    at = timezone.now() - timezone.timedelta(days=300)
    page = words(page_at(world, case, at))
    assert "The case did not exist yet at this moment." in page
    assert "Case not there yet" in page
    assert f"Round – {world.round}" in page
    assert "– –" not in page


def test_documents_members_and_tasks_stand_as_they_stood(world):
    case = world.bring(world.draft(), "SCREENING")
    at = timezone.now()
    world.clock.forward(days=1)
    world.bring(case, "ELIGIBLE")
    page = words(page_at(world, case, at))
    assert "Open tasks 1 difference Work item Eligibility screening no longer" in page
    assert str(world.applicant_of(case)) in page


def test_roles_then_and_today(world):
    case = world.bring(world.draft(), "SCREENING")
    at = timezone.now()
    world.clock.forward(days=1)
    gone = world["head1"]
    revoke_role(world.house.programme, "head", gone, by=BY, reason="moved")
    page = words(page_at(world, case, at))
    assert f"{gone} Yes No differs" in page


def test_erased_personal_values_show_as_erased(world):
    case = world.bring(world.draft(), "SCREENING")
    at, mobile = timezone.now(), case.application.contact_mobile
    stream = f"case:{case.pk}"
    found = Disclosure.objects.filter(stream=stream, value=f'"{mobile}"')
    with record("leave", by=BY):
        erase_disclosures(
            list(found.values_list("digest", flat=True)),
            by=BY,
            stream=stream,
            reason_code="PIPL-47",
        )
    page = page_at(world, case, at)
    assert mobile not in page
    assert "erased" in words(page)


def test_the_timeline_leads_to_each_of_its_moments(world):
    case = world.bring(world.draft(), "ELIGIBLE")
    path = f"/cases/{case.code}/timeline/"
    client = world.enter("auditor1")
    page = client.get(path).content.decode()
    links = re.findall(rf'"(/cases/{case.code}/as-of/\?at=[^"]+)"', page)
    assert len(links) == page.count("<strong>")
    shown = words(client.get(links[0]).content.decode())
    assert "0 entries differ from today." in shown
    shown = words(client.get(links[-1]).content.decode())
    assert "Status differs Draft Eligible, awaiting review" in shown
    assert f"/cases/{case.code}/as-of/" in page
    assert "/as-of/" not in world.enter("funder1").get(path).content.decode()


def test_the_reading_is_on_record(world):
    case = world.bring(world.draft(), "SCREENING")
    before = Event.objects.filter(verb="read").count()
    page_at(world, case, timezone.now())
    event = Event.objects.filter(verb="read").order_by("-pk").first()
    assert Event.objects.filter(verb="read").count() == before + 1
    assert event.target == case.code
    assert event.actor == f"user:{world['auditor1'].pk}"


@pytest.mark.parametrize("who", ["funder1", "operator1", "finance1", "head1"])
def test_nobody_else_opens_it(world, who):
    case = world.bring(world.draft(), "SCREENING")
    assert world.enter(who).get(f"/cases/{case.code}/as-of/").status_code == 404
    applicant = world.applicant_of(case)
    assert world.enter(applicant).get(f"/cases/{case.code}/as-of/").status_code == 404
    assert not Event.objects.filter(verb="read", target=case.code).exists()


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("", "This field is required"),
        ("yesterday", "Enter a valid date/time"),
        ("2999-01-01T00:00", "This moment is still to come."),
        ("0001-01-01T00:00", "Enter a valid date/time"),
    ],
)
def test_a_wrong_moment_is_named_beside_the_field(world, at, said):
    case = world.bring(world.draft(), "SCREENING")
    client = world.enter("auditor1")
    answer = client.get(f"/cases/{case.code}/as-of/", {"at": at})
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_it_begins_a_month_ago(world):
    case = world.bring(world.draft(), "SCREENING")
    world.clock.forward(days=40)
    answer = world.enter("auditor1").get(f"/cases/{case.code}/as-of/")
    assert answer.status_code == 200
    assert "did not exist" not in answer.content.decode()


@pytest.mark.once
def test_it_costs_the_same_for_one_and_for_many(world):
    def cost(case: Case) -> int:
        client = world.enter("auditor1")
        return queries_of(client, f"/cases/{case.code}/as-of/")

    first = world.bring(world.draft(0), "ELIGIBLE")
    once = cost(first)
    second = world.bring(world.draft(1), "ELIGIBLE")
    with record("more", by=BY):
        row = second.budget_lines.first()
        for number in range(30):
            row.pk, row.position = None, 100 + number
            row.save(force_insert=True)
        for number in range(5):
            Organisation.objects.filter(pk=second.organisation_id).update(
                bank=f"Bank {number}"
            )
    told = 2 if connection.vendor == "postgresql" else 0  # the reading, to triggers
    assert (once, cost(second)) == (QUERIES + told, QUERIES + told)


QUERIES = 27


@pytest.mark.once
def test_tables_and_fields_have_words_in_both_languages():
    found = {
        (table, column)
        for _name, _title, placed in SECTIONS
        for table in placed
        for column in shown_columns(table)
    }
    assert len(found) > 150
    with translation.override("zh-hans"):
        latin = {
            place
            for place in found
            if re.search(
                "[A-Za-z]", field_label(*place).replace("CNY", "").replace("A", "")
            )
        }
        codes = {
            table for table, _ in found if re.search("[A-Za-z]", table_label(table))
        }
    assert latin - {("attachments_version", "sha256")} == set()
    assert codes == set()


@pytest.mark.once
def test_secrets_and_keys_are_never_shown():
    for table in {t for _n, _t, placed in SECTIONS for t in placed}:
        columns = set(shown_columns(table))
        assert not columns & {"id", "stream", "storage_key", *tables()[table].secret}
    assert "password" in tables()[get_user_model()._meta.db_table].secret


class Plainly:
    """Words of a value, for a test that looks at columns alone."""

    def value(self, table: str, column: str, row: dict) -> str:
        return "–" if row.get(column) is None else str(row[column])

    def title(self, table: str, row: dict) -> str:
        return ""


@pytest.mark.once
@pytest.mark.parametrize(
    ("now", "state"),
    [({"held": False, "keep_until": None}, SAME), ({"held": True}, CHANGED)],
)
def test_a_column_added_since_is_no_difference_until_it_says_something(now, state):
    old = {"name": "申报书.pdf", "number": 1}
    found = _record("attachments_version", old, old | now, Plainly())
    assert found.state == state
    assert {fact.differs for fact in found.facts if fact.now == "申报书.pdf"} == {False}
