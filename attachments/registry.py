"""What the owners of folders say: who may read, who may write, what is taken.

An app registers each kind of folder it owns in ``AppConfig.ready``. A folder of
an unregistered kind is closed to everybody.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.contrib.auth.models import _AnyUser  # AUTH_USER_MODEL or anonymous

    from attachments.models import Document, Folder

Permission = Callable[["_AnyUser", "Folder"], bool]
Replaces = Callable[["_AnyUser", "Document"], bool]
TakesMacros = Callable[["Folder"], bool]

KIND = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True)
class Owner:
    """One registered kind of folder.

    ``takes_macros`` says whether office files with macros are taken; without it they
    are not. How long papers are kept, an owner says by ``keeping.keep``.
    """

    kind: str
    can_read: Permission
    can_write: Permission
    takes_macros: TakesMacros | None = None
    #: Who puts a new version over a paper; without it, whoever may write.
    can_replace: Replaces | None = None


_owners: dict[str, Owner] = {}


def register(
    kind: str,
    *,
    can_read: Permission,
    can_write: Permission,
    takes_macros: TakesMacros | None = None,
    can_replace: Replaces | None = None,
) -> None:
    """Say who may read and write the folders of ``kind``, and replace papers there.

    The kind is the first part of a storage key: lower-case letters, digits and
    underscores. ValueError otherwise, and when another owner has the kind.
    """
    if not KIND.fullmatch(kind):
        raise ValueError(f"{kind!r} is not fit to name a kind of folder")
    owner = Owner(kind, can_read, can_write, takes_macros, can_replace)
    if _owners.setdefault(kind, owner) != owner:
        raise ValueError(f"folders of kind {kind!r} have an owner already")


def owner_of(kind: str) -> Owner | None:
    """The registered owner of a kind, or None."""
    return _owners.get(kind)


def can_read(user: "_AnyUser", folder: "Folder") -> bool:
    """Whether the owner lets this person read; False where nobody registered."""
    owner = owner_of(folder.kind)
    return owner is not None and owner.can_read(user, folder)


def can_write(user: "_AnyUser", folder: "Folder") -> bool:
    """Whether the owner lets this person add files; False where nobody registered."""
    owner = owner_of(folder.kind)
    return owner is not None and owner.can_write(user, folder)


def can_replace(user: "_AnyUser", document: "Document") -> bool:
    """Whether this person may put a new version over a paper: never who may not write,
    and of those whom the owner lets."""
    owner = owner_of(document.folder.kind)
    if owner is None or not owner.can_write(user, document.folder):
        return False
    return owner.can_replace is None or owner.can_replace(user, document)


def takes_macros(folder: "Folder") -> bool:
    """Whether office files with macros may be added; a folder to be made takes none."""
    owner = owner_of(folder.kind)
    if folder.pk is None or owner is None or owner.takes_macros is None:
        return False
    return owner.takes_macros(folder)
