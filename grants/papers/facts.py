"""What several papers say: parties, periods, lists, the lottery's clause."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from grants import accounts
from grants.models import BudgetLine, Case, Programme, Round
from grants.money import capitals, wan, yuan
from grants.papers.sheet import (
    Block,
    Column,
    chinese_date,
    facts,
    number_column,
    or_blank,
    table,
)

#: The label that lottery money asks for (OFFICER §2).
LOTTERY_LABEL = "彩票公益金资助—中国福利彩票"
NUMBERS = "零一二三四五六七八九十"
TRANCHES = ("首期款", "二期款", "三期款", "四期款")


def is_lottery(round_: Round) -> bool:
    """Whether the pool is welfare-lottery money (福利彩票公益金)."""
    return "彩票" in round_.fund_source


def quoted(programme_rules: dict[str, Any], name: str) -> str:
    """A fact of the office that papers quote, or a line to fill in by hand.

    From the section `papers` of the programme's rules.
    """
    return or_blank(programme_rules.get("papers", {}).get(name))


def both(amount: Decimal) -> str:
    """An amount in figures and capitals, as contracts write it."""
    return f"人民币{capitals(amount)}（¥{yuan(amount)}）"


def sum_of(cases: Iterable[Case]) -> Decimal:
    """What was granted to some cases, in CNY."""
    return sum((case.awarded or Decimal(0) for case in cases), Decimal("0.00"))


def category_of(case: Case) -> str:
    """The service field in Chinese."""
    code = case.application.category
    found = (
        c["zh"] for c in case.rules.data["call"]["categories"] if c["code"] == code
    )
    return next(found, code)


def tranche_name(seq: int, count: int) -> str:
    """首期款, 二期款 …, the last one 尾款."""
    if seq == count and count > 1:
        return "尾款"
    return TRANCHES[seq - 1] if seq <= len(TRANCHES) else f"第{seq}期款"


def third_party(case: Case) -> tuple[str, str] | None:
    """Party C, and as what: the custodian of a filed organisation, or the operator."""
    custodian = case.organisation.custodian
    if custodian is not None:
        return custodian.name, "代管单位"
    operator = case.round.programme.operator
    return (operator.name, "承办单位") if operator is not None else None


def payee_of(case: Case) -> str:
    """The name of who is paid."""
    return accounts.payee_of(case).name


def office_of(programme: Programme) -> str:
    return programme.authority.name


def period_of(case: Case) -> str:
    application = case.application
    first, last = application.period_start, application.period_end
    return f"{chinese_date(first)}至{chinese_date(last)}"


# -- lists ---------------------------------------------------------------------------

BUDGET = (
    Column("序号", 0.5, "center"),
    Column("预算科目", 1.2),
    Column("内容", 3),
    Column("资金来源", 1),
    number_column("金额（元）", 1.4),
)
PROPOSED = (
    Column("序号", 0.5, "center"),
    Column("项目名称", 2.6),
    Column("申报单位", 2.6),
    Column("服务领域", 1.2),
    number_column("拟资助金额（万元）", 1.4),
)


def budget_table(lines: Iterable[BudgetLine]) -> Block:
    """A budget with its sum."""
    lines = list(lines)
    total = sum((line.amount for line in lines), Decimal("0.00"))
    rows = [
        (
            number,
            line.get_head_display(),
            line.item,
            line.get_funded_by_display(),
            yuan(line.amount),
        )
        for number, line in enumerate(lines, start=1)
    ]
    return table(BUDGET, rows, ("", "合计", "", "", yuan(total)))


def proposed_table(cases: Iterable[Case]) -> Block:
    """拟立项名单, the annex of the notice; 万元 without rounding anything away."""
    cases = list(cases)
    rows = [
        (
            number,
            case.title,
            case.organisation.name,
            category_of(case),
            wan(case.awarded),
        )
        for number, case in enumerate(cases, start=1)
    ]
    total = f"{wan(sum_of(cases))}"
    return table(PROPOSED, rows, ("", "合计", f"{len(cases)}个项目", "", total))


def funds_facts(round_: Round, cases: Iterable[Case]) -> Block:
    """资金安排表: where the money comes from and how it is paid."""
    total = sum_of(cases)
    pairs = [
        ("资金来源", round_.fund_source),
        ("预算指标文号", round_.budget_document),
        ("本年度资金总额", f"{yuan(round_.pool)}元（{wan(round_.pool)}万元）"),
        ("拟资助总额", f"{yuan(total)}元（{wan(total)}万元）"),
        ("拟资助总额（大写）", f"人民币{capitals(total)}"),
    ]
    return facts(pairs)
