"""Actions beside the road: termination, clawback, changes, reopening."""

from django.utils.translation import gettext_lazy as _

from grants.actions.base import Action
from grants.forms import changing as changing_forms
from grants.forms import terminating as forms
from grants.forms.reopening import ConfirmReopeningForm
from grants.services import changing, reopening, repaying, suspending, terminating

SIDEWAYS = (
    Action(
        "request_change",
        _("Request change"),
        changing_forms.RequestChangeForm,
        changing.request_change,
        free=True,
        answered_by="decide_change",
    ),
    Action(
        "decide_change",
        _("Decide on the change"),
        changing_forms.DecideChangeForm,
        changing.decide_change,
        confirms=True,
    ),
    Action(
        "suspend",
        _("Suspend payments"),
        forms.SuspendForm,
        suspending.suspend,
        danger=True,
        free=True,
        answered_by="resume",
        confirms=True,
    ),
    Action(
        "resume",
        _("Resume payments"),
        forms.ResumeForm,
        suspending.resume,
        confirms=True,
    ),
    Action(
        "terminate",
        _("Terminate"),
        forms.TerminateForm,
        terminating.terminate,
        danger=True,
        free=True,
        answered_by="confirm_termination",
        confirms=True,
    ),
    Action(
        "confirm_termination",
        _("Confirm termination"),
        forms.ConfirmForm,
        terminating.confirm_termination,
        danger=True,
        confirms=True,
    ),
    Action(
        "submit_repayment",
        _("Prove repayment"),
        forms.SubmitRepaymentForm,
        repaying.submit_repayment,
    ),
    Action(
        "record_repayment",
        _("Record repayment"),
        forms.RecordRepaymentForm,
        repaying.record_repayment,
    ),
    Action(
        "reopen",
        _("Reopen"),
        forms.ReopenForm,
        reopening.reopen,
        free=True,
        answered_by="confirm_reopening",
    ),
    Action(
        "confirm_reopening",
        _("Confirm reopening"),
        ConfirmReopeningForm,
        reopening.confirm_reopening,
        confirms=True,
    ),
)
