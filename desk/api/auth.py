"""Who is calling: a personal token, or the session of the pages.

A token needs no CSRF token, a session does for every unsafe method. A wrong
token is 401 at once, never a fall back to the session; too many wrong ones
from one address are 429 for a while.
"""

from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.http import HttpRequest
from ninja.errors import AuthenticationError, Throttled
from ninja.security import HttpBearer
from ninja.security import SessionAuth as NinjaSessionAuth

from organisations.attempts import wrong_key
from organisations.models import User
from organisations.selectors import user_of_token

WRONG_TOKENS = 30  # from one address
WITHIN = 15 * 60  # seconds


def _address(request: HttpRequest) -> str:
    return f"api.wrong_tokens.{request.META.get('REMOTE_ADDR', '')}"


class PersonalToken(HttpBearer):
    """``Authorization: Bearer …``, printed by ``manage.py token USERNAME``."""

    def __call__(self, request: HttpRequest) -> User | None:
        given = request.headers.get("Authorization", "")
        if not given:
            return None
        if cache.get(_address(request), 0) >= WRONG_TOKENS:
            raise Throttled(wait=WITHIN)
        scheme, _, token = given.partition(" ")
        user = user_of_token(token.strip()) if scheme.lower() == "bearer" else None
        if user is None:
            wrong_key(request, token.strip())
            cache.add(_address(request), 0, WITHIN)
            cache.incr(_address(request))
            raise AuthenticationError()
        request.user = user
        return user

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        return user_of_token(token)


class PageSession(NinjaSessionAuth):
    """The session of the pages; unsafe methods need ``X-CSRFToken``."""

    def __call__(self, request: HttpRequest) -> User | None:
        if not request.user.is_authenticated:
            return None  # 401 comes before any word about CSRF
        return super().__call__(request)


def nobody(request: HttpRequest) -> AnonymousUser:
    """Somebody without an account, where an action is open to the public."""
    return AnonymousUser()


PERSON = (PersonalToken(), PageSession())
ANYBODY = (*PERSON, nobody)
