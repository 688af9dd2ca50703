"""The pages of refusals: ours with DEBUG on and off, in the visitor's language."""

import pytest
from django.test import Client

from audit.record import record
from organisations.models import User

pytestmark = [pytest.mark.once, pytest.mark.django_db]


@pytest.fixture(params=[False, True], ids=["production", "debug"])
def debug(request, settings) -> bool:
    settings.DEBUG = request.param
    return request.param


def visitor(language: str = "en", **options: bool) -> Client:
    return Client(headers={"accept-language": language}, **options)


def is_ours(answer, status: int, *said: str) -> None:
    assert answer.status_code == status
    page = answer.content.decode()
    assert "css/weigong.css" in page
    assert "Traceback" not in page
    assert "URLconf" not in page
    for words in said:
        assert words in page


@pytest.mark.parametrize("path", ["/nowhere", "/nowhere/", "/cases/x/y/z/", "/%00/"])
def test_mistyped_address_is_our_404(debug, path):
    is_ours(visitor().get(path), 404, 'lang="en"', "This page does not exist")
    is_ours(visitor("zh-hans").get(path), 404, 'lang="zh-hans"')
    is_ours(visitor().post(path), 404)


@pytest.mark.parametrize("path", ["/calls/none/", "/notices/9/", "/objections/none/"])
def test_missing_thing_is_our_404(debug, path):
    is_ours(visitor().get(path), 404)


def test_address_without_its_slash_still_finds_its_page(debug):
    answer = visitor().get("/notices")
    assert answer.status_code == 301
    assert answer["Location"] == "/notices/"


def test_api_answers_unknown_addresses_itself(debug):
    answer = visitor().get("/api/v1/nowhere")
    assert answer.status_code == 401
    assert answer["Content-Type"].startswith("application/json")


def test_wrong_method_has_a_page_and_names_the_right_one(debug):
    answer = visitor().post("/notices/")
    is_ours(answer, 405, "This is not possible this way")
    assert answer["Allow"] == "GET, HEAD"


def test_forbidden_page_is_ours(debug):
    client = visitor()
    with record("test_account", by="system:tests"):
        user = User.objects.create_user("zhang", password="x")
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    is_ours(client.get("/people/"), 403, "This is not permitted", 'id="menu"')


def test_form_without_its_token_is_our_403(debug):
    client = visitor(enforce_csrf_checks=True)
    answer = client.post("/accounts/login/", {"login": "a", "password": "secret"})
    is_ours(answer, 403, "The form was too old")
    assert "secret" not in answer.content.decode()


def test_too_many_fields_is_our_400(debug):
    fields = {f"field-{n}": "x" for n in range(5001)}
    is_ours(visitor().post("/accounts/login/", fields), 400, "cannot be read")


def test_broken_multipart_is_our_400(debug):
    kind = "multipart/form-data"  # without its boundary
    answer = visitor().post("/accounts/login/", b"x", content_type=kind)
    is_ours(answer, 400, "cannot be read")


def test_lock_out_is_our_429(debug, settings):
    settings.AXES_FAILURE_LIMIT = 2
    client = visitor("zh-hans")
    for _attempt in range(3):
        answer = client.post("/accounts/login/", {"login": "a", "password": "b"})
    is_ours(answer, 429, 'lang="zh-hans"')


def test_fault_of_the_program_has_a_page_without_the_database(monkeypatch):
    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("broken for the test")

    monkeypatch.setattr("grants.views.calls.render", broken)
    for language in ("en", "zh-hans"):
        client = visitor(language, raise_request_exception=False)
        answer = client.get("/notices/")
        is_ours(answer, 500, f'lang="{language}"')
        assert "broken for the test" not in answer.content.decode()
