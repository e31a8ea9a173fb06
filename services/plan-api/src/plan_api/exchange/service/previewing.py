"""What is kept of a look through a file: counts, mistakes, what waits and what is foreseen."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from plan_api.exchange.model.findings import MOST_SHOWN, MOST_WAITED_FOR, SAMPLE, Mistake
from plan_api.exchange.model.sheets import BY_NAME, SHEETS
from plan_api.exchange.service.checking import Found
from plan_api.exchange.service.known import Broken, code_of
from plan_api.implementation.service.counting import Shortfall

_PLANNING: Final = frozenset({"actions", "deliverables", "estimates"})


@dataclass(slots=True, kw_only=True)
class Preview:
    """What reading a file has come upon so far, and what its page shows of that."""

    lines: int = 0
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    mistakes: list[Mistake] = field(default_factory=list)
    waits: Counter[Broken] = field(default_factory=Counter)
    mistake_count: int = 0
    sample: list[Mapping[str, Any]] = field(default_factory=list)
    years: set[str] = field(default_factory=set)
    """Those that something of the plan is entered for."""
    shortfalls: Sequence[Shortfall] = ()

    def add(self, one: Found) -> None:
        line = one.line
        state = "new" if one.new else "known"
        if one.mistakes or one.waits_for:
            state = "wrong" if one.mistakes else "waiting"
        if one.waits_for is not None:
            self.waits[one.waits_for] += 1
        if line.sheet in _PLANNING:
            self.years.add(line.cells.get("period", ""))
        self.lines += 1
        self.counts[line.sheet, "lines"] += 1
        self.counts[line.sheet, state] += 1
        self.mistake_count += len(one.mistakes)
        self.mistakes += one.mistakes[: max(0, MOST_SHOWN - len(self.mistakes))]
        if self.counts[line.sheet, "lines"] <= SAMPLE:
            shown = [line.cells.get(column.name, "") for column in BY_NAME[line.sheet].columns[:3]]
            self.sample.append(
                {"sheet": line.sheet, "row": line.row, "state": state, "cells": shown}
            )

    def as_json(self) -> dict[str, Any]:
        return {
            "lines": self.lines,
            "sheets": [
                {
                    "sheet": sheet.name,
                    **{
                        state: self.counts[sheet.name, state]
                        for state in ("lines", "new", "known", "wrong", "waiting")
                    },
                }
                for sheet in SHEETS
                if self.counts[sheet.name, "lines"]
            ],
            "mistake_count": self.mistake_count,
            "mistakes": [asdict(one) for one in self.mistakes],
            "waits": [
                {"sheet": one.sheet, "row": one.row, "code": one.code, "lines": count}
                for one, count in self.waits.most_common(MOST_WAITED_FOR)
            ],
            "sample": self.sample,
            "shortfalls": [
                {
                    "en": one.said.en,
                    "fr": one.said.fr,
                    "indicator": one.indicator.code,
                    "near": [{"code": code_of(each.key), "title": each.title} for each in one.near],
                }
                for one in self.shortfalls
            ],
        }
