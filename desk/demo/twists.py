"""What may happen to a case of the demo besides the ordinary, and its calendar."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from grants.services.applying import months_after

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
            "reason": "项目内容超出章程载明的业务范围。",
            "checks": [
                {
                    "rule": "scope_matches_charter",
                    "verdict": "FAIL",
                    "source": "章程",
                    "evidence": "章程第六条未载明该类服务。",
                }
            ],
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


UPHOLD = {"outcome": "UPHOLD", "findings": "经核查，该项目已获区级资助，异议成立。"}
END: Changes = {
    "decide_on_failure": [
        {
            "outcome": "TERMINATE",
            "reason": "经研究，终止项目，已拨资金据实清算。",
            "accepted_expenditure": "300000.00",
        }
    ]
}
#: Terminated by the officer: the action, whose, and what is written.
FRAUD = (
    "terminate",
    "funder1",
    {
        "ground": "FRAUD",
        "reason": "以虚假签到表和票据套取资金。",
        "accepted_expenditure": "0.00",
    },
)
BREACH = (
    "terminate",
    "funder1",
    {
        "ground": "CAUSE",
        "reason": "擅自停止服务，经催告仍未恢复。",
        "accepted_expenditure": "21860.50",
        "accepted_because": "依据已提交的凭证逐笔核对。",
    },
)
SUSPEND = ("suspend", "funder1", {"reason": "收到举报，正在核查项目账目。"})
REOPEN = ("reopen", "funder1", {"reason": "单位误操作撤回，来函说明。"})
NEW_LEADER = (
    "request_change",
    "applicant",
    {"leader_name": "周敏（演示）", "reason": "原负责人休产假。"},
)
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
