"""Forms of the desk that are no actions of a case."""

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.utils.timezone import now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from desk.wording import PHASE_LABELS
from grants.lifecycle import MOVES, PHASES
from grants.models import Case, Programme, ProgrammeRules, Role, Round, Status
from grants.selectors import open_rounds
from grants.services.paper_dates import date_errors
from organisations.models import Organisation, User
from organisations.selectors import organisation_ids_of
from workflows.models import WorkItem
from workflows.services import may_hold


def colleagues_for(item: WorkItem, by: User) -> QuerySet[User]:
    """Active people of the same group or organisation, without the asker."""
    people = get_user_model().objects.filter(is_active=True).exclude(pk=by.pk)
    if item.membership_role:
        return people.filter(
            memberships__organisation=item.organisation_id,
            memberships__role__in=MOVES[item.action].members,
            memberships__ended_at=None,
        ).distinct()
    return people.filter(
        groups__role_group__programme=item.programme_id,
        groups__role_group__role__in=MOVES[item.action].roles,
    ).distinct()


class ReassignForm(forms.Form):
    """Hand a task to a colleague who may do it."""

    to = forms.ChoiceField(label=_("Colleague"))

    def __init__(self, *args: Any, item: WorkItem, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {
            str(p.pk): p for p in colleagues_for(item, by) if may_hold(item, p)
        }
        self.fields["to"].choices = [(k, str(p)) for k, p in self.people.items()]
        if not self.people:
            self.fields["to"].help_text = _("Nobody else may do this task.")

    def clean_to(self) -> User:
        return self.people[self.cleaned_data["to"]]


class CaseFilter(forms.Form):
    """Filters of the case register; wrong values are ignored."""

    q = forms.CharField(label=_("Number, project or organisation"), required=False)
    phase = forms.ChoiceField(label=_("Phase"), required=False)
    status = forms.ChoiceField(label=_("Status"), required=False)
    round = forms.ChoiceField(label=_("Round"), required=False)

    def __init__(self, *args: Any, rounds: list[Round], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        every = ("", gettext("All"))
        self.fields["phase"].choices = [every, *PHASE_LABELS.items()]
        self.fields["status"].choices = [every, *Status.choices]
        self.fields["round"].choices = [every, *((r.code, str(r)) for r in rounds)]

    def cut(self, cases: QuerySet[Case]) -> QuerySet[Case]:
        """The cases that fit the filters that make sense."""
        self.is_valid()
        asked = getattr(self, "cleaned_data", {})
        if asked.get("status"):
            cases = cases.filter(status=asked["status"])
        if asked.get("phase"):
            cases = cases.filter(status__in=PHASES[asked["phase"]])
        if asked.get("round"):
            cases = cases.filter(round__code=asked["round"])
        if asked.get("q"):
            text = asked["q"].strip()
            cases = cases.filter(
                Q(code__icontains=text)
                | Q(title__icontains=text)
                | Q(organisation__name__icontains=text)
                | Q(project__award_no__icontains=text)
            )
        return cases


class ApplyForm(forms.Form):
    """Which round, and for which organisation."""

    round = forms.ChoiceField(label=_("Round"))
    organisation = forms.ChoiceField(label=_("Applicant organisation"))

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ids = organisation_ids_of(by, "applicant", "legal_rep")
        self.rounds = {r.code: r for r in open_rounds(now())}
        self.organisations = {
            str(o.pk): o for o in Organisation.objects.filter(pk__in=ids)
        }
        self.fields["round"].choices = [(k, str(r)) for k, r in self.rounds.items()]
        self.fields["organisation"].choices = [
            (k, str(o)) for k, o in self.organisations.items()
        ]
        for name, known in (
            ("round", self.rounds),
            ("organisation", self.organisations),
        ):
            if len(known) == 1:
                self.fields[name].initial = next(iter(known))

    def clean_round(self) -> Round:
        return self.rounds[self.cleaned_data["round"]]

    def clean_organisation(self) -> Organisation:
        return self.organisations[self.cleaned_data["organisation"]]


class PaperDatesForm(forms.Form):
    """The days that stand on a paper."""

    issued_on = forms.DateField(
        label=_("Date on the paper"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    valid_until = forms.DateField(
        label=_("Valid until"),
        required=False,
        help_text=_("For a paper without an end: 2099-12-31."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        days = (cleaned.get("issued_on"), cleaned.get("valid_until"))
        for name, messages in date_errors(*days).items():
            self.add_error(name, messages)
        return cleaned

    @property
    def days(self) -> dict[str, Any]:
        """The days of a valid form, as the service takes them."""
        return {name: self.cleaned_data[name] for name in ("issued_on", "valid_until")}


class DocumentForm(PaperDatesForm):
    """A paper added to the case beside the steps."""

    field_order = ["kind", "title", "upload", "issued_on", "valid_until"]

    kind = forms.ChoiceField(label=_("Kind"), initial="other", required=False)
    title = forms.CharField(
        label=_("Title"),
        max_length=200,
        required=False,
        help_text=_("The file's name if you leave this empty."),
    )
    upload = forms.FileField(
        label=_("File"), help_text=_("PDF, picture or office file.")
    )

    def __init__(self, *args: Any, kinds: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = kinds


class VersionForm(PaperDatesForm):
    """A newer file of a paper; the earlier ones stay. It has days of its own."""

    field_order = ["upload", "issued_on", "valid_until"]

    upload = forms.FileField(label=_("File"))


class ProgrammeForm(forms.Form):
    """A new programme with the default rules."""

    code = forms.SlugField(label=_("Code"), max_length=20)
    name_zh = forms.CharField(label=_("Chinese name"), max_length=80)
    name_en = forms.CharField(label=_("English name"), max_length=120)
    authority = forms.ModelChoiceField(
        label=_("Host authority"), queryset=Organisation.objects.none()
    )
    operator = forms.ModelChoiceField(
        label=_("Operator"), queryset=Organisation.objects.none(), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offices = Organisation.objects.filter(legal_form="GOV").order_by("name")
        others = Organisation.objects.filter(
            Q(admitted_at__isnull=False), ~Q(legal_form="GOV")
        )
        self.fields["authority"].queryset = offices
        self.fields["operator"].queryset = others.order_by("name")

    def clean_code(self) -> str:
        code = self.cleaned_data["code"]
        if Programme.objects.filter(code=code).exists():
            raise forms.ValidationError(_("There is already a programme of this code."))
        return code


class UseRulesForm(forms.Form):
    """Which version new cases of a round take, and why."""

    version = forms.ChoiceField(label=_("Version for new cases"), widget=forms.Select)
    reason = forms.CharField(label=_("Reason"), max_length=200)

    def __init__(
        self, *args: Any, versions: list[ProgrammeRules], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].choices = [
            (str(v.version), f"{v.version}: {v.reason}") for v in versions
        ]


class GrantRoleForm(forms.Form):
    """Give a person, named by the user name, a role in a programme."""

    username = forms.CharField(label=_("User name"), max_length=150)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)

    def clean_username(self) -> User:
        user = (
            get_user_model()
            .objects.filter(username=self.cleaned_data["username"], is_active=True)
            .first()
        )
        if user is None:
            raise forms.ValidationError(_("There is no active person of this name."))
        return user


class ObjectionFinder(forms.Form):
    """The number that was given when the objection was sent."""

    number = forms.CharField(label=_("Number of the objection"), max_length=30)


class BatchScreenForm(forms.Form):
    """What somebody says who passes many applications at once."""

    evidence = forms.CharField(
        label=_("What was found"),
        max_length=300,
        help_text=_("Kept with every rule that the system cannot check by itself."),
    )
    confirmed = forms.BooleanField(
        label=_(
            "I have looked up these rules for each of the chosen applications, "
            "and they are met."
        ),
    )
