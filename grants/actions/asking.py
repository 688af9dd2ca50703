"""Actions of asking: from the draft to the panel's score."""

from django.utils.translation import gettext_lazy as _

from grants.actions.base import Action
from grants.forms.applying import ApplicationForm, ResubmitForm, WithdrawForm
from grants.forms.minutes import RecordMinutesForm
from grants.forms.reviewing import (
    DeclareInterestForm,
    LockScoreForm,
    OpenReviewForm,
    ReplaceReviewerForm,
)
from grants.forms.screening import ConfirmRefusalForm, ScreenForm
from grants.forms.seats import ReopenScoreForm, VacateSeatForm
from grants.services import (
    applying,
    minutes,
    replacing,
    rescoring,
    reviewing,
    screening,
)

ASKING = (
    Action(
        "submit_application",
        _("Submit application"),
        ApplicationForm,
        applying.submit_application,
    ),
    Action("screen", _("Eligibility screening"), ScreenForm, screening.screen),
    Action("resubmit", _("Resubmit"), ResubmitForm, applying.resubmit),
    Action(
        "confirm_refusal",
        _("Refuse"),
        ConfirmRefusalForm,
        screening.confirm_refusal,
        confirms=True,
    ),
    Action(
        "open_review",
        _("Draw experts"),
        OpenReviewForm,
        reviewing.open_review,
        of="round",
    ),
    Action(
        "declare_interest",
        _("Declare interest"),
        DeclareInterestForm,
        reviewing.declare_interest,
        of="seat",
    ),
    Action(
        "replace_reviewer",
        _("Replace reviewer"),
        ReplaceReviewerForm,
        replacing.replace_reviewer,
        of="seat",
    ),
    Action(
        "lock_score",
        _("Submit and lock score"),
        LockScoreForm,
        reviewing.lock_score,
        of="seat",
    ),
    Action(
        "reopen_score",
        _("Reopen a score"),
        ReopenScoreForm,
        rescoring.reopen_score,
        free=True,
        entry=True,
    ),
    Action(
        "vacate_seat",
        _("Free a reviewer's seat"),
        VacateSeatForm,
        replacing.vacate_seat,
        free=True,
        entry=True,
    ),
    Action(
        "record_minutes",
        _("Record the minutes of the defences"),
        RecordMinutesForm,
        minutes.record_minutes,
        of="round",
        free=True,
    ),
    Action(
        "withdraw",
        _("Withdraw application"),
        WithdrawForm,
        applying.withdraw,
        danger=True,
        free=True,
    ),
)
