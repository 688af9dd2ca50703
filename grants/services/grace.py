"""Deadlines and files that are still on their way when they pass.

The rule, as pages state it (docs/uploads.md): what counts is when the sending of a
file began. Who was still sending one into the case at the deadline may finish it, and
take the step with it, within UPLOAD_GRACE_MINUTES after it. A file of which nothing
came, or that never arrived, gives nothing. Where nobody was, the deadline is the
deadline.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils.timezone import now

from attachments.on_its_way import awaited_until, sent_over
from grants.models import Case
from organisations.models import User


def with_grace(case: Case, ends: datetime) -> datetime:
    """The moment at which a deadline of a case's organisation passes for its step:
    later for who has finished a file that was on its way.

    Asks the database only within the minutes of grace.
    """
    last = _last(ends)
    if case.folder_id is None or not ends <= now() < last:
        return ends
    return last if sent_over(case.folder_id, ends, _members(case)) else ends


def waits_until(case: Case, ends: datetime) -> datetime:
    """How long what ends the step by itself waits for files on their way."""
    last = _last(ends)
    if case.folder_id is None or not ends <= now() < last:
        return ends
    return awaited_until(case.folder_id, ends, _members(case), last=last)


def _last(ends: datetime) -> datetime:
    return ends + timedelta(minutes=settings.UPLOAD_GRACE_MINUTES)


def _members(case: Case) -> QuerySet[User]:
    return User.objects.filter(
        memberships__organisation=case.organisation_id, memberships__ended_at=None
    )
