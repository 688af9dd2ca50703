"""PDF: one typst template, fonts embedded, nothing of the system used."""

import json
import struct
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst
from django.conf import settings
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from grants.calendar import today
from grants.errors import ActionError
from grants.papers.sheet import Sheet

TEMPLATE = Path(__file__).with_name("paper.typ")
ARCHIVAL = ["a-2b"]


class NoFonts(ActionError):
    """The fonts of the setting PAPER_FONTS are not there; `npm ci` brings them."""

    http_status = 503
    default_code = "no_fonts"
    default_message = _("Papers cannot be made here: the fonts are not installed.")


def pdf_of(sheet: Sheet) -> bytes:
    """The paper as PDF (PDF/A-2b where the sheet is archival)."""
    known = covered(str(font_files()[0]))
    data = shown(sheet.data(), known)
    day = sheet.dated or today(now())
    data["day"] = [day.year, day.month, day.day]
    return typst.compile(
        TEMPLATE.read_bytes(),
        font_paths=[str(folder) for folder in settings.PAPER_FONTS],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False, default=plain)},
        pdf_standards=ARCHIVAL if sheet.archival else [],
    )


def plain(value: Any) -> str:
    """What JSON does not know."""
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def font_files() -> list[Path]:
    """The fonts; NoFonts says what to do where there are none."""
    folders = [Path(folder) for folder in settings.PAPER_FONTS]
    files = [file for folder in folders for file in sorted(folder.glob("*.ttf"))]
    if len(files) < len(folders):
        raise NoFonts()
    return files


# -- characters that the font lacks ------------------------------------------------


def shown(value: Any, known: frozenset[int]) -> Any:
    """The same data, with characters the font lacks named by their code point.

    PDF/A refuses them, and other PDFs would show an empty box and lose them.
    """
    if isinstance(value, str):
        return "".join(
            c if is_shown(c, known) else f"〔U+{ord(c):04X}〕" for c in value
        )
    if isinstance(value, list):
        return [shown(item, known) for item in value]
    if isinstance(value, dict):
        return {key: shown(item, known) for key, item in value.items()}
    return value


def is_shown(character: str, known: frozenset[int]) -> bool:
    """Known to the font, or a space or mark that has no shape of its own."""
    return ord(character) in known or character in "\t\n"


@lru_cache(maxsize=4)
def covered(font: str) -> frozenset[int]:
    """The code points of a TrueType font: its cmap of format 12, or of format 4."""
    raw = Path(font).read_bytes()
    count = struct.unpack_from(">H", raw, 4)[0]
    tables = {
        raw[at : at + 4]: struct.unpack_from(">I", raw, at + 8)[0]
        for at in range(12, 12 + 16 * count, 16)
    }
    cmap = tables[b"cmap"]
    found: set[int] = set()
    for number in range(struct.unpack_from(">H", raw, cmap + 2)[0]):
        at = cmap + struct.unpack_from(">I", raw, cmap + 8 + 8 * number)[0]
        kind = struct.unpack_from(">H", raw, at)[0]
        if kind == 12:
            found |= _format_12(raw, at)
        elif kind == 4:
            found |= _format_4(raw, at)
    return frozenset(found)


def _format_12(raw: bytes, at: int) -> set[int]:
    """Groups of code points in a row."""
    found: set[int] = set()
    for group in range(struct.unpack_from(">I", raw, at + 12)[0]):
        first, last, _glyph = struct.unpack_from(">3I", raw, at + 16 + 12 * group)
        found.update(range(first, last + 1))
    return found


def _format_4(raw: bytes, at: int) -> set[int]:
    """Segments of the basic plane; those with holes are left to format 12."""
    double = struct.unpack_from(">H", raw, at + 6)[0]
    found: set[int] = set()
    for place in range(0, double, 2):
        last = struct.unpack_from(">H", raw, at + 14 + place)[0]
        first = struct.unpack_from(">H", raw, at + 16 + double + place)[0]
        offset = struct.unpack_from(">H", raw, at + 16 + 3 * double + place)[0]
        if not offset and last != 0xFFFF:
            found.update(range(first, last + 1))
    return found
