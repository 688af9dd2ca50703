"""Actions of oversight: findings of the auditor, cases of the inspector."""

from django.utils.translation import gettext_lazy as _

from grants.actions.base import Action
from grants.forms import auditing as forms
from grants.services import auditing, keeping

AUDITING = (
    Action(
        "raise_finding",
        _("Raise a finding"),
        forms.RaiseFindingForm,
        auditing.raise_finding,
        free=True,
    ),
    Action(
        "answer_finding",
        _("Answer the finding"),
        forms.AnswerFindingForm,
        auditing.answer_finding,
        of="finding",
    ),
    Action(
        "explain_finding",
        _("Answer the auditor"),
        forms.AnswerFindingForm,
        auditing.explain_finding,
        of="finding",
    ),
    Action(
        "resolve_finding",
        _("Decide on the answer"),
        forms.ResolveFindingForm,
        auditing.resolve_finding,
        of="finding",
        confirms=True,
    ),
    Action(
        "refer_finding",
        _("Refer to the inspector"),
        forms.ReferFindingForm,
        auditing.refer_finding,
        danger=True,
        free=True,
        entry=True,
        confirms=True,
    ),
    Action(
        "close_accountability",
        _("Close the accountability case"),
        forms.CloseAccountabilityForm,
        auditing.close_accountability,
        of="finding",
        confirms=True,
    ),
    Action(
        "hold_documents",
        _("Legal hold on the documents"),
        forms.HoldDocumentsForm,
        keeping.hold_documents,
        free=True,
        confirms=True,
    ),
)
