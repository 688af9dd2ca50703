"""What `make demo` prints: the accounts, and what to try first."""

import unicodedata
from datetime import timedelta

from django.utils.timezone import now

from desk.demo.data import people
from desk.demo.house import PASSWORD

TRY = (
    (
        "以 operator1 登录：在“待办事项”中签收一件资格预审并办理。",
        "Sign in as operator1: claim a screening from the inbox and do it.",
    ),
    (
        "以 applicant1 登录：填写新一轮征集的申报书；提交中期评估报告。",
        "Sign in as applicant1: apply in the open call; submit the mid-term report.",
    ),
    (
        "以 funder1 登录：受理异议、确认优化方案、甲方签约；看项目的流程图。",
        "Sign in as funder1: accept an objection, accept a plan, countersign; "
        "look at a case's diagram.",
    ),
    (
        "以 auditor1 登录：看任一项目的办理记录，每个数字的来龙去脉。",
        "Sign in as auditor1: read any case's timeline, where every figure comes from.",
    ),
    (
        "不登录：在首页看征集公告和公示，对公示中的项目提出异议。",
        "Without signing in: see the call and the notice on the front page, "
        "and object to a listed project.",
    ),
)
LATER = timedelta(days=10)


def width(text: str) -> int:
    """Columns of a terminal that a text takes."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def padded(text: str, columns: int) -> str:
    return text + " " * max(1, columns - width(text))


def table() -> str:
    """The accounts by role, and the first things to try, in both languages."""
    lines = [f"演示账号，密码均为 / demo accounts, every password: {PASSWORD}", ""]
    shown: set[str] = set()
    for person in people():
        role = person.role if person.role not in shown else ""
        shown.add(person.role)
        lines.append(
            "  "
            + padded(person.username, 14)
            + padded(f"{person.name} {person.latin}", 24)
            + padded(person.role_zh, 26)
            + role
        )
    lines += ["", "先试试 / What to try first", ""]
    moment = f"{now() + LATER:%Y-%m-%d}"
    rehearsal = f".venv/bin/python manage.py fire_due_timers --at {moment}"
    zh, en = "让时间前进，期满的公示随即结束", "let time pass, and notices end"
    tries = (*TRY, (f"{zh}：", f"{en}:\n     {rehearsal}"))
    for number, (zh, en) in enumerate(tries, start=1):
        lines += [f"  {number}. {zh}", f"     {en}"]
    return "\n".join(lines)
