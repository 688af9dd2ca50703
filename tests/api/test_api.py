"""What the API offers besides the road: lists, papers, pictures, its own document."""

import json
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from grants.actions import ACTIONS
from tests.api.test_road import start
from tests.api.world import ROOT, World, add_organisation

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.4\n%%EOF\n"


def test_the_document_has_a_typed_route_for_every_action(world: World) -> None:
    document = Client().get(f"{ROOT}/openapi.json").json()
    found = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            name = operation["operationId"]
            assert name not in found
            found[name] = (path, method)
            declared = set(operation["responses"])
            assert {"401", "403", "404", "409", "413", "422", "429"} <= declared, name
    for name, action in ACTIONS.items():
        path, method = found[name]
        owner = "rounds/{id}" if action.of == "round" else "cases/{code}"
        assert (path, method) == (f"{ROOT}/{owner}/{name}", "post")
        body = document["paths"][path]["post"]["requestBody"]["content"]
        assert set(action.form.base_fields) <= set(
            body["application/json"]["schema"]["properties"]
        )


def test_the_document_follows_the_language(world: World) -> None:
    documents = {
        language: Client(headers={"Accept-Language": language})
        .get(f"{ROOT}/openapi.json")
        .content
        for language in ("en", "zh-hans")
    }
    assert b"Submit application" in documents["en"]
    assert json.loads(documents["zh-hans"])["openapi"] == "3.1.0"


def test_a_draft_offers_what_was_typed(world: World) -> None:
    me = world.applicant1
    (round_,) = me.get("rounds").json()
    assert round_["schema"]["required"] == ["round"]
    body = round_["example"] | {"title": "邻里互助", "round": round_["code"]}
    case = me.post("cases", body).json()
    assert case["status"] == "DRAFT"
    assert me.task("submit_application")["example"]["title"] == "邻里互助"


def test_an_incomplete_draft_still_has_an_example_that_is_accepted(
    world: World,
) -> None:
    me = world.applicant1
    case = me.post("cases", {"round": world.round.pk, "title": "只有名称"}).json()
    task = me.task("submit_application")
    assert task["case"] == case["code"]
    assert task["example"]["title"] == "只有名称"
    assert me.post(task["url"], task["example"]).status_code == 200


def test_a_draft_of_unknown_or_mistyped_fields_is_refused(world: World) -> None:
    me, round_ = world.applicant1, world.round.pk
    for body in (
        {},
        {"round": True},
        {"round": round_, "colour": "red"},
        {"round": round_, "title": 7},
        {"round": round_, "organisation": "mine"},
    ):
        assert me.post("cases", body).status_code == 422, body
    assert me.post("cases", {"round": "no-such"}).status_code == 404
    assert me.post("cases", {"round": round_, "organisation": 1}).status_code == 403
    assert world.operator1.post("cases", {"round": round_}).status_code == 403
    assert me.get("cases").json()["items"] == []


def test_cases_are_paged_by_key_and_filtered(world: World) -> None:
    for number in (2, 3):
        add_organisation(world, number)
    codes = [start(world, number) for number in (1, 2, 3)]
    for number in (1, 2, 3):
        person = world.people[f"applicant{number}"]
        task = person.task("submit_application")
        body = task["example"] | {"title": f"项目{number}"}
        assert person.post(task["url"], body).status_code == 200
    me = world.funder1
    first = me.get("cases?limit=2").json()
    assert [c["code"] for c in first["items"]] == codes[:0:-1]
    rest = me.get(f"cases?limit=2&after={first['next']}").json()
    assert [c["code"] for c in rest["items"]] == codes[:1]
    assert rest["next"] is None

    def found(query: str) -> list[str]:
        return [c["code"] for c in me.get(f"cases?{query}").json()["items"]]

    assert found("q=项目2") == [codes[1]]
    assert found("status=SCREENING,DRAFT") == codes[::-1]
    assert found("status=ARCHIVED") == []
    assert found(f"round={world.round.code}&q={codes[0]}") == [codes[0]]
    assert found("round=999") == []
    own = world.applicant1.get("cases").json()["items"]
    assert [c["code"] for c in own] == codes[:1]


def test_a_paper_comes_back_as_it_was_sent(world: World) -> None:
    code = start(world)
    me = world.applicant1
    upload = SimpleUploadedFile("预算.pdf", PDF, "application/pdf")
    answer = me.upload(f"cases/{code}/documents", file=upload, kind="budget")
    assert answer.status_code == 201, answer.content
    document = answer.json()
    assert document["kind"] == "budget"
    assert document["versions"][0]["size"] == len(PDF)
    assert me.get(f"cases/{code}").json()["documents"] == [document]
    content = me.get(me.get(document["url"])["Location"])
    assert b"".join(content.streaming_content) == PDF
    assert content["Content-Type"] == "application/pdf"
    assert content["Content-Disposition"].startswith("attachment")
    assert me.get(f"{document['url']}?version=2").status_code == 404
    for other in ("operator1", "reviewer1", "administrator", "auditor1"):
        assert world.people[other].get(document["url"]).status_code == 404
    answer = world.operator1.upload(f"cases/{code}/documents", file=upload)
    assert answer.status_code == 404


def test_a_repeated_upload_is_one_paper(world: World) -> None:
    code = start(world)
    body = {"name": "a.pdf", "content_base64": "JVBERi0xLjQKJSVFT0YK"}
    path = f"cases/{code}/documents"
    first = world.applicant1.post(path, body, Idempotency_Key="paper")
    again = world.applicant1.post(path, body, Idempotency_Key="paper")
    assert first.status_code == again.status_code == 201
    assert first.json()["id"] == again.json()["id"]
    assert len(world.applicant1.get(f"cases/{code}").json()["documents"]) == 1


def test_the_picture_and_the_story(world: World) -> None:
    code = start(world)
    me = world.applicant1
    svg = me.get(f"cases/{code}/diagram.svg")
    assert svg["Content-Type"] == "image/svg+xml"
    assert b"<svg" in svg.content
    assert b"definitions" in me.get(f"cases/{code}/diagram.bpmn").content
    story = me.get(f"cases/{code}/timeline").json()
    assert story[-1]["action"] == "create_draft"
    assert story[-1]["actor"] == "applicant1"


def test_other_organisations_find_nothing(world: World) -> None:
    code = start(world)
    add_organisation(world, 2)
    mallory = world.applicant2
    for path in ("", "/timeline", "/diagram.svg", "/diagram.bpmn"):
        assert mallory.get(f"cases/{code}{path}").status_code == 404
    task = world.applicant1.task("submit_application")
    assert mallory.post(task["url"], task["example"]).status_code == 404
    assert mallory.post(f"tasks/{task['task']}/claim").status_code == 404


def test_a_named_task_or_the_only_open_one(world: World) -> None:
    code = start(world)
    me = world.applicant1
    example = me.task("submit_application")["example"]
    answer = me.post(f"cases/{code}/submit_application", example)
    assert answer.json() == {
        "action": "submit_application",
        "case": code,
        "round": world.round.pk,
        "status": "SCREENING",
        "version": answer.json()["version"],
        "objection": None,
        "warnings": [],
    }


def test_withdrawing_needs_no_task(world: World) -> None:
    code = start(world)
    me = world.applicant1
    offers = {
        a["action"]: a for a in me.get(f"cases/{code}").json()["available_actions"]
    }
    assert set(offers) == {"submit_application", "withdraw"}
    offer = offers["withdraw"]
    assert offer["task"] is None
    assert me.post(offer["url"], offer["example"]).json()["status"] == "WITHDRAWN"
    assert me.inbox() == []
    assert me.get(f"cases/{code}").json()["available_actions"] == []


def test_words_follow_the_language(world: World) -> None:
    start(world)
    me = world.applicant1
    english = me.task("submit_application")
    chinese = me.client.get(
        f"{ROOT}/inbox",
        headers={"Authorization": f"Bearer {me.token}", "Accept-Language": "zh-hans"},
    ).json()[0]
    assert english["title"] == "Submit application"
    assert english["why"].startswith("You are")
    assert chinese["task"] == english["task"]


def test_a_token_from_the_command_line(world: World) -> None:
    out = StringIO()
    call_command("token", "auditor1", stdout=out)
    token = out.getvalue().strip()
    answer = Client().get(f"{ROOT}/inbox", headers={"Authorization": f"Bearer {token}"})
    assert answer.json() == []
    with pytest.raises(CommandError):
        call_command("token", "nobody")
