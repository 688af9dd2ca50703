"""What the demo's people write: each form's own example, with the story's facts."""

from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

from desk.demo.data import ProjectRow, awarded
from desk.demo.examples import example_of
from desk.demo.keeping import reported
from desk.demo.places import code_on
from desk.demo.plan import Plan, RoundPlan
from grants.actions import ACTIONS
from grants.calendar import today
from grants.money import fen
from grants.rules import rules_of
from organisations.models import User

FOR_WHOM = {
    "为老": "社区内独居、高龄和行动不便的老年人",
    "助残": "持证残疾人及其照护家庭",
    "社会治理": "居民骨干、楼组长和小区议事代表",
    "济困": "低保、低保边缘和支出型困难家庭",
    "扶贫": "低收入农户和乡村留守家庭",
    "助医": "慢病患者、住院患者及其家属",
    "救孤": "事实无人抚养儿童和困境儿童",
    "社区服务": "社区居民和新就业群体",
    "灾害救助": "社区居民和应急志愿者",
    "优抚": "优抚对象、退役军人及其家庭",
    "社会组织培育": "镇街备案社会组织的骨干",
    "助学": "困境学生、随迁和留守儿童",
    "环境保护": "志愿者、中小学生和社区家庭",
    "其它创新性": "社区居民和文化志愿者",
}
#: Head, item, share of the grant, activity; the first row takes what is left.
BUDGET = (
    ("ACTIVITY", "活动组织与物料", None, "小组活动"),
    ("ACTIVITY", "讲师与志愿者交通、保险", "0.18", "入户走访建档"),
    ("STAFF", "专职社工人员补贴", "0.22", "小组活动"),
    ("ADMIN", "项目管理费", "0.05", ""),
)
REASONS = {
    "AWARD": "",
    "WAITLIST": "得分靠后，资金有余时递补。",
    "REJECT": "得分未达到本轮立项要求。",
}


def budget_rows(amount: Decimal) -> list[dict[str, str]]:
    """Budget rows that add up to an amount in CNY."""
    parts = [
        fen(amount * Decimal(share or 0)) for _head, _item, share, _serves in BUDGET
    ]
    parts[0] = amount - sum(parts, Decimal(0))
    return [
        {
            "head": head,
            "item": item,
            "amount": str(part),
            "funded_by": "GRANT",
            "activity": serves,
        }
        for (head, item, _share, serves), part in zip(BUDGET, parts, strict=True)
    ]


#: Two organisations that should compete and give one telephone, for an auditor to find.
ONE_DESK = frozenset(row.organisation for row in awarded() if row.seq in (60, 63))


def organisation_facts(row: ProjectRow, opened: date) -> dict[str, Any]:
    """What the organisation says of itself: the same in each of its applications."""
    dice = Random(row.organisation)
    founded = date(dice.randrange(2006, 2018), dice.randrange(1, 13), 18)
    graded = dice.random() < 0.7
    return {
        "founded_on": founded.isoformat(),
        "postcode": f"3100{dice.randrange(10, 60)}",
        "address": f"杭州市{row.district}演示路{dice.randrange(1, 200)}号",
        "annual_check_year": opened.year - 1,
        "annual_check_result": "PASSED",
        "grade_year": opened.year - dice.randrange(1, 4) if graded else None,
        "grade": dice.randrange(3, 6) if graded else None,
        "org_profile": f"{founded.year}年登记成立，长期在{row.district}开展公益服务，"
        f"现有专职人员{dice.randrange(3, 16)}人，近三年实施同类项目"
        f"{dice.randrange(1, 6)}个。",
        "leader_mobile": f"139{dice.randrange(10**8):08d}",
        "contact_mobile": f"137{dice.randrange(10**8):08d}"
        if row.organisation not in ONE_DESK
        else f"137{Random('one desk').randrange(10**8):08d}",
    }


def application_body(
    plan: Plan, opened: date, example: dict[str, Any]
) -> dict[str, Any]:
    """The application form of a plan: the example with the story's facts."""
    whom, row = FOR_WHOM[plan.row.theme], plan.row
    people = 40 + Random(row.title).randrange(12) * 10
    indicators = [
        {"measure": "OUTPUT", "name": "小组活动", "unit": "场", "target": "40"}
        | {"counts": "SESSIONS"},
        {
            "measure": "OUTCOME",
            "name": "每月参加两次以上活动的服务对象",
            "unit": "名",
            "target": str(people * 8 // 10),
        },
    ]
    activities = [
        line | {"whom": whom, "attendances": people * line["times"] // 10 + people}
        for line in example["activities"]
    ]
    return example | {
        "title": plan.name,
        "category": row.category,
        "district": code_on(row.district, opened),
        "place": f"{row.district}（演示）",
        "summary": f"面向{whom}，以小组和社区活动为方法，在{row.district}开展。",
        "amount": str(row.request),
        "period_start": plan.period[0].isoformat(),
        "period_end": plan.period[1].isoformat(),
        "beneficiaries": f"{row.district}{whom}，直接受益约{people}人。",
        "direct_beneficiaries": people,
        "indirect_beneficiaries": people * 3,
        "resources": "镇街提供的活动场地两处，专职社工二名，注册志愿者三十名。",
        "objectives": f"{people}名服务对象建档，八成以上每月参加两次以上活动。",
        "indicators": indicators,
        "plan": "首季度入户走访并建档；其后每周开展一次小组活动，每月一次社区活动；"
        "末季度总结成效并编写操作手册。",
        "activities": activities,
        "budget": budget_rows(row.request),
        **organisation_facts(row, opened),
    }


def score_body(plan: Plan, example: dict[str, Any], item: Any) -> dict[str, Any]:
    """A score sheet around the plan's merit, never twice the same."""
    dice = Random(f"{plan.row.title}{item.task_id}")
    body = dict(example)
    for criterion in rules_of(item.case).criteria:
        share = min(1.0, max(0.2, plan.merit + dice.uniform(-0.06, 0.06)))
        score = round(criterion["weight"] * share * 2) / 2
        body[f"score_{criterion['code']}"] = f"{score:.1f}"
        comment = "符合要求。" if share >= 0.7 else "论证不够充分，指标不够具体。"
        body[f"comment_{criterion['code']}"] = comment
    body["recommended"] = str(min(plan.award, item.case.requested))
    return body


def list_body(plans: dict[str, Plan], example: dict[str, Any]) -> dict[str, Any]:
    """The committee's list: outcomes and amounts of the plans, by code."""
    lines = []
    for line in example["lines"]:
        plan = plans[line["case"]]
        lines.append(
            {"case": line["case"], "outcome": plan.outcome}
            | ({"amount": str(plan.award)} if plan.outcome == "AWARD" else {})
            | {"reason": REASONS[plan.outcome]}
        )
    return {"lines": lines}


def groups_body(
    round_plan: RoundPlan, turn: int, example: dict[str, Any]
) -> dict[str, Any]:
    """The review group whose turn it is, with those of its cases that got so far."""
    eligible = {code for group in example["groups"] for code in group["cases"]}
    codes = [
        plan.case.code
        for plan in round_plan.plans
        if plan.case is not None and plan.group == turn and plan.case.code in eligible
    ]
    name = f"第{'一二三四五六七八九'[turn]}评审组"
    room = f"市社会组织服务中心{301 + turn}室（演示）"
    group = example["groups"][0] | {"name": name, "room": room, "cases": codes}
    return {
        "groups": [group] if codes else [],
        "seed": f"{round_plan.round.code}-{turn}",
    }


def case_body(item: Any, target: Any, plan: Plan, by: User) -> dict[str, Any]:
    """The body of a case's task."""
    example = example_of(item.action, target, by)
    if item.action == "submit_application":
        return application_body(plan, today(item.round.opens_at), example)
    if item.action == "lock_score":
        return score_body(plan, example, item)
    if item.action == "report_stage":
        return example | reported(item.case)
    if item.action == "revise_plan":
        example["budget"] = budget_rows(item.case.awarded)
    if item.action == "grade_stage":
        example |= changed(item, target, by, {"score": f"{plan.merit * 100:.1f}"})
    return example


def changed(item: Any, target: Any, by: User, facts: dict[str, Any]) -> dict[str, Any]:
    """What a story changes of a body; a stage's score as its sheet has it."""
    if item.action != "grade_stage" or "score" not in facts:
        return facts
    rest = {name: value for name, value in facts.items() if name != "score"}
    form = ACTIONS[item.action].form(target=target, by=by)
    return rest | form.scores_of(Decimal(facts["score"]))


def round_body(
    item: Any, round_plan: RoundPlan, turn: int, by: User
) -> dict[str, Any] | None:
    """The body of a round's batch, None when there is nothing to do this time."""
    example = example_of(item.action, item.round, by)
    plans = {plan.case.code: plan for plan in round_plan.plans if plan.case}
    year = item.round.year
    if item.action == "open_review":
        body = groups_body(round_plan, turn, example)
        return body if body["groups"] else None
    if item.action == "decide_list":
        return list_body(plans, example)
    if item.action == "offer_place":
        chosen = next((c for c, p in plans.items() if waits_for_place(p)), None)
        return chosen and {"case": chosen, "amount": str(plans[chosen].award)}
    if item.action == "record_meeting":
        return example | {"number": f"局长办公会纪要〔{year}〕{12 + turn}号（演示）"}
    if item.action == "award_list":
        letter = f"杭民发〔{year}〕{40 + turn}号（演示）"
        return example | {"letter_number": letter}
    if item.action == "approve_payment" and not example["tranches"]:
        return None
    return example


def waits_for_place(plan: Plan) -> bool:
    plan.case.refresh_from_db(fields=["status"])
    return plan.place and plan.case.status == "WAITLISTED"
