"""The correction: only what was named unlocks, the clock shows, then the difference."""

import datetime as dt
import json
import uuid

import pytest
from django.utils.timezone import localtime

from grants.application_diff import ADDED, REMOVED, SAME, differences_of
from grants.models import Case
from grants.services.proposal import TABLES
from tests.desk.test_tasks import body_of
from workflows.services import claim

pytestmark = pytest.mark.once


def returned(world, *fields: str) -> tuple[Case, str]:
    """A case that operator1 screened and sent back; the address of the correction."""
    case = world.bring(world.draft(), "SCREENING")
    item = world.item(case, "screen")
    claim(item, by=world["operator1"])
    body = {
        "version": str(Case.objects.get(pk=case.pk).version),
        "token": uuid.uuid4().hex,
        "outcome": "CORRECTION",
        "fields": list(fields),
        "reason": "请补正",
    }
    answer = world.enter("operator1").post(f"/work/{item.pk}/", body)
    assert answer.status_code == 302, answer.content.decode()
    case.refresh_from_db()
    return case, f"/work/{world.item(case, 'resubmit').pk}/"


def correct(world, case: Case, url: str, **changes) -> None:
    body = body_of(world, case, "resubmit") | changes
    answer = world.enter(world.applicant_of(case)).post(url, body)
    assert answer.status_code == 302, answer.content.decode()


def test_only_the_named_fields_are_open_and_the_clock_is_shown(world, text):
    case, url = returned(world, "title", "team")
    page = text(world.enter(world.applicant_of(case)).get(url))
    assert 'id="id_title"' in page
    assert 'id="id_team-0-name"' in page
    assert 'id="id_plan"' not in page
    assert "请补正" in page
    assert "Working days left, today included" in page
    due = case.application.correction_due
    assert f"{localtime(due) - dt.timedelta(days=1):%Y-%m-%d} 24:00" in page


def test_the_same_operator_gets_it_back_and_sees_the_difference(world, text):
    case, url = returned(world, "title", "summary", "team", "budget")
    old = case.title
    changes = {
        "title": "补正后的名称",
        "team-1-name": "新队员",
        "budget-2-head": "TAX",
        "budget-2-item": "税费",
        "budget-2-amount": "1.00",
        "budget-2-funded_by": "SELF",
    }
    correct(world, case, url, **changes)
    item = world.item(case, "screen")
    assert item.holder == world["operator1"]
    page = text(world.enter("operator1").get(f"/work/{item.pk}/"))
    assert f"<del>{old}</del>" in page
    assert "<ins>补正后的名称</ins>" in page
    assert "<del>陆敏</del>" in page
    assert "<ins>新队员</ins>" in page
    assert "<ins>税费</ins>" in page
    assert page.count("Unchanged") == 1  # the summary
    case = Case.objects.get(pk=case.pk)
    team = next(d for d in differences_of(case) if d.columns and "Name" in d.columns)
    assert [state for state, _row in team.rows] == [SAME, REMOVED, ADDED, SAME]


def test_no_difference_before_the_correction_and_while_it_is_open(world):
    case = world.bring(world.draft(), "SCREENING")
    assert differences_of(Case.objects.get(pk=case.pk)) == []


def test_every_field_can_be_compared(world):
    names = ("amount", "period_end", "district", "category", "direct_beneficiaries")
    case, url = returned(world, *names, *TABLES)
    correct(world, case, url, direct_beneficiaries="77")
    case = Case.objects.get(pk=case.pk)
    changed = [d for d in differences_of(case) if not d.is_unchanged]
    (only,) = changed
    assert (only.before, only.after) == ("120", "77")
    assert "120" in json.loads(case.application.handed_in_before).values()
