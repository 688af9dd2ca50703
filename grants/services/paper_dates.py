"""The days on a paper: noted when it is added, mended later; each an event."""

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.utils.timezone import now
from django.utils.translation import gettext as _

from attachments.models import Document
from audit.record import record, record_refusal
from grants.calendar import today
from grants.errors import Invalid
from grants.models import Case, PaperDates
from grants.services.filing import Filing
from organisations.models import User


def date_errors(
    issued_on: dt.date | None, valid_until: dt.date | None
) -> dict[str, list[str]]:
    """What cannot be, by field."""
    errors: dict[str, list[str]] = {}
    if issued_on and issued_on > today(now()):
        errors["issued_on"] = [_("This day is still to come.")]
    elif issued_on and valid_until and valid_until < issued_on:
        errors["valid_until"] = [_("This is before the date of the paper.")]
    return errors


def keep_dates(
    case: Case,
    document: Document,
    *,
    by: User,
    issued_on: dt.date | None,
    valid_until: dt.date | None,
) -> None:
    """Note the days that stand on a paper of a case; None for one not known.

    PermissionDenied (recorded) for who may not date this paper, Invalid by field.
    """
    if not Filing(by, case).may_date(document.pk):
        record_refusal(
            "date_paper", by=by, target=document.folder.stream, code="may_not_write"
        )
        raise PermissionDenied
    if errors := date_errors(issued_on, valid_until):
        raise Invalid(errors)
    known = PaperDates.objects.filter(document=document).first()
    days = (known.issued_on, known.valid_until) if known else (None, None)
    if days == (issued_on, valid_until):
        return
    with record("date_paper", by=by, target=case.code):
        Document.objects.select_for_update(no_key=True).get(pk=document.pk)
        dates = PaperDates.objects.filter(document=document).first()
        dates = dates or PaperDates(case=case, document=document)
        dates.issued_on, dates.valid_until = issued_on, valid_until
        dates.noted_by, dates.noted_at = by, now()
        dates.save()
