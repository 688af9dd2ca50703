"""Actions of the running half: tracking, money, closing."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from grants.actions.base import Action
from grants.forms import closing as closing_forms
from grants.forms import paying as paying_forms
from grants.forms import tracking as tracking_forms
from grants.forms.base import ActionForm
from grants.forms.reporting import ReportStageForm
from grants.services import closing, evaluating, paying, programmes, tracking

RUNNING = (
    Action(
        "report_stage",
        _("Submit report"),
        ReportStageForm,
        tracking.report_stage,
        of="stage",
    ),
    Action(
        "check_materials",
        _("Desk check"),
        tracking_forms.CheckMaterialsForm,
        tracking.check_materials,
        of="stage",
    ),
    Action(
        "visit_site",
        _("Record site visit"),
        tracking_forms.VisitSiteForm,
        tracking.visit_site,
        of="stage",
    ),
    Action(
        "grade_stage",
        pgettext_lazy("action", "Grade"),
        tracking_forms.GradeStageForm,
        evaluating.grade_stage,
        of="stage",
    ),
    Action(
        "submit_rectification",
        _("Submit rectification"),
        tracking_forms.SubmitRectificationForm,
        tracking.submit_rectification,
        of="stage",
    ),
    Action(
        "recheck",
        _("Re-check"),
        tracking_forms.RecheckForm,
        tracking.recheck,
        of="stage",
    ),
    Action(
        "decide_on_failure",
        _("Decide on failure"),
        tracking_forms.DecideOnFailureForm,
        tracking.decide_on_failure,
        of="stage",
        danger=True,
        confirms=True,
    ),
    Action(
        "request_payment",
        _("Request payment"),
        paying_forms.RequestPaymentForm,
        paying.request_payment,
        of="tranche",
    ),
    Action(
        "register_receipt",
        _("Register receipt"),
        paying_forms.RegisterReceiptForm,
        paying.register_receipt,
        of="tranche",
    ),
    Action(
        "approve_payment",
        _("Approve payment"),
        paying_forms.ApprovePaymentForm,
        paying.approve_payment,
        of="round",
        confirms=True,
    ),
    Action(
        "record_payment",
        _("Record payment"),
        paying_forms.RecordPaymentForm,
        paying.record_payment,
        of="tranche",
    ),
    Action(
        "file_audit_report",
        _("Upload audit report"),
        closing_forms.FileAuditReportForm,
        closing.file_audit_report,
    ),
    Action(
        "record_refund",
        _("Record refund"),
        closing_forms.RecordRefundForm,
        closing.record_refund,
    ),
    Action(
        "submit_closure",
        _("Submit closure package"),
        closing_forms.SubmitClosureForm,
        closing.submit_closure,
    ),
    Action(
        "close_project",
        pgettext_lazy("action", "Close"),
        closing_forms.CloseProjectForm,
        closing.close_project,
        confirms=True,
    ),
    Action(
        "archive",
        pgettext_lazy("action", "Archive"),
        closing_forms.ArchiveForm,
        closing.archive,
    ),
    Action(
        "close_round",
        _("Close round"),
        ActionForm,
        programmes.close_round,
        of="round",
        free=True,
    ),
)
