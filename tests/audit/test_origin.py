"""Where acts come from: one erasable address a request, and lines that lack it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from audit import append, canon
from audit.erasure import erase_disclosures
from audit.middleware import RequestIdMiddleware
from audit.models import Disclosure, Event
from audit.origin import Address, client_address, comes_from, origin
from audit.record import record
from audit.selectors import acts_with_address, origins_of, timeline_of
from audit.standalone import verify_dossier as form
from audit.testing import as_administrator
from audit.verify import verify
from organisations.models import Organisation

from .conftest import stream_of

BY = "system:test"
ADDRESS = "192.0.2.7"


def bodies(verb: str) -> list[dict[str, Any]]:
    lines = Event.objects.filter(verb=verb).order_by("id")
    return [json.loads(line) for line in lines.values_list("line", flat=True)]


@pytest.mark.once
@pytest.mark.parametrize(
    ("remote", "forwarded", "proxies", "found"),
    [
        ("192.0.2.7", "", 0, "192.0.2.7"),
        ("192.0.2.7", "203.0.113.9", 0, "192.0.2.7"),  # anybody may send it
        ("10.0.0.1", "203.0.113.9", 1, "203.0.113.9"),
        ("10.0.0.1", "6.6.6.6, 203.0.113.9", 1, "203.0.113.9"),
        ("10.0.0.1", "6.6.6.6, 203.0.113.9, 10.0.0.2", 2, "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9", 2, "203.0.113.9"),
        ("10.0.0.1", "", 1, "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9:51234", 1, "203.0.113.9"),
        ("10.0.0.1", "[2001:DB8::1]:443", 1, "2001:db8::1"),
        ("2001:0db8:0::1", "", 0, "2001:db8::1"),
        ("fe80::1%eth0", "", 0, "fe80::1"),
        ("::ffff:192.0.2.7", "", 0, "192.0.2.7"),
        ("10.0.0.1", "unknown", 1, ""),
        ("", "", 0, ""),
        ("unix:", "", 0, ""),
        ("'; DROP TABLE", "", 0, ""),
    ],
)
def test_the_address_of_who_asks(remote, forwarded, proxies, found):
    assert client_address(remote, forwarded, proxies) == found


@pytest.mark.once
def test_all_that_counts_by_address_counts_the_same(rf: RequestFactory, settings):
    seen: list[tuple[str, Any]] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append((request.META["REMOTE_ADDR"], origin.get()))
        return HttpResponse()

    middleware, sent = RequestIdMiddleware(view), "6.6.6.6, 203.0.113.9"
    middleware(rf.get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=sent))
    settings.TRUSTED_PROXIES = 1
    middleware(rf.get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=sent))
    assert [(meta, source.value) for meta, source in seen] == [
        ("10.0.0.1", "10.0.0.1"),
        ("203.0.113.9", "203.0.113.9"),
    ]
    assert origin.get() is None


@pytest.fixture
def request_from() -> Iterator[Address]:
    """What is done comes from one request."""
    address = Address(ADDRESS)
    with comes_from(address):
        yield address


def test_a_request_adds_one_row_however_much_it_does(
    alice, hospice, request_from, django_capture_on_commit_callbacks
):
    """Alice and the hospice are two streams; their two acts are two transactions."""
    before = Disclosure.objects.count()
    with django_capture_on_commit_callbacks(execute=True), record("one", by=alice):
        Organisation.objects.filter(pk=hospice.pk).update(bank="x")
        type(alice).objects.filter(pk=alice.pk).update(is_active=False)
    assert request_from.kept
    with CaptureQueriesContext(connection) as asked, record("two", by=alice):
        Organisation.objects.filter(pk=hospice.pk).update(bank="y")
    assert not [q for q in asked if "audit_disclosure" in q["sql"]]
    told = [body["origin"] for body in bodies("one") + bodies("two")]
    assert told == [{"digest": request_from.digest}] * 3
    assert Disclosure.objects.count() == before + 1
    row = Disclosure.objects.get(digest=request_from.digest)
    assert (row.value, row.stream) == (f'"{ADDRESS}"', stream_of(alice))
    assert ADDRESS not in "".join(Event.objects.values_list("line", flat=True))
    assert not verify().findings


def test_a_transaction_that_is_undone_takes_the_row_with_it(hospice, request_from):
    with transaction.atomic():
        with record("undone", by=BY, target="x", stream="things:1"):
            pass
        transaction.set_rollback(True)
    assert not Disclosure.objects.filter(digest=request_from.digest).exists()
    for verb in ("first", "second"):  # neither is committed before the other
        with record(verb, by=BY, target="x", stream="things:1"):
            pass
    assert Disclosure.objects.filter(digest=request_from.digest).count() == 1
    assert not verify().findings


def test_one_erasure_takes_it_out_of_all_lines(alice, hospice):
    asked = Address(ADDRESS)
    with comes_from(asked), record("one", by=alice):
        Organisation.objects.filter(pk=hospice.pk).update(bank="x")
    stream = stream_of(hospice)
    assert timeline_of(stream)[-1].origin == ADDRESS
    with record("erase", by=BY):
        count = erase_disclosures(
            [asked.digest], by=BY, stream=stream_of(alice), reason_code="PIPL-47"
        )
    assert count == 1
    entry = next(e for e in timeline_of(stream) if e.verb == "one")
    assert (entry.origin, entry.origin_erased) == ("", True)
    assert not verify().findings


def test_what_comes_from_no_request_says_so(hospice):
    with comes_from("sweep:some.sweep"), record("swept", by=BY, stream="things:1"):
        pass
    with record("unknown", by=BY, stream="things:1"):
        pass
    told = [timeline_of("things:1")[n] for n in (0, 1)]
    assert [entry.origin for entry in told] == ["sweep:some.sweep", ""]
    assert not any(entry.origin_erased for entry in told)
    assert bodies("unknown")[0]["origin"] is None


def test_the_tasks_of_the_web_process_are_named(monkeypatch, db):
    from config import sweeps

    seen: list[Any] = []
    name = "audit.origin.origin.get"
    monkeypatch.setattr(sweeps, "SWEEPS", (sweeps.Sweep(name, ""),))
    monkeypatch.setattr(
        sweeps, "import_string", lambda _: lambda: seen.append(origin.get())
    )
    sweeps.run_all()
    assert seen == [f"sweep:{name}"]


def test_addresses_are_found_from_the_ends_of_lines(alice, request_from):
    """Also after a form that is longer than what is read of the line."""
    data = {"long": "字" * 3000, "origin": {"digest": "0" * 64}}
    with record("hand_in", by=alice, stream="case:1", data=data):
        pass
    with comes_from("command:x"), record("hand_in", by=alice, stream="case:1"):
        pass
    streams = Event.objects.filter(stream="case:1").values("stream")
    (found,) = acts_with_address(streams, ["hand_in"])
    assert found[:2] == ("case:1", f"user:{alice.pk}")
    assert found[3] == request_from.digest
    lines = Event.objects.filter(verb="hand_in").order_by("id")
    told = origins_of(lines.values_list("line", flat=True))
    assert told == [ADDRESS, "command:x"]


# -- tampering, and the lines of before --------------------------------------------


def test_another_address_or_none_is_found(alice, request_from):
    with record("one", by=alice, stream="things:1"):
        pass
    rows = Disclosure.objects.filter(digest=request_from.digest)
    rows.update(value='"10.9.9.9"')
    assert {f.kind for f in verify().findings} == {"disclosure_altered"}
    rows.delete()
    found = {(f.kind, f.key) for f in verify().findings}
    assert found == {("disclosure_missing", request_from.digest)}


def old_body(self: append.Line, head: Any, at: str) -> dict[str, Any]:
    """A line as it was before lines had an origin."""
    body = NEW(self, head, at)
    del body["origin"]
    return body | {"v": 1}


NEW = append.Line.body


def test_lines_of_the_first_version_stay_valid(monkeypatch, hospice):
    with monkeypatch.context() as before:
        before.setattr(append.Line, "body", old_body)
        with record("before", by=BY, reason="because"):
            Organisation.objects.filter(pk=hospice.pk).update(bank="x")
    with comes_from(Address(ADDRESS)), record("after", by=BY):
        Organisation.objects.filter(pk=hospice.pk).update(bank="y")
    assert not verify().findings
    entries = timeline_of(stream_of(hospice))
    assert [e.origin for e in entries[-2:]] == ["", ADDRESS]
    for body in (*bodies("before"), *bodies("after")):
        assert form.event_of(canon.dumps(body)) == body


@pytest.mark.parametrize(
    "forged",
    [
        {"v": 1},  # of the first version, with an origin
        {"v": 3},
        {"v": "2"},
        {"origin": ...},  # of the second, without one
    ],
)
def test_a_line_has_the_keys_of_its_version(forged, hospice):
    with record("one", by=BY):
        Organisation.objects.filter(pk=hospice.pk).update(bank="x")
    (body,) = bodies("one")
    body = {k: v for k, v in (body | forged).items() if v is not ...}
    line = canon.dumps(body)
    assert form.event_of(line) is None
    with as_administrator() as cursor:
        cursor.execute(
            "UPDATE audit_event SET line = %s, hash = %s WHERE verb = 'one'",
            [line, canon.sha256(line)],
        )
    told = [f for f in verify().findings if f.note == "malformed"]
    assert [f.kind for f in told] == ["event_altered"]
