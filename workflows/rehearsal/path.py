"""The path that a rehearsal found, as plain data (it is kept as JSON)."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from grants.errors import ActionError
from grants.forms.ruling.naming import name_parts


class Pace(models.TextChoices):
    """When the example people do what they have to do."""

    PROMPT = "PROMPT", _("Everybody acts on the next working day")
    LAST = "LAST", _("Everybody uses the time that the rules give")


class Ending(models.TextChoices):
    """Why a rehearsal went no further."""

    REFUSED = "REFUSED", _("The step was refused.")
    NOBODY = "NOBODY", _("Nobody of the programme can take this step.")
    ENDED = "ENDED", _("The case ended before it was archived.")
    STUCK = "STUCK", _("Nobody has anything to do, and no date is awaited.")


@dataclass
class Step:
    """What was done: the act, by whom, when, and where the case stood then.

    about: which stage, payment or seat, as texts. amount: CNY. action: an
    action's name, or "fire_timer" for a date that arrived.
    """

    at: str
    action: str
    who: str
    status: str
    about: str = ""
    due: str = ""
    late: bool = False
    amount: str = ""
    documents: list[str] = field(default_factory=list)


@dataclass
class Stop:
    """Where it went no further: the step, whose it is, and what was said."""

    ending: str
    at: str
    action: str = ""
    who: str = ""
    about: str = ""
    status: str = ""
    problems: list[list[str]] = field(default_factory=list)


@dataclass
class Payment:
    """One payment as it was made."""

    seq: int
    share: str
    amount: str
    paid_on: str


@dataclass
class Path:
    """All that a rehearsal tells. Amounts are CNY, moments ISO 8601."""

    steps: list[Step] = field(default_factory=list)
    stop: Stop | None = None
    notes: list[str] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    requested: str = ""
    awarded: str = ""
    paid: str = ""
    seconds: float = 0.0

    @property
    def is_whole(self) -> bool:
        """Whether the case got to the archive."""
        return self.stop is None

    def as_data(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_data(cls, data: dict[str, Any]) -> "Path":
        """A path that was kept as JSON."""
        stop = data["stop"]
        return cls(
            **data
            | {
                "steps": [Step(**step) for step in data["steps"]],
                "stop": Stop(**stop) if stop else None,
                "payments": [Payment(**payment) for payment in data["payments"]],
            }
        )


def problems_of(error: ActionError, fields: Any) -> list[list[str]]:
    """What a refusal said: [name of the field, text], "" for the whole."""
    errors: dict[str, Iterable[str]] = getattr(error, "errors", {})
    if not errors:
        return [["", str(error.message)]]
    out = []
    for path, messages in errors.items():
        name, *rest = path.split(".")
        made = fields(path) if callable(fields) else fields.get(name)
        label = made if isinstance(made, str) else ""
        if made is not None and not label:
            label = ", ".join(name_parts(made, rest))
        out.append([label, " ".join(str(m) for m in messages)])
    return out


def iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
