"""What a model tells the record about itself.

A model declares ``audited = Audited(stream="case:{case_id}", personal=("phone",))``.
A model of a third party cannot; whoever owns the use of it calls ``declare()``
from an ``AppConfig.ready``.
"""

from dataclasses import dataclass

from django.db import models


@dataclass(frozen=True)
class Audited:
    """How the rows of one table enter the record.

    stream: template of the stream's name over the row's columns and ``{pk}``;
        empty means "<table>:{pk}". A row whose template names a NULL column
        falls back to that, and no row ever changes its stream.
    personal: columns whose values stand as salted digests in the lines, with
        the value in an erasable ``Disclosure`` row.
    secret: columns that the record never sees (password hashes, tokens).
    append_only: rows are added and read; triggers refuse to change or remove one,
        whoever asks, inside of an event too.
    """

    stream: str = ""
    personal: tuple[str, ...] = ()
    secret: tuple[str, ...] = ()
    append_only: bool = False


_declared: dict[str, Audited] = {}


def declare(label: str, audited: Audited) -> None:
    """Declare a third party's model, by its label (``"workflow.Task"``)."""
    _declared[label.lower()] = audited


def declaration_of(model: type[models.Model]) -> Audited:
    """The declaration of a model; the default one where it has none."""
    found = _declared.get(model._meta.label_lower)
    if found is not None:
        return found
    own = getattr(model, "audited", None)
    return own if isinstance(own, Audited) else Audited()
