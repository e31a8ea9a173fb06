"""What a table becomes in a file: typed, told where it comes from, and harmless."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from plan_api.exchange.files import comma_separated, workbook
from plan_api.exchange.model.outgoing import Cell, Column, Notes, Table

MADE = datetime(2020, 2, 3, 8, 0, tzinfo=UTC)
ACTIVE = [
    "=HYPERLINK(1)",
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    " =1+1",
    "\u00a0\u200b=1+1",
    "\ufeff@SUM(A1)",
]


def a_table(*cells: Cell, rows: int = 1) -> Table:
    def lines() -> Iterator[list[Cell]]:
        for _ in range(rows):
            yield list(cells)

    return Table(
        name="Table",
        title="A table",
        columns=[Column(heading=f"Column {place}") for place in range(len(cells))],
        rows=lines(),
        known_on=MADE.date(),
        made_at=MADE,
        notes=Notes(heading="Sources", lines=[("Our calculation", "not part of the Plan")]),
    )


def as_csv(table: Table, *, bom: bool = False) -> list[list[str]]:
    text = b"".join(comma_separated.write(table, bom=bom)).decode("utf-8-sig" if bom else "utf-8")
    return list(csv.reader(io.StringIO(text, newline="")))


def as_workbook(table: Table) -> io.BytesIO:
    file = io.BytesIO()
    workbook.write(table, file)
    file.seek(0)
    return file


@pytest.mark.parametrize("text", ACTIVE)
def test_csv_lets_no_text_begin_as_a_formula(text: str) -> None:
    assert as_csv(a_table(text))[1] == [f"'{text}"]


@pytest.mark.parametrize("text", ACTIVE)
def test_a_workbook_holds_such_a_text_as_text(text: str) -> None:
    cell = load_workbook(as_workbook(a_table(text)))["Table"]["A2"]

    assert cell.data_type == "s"
    # XML turns a carriage return into a line feed unless it is escaped.
    assert str(cell.value).replace("_x000D_", "\r").lstrip() == text.lstrip()
    assert cell.hyperlink is None


def test_an_address_becomes_no_link() -> None:
    cell = load_workbook(as_workbook(a_table("https://example.org/x")))["Table"]["A2"]

    assert (cell.value, cell.hyperlink) == ("https://example.org/x", None)


def test_a_negative_number_stays_a_number() -> None:
    assert as_csv(a_table(Decimal("-2.50"), -3))[1] == ["-2.50", "-3"]
    sheet = load_workbook(as_workbook(a_table(Decimal("-2.50"), -3)))["Table"]
    assert [sheet["A2"].value, sheet["B2"].value] == [-2.5, -3]


def test_csv_writes_days_flags_and_nothing_as_machines_read_them() -> None:
    found = as_csv(a_table(date(2019, 11, 30), MADE, True, False, None, 'a "b", c'))

    assert found[1] == [
        "2019-11-30", "2020-02-03T08:00:00+00:00", "true", "false", "", 'a "b", c',
    ]  # fmt: skip


def test_csv_begins_with_a_mark_where_that_is_wanted() -> None:
    assert b"".join(comma_separated.write(a_table("é"), bom=True)).startswith(b"\xef\xbb\xbf")
    assert as_csv(a_table("é"), bom=True) == as_csv(a_table("é"))


def test_csv_comes_in_pieces_and_misses_nothing() -> None:
    pieces = list(comma_separated.write(a_table("x", rows=1201), bom=False))

    assert len(pieces) == 4
    assert b"".join(pieces).count(b"x") == 1201


def test_a_workbook_has_typed_cells_a_frozen_heading_and_notes() -> None:
    book = load_workbook(as_workbook(a_table(date(2019, 11, 30), 7, True, "text", None)))
    sheet = book["Table"]

    assert [cell.value for cell in sheet[2]][:4] == [datetime(2019, 11, 30), 7, True, "text"]  # noqa: DTZ001
    assert sheet["A2"].is_date
    assert sheet.freeze_panes == "B2"
    assert sheet.page_setup.paperSize == 9
    assert [cell.value for cell in book["Sources"][3]] == [
        "Our calculation",
        "not part of the Plan",
    ]


def test_a_day_before_excel_s_calendar_is_written_as_text() -> None:
    cell = load_workbook(as_workbook(a_table(date(1900, 1, 15))))["Table"]["A2"]

    assert cell.value == "1900-01-15"
