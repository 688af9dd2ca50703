"""Orders of the bureau to one organisation: put right, end, pay back.

Each function takes the case and returns its Sheet; WrongState says what is not
there yet (DOMAIN §6.2, §9).
"""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from grants.calendar import today
from grants.errors import WrongState
from grants.models import Case, HoldKind, Stage, Status
from grants.models.tracking import StageStatus
from grants.papers.facts import both, office_of
from grants.papers.sheet import (
    BLANK,
    Sheet,
    chinese_date,
    closing,
    facts,
    in_quotes,
    or_blank,
    text,
)
from grants.selectors import paid_of, returned_of
from grants.services.closing import NOTHING, facts_of, refund_due
from grants.services.terminating import termination_of


def rectified_stage(case: Case) -> Stage | None:
    """The stage that was ordered to be rectified, the open one first."""
    stages = list(case.stages.exclude(rectify_due=None).order_by("-opens_at"))
    opened = [stage for stage in stages if stage.status == StageStatus.RECTIFY]
    return next(iter(opened or stages), None)


def rectification(case: Case) -> Sheet:
    """整改通知书: what a stage lacked, and until when it is put right."""
    stage = rectified_stage(case)
    if stage is None:
        raise WrongState(_("No rectification was ordered in this case."))
    last = today(stage.rectify_due - timedelta(seconds=1))
    hold = case.holds.filter(kind=HoldKind.RECTIFICATION).order_by("-pk").first()
    problems = (hold.reason if hold else "") or stage.remarks
    score = "" if stage.score is None else f"，得分{stage.score}分"
    return Sheet(
        "公益创投项目整改通知书",
        [
            text(f"{case.organisation.name}：", indent=False),
            text(
                f"你单位承接的{in_quotes(case.title)}项目（立项编号{case.project.award_no}）"
                f"在{stage.get_kind_display()}中被评定为限期整改{score}。存在的主要问题："
            ),
            text(or_blank(problems)),
            text(
                f"请你单位于{chinese_date(last)}前（含当日）完成整改，并提交整改报告和"
                "佐证材料。整改期间暂缓拨付后续资金；逾期未整改或者复查仍不合格的，按协议"
                "终止资助并追回已拨资金。"
            ),
            *closing(office_of(case.round.programme), None),
        ],
        number=BLANK,
    )


#: A project stands here after its termination.
TERMINATED = (Status.TERMINATED, Status.CLAWBACK, Status.CLAWBACK_DONE)


def last_day(moment: datetime | None) -> date | None:
    """The day that a term ends with, in Shanghai."""
    return today(moment - timedelta(seconds=1)) if moment else None


def termination(case: Case) -> Sheet:
    """终止决定书: why the project ends, and what becomes of its money."""
    settled = termination_of(case)
    if case.status not in TERMINATED or settled is None:
        raise WrongState()
    rows = [
        ("资助金额", both(settled.award)),
        ("累计已拨", both(settled.paid)),
        ("此前已缴回", both(settled.returned)),
        ("审定支出", both(settled.accepted_expenditure)),
        ("应缴回金额", both(settled.to_return)),
        ("未拨余额（停止拨付）", both(settled.award - settled.paid)),
        ("终止日期", chinese_date(today(settled.decided_at))),
    ]
    if settled.excluded_until:
        rows.append(("不得申报至", chinese_date(settled.excluded_until)))
    further = "请你单位自收到本决定书之日起停止使用项目资金，并配合办理清算。"
    if settled.to_return:
        due = chinese_date(last_day(settled.return_due))
        further += f"应缴回的资金请于{due}前（含当日）足额缴回，并将缴款凭证上传系统。"
    return Sheet(
        "公益创投项目终止决定书",
        [
            text(f"{case.organisation.name}：", indent=False),
            text(
                f"你单位承接的{in_quotes(case.title)}项目（立项编号{case.project.award_no}），"
                f"因{or_blank(settled.reason).rstrip('。')}，根据资助协议，决定终止资助。"
            ),
            facts(rows),
            text(further),
            *closing(office_of(case.round.programme), today(settled.decided_at)),
        ],
        number=BLANK,
    )


def to_pay_back(case: Case) -> Decimal:
    """CNY that a settlement asks back, whether it came back or not.

    While a project is being closed, and after a termination that claims money.
    """
    if case.status in (Status.CLAWBACK, Status.CLAWBACK_DONE):
        settled = termination_of(case)
        return settled.to_return if settled else NOTHING
    if case.status != Status.CLOSING:
        return NOTHING
    return refund_due(case) + returned_of(case)


def clawback(case: Case) -> Sheet:
    """追缴通知书: what a terminated project pays back, and until when."""
    settled = termination_of(case)
    if settled is None or not settled.to_return:
        raise WrongState(_("Nothing is to be paid back."), code="no_refund_due")
    return Sheet(
        "公益创投项目资金追缴通知书",
        [
            text(f"{case.organisation.name}：", indent=False),
            text(
                f"你单位承接的{in_quotes(case.title)}项目"
                f"（立项编号{case.project.award_no}）已终止资助。根据资助协议和清算结果，"
                "下列资金应当缴回："
            ),
            facts(
                [
                    ("资助金额", both(settled.award)),
                    ("累计已拨", both(settled.paid)),
                    ("此前已缴回", both(settled.returned)),
                    ("审定支出", both(settled.accepted_expenditure)),
                    ("应缴回金额", both(settled.to_return)),
                    ("收款账户", ""),
                    ("缴款期限", chinese_date(last_day(settled.return_due))),
                ]
            ),
            text(
                "请在期限内足额缴回，并将缴款凭证上传系统；逾期不缴的，依法依规追究责任。"
            ),
            *closing(office_of(case.round.programme), today(settled.decided_at)),
        ],
        number=BLANK,
    )


def refund(case: Case) -> Sheet:
    """缴回通知书: what was paid beyond the accepted expenditure (OFFICER §0.6)."""
    if case.status != Status.CLOSING:
        return clawback(case)
    amount = to_pay_back(case)
    if not amount:
        raise WrongState(_("Nothing is to be paid back."), code="no_refund_due")
    accepted = facts_of(case).accepted
    return Sheet(
        "公益创投项目资金缴回通知书",
        [
            text(f"{case.organisation.name}：", indent=False),
            text(
                f"你单位承接的{in_quotes(case.title)}项目"
                f"（立项编号{case.project.award_no}）已经财务审计。根据资助协议，"
                "已拨资金超出应拨金额的部分应当缴回："
            ),
            facts(
                [
                    ("资助金额", both(case.awarded)),
                    ("累计已拨", both(paid_of(case))),
                    ("审定支出", both(accepted)),
                    ("应缴回金额", both(amount)),
                    ("收款账户", ""),
                    ("缴款期限", chinese_date(None)),
                ]
            ),
            text(
                "请在期限内足额缴回，并将缴款凭证上传系统；缴回前不予结项，"
                "逾期不缴的按协议追缴。"
            ),
            *closing(office_of(case.round.programme), None),
        ],
        number=BLANK,
    )
