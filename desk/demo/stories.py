"""The demo's rounds: one of 2021, and three around the day of the seeding.

Together their cases stand in every status that the road reaches. These three
count days back from today, so that running projects have their ends before them
whenever the demo is made.
"""

from datetime import date, datetime, timedelta
from typing import Any

from desk.demo.clock import at
from desk.demo.data import ProjectRow, awarded, others
from desk.demo.plan import Plan, RoundPlan
from desk.demo.round_2021 import round_of_2021
from desk.demo.twists import (
    BREACH,
    CONFLICT,
    CORRECT,
    NEW_LEADER,
    RECTIFY,
    REFUSE,
    REOPEN,
    SUSPEND,
    period,
    round_fields,
    spent,
)
from grants.calendar import next_working_day

AWARDS = {row.seq: row for row in awarded()}
OTHERS = {row.seq: row for row in others()}
#: Served by applicant1 and applicant3, and by applicant2.
FIRST, SECOND = AWARDS[1], AWARDS[18]


def second(row: ProjectRow) -> str:
    """A project that was funded in 2021 comes again under this name."""
    return f"{row.title}（二期）" if AWARDS.get(row.seq) == row else row.title


# -- the projects that run now ------------------------------------------------------


def running_round(today: date) -> RoundPlan:
    """Awarded about a year ago: every status of a project, some overdue."""

    def back(days: int) -> date:
        return today - timedelta(days=days)

    def plan(
        row: ProjectRow, starts: int, months: int, *leave: str, **facts: Any
    ) -> Plan:
        begun, left = at(back(398 - len(plans)), 10), frozenset(leave)
        facts.setdefault("title", second(row))
        return Plan(row, begun, period(back(starts), months), leave=left, **facts)

    plans: list[Plan] = []
    add = plans.append
    add(plan(FIRST, 186, 12, "report_stage:MID", merit=0.95))
    add(plan(AWARDS[34], 270, 6, "archive"))
    add(plan(AWARDS[10], 262, 6, "request_payment:3"))
    add(plan(AWARDS[15], 250, 6, "submit_closure"))
    add(plan(AWARDS[20], 248, 6, "record_refund", changes=spent("139900.00")))
    add(plan(AWARDS[24], 246, 6, "close_project"))
    add(plan(AWARDS[33], 232, 6, "file_audit_report"))
    add(plan(AWARDS[38], 203, 6, "visit_site:FINAL"))
    add(
        plan(
            AWARDS[46],
            260,
            10,
            "decide_change",
            asides=[(at(back(3), 10), *NEW_LEADER)],
        )
    )  # RUNNING_FINAL
    add(plan(AWARDS[49], 205, 12, "grade_stage:MID", splits=True))
    add(
        plan(
            AWARDS[53],
            214,
            12,
            "submit_rectification",
            changes={"grade_stage:MID": [RECTIFY]},
            moments={"grade_stage:MID": at(back(5), 15)},
        )
    )
    add(plan(AWARDS[55], 250, 12, "report_stage:MID", "decide_on_failure"))
    breach = [(at(back(55), 10), *BREACH)]
    add(plan(AWARDS[12], 250, 12, "submit_repayment", asides=breach))  # overdue
    changed = [(at(back(12), 10), *NEW_LEADER)]
    add(plan(AWARDS[60], 30, 6, asides=changed))  # RUNNING_INITIAL, its stage passed
    add(plan(AWARDS[63], 12, 6, "check_materials:INITIAL", "request_payment:1"))
    suspended = [(at(back(4), 10), *SUSPEND)]
    add(plan(AWARDS[70], 25, 6, "register_receipt:1", "resume", asides=suspended))
    return RoundPlan(
        round_fields(
            f"gyct-{back(400):%Y}",
            (
                f"{back(400).year}年度社会组织公益创投（演示）",
                f"Public-interest grants {back(400).year} (demo)",
            ),
            [at(back(400)), at(back(375), 17), at(back(345), 17), at(back(200), 17)],
            (back(300), today + timedelta(days=190)),
        ),
        {
            "open_review": [at(back(366))],
            "decide_list": [at(back(348))],
            "record_meeting": [at(back(342))],
            "publish_notice": [at(back(340))],
            "award_list": [at(back(322))],
        },
        plans,
        keeps_ledger=True,
        brings_papers=True,
    )


# -- the round that is being decided -------------------------------------------------


def deciding_round(today: date) -> RoundPlan:
    """In the middle of things: from screening to agreement, side by side."""

    def back(days: int, hour: int = 9) -> datetime:
        return at(today - timedelta(days=days), hour)

    window = period(today + timedelta(days=25), 12)

    def plan(row: ProjectRow, group: int | None, *leave: str, **facts: Any) -> Plan:
        begun = back(119 - len(plans), 10)
        facts.setdefault("title", second(row))
        left = frozenset(leave)
        return Plan(row, begun, window, group=group, leave=left, **facts)

    plans: list[Plan] = []
    add = plans.append
    # group 0: awarded, wait-listed, rejected, objected to
    add(plan(SECOND, 0, "revise_plan", merit=0.92))
    add(plan(AWARDS[3], 0, "accept_plan"))
    add(plan(AWARDS[16], 0, "sign"))
    add(plan(AWARDS[19], 0, "countersign"))
    add(plan(AWARDS[30], 0, "rule_on_objection", objection="附近居民（演示）"))
    add(plan(AWARDS[41], 0, merit=0.72, outcome="WAITLIST"))
    # group 1: its notice is over, the award letter is due
    add(plan(AWARDS[45], 1))
    # group 2: in notice, one of them with a fresh objection
    add(plan(AWARDS[47], 2))
    add(plan(AWARDS[50], 2, "accept_objection", objection="项目所在社区居民（演示）"))
    # groups 3 and 4: approved by the meeting, proposed to it
    add(plan(AWARDS[52], 3))
    add(plan(AWARDS[71], 4))
    add(plan(OTHERS[7], 4, merit=0.55, outcome="REJECT"))
    # group 5: scored after the committee had met
    for number in (75, 79):
        add(plan(AWARDS[number], 5))
    # group 6: being reviewed
    add(plan(AWARDS[80], 6, "lock_score:1", "lock_score:2", "lock_score:5"))
    add(
        plan(
            AWARDS[82],
            6,
            "replace_reviewer",
            "declare_interest:4",
            "lock_score",
            changes={"declare_interest:3": [CONFLICT]},
        )
    )
    # not reviewed yet
    withdrawn = {"screen": "withdraw"}
    reopened = [(back(80), *REOPEN)]
    add(plan(AWARDS[85], None, instead=withdrawn, asides=reopened))
    add(plan(OTHERS[12], None, "screen"))
    add(plan(OTHERS[19], None, "confirm_refusal", changes=REFUSE))
    correct = plan(OTHERS[24], None, "resubmit", changes=CORRECT)
    correct.moments["screen"] = back(3, 11)
    add(correct)
    for each in plans:
        each.moments.setdefault("screen", back(88))
    for each in (p for p in plans if p.group == 5):
        each.moments["lock_score:5"] = back(1, 15)
    year, noticed = back(120).year, 4
    while next_working_day(today - timedelta(days=noticed)) >= today:
        noticed += 1  # objections are heard from the first working day on
    met, decided = max(6, noticed + 1), max(10, noticed + 2)
    return RoundPlan(
        round_fields(
            f"gyct-{year}-2",
            (
                f"{year}年度社会组织公益创投第二批（演示）",
                f"Public-interest grants {year}, second call (demo)",
            ),
            [back(120), back(92, 17), back(2, 17), at(window[0], 17)],
            window,
        ),
        {
            "open_review": [
                *(back(d) for d in (55, 44, 26, 12, 5)),
                back(5, 11),
                back(5, 13),
            ],
            "decide_list": [back(46), back(28), back(decided), back(3), back(1)],
            "record_meeting": [back(42), back(18), back(met), back(2)],
            "publish_notice": [back(38), back(14), back(noticed)],
            "award_list": [back(9)],
        },
        plans,
        brings_papers=True,
    )


# -- the open call --------------------------------------------------------------------


def open_round(today: date) -> RoundPlan:
    """A call that has just opened; applicant1 has not applied yet."""
    opens, closes = today - timedelta(days=9), today + timedelta(days=26)
    year = (today + timedelta(days=60)).year
    window = period(today + timedelta(days=120), 12)

    def plan(row: ProjectRow, offset: int, *leave: str) -> Plan:
        begun = at(opens + timedelta(days=offset), 11)
        return Plan(row, begun, window, group=None, leave=frozenset(leave))

    return RoundPlan(
        round_fields(
            f"gyct-{year}-open",
            (
                f"{year}年度社会组织公益创投新一轮征集（演示）",
                f"Public-interest grants {year}, new call (demo)",
            ),
            [
                at(opens),
                at(closes, 17),
                at(closes + timedelta(days=40), 17),
                at(closes + timedelta(days=300), 17),
            ],
            window,
        ),
        {},
        [
            plan(SECOND, 2, "submit_application"),
            plan(OTHERS[1], 1, "screen"),
            plan(OTHERS[3], 1, "screen"),
            plan(OTHERS[22], 6, "submit_application"),
        ],
    )


def all_rounds(today: date, *, small: bool = False) -> list[RoundPlan]:
    """Every round of the demo, the earliest first."""
    return [
        round_of_2021(small=small),
        running_round(today),
        deciding_round(today),
        open_round(today),
    ]
