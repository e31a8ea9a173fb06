"""Writes a table as an XLSX workbook: typed cells, a frozen heading, and a sheet of notes.

Text is written as text and never looked at, so nothing in it can become a formula or a link.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import IO, Final

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from plan_api.exchange.model.outgoing import Cell, Table

LONGEST_TEXT: Final = 32_767
"""More does not fit into a cell."""

_EARLIEST: Final = date(1900, 3, 1)
"""Excel counts 1900 as a leap year: dates before are written as text."""

OPTIONS: Final = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "remove_timezone": True,
}


class _Formats:
    def __init__(self, book: Workbook) -> None:
        self.heading = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})
        self.moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})


def write(table: Table, to: IO[bytes]) -> None:
    """Write the workbook; the table's sheet first, so that it is what opens."""
    with Workbook(to, OPTIONS) as book:
        book.set_properties({"title": table.title, "created": table.made_at.astimezone(UTC)})
        formats = _Formats(book)
        _write_table(book.add_worksheet(table.name[:31]), table, formats)
        _write_notes(book.add_worksheet(table.notes.heading[:31]), table, formats)


def _write_table(sheet: Worksheet, table: Table, formats: _Formats) -> None:
    sheet.freeze_panes(1, 1)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    for place, column in enumerate(table.columns):
        sheet.set_column(place, place, column.width)
        sheet.write_string(0, place, column.heading, formats.heading)
    last = 0
    for last, row in enumerate(table.rows, 1):
        for place, cell in enumerate(row):
            _write_cell(sheet, last, place, cell, formats)
    sheet.autofilter(0, 0, last, len(table.columns) - 1)


def _write_notes(sheet: Worksheet, table: Table, formats: _Formats) -> None:
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 90)
    sheet.write_string(0, 0, table.title, formats.title)
    for place, (name, said) in enumerate(table.notes.lines, 2):
        sheet.write_string(place, 0, name, formats.wrapped)
        sheet.write_string(place, 1, said[:LONGEST_TEXT], formats.wrapped)


def _write_cell(sheet: Worksheet, row: int, place: int, cell: Cell, formats: _Formats) -> None:
    match cell:
        case None:
            return
        case bool():
            sheet.write_boolean(row, place, cell)
        case int() | Decimal():
            sheet.write_number(row, place, cell)
        case datetime():
            sheet.write_datetime(row, place, cell.astimezone(UTC), formats.moment)
        case date() if cell >= _EARLIEST:
            sheet.write_datetime(row, place, cell, formats.day)
        case date():
            sheet.write_string(row, place, cell.isoformat())
        case str():
            sheet.write_string(row, place, cell[:LONGEST_TEXT])
