"""Every refusal is one event; what does not exist refuses nobody."""

import json
import re
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from attachments.services import add_document
from audit.models import Event
from audit.testing import ambient_event
from desk.models import SavedSearch
from desk.refused import NAMED, UNNAMED, begins
from grants.models import Case
from organisations.models import ApiToken
from organisations.services import issue_token
from tests.desk.conftest import World, arrange

pytestmark = pytest.mark.once
NUMBER = 10**9


@pytest.fixture(scope="module")
def screening(house_of_the_module):
    return arrange(house_of_the_module, "SCREENING")


@pytest.fixture
def world(screening, db, clock) -> World:
    return screening.again(clock)


@pytest.fixture
def case(screening, world) -> Case:
    return Case.objects.get(pk=screening.case.pk)


def told(before: int) -> list[tuple[str, str, str, str]]:
    """Verb, target, code and page of the events since then, those of births aside."""
    found = Event.objects.filter(pk__gt=before).exclude(verb="stream.open")
    rows = [
        (e.verb, e.target, json.loads(e.line)["data"]) for e in found.order_by("pk")
    ]
    return [(v, t, d.get("code", ""), d.get("page", "")) for v, t, d in rows]


def asks(client: Client, path: str, sent: Any = None, **more: Any) -> tuple[int, list]:
    before = Event.objects.latest("pk").pk
    answer = client.get(path) if sent is None else client.post(path, sent, **more)
    return answer.status_code, told(before)


def stranger(world: World) -> Client:
    """An applicant of another organisation."""
    organisation = world.organisation(1)
    return world.enter(world.house.member_of(organisation, "applicant"))


def test_a_hidden_case_is_refused_and_one_that_is_not_there_is_missing(world, case):
    client = stranger(world)
    refused = ("refused:read", case.code, "not_found", "desk:case-detail")
    assert asks(client, f"/cases/{case.code}/") == (404, [refused])
    assert asks(client, "/cases/none/") == (404, [])
    assert asks(client, f"/cases/{case.code}/readers/") == (
        404,
        [("refused:read", case.code, "not_found", "desk:case-readers")],
    )
    event = Event.objects.latest("pk")
    assert event.stream == event.actor.replace("user", "organisations_user")


def test_a_part_that_does_not_exist_refuses_nobody(world, case):
    client = world.enter("operator1")
    for path in (
        f"/cases/{case.code}/nonsense/",
        f"/cases/{case.code}/act/nonsense/",
        f"/cases/{case.code}/papers/nonsense/pdf/",
        f"/rounds/{world.round.code}/groups/{NUMBER}/",
        "/lists/nonsense/",
        f"/documents/{NUMBER}/",
        f"/work/{NUMBER}/",
        f"/messages/{NUMBER}/",
    ):
        sent = {} if "messages" in path else None
        assert asks(client, path, sent) == (404, []), path


def test_a_part_that_is_hidden_is_refused(world, case):
    client = world.enter("operator1")
    for path, name in (
        (f"/cases/{case.code}/as-of/", "desk:case-as-of"),
        (f"/cases/{case.code}/readers/", "desk:case-readers"),
    ):
        refused = ("refused:read", case.code, "not_found", name)
        assert asks(client, path) == (404, [refused]), path


def test_whole_pages_that_are_hidden_are_refused(world):
    client = stranger(world)
    for path, name in (
        ("/audit/", "desk:audit"),
        ("/findings/", "desk:finding-list"),
        ("/lists/", "desk:list-index"),
        ("/lists/register/", "desk:list-page"),
        ("/exclusions/", "desk:exclusion-list"),
    ):
        refused = ("refused:read", "", "not_found", name)
        assert asks(client, path) == (404, [refused]), path


def test_what_is_not_permitted_is_one_event(world, case):
    forbidden = ("refused:read", "", "forbidden", "organisations:person-list")
    assert asks(world.enter("head1"), "/people/") == (403, [forbidden])
    other = world["head1"]
    attempt = "organisations:person-deactivate"
    assert asks(world.enter("operator1"), f"/people/{other.pk}/deactivate/", {}) == (
        403,
        [("refused:attempt", f"user:{other.pk}", "forbidden", attempt)],
    )
    assert asks(world.enter("operator1"), f"/cases/{case.code}/dossier/", {}) == (
        403,
        [("refused:attempt", case.code, "not_yours", "desk:case-dossier")],
    )
    programme = world.house.programme.code
    refused = ("refused:read", programme, "not_found", "desk:rules")
    assert asks(stranger(world), f"/rules/{programme}/") == (404, [refused])


def test_an_action_of_somebody_else_is_refused_by_its_name(world, case):
    path = f"/cases/{case.code}/act/screen/"
    refused = ("refused:screen", case.code, "not_yours", "desk:case-act")
    assert asks(world.enter("head1"), path) == (403, [refused])
    path = f"/cases/{case.code}/act/withdraw/"
    refused = ("refused:withdraw", case.code, "not_yours", "desk:case-act")
    assert asks(world.enter("head1"), path, {"reason": "x"}) == (403, [refused])


def test_the_task_of_somebody_else_is_refused(world, case):
    item = world.item(case, "screen")
    status, events = asks(stranger(world), f"/work/{item.pk}/")
    assert (status, events) == (
        404,
        [("refused:read", case.code, "not_found", "desk:work-item")],
    )
    world.enter("operator1").post(f"/work/{item.pk}/claim/")
    taken = ("refused:attempt", case.code, "wrong_state", "desk:work-claim")
    other = world.enter("operator2")
    assert asks(other, f"/work/{item.pk}/claim/", {}) == (409, [taken])
    assert asks(other, f"/work/{item.pk}/") == (409, [])  # told only, nothing sent


def test_a_service_that_noted_the_refusal_is_not_told_twice(world, case):
    token = issue_token(world["head1"], by="system:test")
    client = Client(headers={"authorization": f"Bearer {token}"})
    status, events = asks(
        client, f"/api/v1/cases/{case.code}/screen", "{}", content_type="text/json"
    )
    assert status == 403
    assert [event[:3] for event in events] == [
        ("refused:screen", case.code, "not_yours")
    ]


def test_the_api_tells_what_it_hides_and_what_it_forbids(world, case):
    someone = world.house.member_of(world.organisation(1), "applicant")
    token = issue_token(someone, by="system:test")
    client = Client(headers={"authorization": f"Bearer {token}"})
    root = "/api/v1"
    refused = ("refused:read", case.code, "not_found", "api:timeline")
    assert asks(client, f"{root}/cases/{case.code}/timeline") == (404, [refused])
    assert asks(client, f"{root}/cases/none/timeline") == (404, [])
    assert asks(client, f"{root}/nowhere") == (404, [])
    draft = world.open_draft("hidden")
    hidden = ("refused:read", "hidden", "not_found", "api:round")
    assert asks(client, f"{root}/rounds/{draft.pk}") == (404, [hidden])
    assert asks(client, f"{root}/rounds/{NUMBER}") == (404, [])
    kind = {"content_type": "application/json"}
    for given, events in (
        ("hidden", [("refused:attempt", "", "not_found", "api:cases")]),
        ("none", []),
    ):
        body = json.dumps({"round": given})
        assert asks(client, f"{root}/cases", body, **kind) == (404, events)
    forbidden = ("refused:read", "", "not_yours", "api:check_code")
    assert asks(client, f"{root}/check-codes/ABCD") == (403, [forbidden])
    guess = asks(client, f"{root}/cases/{case.code}%00/timeline")
    assert guess == (404, [])


def test_the_second_factor_refuses_on_record(world, case, settings):
    settings.MFA_REQUIRED = True
    client = world.enter("head1")
    refused = ("refused:read", "account", "second_factor", "")
    assert asks(client, "/api/v1/inbox") == (403, [refused])
    assert asks(client, "/home/") == (302, [])
    sent = ("refused:attempt", "account", "second_factor", "")
    assert asks(client, f"/cases/{case.code}/act/screen/", {}) == (302, [sent])


def test_documents_that_one_may_not_open_are_told_as_such(world, case):
    upload = ContentFile(b"%PDF-1.4\n%%EOF\n", name="proof.pdf")
    document = add_document(
        case.folder, kind="other", upload=upload, by=world["operator1"]
    )
    version = document.versions.get()
    client, target = stranger(world), version.document.folder.stream
    for path, name in (
        (f"/documents/{version.pk}/", "desk:document-open"),
        (f"/documents/{version.pk}/preview/", "desk:document-preview"),
        (f"/documents/{version.pk}/inline/", "desk:document-inline"),
        (f"/documents/{version.pk}/thumbnail/", "desk:document-thumbnail"),
        (f"/api/v1/documents/{version.document_id}/content", "api:document_content"),
    ):
        refused = ("refused:open_version", target, "not_found", name)
        assert asks(client, path) == (404, [refused]), path


def test_what_others_keep_for_themselves(world, case):
    auditor = world["auditor1"]
    with ambient_event():
        kept = SavedSearch.objects.create(user=auditor, name="mine", query="")
    path = f"/audit/searches/{kept.pk}/delete/"
    target = f"desk_savedsearch:{kept.pk}"
    refused = ("refused:attempt", target, "not_found", "desk:search-delete")
    assert asks(world.enter("inspector1"), path, {}) == (404, [refused])


def test_the_key_of_somebody_else(world):
    issue_token(world["auditor1"], by="system:test")
    key = ApiToken.objects.get(user=world["auditor1"])
    path = f"/account/keys/{key.pk}/revoke/"
    target = f"organisations_apitoken:{key.pk}"
    refused = ("refused:attempt", target, "not_found", "desk:token-revoke")
    assert asks(world.enter("head1"), path, {}) == (404, [refused])
    assert asks(world.enter("head1"), f"/account/keys/{NUMBER}/revoke/", {}) == (
        404,
        [],
    )


def test_a_form_without_its_token_is_refused_to_who_is_signed_in(world, case):
    inside = world.enter("operator1")
    client = Client(enforce_csrf_checks=True)
    client.cookies = inside.cookies
    status, events = asks(client, f"/cases/{case.code}/act/withdraw/", {})
    assert (status, [event[2] for event in events]) == (403, ["csrf"])
    assert asks(Client(enforce_csrf_checks=True), "/accounts/login/", {}) == (403, [])


def test_visitors_are_told_of_nowhere(world, case):
    client = Client()
    assert asks(client, f"/cases/{case.code}/")[0] == 302
    for path in ("/calls/none/", "/notices/9/", "/objections/none/"):
        assert asks(client, path) == (404, [])
    assert asks(client, f"/calendar/{world['head1'].pk}:guess.ics") == (404, [])
    assert asks(client, f"/api/v1/cases/{case.code}") == (401, [])


def test_refusals_are_found_by_the_auditor(world, case):
    who = world.house.member_of(case.organisation, "applicant")
    world.enter(who).get(f"/cases/{case.code}/readers/")
    answer = world.enter("auditor1").get("/audit/", {"verb": "refused"})
    hits = [(h.label, h.who, h.case) for h in answer.context["found"].hits]
    assert hits == [("Refused: Read", str(who), case)]


def test_nothing_that_is_there_is_told_as_missing():
    """`get_object_or_404` in what one may see hides the rest without an event: such a
    page raises NotVisible."""
    calls = [
        (path.name, found)
        for folder in ("desk/views", "desk/api", "organisations")
        for path in (settings.BASE_DIR / folder).glob("*.py")
        for found in re.findall(r"get_object_or_404\(\s*([\w.]+)", path.read_text())
    ]
    assert len(calls) > 5
    assert [call for call in calls if not call[1][0].isupper()] == []


def routes(patterns: Any, before: str = "") -> Any:
    for entry in patterns:
        if isinstance(entry, URLResolver):
            yield from routes(entry.url_patterns, before + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            yield before + str(entry.pattern)


def test_every_address_with_a_value_says_what_that_names():
    known = {begins(route) for route in routes(get_resolver().url_patterns)}
    with_value = {
        begins(route) for route in routes(get_resolver().url_patterns) if "<" in route
    }
    named = {start for start in with_value if not start.startswith("admin/")}
    assert named - NAMED.keys() - UNNAMED.keys() == set()
    assert NAMED.keys() <= known
    assert not NAMED.keys() & UNNAMED.keys()
