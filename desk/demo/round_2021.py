"""The city round of 2021, complete: 118 applications, 88 awards, 14,139,460.00.

The calendar is OFFICER §3. Nearly everything went its ordinary way and lies in
the archive; what differs stands by name in AWARDED and REFUSED_ONES.
"""

from datetime import date, timedelta
from typing import Any

from desk.demo.clock import at
from desk.demo.data import ProjectRow, awarded, others
from desk.demo.plan import Plan, RoundPlan
from desk.demo.twists import (
    CONFLICT,
    CORRECT,
    END,
    FAIL,
    FRAUD,
    RECTIFY,
    REFUSE,
    REFUSED,
    UPHOLD,
    period,
    round_fields,
    spent,
)

DAY = date(2021, 3, 8)
WINDOW = period(date(2021, 7, 1), 12)
#: Dates of 2022 before which nobody does these.
SUMMER = {
    "file_audit_report": at(date(2022, 7, 20)),
    "submit_closure": at(date(2022, 8, 8)),
    "request_payment:3": at(date(2022, 9, 5)),
    "archive": at(date(2022, 12, 6)),
}
#: Review groups by service field; every other field meets in the last one.
GROUPS = (
    {"为老"},
    {"助残", "助医", "救孤", "助学"},
    {"社会治理", "社区服务", "社会组织培育"},
)
#: Awards that did not go the ordinary way, by their number in the list.
AWARDED: dict[int, dict[str, Any]] = {
    1: {"merit": 0.93, "changes": CORRECT},
    7: {"changes": CORRECT},
    12: {"changes": CORRECT},
    18: {"changes": {"declare_interest:2": [CONFLICT], "grade_stage:MID": [RECTIFY]}},
    29: {"changes": spent("223700.00")},
    36: {"changes": {"grade_stage:INITIAL": [RECTIFY]}},
    43: {"merit": 0.8, "changes": {"grade_stage:MID": [FAIL], **END}},
    44: {"asides": [(at(date(2021, 11, 22)), *FRAUD)]},
    66: {"leave": frozenset({"sign"})},
    74: {"instead": {"revise_plan": "decline"}},
    84: {
        "merit": 0.74,
        "outcome": "WAITLIST",
        "place": True,
        "objection": "邻近社区居民（演示）",
    },
}
#: Applications that were not funded, by their number in the other list; those
#: that are not named were reviewed and rejected.
NOT_FUNDED: dict[int, dict[str, Any]] = {
    3: {
        "merit": 0.76,
        "outcome": "AWARD",
        "objection": "某社会组织（演示）",
        "changes": {"rule_on_objection": [UPHOLD]},
    },
    4: {"instead": {"screen": "withdraw"}},
    9: {"leave": frozenset({"submit_application"})},
    11: {"changes": REFUSE | REFUSED},
    17: {"leave": frozenset({"resubmit"}), "changes": CORRECT},
    14: {"merit": 0.71, "outcome": "WAITLIST"},
    21: {"merit": 0.70, "outcome": "WAITLIST"},
    26: {"merit": 0.69, "outcome": "WAITLIST"},
}


def group_of(row: ProjectRow) -> int:
    return next((i for i, g in enumerate(GROUPS) if row.theme in g), len(GROUPS))


def plan_of(row: ProjectRow, number: int, **facts: Any) -> Plan:
    """The ordinary way, with what this project did otherwise."""
    starts = at(DAY + timedelta(days=1 + number % 22), 9 + number % 8)
    moments = {"screen": at(date(2021, 4, 8) + timedelta(days=number % 8))}
    return Plan(
        row,
        starts,
        WINDOW,
        group=group_of(row),
        moments=moments | SUMMER,
        **{"merit": 0.78 + row.seq * 7 % 17 / 100} | facts,
    )


def round_of_2021(*, small: bool = False) -> RoundPlan:
    """Everything of the year, as it was decided.

    ``small``: only what did not go the ordinary way, and one that was rejected.
    """
    funded = [row for row in awarded() if not small or row.seq in AWARDED]
    asked = [row for row in others() if not small or row.seq in {*NOT_FUNDED, 2}]
    plans = [
        plan_of(row, number, **AWARDED.get(row.seq, {}))
        for number, row in enumerate(funded)
    ]
    for number, row in enumerate(asked, start=len(plans)):
        rejected = {"merit": 0.50 + row.seq % 8 / 100, "outcome": "REJECT"}
        plans.append(plan_of(row, number, **NOT_FUNDED.get(row.seq, rejected)))
    year = DAY.year
    may = [at(date(year, 5, 6)), at(date(year, 5, 6), 14)]
    may += [at(date(year, 5, 7)), at(date(year, 5, 7), 14)]
    return RoundPlan(
        round_fields(
            "gyct-2021",
            ("2021年度社会组织公益创投（演示）", "Public-interest grants 2021 (demo)"),
            [
                at(DAY, 9),
                at(date(year, 4, 6), 17),
                at(date(year, 5, 17), 17),
                at(date(year, 12, 31), 17),
            ],
            WINDOW,
        ),
        {
            "open_review": may,
            "decide_list": [at(date(year, 5, 20))],
            "record_meeting": [at(date(year, 5, 27)), at(date(year, 6, 24))],
            "publish_notice": [at(date(year, 6, 1)), at(date(year, 6, 25))],
            "award_list": [at(date(year, 6, 10)), at(date(year, 7, 5))],
            "offer_place": [at(date(year, 6, 18))],
        },
        plans,
    )
