"""The demo's people at work: a simulation on the inbox.

Every task that opens is done a few days later by somebody who may do it, unless
the plan of its case leaves it open. Everything goes through
workflows.services.start_case, perform and sweep under the moved clock, so that
each rule is kept and each step is on record.
"""

import heapq
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any

from django.utils.timezone import now

from desk.demo.bodies import case_body, changed, round_body
from desk.demo.clock import Clock, at
from desk.demo.examples import example_of
from desk.demo.house import House
from desk.demo.keeping import BOOK, Days, entries, moment_of
from desk.demo.papers import SCREENSHOT, file_papers
from desk.demo.plan import Plan, RoundPlan
from grants.actions import ACTIONS
from grants.calendar import (
    SHANGHAI,
    is_working_day,
    next_working_day,
    start_of,
    today,
)
from grants.lifecycle import MOVES
from grants.models import Case
from grants.permissions import can_take
from grants.selectors import has_open_hold
from grants.services.programmes import create_round, publish_round
from organisations.models import MembershipRole, User
from workflows.models import WorkItem
from workflows.selectors import PAUSED
from workflows.services import claim, perform, start_case, sweep
from workflows.walking import do, next_timer

#: Days after which people do a task; others take two.
DELAYS = {
    "submit_application": 4,
    "screen": 3,
    "resubmit": 3,
    "confirm_refusal": 2,
    "declare_interest": 1,
    "replace_reviewer": 1,
    "lock_score": 2,
    "confirm_decision": 0,
    "accept_objection": 1,
    "rule_on_objection": 2,
    "revise_plan": 4,
    "report_stage": 5,
    "submit_rectification": 5,
    "file_audit_report": 8,
    "submit_closure": 5,
    "archive": 20,
    "decide_change": 4,
    "submit_repayment": 12,
    "record_repayment": 3,
}
ROUND_ACTIONS_WHEN_OPEN = ("approve_payment", "confirm_decision")
#: What a new task is known by; nothing more is fetched before it is done.
FACTS = (
    "pk",
    "action",
    "case_id",
    "round_id",
    "role",
    "holder_id",
    "opened_at",
    "task__seat__number",
    "task__process__stage__kind",
    "task__process__tranche__seq",
)


class NobodyMay(Exception):
    """The demo has no account that may do an open task."""


class Office:
    """Works through rounds in the order of time, up to the real present."""

    def __init__(
        self,
        house: House,
        clock: Clock,
        *,
        until: datetime,
        tell: Callable[[str], None],
    ) -> None:
        self.house, self.clock, self.until, self.tell = house, clock, until, tell
        self.rounds: dict[int, RoundPlan] = {}
        self.plans: dict[int, Plan] = {}
        self.steps = 0
        self._agenda: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = count()
        self._seen = 0
        self._turns: dict[tuple[int, str], int] = {}
        self._dice = Random(2021)

    def run(self, rounds: Iterable[RoundPlan]) -> None:
        """Set the rounds up and live through them."""
        for round_plan in rounds:
            self._later(
                round_plan.opens_at - timedelta(days=7), self._set_up, round_plan
            )
        while self._go_on():
            self._look()
        self.clock.to(self.until)
        self._sweep()

    # -- the agenda ---------------------------------------------------------------

    def _go_on(self) -> bool:
        """Do what comes next, a timer or an act of somebody; False at the end."""
        timer = next_timer()
        moment = self._agenda[0][0] if self._agenda else self.until
        if timer is not None and timer <= moment:
            self.clock.to(timer + timedelta(seconds=1))
            self._sweep()
            return True
        if not self._agenda:
            return False
        moment, _order, act = heapq.heappop(self._agenda)
        self.clock.to(moment)
        act()
        return True

    def _later(self, moment: datetime, act: Callable[..., None], *args: Any) -> None:
        """Put an act on the agenda, unless it lies after the real present."""
        if moment < self.until:
            entry = (moment, next(self._order), lambda: act(*args))
            heapq.heappush(self._agenda, entry)

    def _step(self) -> None:
        self.steps += 1
        if self.steps % 100 == 0:
            self.tell(f"   {self.steps} steps, {now().astimezone(SHANGHAI):%Y-%m-%d}")

    def _sweep(self) -> None:
        done = sweep()
        if done["failed"]:
            raise RuntimeError(f"{done['failed']} timers failed")
        self._step()

    def _look(self) -> None:
        """Put the tasks that have just opened on the agenda."""
        opened = WorkItem.objects.filter(pk__gt=self._seen, closed_at=None)
        for facts in opened.order_by("pk").values_list(*FACTS, named=True):
            self._seen = facts.pk
            if facts.case_id is None:
                self._plan_batch(facts)
            else:
                self._plan_task(facts)

    # -- rounds -------------------------------------------------------------------

    def _set_up(self, round_plan: RoundPlan) -> None:
        """The operator drafts the round, the bureau publishes it."""
        round_plan.round = create_round(
            self.house.programme, by=self.house["operator1"], **round_plan.fields
        )
        self.rounds[round_plan.round.pk] = round_plan
        self._later(round_plan.opens_at, self._publish, round_plan)
        for plan in round_plan.plans:
            self._later(plan.starts, self._start, round_plan, plan)

    def _publish(self, round_plan: RoundPlan) -> None:
        publish_round(round_plan.round, by=self.house["funder1"])
        self.tell(f"== {round_plan.round.title_zh}")

    def _start(self, round_plan: RoundPlan, plan: Plan) -> None:
        organisation = self.house.organisations[plan.row.organisation]
        by = self.house.member_of(organisation, "applicant")
        plan.case = start_case(round_plan.round, organisation, by=by)
        self.plans[plan.case.pk] = plan
        if round_plan.brings_papers:
            file_papers(plan.case, round_plan.plans.index(plan), by=by)
        for moment, action, who, changes in plan.asides:
            self._later(moment, self._aside, plan, action, who, changes)
        for days in BOOK if round_plan.keeps_ledger else ():
            self._later(moment_of(plan.period, days), self._keep_ledger, plan, days)
        self._step()

    def _plan_batch(self, item: Any) -> None:
        """A batch has its day, some are done whenever there is one to do."""
        if item.action in ROUND_ACTIONS_WHEN_OPEN:
            moment = self._some_time_after(item.opened_at, item.action)
            days = self.rounds[item.round_id].batches.values()
            nexts = [m for moments in days for m in moments if m > moment]
            moment = self._in_office(
                moment, item.action, before=min(nexts, default=None)
            )
        else:
            moments = self.rounds[item.round_id].batches.get(item.action, [])
            moment = next((m for m in moments if m > now()), self.until)
        self._later(moment, self._do_batch, item.pk)

    def _do_batch(self, pk: int) -> None:
        item = self._open_item(pk)
        if item is None:
            return
        turn = self._turns.get((item.round_id, item.action), 0)
        by = self._person_for(item, item.round)
        body = round_body(item, self.rounds[item.round_id], turn, by)
        self._turns[item.round_id, item.action] = turn + 1
        if body is not None:
            self._perform(item, item.round, body, by)
            if item.action == "publish_notice":
                self._plan_objections(self.rounds[item.round_id])
        else:  # the next day of this batch may have something to do
            self._plan_batch(item)

    def _plan_objections(self, round_plan: RoundPlan) -> None:
        second = start_of(next_working_day(today(now()))) + timedelta(hours=34)
        day = min(second, self.until - timedelta(hours=12))
        for plan in round_plan.plans:
            if plan.objection and plan.case is not None:
                plan.case.refresh_from_db()
                if plan.case.status == "IN_NOTICE":
                    self._later(day, self._object, plan, plan.objection)
                    plan.objection = ""

    def _object(self, plan: Plan, name: str) -> None:
        """Somebody without an account objects; an empty name is nobody's."""
        action = ACTIONS["object"]
        body = example_of("object", plan.case, None) | {"name": name}
        form = action.bind_json(plan.case, by=None, body=body)
        perform("object", plan.case, by=None, form=form)
        self._step()

    # -- tasks of a case ------------------------------------------------------------

    def _plan_task(self, item: Any) -> None:
        plan = self.plans[item.case_id]
        keys = keys_of(item)
        if not plan.leave.isdisjoint(keys):
            if item.role and not item.holder_id and item.pk % 3 == 0:
                moment = item.opened_at + timedelta(hours=20)
                self._later(moment, self._claim, item.pk)
            return
        moment = self._some_time_after(item.opened_at, item.action)
        earliest = [plan.moments[key] for key in keys if key in plan.moments]
        moment = self._in_office(max([moment, *earliest]), item.action)
        self._later(moment, self._do_task, item.pk, keys)

    def _in_office(
        self, moment: datetime, action: str, before: datetime | None = None
    ) -> datetime:
        """The same time of the next working day, for what is decided by an office;
        the moment itself where that lies after the real present, or after the day
        of the round that needs the decision."""
        day = today(moment)
        if not ACTIONS[action].confirms or is_working_day(day):
            return moment
        later = moment + (next_working_day(day) - day)
        return later if later < min(self.until, before or self.until) else moment

    def _do_task(self, pk: int, keys: list[str]) -> None:
        item = self._open_item(pk)
        if item is None:
            return
        plan = self.plans[item.case_id]
        if item.action in PAUSED and has_open_hold(item.case):
            self._later(now() + timedelta(days=3), self._do_task, pk, keys)
            return
        if other := plan.instead.pop(item.action, None):  # once: it may come back
            self._leave(plan, other)
            return
        target = item.target
        by = self._person_for(item, target)
        body = case_body(item, target, plan, by)
        changes = next((plan.changes[k] for k in keys if plan.changes.get(k)), None)
        if changes:  # each is for one time only
            body |= changed(item, target, by, changes.pop(0))
        if item.action == "screen" and self.rounds[item.round_id].brings_papers:
            body["screenshot"] = SCREENSHOT
        self._perform(item, target, body, by)

    def _keep_ledger(self, plan: Plan, days: Days) -> None:
        """Record activities and expenses, if the project still runs."""
        case = Case.objects.get(pk=plan.case.pk)
        if case.status not in MOVES["record_service"].sources:
            return
        by = self.house.member_of(case.organisation, "applicant")
        for action, body in entries(case, days, by, splits=plan.splits):
            case = Case.objects.get(pk=case.pk)
            form = ACTIONS[action].bind_json(case, by=by, body=body)
            perform(action, case, by=by, form=form)
            self._step()

    def _leave(self, plan: Plan, action: str) -> None:
        """The organisation withdraws or declines instead of going on."""
        role = "legal_rep" if action == "decline" else "applicant"
        by = self.house.member_of(plan.case.organisation, role)
        plan.case.refresh_from_db()
        body = example_of(action, plan.case, by)
        form = ACTIONS[action].bind_json(plan.case, by=by, body=body)
        perform(action, plan.case, by=by, form=form)
        self._step()

    def _aside(
        self, plan: Plan, action: str, who: str, changes: dict[str, Any]
    ) -> None:
        """Somebody does what is no step: a request, a suspension, a termination."""
        case = Case.objects.get(pk=plan.case.pk)
        members = MembershipRole.values
        by = self.house.member_of(case.organisation, who) if who in members else None
        by = by or self.house[who]
        body = example_of(action, case, by) | changes
        form = ACTIONS[action].bind_json(case, by=by, body=body)
        perform(action, case, by=by, form=form)
        self._step()

    def _claim(self, pk: int) -> None:
        item = self._open_item(pk)
        if item is not None and item.holder_id is None:
            claim(item, by=self._person_for(item, item.target))
            self._step()

    # -- people ---------------------------------------------------------------------

    def _perform(
        self, item: WorkItem, target: Any, body: dict[str, Any], by: User
    ) -> None:
        do(item, target, by=by, body=body)
        self._step()

    def _open_item(self, pk: int) -> WorkItem | None:
        known = ("case__round", "round")
        item = WorkItem.objects.select_related(*known).get(pk=pk)
        return item if item.is_open else None

    def _person_for(self, item: WorkItem, target: Any) -> User:
        """Whose task it is: its holder, or by turns somebody of its group."""
        if item.holder_id is not None:
            return self.house.by_id(item.holder_id)
        if item.membership_role:
            return self.house.member_of(item.organisation, item.membership_role)
        people = self.house.in_role(item.role)
        start = (item.case_id or item.round_id) % len(people)
        for user in (*people[start:], *people[:start]):
            if user.pk != item.excluded_id and can_take(item.action, target, user):
                return user
        raise NobodyMay(f"{item.action} of {item.case or item.round}")

    def _some_time_after(self, moment: datetime, action: str) -> datetime:
        """Some days later in office hours, by dice with a fixed seed."""
        wait = DELAYS.get(action, 2)
        day = today(moment) + timedelta(days=wait)
        hour, minute = self._dice.randrange(9, 17), self._dice.randrange(60)
        later = at(day, hour, minute)
        if later <= moment:
            later = moment + timedelta(minutes=self._dice.randrange(10, 90))
        return later


def keys_of(item: Any) -> list[str]:
    """How a plan may name a task: by what it is about, and by its action."""
    kinds = (
        item.task__seat__number,
        item.task__process__stage__kind,
        item.task__process__tranche__seq,
    )
    about = [f"{item.action}:{kind}" for kind in kinds if kind is not None]
    return [*about, item.action]
