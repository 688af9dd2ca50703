"""A list as a spreadsheet: numbers as numbers, dates as dates, a row of sums."""

from decimal import Decimal
from typing import IO, Any

import xlsxwriter
from django.utils.translation import gettext as _

from desk.lists.columns import Column, Kind, Unit
from desk.lists.table import Table

#: Excel's own limits: characters of a sheet's name, and width of a column.
SHEET_NAME = 31
WIDEST = 48
MONEY_FORMAT = {Unit.YUAN: "#,##0.00", Unit.WAN: "#,##0.00####"}
UNIT_LABEL = {Unit.YUAN: "元", Unit.WAN: "万元"}


def write_xlsx(table: Table, out: IO[bytes], *, progress: Any = None) -> int:
    """Write a list to ``out``; return how many rows it has.

    Text stays text: "=1+1" is no formula and a leading zero is kept.
    ``progress`` is called with the number of rows written so far.
    """
    book = xlsxwriter.Workbook(
        out,
        {
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "constant_memory": False,
        },
    )
    sheet = book.add_worksheet(str(table.kind.title)[:SHEET_NAME])
    styles = {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "head": book.add_format(
            {"bold": True, "border": 1, "bg_color": "#E8EEF7", "text_wrap": True}
        ),
        Kind.TEXT: book.add_format({"border": 1}),
        Kind.NUMBER: book.add_format({"border": 1, "num_format": "General"}),
        Kind.DATE: book.add_format({"border": 1, "num_format": "yyyy-mm-dd"}),
        Kind.MONEY: book.add_format(
            {"border": 1, "num_format": MONEY_FORMAT[table.unit]}
        ),
        "sum": book.add_format(
            {"border": 1, "bold": True, "num_format": MONEY_FORMAT[table.unit]}
        ),
    }
    sheet.write_string(0, 0, str(table.kind.title), styles["title"])
    sheet.write_string(1, 0, _("Amounts in %s") % UNIT_LABEL[table.unit])
    sheet.write_string(2, 0, _("No."), styles["head"])
    widths = [6] + [len_of(str(c.label)) for c in table.columns]
    for place, column in enumerate(table.columns, start=1):
        sheet.write_string(2, place, heading(column, table.unit), styles["head"])
    sums = {c.key: Decimal(0) for c in table.columns if c.sums}
    row = 2
    for number, item in enumerate(table.all_rows(), start=1):
        row = 2 + number
        sheet.write_number(row, 0, number, styles[Kind.TEXT])
        for place, column in enumerate(table.columns, start=1):
            value = column.of(item)
            if column.key in sums and value is not None:
                sums[column.key] += value
            width = write_cell(sheet, row, place, column, value, table.unit, styles)
            widths[place] = max(widths[place], width)
        if progress is not None:
            progress(number)
    sheet.write_string(row + 1, 0, _("Total"), styles["sum"])
    for place, column in enumerate(table.columns, start=1):
        if column.key in sums:
            letter = xlsxwriter.utility.xl_col_to_name(place)
            sheet.write_formula(
                row + 1,
                place,
                f"=SUM({letter}4:{letter}{max(row, 3) + 1})",
                styles["sum"],
                float(table.unit.of(sums[column.key])),
            )
        else:
            sheet.write_blank(row + 1, place, None, styles["sum"])
    for place, width in enumerate(widths):
        sheet.set_column(place, place, min(width + 2, WIDEST))
    sheet.freeze_panes(3, min(2, len(table.columns)))
    sheet.autofilter(2, 0, max(row, 3), len(table.columns))
    sheet.set_landscape()
    sheet.set_paper(8)  # A3
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(2)
    book.close()
    return row - 2


def heading(column: Column, unit: Unit) -> str:
    """The header; amounts say their unit, as the bureau's lists do."""
    label = str(column.label)
    return f"{label}（{UNIT_LABEL[unit]}）" if column.kind is Kind.MONEY else label


def len_of(text: str) -> int:
    """The width of a text; a Chinese character takes two places."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)


def write_cell(
    sheet: Any,
    row: int,
    place: int,
    column: Column,
    value: Any,
    unit: Unit,
    styles: dict[Any, Any],
) -> int:
    """Write one value as what it is; return its width."""
    style = styles[column.kind]
    if value is None or value == "":
        sheet.write_blank(row, place, None, style)
        return 0
    if column.kind is Kind.MONEY:
        sheet.write_number(row, place, float(unit.of(value)), style)
        return 14
    if column.kind is Kind.NUMBER:
        sheet.write_number(row, place, float(value), style)
        return 8
    if column.kind is Kind.DATE:
        sheet.write_datetime(row, place, value, style)
        return 10
    sheet.write_string(row, place, str(value), style)
    return len_of(str(value))
