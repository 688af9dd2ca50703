"""How long the papers of an ended case are kept (attachments.retention).

The papers of a funded project are accounting vouchers (30 years) or its file (10);
those of an application that came to nothing are kept for 3 years. The period begins
when the case is archived, else when it ended; a case that is reopened and ends again
keeps its papers longer, never shorter. Beside that the auditor puts the papers of any
case on hold.
"""

from django.core.cache import cache
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from attachments.keeping import hold, keep
from attachments.models import Version
from attachments.retention import Period
from audit.record import record
from grants.errors import Invalid
from grants.lifecycle import ENDED
from grants.models import Case
from grants.services.gate import gate
from organisations.models import User

AT_ONCE = 50  # cases of one turn
EVERY = 600  # seconds between two looks for cases that ended

VOUCHERS = ("receipt", "expense_proof", "refund_proof", "payment_proof")
OF_PROJECT = {"": Period.PROJECT_FILE} | dict.fromkeys(VOUCHERS, Period.VOUCHERS)
OF_APPLICATION = {"": Period.REJECTED}


HOLD, RELEASE = "HOLD", "RELEASE"


@gate("hold_documents")
def hold_documents(case: Case, *, by: User, outcome: str, reason: str) -> Case:
    """Legal hold: the papers of a case are kept until it is ended, whatever the day.

    The reason stands in the record. Invalid where it is so already.
    """
    wanted = outcome == HOLD
    if case.folder.held == wanted:
        raise Invalid({"outcome": [_("It is so already.")]})
    hold(case.folder, wanted)
    return case


def sweep() -> int:
    """Say it of the papers of cases that have ended; return of how many cases.

    Looks again every ten minutes, at once while there were more than one turn takes.
    """
    if not cache.add("grants.keeping", 1, EVERY):
        return 0
    unsaid = Version.objects.filter(
        document__folder=OuterRef("folder"), keep_until__isnull=True
    )
    ended = Case.objects.filter(Exists(unsaid), status__in=ENDED)
    found = list(ended.select_related("folder", "project").order_by("pk")[:AT_ONCE])
    for case in found:
        with record("set_retention", by="system:storage", target=case.code):
            project = getattr(case, "project", None)
            begins = project.archived_at if project else None
            keep(
                case.folder,
                OF_PROJECT if project else OF_APPLICATION,
                begins=begins or case.status_since,
            )
    if len(found) == AT_ONCE:
        cache.delete("grants.keeping")
    return len(found)
