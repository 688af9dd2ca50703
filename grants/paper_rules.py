"""What the rules say of the papers of each stage (DOMAIN.md §10): the words for it.

A programme lists its papers under `documents.required`, one row a paper:

    {code, stage, zh, en, who, needed, answer, validity, months}

`answer` says what counts as the paper: nothing for a file that is added under this
code, else one of ANSWERS: a file that comes with an act, or a record of the system.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from grants.models import Status


class PaperStage(TextChoices):
    """The stages that papers belong to, in the order of the road."""

    APPLICATION = "APPLICATION", pgettext_lazy("papers", "Application")
    REVIEW = "REVIEW", pgettext_lazy("papers", "Review")
    AWARD = "AWARD", _("Notice and award")
    AGREEMENT = "AGREEMENT", _("Agreement and payments")
    INITIAL = "INITIAL", _("Initial tracking")
    MID = "MID", pgettext_lazy("stage", "Mid-term evaluation")
    FINAL = "FINAL", pgettext_lazy("stage", "Final evaluation")
    CLOSING = "CLOSING", _("Audit and closing")


class Bringer(TextChoices):
    """Who has to bring a paper."""

    APPLICANT = "APPLICANT", _("Applicant organisation")
    OFFICE = "OFFICE", _("Offices of the programme")


class Needed(TextChoices):
    """Whether a case without the paper lacks something."""

    ALWAYS = "ALWAYS", _("Always")
    APPLIES = "APPLIES", _("Where it applies")


class Validity(TextChoices):
    """Whether a paper runs out, and by which day on it."""

    NONE = "NONE", _("It does not run out")
    UNTIL = "UNTIL", _("On the day that stands on it")
    AGE = "AGE", _("Some months after its date")


S = Status
#: In which stage of the papers a case of this status is; ended cases are asked
#: nothing any more.
STAGE_OF_STATUS: dict[str, PaperStage] = {
    **dict.fromkeys(
        (S.DRAFT, S.SCREENING, S.CORRECTION, S.ELIGIBLE), PaperStage.APPLICATION
    ),
    **dict.fromkeys((S.UNDER_REVIEW, S.SCORED), PaperStage.REVIEW),
    **dict.fromkeys(
        (S.PROPOSED, S.WAITLISTED, S.DECIDED, S.IN_NOTICE, S.REVISION),
        PaperStage.AWARD,
    ),
    S.AGREEMENT: PaperStage.AGREEMENT,
    S.RUNNING_INITIAL: PaperStage.INITIAL,
    S.MID_EVAL: PaperStage.MID,
    S.RUNNING_FINAL: PaperStage.MID,
    S.FINAL_EVAL: PaperStage.FINAL,
    **dict.fromkeys((S.AUDIT, S.CLOSING, S.CLOSED, S.ARCHIVED), PaperStage.CLOSING),
}
ORDER = {stage.value: place for place, stage in enumerate(PaperStage)}


@dataclass(frozen=True)
class Answer:
    """What counts as a paper: files of a kind, or a fact of the case.

    `action` is the act that brings it. `staged` facts are of one tracking stage.
    """

    label: Any
    action: str = ""
    kind: str = ""
    fact: str = ""
    staged: bool = False


#: By the name that stands in the rules: choose it once.
ANSWERS: dict[str, Answer] = {
    "sealed_application": Answer(
        _("Signed and sealed application form"), kind="sealed_application"
    ),
    "screening": Answer(_("Proof of the screening"), action="screen", kind="screening"),
    "agreement": Answer(_("Sealed agreement"), action="countersign", kind="agreement"),
    "receipt": Answer(
        _("Receipt of a payment"), action="request_payment", kind="receipt"
    ),
    "sign_in_sheet": Answer(
        _("Sign-in sheets of the ledger"),
        action="record_service",
        kind="sign_in_sheet",
    ),
    "service_picture": Answer(
        _("Pictures of the ledger"), action="record_service", kind="service_picture"
    ),
    "expense_proof": Answer(
        _("Vouchers of the ledger"), action="record_expense", kind="expense_proof"
    ),
    "audit_report": Answer(
        _("Report of the audit firm"), action="file_audit_report", kind="audit_report"
    ),
    "closure_package": Answer(
        _("Closure package"), action="submit_closure", kind="closure_package"
    ),
    "form": Answer(
        _("The form in the system"), action="submit_application", fact="submitted"
    ),
    "account": Answer(_("The bank account in the system"), fact="account"),
    "draw": Answer(_("The draw in the system"), action="open_review", fact="seats"),
    "declarations": Answer(
        _("The declarations in the system"),
        action="declare_interest",
        fact="declarations",
    ),
    "scores": Answer(
        _("The score sheets in the system"), action="lock_score", fact="reviews"
    ),
    "defence": Answer(
        _("The notes of the defence"), action="record_minutes", fact="defence"
    ),
    "minutes": Answer(
        _("The minutes of the meeting"), action="record_meeting", fact="minutes"
    ),
    "notice": Answer(_("The public notice"), action="publish_notice", fact="notice"),
    "award": Answer(_("The award letter"), action="award_list", fact="award"),
    "report": Answer(
        _("The report of the stage"),
        action="report_stage",
        fact="report",
        staged=True,
    ),
    "visit": Answer(
        _("The record of a visit"), action="visit_site", fact="visit", staged=True
    ),
    "evaluation": Answer(
        _("The evaluation of the stage"),
        action="grade_stage",
        fact="graded",
        staged=True,
    ),
    "ledger": Answer(
        _("The ledger of activities"), action="record_service", fact="services"
    ),
    "expenses": Answer(
        _("The ledger of expenses"), action="record_expense", fact="expenses"
    ),
}
#: The stages in which tracking reports, visits and evaluations take place.
TRACKED = (PaperStage.INITIAL, PaperStage.MID, PaperStage.FINAL)


@dataclass(frozen=True)
class Requirement:
    """One paper that the rules ask for."""

    code: str
    stage: str
    zh: str
    en: str
    who: str = Bringer.APPLICANT
    needed: str = Needed.ALWAYS
    answer: str = ""
    validity: str = Validity.NONE
    months: int = 0  # for Validity.AGE

    @property
    def kind(self) -> str:
        """The kind of document that counts, or "" for a record of the system."""
        return ANSWERS[self.answer].kind if self.answer else self.code

    @property
    def is_file(self) -> bool:
        """Whether somebody adds the file under the documents of the case."""
        return not self.answer or not (
            ANSWERS[self.answer].action or ANSWERS[self.answer].fact
        )


#: What a row says that lacks a column.
PLAIN: dict[str, Any] = {
    "who": Bringer.APPLICANT.value,
    "needed": Needed.ALWAYS.value,
    "answer": "",
    "validity": Validity.NONE.value,
    "months": None,
}


def requirement_of(row: dict[str, Any]) -> Requirement:
    """A row of the rules; columns that it lacks say nothing special."""
    known = Requirement.__dataclass_fields__
    return Requirement(**{k: v for k, v in row.items() if k in known and v is not None})
