"""In whose inbox a step stands."""

from dataclasses import dataclass

from grants.models import Role
from organisations.models import MembershipRole


@dataclass(frozen=True)
class Audience:
    """In whose inbox a step stands."""

    role: Role | None = None
    member: MembershipRole | None = None
    seat_holder: bool = False


def by(role: Role) -> Audience:
    """Everybody who holds the role in the case's programme."""
    return Audience(role=role)


def member(role: MembershipRole) -> Audience:
    """The members of the applicant organisation in that role."""
    return Audience(member=role)


#: The person whose seat the branch is about.
holder = Audience(seat_holder=True)
