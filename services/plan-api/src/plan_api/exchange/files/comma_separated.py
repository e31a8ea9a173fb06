"""Writes a table as CSV (RFC 4180), piece by piece; dates and numbers as machines read them."""

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Final

from plan_api.exchange.model.outgoing import Cell, Table, harmless

BOM: Final = b"\xef\xbb\xbf"
"""Without it some spreadsheets read UTF-8 as something else."""

_LINES_A_PIECE: Final = 500


def write(table: Table, *, bom: bool) -> Iterator[bytes]:
    """The file in pieces of some hundred lines."""
    if bom:
        yield BOM
    yield _piece([[harmless(column.heading) for column in table.columns]])
    while lines := [[_written(cell) for cell in row] for row in islice(table.rows, _LINES_A_PIECE)]:
        yield _piece(lines)


def _piece(lines: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(lines)
    return text.getvalue().encode()


def _written(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case Decimal():
            return format(cell, "f")
        case datetime() | date():
            return cell.isoformat()
        case int():
            return str(cell)
        case str():
            return harmless(cell)
