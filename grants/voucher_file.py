"""The treasury's list of payments made, as a spreadsheet or as CSV.

    lines = read_file("vouchers.xlsx", content)

The first row that names a voucher column is the head; its columns may stand in
any order, in Chinese or English. What a cell holds is judged here, what it means
in grants/services/vouchers.py.
"""

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from grants.errors import Invalid
from grants.money import FEN
from grants.numbers import plain_number

#: Lines and bytes of one file.
MOST_LINES = 1000
MOST_BYTES = 2 * 1024 * 1024
#: Columns that are read of one sheet.
MOST_COLUMNS = 60
#: Rows above the head: titles and the like.
HEAD_WITHIN = 20
#: Which column is what, by the words of its head without spaces and brackets.
COLUMNS = {
    "award_no": ("立项编号", "项目编号", "awardnumber", "awardno"),
    "tranche": ("拨付编号", "系统编号", "trancheid", "paymentid"),
    "seq": ("期次", "tranche", "trancheno"),
    "amount": ("本次拨付", "拨付金额", "支付金额", "金额", "amount", "thispayment"),
    "voucher": ("凭证号", "凭证号码", "支付凭证号", "vouchernumber", "voucher"),
    "paid_on": ("支付日期", "拨付日期", "日期", "paidon", "date", "paymentdate"),
}
WORDS = {word: name for name, words in COLUMNS.items() for word in words}
ORDINALS = {"首期": 1, "一期": 1, "二期": 2, "三期": 3, "四期": 4, "五期": 5}
DATE = re.compile(r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?(?:[ T]00:00:00)?")
DATE_FORM = re.compile(r"(\d{4})(\d{2})(\d{2})")


@dataclass
class Line:
    """One payment of the file; `number` is its row, counted from 1.

    `problems` says which cells could not be read.
    """

    number: int
    award_no: str = ""
    tranche: int | None = None
    seq: int | None = None
    amount: Decimal | None = None
    voucher: str = ""
    paid_on: dt.date | None = None
    problems: list[str] = field(default_factory=list)


def read_file(name: str, content: bytes) -> list[Line]:
    """The lines of a file; Invalid (field "file") where it cannot be read."""
    if len(content) > MOST_BYTES:
        raise _invalid(_("The file is too large."))
    rows = _xlsx_rows(content) if content[:2] == b"PK" else _csv_rows(content)
    lines = list(_lines(rows))
    if not lines:
        raise _invalid(_("The file holds no payments."))
    if len(lines) > MOST_LINES:
        raise _invalid(_("These are too many rows."))
    return lines


def _invalid(message: str) -> Invalid:
    return Invalid({"file": [message]})


def _xlsx_rows(content: bytes) -> Iterator[list[Any]]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    broken = _("This file is no spreadsheet that can be read.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            if sum(part.file_size for part in parts.infolist()) > 50 * MOST_BYTES:
                raise _invalid(_("The file is too large."))
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        for row in sheet.iter_rows(
            max_row=MOST_LINES + HEAD_WITHIN + 2,
            max_col=MOST_COLUMNS,
            values_only=True,
        ):
            yield list(row)
    except (InvalidFileException, zipfile.BadZipFile) as error:
        raise _invalid(broken) from error
    except (KeyError, ValueError, IndexError, TypeError, SyntaxError) as error:
        raise _invalid(broken) from error


def _csv_rows(content: bytes) -> Iterable[list[Any]]:
    """Rows of a CSV in UTF-8 or, as Excel in China writes it, GB 18030."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        separator = max(",\t;", key=text[:2000].count)
        try:
            return list(csv.reader(io.StringIO(text), delimiter=separator, strict=True))
        except csv.Error:
            break
    raise _invalid(_("This file is no spreadsheet that can be read."))


def _lines(rows: Iterable[list[Any]]) -> Iterator[Line]:
    """The payments below the head; empty rows and the row of sums are left out."""
    places: dict[str, int] = {}
    for number, row in enumerate(rows, start=1):
        if not places:
            found = _head(row)
            if "voucher" in found:
                places = found
                _require_columns(places)
            elif number >= HEAD_WITHIN:
                break
            continue
        cells = {n: row[at] if at < len(row) else None for n, at in places.items()}
        if all(_text(value) == "" for value in cells.values()) or _is_total(row):
            continue
        yield _line(number, cells)
    if not places:
        raise _invalid(_("No row names a column of voucher numbers."))


def _head(row: list[Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for at, value in enumerate(row):
        word = re.sub(r"[\s_（(].*|\s", "", _text(value).replace(" ", "")).lower()
        if word in WORDS:
            found.setdefault(WORDS[word], at)
    return found


def _require_columns(places: dict[str, int]) -> None:
    missing = [n for n in ("amount", "paid_on") if n not in places]
    if "award_no" not in places and "tranche" not in places:
        missing.insert(0, "award_no")
    if missing:
        names = ", ".join(COLUMNS[name][0] for name in missing)
        raise _invalid(_("These columns are missing: %(names)s.") % {"names": names})


def _is_total(row: list[Any]) -> bool:
    return any(_text(value) in ("合计", "总计", "Total") for value in row[:3])


def _line(number: int, cells: dict[str, Any]) -> Line:
    line = Line(number)
    line.award_no = _text(cells.get("award_no"))
    line.voucher = plain_number(_text(cells.get("voucher")))
    given = _text(cells.get("tranche"))
    if given:
        line.tranche = int(given) if given.isdecimal() and len(given) < 10 else None
        if line.tranche is None:
            line.problems.append(_("This is not the number of a payment."))
    seq = _text(cells.get("seq"))
    if seq:
        line.seq = ORDINALS.get(seq.removeprefix("第"))
        if line.seq is None and seq.isdecimal() and len(seq) < 3:
            line.seq = int(seq)
        if line.seq is None and seq != "尾款":
            line.problems.append(_("This is no tranche: %(text)s.") % {"text": seq})
    _read_amount(line, cells.get("amount"))
    line.paid_on = _day(cells.get("paid_on"))
    if line.paid_on is None:
        line.problems.append(_("The date cannot be read."))
    if not line.voucher:
        line.problems.append(_("The voucher number is missing."))
    elif len(line.voucher) > 60:
        line.problems.append(_("The voucher number is too long."))
    return line


def _read_amount(line: Line, value: Any) -> None:
    """A cell's amount; floats of spreadsheets are taken as they are shown."""
    text = _text(value).translate(str.maketrans("", "", ",，¥￥元 "))
    try:
        amount = Decimal(text)
        if isinstance(value, float):
            amount = amount.quantize(FEN)
        if amount.is_finite() and amount > 0 and amount == amount.quantize(FEN):
            line.amount = amount.quantize(FEN)
    except InvalidOperation:
        pass
    if line.amount is None:
        line.problems.append(_("The amount cannot be read."))


def _day(value: Any) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    text = _text(value)
    match = DATE.fullmatch(text) or DATE_FORM.fullmatch(text)
    if match is None:
        return None
    try:
        return dt.date(*map(int, match.groups()))
    except ValueError:
        return None


def _text(value: Any) -> str:
    """A cell as text; a whole number without its ".0"."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).replace("\x00", "").strip()
