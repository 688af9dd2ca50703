"""Bodies that are strange or come wrongly: kept to the letter or refused."""

import json
from typing import Any

import pytest

from audit.models import Event
from grants.models import Case
from outbox.models import Message
from tests.api.test_road import start
from tests.api.world import World, add_organisation
from workflows.models import Task, WorkItem

pytestmark = [pytest.mark.once, pytest.mark.django_db, pytest.mark.slow(15)]

#: Texts that are only texts: kept or refused, never executed, never a fault.
STRANGE_TEXTS = [
    '=HYPERLINK("http://evil";"x")',
    "+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd",
    "<script>alert(1)</script>",
    "{{ 7*7 }}{% debug %}",
    "'; DROP TABLE grants_case; --",
    "\u202etxt.exe",
    "é́́́́",
    "👩‍👩‍👧‍👦" * 50,
    "%s%n%(x)s{0}",
]


def state() -> list[Any]:
    """What an act would change; a refusal may be recorded, elsewhere."""
    return [
        list(Case.objects.order_by("pk").values_list("pk", "status", "version")),
        list(Task.objects.order_by("pk").values_list("pk", "status")),
        list(WorkItem.objects.order_by("pk").values_list("pk", "closed_at")),
        Message.objects.count(),
        Event.objects.filter(stream__startswith="case:").count(),
    ]


# -- what is only strange ------------------------------------------------------------


@pytest.mark.parametrize("words", STRANGE_TEXTS)
def test_strange_text_is_kept_to_the_letter_or_refused(world: World, words) -> None:
    start(world)
    me = world.applicant1
    task = me.task("submit_application")
    answer = me.post(task["url"], task["example"] | {"plan": words, "title": words})
    if answer.status_code == 422:
        assert {path.split(".")[0] for path in answer.json()["fields"]} <= {
            "title",
            "plan",
        }
        answer = me.post(task["url"], task["example"] | {"plan": words})
    case = Case.objects.get()
    if answer.status_code == 200:
        assert case.application.plan == words
        page = me.client.get(f"/api/v1/cases/{case.code}/diagram.svg")
        assert b"<script" not in page.content
    else:
        assert "plan" in answer.json()["fields"]
        assert case.status == "DRAFT"


def test_wrong_content_type_is_refused_and_changes_nothing(world: World) -> None:
    start(world)
    me = world.applicant1
    task, before = me.task("submit_application"), state()
    body = json.dumps(task["example"])
    for kind in ("text/plain", "application/xml", "application/x-www-form-urlencoded"):
        answer = me.client.post(
            task["url"],
            body,
            content_type=kind,
            headers={"Authorization": f"Bearer {me.token}"},
        )
        assert answer.status_code in (400, 415), (kind, answer.content)
        assert answer["Content-Type"].startswith("application/json")
    assert state() == before


def test_task_of_another_case_is_404_and_changes_nothing(world: World) -> None:
    first = start(world)
    add_organisation(world, 2)
    start(world, 2)
    mine = world.applicant1.task("submit_application")
    other, before = world.applicant2.task("submit_application"), state()
    path = f"cases/{first}/submit_application"
    for task in (other["task"], 0, -1, 2**31, 2**63, 10**30):
        answer = world.applicant1.post(f"{path}?task={task}", mine["example"])
        assert answer.status_code in (404, 422), (task, answer.content)
    assert state() == before


def test_double_submit_with_a_key_is_one_act_and_one_reply(world: World) -> None:
    start(world)
    me = world.applicant1
    task = me.task("submit_application")
    replies = [
        me.post(task["url"], task["example"], Idempotency_Key="same") for _n in range(3)
    ]
    assert [reply.status_code for reply in replies] == [200, 200, 200]
    assert replies[0].json() == replies[1].json() == replies[2].json()
    after = state()
    assert me.post(task["url"], task["example"]).status_code == 409
    assert state() == after
    acts = Event.objects.filter(verb="submit_application")
    assert acts.count() == 1
