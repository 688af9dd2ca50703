"""What a process of its own does in test_crash.py, until it is killed."""

import time_machine

from attachments.models import Document
from attachments.services import add_document, add_version
from grants.models import Case, Finding, Seat, Tranche
from organisations.models import User
from tests.attachments import files
from tests.guards.world import attempt
from workflows import services


def target_of(kind: str, pk: int) -> object:
    named = {"case": Case, "finding": Finding, "seat": Seat, "tranche": Tranche}
    model = named[kind]
    return model.objects.get(pk=pk)


def act(at: str, action: str, kind: str, pk: int, user: int) -> None:
    """One person's click at a moment."""
    with time_machine.travel(at, tick=True):
        told = attempt(action, target_of(kind, pk), by=User.objects.get(pk=user))
    assert told == "done", told


def upload(at: str, case: int, document: int, user: int, content: bytes) -> None:
    """A person's paper for a case: a new one, or a version of a document."""
    by = User.objects.get(pk=user)
    file = files.upload("a.pdf", content)
    with time_machine.travel(at, tick=True):
        if document:
            add_version(Document.objects.get(pk=document), upload=file, by=by)
        else:
            folder = Case.objects.get(pk=case).folder
            add_document(folder, kind="application", upload=file, by=by)


def sweep(at: str) -> None:
    """The sweep of a worker at a moment."""
    with time_machine.travel(at, tick=True):
        services.sweep()
