"""Findings of the auditor and accountability cases of the inspector (A06).

The auditor raises a finding and asks the programme's office or the organisation;
who is asked answers; the auditor resolves it, asks again, or refers it to the
discipline inspector. A referral holds the money of the case until the inspector,
and nobody else, has closed it. A case does not end while a finding is open.
"""

from collections.abc import Iterable
from decimal import Decimal

from django.utils.timezone import now
from django.utils.translation import gettext as _

from attachments.services import StoredUpload, add_document, open_folder
from grants.errors import Invalid, WrongState
from grants.models import (
    AccountabilityResult,
    Case,
    Finding,
    FindingAddressee,
    FindingCode,
    FindingSeverity,
    FindingStatus,
    HoldKind,
)
from grants.services.gate import gate
from grants.services.holding import lift_holds, set_hold
from organisations.models import User

#: The kind of the folder with a finding's evidence, and of the papers in it.
FOLDER = "finding"
RESOLVE, ASK_AGAIN = "RESOLVE", "ASK_AGAIN"
CLEARABLE = (FindingStatus.RAISED, FindingStatus.ANSWERED)


def finding_errors(
    code: str, severity: str, addressee: str, amount: Decimal | None, **texts: str
) -> dict[str, list[str]]:
    """What is wrong with a finding, by field."""
    errors = {}
    for name, value, choices in (
        ("code", code, FindingCode),
        ("severity", severity, FindingSeverity),
        ("addressee", addressee, FindingAddressee),
    ):
        if value not in choices.values:
            errors[name] = [_("Choose one.")]
    if amount is not None and amount < 0:
        errors["amount"] = [_("This cannot be less than nothing.")]
    for name, text in texts.items():
        if not text.strip():
            errors[name] = [_("This is needed.")]
    return errors


def referable(case: Case) -> list[Finding]:
    """The findings of a case that the auditor may still refer."""
    return list(case.findings.filter(status__in=CLEARABLE).order_by("pk"))


@gate("raise_finding")
def raise_finding(
    case: Case,
    *,
    by: User,
    code: str,
    severity: str,
    addressee: str,
    statement: str,
    evidence: str,
    amount: Decimal | None = None,
    files: Iterable[StoredUpload] = (),
) -> Finding:
    """The auditor says what was found and where it is seen, and asks for an answer.

    amount: CNY in question, None where no money is. files: the auditor's own, read
    by whoever may read the finding.
    """
    errors = finding_errors(
        code, severity, addressee, amount, statement=statement, evidence=evidence
    )
    if errors:
        raise Invalid(errors)
    files = list(files)
    finding = Finding.objects.create(
        number=f"{case.code}-A{case.findings.count() + 1}",
        case=case,
        code=code,
        severity=severity,
        addressee=addressee,
        statement=statement,
        evidence=evidence,
        amount=amount,
        raised_by=by,
        raised_at=now(),
        folder=open_folder(FOLDER, stream=f"case:{case.pk}") if files else None,
    )
    for file in files:
        add_document(finding.folder, kind=FOLDER, upload=file, by=by)
    return finding


@gate("answer_finding")
def answer_finding(finding: Finding, *, by: User, answer: str) -> Finding:
    """The programme's office answers what it was asked."""
    return _answered(finding, FindingAddressee.OFFICE, by, answer)


@gate("explain_finding")
def explain_finding(finding: Finding, *, by: User, answer: str) -> Finding:
    """The organisation answers what it was asked."""
    return _answered(finding, FindingAddressee.ORGANISATION, by, answer)


def _answered(finding: Finding, asked: str, by: User, answer: str) -> Finding:
    if finding.status != FindingStatus.RAISED or finding.addressee != asked:
        raise WrongState(_("This finding does not wait for your answer."))
    if not answer.strip():
        raise Invalid({"answer": [_("Give the answer.")]})
    finding.answer, finding.answered_by, finding.answered_at = answer, by, now()
    finding.status = FindingStatus.ANSWERED
    finding.save()
    return finding


@gate("resolve_finding")
def resolve_finding(
    finding: Finding, *, by: User, outcome: str, resolution: str
) -> Finding:
    """The auditor resolves an answered finding, or asks again and says what for."""
    if finding.status != FindingStatus.ANSWERED:
        raise WrongState(_("This finding is not answered."))
    if outcome not in (RESOLVE, ASK_AGAIN):
        raise Invalid({"outcome": [_("Choose an outcome.")]})
    if not resolution.strip():
        raise Invalid({"resolution": [_("Say why.")]})
    finding.resolution = resolution
    if outcome == RESOLVE:
        finding.status = FindingStatus.RESOLVED
        finding.resolved_by, finding.resolved_at = by, now()
    else:
        finding.status = FindingStatus.RAISED
    finding.save()
    return finding


@gate("refer_finding")
def refer_finding(case: Case, *, by: User, finding: str, reason: str) -> Finding:
    """The auditor hands a finding to the inspector; the money stops from here on.

    finding: its number. WrongState for one that is settled or referred already.
    """
    found = case.findings.filter(number=finding, status__in=CLEARABLE).first()
    if found is None:
        raise WrongState(_("This finding is resolved or referred already."))
    if not reason.strip():
        raise Invalid({"reason": [_("Give the reason.")]})
    found.status = FindingStatus.REFERRED
    found.referral, found.referred_by, found.referred_at = reason, by, now()
    found.save()
    set_hold(case, HoldKind.FINDING, found.number, by=by)
    return found


@gate("close_accountability")
def close_accountability(
    finding: Finding, *, by: User, result: str, reason: str
) -> Finding:
    """The inspector closes the accountability case; with the last one the hold ends."""
    if finding.status != FindingStatus.REFERRED:
        raise WrongState(_("This finding is not referred."))
    if result not in AccountabilityResult.values:
        raise Invalid({"result": [_("Choose one.")]})
    if not reason.strip():
        raise Invalid({"reason": [_("Give the reason.")]})
    finding.status = FindingStatus.CLOSED
    finding.result, finding.result_reason = result, reason
    finding.closed_by, finding.closed_at = by, now()
    finding.save()
    case = finding.case
    if not case.findings.filter(status=FindingStatus.REFERRED).exists():
        lift_holds(case, HoldKind.FINDING)
    return finding
