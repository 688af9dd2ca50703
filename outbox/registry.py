"""What the apps above tell the outbox: who hears of what, and in which words.

The outbox knows neither cases nor verbs. An app registers, in ``AppConfig.ready``,
handlers that turn a verb and its facts into letters, and one renderer for all.
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
    ``url`` is a path of this site and starts with a slash.
    """

    to: "_User"
    template: str
    params: dict[str, Any] = field(default_factory=dict)
    url: str = ""
    case_code: str = ""


Handler = Callable[..., Iterable[Letter]]
Renderer = Callable[["Message", str], tuple[str, str]]

_handlers: dict[str, list[Handler]] = {}
_renderer: Renderer | None = None


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


def set_renderer(renderer: Renderer) -> None:
    """Name the function that words a message: (message, language) → (subject, body).

    It is called with the language already active. The body need not hold the
    link: the mail adds it.
    """
    global _renderer
    _renderer = renderer


def renderer() -> Renderer:
    """The registered renderer; LookupError when no app has set one."""
    if _renderer is None:
        raise LookupError("No renderer is registered: see outbox.registry.set_renderer")
    return _renderer
