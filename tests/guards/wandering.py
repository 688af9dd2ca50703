"""One random step after another, legal and illegal, and what must hold after each.

A `Wanderer` chooses by its own random numbers; the same seed gives the same
choices on the same code. What may happen to a case in one click is written
down here by hand (FLOWS.md), not taken from grants.lifecycle.
"""

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.utils.timezone import now

from grants.actions import ACTIONS
from grants.errors import ActionError
from grants.models import Case, Finding, Objection, Round, Seat, Stage, Tranche
from organisations.models import MembershipRole, User
from tests.guards.world import World, attempt, make_round
from workflows import services
from workflows.models import WorkItem
from workflows.open import violations_of
from workflows.walking import next_timer

#: Where one click, or one timer, may lead a case.
EDGES = {
    "DRAFT": "SCREENING EXPIRED WITHDRAWN",
    "SCREENING": "ELIGIBLE CORRECTION INELIGIBLE WITHDRAWN",
    "CORRECTION": "SCREENING INELIGIBLE WITHDRAWN",
    "ELIGIBLE": "UNDER_REVIEW WITHDRAWN",
    "UNDER_REVIEW": "SCORED LAPSED",
    "SCORED": "PROPOSED WAITLISTED REJECTED LAPSED",
    "PROPOSED": "DECIDED LAPSED",
    "WAITLISTED": "PROPOSED REJECTED LAPSED",
    "DECIDED": "IN_NOTICE LAPSED",
    "IN_NOTICE": "REVISION AGREEMENT CANCELLED LAPSED",
    "REVISION": "AGREEMENT LAPSED",
    "AGREEMENT": "RUNNING_INITIAL LAPSED",
    "RUNNING_INITIAL": "MID_EVAL TERMINATED CLAWBACK",
    "MID_EVAL": "RUNNING_FINAL TERMINATED CLAWBACK",
    "RUNNING_FINAL": "FINAL_EVAL TERMINATED CLAWBACK",
    "FINAL_EVAL": "AUDIT TERMINATED CLAWBACK",
    "AUDIT": "CLOSING TERMINATED CLAWBACK",
    "CLOSING": "CLOSED TERMINATED CLAWBACK",
    "CLOSED": "ARCHIVED",
    "CLAWBACK": "CLAWBACK_DONE",
    # reopened by two people: back to where they ended
    "EXPIRED": "DRAFT",
    "INELIGIBLE": "SCREENING CORRECTION",
    "REJECTED": "SCORED WAITLISTED",
    "WITHDRAWN": "DRAFT SCREENING CORRECTION ELIGIBLE",
    "CANCELLED": "IN_NOTICE",
    "LAPSED": "UNDER_REVIEW SCORED PROPOSED WAITLISTED DECIDED IN_NOTICE REVISION "
    "AGREEMENT",
    "TERMINATED": "RUNNING_INITIAL MID_EVAL RUNNING_FINAL FINAL_EVAL AUDIT CLOSING",
}
#: A click, and at most one automatic step that follows it at once
#: (the last score closes the panel, the last grade closes the stage).
MOST_VERSIONS = 2
KINDS = {
    "seat": Seat,
    "stage": Stage,
    "tranche": Tranche,
    "objection": Objection,
    "finding": Finding,
}
#: What an auditor does of their own accord.
FINDINGS = ("raise_finding", "refer_finding")
WORDS = ("reason", "remarks", "findings", "text", "comment")
JUNK: tuple[Any, ...] = (
    "",
    " ",
    None,
    0,
    -1,
    "-0.01",
    "1e400",
    "NaN",
    True,
    [],
    {},
    [{}],
    "x" * 5000,
    "\x00",
    "=1+1",
    "<script>",
    "2026-02-30",
    "9999999999999999.99",
    {"name": "../../a.pdf", "content_base64": "!!"},
)


class Wanderer:
    """Walks about in one world; `check` raises when something does not hold."""

    def __init__(self, world: World, seed: int, clock: Any = None) -> None:
        self.world, self.rng, self.clock = world, Random(seed), clock
        self.told: Counter[str] = Counter()
        self.done: Counter[str] = Counter()

    # -- choosing -------------------------------------------------------------------

    def step(self) -> str:
        """One action, legal or not; the clock moves now and then."""
        kind = self.rng.random()
        if self.clock is not None and kind < 0.06:
            return self.let_time_pass()
        if kind < 0.50:
            return self.do_something_open() or self.let_time_pass()
        if kind < 0.58:
            return self.send_something_broken()
        if kind < 0.60:
            return self.leave_or_object()
        if kind < 0.62:
            return self.go_another_way()
        if kind < 0.66:
            return self.hold_something()
        return self.try_anything()

    def do_something_open(self) -> str:
        """A legal step, in most cases the example, in some another outcome."""
        items = list(self.items())
        self.rng.shuffle(items)
        for item in items[:4]:
            people = self.world.who_may(item)
            if people:
                by = self.rng.choice(people)
                return self.attempt(item.action, item.target, by, item=item, vary=True)
        return ""

    def send_something_broken(self) -> str:
        """The right person, the right moment, a body with junk in it."""
        items = list(self.items())
        if not items:
            return self.try_anything()
        item = self.rng.choice(items)
        people = self.world.who_may(item)
        if not people:
            return ""
        by = self.rng.choice(people)
        body = dict(ACTIONS[item.action].example(item.target, by))
        names = sorted(body) or ["nothing"]
        for name in self.rng.sample(names, k=min(len(names), self.rng.randint(1, 3))):
            body[name] = self.rng.choice(JUNK)
        return self.attempt(item.action, item.target, by, body=body, item=item)

    def leave_or_object(self) -> str:
        name = self.rng.choice(("withdraw", "decline", "object", "object"))
        case = self.case()
        members = self.world.members[case.organisation_id]
        role = self.rng.choice((MembershipRole.APPLICANT, MembershipRole.LEGAL_REP))
        by = None if name == "object" else members[role]
        return self.attempt(name, case, by)

    def go_another_way(self) -> str:
        """An officer or the organisation leaves the road, or wants it back."""
        case = self.case()
        if case.status == "UNDER_REVIEW":
            by = self.rng.choice(self.world.people["operator"])
            name = self.rng.choice(("reopen_score", "vacate_seat"))
            return self.attempt(name, case, by)
        running = case.status in EDGES and "CLAWBACK" in EDGES[case.status].split()
        beside = ("request_change", "suspend", "terminate", *FINDINGS)
        name = self.rng.choice(beside if running else ("reopen",))
        members = self.world.members[case.organisation_id]
        by = (
            members[MembershipRole.APPLICANT]
            if name == "request_change"
            else self.rng.choice(self.world.people["funder"])
        )
        if name in FINDINGS:
            by = self.rng.choice(self.world.people["auditor"])
        changes = {}
        if name == "terminate":
            ground = self.rng.choice(("AGREEMENT", "CAUSE", "FRAUD"))
            changes = {"ground": ground, "accepted_expenditure": "1000.00"}
        return self.attempt(name, case, by, **changes)

    def hold_something(self) -> str:
        """Claim, release or hand over a task, mine or not."""
        items = list(self.items())
        if not items:
            return ""
        item, by = self.rng.choice(items), self.person()
        people = self.world.who_may(item)
        if people and self.rng.random() < 0.7:
            by = self.rng.choice(people)
        verb = self.rng.choice(("claim", "release", "reassign"))
        try:
            if verb == "reassign":
                services.reassign(item, to=self.person(), by=by)
            else:
                getattr(services, verb)(item, by=by)
        except ActionError as error:
            return self.note(verb, f"{error.http_status} {error.code}")
        return self.note(verb, "done")

    def try_anything(self) -> str:
        """Any action, about anything, by anybody."""
        name = self.rng.choice(sorted(ACTIONS))
        of = ACTIONS[name].of
        if of == "round":
            return self.attempt(name, self.world.round, self.person())
        target: Any = self.case()
        if of != "case":
            rows = KINDS[of].objects.filter(case=target).select_related("case__round")
            target = self.rng.choice(list(rows) or [None])
        if target is None:
            return ""
        return self.attempt(name, target, self.person())

    def let_time_pass(self) -> str:
        """Some hours, some days, or until the next timer; then the sweep."""
        if self.clock is None:
            return ""
        due = next_timer()
        if due is not None and self.rng.random() < 0.6:
            self.clock.to(max(due, now()))
        else:
            self.clock.to(now() + timedelta(hours=self.rng.choice((1, 20, 70))))
        result = services.sweep()
        assert result["failed"] == 0
        return self.note("sweep", "done")

    def case(self) -> Case:
        cases = Case.objects.filter(round=self.world.round).select_related("round")
        return self.rng.choice(list(cases.order_by("pk")))

    def items(self) -> Any:
        return self.world.open_items()

    def person(self) -> User:
        return self.rng.choice(self.world.everybody)

    # -- acting ---------------------------------------------------------------------

    def attempt(
        self,
        name: str,
        target: Any,
        by: User | None,
        *,
        body: dict[str, Any] | None = None,
        item: WorkItem | None = None,
        vary: bool = False,
        **changes: Any,
    ) -> str:
        if vary and self.rng.random() < 0.35:
            body = self.another_outcome(name, target, by)
        version = None
        if not isinstance(target, Round) and self.rng.random() < 0.05:
            version = target.case.version - self.rng.choice((0, 1))
        if name == "open_review":
            changes["seed"] = str(self.rng.random())
        told = attempt(
            name, target, by=by, body=body, item=item, version=version, **changes
        )
        return self.note(name, told)

    def another_outcome(self, name: str, target: Any, by: Any) -> dict[str, Any]:
        """The example with its choices drawn by lot, and everything explained."""
        action = ACTIONS[name]
        schema = action.schema(target, by)["properties"]
        body = dict(action.example(target, by))
        for field, rule in schema.items():
            if "enum" in rule and rule["enum"] and field == "outcome":
                body[field] = self.rng.choice(rule["enum"])
            elif field in WORDS and rule.get("type") == "string":
                body[field] = "说明理由"
        if name == "screen":
            body["fields"] = self.rng.choice(
                (["title"], ["amount"], ["plan", "budget"])
            )
            if body["outcome"] == "REFUSE":
                self.rng.choice(body["checks"])["verdict"] = "FAIL"
        if name == "declare_interest":
            body["conflict"] = self.rng.random() < 0.5
        if name == "decide_list":
            for line in body["lines"]:
                line["outcome"] = self.rng.choice(("AWARD", "AWARD", "WAITLIST"))
                line["reason"] = "委员会综合考虑"
                wanted = Decimal(line["amount"] or 100000)
                line["amount"] = str(wanted - self.rng.choice((0, 0, 1000)))
        return body

    def note(self, name: str, told: str) -> str:
        self.told[told.split(" {")[0]] += 1
        if told == "done":
            self.done[name] += 1
        return f"{name}: {told}"

    # -- beginning anew ---------------------------------------------------------------

    def is_over(self) -> bool:
        """Whether nothing is open in the round any more."""
        return not WorkItem.objects.filter(
            round=self.world.round, closed_at=None
        ).exists() and not (next_timer())

    def begin(self, year: int) -> None:
        """A round of a year, and a draft of every organisation in it."""
        world = self.world
        if self.clock is not None:
            self.clock.to(f"{year}-03-02 09:00")
        if world.round.year != year:
            opens = f"{year}-03-02 09:00"
            by = world.one("funder")
            world.round = make_round(world.programme, opens=opens, by=by)
        for index in range(len(world.organisations)):
            world.start(index)


# -- what must hold -----------------------------------------------------------------


def snapshot(world: World) -> dict[int, tuple[str, int]]:
    """Status and version of every case of the round."""
    rows = Case.objects.filter(round=world.round).values_list("pk", "status", "version")
    return {pk: (status, version) for pk, status, version in rows}


def overpaid(world: World) -> list[str]:
    """Cases to which more was paid than was awarded."""
    paid = Sum("tranches__amount", filter=Q(tranches__status="PAID"))
    rows = Case.objects.filter(round=world.round).order_by().annotate(paid=paid)
    return list(rows.filter(paid__gt=F("awarded")).values_list("code", flat=True))


def open_twice(world: World) -> list[Any]:
    """Steps of the same thing that are open more than once."""
    rows = WorkItem.objects.filter(round=world.round, closed_at=None).order_by()
    named = ("case", "action", "node", "task__process", "task__seat")
    return list(rows.values(*named).annotate(n=Count("pk")).filter(n__gt=1))


def broken(world: World, before: dict[int, tuple[str, int]], told: str) -> list[str]:
    """What does not hold after a step; `told` is what the step answered."""
    found = []
    after = snapshot(world)
    moved = {pk for pk, state in after.items() if before.get(pk) != state}
    if moved and " done" not in told:
        found.append(f"refused, yet changed: {moved}")
    for pk in moved & set(before):
        (was, old), (status, new) = before[pk], after[pk]
        if status != was and status not in EDGES.get(was, "").split():
            found.append(f"{was} → {status} in one step")
        if not old < new <= old + MOST_VERSIONS and not told.startswith("sweep"):
            found.append(f"version {old} → {new} in one step")
    for case in Case.objects.filter(pk__in=moved):
        found += violations_of(case)
    found += [f"{code}: more paid than awarded" for code in overpaid(world)]
    return found
