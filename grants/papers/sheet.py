"""What stands on a paper: blocks of plain data, the same for PDF and DOCX.

    sheet = Sheet("资助协议书", [text("…"), table(COLUMNS, rows, total)])

Blocks are JSON, so that what people typed reaches typst as data, never as
markup. Texts are cleaned of characters that no document may hold.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

#: What XML, and so DOCX, does not take.
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: A line to fill in by hand, where the house has no such fact.
BLANK = "＿＿＿＿＿＿"

Block = dict[str, Any]


@dataclass
class Sheet:
    """One paper. `paper` is "a4" or "a3"; `check_code` stands on every page."""

    title: str
    blocks: list[Block]
    paper: str = "a4"
    landscape: bool = False
    check_code: str = ""
    number: str = ""
    dated: date | None = None
    #: PDF/A-2b, for what is signed and kept.
    archival: bool = False
    attachments: list["Sheet"] = field(default_factory=list)

    def data(self) -> dict[str, Any]:
        """Everything as JSON: the paper, then each attachment on its own page."""
        blocks = list(self.blocks)
        for number, sheet in enumerate(self.attachments, start=1):
            blocks += [page_break(), text(f"附件{number}", indent=False)]
            blocks += [{"kind": "title", "text": clean(sheet.title)}, *sheet.blocks]
        return {
            "title": clean(self.title),
            "number": clean(self.number),
            "paper": self.paper,
            "landscape": self.landscape,
            "check_code": self.check_code,
            "blocks": blocks,
        }


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading, its share of the width, and its side."""

    title: str
    width: float = 1
    align: str = "left"


def number_column(title: str, width: float = 1) -> Column:
    """A column of amounts or counts."""
    return Column(title, width, "right")


def clean(value: Any) -> str:
    """A value as text that every format takes; nothing for None."""
    if value is None:
        return ""
    return FORBIDDEN.sub("", str(value).replace("\r\n", "\n").replace("\r", "\n"))


def text(value: Any, *, indent: bool = True, align: str = "left") -> Block:
    """A paragraph; its lines stay lines."""
    return {"kind": "text", "text": clean(value), "indent": indent, "align": align}


def heading(value: Any) -> Block:
    return {"kind": "heading", "text": clean(value)}


def facts(pairs: Iterable[tuple[str, Any]]) -> Block:
    """Labels with their values, as a table of two columns."""
    rows = [[clean(label), clean(value)] for label, value in pairs]
    return {"kind": "facts", "rows": rows}


def table(
    columns: Sequence[Column], rows: Iterable[Sequence[Any]], total: Sequence[Any] = ()
) -> Block:
    """A table whose heading repeats on each page; `total` is its last row."""
    return {
        "kind": "table",
        "columns": [clean(column.title) for column in columns],
        "widths": [column.width for column in columns],
        "aligns": [column.align for column in columns],
        "rows": [[clean(cell) for cell in row] for row in rows],
        "total": [clean(cell) for cell in total],
    }


def signatures(lines: Iterable[str]) -> Block:
    """Places to sign and seal, side by side or one below the other."""
    return {"kind": "signatures", "lines": [clean(line) for line in lines]}


def closing(office: str, day: date | None) -> list[Block]:
    """Who issues the paper and when (落款单位、成文日期)."""
    return [
        text("", indent=False),
        text(office, indent=False, align="right"),
        text(chinese_date(day), indent=False, align="right"),
    ]


def page_break() -> Block:
    return {"kind": "page_break"}


def chinese_date(day: date | None) -> str:
    """2021年6月10日; a line to fill in for none."""
    return f"{day.year}年{day.month}月{day.day}日" if day else "　　　年　　月　　日"


def chinese_days(first: date | None, last: date | None) -> str:
    """A period; lines to fill in for what is not settled."""
    return f"{chinese_date(first)}至{chinese_date(last)}"


def in_quotes(name: Any) -> str:
    """A name in quotation marks; its own become the inner ones."""
    return f"“{clean(name).replace('“', '‘').replace('”', '’')}”"


def or_blank(value: Any) -> str:
    """The value, or a line to fill in by hand."""
    return clean(value) or BLANK
