"""How long the papers of cases and rounds are kept (grants.paper_periods).

From the moment it is filed a paper is locked for half a year at a time, again and
again while the case goes on: nobody may remove a voucher of a running project. When
the case has ended the real periods are said, counted from then; a case that is reopened
and ends again keeps its papers longer, never shorter. A round's papers go on like that
until the round is closed. Beside it the auditor puts all papers of a case on hold.
"""

from django.core.cache import cache
from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils.timezone import now
from django.utils.translation import gettext as _

from attachments.keeping import due_again, hold, keep, keep_on
from attachments.models import Version
from audit.record import record
from grants.errors import Invalid
from grants.lifecycle import ENDED
from grants.models import Case, Round, Status
from grants.paper_periods import OF_APPLICATION, OF_PROJECT, OF_ROUND
from grants.services.gate import gate
from organisations.models import User

AT_ONCE = 50  # cases of one turn
EVERY = 600  # seconds between two looks
BY = "system:storage"

HOLD, RELEASE = "HOLD", "RELEASE"


@gate("hold_documents")
def hold_documents(case: Case, *, by: User, outcome: str, reason: str) -> Case:
    """Legal hold: the papers of a case are kept until it is ended, whatever the day.

    Files of objections and evidence of findings too, and what comes later. The reason
    stands in the record. Invalid where it is so already.
    """
    wanted = outcome == HOLD
    if case.folder.held == wanted:
        raise Invalid({"outcome": [_("It is so already.")]})
    hold(case.folder.stream, wanted)
    case.folder.refresh_from_db(fields=["held"])
    return case


def sweep() -> int:
    """Say it of what is due; return of how many cases and rounds.

    Looks again every ten minutes, at once while there were more than one turn takes.
    """
    if not cache.add("grants.keeping", 1, EVERY):
        return 0
    turns = (_ended_cases, _running_cases, _closed_rounds, _open_rounds)
    counts = [turn() for turn in turns]
    if max(counts) == AT_ONCE:
        cache.delete("grants.keeping")
    return sum(counts)


def _ended_cases() -> int:
    """Ended anew, or with a paper that came after the end."""
    unsaid = Version.objects.filter(stream=_stream("case:"), keep_until=None)
    anew = Q(folder__isnull=False, folder__kept_from=None)
    anew |= Q(folder__kept_from__lt=F("status_since"))
    ended = Case.objects.filter(anew | Exists(unsaid), status__in=ENDED)
    ended = ended.filter(Exists(Version.objects.filter(stream=_stream("case:"))))
    found = ended.select_related("folder", "project").order_by("pk")[:AT_ONCE]
    for case in found:
        of_project = hasattr(case, "project")
        with record("set_retention", by=BY, target=case.code):
            keep(
                f"case:{case.pk}",
                OF_PROJECT if of_project else OF_APPLICATION,
                begins=case.status_since,
            )
    return len(found)


def _running_cases() -> int:
    """With a paper that is new, or whose lock has to be renewed."""
    running = Case.objects.exclude(status__in=(Status.DRAFT, *ENDED))
    return _keep_on(running, "case:")


def _closed_rounds() -> int:
    """Closed, and nothing was said of the papers since."""
    anew = Q(folder__isnull=False, folder__kept_from=None)
    anew |= Q(folder__kept_from__lt=F("closed_at"))
    unsaid = Version.objects.filter(stream=_stream("grants_round:"), keep_until=None)
    closed = Round.objects.filter(anew | Exists(unsaid), closed_at__isnull=False)
    closed = closed.filter(
        Exists(Version.objects.filter(stream=_stream("grants_round:")))
    )
    found = closed.order_by("pk")[:AT_ONCE]
    for round_ in found:
        with record("set_retention", by=BY, target=round_.code):
            keep(f"grants_round:{round_.pk}", OF_ROUND, begins=round_.closed_at)
    return len(found)


def _open_rounds() -> int:
    return _keep_on(Round.objects.filter(closed_at=None), "grants_round:")


def _keep_on(owners: QuerySet[Case] | QuerySet[Round], prefix: str) -> int:
    at = now()
    due = Version.objects.filter(due_again(at), stream=_stream(prefix))
    found = owners.filter(Exists(due)).order_by("pk")[:AT_ONCE]
    for owner in found:
        with record("set_retention", by=BY, target=owner.code):
            keep_on(f"{prefix}{owner.pk}", at=at)
    return len(found)


def _stream(prefix: str) -> Concat:
    """The audit stream of an owner, for a query over its versions."""
    return Concat(
        Value(prefix), Cast(OuterRef("pk"), CharField()), output_field=CharField()
    )
