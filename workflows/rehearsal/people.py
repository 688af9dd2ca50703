"""The example people of a rehearsal, and the programme that is theirs alone."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import uuid4

from django.utils.timezone import now

from audit.record import record
from grants.lifecycle import MOVES
from grants.models import Programme, Role, RoleGroup, Round
from grants.rules import rules_of
from grants.services.programmes import create_programme, grant_role
from organisations.credit_code import check_character
from organisations.models import LegalForm, MembershipRole, Organisation, User
from organisations.services import add_member

BY = "system:rehearsal"
#: How many people a role takes, where one is not enough: for four eyes.
HOW_MANY = {Role.COMMITTEE: 2, Role.FINANCE: 3, Role.FUNDER: 2, Role.HEAD: 2}
#: Programme roles that take a step on the road.
AT_WORK = {role for move in MOVES.values() for role in move.roles} | {Role.REVIEWER}


@dataclass(frozen=True)
class Kind:
    """One example person: programme roles held, and whether a finance expert."""

    roles: frozenset[str]
    is_finance_expert: bool = False


@dataclass
class Cast:
    """The people of a rehearsal by role, and who applies."""

    programme: Programme
    organisation: Organisation
    by_role: dict[str, list[User]] = field(default_factory=lambda: defaultdict(list))

    def one(self, role: str) -> User | None:
        """The first in a role."""
        return next(iter(self.by_role[role]), None)


def as_many_as_needed(round_: Round) -> list[Kind]:
    """Enough people in each role for the round's rules."""
    rules = rules_of(round_)
    panel = rules.panel_size + rules.alternates + 1
    kinds = [
        Kind(frozenset([Role.REVIEWER]), number <= rules.min_finance_experts)
        for number in range(panel)
    ]
    for role in sorted(AT_WORK - {Role.REVIEWER}):
        kinds += [Kind(frozenset([role]))] * HOW_MANY.get(role, 1)
    return kinds


def as_the_programme_has(programme: Programme) -> list[Kind]:
    """One for each person who holds a role now, with the same roles."""
    groups = RoleGroup.objects.filter(programme=programme)
    held: dict[int, set[str]] = defaultdict(set)
    experts: dict[int, bool] = {}
    rows = groups.filter(group__user__is_active=True).values_list(
        "role", "group__user", "group__user__is_finance_expert"
    )
    for role, user, expert in rows.order_by("group__user", "role"):
        held[user].add(role)
        experts[user] = expert
    return [Kind(frozenset(held[user]), experts[user]) for user in held]


def cast_of(round_: Round, kinds: Iterable[Kind]) -> Cast:
    """Make the people, their programme and their organisation."""
    token = uuid4().hex[:8]
    with record("rehearse", by=BY, target=round_.code):
        programme = create_programme(
            f"R{token}",
            (round_.programme.name_zh, round_.programme.name_en),
            round_.programme.authority,
            round_.programme.operator,
            by=BY,
            rules=round_.rules.data,
        )
        cast = Cast(programme, make_applicant())
        for number, kind in enumerate(kinds):
            user = make_person(f"{token}-{number}", kind.is_finance_expert)
            for role in sorted(kind.roles):
                grant_role(programme, role, user, by=BY)
                cast.by_role[role].append(user)
        for role in MembershipRole:
            user = make_person(f"{token}-{role}")
            add_member(cast.organisation, user=user, role=role, by=BY)
            cast.by_role[role].append(user)
    return cast


def make_person(username: str, expert: bool = False) -> User:
    """Somebody who can never sign in."""
    user = User(username=username, name=username, is_finance_expert=expert)
    user.set_unusable_password()
    user.save()
    return user


def make_applicant() -> Organisation:
    """A registered organisation that may apply."""
    first = f"52330100{uuid4().int % 10**9:09d}"
    return Organisation.objects.create(
        name="某某公益服务中心（示例）",
        legal_form=LegalForm.PRIVATE_UNIT,
        credit_code=first + check_character(first),
        admitted_at=now(),
    )
