"""The dossier of a period: what happened in it, of all that somebody oversees.

Streams are cut to the period and led on to the checkpoint before and the one after
it, so that both ends of each part are proven; where there is none, the verifier says
so. Parts of people's own streams (what they read, sign-ins) are not in it.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Count, Max, Min, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit.evidence import Span, spans_of
from audit.findings import snapshot
from audit.models import Event
from audit.statements import chunks
from desk.dossier_subject import Subject, case_stream
from desk.oversight.days import DayField
from desk.oversight.scope import cases_of, midnight, own_streams, programmes_of
from desk.record_words import table_label
from grants.models import Case, Programme, Round
from organisations.models import Organisation, User

#: What one dossier takes. A page and a PDF are made of each stream.
MOST_STREAMS, MOST_EVENTS = 2000, 50_000


@dataclass(frozen=True)
class Period:
    """From a day to a day, both included, in local time; of one programme or all."""

    since: dt.date
    until: dt.date
    programme: str = ""

    @property
    def code(self) -> str:
        days = f"{self.since.isoformat()}_{self.until.isoformat()}"
        return f"{self.programme}_{days}" if self.programme else days

    @property
    def query(self) -> dict[str, str]:
        """As it is kept with the job."""
        return {
            "code": self.code,
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "programme": self.programme,
        }

    def events(self, user: User) -> QuerySet[Event]:
        """The events in the streams that this person oversees."""
        programmes = chosen(user, self.programme)
        cases = cases_of(user).filter(round__programme__in=programmes)
        found = Event.objects.filter(own_streams(programmes, cases))
        after = midnight(self.until + dt.timedelta(days=1))
        return found.filter(at__gte=midnight(self.since), at__lt=after)


def chosen(user: User, code: str) -> list[int]:
    """The programmes of a dossier; NotVisible for who oversees none."""
    every = Programme.objects.filter(pk__in=programmes_of(user))
    return [p.pk for p in every.order_by("pk") if code in ("", p.code)]


class PeriodForm(forms.Form):
    """Which days. A period that is empty or too large is said beside its end."""

    since = DayField(label=_("From day"))
    until = DayField(label=_("To day"))
    programme = forms.ChoiceField(label=_("Programme"), required=False)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        every = Programme.objects.filter(pk__in=programmes_of(by)).order_by("code")
        choices = [(p.code, str(p)) for p in every]
        self.fields["programme"].choices = [("", gettext("All")), *choices]

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or self.cleaned_data
        if self.errors:
            return asked
        period = self.period
        if period.until < period.since:
            self.add_error("until", gettext("This is less than where it begins."))
            return asked
        held = period.events(self.by).aggregate(
            events=Count("pk"), streams=Count("stream", distinct=True)
        )
        if not held["events"]:
            self.add_error("until", gettext("Nothing happened in these days."))
        elif held["events"] > MOST_EVENTS or held["streams"] > MOST_STREAMS:
            limits = {"most": MOST_EVENTS, "records": MOST_STREAMS} | held
            told = gettext(
                "These days hold %(events)s events of %(streams)s records; a dossier "
                "takes %(most)s of %(records)s. Choose fewer days or one programme."
            )
            self.add_error("until", told % limits)
        return asked

    @property
    def period(self) -> Period:
        asked = self.cleaned_data
        return Period(asked["since"], asked["until"], asked["programme"])


def period_subject(user: User, query: dict[str, str]) -> Subject:
    """What is in a period, as far as this person oversees it now."""
    since, until = (dt.date.fromisoformat(query[n]) for n in ("since", "until"))
    period = Period(since, until, query["programme"])
    ends = (
        period.events(user)
        .order_by("stream")
        .values_list("stream")
        .annotate(first=Min("seq"), last=Max("seq"))
    )
    with snapshot() as rows:
        found = {stream: Span(first, last) for stream, first, last in ends}
        spans, vouched = spans_of(rows, found)
    streams = sorted(described(list(spans)), key=lambda told: told[1])
    return Subject("period", period.code, streams, spans, vouched, target="audit")


def described(names: list[str]) -> list[tuple[str, str, list[list[str]]]]:
    """Streams with their codes and their facts in words; four queries."""
    keys: dict[str, list[int]] = {}
    for name in names:
        kind, _colon, key = name.partition(":")
        keys.setdefault(kind, []).append(int(key))
    cases = Case.objects.select_related("organisation", "round__programme")
    told = [case_stream(case) for case in each(cases, keys.pop("case", []))]
    for model in (Round, Programme, Organisation):
        rows = each(model._default_manager.all(), keys.pop(model._meta.db_table, []))
        for row in rows:
            stream = f"{model._meta.db_table}:{row.pk}"
            code = getattr(row, "code", stream.replace(":", "-"))
            told.append((stream, code, [[table_label(model._meta.db_table), str(row)]]))
    return told


def each(rows: QuerySet[Any], keys: list[int]) -> list[Any]:
    """The rows with these keys, 500 at a time."""
    return [
        row
        for part in chunks(keys, 500)
        for row in rows.filter(pk__in=part).order_by("pk")
    ]
