"""What every page needs: the menu of the person who is signed in."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from grants.lifecycle import TRAIL_READERS, permissions_of_role
from grants.models import Role
from grants.permissions import roles_of
from organisations.selectors import memberships_of
from outbox.services import unread_count_for

#: Who works with payments; other offices reach the desk from the lists.
MONEY_DESK = (Role.FINANCE, Role.HEAD, Role.LEADER, Role.FUNDER, Role.AUDITOR)


@dataclass(frozen=True)
class Entry:
    """One line of the menu."""

    title: str
    url: str
    active: bool
    count: int = 0


def navigation(request: HttpRequest) -> dict[str, Any]:
    """The menu by role; empty for visitors."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or not user.is_active:
        return {"navigation": []}
    lines = [(_("Home"), "desk:home", 0), (_("Inbox"), "desk:inbox", 0)]
    memberships = memberships_of(user)
    roles = {role for _programme, role in roles_of(user)}
    if memberships or roles:
        lines += [
            (_("Done by me"), "desk:done", 0),
            (_("Case register"), "desk:case-list", 0),
        ]
    if any("view_cases" in permissions_of_role(role) for role in roles):
        lines.append((_("Lists"), "desk:list-index", 0))
    if roles & set(MONEY_DESK):
        lines.append((_("Finance desk"), "desk:finance", 0))
    if roles & set(TRAIL_READERS):
        lines += [
            (_("Auditor's desk"), "desk:audit", 0),
            (_("Signals"), "desk:signals", 0),
            (_("Audit findings"), "desk:finding-list", 0),
        ]
    if Role.INSPECTOR in roles:
        lines.append((_("Interventions in cases"), "desk:intervention-list", 0))
    if memberships:
        lines.append((_("Apply"), "desk:apply", 0))
    lines.append((_("Rounds"), "desk:round-list", 0))
    if user.is_administrator or roles:
        lines.append((_("Leave cover"), "desk:cover-list", 0))
    lines.append((_("Messages"), "desk:message-list", unread_count_for(user)))
    if user.is_administrator:
        lines += [
            (_("People"), "organisations:person-list", 0),
            (_("Organisations"), "organisations:organisation-list", 0),
            (_("Programmes"), "desk:programme-list", 0),
        ]
    found = [(title, reverse(name), count) for title, name, count in lines]
    here = max(
        (url for _title, url, _n in found if request.path.startswith(url)),
        key=len,
        default="",
    )
    entries = [Entry(title, url, url == here, count) for title, url, count in found]
    return {"navigation": entries}
