"""What is found in a spreadsheet: lines, and mistakes with the cell that they stand in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

MOST_SHOWN: Final = 300
"""Mistakes beyond are counted, not listed."""

MOST_WAITED_FOR: Final = 50
"""Lines with a mistake that others wait for, by how many do."""

SAMPLE: Final = 20
"""Lines of a sheet that a preview shows."""

LARGEST_FILE: Final = 10 * 1024 * 1024
LARGEST_CONTENT: Final = 200 * 1024 * 1024
"""What a file may hold unpacked: a small archive can hold gigabytes of zeros."""

MOST_LINES: Final = 50_000


class ImportState(StrEnum):
    """READING and APPLYING are under way; what is READY can be applied if nothing is wrong."""

    READING = "reading"
    READY = "ready"
    UNREADABLE = "unreadable"
    APPLYING = "applying"
    APPLIED = "applied"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRead:
    """A line of a sheet: each column's text and the letter that it stands under."""

    sheet: str
    row: int
    cells: Mapping[str, str]
    letters: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """What is wrong in a cell, and what to do about it."""

    sheet: str
    row: int
    column: str
    letter: str
    value: str
    en: str
    fr: str


BUSY: Final = (ImportState.READING, ImportState.APPLYING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """An uploaded spreadsheet, without its bytes."""

    id: UUID
    plan: str
    name: str
    digest: str
    state: ImportState
    asked_by: Mapping[str, Any]
    attempts: int
    rows_done: int
    rows_total: int | None
    preview: Mapping[str, Any] | None
    created_at: datetime
    applied_at: datetime | None

    @property
    def is_busy(self) -> bool:
        return self.state in BUSY

    @property
    def mistakes(self) -> int:
        return int((self.preview or {}).get("mistake_count", 0))

    @property
    def lines(self) -> int:
        return int((self.preview or {}).get("lines", 0))

    @property
    def can_be_applied(self) -> bool:
        return self.state is ImportState.READY and not self.mistakes and self.lines > 0


class UnreadableError(Exception):
    """The file is no spreadsheet that can be read here."""

    def __init__(self, en: str, fr: str) -> None:
        super().__init__(en)
        self.en = en
        self.fr = fr
