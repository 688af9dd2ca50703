"""What may be paid now and what holds the rest: pages and services by one function."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from audit.testing import ambient_event
from desk.finance import HELD, NOW, PAID, in_state, unsigned_awards
from grants.errors import WrongState
from grants.models import HoldKind, Status, Tranche
from grants.payable import PaymentFacts, facts_of, reasons
from tests.clock import Clock
from tests.factories.running import (
    Running,
    close_current,
    make_case_at_agreement,
    make_organisation,
    make_running_case,
    open_next,
)

READY = PaymentFacts(
    status="REGISTERED",
    amount=Decimal("40000.00"),
    awarded=Decimal("100000.00"),
    paid=Decimal("50000.00"),
    case_status="RUNNING_FINAL",
    mid_passed=True,
)


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"status": "APPROVED"}, []),
        ({"status": "PAID", "holds": ("finding",)}, []),
        ({"status": "SETTLED"}, []),
        ({"holds": ("finding",)}, ["on_hold"]),
        ({"case_status": "TERMINATED"}, ["moved_on"]),
        ({"paid": Decimal("60000.01")}, ["over_award"]),
        ({"paid": Decimal("60000.00")}, []),
        ({"status": "OPEN"}, ["no_receipt"]),
        ({"status": "REQUESTED"}, ["receipt_unchecked"]),
        ({"status": "PLANNED"}, []),
        ({"status": "PLANNED", "mid_passed": False}, ["stage_not_passed"]),
        (
            {"status": "PLANNED", "mid_passed": False, "unpaid_before": (1,)},
            ["earlier_unpaid", "stage_not_passed"],
        ),
        (
            {"status": "PLANNED", "last": True, "holds": ("rectification",)},
            ["on_hold", "project_not_closed"],
        ),
        (
            {"status": "PLANNED", "countersigned": False, "case_status": "AGREEMENT"},
            ["not_countersigned"],
        ),
    ],
)
def test_reasons_of_a_payment(changes, codes):
    assert [r.code for r in reasons(replace(READY, **changes))] == codes


@pytest.fixture
def project(db: Any, clock: Clock) -> Running:
    clock.to("2021-07-01 09:00")
    return make_running_case()


def codes_of(project: Running, seq: int) -> list[str]:
    tranche = project.tranche(seq)
    return [reason.code for reason in reasons(facts_of([tranche])[tranche.pk])]


def agree(project: Running) -> None:
    """The tabs of the desk and the reasons say the same of every payment."""
    tranches = Tranche.objects.select_related("case")
    facts = facts_of(tranches)
    tabs = {
        state: set(Tranche.objects.filter(in_state(state)).values_list("pk", flat=True))
        for state in (NOW, HELD, PAID)
    }
    assert tabs[NOW] | tabs[HELD] | tabs[PAID] == set(facts)
    for tranche in tranches:
        found = reasons(facts[tranche.pk])
        assert (tranche.pk in tabs[HELD]) == bool(found), (tranche.seq, found)
        assert (tranche.pk in tabs[PAID]) == (tranche.status == "PAID")


def test_the_road_of_the_money_says_at_each_step_what_holds_it(project, clock):
    assert codes_of(project, 1) == ["no_receipt"]
    assert codes_of(project, 2) == ["earlier_unpaid", "stage_not_passed"]
    assert codes_of(project, 3) == ["earlier_unpaid", "project_not_closed"]
    agree(project)
    project.do("request_payment", project.tranche(1))
    assert codes_of(project, 1) == ["receipt_unchecked"]
    agree(project)
    project.do("register_receipt", project.tranche(1))
    assert codes_of(project, 1) == []
    agree(project)
    project.do("approve_payment")
    project.do("record_payment", project.tranche(1))
    agree(project)
    assert codes_of(project, 2) == ["stage_not_passed"]
    project.pass_stage("INITIAL")
    open_next(project, clock, "MID")
    project.pass_stage("MID")
    close_current(project)
    assert codes_of(project, 2) == ["no_receipt"]
    agree(project)


def test_what_the_page_says_is_what_the_service_refuses(project):
    project.do("request_payment", project.tranche(1))
    project.do("register_receipt", project.tranche(1))
    project.do("approve_payment")
    with ambient_event():
        project.case.holds.create(kind=HoldKind.FINDING, reason="审计问题")
    said = reasons(facts_of([project.tranche(1)])[project.tranche(1).pk])
    with pytest.raises(WrongState) as refused:
        project.do("record_payment", project.tranche(1))
    assert [(refused.value.code, str(refused.value))] == [
        (r.code, r.text) for r in said
    ]
    agree(project)


def test_an_award_without_agreement_is_named(project):
    with ambient_event():
        case = make_case_at_agreement(
            project.round, make_organisation(), project.applicant, Decimal("5000.00")
        )
    (found,) = unsigned_awards(project.finance, project.round)
    assert found[0] == case
    assert [reason.code for reason in found[1]] == ["not_countersigned"]
    assert case.status == Status.AGREEMENT
