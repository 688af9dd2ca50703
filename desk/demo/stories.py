"""The demo's rounds: one of 2021, and three around the day of the seeding.

Together their cases stand in every status that the road reaches. The calendar of
2021 is OFFICER §3; the others count days back from today, so that running
projects have their ends before them whenever the demo is made.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from desk.demo.clock import at
from desk.demo.data import ProjectRow, awarded, others
from desk.demo.plan import Plan, RoundPlan
from grants.services.applying import months_after

AWARDS = {row.seq: row for row in awarded()}
OTHERS = {row.seq: row for row in others()}
#: Served by applicant1 and applicant3, and by applicant2.
FIRST, SECOND = AWARDS[1], AWARDS[18]

Changes = dict[str, list[dict[str, Any]]]
CORRECT: Changes = {
    "screen": [
        {
            "outcome": "CORRECTION",
            "fields": ["objectives", "plan"],
            "reason": "请补充可量化的目标，并写明各阶段的时间安排。",
        }
    ]
}
REFUSE: Changes = {
    "screen": [
        {
            "outcome": "REFUSE",
            "fields": [],
            "reason": "与该单位正在实施的同类项目内容重复。",
        }
    ]
}
CONFLICT = {"conflict": True, "reason": "曾任申报单位顾问。"}
RECTIFY = {
    "outcome": "RECTIFY",
    "score": "56.0",
    "remarks": "活动签到表不完整，支出未单独核算，限期整改。",
}
FAIL = {
    "outcome": "FAIL",
    "score": "41.0",
    "remarks": "半数活动未开展，服务对象无法核实。",
}


def period(starts: date, months: int) -> tuple[date, date]:
    """A project's time: whole months."""
    return starts, months_after(starts, months) - timedelta(days=1)


def round_fields(
    code: str, titles: tuple[str, str], days: list[datetime], window: tuple[date, date]
) -> dict[str, Any]:
    """The fields of a round; days: opens, closes, review ends, round ends."""
    year = days[0].year
    return {
        "code": code,
        "title_zh": titles[0],
        "title_en": titles[1],
        "year": year,
        "tier": "CITY",
        "pool": Decimal("14200000.00"),
        "cap": Decimal("300000.00"),
        "fund_source": "福利彩票公益金（演示）",
        "budget_document": f"杭财社〔{year}〕演示1号",
        "opens_at": days[0],
        "closes_at": days[1],
        "review_ends_at": days[2],
        "ends_at": days[3],
        "project_starts_on": window[0],
        "project_ends_on": window[1],
    }


# -- 2021 ------------------------------------------------------------------------


def round_of_2021() -> RoundPlan:
    """Over: archived, refused, rejected, withdrawn, lapsed, terminated."""
    day = date(2021, 3, 8)
    window = period(date(2021, 7, 1), 12)

    def plan(row: ProjectRow, offset: int, **facts: Any) -> Plan:
        return Plan(row, at(day + timedelta(days=offset), 10), window, **facts)

    year = 2021
    summer = {
        "file_audit_report": at(date(2022, 7, 20)),
        "submit_closure": at(date(2022, 8, 8)),
        "request_payment:3": at(date(2022, 9, 5)),
        "archive": at(date(2022, 12, 6)),
    }
    decline = {"revise_plan": "decline"}
    plans = [
        plan(FIRST, 1, moments=summer, merit=0.93, changes=CORRECT),
        plan(
            SECOND,
            2,
            moments=summer,
            changes={"declare_interest:2": [CONFLICT], "grade_stage:MID": [RECTIFY]},
        ),
        plan(AWARDS[29], 3, moments=summer, changes=spent("223700.00")),
        plan(
            AWARDS[84],
            4,
            moments=summer,
            merit=0.74,
            outcome="WAITLIST",
            place=True,
            objection="邻近社区居民（演示）",
        ),
        plan(AWARDS[43], 5, merit=0.8, changes={"grade_stage:MID": [FAIL], **END}),
        plan(
            AWARDS[57],
            6,
            objection="某社会组织（演示）",
            changes={"rule_on_objection": [UPHOLD]},
        ),
        plan(AWARDS[66], 7, leave=frozenset({"sign"})),
        plan(AWARDS[74], 8, instead=decline),
        plan(OTHERS[2], 9, merit=0.56, outcome="REJECT"),
        plan(OTHERS[14], 10, merit=0.7, outcome="WAITLIST"),
        plan(OTHERS[4], 11, instead={"screen": "withdraw"}),
        plan(OTHERS[9], 12, leave=frozenset({"submit_application"})),
        plan(OTHERS[11], 13, changes=REFUSE | REFUSED),
        plan(OTHERS[17], 14, leave=frozenset({"resubmit"}), changes=CORRECT),
    ]
    for each in plans:
        each.moments = {"screen": at(date(2021, 4, 8)), **each.moments}
    return RoundPlan(
        round_fields(
            "gyct-2021",
            ("2021年度社会组织公益创投（演示）", "Public-interest grants 2021 (demo)"),
            [
                at(day, 9),
                at(date(year, 4, 6), 17),
                at(date(year, 5, 17), 17),
                at(date(year, 12, 31), 17),
            ],
            window,
        ),
        {
            "open_review": [at(date(year, 5, 6))],
            "decide_list": [at(date(year, 5, 20))],
            "record_meeting": [at(date(year, 5, 27)), at(date(year, 6, 24))],
            "publish_notice": [at(date(year, 6, 1)), at(date(year, 6, 25))],
            "award_list": [at(date(year, 6, 10)), at(date(year, 7, 5))],
            "offer_place": [at(date(year, 6, 18))],
        },
        plans,
    )


UPHOLD = {"outcome": "UPHOLD", "findings": "经核查，该项目已获区级资助，异议成立。"}
END: Changes = {
    "decide_on_failure": [
        {"outcome": "TERMINATE", "reason": "经研究，终止项目，已拨资金另行清算。"}
    ]
}
REFUSED: Changes = {
    "confirm_refusal": [{"outcome": "CONFIRM", "reason": "同意承办单位意见。"}]
}


def spent(accepted: str) -> Changes:
    """The audit firm accepts so much; what was paid beyond it is returned."""
    return {
        "file_audit_report": [
            {"accepted_expenditure": accepted, "opinion": "QUALIFIED"}
        ]
    }


# -- the projects that run now ------------------------------------------------------


def running_round(today: date) -> RoundPlan:
    """Awarded about a year ago: every status of a project, some overdue."""

    def back(days: int) -> date:
        return today - timedelta(days=days)

    def plan(
        row: ProjectRow, starts: int, months: int, *leave: str, **facts: Any
    ) -> Plan:
        begun, left = at(back(398 - len(plans)), 10), frozenset(leave)
        return Plan(row, begun, period(back(starts), months), leave=left, **facts)

    plans: list[Plan] = []
    add = plans.append
    second_time = f"{FIRST.title}（二期）"
    add(plan(FIRST, 186, 12, "report_stage:MID", title=second_time, merit=0.95))
    add(plan(AWARDS[34], 270, 6, "archive"))
    add(plan(AWARDS[10], 262, 6, "request_payment:3"))
    add(plan(AWARDS[15], 250, 6, "submit_closure"))
    add(plan(AWARDS[20], 248, 6, "record_refund", changes=spent("139900.00")))
    add(plan(AWARDS[24], 246, 6, "close_project"))
    add(plan(AWARDS[33], 232, 6, "file_audit_report"))
    add(plan(AWARDS[38], 203, 6, "visit_site:FINAL"))
    add(plan(AWARDS[46], 260, 10))  # RUNNING_FINAL
    add(plan(AWARDS[49], 205, 12, "grade_stage:MID"))
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
    add(plan(AWARDS[60], 30, 6))  # RUNNING_INITIAL, its stage passed
    add(plan(AWARDS[63], 12, 6, "check_materials:INITIAL", "request_payment:1"))
    add(plan(AWARDS[70], 25, 6, "register_receipt:1"))
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
    )


# -- the round that is being decided -------------------------------------------------


def deciding_round(today: date) -> RoundPlan:
    """In the middle of things: from screening to agreement, side by side."""

    def back(days: int, hour: int = 9) -> datetime:
        return at(today - timedelta(days=days), hour)

    window = period(today + timedelta(days=25), 12)

    def plan(row: ProjectRow, group: int | None, *leave: str, **facts: Any) -> Plan:
        begun = back(119 - len(plans), 10)
        left = frozenset(leave)
        return Plan(row, begun, window, group=group, leave=left, **facts)

    plans: list[Plan] = []
    add = plans.append
    # group 0: awarded, wait-listed, rejected, objected to
    second_time = f"{SECOND.title}（二期）"
    add(plan(SECOND, 0, "revise_plan", title=second_time, merit=0.92))
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
    add(plan(AWARDS[85], None))
    add(plan(OTHERS[12], None, "screen"))
    add(plan(OTHERS[19], None, "confirm_refusal", changes=REFUSE))
    correct = plan(OTHERS[24], None, "resubmit", changes=CORRECT)
    correct.moments["screen"] = back(3, 11)
    add(correct)
    for each in plans:
        each.moments.setdefault("screen", back(88))
    for each in (p for p in plans if p.group == 5):
        each.moments["lock_score:5"] = back(1, 15)
    year = back(120).year
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
            "decide_list": [back(46), back(28), back(10), back(3), back(1)],
            "record_meeting": [back(42), back(18), back(6), back(2)],
            "publish_notice": [back(38), back(14), back(4)],
            "award_list": [back(9)],
        },
        plans,
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


def all_rounds(today: date) -> list[RoundPlan]:
    """Every round of the demo, the earliest first."""
    return [
        round_of_2021(),
        running_round(today),
        deciding_round(today),
        open_round(today),
    ]
