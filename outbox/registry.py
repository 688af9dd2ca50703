"""What the apps above tell the outbox: who hears of what, and in which words.

The outbox knows neither cases nor verbs. An app registers, in ``AppConfig.ready``,
handlers that turn a verb and its facts into letters, one renderer for all, and
what is mailed to people who have not chosen themselves.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.contrib.auth.models import _User  # the stubs' AUTH_USER_MODEL

    from outbox.models import Message

EVERY_VERB = "*"


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One message to be written: to whom, which words, about what.

    ``params`` must be fit for JSON (dates and decimals are written as text);
    ``url`` is a path of this site and starts with a slash. A ``binding`` letter
    is mailed at once, whatever its recipient chose.
    """

    to: "_User"
    template: str
    params: dict[str, Any] = field(default_factory=dict)
    url: str = ""
    case_code: str = ""
    binding: bool = False


Handler = Callable[..., Iterable[Letter]]
Renderer = Callable[["Message", str], tuple[str, str]]
Gatherer = Callable[[list["Message"]], None]
Mailings = Callable[[list[Letter]], list[str]]

_handlers: dict[str, list[Handler]] = {}
_renderer: Renderer | None = None
_gatherer: Gatherer | None = None
_mailings: Mailings | None = None
_page: Callable[[], str] | None = None


def register(verb: str, handler: Handler) -> None:
    """Call ``handler(verb, **facts)`` when ``verb`` (or "*", any) is announced.

    Registering the same handler twice does nothing, so that ``ready`` may run
    again.
    """
    handlers = _handlers.setdefault(verb, [])
    if handler not in handlers:
        handlers.append(handler)


def handlers_of(verb: str) -> list[Handler]:
    """The handlers of a verb, then those of every verb."""
    return [*_handlers.get(verb, []), *_handlers.get(EVERY_VERB, [])]


def set_renderer(renderer: Renderer, gatherer: Gatherer | None = None) -> None:
    """Name the function that words a message: (message, language) → (subject, body).

    It is called with the language already active. The body need not hold the
    link: the mail adds it. Before many are worded, ``gatherer`` may read what
    they need in a fixed number of queries and keep it on the messages.
    """
    global _renderer, _gatherer
    _renderer, _gatherer = renderer, gatherer


def renderer() -> Renderer:
    """The registered renderer; LookupError when no app has set one."""
    if _renderer is None:
        raise LookupError("No renderer is registered: see outbox.registry.set_renderer")
    return _renderer


def gather(messages: list["Message"]) -> None:
    """Let the renderer's app read what these messages need."""
    if _gatherer is not None:
        _gatherer(messages)


def set_mailings(mailings: Mailings) -> None:
    """Name the function that says when letters are mailed, one answer a letter."""
    global _mailings
    _mailings = mailings


def mailings_of(letters: list[Letter]) -> list[str]:
    """When each letter is mailed to who has not chosen; at once if nobody says."""
    return _mailings(letters) if _mailings is not None else ["now"] * len(letters)


def set_page(page: Callable[[], str]) -> None:
    """Name the function that gives the path of a person's list of messages."""
    global _page
    _page = page


def page() -> str:
    """Where a digest leads: the list of messages, else the front page."""
    return _page() if _page is not None else "/"
