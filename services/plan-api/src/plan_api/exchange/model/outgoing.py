"""A table on its way out: typed columns and plain values, whatever file they end in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

Cell = str | int | Decimal | bool | date | datetime | None
Line = Sequence[Cell]

_ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "−")
"""A spreadsheet runs a text that begins so as a formula; some take the wide forms for the same."""


class Exported(StrEnum):
    """What can be had as a file."""

    SCORECARD = "scorecard"
    IMPLEMENTATION_PLAN = "implementation-plan"
    DELIVERABLES = "deliverables"
    ACTIONS = "actions"
    MEMBERS = "members"
    UNITS = "units"
    PRIORITIES = "priorities"
    INDICATORS = "indicators"
    PARTS = "parts"
    FACTS = "facts"
    ALERTS = "alerts"
    THEN_AND_NOW = "then-and-now"


class FileFormat(StrEnum):
    XLSX = "xlsx"
    CSV = "csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: its heading, and how wide it is shown."""

    heading: str
    width: int = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """What a reader must know of a table: where it comes from, and what is ours."""

    heading: str
    lines: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with its rows, which are read once."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: Iterator[Line]
    known_on: date
    """The day as of which everything in it was known."""
    made_at: datetime
    """Now, or the end of the day as of which everything in it was known."""
    notes: Notes


def harmless(text: str) -> str:
    """The text as no spreadsheet takes it for a formula: with an apostrophe before it."""
    # Spaces and what is not seen may stand before it: some spreadsheets cut them off.
    begun = text.lstrip(" \u00a0\u200b\u200e\u200f\ufeff\u3000\x00")
    return f"'{text}" if text.startswith(_ACTIVE) or begun.startswith(_ACTIVE) else text
