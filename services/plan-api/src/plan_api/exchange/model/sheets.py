"""The sheets of the spreadsheet that comes in, in the order in which they are read and applied."""

from collections.abc import Mapping, Sequence
from typing import Final

from plan_api.exchange.model.columns import SheetSpec
from plan_api.exchange.model.directory_sheets import INSTRUMENTS, MEMBERS, UNITS
from plan_api.exchange.model.fact_sheets import BUDGET, CORRECTIONS, FACTS, FIGURES
from plan_api.exchange.model.work_sheets import ACTIONS, DELIVERABLES, ESTIMATES, TARGETS

SHEETS: Final[Sequence[SheetSpec]] = (
    UNITS, MEMBERS, INSTRUMENTS, ACTIONS, DELIVERABLES, ESTIMATES, TARGETS, FACTS, BUDGET,
    FIGURES, CORRECTIONS,
)  # fmt: skip
BY_NAME: Final[Mapping[str, SheetSpec]] = {sheet.name: sheet for sheet in SHEETS}
