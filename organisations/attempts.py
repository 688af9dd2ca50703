"""Failed sign-ins, wrong codes and wrong keys, and the lock-outs that follow.

Each is an event: of the person whose account was tried, else of nobody. What was
typed as a name is kept so that it can be erased; passwords, codes and keys never are.
A flood does not fill the record: FEW a quarter of an hour from one address and MANY
from all, and the last one says that those after it are not told.
"""

from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django.core.cache import cache
from django.http import HttpRequest

from audit.actors import actor_of, own_stream
from audit.record import record, record_refusal
from organisations.models import ApiToken, User

FEW, MANY = 30, 600
WITHIN = 15 * 60  # seconds
SIGN_IN, FACTOR, KEY, LOCKED = "sign_in", "second_factor", "api_token", "lock_out"
#: What such an event is about where the name is nobody's.
ACCOUNT = "account"
LONGEST_NAME = 150


def login_failed(
    sender: Any, credentials: dict[str, Any], request: HttpRequest, **more: Any
) -> None:
    """A name and a password that do not go together, or an account locked out."""
    name = str(credentials.get("username") or "")[:LONGEST_NAME]
    locked = not AxesProxyHandler.is_allowed(request, credentials)
    code = "locked_out" if locked else "wrong"
    request.refused_as_locked = locked  # type: ignore[attr-defined]
    _note(request, SIGN_IN, code, person_called(name), asked=name)


def locked_out(
    sender: Any, request: HttpRequest, username: str | None, **more: Any
) -> None:
    """django-axes begins to refuse a name from an address.

    It says so at every attempt from then on: those are told as refused sign-ins.
    """
    if getattr(request, "refused_as_locked", False):
        return
    name = (username or "")[:LONGEST_NAME]
    person = person_called(name)
    about = f"user:{person.pk}" if person else ACCOUNT
    with record(
        LOCKED, by=request.user, target=about, stream=stream_of(person), reason=name
    ):
        pass


def wrong_code(request: HttpRequest, user: User, *, code: str) -> None:
    """A code of the second factor that is wrong, or one too many of them.

    code: "incorrect_code" or "too_many_login_attempts".
    """
    _note(request, FACTOR, code, user)


def wrong_key(request: HttpRequest, key: str) -> None:
    """An API key that is unknown, or of an account or a time that is over."""
    row = ApiToken.objects.filter(digest=ApiToken.digest_of(key)).first()
    code = "unknown" if row is None else "ended"
    _note(request, KEY, code, row and row.user)


def person_called(name: str) -> User | None:
    """Whose user name this is, as signing in compares it."""
    if not name or "\x00" in name:
        return None
    return User.objects.filter(username=name).first()


def stream_of(person: User | None) -> str | None:
    """Where an attempt is told: of the person whose account was tried."""
    return None if person is None else own_stream(actor_of(person))


def _note(
    request: HttpRequest, verb: str, code: str, person: User | None, asked: str = ""
) -> None:
    address = request.META.get("REMOTE_ADDR", "")
    left = min(_left(f"attempts.{address}", FEW), _left("attempts", MANY))
    if left < 0:
        return
    record_refusal(
        verb,
        by=request.user,
        target=f"user:{person.pk}" if person else ACCOUNT,
        code=code if left else f"{code}:more_untold",
        stream=stream_of(person),
        asked=asked,
    )


def _left(key: str, most: int) -> int:
    """How many more may be told after this one; less than 0: not even this one."""
    cache.add(key, 0, WITHIN)
    try:
        return most - cache.incr(key)
    except ValueError:  # it ended between the two
        return most - 1
