"""Who a person is who is to be forgotten, and what is told of it (docs/erasure.md)."""

from collections.abc import Iterable, Iterator, Mapping

from allauth.account.models import EmailAddress
from django.utils.translation import gettext_lazy as _

from audit.actors import actor_of, own_stream
from audit.forgetting import SHORTEST, Person, Place
from desk.record_words import field_label, table_label
from grants.models import Case
from organisations.models import User

LONG = 6  # characters of a number or an address that is looked for inside of texts

#: What no command reaches, in words.
KEPT = (
    _(
        "The digests of what is erased, the number of the account and its acts: they "
        "prove that nothing was changed, and name nobody by themselves."
    ),
    _(
        "The contents of documents, which the law has kept for 10 or 30 years or for "
        "ever; titles and file names are masked."
    ),
    _(
        "What left the house: dossiers, lists and papers that were downloaded, letters "
        "that were sent, print-outs, backups and the log files of the web server."
    ),
)


def person_of(user: User | None, texts: Iterable[str]) -> Person:
    """By what somebody is found: what their account says, and these texts.

    A text that is too short to be theirs alone counts only where a value is nothing
    else. Raises ValueError for one that could name anybody.
    """
    every, whole = list(texts), list[str]()
    if user is not None:
        mails = EmailAddress.objects.filter(user=user).values_list("email", flat=True)
        for text in (user.phone, user.email, *mails):
            (every if len(text) >= LONG else whole).append(text)
        every.insert(0, user.name)
        whole.append(user.username)
    return Person(
        tuple(dict.fromkeys(t for t in every if t.strip())),
        tuple(dict.fromkeys(t for t in whole if len(t) >= SHORTEST)),
        own_stream(actor_of(user)) if user else "",
    )


def codes_of(streams: Iterable[str]) -> dict[str, str]:
    """The codes of the cases among some streams."""
    keys = [int(s.partition(":")[2]) for s in streams if s.startswith("case:")]
    rows = Case.objects.filter(pk__in=keys).values_list("pk", "code")
    return {f"case:{pk}": code for pk, code in rows}


def places_in_words(places: list[Place]) -> Iterator[str]:
    codes = codes_of(place.stream for place in places)
    for place in places:
        of = f"{table_label(place.table)} {place.pk}"
        column = field_label(place.table, place.column)
        yield f"{codes.get(place.stream, place.stream)}: {of}, {column}"


def streams_in_words(streams: Mapping[str, int]) -> Iterator[str]:
    codes = codes_of(streams)
    for stream, number in streams.items():
        yield f"{codes.get(stream, stream)}: {number}"
