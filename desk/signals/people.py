"""People who stand on both sides."""

from collections import defaultdict
from typing import Any

from django.utils.translation import gettext as _

from desk.signals.base import Facts, Finding, Row
from desk.wording import role_label
from grants.models import (
    Agreement,
    Application,
    AuditReport,
    Role,
    RoleGroup,
    Seat,
    Stage,
    Tranche,
    Visit,
)
from organisations.models import Membership

#: Who does something for the programme in a case: model, column, what it is.
ACTING: tuple[tuple[type[Any], str, str, Any], ...] = (
    (Seat, "reviewer", "reviews", Role.REVIEWER),
    (Application, "screened_by", "form", Role.OPERATOR),
    (Agreement, "countersigned_by", "money", Role.FUNDER),
    (Visit, "visited_by", "tracking", Role.SUPERVISOR),
    (Stage, "graded_by", "tracking", Role.EVALUATOR),
    (AuditReport, "filed_by", "money", Role.CPA),
    (Tranche, "registered_by", "money", Role.FINANCE),
    (Tranche, "recorded_by", "money", Role.FINANCE),
    (Tranche, "batch__approved_by", "money", Role.HEAD),
)
#: Roles of a programme that no member of an applicant should hold.
OFFICES = tuple(
    role for role in Role if role not in (Role.DISTRICT, Role.CUSTODIAN, Role.WITNESS)
)


def both_sides(facts: Facts) -> list[Finding]:
    """A member of an applicant who acts on its case, or holds an office."""
    members: dict[tuple[int, int], Membership] = {
        (m.organisation_id, m.user_id): m
        for found in facts.memberships.values()
        for m in found
    }
    rows: dict[tuple[int, int], list[Row]] = defaultdict(list)
    for model, column, tab, role in ACTING:
        acted = model.objects.filter(**{f"{column}__isnull": False})
        pairs = acted.filter(case__in=facts.keys).order_by().values_list("case", column)
        for case_id, user_id in pairs.distinct():
            case = facts.cases[case_id]
            if (case.organisation_id, user_id) in members:
                text = _("%(role)s in %(case)s") % {
                    "role": role_label(role),
                    "case": case,
                }
                rows[case.organisation_id, user_id].append(Row(text, case, tab))
    for key, row in _offices(facts, members):
        rows[key].append(row)
    return [_both(members[key], found) for key, found in sorted(rows.items())]


def _offices(facts: Facts, members: dict[tuple[int, int], Membership]) -> Any:
    """Members of applicants who hold an office of a programme: one query."""
    held = RoleGroup.objects.filter(
        programme__in=facts.programmes, role__in=OFFICES
    ).select_related("programme")
    people = {user_id for _organisation, user_id in members}
    pairs = held.filter(group__user__in=people).values_list("pk", "group__user")
    by_person = defaultdict(set)
    for pk, user_id in pairs:
        by_person[user_id].add(pk)
    groups = {group.pk: group for group in held}
    for key, member in members.items():
        if member.ended_at is None:
            for pk in sorted(by_person.get(key[1], ())):
                group = groups[pk]
                text = _("Holds the role %(role)s in %(programme)s") % {
                    "role": role_label(group.role),
                    "programme": group.programme,
                }
                case = next(
                    c for c in facts.cases.values() if c.organisation_id == key[0]
                )
                yield key, Row(text, case)


def _both(member: Membership, rows: list[Row]) -> Finding:
    text = _(
        "%(who)s is a member (%(role)s) of %(organisation)s and acts for the "
        "programme, too."
    )
    if member.ended_at is not None:
        text = _(
            "%(who)s was a member (%(role)s) of %(organisation)s and acts for "
            "the programme, too."
        )
    named = {
        "who": member.user,
        "role": member.get_role_display(),
        "organisation": member.organisation,
    }
    return Finding(text % named, rows)
