"""Alice, an organisation, and everything a database administrator may do."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser, Group

from audit.models import Event
from audit.record import record
from organisations.models import Organisation


@pytest.fixture
def alice(db: None) -> AbstractBaseUser:
    with record("make_person", by="system:test"):
        return get_user_model().objects.create_user(
            "alice", email="alice@example.org", phone="13800000000"
        )


@pytest.fixture
def hospice(db: None) -> Organisation:
    with record("make_organisation", by="system:test"):
        return Organisation.objects.create(name="Hospice", legal_form="ASSOC")


@pytest.fixture
def readers(db: None) -> Group:
    with record("make_group", by="system:test"):
        return Group.objects.create(name="readers")


@pytest.fixture
def told() -> Callable[[str], list[list[Any]]]:
    """The changes of the last event of an act, the numbers left out."""

    def of(verb: str) -> list[list[Any]]:
        lines = Event.objects.filter(verb=verb).order_by("id")
        return [
            change[1:]
            for line in lines.values_list("line", flat=True)
            for change in json.loads(line)["changes"]
        ]

    return of


def stream_of(row: Any) -> str:
    return f"{row._meta.db_table}:{row.pk}"
