"""Papers of paying: approval form, payment list, settlement (OFFICER §1, §2)."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.timezone import localtime

from grants import accounts
from grants.models import PaymentBatch, Round, Tranche, TrancheStatus
from grants.money import capitals, yuan
from grants.papers.facts import (
    TRANCHES,
    is_lottery,
    office_of,
    payee_of,
    tranche_name,
)
from grants.papers.round_papers import listed, nothing
from grants.papers.sheet import (
    BLANK,
    Block,
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
from grants.rules import rules_of
from grants.selectors import PROJECT_STATUSES, paid_by_case

NOTHING = Decimal("0.00")


def tranches_of(round_: Round, batch: PaymentBatch | None) -> list[Tranche]:
    """The batch's payments, or those whose receipts are registered by now."""
    rows = Tranche.objects.filter(case__round=round_).select_related(
        "case__project",
        "case__rules",
        "case__application",
        "case__organisation__custodian",
    )
    if batch is not None:
        rows = rows.filter(batch=batch)
    else:
        rows = rows.filter(status=TrancheStatus.REGISTERED)
    found = list(rows.order_by("case__project__award_no", "seq"))
    if not found:
        raise nothing()
    return found


def total_of(tranches: Sequence[Tranche]) -> Decimal:
    return sum((tranche.amount for tranche in tranches), NOTHING)


def tranche_title(tranche: Tranche) -> str:
    return tranche_name(tranche.seq, len(rules_of(tranche.case).shares))


# -- the batch -----------------------------------------------------------------------


PAYEES = (
    Column("序号", 0.5, "center"),
    Column("立项编号", 1.5),
    Column("收款单位全称", 2.2),
    Column("开户银行", 1.8),
    Column("账号", 1.8),
    Column("期次", 0.8, "center"),
    number_column("本次拨付（元）", 1.3),
)


def payees(tranches: Sequence[Tranche], *, full: bool) -> Block:
    """Who is paid on which account; a line per payment, and their sum."""
    rows = []
    for number, tranche in enumerate(tranches, start=1):
        bank, account = accounts.account_of(tranche)
        rows.append(
            (
                number,
                tranche.case.project.award_no,
                payee_of(tranche.case),
                bank,
                accounts.shown(account, full=full),
                tranche_title(tranche),
                yuan(tranche.amount),
            )
        )
    total = ("", "合计", f"{len(rows)}笔", "", "", "", yuan(total_of(tranches)))
    return table(PAYEES, rows, total)


def payment_form(
    round_: Round, batch: PaymentBatch | None = None, *, full: bool
) -> Sheet:
    """拨付审批表 with the chain of signatures (OFFICER §2).

    full: whether the reader sees the accounts' numbers.
    """
    tranches = tranches_of(round_, batch)
    total = total_of(tranches)
    kinds = sorted({tranche_title(tranche) for tranche in tranches}, key=order_of)
    above = max(rules_of(t.case).leader_above for t in tranches)
    approved = localtime(batch.approved_at).date() if batch else None
    chain = [
        f"{office}意见：\n\n签名：{BLANK}\n日期：{BLANK}"
        for office in (
            "经办人",
            "处室负责人",
            "财务（财基处）审核",
            "分管局领导",
            f"主要领导（单笔超过{yuan(above)}元）",
        )
    ]
    return Sheet(
        "公益创投项目资金拨付审批表",
        [
            facts(
                [
                    ("批次", batch.number if batch else BLANK),
                    ("届次", round_.title),
                    ("资金来源", round_.fund_source),
                    ("预算年度", f"{round_.year}年"),
                    ("预算指标文号", round_.budget_document),
                    ("期次", "、".join(kinds)),
                    ("项目数", f"{len({t.case_id for t in tranches})}个"),
                    ("本次拨付金额", f"¥{yuan(total)}"),
                    ("人民币大写", capitals(total)),
                    ("审批日期", chinese_date(approved)),
                ]
            ),
            payees(tranches, full=full),
            text("附：拨款清单。票据已经逐笔登记，项目无未决事项。"),
            signatures(chain),
        ],
        number=or_blank(batch.number if batch else ""),
        dated=approved,
    )


def order_of(name: str) -> int:
    """首期 before 二期, the last one last."""
    return TRANCHES.index(name) if name in TRANCHES else len(TRANCHES)


PAYMENTS = (
    Column("序号", 0.5, "center"),
    Column("立项编号", 1.6),
    Column("项目名称", 1.9),
    Column("收款单位全称", 1.9),
    Column("开户银行", 1.2),
    Column("账号", 1.2),
    number_column("资助金额", 1.2),
    Column("期次", 0.8, "center"),
    number_column("比例", 0.6),
    number_column("本次拨付", 1.2),
    Column("人民币大写", 1.8),
    number_column("累计已拨", 1.2),
    number_column("未拨余额", 1.2),
    Column("资金来源", 1.2),
    Column("预算指标文号", 1.2),
    Column("功能科目", 0.8),
    Column("经济分类", 0.8),
    Column("票据类型", 0.8),
    Column("票据号码", 1.3),
    Column("开票日期", 0.9),
    Column("备注", 0.8),
)


RECEIPTS = {"RECEIPT": "社会组织收据", "INVOICE": "发票", "FISCAL": "财政票据"}


def payment_list(
    round_: Round, batch: PaymentBatch | None = None, *, full: bool
) -> Sheet:
    """拨款清单 in the bureau's columns; "paid so far" counts what was paid before."""
    tranches = tranches_of(round_, batch)
    paid = paid_by_case({tranche.case_id for tranche in tranches})
    rows = []
    for number, tranche in enumerate(tranches, start=1):
        case = tranche.case
        before = paid.get(case.pk, NOTHING)
        if tranche.status == TrancheStatus.PAID:
            before -= tranche.amount
        share = rules_of(case).shares[tranche.seq - 1]
        bank, account = accounts.account_of(tranche)
        rows.append(
            (
                number,
                case.project.award_no,
                case.title,
                payee_of(case),
                bank,
                accounts.shown(account, full=full),
                yuan(case.awarded),
                tranche_title(tranche),
                f"{share * 100:f}".rstrip("0").rstrip(".") + "%",
                yuan(tranche.amount),
                capitals(tranche.amount),
                yuan(before),
                yuan(case.awarded - before - tranche.amount),
                round_.fund_source,
                tranche.budget_document or round_.budget_document,
                tranche.functional_class or round_.functional_class,
                tranche.economic_class or round_.economic_class,
                RECEIPTS.get(tranche.receipt_kind, ""),
                tranche.receipt_number,
                chinese_date(tranche.receipt_date) if tranche.receipt_date else "",
                "彩票公益金" if is_lottery(round_) else "",
            )
        )
    total = total_of(tranches)
    line = ["", "合计", f"{len(rows)}笔"] + [""] * (len(PAYMENTS) - 3)
    line[9], line[10] = yuan(total), capitals(total)
    return Sheet(
        "公益创投项目拨款清单",
        [
            text(f"批次：{batch.number if batch else BLANK}　单位：元", indent=False),
            table(PAYMENTS, rows, line),
            signatures([f"制表：{BLANK}", f"复核：{BLANK}", f"日期：{BLANK}"]),
        ],
        paper="a3",
        landscape=True,
    )


# -- the settlement ------------------------------------------------------------------

SETTLED = (
    Column("序号", 0.5, "center"),
    Column("立项编号", 1.7),
    Column("项目名称", 2),
    number_column("资助金额", 1.2),
    number_column("累计已拨", 1.2),
    number_column("审定支出", 1.2),
    number_column("结算金额", 1.2),
    number_column("资助结余", 1.2),
    number_column("应拨尾款", 1.2),
    number_column("应缴回", 1.2),
    number_column("已缴回", 1.2),
    Column("缴回日期", 1),
    Column("缴款凭证号", 1.4),
)


def settlement_sheet(round_: Round) -> Sheet:
    """结算表: award, paid, accepted, to pay or to return; its columns add up.

    Only projects whose audit report is there. What is due (结算金额) is the lower of
    award and accepted expenditure: paid so far, and to pay, less to return.
    """
    cases = listed(
        round_.cases.filter(
            status__in=PROJECT_STATUSES, audit_report__isnull=False
        ).select_related("audit_report", "refund")
    )
    if not cases:
        raise nothing()
    paid_by = paid_by_case([case.pk for case in cases])
    rows, sums = [], [NOTHING] * 8
    for number, case in enumerate(cases, start=1):
        refund = getattr(case, "refund", None)
        paid = paid_by.get(case.pk, NOTHING)
        accepted = case.audit_report.accepted_expenditure
        due = min(case.awarded, accepted)
        figures = [
            case.awarded,
            paid,
            accepted,
            due,
            case.awarded - due,
            max(NOTHING, due - paid),
            max(NOTHING, paid - due),
            refund.amount if refund else NOTHING,
        ]
        sums = [a + b for a, b in zip(sums, figures, strict=True)]
        rows.append(
            (
                number,
                case.project.award_no,
                case.title,
                *(yuan(figure) for figure in figures),
                chinese_date(refund.returned_on) if refund else "",
                refund.voucher_number if refund else "",
            )
        )
    total = ("", "合计", f"{len(rows)}个项目", *(yuan(s) for s in sums), "", "")
    return Sheet(
        f"{round_.title}结算表",
        [
            text(f"编制单位：{office_of(round_.programme)}　单位：元", indent=False),
            table(SETTLED, rows, total),
            signatures([f"制表：{BLANK}", f"复核：{BLANK}", f"日期：{BLANK}"]),
        ],
        paper="a3",
        landscape=True,
    )
