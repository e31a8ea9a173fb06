"""Figures of several periods or units, as the laws of merging and of paths need them."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from kpi_engine.domain.figures import Measured, StatedFigure, Statements, Target
from kpi_engine.domain.judging import Outcome, judge
from kpi_engine.domain.paths import Path
from shared_kit.calendar import Period
from shared_kit.events.activity import EffortRecorded
from tests.support.engine_builders import PLAN
from tests.support.engine_cases import CALENDAR, CYCLE, YEAR, D, F, a_definition, stated
from tests.support.engine_lab import Lab
from tests.support.engine_tables import Happened, asked, happen

BEFORE, OVER = D(2019, 6, 30), D(2020, 7, 31)


def on_path(
    path: Path | None,
    levels: dict[str, str],
    *,
    period: Period = YEAR,
    as_of: date = OVER,
    targets: dict[str, Target] | None = None,
) -> Outcome:
    """Levels stated for periods, held against a path; by default once the year is over."""
    return judge(
        definition=a_definition(kind="stated", measure=None, path=path),
        period=period,
        calendar=CALENDAR,
        as_of=as_of,
        measured=Measured(),
        statements=Statements(
            figures={
                code: StatedFigure(numerator=F(level), denominator=None)
                for code, level in levels.items()
            },
            targets=targets or {},
        ),
    )


def a_path(
    direction: Literal["increase", "decrease"], start: int | Fraction, end: int | Fraction
) -> Path:
    return Path(direction=direction, baseline=(BEFORE, F(start)), points=((YEAR.end, F(end)),))


def over_years(done: Sequence[int], of: Sequence[int], *, period: Period = CYCLE) -> Outcome:
    """So many done of so many estimated in each year, judged when all is over."""
    codes = [year.code for year in CALENDAR.years]
    number = None if period == CYCLE else codes.index(period.code)
    return judge(
        definition=a_definition(),
        period=period,
        calendar=CALENDAR,
        as_of=D(2022, 12, 31),
        measured=Measured(numerator=F(sum(done) if number is None else done[number])),
        statements=Statements(
            estimates={code: stated(size) for code, size in zip(codes, of, strict=False)}
        ),
    )


def effort(unit: str, quarter: int, part: int, whole: int) -> EffortRecorded:
    return EffortRecorded(
        plan=PLAN,
        unit=unit,
        quarter=f"FY2019-Q{quarter}",
        on_priorities=Decimal(part),
        total=Decimal(whole),
    )


async def share(lab: Lab, facts: Sequence[Happened]) -> tuple[Decimal | None, Decimal | None]:
    """ORG1 of the year from these facts alone: both sides of the ratio."""
    await happen(lab, facts)
    found = await asked(lab, "ORG1", "FY2019", OVER)
    return found.numerator, found.denominator
