"""The ledger's tab: who reads it, what may be changed, and what it costs."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from grants.models import Expense, ServiceRecord
from tests.attachments.files import PNG
from tests.costs import queries_of
from tests.desk.test_lists import enter
from tests.factories.running import Running, act_on, make_running_case
from workflows.models import WorkItem

pytestmark = pytest.mark.once

TAB = "/cases/{}/ledger/"


@pytest.fixture
def running(db: Any, clock: Any) -> Running:
    clock.to("2026-03-02 09:00")
    return make_running_case()


def record(running: Running, kind: str = "expense", **changes: Any) -> Any:
    return act_on(f"record_{kind}", running.case, running.applicant, **changes)


def test_people_of_the_project_read_it_and_reviewers_do_not(running):
    record(running, payee="某某文具店（演示）")
    path = TAB.format(running.case.code)
    for name in ("applicant", "org_finance", "supervisor", "evaluator", "finance"):
        page = enter(getattr(running, name)).get(path)
        assert page.status_code == 200, name
        text = page.content.decode()
        assert "某某文具店（演示）" in text
        assert ("correct_expense" in text) is (name in ("applicant", "org_finance"))
    assert enter(running.reviewer).get(path).status_code == 404
    assert enter(running.applicant, "zh-hans").get(path).status_code == 200


def test_recording_with_pictures_correcting_and_voiding_on_the_page(running):
    client = enter(running.applicant)
    url = f"/cases/{running.case.code}/act/record_service/"
    form = client.get(url).content.decode()
    (pictures,) = re.findall(r'<input[^>]*name="pictures"[^>]*>', form)
    assert 'multiple accept="image/*,.pdf"' in pictures
    assert "capture" not in pictures, "a camera would hand over one picture only"
    assert re.search(r'name="sign_in_sheet"[^>]* capture="environment"', form)
    token = re.search(r'name="token" value="(\w+)"', form)[1]
    sent = {
        "held_on": "2026-03-02",
        "title": "义诊",
        "place": "社区",
        "persons": "12",
        "volunteers": "2",
        "hours": "6",
        "token": token,
        "pictures": [SimpleUploadedFile(f"{n}.png", PNG) for n in "ab"],
    }
    answer = client.post(url, sent)
    assert answer.status_code == 302
    assert answer.url == TAB.format(running.case.code)
    entry = ServiceRecord.objects.get()
    assert entry.pictures.count() == 2
    url = f"/cases/{running.case.code}/act/correct_service/?entry={entry.pk}"
    form = client.get(url).content.decode()
    assert 'value="义诊"' in form
    assert f'name="entry" value="{entry.pk}"' in form
    wrong = client.post(url, sent | {"entry": entry.pk, "pictures": [], "token": "x"})
    assert wrong.status_code == 422, "a correction needs its reason"
    url = f"/cases/{running.case.code}/act/void_service/"
    done = client.post(url, {"entry": entry.pk, "reason": "误录", "token": "y"})
    assert done.status_code == 302
    page = client.get(TAB.format(running.case.code)).content.decode()
    assert "误录" in page
    assert "Voided" in page


def test_over_the_budget_is_a_warning_on_the_tab(running):
    record(running, amount="100000.50")
    page = enter(running.supervisor).get(TAB.format(running.case.code)).content.decode()
    assert "more was spent than the approved budget gives (-0.50)" in page


def test_offers_name_recording_but_no_correction(running):
    page = enter(running.applicant).get(f"/cases/{running.case.code}/").content.decode()
    assert "/act/record_expense/" in page
    assert "/act/correct_expense/" not in page
    assert not WorkItem.objects.filter(action__endswith="expense").exists()


def test_ledger_costs_the_same_at_one_and_four_entries(running):
    path = TAB.format(running.case.code)

    def add(number: int) -> None:
        record(running, "service")
        record(running, invoice_number=f"F{number}")

    add(0)
    costs = {
        name: queries_of(enter(getattr(running, name)), path)
        for name in ("applicant", "funder")
    }
    for number in range(1, 4):
        add(number)
    assert Expense.objects.count() == 4
    for name, cost in costs.items():
        assert queries_of(enter(getattr(running, name)), path) == cost
    assert costs == {"applicant": 20, "funder": 20}
