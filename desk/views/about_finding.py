"""What one needs to see to answer a finding, to decide on it, to close it."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from attachments.models import Version
from desk.templatetags.desk import moment
from desk.views.addresses import yuan
from grants.models import Finding
from grants.selectors import evidence_of

Facts = list[tuple[str, Any, str]]


def about_finding(finding: Finding) -> Facts:
    """The finding, and what the auditor said of an earlier answer: for who is asked."""
    return [
        (_("Audit finding"), finding.number, ""),
        (_("Kind of issue"), finding.get_code_display(), ""),
        (_("Severity"), finding.get_severity_display(), ""),
        (_("Amount in question"), yuan(finding.amount), ""),
        (_("What the audit found"), finding.statement, ""),
        (_("Evidence"), finding.evidence, ""),
        *(
            (_("File of the evidence"), version.name, opening(version))
            for version in evidence_of(finding.folder)
        ),
        (_("Raised"), moment(finding.raised_at), ""),
        (_("Answer"), finding.answer, ""),
        (_("The auditor's word on the answer"), finding.resolution, ""),
    ]


def opening(version: Version) -> str:
    """Where a file is opened."""
    return reverse("desk:document-open", args=[version.pk])


def about_answered(finding: Finding) -> Facts:
    """The same with the people, and why it was referred: for who oversees."""
    answered = str(finding.answered_by) if finding.answered_by else ""
    return [
        *about_finding(finding),
        (_("Raised by"), str(finding.raised_by), ""),
        (_("Answered by"), answered, ""),
        (_("Why it was referred"), finding.referral, ""),
    ]


FACTS = {
    "answer_finding": about_finding,
    "explain_finding": about_finding,
    "resolve_finding": about_answered,
    "close_accountability": about_answered,
}
