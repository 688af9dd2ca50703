"""Eligibility screening (资格预审): the operator proposes, the bureau refuses."""

from django.utils.timezone import now
from django.utils.translation import gettext as _

from attachments.models import Document
from grants.calendar import end_of_working_day
from grants.errors import Invalid, WrongState
from grants.models import Application, Case, Status
from grants.rules import rules_of
from grants.services.eligibility import Row, keep_checks, verdict_errors
from grants.services.gate import gate, set_status
from grants.services.proposal import CORRECTABLE
from grants.services.questions import extra_names
from organisations.models import User

ELIGIBLE, CORRECTION, REFUSE = "ELIGIBLE", "CORRECTION", "REFUSE"
CONFIRM, REJECT = "CONFIRM", "REJECT"


@gate("screen")
def screen(
    case: Case,
    *,
    by: User,
    outcome: str,
    checks: list[Row] | None = None,
    fields: list[str] | None = None,
    reason: str = "",
    screenshot: Document | None = None,
) -> Application:
    """Pass, return for correction (once, by default), or propose a refusal.

    A proposed refusal leaves the case in screening until the bureau confirms
    or rejects it (OFFICER §0.3). checks: a verdict for each eligibility rule
    (DOMAIN §11); passing needs all met. fields: what to correct.
    """
    application = case.application
    if application.refusal_proposed_by_id is not None:
        raise WrongState(_("A refusal is proposed already; the bureau decides."))
    errors = screening_errors(case, outcome, fields or [], reason)
    errors |= verdict_errors(case, outcome, checks or [])
    if errors:
        raise Invalid(errors)
    keep_checks(case, checks or [], by=by, screenshot=screenshot)
    application.screened_by = by
    application.screening_reason = reason
    if outcome == ELIGIBLE:
        set_status(case, Status.ELIGIBLE)
    elif outcome == CORRECTION:
        days = rules_of(case).correction_working_days
        application.fields_to_correct = correctable(case, fields or [])
        application.corrections += 1
        application.correction_due = end_of_working_day(now(), days)
        set_status(case, Status.CORRECTION)
    else:
        application.refusal_proposed_by = by
    application.save()
    return application


@gate("confirm_refusal")
def confirm_refusal(
    case: Case, *, by: User, outcome: str, reason: str = ""
) -> Application:
    """The bureau refuses, or gives the case back to the screening."""
    application = case.application
    if application.refusal_proposed_by_id is None:
        raise WrongState(_("No refusal is proposed."))
    if outcome not in (CONFIRM, REJECT):
        raise Invalid({"outcome": [_("Choose an outcome.")]})
    if not reason.strip():
        raise Invalid({"reason": [_("Give the reason.")]})
    if outcome == CONFIRM:
        application.end_reason = reason
        set_status(case, Status.INELIGIBLE)
    else:
        application.refusal_proposed_by = None
        application.screening_reason = reason
    application.save()
    return application


@gate("lapse_correction")
def lapse_correction(case: Case, *, by: User | str) -> None:
    """The correction did not come in time (system)."""
    application = case.application
    if application.correction_due is None or now() < application.correction_due:
        raise WrongState(_("The time for the correction is not over."))
    application.end_reason = _("The correction was not handed in in time.")
    application.save()
    set_status(case, Status.INELIGIBLE)


def screening_errors(
    case: Case, outcome: str, fields: list[str], reason: str
) -> dict[str, list[str]]:
    """What is wrong with a screening's outcome, by field."""
    errors: dict[str, list[str]] = {}
    if outcome not in (ELIGIBLE, CORRECTION, REFUSE):
        errors["outcome"] = [_("Choose an outcome.")]
    if outcome in (CORRECTION, REFUSE) and not reason.strip():
        errors["reason"] = [_("Give the reason.")]
    if outcome == CORRECTION:
        if not can_return(case):
            errors["outcome"] = [
                _("This application was returned for correction already.")
            ]
        if not fields or not set(fields) <= set(correctable_names(case)):
            errors["fields"] = [_("Name the fields to correct.")]
    return errors


def can_return(case: Case) -> bool:
    """Whether the case may be returned (once more) for correction."""
    return case.application.corrections < rules_of(case).correction_times


def correctable_names(case: Case) -> list[str]:
    """What may be returned: fields of the form, and the round's questions."""
    return [*CORRECTABLE, *extra_names(case.round)]


def correctable(case: Case, fields: list[str]) -> list[str]:
    """The named fields in the form's order; an amount brings its budget."""
    named = set(fields)
    if "amount" in named:
        named.add("budget")
    return [name for name in correctable_names(case) if name in named]
