"""A project that runs: a case brought to its agreement, signed by both sides.

    p = make_running_case(award="100000.00")
    p.do("report_stage", p.stage("INITIAL"))             # by whoever may, example
    p.do("grade_stage", p.stage("INITIAL"), outcome="FAIL", remarks="…")

What comes before the agreement is arranged; `sign` and `countersign`, and so
the stages and tranches, are the real services. `do` sends the action's own
example, changed where the test says so, through form and service.
"""

import datetime as dt
import itertools
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.timezone import now

from attachments.services import open_folder
from audit.testing import ambient_event
from grants import rules as rules_module
from grants.actions import ACTIONS
from grants.calendar import end_of, today
from grants.models import (
    Application,
    BudgetLine,
    Case,
    Notice,
    Objection,
    Panel,
    Programme,
    Project,
    Role,
    Round,
    Seat,
    Stage,
    Status,
    Tier,
    Tranche,
)
from grants.rules import default_data
from grants.services.gate import check_actor, check_state
from grants.services.programmes import create_programme, grant_role
from grants.services.tracking import close_stage, open_stage
from organisations.models import LegalForm, MembershipRole, Organisation, User
from organisations.services import add_member
from tests.clock import Clock

BY = "system:test"
count = itertools.count(1)

#: Who does what, where nobody else is named.
ACTORS = {
    "sign": "legal_rep",
    "countersign": "funder",
    "report_stage": "applicant",
    "check_materials": "operator",
    "visit_site": "supervisor",
    "grade_stage": "evaluator",
    "submit_rectification": "applicant",
    "recheck": "supervisor",
    "decide_on_failure": "funder",
    "request_payment": "org_finance",
    "register_receipt": "registrar",
    "approve_payment": "head",
    "record_payment": "finance",
    "file_audit_report": "cpa",
    "record_refund": "finance",
    "submit_closure": "legal_rep",
    "close_project": "funder",
    "archive": "funder",
    "terminate": "funder",
    "confirm_termination": "head",
    "submit_repayment": "org_finance",
    "record_repayment": "finance",
    "request_change": "applicant",
    "decide_change": "funder",
    "suspend": "funder",
    "resume": "funder",
    "reopen": "funder",
    "confirm_reopening": "head",
}


@dataclass
class Running:
    """A running case and its people, by role ("registrar": a second finance)."""

    case: Case
    round: Round
    programme: Programme
    people: dict[str, User]

    def __getattr__(self, name: str) -> User:
        people = self.__dict__.get("people", {})
        if name not in people:
            raise AttributeError(name)
        return fresh(people[name])

    def stage(self, kind: str) -> Stage:
        return Stage.objects.select_related("case__round").get(
            case=self.case, kind=kind
        )

    def tranche(self, seq: int) -> Tranche:
        return Tranche.objects.select_related("case__round").get(
            case=self.case, seq=seq
        )

    def status(self) -> str:
        self.case.refresh_from_db()
        return self.case.status

    def do(
        self,
        name: str,
        target: Any = None,
        *,
        by: User | None = None,
        body: dict[str, Any] | None = None,
        **changes: Any,
    ) -> Any:
        """Run an action with its example (or `body`), some fields changed."""
        return act_on(
            name,
            target or (self.round if ACTIONS[name].of == "round" else self.case),
            by or getattr(self, ACTORS[name]),
            body,
            **changes,
        )

    def pay(self, seq: int) -> Tranche:
        """A tranche's whole way, from the request to the voucher."""
        tranche = self.tranche(seq)
        self.do("request_payment", tranche)
        self.do("register_receipt", tranche)
        rows = [{"tranche": tranche.pk}]
        self.do("approve_payment", by=self.leader, tranches=rows)
        return self.do("record_payment", self.tranche(seq))

    def pass_stage(self, kind: str, score: str = "88") -> None:
        """A stage's straight way, from the report to the grade."""
        for name in ("report_stage", "check_materials", "visit_site"):
            self.do(name, self.stage(kind))
        self.do("grade_stage", self.stage(kind), score=score)


def fresh(user: User) -> User:
    """The person as the next request sees them: nothing remembered."""
    return User.objects.get(pk=user.pk)


def act_on(
    name: str, target: Any, by: User, body: dict[str, Any] | None = None, **changes: Any
) -> Any:
    """An action from its JSON body to its service, as the API does it."""
    action = ACTIONS[name]
    target = type(target).objects.get(pk=target.pk)
    check_actor(name, target, by)
    if hasattr(target, "case"):
        check_state(name, target.case)
    if name == "grade_stage" and "score" in changes:
        changes |= scored(target, by, changes.pop("score"))
    body = {**(body or action.example(target, by)), **changes}
    form = action.bind_json(target, by=by, body=body)
    return action.service(target, by=by, **action.clean(form))


def scored(stage: Stage, by: User, score: str) -> dict[str, Any]:
    """A score as the stage's sheet has it: plain, or shared out by dimension."""
    form = ACTIONS["grade_stage"].form(target=stage, by=by)
    return form.scores_of(Decimal(score)) if form.dimensions else {"score": score}


def make_user(name: str) -> User:
    return User.objects.create(username=f"{name}{next(count)}", name=name)


def make_organisation(form: str = LegalForm.PRIVATE_UNIT) -> Organisation:
    return Organisation.objects.create(
        name=f"某某公益服务中心{next(count)}（演示）",
        legal_form=form,
        admitted_at=now(),
    )


def make_programme(
    rules: dict[str, Any] | None = None,
) -> tuple[Programme, dict[str, User]]:
    """A programme with one person in each role, and a second finance officer."""
    n = next(count)
    rules_module._parsed.cache_clear()  # keys of rolled-back rows come again
    programme = create_programme(
        f"prog{n}",
        ("公益创投", "Public-venture programme"),
        make_organisation(LegalForm.AUTHORITY),
        make_organisation(),
        by=BY,
        rules=default_data() | (rules or {}),
    )
    people = {}
    for role in Role:
        people[role.value] = make_user(role.value)
        grant_role(programme, role, people[role.value], by=BY)
    people["registrar"] = make_user("registrar")
    grant_role(programme, Role.FINANCE, people["registrar"], by=BY)
    return programme, people


def make_round(programme: Programme, *, day: dt.date) -> Round:
    """A round whose projects begin on a day."""
    n = next(count)
    start = end_of(day)
    round_ = Round.objects.create(
        code=f"round{n}",
        programme=programme,
        rules=programme.rules.get(version=1),
        title_zh="公益创投（演示）",
        title_en="Demo round",
        year=day.year,
        tier=Tier.CITY,
        pool=Decimal("5000000.00"),
        cap=Decimal("300000.00"),
        fund_source="福利彩票公益金",
        budget_document="演示〔2021〕1号",
        opens_at=start - dt.timedelta(days=120),
        closes_at=start - dt.timedelta(days=90),
        review_ends_at=start - dt.timedelta(days=60),
        ends_at=start + dt.timedelta(days=400),
        project_starts_on=day,
        project_ends_on=day + dt.timedelta(days=364),
        published_at=start - dt.timedelta(days=121),
    )
    round_.folder = open_folder("round", stream=f"grants_round:{round_.pk}")
    round_.save()
    return round_


def make_case_at_agreement(
    round_: Round, organisation: Organisation, applicant: User, award: Decimal
) -> Case:
    """A case whose award letter is out and whose budget equals the award."""
    n = next(count)
    case = Case.objects.create(
        code=f"GYCT-{n:06d}",
        round=round_,
        rules=round_.rules,
        organisation=organisation,
        status=Status.AGREEMENT,
        title=f"老漂族社区融入{n}",
        created_by=applicant,
        submitted_at=round_.opens_at,
        requested=award,
        awarded=award,
    )
    case.folder = open_folder("case", stream=f"case:{case.pk}")
    case.save()
    Application.objects.create(
        case=case,
        category="elderly",
        period_start=round_.project_starts_on,
        period_end=round_.project_ends_on,
        beneficiaries="非本地户籍老年人",
        resources="社区活动室",
        objectives="每月两次活动",
        plan="每周一次小组活动",
    )
    for kind in BudgetLine.Kind:
        BudgetLine.objects.create(
            case=case,
            kind=kind,
            position=0,
            head=BudgetLine.Head.ACTIVITY,
            item="活动经费",
            amount=award,
            funded_by=BudgetLine.FundedBy.GRANT,
        )
    Project.objects.create(
        case=case,
        award_no=f"LX-{n:06d}",
        award_letter_no="演示〔2021〕2号",
        award_letter_date=today(now()),
        signing_due=now() + dt.timedelta(days=20),
    )
    return case


def make_running_case(
    *,
    award: str = "100000.00",
    with_case: Running | None = None,
    rules: dict[str, Any] | None = None,
) -> Running:
    """A case just countersigned: initial stage, first tranche open.

    with_case: a running case whose round and officers this one shares.
    """
    with ambient_event():
        if with_case is None:
            programme, people = make_programme(rules)
            round_ = make_round(programme, day=today(now()))
        else:
            programme, round_ = with_case.programme, with_case.round
            people = dict(with_case.people)
        organisation = make_organisation()
        for role in MembershipRole:
            people[role.value] = make_user(role.value)
            add_member(organisation, user=people[role.value], role=role, by=BY)
        case = make_case_at_agreement(
            round_, organisation, people["applicant"], Decimal(award)
        )
    running = Running(case, round_, programme, people)
    running.do("sign")
    running.do("countersign")
    case.refresh_from_db()
    return running


def open_next(running: Running, clock: Clock, kind: str) -> None:
    """Wait until an evaluation's time has come and let the system open it."""
    clock.to(max(now(), running.stage(kind).opens_at) + dt.timedelta(minutes=1))
    open_stage(running.case, by=BY)


def close_current(running: Running) -> None:
    """Let the system end the evaluation that was passed."""
    close_stage(Case.objects.get(pk=running.case.pk), by=BY)


def bring_to_audit(running: Running, clock: Clock, *, score: str = "88") -> None:
    """All three stages passed, two tranches paid."""
    running.pass_stage("INITIAL")
    running.pay(1)
    open_next(running, clock, "MID")
    running.pass_stage("MID")
    close_current(running)
    running.pay(2)
    open_next(running, clock, "FINAL")
    running.pass_stage("FINAL", score)
    close_current(running)


def bring_to_closing(
    running: Running, clock: Clock, *, score: str = "88", **report: Any
) -> None:
    """The audit report is filed and the closure package handed in."""
    bring_to_audit(running, clock, score=score)
    running.do("file_audit_report", **report)
    running.do("submit_closure")


def targets_of() -> dict[str, Any]:
    """One target of each kind of action; "by" is a head of division."""
    running = make_running_case()
    case, round_ = running.case, running.round
    person = running.reviewer
    with ambient_event():
        panel = Panel.objects.create(
            round=round_,
            name="第一组",
            meets_on=today(now()),
            seed="1",
            drawn_by=running.operator,
        )
        seat = Seat.objects.create(case=case, panel=panel, number=1, reviewer=person)
        notice = Notice.objects.create(
            round=round_,
            text="公示（演示）",
            starts_on=today(now()),
            ends_on=today(now()),
            published_by=running.head,
        )
        objection = Objection.objects.create(
            number=f"YY-{case.pk}", case=case, notice=notice, text="有异议"
        )
    finding = running.do("raise_finding", by=running.auditor)
    return {
        "finding": finding,
        "case": Case.objects.get(pk=case.pk),
        "round": round_,
        "seat": seat,
        "stage": running.stage("INITIAL"),
        "tranche": running.tranche(1),
        "objection": objection,
        "by": running.head,
    }
