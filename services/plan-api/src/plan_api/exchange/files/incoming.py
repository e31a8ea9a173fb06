"""Reads an uploaded XLSX, line by line, bounded; meant for a thread, some hundred lines a turn.

A sheet is known by its title, a column by its heading, in either language. A line whose first
cell begins with "# " is an example and is not read.
"""

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from typing import Any, Final
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from plan_api.exchange.model.columns import SheetSpec
from plan_api.exchange.model.findings import (
    LARGEST_CONTENT,
    MOST_LINES,
    LineRead,
    UnreadableError,
)
from plan_api.exchange.model.sheets import SHEETS

EXAMPLE: Final = "# "
_LONGEST_CELL: Final = 5_000
_WIDEST: Final = 60
_BROKEN: Final = (
    zipfile.BadZipFile, InvalidFileException, ParseError, KeyError, ValueError, TypeError,
    AttributeError, IndexError, OSError, EOFError, NotImplementedError, RuntimeError,
)  # fmt: skip
"""What the reader raises on a file that is none, or a broken one."""


class Reader:
    """Hands out the lines of a file; `total` is what its sheets say of themselves."""

    def __init__(self, content: bytes) -> None:
        """Open it.

        Raises:
            UnreadableError
        """
        try:
            _check_size(content)
            self._book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            self._sheets = self._known()
        except _BROKEN as error:
            raise _unreadable() from error
        if not self._sheets:
            raise UnreadableError(
                "none of its sheets has a title of the template: take the template anew",
                "aucune de ses feuilles n’a un titre du modèle : reprenez le modèle",
            )
        self.total = sum(max((sheet.max_row or 1) - 1, 0) for _, sheet in self._sheets)
        self._lines = self._read()

    def take(self, count: int) -> Sequence[LineRead]:
        """The next lines; none where it ends.

        Raises:
            UnreadableError
        """
        try:
            return list(islice(self._lines, count))
        except _BROKEN as error:
            raise _unreadable() from error

    def close(self) -> None:
        self._book.close()

    def _known(self) -> Sequence[tuple[SheetSpec, Any]]:
        titles = {
            _plainly(title): spec for spec in SHEETS for title in (spec.en, spec.fr, spec.name)
        }
        return [
            (titles[name], sheet)
            for sheet in self._book.worksheets
            if (name := _plainly(sheet.title)) in titles
        ]

    def _read(self) -> Iterator[LineRead]:
        count = 0
        for spec, sheet in sorted(self._sheets, key=lambda pair: SHEETS.index(pair[0])):
            columns: Mapping[int, str] = {}
            for number, row in enumerate(sheet.iter_rows(max_col=_WIDEST, values_only=True), 1):
                if not columns:
                    columns = _columns(spec, row)
                    continue
                line = _line(spec, number, row, columns)
                if line is None:
                    continue
                count += 1
                if count > MOST_LINES:
                    raise UnreadableError(
                        f"a file may hold {MOST_LINES} lines: divide it",
                        f"un fichier est limité à {MOST_LINES} lignes : divisez-le",
                    )
                yield line


def _plainly(title: str) -> str:
    """A title as it is recognized, whichever apostrophe and space it was typed with."""
    return " ".join(title.replace("’", "'").casefold().split())


def _columns(spec: SheetSpec, row: Sequence[object]) -> Mapping[int, str]:
    """Where which column stands. Needed ones that are missing are said at once."""
    names = {
        _plainly(heading): column.name
        for column in spec.columns
        for heading in (column.en, column.fr, column.name)
    }
    found = {
        place: names[heading]
        for place, value in enumerate(row)
        if (heading := _plainly(str(value or "").strip().rstrip("*"))) in names
    }
    missing = [one for one in spec.columns if one.required and one.name not in found.values()]
    if missing:
        raise UnreadableError(
            f'sheet "{spec.en}" lacks the column "{missing[0].en}" in its first row',
            f"il manque à la feuille « {spec.fr} » la colonne « {missing[0].fr} »",
        )
    return found


def _line(
    spec: SheetSpec, number: int, row: Sequence[object], columns: Mapping[int, str]
) -> LineRead | None:
    cells = {
        name: text
        for place, name in columns.items()
        if place < len(row) and (text := _text(row[place]))
    }
    first = next((str(value) for value in row if value is not None), "")
    if not cells or first.startswith(EXAMPLE):
        return None
    letters = {name: get_column_letter(place + 1) for place, name in columns.items()}
    return LineRead(sheet=spec.name, row=number, cells=cells, letters=letters)


def _text(value: object) -> str:
    """What a cell says, as somebody would have typed it."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime() | date():
            return value.isoformat()
        case float():
            # Through its shortest form: 0.1 was typed, not what binary makes of it.
            exact = Decimal(repr(value))
            return format(exact.normalize() if exact % 1 else exact.quantize(Decimal(1)), "f")
        case _:
            return str(value).replace("\x00", "").strip()[:_LONGEST_CELL]


def _check_size(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(part.file_size for part in archive.infolist()) > LARGEST_CONTENT:
            raise UnreadableError(
                "the file is too large when it is unpacked: divide it",
                "le fichier décompressé est trop grand : divisez-le",
            )


def _unreadable() -> UnreadableError:
    return UnreadableError(
        "this is no spreadsheet that can be read: save it as .xlsx and send it again",
        "ce n’est pas un classeur lisible : enregistrez-le au format .xlsx et renvoyez-le",
    )
