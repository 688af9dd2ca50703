"""What tests start from, made by the real services.

    round_ = make_round()                             # published, its call open
    case = make_case(round_, until="SCORED")          # one application
    screen(case, by=person("operator", round_), outcome="ELIGIBLE")

`make_case` walks the official road with the actions' own examples. Beyond the
notice time has to pass: give the `clock`.
"""

import itertools
from datetime import timedelta
from typing import Any

from django.utils.timezone import now

from audit.testing import ambient_event
from grants import rules as rules_module
from grants.actions import ACTIONS
from grants.calendar import end_of, today
from grants.models import (
    Case,
    District,
    Programme,
    Role,
    Round,
    Seat,
    Status,
    Tier,
)
from grants.rules import default_data
from grants.services.applying import create_draft
from grants.services.deciding import close_notice, notice_of
from grants.services.gate import check_actor
from grants.services.programmes import (
    create_programme,
    create_round,
    grant_role,
    publish_round,
)
from grants.services.reviewing import close_panel
from organisations.credit_code import check_character
from organisations.models import LegalForm, MembershipRole, Organisation, User
from organisations.services import add_member

BY = "system:test"
REVIEWERS, FINANCE_EXPERTS = 7, 2
count = itertools.count(1)

#: From each status on the straight road: the action and who takes it.
ROAD = {
    Status.DRAFT: ("submit_application", MembershipRole.APPLICANT),
    Status.SCREENING: ("screen", Role.OPERATOR),
    Status.ELIGIBLE: ("open_review", Role.OPERATOR),
    Status.SCORED: ("decide_list", Role.COMMITTEE),
    Status.PROPOSED: ("record_meeting", Role.FUNDER),
    Status.DECIDED: ("publish_notice", Role.HEAD),
    Status.IN_NOTICE: ("award_list", Role.LEADER),
    Status.REVISION: ("revise_plan", MembershipRole.APPLICANT),
    Status.AGREEMENT: ("sign", MembershipRole.LEGAL_REP),
}


# -- people and organisations ------------------------------------------------------


def make_user(name: str = "someone", **fields: Any) -> User:
    with ambient_event():
        return User.objects.create(
            username=f"{name}-{next(count)}", name=fields.pop("name", name), **fields
        )


def make_organisation(
    name: str = "公益服务中心",
    form: str = LegalForm.PRIVATE_UNIT,
    *,
    admitted: bool = True,
    **fields: Any,
) -> Organisation:
    number = next(count)
    code = f"52330100{number:09d}"
    with ambient_event():
        return Organisation.objects.create(
            name=f"{name}{number}",
            legal_form=form,
            credit_code=code + check_character(code),
            admitted_at=now() if admitted else None,
            **fields,
        )


def member(organisation: Organisation, role: str = MembershipRole.APPLICANT) -> User:
    """The first person in a role of an organisation, made if there is none."""
    found = organisation.memberships.filter(role=role, ended_at=None).first()
    if found is not None:
        return User.objects.get(pk=found.user_id)
    user = make_user(str(role))
    add_member(organisation, user=user, role=role, by=BY)
    return user


def person(role: str, of: Programme | Round, *, another: bool = False) -> User:
    """A person in a role of a programme; the same one until `another`."""
    programme = of if isinstance(of, Programme) else of.programme
    group = programme.role_groups.get(role=role).group
    found = None if another else group.user_set.order_by("pk").first()
    if found is None:
        found = make_user(str(role))
        grant_role(programme, role, found, by=BY)
    return User.objects.get(pk=found.pk)


# -- programmes and rounds -----------------------------------------------------------


def rules_with(**changes: dict[str, Any]) -> dict[str, Any]:
    """The default rules with some values of a section changed."""
    data = default_data()
    return data | {name: data[name] | values for name, values in changes.items()}


def make_programme(
    *, code: str = "", rules: dict[str, Any] | None = None, reviewers: int = REVIEWERS
) -> Programme:
    """A programme with its bureau, operator and a bank of reviewers."""
    rules_module._parsed.cache_clear()  # keys of rolled-back rows come again
    programme = create_programme(
        code or f"gyct{next(count)}",
        ("公益创投", "Public-interest venture programme"),
        make_organisation("民政局", LegalForm.AUTHORITY),
        make_organisation("承办单位"),
        by=BY,
        rules=rules,
    )
    for number in range(reviewers):
        reviewer = make_user("reviewer", is_finance_expert=number < FINANCE_EXPERTS)
        grant_role(programme, Role.REVIEWER, reviewer, by=BY)
    return programme


def make_district(code: str = "330102", **fields: Any) -> District:
    values = {"name_zh": "上城区", "name_en": "Shangcheng", "valid_from": "2000-01-01"}
    with ambient_event():
        found = District.objects.filter(code=code).first()
        return found or District.objects.create(code=code, **(values | fields))


def round_fields(**fields: Any) -> dict[str, Any]:
    """A round's fields, its call open since yesterday."""
    start = now() - timedelta(days=1)
    first = today(start) + timedelta(days=120)
    return {
        "code": f"round{next(count)}",
        "title_zh": "社会组织公益创投（演示）",
        "title_en": "Public-interest venture round (demo)",
        "year": start.year,
        "tier": Tier.CITY,
        "pool": 1_000_000,
        "cap": 300_000,
        "fund_source": "福利彩票公益金",
        "budget_document": "演示〔2026〕1号",
        "opens_at": start,
        "closes_at": start + timedelta(days=30),
        "review_ends_at": start + timedelta(days=60),
        "ends_at": start + timedelta(days=500),
        "project_starts_on": first,
        "project_ends_on": first + timedelta(days=364),
    } | fields


def make_round(
    programme: Programme | None = None, *, published: bool = True, **fields: Any
) -> Round:
    """A published round whose call is open, and a district to work in."""
    make_district()
    round_ = create_round(
        programme or make_programme(), by=BY, **round_fields(**fields)
    )
    if published:
        publish_round(round_, by=BY)
    return Round.objects.get(pk=round_.pk)


# -- cases -------------------------------------------------------------------------


def act_on(name: str, target: Any, /, *, by: User, **changes: Any) -> Any:
    """An action's example, some fields changed, through its form and service.

    As everywhere, who may not is told so before the form is read.
    """
    action = ACTIONS[name]
    target = type(target).objects.get(pk=target.pk)
    check_actor(name, target, by)
    body = action.example(target, by) | changes
    form = action.bind_json(target, by=by, body=body)
    return action.service(target, by=by, **action.clean(form))


def make_case(
    round_: Round | None = None,
    *,
    organisation: Organisation | None = None,
    until: str = Status.DRAFT,
    clock: Any = None,
    **steps: dict[str, Any],
) -> Case:
    """An application, brought along the road to a status.

    steps: fields of an action's body that differ from its example, as in
    `submit_application={"amount": …}`.
    """
    round_ = round_ or make_round()
    organisation = organisation or make_organisation()
    case = create_draft(round_, organisation, by=member(organisation))
    return bring(case, until, clock=clock, **steps)


def bring(
    case: Case, until: str, *, clock: Any = None, **steps: dict[str, Any]
) -> Case:
    """Take a case on to a status; batches take the round's other cases along."""
    case = Case.objects.get(pk=case.pk)
    while case.status != until:
        _step(case, clock, steps)
        before, case = case.status, Case.objects.get(pk=case.pk)
        assert case.status != before, f"{before} does not lead to {until}"
    return case


def _step(case: Case, clock: Any, steps: dict[str, dict[str, Any]]) -> None:
    if case.status == Status.UNDER_REVIEW:
        score_all(case, **steps.get("lock_score", {}))
        return
    if case.status == Status.IN_NOTICE:
        end_notice(case, clock)
    name, role = ROAD[Status(case.status)]
    of_round = ACTIONS[name].of == "round"
    by = member(case.organisation, role)
    if role in Role.values:
        by = person(role, case.round)
    act_on(name, case.round if of_round else case, by=by, **steps.get(name, {}))
    if name == "decide_list":
        second = person(role, case.round, another=True)
        act_on("confirm_decision", case.round, by=second)
    if name == "revise_plan":
        act_on("accept_plan", case, by=person(Role.FUNDER, case.round))
    if name == "sign":
        act_on("countersign", case, by=person(Role.FUNDER, case.round))


def declare(seat: Seat, **fields: Any) -> Seat:
    by = User.objects.get(pk=seat.reviewer_id)
    return act_on("declare_interest", seat, by=by, **fields)


def score(seat: Seat, **fields: Any) -> Any:
    by = User.objects.get(pk=seat.reviewer_id)
    return act_on("lock_score", seat, by=by, **fields)


def score_all(case: Case, **fields: Any) -> None:
    """Every seat declares no conflict and locks the example's score."""
    for seat in case.seats.all():
        declare(seat)
        score(seat, **fields)
    close_panel(Case.objects.get(pk=case.pk), by=BY)


def end_notice(case: Case, clock: Any) -> None:
    """Wait until the notice is over, and let the system say so."""
    assert clock is not None, "time has to pass: give the clock"
    clock.to(end_of(notice_of(case).ends_on) + timedelta(minutes=1))
    close_notice(Case.objects.get(pk=case.pk), by=BY)
