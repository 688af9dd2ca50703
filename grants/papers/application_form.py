"""项目申报书 for printing: signed, sealed, uploaded (OFFICER §0.10).

Every page carries the check code of the data on it; `checked` says which
submission a code on a paper belongs to.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from grants.application_sheet import Answer, SheetTable, application_sheet
from grants.calendar import today
from grants.errors import WrongState
from grants.models import Case, SubmittedForm
from grants.papers.facts import both
from grants.papers.sheet import (
    BLANK,
    Block,
    Column,
    Sheet,
    chinese_date,
    facts,
    heading,
    number_column,
    signatures,
    table,
    text,
)
from grants.selectors import cases_visible_to
from grants.services.applying import stored_values
from grants.services.submitted import digest_of, typed_code
from organisations.models import User


@dataclass(frozen=True)
class Checked:
    """What a check code stands for, and how the system stands today."""

    form: SubmittedForm
    case: Case
    #: Whether it is the latest submission of its case.
    is_latest: bool
    #: Whether the case's data still are those on the paper.
    is_unchanged: bool


def latest_form(case: Case) -> SubmittedForm | None:
    return case.submitted_forms.order_by("-number").first()


def checked(text_: str, user: User) -> Checked | None:
    """The submission that a typed code belongs to, of the cases a person sees."""
    visible = cases_visible_to(user)
    form = (
        SubmittedForm.objects.filter(code=typed_code(text_), case__in=visible)
        .select_related("case__organisation", "case__application", "case__district")
        .order_by("-number")
        .first()
    )
    if form is None:
        return None
    case = form.case
    latest = latest_form(case)
    return Checked(
        form=form,
        case=case,
        is_latest=latest is not None and latest.digest == form.digest,
        is_unchanged=digest_of(case, stored_values(case)) == form.digest,
    )


def form(case: Case) -> Sheet:
    """The application as it was handed in last, topic by topic."""
    submitted = latest_form(case)
    if submitted is None:
        raise WrongState()
    organisation = case.organisation
    head = [
        ("申报编号", case.code),
        ("申报届次", case.round.title),
        ("申报单位", organisation.name),
        ("统一社会信用代码", organisation.credit_code),
        ("申请金额", both(case.requested)),
    ]
    blocks = [facts(head)]
    for topic in application_sheet(case):
        blocks += [heading(topic.label), *answers_of(topic.answers)]
    return Sheet(
        "公益创投项目申报书",
        [*blocks, *commitment()],
        check_code=submitted.code,
        dated=today(submitted.submitted_at),
    )


def answers_of(answers: Iterable[Answer]) -> list[Block]:
    """Answers in their order: texts side by side with their labels, and tables."""
    blocks: list[Block] = []
    pairs: list[tuple[str, str]] = []
    for label, value in answers:
        if not isinstance(value, SheetTable):
            pairs.append((label, value))
            continue
        blocks += [facts(pairs)] if pairs else []
        blocks += [text(label, indent=False), answer_table(value)]
        pairs = []
    return [*blocks, facts(pairs)] if pairs else blocks


def answer_table(value: SheetTable) -> Block:
    """A table of answers with its sums; one empty row where there are none."""
    columns = [
        number_column(title) if place in value.numeric else Column(title, 1.6)
        for place, title in enumerate(value.columns)
    ]
    totals = list(value.totals)
    if totals and not totals[0]:
        totals[0] = "合计"
    return table(columns, value.rows or [[""] * len(columns)], totals)


def commitment() -> list[Block]:
    """承诺书 with the places for signature and seal (DOMAIN §6.1, X8)."""
    return [
        heading("承诺书"),
        text(
            "本单位承诺：所提交的申报材料真实、准确、完整，与系统中填报的内容一致；"
            "自愿接受主办单位的监管、评估和审计；如有虚假，愿意承担相应责任。"
        ),
        signatures(
            [
                f"法定代表人（负责人）签字：{BLANK}",
                "申报单位（盖章）：",
                f"项目负责人签字：{BLANK}",
                f"日期：{chinese_date(None)}",
            ]
        ),
    ]
