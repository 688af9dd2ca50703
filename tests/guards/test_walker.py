"""Every address of the site × everybody who has no business there.

walker.csv knows by name what each of them is answered, GET and POST; it is
written by hand. An address that is not in it fails: whoever adds one decides
who may see it. The case is in public notice, so that everything exists.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from attachments.services import add_document
from attachments.uploads import Purpose, begin
from audit.tables import tables
from audit.testing import ambient_event
from grants.models import Case, Notice, Status
from organisations.models import Membership, MembershipRole, User
from outbox.models import Message
from tests.attachments.files import PDF, upload
from tests.guards.world import START, World, attempt, make_world, walk
from workflows.models import WorkItem

FILE = Path(__file__).with_name("walker.csv")
PEOPLE = (
    "anonymous",
    "wrong_role",
    "wrong_organisation",
    "conflicted",
    "auditor",
    "inspector",
)
#: Who reads everything of the programme, and may change next to nothing.
OVERSEERS = ("auditor", "inspector")
#: The audited rows that they write here: a search of their own. Findings, holds and
#: interventions ask for more than an empty form; matrix.csv has who may.
THEIRS = frozenset({"desk_savedsearch"})
WRITES = re.compile(r'(?:INSERT INTO|UPDATE|DELETE FROM) "?(\w+)"?', re.IGNORECASE)
BACKEND = "django.contrib.auth.backends.ModelBackend"
Row = dict[str, str]


@lru_cache
def table() -> dict[tuple[str, str], Row]:
    """(route, method) → the expected status for each of PEOPLE."""
    with FILE.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    out = {(row["route"], row["method"]): row for row in rows}
    assert len(out) == len(rows), "a route stands twice"
    return out


def routes(
    resolver: URLResolver, space: str = "", path: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    """Every address of the URL configuration; one without a name by its path."""
    for pattern in resolver.url_patterns:
        part = f"{path}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from routes(pattern, inner, part)
        else:
            yield f"{space}{pattern.name}" if pattern.name else f"/{part}", pattern


ROUTES = dict(routes(get_resolver()))


def signed_in(user: User | None) -> Client:
    """A browser of this person's, or of nobody."""
    client = Client()
    if user is not None:
        with ambient_event():  # the sign-in is noted in the person's row
            client.force_login(user, backend=BACKEND)
    return client


class Place:
    """A case in notice, with one reviewer who left it, and who asks for it."""

    def __init__(self, clock: object) -> None:
        clock.to(START)
        self.world = world = make_world(organisations=2)
        self.case = case = world.start()
        self.applicant = world.one(MembershipRole.APPLICANT)
        self.conflicted = self.bring_to_notice(clock)
        clock.forward(days=1)
        body = {"text": "不实", "name": "某人", "contact": "1", "anonymous": False}
        assert attempt("object", case, by=None, body=body) == "done"
        file = upload("a.pdf", PDF)
        self.document = add_document(
            case.folder, kind="application", upload=file, by=self.applicant
        )
        purpose = Purpose(case.folder_id, "upload", 99)
        self.upload = begin(self.applicant, purpose, name="a.pdf", size=9)
        seated = set(case.seats.values_list("reviewer_id", flat=True))
        without = [u for u in world.people["reviewer"] if u.pk not in seated]
        self.people = {
            "anonymous": None,
            "wrong_role": next(u for u in without if u != self.conflicted),
            "wrong_organisation": world.members[world.organisations[1].pk]["applicant"],
            "conflicted": self.conflicted,
            "auditor": world.one("auditor"),
            "inspector": world.one("inspector"),
        }
        self.writes: dict[str, set[str]] = {}
        self.clients = {who: signed_in(user) for who, user in self.people.items()}

    def bring_to_notice(self, clock: object) -> User:
        """Walk, and let the last seat declare a conflict; who left is returned."""
        left = None
        for _action in walk(self.world, self.case, clock):
            if left is None and self.case.status == Status.UNDER_REVIEW:
                seat = self.case.seats.order_by("number").last()
                left, body = seat.reviewer, {"conflict": True, "reason": "亲属"}
                told = attempt("declare_interest", seat, by=left, body=body)
                assert told == "done"
            if self.case.status == Status.IN_NOTICE:
                return left
        raise AssertionError(self.case.status)

    def arguments(self, route: str) -> dict[str, object]:
        """What an address needs, by the names of its parts."""
        world, case = self.world, self.case
        name = route.rpartition(":")[2]
        values: dict[str, object] = {
            "code": case.code,
            "tab": "timeline",
            "action": "decline",
            "programme": world.programme.code,
            "number": case.objections.get().number,
            "topic": 1,
            "version": 1,
            "subject": "call",
            "kind": "case_news",
            "language": "en",
            "task": self.item(case).pk,
            "token": "1:forged",
            "rest": "nothing/of/the/kind",
            "id": world.round.pk,
            "pk": self.item(case).pk,
            "object_id": str(case.organisation_id),
            "content_type_id": "1",
            "app_label": "organisations",
            "url": "nothing/of/the/kind",
            "paper": "request" if name.startswith("round") else "agreement",
            "fmt": "pdf",
            "part": 1,
            "text": "4F7K-92QX-M0AB",
        }
        if name.startswith("upload"):
            values |= {"token": self.upload.token, "number": 1}
        if name == "document-page":
            values["number"] = 1
        if name.startswith("round-"):
            values["code"] = world.round.code
        if name.startswith("list-"):
            values["code"] = "register"
        if name.startswith(("programme-", "role-")):
            values["code"] = world.programme.code
        if name == "document_content":
            values["id"] = self.document.versions.get().pk
        pks = {
            "notice-detail": Notice.objects.get().pk,
            "objection-new": Notice.objects.get().pk,
            "document-open": self.document.versions.get().pk,
            "document-preview": self.document.versions.get().pk,
            "document-page": self.document.versions.get().pk,
            "document-inline": self.document.versions.get().pk,
            "version-add": self.document.pk,
            "paper-dates": self.document.pk,
            "message-read": Message.objects.filter(recipient=self.applicant).first().pk,
            "person-detail": self.applicant.pk,
            "person-deactivate": self.applicant.pk,
            "person-reset-factor": self.applicant.pk,
            "organisation-detail": case.organisation_id,
            "organisation-admit": case.organisation_id,
            "bank-account": case.organisation_id,
            "profile": case.organisation_id,
            "membership-end": Membership.objects.get(user=self.applicant).pk,
        }
        values["pk"] = pks.get(name, values["pk"])
        wanted = ROUTES[route].pattern.regex.groupindex
        return {part: values[part] for part in wanted}

    def address(self, route: str) -> str:
        """Where a route is; the admin has some without a name."""
        values = self.arguments(route)
        if not route.startswith("/"):
            return reverse(route, kwargs=values)
        for part, value in values.items():
            shape = rf"<(\w+:)?{part}>|\(\?P<{part}>[^)]*\)\$"
            route = re.sub(shape, str(value), route)
        return route

    def item(self, case: Case) -> WorkItem:
        return WorkItem.objects.filter(case=case, closed_at=None).first()

    def answers(self, route: str, method: str) -> dict[str, str]:
        """What each of PEOPLE gets; nothing that they do is kept."""
        address = self.address(route)
        out = {}
        for who, client in self.clients.items():
            kept = client.cookies.copy()
            body = self.body(route, method, full=who in OVERSEERS)
            with transaction.atomic(), self.written(f"{method} {route}: {who}"):
                response = getattr(client, method.lower())(address, **body)
                out[who] = str(response.status_code)
                if response.streaming:
                    assert b"".join(response.streaming_content)
                if response.status_code == 302 and "login" in response["Location"]:
                    out[who] = "login"
                transaction.set_rollback(True)
            client.cookies = kept  # as after signing out
        return out

    def body(self, route: str, method: str, *, full: bool) -> dict[str, Any]:
        """What is sent: nothing, or (in full) what would be taken from an office."""
        if method != "POST":
            return {}
        if not route.startswith("api:"):
            return {"data": filled() if full else {}}
        if full and route == "api:add_document":
            return {"data": {"file": upload("b.pdf", PDF)}}
        return {"data": "{}", "content_type": "application/json"}

    @contextmanager
    def written(self, what: str) -> Iterator[None]:
        """Note the audited tables that anybody's request wrote to."""

        def note(execute: Any, sql: Any, *rest: Any) -> Any:
            found = WRITES.match(str(sql).lstrip())
            if found and found[1] in tables():
                self.writes.setdefault(what, set()).add(found[1])
            return execute(sql, *rest)

        with connection.execute_wrapper(note):
            yield


def filled() -> dict[str, Any]:
    """Values for the fields that pages with one form have, so that rights decide."""
    return {
        "upload": upload("b.pdf", PDF),
        "kind": "other",
        "title": "标题",
        "reason": "理由",
        "text": "内容",
        "name": "名称",
        "issued_on": "2020-01-01",
        "valid_until": "2030-01-01",
    }


@pytest.fixture
def place(clock, db) -> Place:
    return Place(clock)


def test_every_route_has_expectations():
    named = {route for route, _method in table()}
    assert set(ROUTES) - named == set(), "say in walker.csv who gets what"
    assert named - set(ROUTES) == set(), "these routes are gone"


def test_every_operation_of_the_api_has_expectations():
    from desk.api import api

    document = api.get_openapi_schema()
    missing = []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            route = f"api:{route_of(path)}"
            if (route, method.upper()) not in table():
                missing.append((route, method.upper(), operation["operationId"]))
    assert missing == []


def route_of(path: str) -> str:
    """The name of the address that serves a path of the OpenAPI document."""
    for name, pattern in ROUTES.items():
        if name.startswith("api:"):
            shape = str(pattern.pattern).replace("<int:", "{").replace("<", "{")
            if path == "/api/v1/" + shape.replace(">", "}"):
                return name.removeprefix("api:")
    raise AssertionError(f"no address serves {path}")


@pytest.mark.slow(50)
@pytest.mark.django_db
def test_everybody_gets_what_the_table_says(place):
    wrong = []
    codes: Counter[str] = Counter()
    for (route, method), row in table().items():
        found = place.answers(route, method)
        codes.update(found.values())
        for who in PEOPLE:
            if found[who] != row[who]:
                wrong.append(f"{method} {route}: {who} {found[who]}, not {row[who]}")
    assert wrong == []
    assert not [code for code in codes if code.startswith("5")]
    written = {w: t - THEIRS for w, t in place.writes.items() if w.endswith(OVERSEERS)}
    assert {what: others for what, others in written.items() if others} == {}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "route", ["api:cases", "api:inbox", "desk:case-list", "desk:inbox", "desk:done"]
)
def test_lists_do_not_name_the_case(place, route):
    """One rule for the page, the list and the API; its own people see it there."""
    for who in set(PEOPLE) - set(OVERSEERS):
        response = place.clients[who].get(reverse(route))
        assert place.case.code.encode() not in response.content, who
    if route.endswith(("cases", "case-list")):
        response = signed_in(place.applicant).get(reverse(route))
        assert place.case.code.encode() in response.content


@pytest.mark.django_db
def test_admin_is_closed_to_everybody_here(world_of_the_walk):
    world: World = world_of_the_walk
    for user in [None, *world.everybody[:4], *world.everybody[-3:]]:
        response = signed_in(user).get("/admin/")
        assert response.status_code == 302
        assert "login" in response["Location"]


@pytest.fixture
def world_of_the_walk(clock, db) -> World:
    clock.to(START)
    return make_world()
