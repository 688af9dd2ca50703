"""Forms of findings and accountability: the auditor's, who is asked, the inspector's.

The target is a Case (to raise, to refer) or the Finding.
"""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from grants.forms.base import ActionForm
from grants.forms.fields import FilesField
from grants.forms.running import LongTextField, MoneyField, OutcomeField
from grants.models import (
    AccountabilityResult,
    FindingAddressee,
    FindingCode,
    FindingSeverity,
)
from grants.services.auditing import ASK_AGAIN, FOLDER, RESOLVE, referable
from grants.services.keeping import HOLD, RELEASE

#: Of what an auditor may add; the field's help names both.
MOST_FILES = 10
MOST_BYTES = 25 * 1024 * 1024


class RaiseFindingForm(ActionForm):
    code = forms.ChoiceField(label=_("Kind of issue"), choices=FindingCode.choices)
    severity = OutcomeField(FindingSeverity, label=_("Severity"))
    amount = MoneyField(
        label=_("Amount in question"),
        required=False,
        help_text=_("In yuan; leave it empty where no money is in question."),
    )
    statement = LongTextField(label=_("What the audit found"))
    evidence = LongTextField(
        label=_("Evidence"),
        help_text=_("Where it is seen: documents, vouchers, entries of the record."),
    )
    files = FilesField(
        FOLDER,
        folder=FOLDER,
        max_files=MOST_FILES,
        max_bytes=MOST_BYTES,
        label=_("Files of the evidence"),
        required=False,
        help_text=_(
            "Up to 10 files of 25 MB each. Whoever may read the finding may open them."
        ),
    )
    addressee = OutcomeField(
        FindingAddressee,
        label=_("Who is asked"),
        help_text=_("Who is asked reads the finding and its evidence."),
    )

    def example(self) -> dict[str, Any]:
        return {
            "code": FindingCode.VOUCHER.value,
            "severity": FindingSeverity.MAJOR.value,
            "amount": "1200.00",
            "statement": "三笔活动支出缺少发票。",
            "evidence": "项目台账第 3、5、8 笔。",
            "addressee": FindingAddressee.OFFICE.value,
        }


class AnswerFindingForm(ActionForm):
    answer = LongTextField(label=_("Answer"))

    def example(self) -> dict[str, Any]:
        return {"answer": "已补齐发票，见补充材料。"}


class ResolveFindingForm(ActionForm):
    outcome = forms.ChoiceField(
        label=_("Outcome"),
        choices=[(RESOLVE, _("Resolved")), (ASK_AGAIN, _("Ask again"))],
        widget=forms.RadioSelect,
    )
    resolution = LongTextField(
        label=_("Reason"),
        help_text=_("Why it is resolved, or what the answer lacks."),
    )

    def example(self) -> dict[str, Any]:
        return {"outcome": RESOLVE, "resolution": "发票已核对无误。"}


class ReferFindingForm(ActionForm):
    finding = forms.ChoiceField(label=_("Audit finding"))
    reason = LongTextField(
        label=_("Reason"),
        help_text=_(
            "The payments of the case stop until the inspector closes the matter."
        ),
    )

    def prepare(self) -> None:
        self.fields["finding"].choices = [
            (found.number, f"{found.number} {found.get_code_display()}")
            for found in referable(self.target)
        ]

    def start_from(self, given: Any) -> None:
        self.initial["finding"] = given.get("entry", "")

    def example(self) -> dict[str, Any]:
        choices = self.fields["finding"].choices
        return {
            "finding": choices[0][0] if choices else "",
            "reason": gettext("The matter needs an inquiry by the inspector."),
        }


class CloseAccountabilityForm(ActionForm):
    result = OutcomeField(AccountabilityResult, label=_("Result"))
    reason = LongTextField(label=_("Reason"))

    def example(self) -> dict[str, Any]:
        return {
            "result": AccountabilityResult.NO_BREACH.value,
            "reason": "经核查，未发现违纪行为。",
        }


class HoldDocumentsForm(ActionForm):
    outcome = forms.ChoiceField(
        label=_("Legal hold"),
        choices=[(HOLD, _("Put on hold")), (RELEASE, _("End the hold"))],
        widget=forms.RadioSelect,
        help_text=_("While it lasts the storage deletes none of the files."),
    )
    reason = LongTextField(label=_("Reason"))

    def prepare(self) -> None:
        self.initial["outcome"] = RELEASE if self.target.folder.held else HOLD

    def example(self) -> dict[str, Any]:
        held = self.target.folder.held
        return {"outcome": RELEASE if held else HOLD, "reason": "审计取证需要。"}
