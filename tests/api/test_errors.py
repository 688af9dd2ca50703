"""Bad input never gives a 500, never loses what was typed, and names its fields."""

import itertools
import json
from base64 import b64encode
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from audit.testing import ambient_event
from grants.models import Case, Programme
from grants.services.programmes import grant_role
from organisations.models import Membership
from organisations.services import deactivate_user, end_membership
from tests.api.test_road import start
from tests.api.world import ROOT, World

pytestmark = [pytest.mark.once, pytest.mark.django_db]

ELEMENTS = ("beneficiaries", "resources", "objectives", "plan")


@pytest.fixture
def draft(world: World) -> dict[str, Any]:
    """The applicant's task of submitting a new draft."""
    start(world)
    return world.applicant1.task("submit_application")


def refused(response: Any, status: int, code: str = "") -> dict[str, Any]:
    """A refusal in the one shape that all have."""
    assert response.status_code == status, response.content.decode()
    assert response["Content-Type"].startswith("application/json")
    body = response.json()
    assert set(body) <= {"code", "message", "fields"}
    assert body["code"]
    assert body["message"]
    if code:
        assert body["code"] == code
    return body


def submit(world: World, draft: dict[str, Any], **changes: Any) -> Any:
    return world.applicant1.post(draft["url"], draft["example"] | changes)


# -- values ---------------------------------------------------------------------


def test_each_element_of_a13_must_be_said(world, draft, subtests) -> None:
    for name, value in itertools.product(ELEMENTS, ("", "   ", None)):
        with subtests.test(name=name, value=value):
            body = refused(submit(world, draft, **{name: value}), 422, "invalid")
            assert name in body["fields"]


BAD_VALUES: list[tuple[dict[str, Any], str]] = [
    ({"amount": "200000.01"}, "amount"),  # over the round's cap
    ({"amount": "0"}, "amount"),
    ({"amount": "-5"}, "amount"),
    ({"amount": "NaN"}, "amount"),
    ({"amount": "Infinity"}, "amount"),
    ({"amount": "1E+400"}, "amount"),
    ({"amount": "100000.001"}, "amount"),
    ({"amount": True}, "amount"),
    ({"amount": ["1"]}, "amount"),
    ({"amount": {"value": "1"}}, "amount"),
    ({"title": "题" * 41}, "title"),
    ({"title": 7}, "title"),
    ({"title": False}, "title"),
    ({"category": "nothing"}, "category"),
    ({"district": "000000"}, "district"),
    ({"district": ["330106"]}, "district"),
    ({"period_start": "2025-02-30"}, "period_start"),
    ({"period_end": "2020-01-01"}, "period_end"),
    ({"budget": "all of it"}, "budget"),
    ({"budget": []}, "budget"),
    ({"budget": [1]}, "budget"),
    ({"budget": [{"colour": "red"}]}, "budget"),
    ({"colour": "red"}, "colour"),
    ({"plan": "a\x00b"}, "plan"),
    ({"plan": "\ud800"}, "plan"),
]


def test_a_bad_value_is_named(world, draft, subtests) -> None:
    for changes, field in BAD_VALUES:
        with subtests.test(changes=repr(changes)):
            body = refused(submit(world, draft, **changes), 422, "invalid")
            assert any(path.split(".")[0] == field for path in body["fields"]), body
    assert Case.objects.get().status == "DRAFT"


def test_errors_of_rows_are_located(world, draft) -> None:
    rows = [dict(row) for row in draft["example"]["budget"]]
    rows[1] |= {"amount": "0", "item": ""}
    body = refused(submit(world, draft, budget=rows), 422)
    assert {"budget.1.amount", "budget.1.item"} <= set(body["fields"])


def test_sums_must_agree(world, draft) -> None:
    rows = [dict(row) for row in draft["example"]["budget"]]
    rows[0]["amount"] = "1.00"
    body = refused(submit(world, draft, budget=rows), 422)
    assert any(path.startswith("budget") for path in body["fields"])


def test_markup_and_formulas_are_only_text(world, draft) -> None:
    title = "=1+1 <script>alert(1)</script>"
    assert submit(world, draft, title=title).status_code == 200
    code = Case.objects.get().code
    assert world.applicant1.get(f"cases/{code}").json()["title"] == title


def test_late_is_409(world, draft, at_start) -> None:
    at_start.forward(days=21)
    refused(submit(world, draft), 409, "late")


# -- bodies ---------------------------------------------------------------------


BROKEN: list[tuple[bytes, int]] = [
    (b"{", 400),
    (b"not json", 400),
    (b"\xff\xfe{}", 400),
    (b'{"amount": NaN}', 400),
    (b'{"amount": -Infinity}', 400),
    (b'{"amount": 1e999999}', 400),
    (b'{"amount": ' + b"9" * 5000 + b"}", 400),
    (b'{"title": "a", "title": "b"}', 400),
    (b"[" * 100_000, 400),
    (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, 400),
    (b'{"budget": ' + b"[" * 40 + b"]" * 40 + b"}", 400),
    (b"[]", 422),
    (b"7", 422),
    (b"null", 422),
    (b'"text"', 422),
    (b'{"title": "' + b"x" * (6 * 1024 * 1024) + b'"}', 413),
]


def test_a_broken_body_is_refused(world, draft, subtests) -> None:
    for raw, status in BROKEN:
        with subtests.test(raw=repr(raw[:20])):
            refused(world.applicant1.post(draft["url"], raw), status)
            refused(world.applicant1.post("cases", raw), status)


def test_a_form_instead_of_json_is_refused(world, draft) -> None:
    refused(world.applicant1.upload(draft["url"], title="a"), 400)


# -- files ----------------------------------------------------------------------

PDF = b"%PDF-1.4\n%%EOF\n"


BAD_FILES: list[tuple[str, bytes]] = [
    ("program.pdf", b"MZ\x90\x00"),
    ("page.pdf", b"<html><script>"),
    ("empty.pdf", b""),
    ("text.png", b"hello"),
    ("../../etc/passwd.pdf", PDF),
    ("a\\b.pdf", PDF),
    ("in\u202evisible.pdf", PDF),
    ("x" * 200 + ".pdf", PDF),
]


def test_a_bad_file_is_refused(world, draft, subtests) -> None:
    path = f"cases/{draft['case']}/documents"
    for name, content in BAD_FILES:
        body = {"name": name, "content_base64": b64encode(content).decode()}
        with subtests.test(name=name):
            refused(world.applicant1.post(path, body), 422)
    assert world.applicant1.get(f"cases/{draft['case']}").json()["documents"] == []


def test_a_file_of_wrong_base64_is_refused(world, draft) -> None:
    body = {"name": "a.pdf", "content_base64": "*"}
    path = f"cases/{draft['case']}/documents"
    assert "content_base64" in refused(world.applicant1.post(path, body), 422)["fields"]


def test_a_file_that_is_too_large(world, draft, settings) -> None:
    settings.UPLOAD_MAX_BYTES = 1000
    path = f"cases/{draft['case']}/documents"
    large = SimpleUploadedFile("a.pdf", PDF + b" " * 2000)
    refused(world.applicant1.upload(path, file=large), 422)
    huge = SimpleUploadedFile("a.pdf", PDF + b" " * (2 * 1024 * 1024))
    refused(world.applicant1.upload(path, file=huge), 413)


# -- tasks, versions, repeats -----------------------------------------------------


def test_unknown_things_are_404(world, draft) -> None:
    me, code = world.applicant1, draft["case"]
    refused(me.post(f"cases/{code}/frobnicate", {}), 404)
    refused(me.post("cases/NO-SUCH/submit_application", {}), 404)
    refused(me.get("cases/a%00b"), 404)
    refused(me.get("documents/99999999999999999999999/content"), 404)
    refused(me.post(f"cases/{code}/submit_application?task=999999", {}), 404)
    refused(me.post(f"cases/{code}/screen?task={draft['task']}", {}), 404)
    refused(me.post("rounds/999/open_review", {}), 404)
    refused(me.get("nothing/here"), 404)


def test_wrong_queries_are_422(world, draft) -> None:
    me = world.applicant1
    for query in ("task=abc", "task="):
        refused(me.post(f"cases/{draft['case']}/screen?{query}", {}), 422)
    refused(me.get("cases?after=x"), 422)
    refused(me.get("cases?status=NONE"), 422)
    refused(me.get("cases?q=%00"), 422)
    assert me.get("cases?after=999999999999999999999999").status_code == 200
    assert me.get("cases?limit=-1").status_code == 200


def test_a_wrong_method_is_405(world, draft) -> None:
    refused(world.applicant1.get(f"cases/{draft['case']}/screen"), 405)


def test_a_double_submit_happens_once(world, draft) -> None:
    assert submit(world, draft).status_code == 200
    refused(submit(world, draft), 409)
    assert Case.objects.get().status == "SCREENING"


def test_the_order_of_answers(world, draft) -> None:
    """404 not visible, 403 not yours, 409 wrong state: before the body counts."""
    code, bad = draft["case"], {"nonsense": 1}
    refused(world.operator1.post(f"cases/{code}/screen", bad), 404)  # a draft
    refused(world.applicant1.post(f"cases/{code}/screen", bad), 403)
    refused(world.org_finance1.post(f"cases/{code}/submit_application", bad), 403)
    assert submit(world, draft).status_code == 200
    refused(world.auditor1.post(f"cases/{code}/screen", bad), 403)
    refused(world.applicant1.post(f"cases/{code}/submit_application", bad), 409)
    refused(world.evaluator1.post(f"cases/{code}/grade_stage", bad), 404)
    refused(world.operator1.post(f"cases/{code}/check_materials", bad), 409)
    refused(world.operator1.post(f"cases/{code}/screen", bad), 422)


def test_a_stale_version_is_409(world, draft) -> None:
    me, body = world.applicant1, draft["example"]
    version = me.get(f"cases/{draft['case']}")["ETag"]
    refused(me.post(draft["url"], body, If_Match='"99"'), 409, "stale")
    refused(me.post(draft["url"], body, If_Match="yesterday"), 409, "stale")
    answer = me.post(draft["url"], body, If_Match=version)
    assert answer.status_code == 200
    assert answer["ETag"] != version
    assert me.get(f"cases/{draft['case']}")["ETag"] == answer["ETag"]


def test_a_repeat_gets_the_first_reply(world, draft) -> None:
    me, body = world.applicant1, draft["example"]
    first = me.post(draft["url"], body, Idempotency_Key="k1")
    again = me.post(draft["url"], body, Idempotency_Key="k1")
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json() == first.json()
    assert again["Idempotency-Replayed"] == "true"
    other = body | {"title": "另一个"}
    refused(me.post(draft["url"], other, Idempotency_Key="k1"), 422)
    refused(me.post(draft["url"], body, Idempotency_Key="k" * 201), 422)
    refused(me.post(draft["url"], body, Idempotency_Key="k2"), 409)


def test_a_refusal_is_not_kept_for_a_repeat(world, draft) -> None:
    me, body = world.applicant1, draft["example"]
    refused(me.post(draft["url"], body | {"title": ""}, Idempotency_Key="k"), 422)
    assert me.post(draft["url"], body, Idempotency_Key="k").status_code == 200


def test_a_repeated_new_case_is_one_case(world) -> None:
    me = world.applicant1
    (round_,) = me.get("rounds").json()
    first = me.post("cases", round_["example"], Idempotency_Key="new")
    again = me.post("cases", round_["example"], Idempotency_Key="new")
    assert first.status_code == again.status_code == 201
    assert first.json()["code"] == again.json()["code"]
    assert Case.objects.count() == 1
    refused(me.post("cases", round_["example"]), 409)  # one application a round


def test_two_claim_and_one_wins(world, draft) -> None:
    submit(world, draft)
    world.add("operator9")
    grant_role(
        Programme.objects.get(), "operator", world.operator9.user, by="system:test"
    )
    task = world.operator1.task("screen")["task"]
    assert world.operator1.post(f"tasks/{task}/claim").json()["holder"] == "operator1"
    refused(world.operator9.post(f"tasks/{task}/claim"), 409, "held")
    refused(world.applicant1.post(f"tasks/{task}/claim"), 404)
    assert world.operator9.inbox() == []
    refused(world.operator1.post(f"tasks/{task}/reassign", {"to": "nobody"}), 422)
    refused(world.operator1.post(f"tasks/{task}/reassign", {"to": "cpa1"}), 409)
    refused(world.operator1.post(f"tasks/{task}/reassign", {"to": 7}), 422)
    body = {"to": "operator9"}
    assert world.operator1.post(f"tasks/{task}/reassign", body).status_code == 200
    assert world.operator9.post(f"tasks/{task}/release").json()["holder"] is None
    refused(world.operator9.post(f"tasks/{task}/release"), 403)


# -- who is asking ----------------------------------------------------------------


def test_nobody_is_401(world, draft) -> None:
    stranger = Client()
    for path in ("inbox", "rounds", "cases", f"cases/{draft['case']}", "nothing"):
        refused(stranger.get(f"{ROOT}/{path}"), 401)
    refused(stranger.post(draft["url"], {}, content_type="application/json"), 401)


def test_a_wrong_token_is_401_and_many_are_429(world) -> None:
    stranger = Client(headers={"Authorization": "Bearer wg_wrong"})
    for _attempt in range(30):
        refused(stranger.get(f"{ROOT}/inbox"), 401)
    answer = stranger.get(f"{ROOT}/inbox")
    refused(answer, 429)
    assert int(answer["Retry-After"]) > 0
    basic = Client(headers={"Authorization": "Basic YTpi"}, REMOTE_ADDR="10.0.0.9")
    refused(basic.get(f"{ROOT}/inbox"), 401)


def test_a_session_needs_a_csrf_token(world, draft) -> None:
    browser = Client(enforce_csrf_checks=True)
    with ambient_event():
        browser.force_login(
            world.applicant1.user, backend="django.contrib.auth.backends.ModelBackend"
        )
    assert browser.get(f"{ROOT}/inbox").status_code == 200
    body = json.dumps(draft["example"])
    sent = {"content_type": "application/json"}
    refused(browser.post(draft["url"], body, **sent), 403)
    assert Case.objects.get().status == "DRAFT"
    secret = "a" * 32  # as long as Django's own
    browser.cookies["csrftoken"] = secret
    answer = browser.post(draft["url"], body, headers={"X-CSRFToken": secret}, **sent)
    assert answer.status_code == 200, answer.content


def test_a_leaver_is_out_at_once(world, draft) -> None:
    end_membership(Membership.objects.get(user=world.applicant1.user), by="system:test")
    refused(world.applicant1.get(f"cases/{draft['case']}"), 404)
    refused(submit(world, draft), 404)
    assert world.applicant1.inbox() == []
    deactivate_user(world.applicant1.user, by="system:test")
    refused(world.applicant1.get("inbox"), 401)


def test_an_objection_outside_a_notice(world, draft) -> None:
    body = {"text": "不公平。", "name": "某居民", "contact": "0571-1"}
    path = f"{ROOT}/cases/{draft['case']}/object"
    answer = Client().post(path, body, content_type="application/json")
    refused(answer, 404)  # a stranger does not learn that there is a draft
    refused(world.applicant1.post(path, body), 409)
