"""Objections to a published list (异议): received, accepted, ruled on."""

from collections.abc import Iterable
from typing import Any

from django.utils.timezone import now
from django.utils.translation import gettext as _

from attachments.services import StoredUpload, add_from_public, open_folder
from grants.calendar import today
from grants.errors import Invalid, Late, WrongState
from grants.models import Case, Hold, HoldKind, Objection, ObjectionStatus, Status
from grants.services.deciding import notice_of
from grants.services.gate import gate, set_status
from organisations.models import User

ACCEPT, REFUSE = "ACCEPT", "REFUSE"
DISMISS, UPHOLD = "DISMISS", "UPHOLD"
#: The kind of an objection's folder, and of the papers in it.
FOLDER = "objection"


@gate("object")
def object_to(
    case: Case,
    *,
    by: Any,
    text: str,
    anonymous: bool = False,
    name: str = "",
    contact: str = "",
    files: Iterable[StoredUpload] = (),
) -> Objection:
    """Anybody objects to a case while its notice runs, without an account.

    Under a name it awaits an answer; an anonymous one is kept as a lead and
    stops nothing (OFFICER §0.8). Late after the notice's last day. The files
    are kept without an uploader, whoever is signed in: a lead stays anonymous.
    """
    notice = notice_of(case)
    day = today(now())
    if notice is None or day < notice.starts_on:
        raise WrongState(_("The notice has not begun."))
    if day > notice.ends_on:
        raise Late(_("The notice is over."))
    if errors := objection_errors(text, anonymous, name, contact):
        raise Invalid(errors)
    status = ObjectionStatus.LEAD if anonymous else ObjectionStatus.RECEIVED
    objection = Objection(
        number=f"{case.code}-Y{case.objections.count() + 1}",
        case=case,
        notice=notice,
        text=text,
        anonymous=anonymous,
        name="" if anonymous else name,
        contact="" if anonymous else contact,
        status=status,
        received_at=now(),
    )
    files = list(files)
    if files:
        objection.folder = open_folder(FOLDER, stream=f"case:{case.pk}")
    objection.save()
    for file in files:
        add_from_public(objection.folder, kind=FOLDER, upload=file)
    return objection


def objection_errors(
    text: str, anonymous: bool, name: str, contact: str
) -> dict[str, list[str]]:
    """What is wrong with an objection, by field."""
    errors = {}
    if not text.strip():
        errors["text"] = [_("Say what you object to, and why.")]
    if not anonymous and not name.strip():
        errors["name"] = [_("Give your name, or object anonymously.")]
    if not anonymous and not contact.strip():
        errors["contact"] = [_("Give a way to reach you, or object anonymously.")]
    return errors


@gate("accept_objection")
def accept_objection(
    objection: Objection, *, by: User, outcome: str, reason: str = ""
) -> Objection:
    """Accept an objection, which holds the case, or refuse it with a reason.

    It freezes the case when it is accepted, not when it arrives (受理).
    """
    if objection.status != ObjectionStatus.RECEIVED:
        raise WrongState(_("This objection was answered already."))
    if outcome == REFUSE:
        if not reason.strip():
            raise Invalid({"reason": [_("Give the reason.")]})
        objection.status = ObjectionStatus.REFUSED
        objection.answered_at = now()
    elif outcome == ACCEPT:
        objection.status = ObjectionStatus.ACCEPTED
        _hold(objection)
    else:
        raise Invalid({"outcome": [_("Choose an outcome.")]})
    objection.answer = reason
    objection.accepted_by = by
    objection.save()
    return objection


@gate("rule_on_objection")
def rule_on_objection(
    objection: Objection, *, by: User, outcome: str, findings: str
) -> Objection:
    """The committee dismisses the objection, or upholds it and cancels the award."""
    if objection.status != ObjectionStatus.ACCEPTED:
        raise WrongState(_("This objection is not under investigation."))
    if outcome not in (DISMISS, UPHOLD):
        raise Invalid({"outcome": [_("Choose an outcome.")]})
    if not findings.strip():
        raise Invalid({"findings": [_("State the findings.")]})
    upheld = outcome == UPHOLD
    objection.status = ObjectionStatus.UPHELD if upheld else ObjectionStatus.DISMISSED
    objection.answer = findings
    objection.answered_at = now()
    objection.save()
    case = objection.case
    if upheld:
        case.application.end_reason = findings
        case.application.save()
        set_status(case, Status.CANCELLED)
    others = case.objections.filter(status=ObjectionStatus.ACCEPTED)
    if upheld or not others.exists():
        _open_holds(case).update(lifted_at=now())
    return objection


def _hold(objection: Objection) -> None:
    """The case's hold; a second objection finds it open already."""
    if not _open_holds(objection.case).exists():
        Hold.objects.create(
            case=objection.case,
            kind=HoldKind.OBJECTION,
            reason=objection.number,
            opened_at=now(),
        )


def _open_holds(case: Case) -> Any:
    return case.holds.filter(kind=HoldKind.OBJECTION, lifted_at=None)
