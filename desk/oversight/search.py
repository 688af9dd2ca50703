"""Search over the record: by case, person, act, amount, period, organisation,
network address."""

import datetime as dt
import ipaddress
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit.models import Event
from audit.record import READ
from audit.selectors import TimelineEntry, entries_of, origins_of
from audit.tables import tables
from desk.oversight.days import DayField
from desk.oversight.readings import read_words, versions_named
from desk.oversight.scope import OF_NOTHING, cases_of, events_for, keyed, midnight
from desk.record_lines import ChangeLine, Lines
from desk.wording import (
    VERBS,
    nodes_of_flows,
    origin_words,
    role_label,
    verb_label,
)
from grants.actions import ACTIONS
from grants.models import Case
from organisations.models import Organisation, User

PAGE = 30
#: Events that one page looks through for an amount.
LOOKED_THROUGH = 2000
REFUSED = "refused"
#: Figures of a column that holds CNY.
MONEY_DIGITS = 14


#: Nodes of flows that nothing is recorded under: gateways, beginnings and ends.
SILENT = ("START", "END", "SWITCH", "IF", "JOIN", "SPLIT")


def verbs_by_label() -> dict[str, list[str]]:
    """Every act that the record may tell of, by its words; actions come first."""
    steps = {n for n, node in nodes_of_flows().items() if node.task_type not in SILENT}
    labelled: dict[str, list[str]] = defaultdict(list)
    for name in (*ACTIONS, *sorted({*VERBS, *steps} - ACTIONS.keys())):
        labelled[verb_label(name)].append(name)
    return labelled


def verb_choices() -> list[tuple[str, str]]:
    """Acts to choose from; those that are called alike are one choice."""
    known = sorted((label, names[0]) for label, names in verbs_by_label().items())
    refused = (REFUSED, verb_words(REFUSED))
    return [("", gettext("All")), refused, *((name, label) for label, name in known)]


class SearchForm(forms.Form):
    """What to search for. Errors stand beside the field; nothing typed is lost."""

    case = forms.CharField(label=_("Application number"), required=False)
    person = forms.CharField(label=_("Person"), required=False)
    verb = forms.ChoiceField(label=_("Act"), required=False)
    address = forms.CharField(label=_("Network address"), required=False)
    organisation = forms.CharField(label=_("Organisation"), required=False)
    since = DayField(label=_("From day"), required=False)
    until = DayField(label=_("To day"), required=False)
    least = forms.DecimalField(
        label=_("Amount from (CNY)"), required=False, max_digits=14, decimal_places=2
    )
    most = forms.DecimalField(
        label=_("Amount to (CNY)"), required=False, max_digits=14, decimal_places=2
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self.fields["verb"].choices = verb_choices()
        self.found_case: Case | None = None
        self.people: list[int] = []
        self.organisations: list[int] = []
        self.network: ipaddress.IPv4Network | ipaddress.IPv6Network | None = None

    def clean_case(self) -> str:
        text = self.cleaned_data["case"].strip()
        if text:
            named = Q(code__iexact=text) | Q(project__award_no__iexact=text)
            self.found_case = cases_of(self.by).filter(named).first()
            if self.found_case is None:
                raise forms.ValidationError(gettext("No case matches."))
        return text

    def clean_person(self) -> str:
        text = self.cleaned_data["person"].strip()
        if text:
            named = Q(username__iexact=text) | Q(name__icontains=text)
            people = get_user_model().objects.filter(named).order_by("pk")
            self.people = list(people.values_list("pk", flat=True)[:200])
            if not self.people:
                raise forms.ValidationError(gettext("Nobody has this name."))
        return text

    def clean_organisation(self) -> str:
        text = self.cleaned_data["organisation"].strip()
        if text:
            named = Q(name__icontains=text) | Q(credit_code__iexact=text)
            found = Organisation.objects.filter(named).order_by("pk")
            self.organisations = list(found.values_list("pk", flat=True)[:200])
            if not self.organisations:
                raise forms.ValidationError(gettext("No organisation has this name."))
        return text

    def clean_address(self) -> str:
        text = self.cleaned_data["address"].strip()
        if text:
            try:
                self.network = ipaddress.ip_network(text, strict=False)
            except ValueError:
                told = gettext("Write an address or a network: 10.0.0.7, 10.0.0.0/24.")
                raise forms.ValidationError(told) from None
        return text

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or self.cleaned_data
        for first, last in (("since", "until"), ("least", "most")):
            low, high = asked.get(first), asked.get(last)
            if low is not None and high is not None and high < low:
                self.add_error(last, gettext("This is less than where it begins."))
        return asked

    @property
    def looks_inside(self) -> bool:
        """Whether the lines must be read to know which events fit."""
        return self.by_amount or self.network is not None

    @property
    def by_amount(self) -> bool:
        """Whether events are asked for by what they did to an amount."""
        asked = self.cleaned_data
        return asked["least"] is not None or asked["most"] is not None

    def cut(self, events: QuerySet[Event]) -> QuerySet[Event]:
        """The events that fit what the database can tell; amounts come later."""
        asked = self.cleaned_data
        case = self.found_case
        if case is not None:
            of_case = Q(target=case.code) | Q(target=f"case:{case.pk}")
            events = events.filter(Q(stream=f"case:{case.pk}") | of_case)
        if self.people:
            events = events.filter(self._of_people())
        if asked["verb"] == REFUSED:
            events = events.filter(verb__startswith="refused:")
        elif asked["verb"]:
            alike = verbs_by_label()[verb_label(asked["verb"])]
            events = events.filter(verb__in=alike)
        if self.organisations:
            events = events.filter(self._of_organisations())
        if asked["since"]:
            events = events.filter(at__gte=midnight(asked["since"]))
        if asked["until"]:
            after = asked["until"] + dt.timedelta(days=1)
            events = events.filter(at__lt=midnight(after))
        return events

    def _of_people(self) -> Q:
        """What they did, and what was done to them: roles, accounts, sign-ins."""
        codes = [f"user:{pk}" for pk in self.people]
        own = [f"{User._meta.db_table}:{pk}" for pk in self.people]
        return Q(actor__in=codes) | Q(target__in=codes) | Q(stream__in=own)

    def _of_organisations(self) -> Q:
        cases = Case.objects.filter(organisation__in=self.organisations)
        names = [f"organisations_organisation:{pk}" for pk in self.organisations]
        return (
            Q(stream__in=names)
            | Q(target__in=[f"org:{pk}" for pk in self.organisations])
            | Q(stream__in=keyed("case:", cases))
            | Q(target__in=cases.order_by().values("code"))
        )

    def fitting(self, rows: list[tuple[int, str]]) -> list[tuple[int, str]]:
        """The events (key, line) that came from the network and changed an amount."""
        if self.network is not None:
            known = origins_of([line for _pk, line in rows])
            rows = [r for r, at in zip(rows, known, strict=True) if self.is_near(at)]
        return [r for r in rows if not self.by_amount or self.fits(r[1])]

    def is_near(self, address: str) -> bool:
        """Whether an address belongs to the network that is asked for."""
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        return self.network is not None and found in self.network

    def fits(self, line: str) -> bool:
        """Whether an event changed an amount into, out of or within the range."""
        least, most = self.cleaned_data["least"], self.cleaned_data["most"]
        return any(
            (least is None or amount >= least) and (most is None or amount <= most)
            for amount in amounts_in(line)
        )


def amounts_in(line: str) -> Iterator[Decimal]:
    """CNY that a line of the record tells of: before and after."""
    for _number, table, _pk, _sign, fields in json.loads(line)["changes"]:
        known = tables().get(table)
        for column, value in fields.items():
            field = known.fields.get(column) if known else None
            if getattr(field, "max_digits", None) == MONEY_DIGITS:
                both = value if isinstance(value, list) else [value]
                yield from (Decimal(one) for one in both if one is not None)


@dataclass(frozen=True)
class Hit:
    """One event in words."""

    pk: int
    at: dt.datetime
    label: str
    who: str
    about: str
    url: str
    case: Case | None
    reason: str
    read: str
    changes: list[ChangeLine]
    request: str
    origin: str
    refused: bool


@dataclass(frozen=True)
class Found:
    """One page of hits. `next`: the key that leads on; `back_to`: how far it looked."""

    hits: list[Hit]
    next: int | None
    back_to: dt.datetime | None = None


def search(user: User, form: SearchForm, before: int | None) -> Found:
    """The newest events that fit a valid form; a fixed number of queries."""
    events = form.cut(events_for(user))
    if before is not None:
        events = events.filter(pk__lt=before)
    most = LOOKED_THROUGH if form.looks_inside else PAGE
    rows = list(events.order_by("-pk").values_list("pk", "line")[: most + 1])
    looked = rows[:most]
    fitting = form.fitting(looked) if form.looks_inside else looked
    shown = fitting[:PAGE]
    entries = entries_of([line for _pk, line in reversed(shown)])[::-1]
    pairs = [(pk, e) for (pk, _), e in zip(shown, entries, strict=True)]
    following: int | None = None
    back_to = None
    if len(fitting) > PAGE:
        following = shown[-1][0]
    elif len(rows) > most:
        following = looked[-1][0]
        back_to = dt.datetime.fromisoformat(json.loads(looked[-1][1])["at"])
    return Found(
        hits_of(user, pairs), following, back_to if form.looks_inside else None
    )


def hits_of(user: User, pairs: list[tuple[int, TimelineEntry]]) -> list[Hit]:
    """Events in words: names, cases and rules are fetched once for all."""
    entries = [entry for _pk, entry in pairs]
    cases = cases_named(user, entries)
    known = {id(case): case for case in cases.values()}.values()
    lines = Lines(entries, {case.rules_id: case.rules for case in known}.values())
    people = people_named(entries)
    files = versions_named(what_was_read(entry) for entry in entries)
    return [
        hit_of(pk, entry, case_of(entry, cases), lines, people, files)
        for pk, entry in pairs
    ]


def what_was_read(entry: TimelineEntry) -> str:
    """What an event says was read; "" where it is no reading."""
    return str(entry.data.get("what", "")) if entry.verb == READ else ""


def cases_named(user: User, entries: list[TimelineEntry]) -> dict[str, Case]:
    """The cases behind streams and targets, by stream and by code: one query."""
    streams = {name for e in entries for name in (e.stream, e.target)}
    keys = {
        int(key)
        for name in streams
        if name.startswith("case:") and (key := name.partition(":")[2]).isdecimal()
    }
    rule = Q(pk__in=keys) | Q(code__in={e.target for e in entries})
    found = cases_of(user).filter(rule).select_related("rules__programme")
    out: dict[str, Case] = {}
    for case in found:
        out[f"case:{case.pk}"] = out[case.code] = case
    return out


def case_of(entry: TimelineEntry, cases: dict[str, Case]) -> Case | None:
    return cases.get(entry.stream) or cases.get(entry.target)


def people_named(entries: list[TimelineEntry]) -> dict[str, str]:
    """Names of who acted, for whom, and of whom events tell: one query."""
    codes = {
        code
        for entry in entries
        for code in (entry.actor, entry.on_behalf or "", entry.target)
        if code.startswith("user:") and code.partition(":")[2].isdecimal()
    }
    ids = [int(code.partition(":")[2]) for code in codes]
    return {f"user:{u.pk}": str(u) for u in get_user_model().objects.filter(pk__in=ids)}


def hit_of(
    pk: int,
    entry: TimelineEntry,
    case: Case | None,
    lines: Lines,
    people: dict[str, str],
    files: dict[str, str],
) -> Hit:
    who = actor_words(entry.actor, people)
    if entry.on_behalf and entry.on_behalf in people:
        names = {"who": who, "absent": people[entry.on_behalf]}
        who = gettext("%(who)s for %(absent)s") % names
    about, url = subject_of(entry, case, people)
    read = what_was_read(entry)
    return Hit(
        pk=pk,
        at=entry.at,
        label=verb_label(entry.verb),
        who=who,
        about=about,
        url=url,
        case=case,
        reason=reason_words(entry),
        read=read_words(read, files) if read else "",
        changes=lines.of(entry),
        request=entry.request,
        origin=origin_words(entry),
        refused=entry.verb.startswith("refused:"),
    )


def reason_words(entry: TimelineEntry) -> str:
    """Why it was done; of a search what was asked for, by the names of the fields."""
    if what_was_read(entry) != "search":
        return entry.reason or entry.reason_code
    try:
        asked = json.loads(entry.reason)
    except ValueError:  # erased
        return entry.reason
    fields = SearchForm.base_fields
    told = [(fields[name].label, name, asked[name]) for name in fields if name in asked]
    return " · ".join(
        f"{label}: {verb_words(value) if name == 'verb' else value}"
        for label, name, value in told
    )


def verb_words(verb: str) -> str:
    return gettext("Refused attempts") if verb == REFUSED else verb_label(verb)


def actor_words(actor: str, people: dict[str, str]) -> str:
    if actor in people:
        return people[actor]
    public = ("system:public", "system:anonymous")
    return gettext("Public") if actor in public else gettext("System")


def subject_of(
    entry: TimelineEntry, case: Case | None, people: dict[str, str]
) -> tuple[str, str]:
    """What an event is about, in words, and its page."""
    if case is not None:
        return str(case), reverse("desk:case-detail", args=[case.code])
    if entry.target in people:
        return people[entry.target], ""
    programme, _colon, role = entry.target.rpartition(":")
    if entry.verb in ("grant_role", "revoke_role"):
        return f"{programme} · {role_label(role)}", ""
    nothing = ":" in entry.target or entry.target in OF_NOTHING
    return "" if nothing else entry.target, ""
