"""Actions of the ledger: no steps of a flow, open while the project runs."""

from django.utils.translation import gettext_lazy as _

from grants.actions.base import Action
from grants.forms import ledger as forms
from grants.services import ledger

LEDGER = (
    Action(
        "record_service",
        _("Record an activity"),
        forms.RecordServiceForm,
        ledger.record_service,
        free=True,
    ),
    Action(
        "correct_service",
        _("Correct an activity record"),
        forms.CorrectServiceForm,
        ledger.correct_service,
        free=True,
        entry=True,
    ),
    Action(
        "void_service",
        _("Void an activity record"),
        forms.VoidServiceForm,
        ledger.void_service,
        free=True,
        entry=True,
        danger=True,
    ),
    Action(
        "record_expense",
        _("Record an expense"),
        forms.RecordExpenseForm,
        ledger.record_expense,
        free=True,
    ),
    Action(
        "correct_expense",
        _("Correct an expense"),
        forms.CorrectExpenseForm,
        ledger.correct_expense,
        free=True,
        entry=True,
    ),
    Action(
        "void_expense",
        _("Void an expense"),
        forms.VoidExpenseForm,
        ledger.void_expense,
        free=True,
        entry=True,
        danger=True,
    ),
)
