"""Keeping the ledger: activities and expenses, added, corrected, voided.

People of the organisation do it while the project runs. An entry that a checked
stage report counted stays as it is.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from attachments.models import Document
from attachments.services import StoredUpload, add_document
from grants.calendar import today
from grants.errors import Invalid, WrongState
from grants.models import (
    Activity,
    Case,
    Expense,
    ServicePicture,
    ServiceRecord,
    Stage,
)
from grants.numbers import plain_number
from grants.services.gate import gate
from organisations.models import User

Entry = ServiceRecord | Expense


def entry_of(case: Case, model: type[Any], pk: int) -> Any:
    """An entry that may still change; Invalid for none, WrongState if counted."""
    entry = model.objects.filter(case=case, pk=pk).first()
    if entry is None or entry.voided_at is not None:
        raise Invalid({"entry": [_("There is no such entry.")]})
    if is_counted(entry):
        raise WrongState(
            _("A report that counts this entry has been checked."), code="counted"
        )
    return entry


def is_counted(entry: Entry) -> bool:
    """Whether a stage report that was checked later counted the entry."""
    return Stage.objects.filter(
        case=entry.case_id, checked_at__gte=entry.recorded_at
    ).exists()


def refuse_day(case: Case, name: str, day: date) -> None:
    """Invalid for a day to come, or before the project began."""
    if day > today(now()):
        raise Invalid({name: [_("This day has not come yet.")]})
    start = case.application.period_start
    if start is not None and day < start:
        raise Invalid({name: [_("The project had not begun yet.")]})


def activity_of(case: Case, pk: int | None) -> Activity | None:
    """A planned activity of the case; Invalid for another's."""
    if pk is None:
        return None
    found = case.activities.filter(pk=pk).first()
    if found is None:
        raise Invalid({"activity": [_("There is no such activity in the plan.")]})
    return found


# -- activities -------------------------------------------------------------------


@gate("record_service")
def record_service(
    case: Case,
    *,
    by: User,
    activity: int | None = None,
    pictures: list[StoredUpload] = (),  # type: ignore[assignment]
    **facts: Any,
) -> ServiceRecord:
    """An activity took place: when, where, how many came, with pictures."""
    refuse_day(case, "held_on", facts["held_on"])
    entry = ServiceRecord(case=case, recorded_by=by)
    write_service(entry, activity, facts)
    add_pictures(entry, pictures, by)
    return entry


def write_service(
    entry: ServiceRecord, activity: int | None, facts: dict[str, Any]
) -> None:
    entry.activity = activity_of(entry.case, activity)
    sheet = facts.pop("sign_in_sheet", None)
    for name, value in facts.items():
        setattr(entry, name, value)
    entry.sign_in_sheet = sheet or entry.sign_in_sheet
    if not entry.title.strip():
        if entry.activity is None:
            message = _("Choose a planned activity or say what took place.")
            raise Invalid({"title": [message]})
        entry.title = entry.activity.name
    entry.save()


def add_pictures(entry: ServiceRecord, pictures: Any, by: User) -> None:
    for picture in pictures:
        document = add_document(
            entry.case.folder, kind="service_picture", upload=picture, by=by
        )
        ServicePicture.objects.create(case=entry.case, record=entry, document=document)


@gate("correct_service")
def correct_service(
    case: Case,
    *,
    by: User,
    entry: int,
    reason: str,
    activity: int | None = None,
    pictures: list[StoredUpload] = (),  # type: ignore[assignment]
    **facts: Any,
) -> ServiceRecord:
    """Put an activity's record right; pictures are added, never taken away."""
    found = entry_of(case, ServiceRecord, entry)
    found.case = case
    refuse_day(case, "held_on", facts["held_on"])
    found.corrected_because = reason
    write_service(found, activity, facts)
    add_pictures(found, pictures, by)
    return found


@gate("void_service")
def void_service(case: Case, *, by: User, entry: int, reason: str) -> ServiceRecord:
    """The entry counts no more; it stays to be read, with the reason."""
    return void(entry_of(case, ServiceRecord, entry), reason)


def void(entry: Any, reason: str) -> Any:
    entry.voided_at = now()
    entry.voided_because = reason
    entry.save()
    return entry


# -- expenses ---------------------------------------------------------------------


@gate("record_expense")
def record_expense(
    case: Case, *, by: User, activity: int | None = None, **facts: Any
) -> Expense:
    """Money was spent; Invalid, naming the case, for an invoice used before."""
    entry = Expense(case=case, recorded_by=by)
    write_expense(entry, activity, facts)
    return entry


@gate("correct_expense")
def correct_expense(
    case: Case,
    *,
    by: User,
    entry: int,
    reason: str,
    activity: int | None = None,
    **facts: Any,
) -> Expense:
    """Put an expense right, with the reason."""
    found = entry_of(case, Expense, entry)
    found.case = case
    found.corrected_because = reason
    write_expense(found, activity, facts)
    return found


@gate("void_expense")
def void_expense(case: Case, *, by: User, entry: int, reason: str) -> Expense:
    """The expense counts no more; its invoice number is free again."""
    return void(entry_of(case, Expense, entry), reason)


def write_expense(entry: Expense, activity: int | None, facts: dict[str, Any]) -> None:
    refuse_day(entry.case, "spent_on", facts["spent_on"])
    amount: Decimal = facts["amount"]
    if amount <= 0:
        raise Invalid({"amount": [_("This must be more than nothing.")]})
    proof: Document | None = facts.pop("proof", None)
    if proof is None and entry.proof_id is None:
        raise Invalid({"proof": [_("Add the invoice or another proof.")]})
    entry.activity = activity_of(entry.case, activity)
    for name, value in facts.items():
        setattr(entry, name, value)
    entry.invoice_number = plain_number(entry.invoice_number)
    entry.proof = proof or entry.proof
    refuse_repeated_invoice(entry)
    try:
        with transaction.atomic():
            entry.save()
    except IntegrityError:  # another case, locked apart, was quicker
        refuse_repeated_invoice(entry)
        raise


def refuse_repeated_invoice(entry: Expense) -> None:
    """Invalid, naming the other case, when an invoice was used before."""
    if not entry.invoice_number:
        return
    others = Expense.objects.filter(
        invoice_number=entry.invoice_number, voided_at=None
    ).exclude(pk=entry.pk)
    other = others.select_related("case").first()
    if other is not None:
        message = _("This invoice was used in case %(code)s, on %(day)s.")
        values = {"code": other.case.code, "day": other.spent_on}
        raise Invalid({"invoice_number": [message % values]})
