"""Papers of a review group: draw record, sign-in, score summary, fees.

Columns: OFFICER §1. The score summary says what the screen says: the same
trimming, mean and order.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch
from django.utils.timezone import localtime

from grants.models import Case, DefenceMinutes, Panel, Recusal, Review, Seat
from grants.money import fen, yuan
from grants.papers.facts import office_of
from grants.papers.round_papers import nothing
from grants.papers.sheet import (
    BLANK,
    Column,
    Sheet,
    chinese_date,
    facts,
    number_column,
    or_blank,
    signatures,
    table,
    text,
)
from grants.ranking import ranked_cases
from grants.rules import rules_of
from grants.services.minutes import cases_of
from organisations.models import User


@dataclass(frozen=True)
class Group:
    """A panel with its cases and its experts in the order of their seats."""

    panel: Panel
    cases: list[Case]
    experts: list[User]
    seats: int
    recusals: dict[int, list[Recusal]]


def group_of(panel: Panel) -> Group:
    """The panel's cases, seats and score sheets: six queries."""
    seats = (
        Seat.objects.select_related("reviewer")
        .prefetch_related("reviews")
        .order_by("number")
    )
    cases = list(
        Case.objects.filter(seats__panel=panel)
        .distinct()
        .select_related("organisation", "application", "rules")
        .prefetch_related(Prefetch("seats", queryset=seats))
        .order_by("code")
    )
    if not cases:
        raise nothing()
    experts: dict[int, User] = {}
    for case in cases:
        for seat in case.seats.all():
            experts.setdefault(seat.reviewer_id, seat.reviewer)
    recusals: dict[int, list[Recusal]] = {}
    left = Recusal.objects.filter(seat__panel=panel).select_related("reviewer", "case")
    for recusal in left:
        recusals.setdefault(recusal.reviewer_id, []).append(recusal)
        experts.setdefault(recusal.reviewer_id, recusal.reviewer)
    most = max(len(case.seats.all()) for case in cases)
    return Group(panel, cases, list(experts.values()), most, recusals)


def title_of(panel: Panel, name: str) -> str:
    return f"{panel.round.title}{name}（{panel.name}）"


# -- scores --------------------------------------------------------------------------


def scores(panel: Panel) -> Sheet:
    """评分汇总表, A3 across: each expert's total, the trimmed ones, mean, rank."""
    group = group_of(panel)
    columns = [
        Column("序号", 0.5, "center"),
        Column("申报编号", 1.9),
        Column("项目名称", 2.6),
        Column("申报单位", 2.6),
        number_column("申请金额（元）", 1.3),
        *(number_column(f"专家{n}", 0.8) for n in range(1, group.seats + 1)),
        number_column("去掉最高", 0.8),
        number_column("去掉最低", 0.8),
        number_column("平均分", 0.8),
        Column("组内排名", 0.7, "center"),
        number_column("建议资助金额（元）", 1.3),
        Column("备注", 1),
    ]
    ranked = ranked_cases(group.cases)
    ranks = {
        case.pk: place
        for place, case in enumerate(ranked, start=1)
        if case.application.score is not None
    }
    rows = [
        score_row(number, case, group, ranks)
        for number, case in enumerate(ranked, start=1)
    ]
    asked = sum((case.requested or Decimal(0) for case in group.cases), Decimal(0))
    total = ["", "合计", f"{len(rows)}个项目", "", yuan(asked)]
    total += [""] * (len(columns) - len(total))
    lines = [f"专家签名：{BLANK}" for _number in range(group.seats)]
    return Sheet(
        title_of(panel, "评分汇总表"),
        [
            text(f"评审日期：{chinese_date(panel.meets_on)}", indent=False),
            table(columns, rows, total),
            signatures(
                [*lines, f"监督员签名：{BLANK}", f"承办单位：{BLANK}", f"日期：{BLANK}"]
            ),
        ],
        paper="a3",
        landscape=True,
        dated=panel.meets_on,
    )


def score_row(
    number: int, case: Case, group: Group, ranks: dict[int, int]
) -> list[Any]:
    """One case: a cell a seat, empty while its score is not locked."""
    reviews: list[Review | None] = [seat.review for seat in case.seats.all()]
    reviews += [None] * (group.seats - len(reviews))
    totals = sorted(review.total for review in reviews if review)
    score = case.application.score
    trim_at_least = rules_of(case).trim_at_least
    trimmed = score is not None and 0 < trim_at_least <= len(totals)
    return [
        number,
        case.code,
        case.title,
        case.organisation.name,
        yuan(case.requested),
        *(review.total if review else "" for review in reviews),
        totals[-1] if trimmed else "",
        totals[0] if trimmed else "",
        "" if score is None else score,
        ranks.get(case.pk, ""),
        recommended([review for review in reviews if review]),
        "",
    ]


def recommended(reviews: list[Review]) -> str:
    """The mean of what the experts recommend, in CNY."""
    if not reviews:
        return ""
    total = sum((review.recommended for review in reviews), Decimal(0))
    return yuan(fen(total / len(reviews)))


# -- people --------------------------------------------------------------------------

DRAWN = (
    Column("序号", 0.5, "center"),
    Column("姓名", 1),
    Column("工作单位", 2),
    Column("财务专家", 0.8, "center"),
    Column("正选／备选", 0.9, "center"),
    Column("回避情况", 2.4),
    Column("通知时间", 1.2),
    Column("到会情况", 1),
)
SIGNED = (
    Column("序号", 0.5, "center"),
    Column("姓名", 1),
    Column("工作单位", 2.4),
    Column("签名", 1.6),
    Column("签到时间", 1.2),
    Column("备注", 1.2),
)
FEES = (
    Column("序号", 0.5, "center"),
    Column("姓名", 1),
    Column("单位", 2),
    Column("身份证号", 2),
    Column("开户行", 1.8),
    Column("账号", 2),
    number_column("评审项目数", 0.8),
    number_column("应发（元）", 1),
    number_column("代扣税（元）", 1),
    number_column("实发（元）", 1),
    Column("签名", 1.2),
)


def draw_record(panel: Panel) -> Sheet:
    """专家抽取记录表: who drew whom when, with the seed that repeats the draw."""
    group = group_of(panel)
    sitting = {seat.reviewer_id for case in group.cases for seat in case.seats.all()}
    rows = []
    for number, expert in enumerate(group.experts, start=1):
        left = group.recusals.get(expert.pk, [])
        rows.append(
            (
                number,
                str(expert),
                expert.unit,
                "是" if expert.is_finance_expert else "",
                "正选" if expert.pk in sitting else "已更换",
                "；".join(f"{r.case.code}：{r.reason}" for r in left),
                "",
                "",
            )
        )
    drawn = localtime(panel.drawn_at)
    return Sheet(
        title_of(panel, "专家抽取记录表"),
        [
            facts(
                [
                    ("评审组", panel.name),
                    ("评审日期", chinese_date(panel.meets_on)),
                    ("抽取时间", f"{chinese_date(drawn.date())} {drawn:%H:%M}"),
                    ("抽取人", str(panel.drawn_by)),
                    ("随机种子", panel.seed),
                    ("评审项目数", f"{len(group.cases)}个"),
                ]
            ),
            table(DRAWN, rows),
            signatures([f"抽取人：{BLANK}", f"监督人：{BLANK}"]),
        ],
        landscape=True,
        dated=drawn.date(),
    )


DEFENCES = (
    Column("序号", 0.4, "center"),
    Column("申报编号", 1.3),
    Column("项目名称、申报单位", 2),
    Column("专家提问", 2.6),
    Column("答辩回答", 2.6),
)


def minutes(panel: Panel) -> Sheet:
    """答辩记录 of the group's session; lines to write on before it is put down."""
    written = DefenceMinutes.objects.filter(panel=panel).first()
    notes = {note.case_id: note for note in panel.defence_notes.all()}
    rows = []
    for number, case in enumerate(cases_of(panel), start=1):
        note = notes.get(case.pk)
        rows.append(
            (
                number,
                case.code,
                f"{case.title}\n{case.organisation.name}",
                note.questions if note else "",
                note.answers if note else "",
            )
        )
    if not rows:
        raise nothing()
    begins = f" {panel.starts_at:%H:%M}" if panel.starts_at else ""
    return Sheet(
        title_of(panel, "答辩记录"),
        [
            facts(
                [
                    ("评审组", panel.name),
                    ("主题", panel.theme),
                    ("时间", f"{chinese_date(panel.meets_on)}{begins}"),
                    ("地点", or_blank(panel.room)),
                    ("到会人员", written.present if written else BLANK),
                ]
            ),
            table(DEFENCES, rows),
            facts([("会议结论", written.conclusion if written else BLANK)]),
            signatures([f"记录人：{BLANK}", f"主持人：{BLANK}", f"监督人：{BLANK}"]),
        ],
        landscape=True,
        dated=panel.meets_on,
    )


def sign_in(panel: Panel) -> Sheet:
    """签到表 of the experts who sit in the group."""
    rows = [
        (number, str(expert), expert.unit, "", "", "")
        for number, expert in enumerate(sitting_experts(panel), start=1)
    ]
    empty = [(len(rows) + n, "", "", "", "", "") for n in range(1, 4)]
    return Sheet(
        title_of(panel, "评审会签到表"),
        [
            text(f"日期：{chinese_date(panel.meets_on)}　地点：{BLANK}", indent=False),
            table(SIGNED, [*rows, *empty]),
            signatures([f"承办单位：{BLANK}", f"监督员：{BLANK}"]),
        ],
        dated=panel.meets_on,
    )


def fees(panel: Panel) -> Sheet:
    """专家劳务费发放表: amounts and accounts are entered by finance, by hand."""
    counts: dict[int, int] = {}
    for case in group_of(panel).cases:
        for seat in case.seats.all():
            counts[seat.reviewer_id] = counts.get(seat.reviewer_id, 0) + 1
    rows = [
        (number, str(e), e.unit, "", "", "", counts[e.pk], "", "", "", "")
        for number, e in enumerate(sitting_experts(panel), start=1)
    ]
    return Sheet(
        title_of(panel, "专家劳务费发放表"),
        [
            text(f"单位：{office_of(panel.round.programme)}", indent=False),
            table(FEES, rows, ("", "合计", *[""] * 9)),
            signatures([f"经办人：{BLANK}", f"财务审核：{BLANK}"]),
        ],
        landscape=True,
        dated=panel.meets_on,
    )


def sitting_experts(panel: Panel) -> list[User]:
    """Who holds a seat now, by seat."""
    group = group_of(panel)
    sitting = {seat.reviewer_id for case in group.cases for seat in case.seats.all()}
    return [expert for expert in group.experts if expert.pk in sitting]
