"""Walking one example case through a round under a moved clock."""

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from datetime import time as time_of_day
from decimal import Decimal
from typing import Any

from django.utils.timezone import now
from django.utils.translation import gettext as _

from grants.actions import ACTIONS
from grants.calendar import SHANGHAI, next_working_day, today
from grants.errors import ActionError, WrongState
from grants.forms.programmes import name_of
from grants.lifecycle import ENDED
from grants.models import Case, Role, Round, Status, Tranche, TrancheStatus
from grants.permissions import can_take
from grants.rules import rules_of
from grants.selectors import paid_of
from grants.services.programmes import create_round, publish_round
from grants.services.round_setup import pool_rows
from organisations.models import MembershipRole, User
from workflows.models import Task, WorkItem
from workflows.moved_clock import Clock, clock_from
from workflows.rehearsal.notes import notes_on
from workflows.rehearsal.path import (
    Ending,
    Pace,
    Path,
    Payment,
    Step,
    Stop,
    iso,
    problems_of,
)
from workflows.rehearsal.people import (
    Cast,
    Kind,
    as_many_as_needed,
    as_the_programme_has,
    cast_of,
)
from workflows.rehearsal.sandbox import sandbox
from workflows.selectors import inbox_for
from workflows.services import start_case
from workflows.walking import fresh, next_timer, pass_time, take

#: So many steps no road has.
MOST_STEPS = 400
#: How often a step that waits for another one is tried again, a working day apart.
MOST_TRIES = 120
#: What a round has of its own, and its copy not.
NOT_COPIED = {"id", "code", "programme", "folder", "published_at", "closed_at", "pool"}
#: Acts that show an amount of the case, by its attribute.
AMOUNTS = {
    "submit_application": "requested",
    "award_list": "awarded",
}


class Stopped(Exception):
    """The rehearsal cannot go on."""

    def __init__(self, stop: Stop) -> None:
        super().__init__(stop.ending)
        self.stop = stop


def rehearse(
    round_: Round, *, pace: str = Pace.PROMPT, as_staffed: bool = False
) -> Path:
    """The path of one example case through a round; nothing of it stays.

    A draft is published inside. as_staffed: with as many people in each role as
    the programme has now, instead of as many as its rules need. It moves the
    clock of the process and holds a transaction for some seconds: it is for a
    process of its own, RuntimeError in a thread.
    """
    kinds = (
        as_the_programme_has(round_.programme)
        if as_staffed
        else as_many_as_needed(round_)
    )
    begin = round_.published_at or now()
    began = time.monotonic()
    with sandbox(), clock_from(begin) as clock:
        path = Walk(round_, kinds, clock, Pace(pace)).run()
    path.seconds = round(time.monotonic() - began, 1)
    return path


@dataclass
class Walk:
    """One rehearsal while it runs."""

    original: Round
    kinds: list[Kind]
    clock: Clock
    pace: Pace
    path: Path = field(default_factory=Path)
    #: When an item that waits for another step is tried again, and how often it was.
    put_off: dict[int, tuple[datetime, int]] = field(default_factory=dict)
    cast: Cast = field(init=False)
    round: Round = field(init=False)
    case: Case = field(init=False)

    def run(self) -> Path:
        try:
            self.set_up()
            while self.case.status != Status.ARCHIVED:
                self.go_on()
        except Stopped as stopped:
            self.path.stop = stopped.stop
        if hasattr(self, "case"):
            self.add_up()
        return self.path

    # -- before the first step -------------------------------------------------------

    def set_up(self) -> None:
        """The people, the round's copy, published, and a draft of the applicant."""
        self.cast = cast_of(self.original, self.kinds)
        officer = self.cast.one(Role.FUNDER)
        if officer is None:
            raise Stopped(self.nobody("publish_round", Role.FUNDER))
        try:
            self.round = self.copy_of_round(officer)
            publish_round(self.round, by=officer)
        except ActionError as error:
            stop = self.stopped(Ending.REFUSED, "publish_round", Role.FUNDER)
            stop.problems = problems_of(error, name_of)
            raise Stopped(stop) from error
        self.note(Step(iso(now()), "publish_round", Role.FUNDER, ""))
        self.clock.to(self.round.opens_at + timedelta(hours=1))
        applicant = self.cast.by_role[MembershipRole.APPLICANT][0]
        try:
            case = start_case(self.round, self.cast.organisation, by=fresh(applicant))
        except ActionError as error:
            role = MembershipRole.APPLICANT
            stop = self.stopped(Ending.REFUSED, "create_draft", role)
            stop.problems = problems_of(error, {})
            raise Stopped(stop) from error
        self.case = Case.objects.get(pk=case.pk)
        self.note(
            Step(iso(now()), "create_draft", MembershipRole.APPLICANT, self.case.status)
        )

    def copy_of_round(self, by: User) -> Round:
        """The round as it stands, in the programme of the rehearsal."""
        names = [f.name for f in Round._meta.fields if f.name not in NOT_COPIED]
        values = {name: getattr(self.original, name) for name in names}
        values["pools"] = pool_rows(self.original)
        code = self.cast.programme.code.lower()
        return create_round(self.cast.programme, by=by, code=code, **values)

    # -- one thing after the other -----------------------------------------------------

    def go_on(self) -> None:
        """Do what comes next: the earliest item, or the date before it."""
        if self.case.status in ENDED:
            raise Stopped(self.stopped(Ending.ENDED, last=True))
        if len(self.path.steps) >= MOST_STEPS:
            raise Stopped(self.stopped(Ending.STUCK))
        items = [(self.moment_of(item), item.pk, item) for item in self.open_items()]
        timer = next_timer(self.case)
        if items and (timer is None or min(items)[0] < timer):
            moment, _pk, item = min(items)
            self.clock.to(moment)
            self.work(item)
        elif timer is not None:
            self.clock.to(timer + timedelta(seconds=1))
            self.let_time_pass()
        else:
            raise Stopped(self.stopped(Ending.STUCK))
        self.case = Case.objects.select_related("round").get(pk=self.case.pk)

    def open_items(self) -> list[WorkItem]:
        found = WorkItem.objects.filter(round=self.round, closed_at=None)
        return list(found.exclude(action="close_round").order_by("pk"))

    def moment_of(self, item: WorkItem) -> datetime:
        """When an item is done: the next working day, or as late as it may be."""
        if item.pk in self.put_off:
            return self.put_off[item.pk][0]
        prompt = morning_after(item.opened_at)
        moment = prompt
        if item.due_at is not None:
            last = item.due_at - timedelta(hours=1)
            moment = max(prompt, last) if self.pace == Pace.LAST else prompt
            moment = max(item.opened_at, min(moment, last))
        if item.action == "open_review":  # the other applications come until then
            moment = max(moment, self.round.closes_at)
        if item.action == "decide_list" and self.pace == Pace.LAST:
            moment = max(moment, self.round.review_ends_at)
        return moment

    def work(self, item: WorkItem) -> None:
        """Let whoever finds an item in the inbox do it; Stopped if nobody can."""
        refusal: tuple[ActionError, Any] | None = None
        for user in self.people_for(item):
            found = inbox_for(user).filter(pk=item.pk).first()
            if found is None or not can_take(found.action, found.target, user):
                continue
            try:
                step, form = self.step_of(found, user)
                take(found, user)
            except WrongState as error:
                self.wait(item, error)
                return
            except ActionError as error:
                form = getattr(error, "form", None) or self.form_of(found, user)
                refusal = refusal or (error, form.fields)
            else:
                self.finish(step, found)
                return
        stop = self.nobody(item.action, who_of(item), about_of(item))
        if refusal is not None:
            stop.ending = Ending.REFUSED
            stop.problems = problems_of(*refusal)
        raise Stopped(stop)

    def people_for(self, item: WorkItem) -> list[User]:
        if item.holder_id is not None:
            return [User.objects.get(pk=item.holder_id)]
        people = self.cast.by_role[item.membership_role or item.role]
        return [fresh(user) for user in people]

    def wait(self, item: WorkItem, error: WrongState) -> None:
        """It waits for another step: try again on the next working day."""
        _moment, tries = self.put_off.get(item.pk, (now(), 0))
        if tries >= MOST_TRIES:
            stop = self.stopped(Ending.REFUSED, item.action, who_of(item))
            stop.problems = problems_of(error, {})
            raise Stopped(stop)
        self.put_off[item.pk] = (morning_after(now()), tries + 1)

    def let_time_pass(self) -> None:
        """A date arrives: what was waited for goes on."""
        before = self.case.status
        fired: list[Task] = pass_time(self.case)
        self.case.refresh_from_db()
        for task in fired:
            title = str(getattr(task.flow_task, "task_title", "") or "")
            if title or self.case.status != before:
                self.note(
                    Step(iso(now()), "fire_timer", "", self.case.status, about=title)
                )

    # -- what is told -----------------------------------------------------------------

    def form_of(self, item: WorkItem, user: User) -> Any:
        return ACTIONS[item.action].form(target=item.target, by=user)

    def step_of(self, item: WorkItem, user: User) -> tuple[Step, Any]:
        """The step as it is about to be done: its papers are asked before."""
        form = self.form_of(item, user)
        papers = {**form.document_fields(), **form.files_fields()}
        documents = [str(made.label) for made in papers.values() if made.label]
        step = Step(
            at=iso(now()),
            action=item.action,
            who=who_of(item),
            status="",
            about=about_of(item),
            due=iso(item.due_at),
            late=item.due_at is not None and now() > item.due_at,
            documents=documents,
        )
        return step, form

    def finish(self, step: Step, item: WorkItem) -> None:
        self.case.refresh_from_db()
        step.status = self.case.status
        if step.action in AMOUNTS:
            step.amount = yuan(getattr(self.case, AMOUNTS[step.action]))
        elif isinstance(item.target, Tranche):
            step.amount = yuan(item.target.amount)
        self.put_off.clear()  # what waited may go on
        self.note(step)

    def note(self, step: Step) -> None:
        self.path.steps.append(step)

    def add_up(self) -> None:
        """Amounts of the case as it stands at the end, and what to look at."""
        case, path = self.case, self.path
        path.requested, path.awarded = yuan(case.requested), yuan(case.awarded)
        path.paid = yuan(paid_of(case))
        shares = rules_of(case).shares
        for tranche in case.tranches.filter(status=TrancheStatus.PAID).order_by("seq"):
            share = f"{(shares[tranche.seq - 1] * 100).normalize():f}"
            day = tranche.paid_on.isoformat() if tranche.paid_on else ""
            path.payments.append(Payment(tranche.seq, share, yuan(tranche.amount), day))
        path.notes = notes_on(path, self.round)

    def stopped(
        self, ending: Ending, action: str = "", who: str = "", *, last: bool = False
    ) -> Stop:
        """Where it stands now; `last`: the last step is what led there."""
        stop = Stop(ending, iso(now()), action, who)
        stop.status = self.case.status if hasattr(self, "case") else ""
        if last and self.path.steps:
            step = self.path.steps[-1]
            stop.action, stop.who, stop.about = step.action, step.who, step.about
        return stop

    def nobody(self, action: str, who: str, about: str = "") -> Stop:
        stop = self.stopped(Ending.NOBODY, action, who)
        stop.about = about
        return stop


def yuan(amount: Decimal | None) -> str:
    """CNY with two places, "" for none."""
    return "" if amount is None else f"{amount:.2f}"


def morning_after(moment: datetime) -> datetime:
    """Ten o'clock of the next working day in Shanghai."""
    day = next_working_day(today(moment))
    return datetime.combine(day, time_of_day(10), SHANGHAI)


def who_of(item: WorkItem) -> str:
    """The role that an item waits for; a seat is a reviewer's."""
    return str(item.membership_role or item.role or Role.REVIEWER)


def about_of(item: WorkItem) -> str:
    """Which stage, payment or seat an item is about."""
    process = item.task.process if item.task_id else None
    if item.task_id and item.task.seat_id:
        return _("seat %(number)s") % {"number": item.task.seat.number}
    if process is not None and process.stage_id:
        return str(process.stage.get_kind_display())
    if process is not None and process.tranche_id:
        return _("payment %(number)s") % {"number": process.tranche.seq}
    return ""
