"""The decision chain's papers: 请示, 会议纪要, 公示, 立项通知 (OFFICER §0.2, §2).

Each lists the cases that wait for its step or, once none waits, those that took
it: before the step it is the draft, afterwards what was decided on.
"""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from grants.calendar import today, working_days_between
from grants.errors import WrongState
from grants.models import Case, Decision, Notice, Round, Status
from grants.money import capitals, wan, yuan
from grants.papers.facts import (
    funds_facts,
    office_of,
    proposed_table,
    quoted,
    sum_of,
)
from grants.papers.sheet import (
    BLANK,
    Column,
    Sheet,
    chinese_date,
    closing,
    facts,
    in_quotes,
    number_column,
    or_blank,
    table,
    text,
)
from grants.services.deciding import awardable_cases, notice_period

AWARDED = (
    Column("序号", 0.5, "center"),
    Column("立项编号", 1.7),
    Column("项目名称", 2.4),
    Column("承接单位", 2.4),
    number_column("资助金额（元）", 1.4),
)


def request(round_: Round) -> Sheet:
    """请示: the division asks the bureau meeting to approve the committee's list."""
    cases = waiting_or_met(round_)
    total = sum_of(cases)
    year = round_.year
    return Sheet(
        f"关于{year}年度公益创投拟立项项目有关事项的请示",
        [
            text("局长办公会（局党组会）：", indent=False),
            text(
                f"{year}年度社会组织公益创投经自主申报、资格预审、"
                f"专家评审和评审委员会审定，拟对{in_quotes(cases[0].title)}等{len(cases)}个项目"
                f"予以资助，资助总额{yuan(total)}元（人民币{capitals(total)}，"
                f"{wan(total)}万元）。"
            ),
            text(
                f"资金来源为{round_.fund_source}，预算指标文号"
                f"{round_.budget_document}，本年度资金总额{yuan(round_.pool)}元。"
            ),
            text("经会议研究同意后，拟按规定向社会公示，公示无异议的下达立项通知。"),
            text("妥否，请批示。"),
            text(
                "附件：1.拟立项项目名单　2.资金安排表　3.评分汇总表（另附）",
                indent=False,
            ),
            text(f"呈报处室：{BLANK}　经办人：{BLANK}", indent=False),
            *closing(BLANK, None),
        ],
        number=f"文号：{BLANK}",
        attachments=[
            Sheet("拟立项项目名单", [proposed_table(cases)]),
            Sheet("资金安排表", [funds_facts(round_, cases)]),
        ],
    )


def minutes(round_: Round) -> Sheet:
    """会议纪要 draft: what the meeting decided, with the lines to fill in."""
    cases = waiting_or_met(round_)
    total = sum_of(cases)
    waiting = any(case.status == Status.PROPOSED for case in cases)
    held = None if waiting else last_meeting(round_)
    return Sheet(
        "局长办公会会议纪要",
        [
            facts(
                [
                    ("会议届次", BLANK),
                    ("会议日期", chinese_date(held.held_on if held else None)),
                    ("主持人", ""),
                    ("参会人", ""),
                    ("列席人", ""),
                    ("记录人", ""),
                ]
            ),
            text(f"议题：{round_.year}年度公益创投拟立项项目有关事项"),
            text(
                f"会议听取了{round_.title}评审情况的汇报，研究了评审委员会审定的名单。"
                f"会议议定：同意对{len(cases)}个项目予以资助，资助总额{yuan(total)}元"
                f"（人民币{capitals(total)}）；名单按规定公示，公示无异议的下达立项通知。"
            ),
            *closing(office_of(round_.programme), held.held_on if held else None),
        ],
        number=f"文号：{or_blank(held.number if held else '')}",
        attachments=[Sheet("议定的拟立项项目名单", [proposed_table(cases)])],
    )


def notice(round_: Round) -> Sheet:
    """公示, with its list; start and end are explicit days (X13)."""
    cases = listed(round_.cases.filter(status=Status.DECIDED))
    published = None if cases else round_.notices.order_by("-pk").first()
    if published:
        cases = listed(published.cases.all())
    if not cases:
        raise nothing()
    first, last = days_of(round_, published)
    rules, year = round_.rules.data, round_.year
    days = working_days_between(first, last)
    return Sheet(
        f"关于{year}年度社会组织公益创投拟立项项目的公示",
        [
            text(
                f"根据{quoted(rules, 'measures')}和《关于开展{year}年度公益创投项目申报"
                "工作的通知》，经自主申报、资格预审、专家评审、评审委员会审定，并经局长"
                f"办公会（局党组会）研究，拟对{in_quotes(cases[0].title)}等{len(cases)}个项目予以"
                f"资助。现将名单予以公示，公示期为{days}个工作日"
                f"（{first.month}月{first.day}日至{last.month}月{last.day}日）。"
            ),
            text(
                "公示期内如有异议，请以书面形式向我局反映。以单位名义反映的须加盖公章，"
                "以个人名义反映的须署真实姓名并提供联系方式。"
            ),
            text(
                f"联系人：{quoted(rules, 'contact')}　"
                f"联系电话：{quoted(rules, 'phone')}"
            ),
            text(f"监督电话：{quoted(rules, 'supervision_phone')}"),
            text(f"通讯地址：{quoted(rules, 'address')}"),
            text("附件：拟立项项目名单", indent=False),
            *closing(
                office_of(round_.programme),
                today(published.published_at) if published else None,
            ),
        ],
        attachments=[Sheet("拟立项项目名单", [proposed_table(cases)])],
    )


def days_of(round_: Round, published: Notice | None) -> tuple:
    """The days of the published notice, or those of one published today."""
    if published:
        return published.starts_on, published.ends_on
    return notice_period(round_)


def award_notice(round_: Round) -> Sheet:
    """立项通知 to the districts: what became a project, with what amount."""
    waiting = listed(awardable_cases(round_))
    cases = waiting or listed(round_.cases.filter(project__isnull=False))
    if not cases:
        raise nothing()
    total = sum_of(cases)
    letter = None if waiting else cases[-1].project
    rows = [
        (
            number,
            "" if waiting else case.project.award_no,
            case.title,
            case.organisation.name,
            yuan(case.awarded),
        )
        for number, case in enumerate(cases, start=1)
    ]
    total_row = ("", "合计", f"{len(cases)}个项目", "", yuan(total))
    return Sheet(
        f"关于公布{round_.year}年度社会组织公益创投立项项目的通知",
        [
            text("各有关单位：", indent=False),
            text(
                f"{round_.year}年度社会组织公益创投拟立项项目已经公示，现将立项结果予以"
                f"公布。本次共立项{len(cases)}个项目，资助总额{yuan(total)}元"
                f"（人民币{capitals(total)}）。"
            ),
            text(
                "请各承接单位按照资助金额优化项目方案和预算，在规定时间内报我局核定并"
                "签订资助协议；逾期视为放弃立项。"
            ),
            text("附件：立项项目名单", indent=False),
            *closing(
                office_of(round_.programme),
                letter.award_letter_date if letter else None,
            ),
            text("抄送：各区、县（市）民政局", indent=False),
        ],
        number=or_blank(letter.award_letter_no if letter else ""),
        attachments=[Sheet("立项项目名单", [table(AWARDED, rows, total_row)])],
    )


# -- which cases -----------------------------------------------------------------------


def listed(cases: QuerySet[Case]) -> list[Case]:
    """Cases with what lists show of them, by number; a fixed number of queries."""
    return list(
        cases.select_related(
            "organisation__custodian", "application", "project", "rules"
        ).order_by("code")
    )


def last_meeting(round_: Round) -> Decision | None:
    return round_.decisions.filter(kind=Decision.Kind.MEETING).order_by("-pk").first()


def waiting_or_met(round_: Round) -> list[Case]:
    """The cases that wait for the meeting, else those of the last meeting's list."""
    cases = listed(round_.cases.filter(status=Status.PROPOSED))
    meeting = last_meeting(round_)
    if not cases and meeting is not None:
        cases = listed(Case.objects.filter(decision_lines__decision=meeting))
    if not cases:
        raise nothing()
    return cases


def nothing() -> WrongState:
    return WrongState(_("There is nothing to put on this paper yet."), code="no_paper")
