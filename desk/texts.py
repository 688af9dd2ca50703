"""A programme's own messages: their texts, and when each kind is mailed."""

from collections.abc import Iterable, Mapping

from django.conf import settings
from django.utils.timezone import now
from django.utils.translation import gettext as _

from audit.record import record
from desk.kinds import KINDS
from desk.models import MessageMailing, MessageText
from desk.words import problems_of
from grants.errors import Invalid, NotYours
from grants.models import Programme
from grants.permissions import has_permission
from organisations.models import User
from outbox.models import Mailing
from outbox.registry import Letter

SUBJECT_MAX = 150
BODY_MAX = 4000


def check(kind: str, language: str, subject: str, body: str) -> None:
    """Invalid, by field, for a text that cannot be sent."""
    errors: dict[str, list[str]] = {}
    if kind not in KINDS:
        errors["kind"] = [_("There is no such kind of message.")]
    if language not in dict(settings.LANGUAGES):
        errors["language"] = [_("There is no such language.")]
    for name, text, longest in (
        ("subject", subject, SUBJECT_MAX),
        ("body", body, BODY_MAX),
    ):
        if not text.strip():
            errors[name] = [_("Write a text.")]
        elif len(text) > longest:
            errors[name] = [_("This is too long.")]
        elif kind in KINDS and (found := problems_of(text, kind)):
            errors[name] = found
    if errors:
        raise Invalid(errors)


def require_officer(programme: Programme, by: User) -> None:
    """NotYours for who may not set up the programme's rounds."""
    if not has_permission(by, "set_up_round", programme.pk):
        raise NotYours()


def save_text(
    programme: Programme, kind: str, language: str, *, subject: str, body: str, by: User
) -> MessageText:
    """The programme's own text of a kind in a language, used from now on."""
    require_officer(programme, by)
    subject, body = " ".join(subject.split()), body.replace("\r\n", "\n").strip()
    check(kind, language, subject, body)
    with record("change_message", by=by, target=programme.code) as event:
        event.data = {"kind": kind, "language": language}
        Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
        text, _made = MessageText.objects.update_or_create(
            programme=programme,
            kind=kind,
            language=language,
            defaults={
                "subject": subject,
                "body": body,
                "changed_by": by,
                "changed_at": now(),
            },
        )
    return text


def reset_text(programme: Programme, kind: str, language: str, *, by: User) -> bool:
    """Back to the default text; False where it is that already."""
    require_officer(programme, by)
    rows = MessageText.objects.filter(programme=programme, kind=kind, language=language)
    if not rows.exists():
        return False
    with record("reset_message", by=by, target=programme.code) as event:
        event.data = {"kind": kind, "language": language}
        rows.delete()
    return True


def programme_mailings(programme: Programme) -> dict[str, str]:
    """When the programme mails each kind to who has not chosen."""
    own = MessageMailing.objects.filter(programme=programme)
    said = dict(own.values_list("kind", "mailing"))
    return {name: said.get(name, kind.mailing) for name, kind in KINDS.items()}


def save_mailings(
    programme: Programme, mailings: Mapping[str, str], *, by: User
) -> list[str]:
    """Keep when each kind is mailed; returns the kinds that changed."""
    require_officer(programme, by)
    wrong = {
        name: [_("Choose one of the answers.")]
        for name, mailing in mailings.items()
        if name not in KINDS or mailing not in Mailing.values
    }
    if wrong:
        raise Invalid(wrong)
    before = programme_mailings(programme)
    changed = {n: m for n, m in mailings.items() if m != before[n]}
    if changed:
        with record("change_mailing", by=by, target=programme.code) as event:
            event.data = {"mail": changed}
            Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
            for name, mailing in changed.items():
                MessageMailing.objects.update_or_create(
                    programme=programme, kind=name, defaults={"mailing": mailing}
                )
    return list(changed)


def mailings_for(letters: Iterable[Letter]) -> list[str]:
    """When each letter is mailed to who has not chosen; one query at most."""
    letters = list(letters)
    programmes = {p for letter in letters if (p := letter.params.get("programme"))}
    said: dict[tuple[int, str], str] = {}
    if programmes:
        rows = MessageMailing.objects.filter(programme__in=programmes)
        for programme, kind, mailing in rows.values_list(
            "programme", "kind", "mailing"
        ):
            said[programme, kind] = mailing
    out = []
    for letter in letters:
        kind = KINDS.get(letter.template)
        default = kind.mailing if kind else Mailing.NOW
        key = letter.params.get("programme", 0), letter.template
        out.append(said.get(key, default))
    return out
