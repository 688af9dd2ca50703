"""The fields and tables of the application: their names, rows and rules.

Sources: DOMAIN §6.1 (X8 form text, X9 guide, A13 of S3). Money in CNY.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from grants.models import (
    Activity,
    Application,
    BudgetLine,
    Case,
    Indicator,
    OtherFunding,
    Partner,
    SimilarProject,
    TeamMember,
)
from grants.rules import Rules

REQUEST, PLAN = BudgetLine.Kind.REQUEST, BudgetLine.Kind.PLAN
TITLE_MAX = 40  # X8
TEXT_MAX = 500  # X8: summary and profile of the organisation, in characters
#: The four elements that a planned project must make clear (A13).
ELEMENTS = ("beneficiaries", "resources", "objectives", "plan")
PEOPLE = ("leader_name", "leader_mobile", "contact_name", "contact_mobile")
#: What an organisation says of itself; the next application begins with it.
PROFILE = (
    "founded_on",
    "postcode",
    "address",
    "annual_check_year",
    "annual_check_result",
    "grade_year",
    "grade",
    "org_profile",
)
ON_CASE = ("title", "district")
ON_APPLICATION = (
    "category",
    "place",
    "summary",
    "period_start",
    "period_end",
    *PROFILE,
    *PEOPLE,
    "leader_phone",
    "leader_email",
    "contact_phone",
    "contact_email",
    "need_analysis",
    *ELEMENTS,
    "direct_beneficiaries",
    "indirect_beneficiaries",
    "innovation",
    "risk_plan",
    "sustainability",
    "commitment",
)


@dataclass(frozen=True)
class Table:
    """A table of the form: its model, its relation of the case, its columns.

    `planned`: rows are of the request or of the plan after the award.
    """

    model: type[models.Model]
    relation: str
    columns: tuple[str, ...]
    planned: bool = False


TABLES = {
    "team": Table(
        TeamMember,
        "team",
        ("name", "role", "education", "qualification", "phone"),
    ),
    "similar_projects": Table(
        SimilarProject, "similar_projects", ("name", "year", "funder", "amount")
    ),
    "indicators": Table(
        Indicator,
        "indicators",
        ("measure", "name", "unit", "target", "counts"),
        planned=True,
    ),
    "activities": Table(
        Activity,
        "activities",
        ("name", "time", "place", "whom", "times", "attendances", "output"),
        planned=True,
    ),
    "budget": Table(
        BudgetLine,
        "budget_lines",
        ("head", "item", "amount", "funded_by", "activity"),
        planned=True,
    ),
    "other_funding": Table(
        OtherFunding, "other_funding", ("source", "nature", "amount")
    ),
    "partners": Table(Partner, "partners", ("society", "name", "contribution")),
}
#: Every field, in the order of the form.
FIELDS = (*ON_CASE, *ON_APPLICATION, "amount", *TABLES)
REQUIRED = (
    *ON_CASE,
    "category",
    "summary",
    "period_start",
    "period_end",
    *PEOPLE,
    *ELEMENTS,
    "direct_beneficiaries",
    "commitment",
    "amount",
    "team",
    "indicators",
    "activities",
    "budget",
)
#: A correction never asks for the commitment alone: submitting again renews it.
CORRECTABLE = tuple(name for name in FIELDS if name != "commitment")
#: What reaches people in private: for offices and the organisation only.
CONTACTS = (
    "leader_mobile",
    "leader_phone",
    "leader_email",
    "contact_mobile",
    "contact_phone",
    "contact_email",
)
MOBILE = re.compile(r"(\+?86)?1\d{10}")


# -- rows ------------------------------------------------------------------------


def rows_of(case: Case, name: str, kind: str = REQUEST) -> list[dict[str, Any]]:
    """The stored rows of a table, by column; prefetched relations are used."""
    table = TABLES[name]
    return [
        {column: getattr(row, column) for column in table.columns}
        for row in getattr(case, table.relation).all()
        if not table.planned or row.kind == kind
    ]


def replace_rows(
    case: Case, name: str, rows: Iterable[dict[str, Any]], kind: str = REQUEST
) -> None:
    """Write a table's rows anew, in their order."""
    table = TABLES[name]
    own = {"kind": kind} if table.planned else {}
    getattr(case, table.relation).filter(**own).delete()
    table.model._default_manager.bulk_create(
        table.model(
            case=case,
            position=position,
            **own,
            **{
                column: row.get(column, blank_of(table, column))
                for column in table.columns
            },
        )
        for position, row in enumerate(rows, start=1)
    )


def blank_of(table: Table, column: str) -> Any:
    """What stands in a column that a row does not name."""
    return getattr(table.model(), column)


def copy_request_to_plan(case: Case) -> None:
    """What was asked is what is planned, where the award is the request."""
    for name, table in TABLES.items():
        if table.planned:
            replace_rows(case, name, rows_of(case, name), PLAN)


def as_typed(value: Any) -> Any:
    """A stored value as a page's field would hold it."""
    if isinstance(value, list):
        return [{c: as_typed(v) for c, v in row.items()} for row in value]
    if isinstance(value, bool):
        return value
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


# -- rules -----------------------------------------------------------------------


def text_errors(values: dict[str, Any]) -> dict[str, list[str]]:
    """The four elements said, the short texts short, the mobiles numbers."""
    errors: dict[str, list[str]] = {}
    for name in ELEMENTS:
        if name in values and not str(values[name] or "").strip():
            errors[name] = [_("Describe: %(element)s.") % {"element": label_of(name)}]
    for name in ("summary", "org_profile"):
        count = len(str(values.get(name) or ""))
        if count > TEXT_MAX:
            errors[name] = [
                _("At most %(max)s characters; this text has %(count)s.")
                % {"max": TEXT_MAX, "count": count}
            ]
    for name in ("leader_mobile", "contact_mobile"):
        given = str(values.get(name) or "").replace(" ", "").replace("-", "")
        if given and not MOBILE.fullmatch(given):
            errors[name] = [_("Enter a mobile number of eleven digits.")]
    if values.get("commitment") is False:
        errors["commitment"] = [_("The application needs this commitment.")]
    return errors


def label_of(name: str) -> str:
    """A column's name in the reader's language."""
    field = Application._meta.get_field(name)
    return str(getattr(field, "verbose_name", name))


def number_errors(values: dict[str, Any], day: date) -> dict[str, list[str]]:
    """Beneficiaries are counted apart; years lie in the past; grades are 1A-5A."""
    errors: dict[str, list[str]] = {}
    direct = values.get("direct_beneficiaries")
    if direct is not None and direct < 1:
        errors["direct_beneficiaries"] = [_("Enter at least one person.")]
    for name in ("annual_check_year", "grade_year"):
        year = values.get(name)
        if year is not None and not 1950 <= year <= day.year:
            errors[name] = [_("This year cannot be right.")]
    grade = values.get("grade")
    if grade is not None and not 0 <= grade <= 5:
        errors["grade"] = [_("Grades go from 1 to 5; enter 0 for none.")]
    founded = values.get("founded_on")
    if founded is not None and founded > day:
        errors["founded_on"] = [_("This day lies in the future.")]
    return errors


def table_errors(rules: Rules, values: dict[str, Any]) -> dict[str, list[str]]:
    """Enough people, and measurable objectives; by path."""
    errors: dict[str, list[str]] = {}
    team = values.get("team")
    if team and len(team) < rules.team_min:
        errors["team"] = [
            ngettext(
                "The team needs at least %(least)s person; it has %(count)s.",
                "The team needs at least %(least)s persons; it has %(count)s.",
                rules.team_min,
            )
            % {"least": rules.team_min, "count": len(team)}
        ]
    for index, row in enumerate(values.get("indicators") or []):
        if row["target"] <= 0:
            errors[f"indicators.{index}.target"] = [_("Enter a number above zero.")]
    for index, row in enumerate(values.get("activities") or []):
        for column in ("times", "attendances"):
            if row[column] < 1:
                errors[f"activities.{index}.{column}"] = [
                    _("Enter a number above zero.")
                ]
    errors |= link_errors(values.get("budget"), values.get("activities"))
    for index, row in enumerate(values.get("other_funding") or []):
        if row["amount"] <= 0:
            errors[f"other_funding.{index}.amount"] = [_("Enter an amount above zero.")]
    return errors


def link_errors(budget: Any, activities: Any) -> dict[str, list[str]]:
    """Lines of a budget that name an activity which is not planned; by path.

    Nothing is said where no activity is known yet.
    """
    names = {row["name"] for row in activities or []}
    return {
        f"budget.{index}.activity": [_("There is no such activity in the plan.")]
        for index, row in enumerate(budget or [])
        if names and row.get("activity") and row["activity"] not in names
    }


#: Heads that serve the project as a whole.
OVERALL = (BudgetLine.Head.ADMIN, BudgetLine.Head.TAX)


def link_gaps(budget: Any, activities: Any) -> tuple[list[str], list[str]]:
    """Activities that no line of the budget pays, and lines that serve none.

    Administration and tax serve the whole project and are left out.
    """
    paid = {row.get("activity") for row in budget or []}
    unpaid = [row["name"] for row in activities or [] if row["name"] not in paid]
    loose = [
        row["item"]
        for row in budget or []
        if not row.get("activity") and row["head"] not in OVERALL
    ]
    return list(dict.fromkeys(unpaid)), list(dict.fromkeys(loose))


def funding_warnings(values: dict[str, Any]) -> list[str]:
    """Other public money is looked at in the screening: no double funding."""
    public = sum(
        (
            row["amount"]
            for row in values.get("other_funding") or []
            if row["nature"] == OtherFunding.Nature.PUBLIC
        ),
        Decimal(0),
    )
    if not public:
        return []
    return [
        _(
            "You name %(amount)s yuan of other public money: the same costs may "
            "not be paid twice, and the screening will ask."
        )
        % {"amount": f"{public:,.2f}"}
    ]
