"""A step that a hold keeps waiting stands in no inbox until the hold is lifted."""

import pytest
from django.utils.timezone import now

from audit.testing import ambient_event
from grants.actions import ACTIONS
from grants.errors import WrongState
from grants.models import Hold, HoldKind
from tests.factories.running import make_running_case
from workflows.engine import ensure_flows
from workflows.models import WorkItem
from workflows.selectors import actions_open_to, inbox_for
from workflows.services import perform


@pytest.fixture
def running(db, clock):
    clock.to("2026-03-02 09:00")
    made = make_running_case()
    with ambient_event():
        ensure_flows(made.case)
    return made


def offered(running) -> tuple[set[str], set[str]]:
    contact = running.org_finance
    inbox = {item.action for item in inbox_for(contact)}
    return inbox, {o.action.name for o in actions_open_to(contact, running.case)}


def test_payment_waits_for_the_hold_and_comes_back(running):
    assert all("request_payment" in found for found in offered(running))
    with ambient_event():
        hold = Hold.objects.create(case=running.case, kind=HoldKind.SUSPENSION)
    assert not any("request_payment" in found for found in offered(running))
    contact, tranche = running.org_finance, running.tranche(1)
    action = ACTIONS["request_payment"]
    body = action.example(tranche, contact)
    form = action.bind_json(tranche, by=contact, body=body)
    with pytest.raises(WrongState) as refused:
        perform("request_payment", tranche, by=contact, form=form)
    assert refused.value.code == "on_hold"
    with ambient_event():
        Hold.objects.filter(pk=hold.pk).update(lifted_at=now())
    assert all("request_payment" in found for found in offered(running))
    item = WorkItem.objects.get(case=running.case, action="request_payment")
    assert item.is_open
