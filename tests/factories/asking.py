"""Whom to ask, so that a test need not read forty inboxes at every step."""

from collections.abc import Iterable

from grants.permissions import roles_of
from organisations.models import User
from organisations.selectors import memberships_of
from workflows.models import WorkItem


def who_could(users: Iterable[User]) -> list[User]:
    """Those whom some open item names, or whose role it is for; in their order.

    What they may really do is for their inbox to say. Roles are remembered on
    the user objects.
    """
    rows = list(
        WorkItem.objects.filter(closed_at=None).values_list(
            "holder_id", "programme_id", "role", "organisation_id", "membership_role"
        )
    )
    holders = {row[0] for row in rows}
    roles = {row[1:3] for row in rows}
    memberships = {row[3:5] for row in rows}
    return [
        user
        for user in users
        if user.pk in holders
        or roles & roles_of(user)
        or any((m.organisation_id, m.role) in memberships for m in memberships_of(user))
    ]
