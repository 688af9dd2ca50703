"""Rows of the tables of rules."""

from django import forms
from django.utils.translation import gettext_lazy as _

from grants.forms.ruling.base import PercentField, PointsField, WholeField
from grants.paper_rules import ANSWERS, Bringer, Needed, PaperStage, Validity

#: What happens where a limit is passed.
MODES = [
    ("block", _("The form is refused")),
    ("warn", _("A warning")),
    ("off", _("Nothing")),
]


class CodedRow(forms.Form):
    """A code with its words in both languages."""

    code = forms.SlugField(label=_("Code"), max_length=50)
    zh = forms.CharField(label=_("Chinese"), max_length=100)
    en = forms.CharField(label=_("English"), max_length=150)


class CategoryRow(CodedRow):
    """A service field."""


class EligibilityRow(CodedRow):
    """A rule that the screening verifies."""

    look_zh = forms.CharField(
        label=_("Where one looks (Chinese)"), max_length=100, required=False
    )
    look_en = forms.CharField(
        label=_("Where one looks (English)"), max_length=150, required=False
    )
    source = forms.CharField(label=_("Source"), max_length=100, required=False)


class CriterionRow(CodedRow):
    weight = PointsField(label=_("Weight"), min_value=0)


class DimensionRow(CodedRow):
    """What an evaluation scores."""

    weight = PointsField(label=_("Weight"), min_value=0)


class BandRow(CodedRow):
    min = PointsField(label=_("From (points)"), min_value=0)


class ShareRow(forms.Form):
    share = PercentField(label=_("Per cent of the award"), min_value=0)


class SourceRow(forms.Form):
    """Budget rules of one fund source."""

    source = forms.CharField(label=_("Fund source"), max_length=40)
    staff_share_of_grant_max = PercentField(label=_("Staff, at most (%)"), min_value=0)
    staff_share_mode = forms.ChoiceField(
        label=_("Above the staff limit"), choices=MODES
    )
    admin_share_max = PercentField(label=_("Administration, at most (%)"), min_value=0)
    admin_share_mode = forms.ChoiceField(
        label=_("Above the administration limit"), choices=MODES
    )


class PaperRow(CodedRow):
    """A paper that a stage asks for."""

    stage = forms.ChoiceField(label=_("Stage"), choices=PaperStage.choices)
    who = forms.ChoiceField(label=_("Who brings it"), choices=Bringer.choices)
    needed = forms.ChoiceField(label=_("Needed"), choices=Needed.choices)
    answer = forms.ChoiceField(
        label=_("What counts"),
        required=False,
        choices=[
            ("", _("A file that is added under this name")),
            *((name, answer.label) for name, answer in ANSWERS.items()),
        ],
    )
    validity = forms.ChoiceField(label=_("It runs out"), choices=Validity.choices)
    months = WholeField(label=_("After (months)"), min_value=0, required=False)
