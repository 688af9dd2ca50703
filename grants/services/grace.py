"""Deadlines and files that are still on their way when they pass.

The rule, as pages state it (docs/uploads.md): what counts is when the sending of a
file began. Who was still sending one into the case at the deadline may finish it, and
take the step with it, within UPLOAD_GRACE_MINUTES after it. Where nobody was, the
deadline is the deadline.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.timezone import now

from attachments.uploads import on_its_way_at
from grants.models import Case
from organisations.models import User


def with_grace(case: Case, ends: datetime) -> datetime:
    """The moment at which a deadline of a case's organisation really passes.

    Asks the database only within the minutes of grace.
    """
    last = ends + timedelta(minutes=settings.UPLOAD_GRACE_MINUTES)
    if case.folder_id is None or not ends <= now() < last:
        return ends
    members = User.objects.filter(
        memberships__organisation=case.organisation_id, memberships__ended_at=None
    )
    return last if on_its_way_at(case.folder_id, ends, members) else ends
