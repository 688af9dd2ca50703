"""Why a file is not taken, in words; the codes begin with ``upload_``."""

import unicodedata
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

NAME_LENGTH = 180  # characters
BAD_IN_NAMES = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # control, bidi, surrogate, breaks


def _refusal(code: str, text: str, **params: Any) -> ValidationError:
    return ValidationError(text, code=f"upload_{code}", params=params)


def is_deceptive(name: str) -> bool:
    """Whether a name holds what nobody sees: control and direction characters."""
    return any(unicodedata.category(letter) in BAD_IN_NAMES for letter in name)


def shown(name: str) -> str:
    """A name fit to be shown in a sentence, whatever is in it."""
    seen = "".join("\N{REPLACEMENT CHARACTER}" if is_deceptive(c) else c for c in name)
    return seen if len(seen) <= 60 else f"{seen[:59]}…"


def program() -> ValidationError:
    return _refusal("executable", _("Programs and scripts are not accepted."))


def damaged() -> ValidationError:
    return _refusal("damaged", _("The file is damaged or incomplete."))


def encrypted() -> ValidationError:
    return _refusal(
        "encrypted",
        _("The file is protected by a password. Send it without one."),
    )


def macros() -> ValidationError:
    return _refusal(
        "macros", _("The file holds macros. Save it without them and send it again.")
    )


def two_types() -> ValidationError:
    return _refusal("two_types", _("The file is of two types at once."))


def closed_archive() -> ValidationError:
    return _refusal(
        "archive", _("Nobody can look into an archive of this type. Send a zip file.")
    )


def too_many_files(limit: int) -> ValidationError:
    return _refusal(
        "bomb", _("The archive holds more than %(limit)s files."), limit=limit
    )


def too_large_unpacked(limit: str) -> ValidationError:
    return _refusal(
        "bomb", _("Unpacked, the archive is larger than %(limit)s."), limit=limit
    )


def packed_too_tightly() -> ValidationError:
    return _refusal(
        "bomb", _("The archive is packed so tightly that it can only do harm.")
    )


def large_list() -> ValidationError:
    return _refusal("bomb", _("The archive's list of its files is too large."))


def unlisted() -> ValidationError:
    return _refusal(
        "archive_list",
        _("There is more in the archive than its list of files names. Make it anew."),
    )


def two_names(name: str) -> ValidationError:
    return _refusal(
        "archive_name",
        _("“%(name)s” has another name elsewhere in the archive."),
        name=shown(name),
    )


def overlapping() -> ValidationError:
    return _refusal("bomb", _("Files in the archive lie over one another."))


def too_deep(limit: int) -> ValidationError:
    return _refusal(
        "bomb",
        _("Archives lie in one another more than %(limit)s deep."),
        limit=limit,
    )


def leads_out(name: str) -> ValidationError:
    return _refusal(
        "archive_name",
        _("“%(name)s” in the archive leads to a place outside of it."),
        name=shown(name),
    )


def deceptive_in_archive() -> ValidationError:
    return _refusal(
        "archive_name",
        _("The name of a file in the archive holds invisible characters."),
    )


def long_in_archive(limit: int) -> ValidationError:
    return _refusal(
        "archive_name",
        _("The name of a file in the archive is longer than %(limit)s characters."),
        limit=limit,
    )


def twice_in_archive(name: str) -> ValidationError:
    return _refusal(
        "archive_name",
        _("“%(name)s” is in the archive twice."),
        name=shown(name),
    )


def in_archive(name: str, why: ValidationError) -> ValidationError:
    """The refusal of a file in an archive, with its name; of one deeper, its path."""
    reason = why.messages[0]
    if why.params and "why" in why.params:
        name, reason = f"{name}/{why.params['name']}", why.params["why"]
    return _refusal(
        str(why.code).removeprefix("upload_"),
        _("“%(name)s” in the archive: %(why)s"),
        name=shown(name),
        why=reason,
    )


def too_many_pixels(limit: int) -> ValidationError:
    return _refusal(
        "pixels", _("The picture has more than %(limit)s million pixels."), limit=limit
    )
