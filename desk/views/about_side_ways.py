"""What one needs to see to decide on a termination, a change, a repayment …"""

from typing import Any

from django.utils.translation import gettext as _

from desk.templatetags.desk import moment
from desk.views.addresses import document_url, tab_url, yuan
from grants.models import Case, HoldKind, Status
from grants.selectors import paid_of
from grants.services.changing import open_change
from grants.services.holding import hold_of
from grants.services.reopening import open_reopening
from grants.services.repaying import claims_of
from grants.services.terminating import open_proposal
from organisations.models import User

Facts = list[tuple[str, Any, str]]


def about_side_way(action: str, case: Case) -> Facts:
    """The facts of an action beside the road; none for the others."""
    about = FACTS.get(action)
    return about(case) if about else []


def name_of(user: User | None) -> str:
    return str(user) if user else ""


def about_paid(case: Case) -> Facts:
    return [(_("Paid out"), yuan(paid_of(case)), tab_url(case, "money"))]


def about_termination(case: Case) -> Facts:
    proposal = open_proposal(case)
    if proposal is None:
        return []
    return [
        (_("Ground"), proposal.get_ground_display(), ""),
        (_("Reason"), proposal.reason, ""),
        (_("Proposed by"), name_of(proposal.proposed_by), ""),
        (_("Paid out"), yuan(proposal.paid), ""),
        (_("Returned before"), yuan(proposal.returned), ""),
        (_("Accepted expenditure"), yuan(proposal.accepted_expenditure), ""),
        (_("How the amount was found"), proposal.accepted_because, ""),
        (_("To be returned"), yuan(proposal.to_return), ""),
    ]


def about_claim(case: Case) -> Facts:
    claim = claims_of([case]).get(case.pk)
    if claim is None:
        return []
    facts = [
        (_("To be returned"), yuan(claim.termination.to_return), ""),
        (_("Still to be returned"), yuan(claim.outstanding), tab_url(case, "money")),
    ]
    if claim.submitted:
        proof = claim.submitted.proof
        facts += [
            (_("Amount paid back"), yuan(claim.submitted.claimed), ""),
            (_("Paid back on"), claim.submitted.paid_on, ""),
            (_("Proof of payment"), proof.title, document_url(proof)),
        ]
    return facts


def about_change(case: Case) -> Facts:
    change = open_change(case)
    if change is None:
        return []
    return [
        (_("What is to change"), change.get_kind_display(), ""),
        (_("Before"), change.before, ""),
        (_("After"), change.after, ""),
        (_("Reason"), change.reason, ""),
        (_("Asked by"), name_of(change.requested_by), ""),
        (_("File"), change.file and change.file.title, document_url(change.file)),
    ]


def about_reopening(case: Case) -> Facts:
    reopening = open_reopening(case)
    if reopening is None:
        return []
    return [
        (_("Ended as"), Status(reopening.ended_as).label, ""),
        (_("Goes back to"), Status(reopening.back_to).label, ""),
        (_("Reason"), reopening.reason, ""),
        (_("Asked by"), name_of(reopening.asked_by), ""),
    ]


def about_end(case: Case) -> Facts:
    back_to = Status(case.ended_from).label if case.ended_from else ""
    return [
        (_("Why it ended"), case.application.end_reason, ""),
        (_("Goes back to"), back_to, ""),
    ]


def about_suspension(case: Case) -> Facts:
    """Why the payments stand still, since when, by whom; what has been paid."""
    hold = hold_of(case, HoldKind.SUSPENSION)
    if hold is None:
        return []
    return [
        (_("Why it was suspended"), hold.reason, ""),
        (_("Suspended since"), moment(hold.opened_at), ""),
        (_("Suspended by"), name_of(hold.opened_by), ""),
        *about_paid(case),
    ]


FACTS = {
    "suspend": about_paid,
    "resume": about_suspension,
    "terminate": about_paid,
    "confirm_termination": about_termination,
    "submit_repayment": about_claim,
    "record_repayment": about_claim,
    "decide_change": about_change,
    "reopen": about_end,
    "confirm_reopening": about_reopening,
}
