"""What a sheet of the spreadsheet that comes in is made of: columns in both languages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What a cell of a column holds."""

    TEXT = "text"
    KEY = "key"
    KEYS = "keys"
    CODES = "codes"
    SHARES = "shares"
    DAY = "day"
    NUMBER = "number"
    COUNT = "count"
    FLAG = "flag"


MANY: Final = frozenset({Kind.KEYS, Kind.CODES, Kind.SHARES})
"""Several values in a cell, with commas between them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnSpec:
    """A column: its headings, what it holds, and where its drop-down list comes from."""

    name: str
    en: str
    fr: str
    kind: Kind = Kind.TEXT
    required: bool = False
    choices: str | None = None
    example: str = ""

    def heading(self, *, french: bool) -> str:
        return (self.fr if french else self.en) + (" *" if self.required else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetSpec:
    """A sheet; `more` are examples beside the one that the columns make."""

    name: str
    en: str
    fr: str
    columns: Sequence[ColumnSpec]
    more: Sequence[Mapping[str, str]] = ()

    def title(self, *, french: bool) -> str:
        return self.fr if french else self.en

    def examples(self) -> Sequence[Mapping[str, str]]:
        """Lines as somebody would write them, by the columns' names."""
        return ({one.name: one.example for one in self.columns if one.example}, *self.more)


def column(
    name: str,
    en: str,
    fr: str,
    kind: Kind = Kind.TEXT,
    *,
    choices: str | None = None,
    example: str = "",
) -> ColumnSpec:
    """A heading that ends with a star is required."""
    return ColumnSpec(
        name=name,
        en=en.removesuffix("*"),
        fr=fr.removesuffix("*"),
        kind=kind,
        required=en.endswith("*"),
        choices=choices,
        example=example,
    )
