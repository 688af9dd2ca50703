"""Papers of one case between bureau and organisation.

Each function takes the case and returns its Sheet; WrongState says what is not
there yet. Clauses: DOMAIN §6.2 (X7), OFFICER §2.
"""

from django.utils.timezone import localtime

from grants import accounts
from grants.application_sheet import plan_sheet
from grants.forms.applying import ApplicationForm
from grants.models import Agreement, BudgetLine, Case
from grants.money import capitals, tranche_amounts, yuan
from grants.papers.application_form import answers_of
from grants.papers.facts import (
    LOTTERY_LABEL,
    both,
    budget_table,
    is_lottery,
    office_of,
    period_of,
    quoted,
    third_party,
    tranche_name,
)
from grants.papers.sheet import (
    Block,
    Column,
    Sheet,
    chinese_date,
    closing,
    facts,
    heading,
    in_quotes,
    number_column,
    or_blank,
    signatures,
    table,
    text,
)
from grants.rules import rules_of

TRANCHE_COLUMNS = (
    Column("期次", 0.8, "center"),
    number_column("比例", 0.6),
    number_column("金额（元）", 1.3),
    Column("人民币大写", 2.4),
    Column("拨付前提", 2.6),
)


def receipt(case: Case) -> Sheet:
    """受理回执: the proof that an application arrived, and when."""
    submitted = localtime(case.submitted_at)
    facts_ = [
        ("申报编号", case.code),
        ("项目名称", case.title),
        ("申报单位", case.organisation.name),
        ("统一社会信用代码", case.organisation.credit_code or "（备案组织）"),
        ("申请金额", both(case.requested)),
        ("提交时间", f"{chinese_date(submitted.date())} {submitted:%H:%M:%S}"),
        ("申报届次", case.round.title),
    ]
    return Sheet(
        "公益创投项目申报受理回执",
        [
            text(f"{case.organisation.name}："),
            text("你单位提交的公益创投项目申报材料已收到，现出具回执。"),
            facts(facts_),
            text("本回执仅证明材料已经提交，不代表资格预审或者评审的结论。"),
            *closing(office_of(case.round.programme), submitted.date()),
        ],
        dated=submitted.date(),
    )


def approval(case: Case) -> Sheet:
    """立项批复: the award of one organisation."""
    project = case.project
    office = office_of(case.round.programme)
    blocks = [
        text(f"{case.organisation.name}：", indent=False),
        text(
            f"你单位申报的{in_quotes(case.title)}项目（申报编号{case.code}），经资格预审、"
            "专家评审、评审委员会审定和公示，现予以立项。有关事项批复如下："
        ),
        text(f"一、立项编号：{project.award_no}。"),
        text(
            f"二、资助金额：{both(case.awarded)}，资金来源为{case.round.fund_source}。"
        ),
        text(f"三、项目周期：{period_of(case)}。"),
        text(
            "四、请你单位按照资助金额优化项目方案和预算，经我局核定后签订资助协议，"
            "并按照核定的方案组织实施，做到专款专用、单独核算。"
        ),
    ]
    blocks += closing(office, project.award_letter_date)
    return Sheet(
        f"关于同意{in_quotes(case.title)}项目立项的批复",
        blocks,
        number=project.award_letter_no,
        dated=project.award_letter_date,
    )


# -- the agreement -------------------------------------------------------------------


def agreement(case: Case, *, full: bool) -> Sheet:
    """资助协议书, with the approved plan and budget as its annexes.

    full: whether the reader sees the account's number.
    """
    signed = Agreement.objects.filter(case=case).first()
    third = third_party(case)
    number = signed.number if signed else ""
    return Sheet(
        "公益创投项目资助协议书",
        [
            *parties(case, third),
            *money_clauses(case, full=full),
            *duty_clauses(case),
            *last_clauses(case, third),
            signatures(seals(case, third)),
        ],
        number=f"协议编号：{or_blank(number)}",
        archival=True,
        attachments=[approved_plan(case), approved_budget(case)],
    )


def parties(case: Case, third: tuple[str, str] | None) -> list[Block]:
    """Who signs, and about what."""
    programme = case.round.programme
    out = [
        text(f"甲方（主办单位）：{office_of(programme)}", indent=False),
        text(f"乙方（承接单位）：{case.organisation.name}", indent=False),
        text(
            f"统一社会信用代码：{or_blank(case.organisation.credit_code)}", indent=False
        ),
    ]
    if third:
        out.append(text(f"丙方（{third[1]}）：{third[0]}", indent=False))
    project = case.project
    return [
        *out,
        text(
            f"根据{quoted(case.rules.data, 'measures')}和立项通知"
            f"（{or_blank(project.award_letter_no)}，"
            f"{chinese_date(project.award_letter_date)}），各方就公益创投项目资助事项"
            "达成如下协议。"
        ),
        heading("第一条　项目"),
        facts(
            [
                ("项目名称", case.title),
                ("立项编号", project.award_no),
                ("申报编号", case.code),
                ("项目周期", period_of(case)),
                ("资金来源", case.round.fund_source),
                ("预算指标文号", case.round.budget_document),
            ]
        ),
        text(
            "项目申报书、项目方案（核定版）和经费预算（核定版）是本协议的依据和附件，"
            "与本协议具有同等效力。"
        ),
    ]


def money_clauses(case: Case, *, full: bool) -> list[Block]:
    """How much, when, to whom, against which receipt."""
    shares = rules_of(case).shares
    amounts = tranche_amounts(case.awarded, shares)
    count = len(amounts)
    payee = accounts.payee_of(case)
    number = accounts.shown(payee.bank_account, full=full)
    rows = [
        (
            tranche_name(seq, count),
            f"{share * 100:f}".rstrip("0").rstrip(".") + "%",
            yuan(amount),
            capitals(amount),
            premise(seq, count),
        )
        for seq, (share, amount) in enumerate(zip(shares, amounts, strict=True), 1)
    ]
    total = ("合计", "100%", yuan(case.awarded), capitals(case.awarded), "")
    return [
        heading("第二条　资助金额与拨付"),
        text(f"甲方资助乙方项目经费{both(case.awarded)}，分{count}期拨付："),
        table(TRANCHE_COLUMNS, rows, total),
        text(
            "尾款按资助金额与财务审计审定支出两者中的较低者减去已拨金额计算；"
            "结果为负数的，乙方应当在结项前缴回差额。"
        ),
        text(
            f"收款单位：{payee.name}；开户银行：{or_blank(payee.bank)}；"
            f"账号：{or_blank(number)}。"
            "乙方在每期拨付前提供合法票据，同一票据不得重复使用。"
        ),
    ]


def premise(seq: int, count: int) -> str:
    """What a tranche waits for."""
    if seq == 1:
        return "本协议签订后"
    return (
        "末期评估合格、财务审计完成并准予结项后" if seq == count else "中期评估合格后"
    )


def duty_clauses(case: Case) -> list[Block]:
    """What the organisation does with the money, and what the bureau may do."""
    visits = rules_of(case).min_visits
    rectify = rules_of(case).rectify_working_days
    out = [
        heading("第三条　资金使用"),
        text(
            "乙方应当为项目设立专项账目，专款专用、单独核算，按核定的预算列支，"
            "不得挪用、截留或者转拨；与项目无关的支出、不合规的支出不予认定。"
        ),
        text("项目结余资金由乙方在结项前缴回甲方指定账户，不得留用。"),
        heading("第四条　实施、评估与审计"),
        text(
            f"项目实施期间接受前期督导、中期评估和末期评估，每个项目周期内实地督导"
            f"不少于{visits}次；项目结束后接受末期评估和财务审计。"
        ),
        text("乙方应当按时提交阶段报告、活动台账和票据，参加甲方组织的培训和督导。"),
        text(
            "项目负责人、周期、内容、预算、实施地点等发生重大变化的，乙方应当事先"
            "书面报告，经甲方同意后方可调整。"
        ),
        heading("第五条　监督与违约"),
        text(
            "甲方有权检查项目实施和资金使用情况。发现问题的，有权责令乙方限期整改"
            f"（一般不超过{rectify}个工作日）、暂缓拨付、终止资助并追回已拨资金。"
        ),
        text(
            "乙方弄虚作假、骗取资助的，全部资助资金予以追回，并按规定在三年内不受理"
            "其申报；涉嫌违纪违法的，移送有关机关处理。"
        ),
    ]
    if is_lottery(case.round):
        out += [
            heading("第六条　福利彩票公益金标识"),
            text(
                "本项目由福利彩票公益金资助。乙方应当在项目活动场所、宣传资料和购置的"
                f"物品上以显著方式标识“{LOTTERY_LABEL}”，并按规定公开资金使用情况。"
            ),
        ]
    return out


def last_clauses(case: Case, third: tuple[str, str] | None) -> list[Block]:
    """Party C, copies, disputes."""
    number = "第七条" if is_lottery(case.round) else "第六条"
    out = [heading(f"{number}　其他")]
    if third:
        duty = (
            "代为收取和管理项目资金，按核定的预算支付，并接受甲方监督"
            if third[1] == "代管单位"
            else "受甲方委托承担项目的日常管理、督导和服务"
        )
        out.append(text(f"丙方{duty}。"))
    copies = 2 * (3 if third else 2)
    return [
        *out,
        text("本协议未尽事宜由各方协商解决；协商不成的，依法处理。"),
        text(
            f"本协议一式{NUMERALS[copies]}份，各方各执两份，自各方签字盖章之日起生效。"
        ),
    ]


NUMERALS = {4: "四", 6: "六"}


def seals(case: Case, third: tuple[str, str] | None) -> list[str]:
    """Places for names, seals and dates."""
    sides = ["甲方", "乙方"] + (["丙方"] if third else [])
    return [
        f"{side}（盖章）：\n\n法定代表人或授权代表（签字）：\n\n用印日期：{chinese_date(None)}"
        for side in sides
    ]


def approved_plan(case: Case) -> Sheet:
    """The plan that the bureau accepted; the application's where award = request."""
    plan = case.project.plan or case.application.plan
    budget = str(ApplicationForm.base_fields["budget"].label)
    tables = [(label, t) for label, t in plan_sheet(case) if t.rows and label != budget]
    return Sheet("项目方案（核定版）", [text(plan), *answers_of(tables)])


def approved_budget(case: Case) -> Sheet:
    lines = case.budget_lines.filter(kind=BudgetLine.Kind.PLAN).order_by("position")
    return Sheet("经费预算（核定版）", [budget_table(lines)])
