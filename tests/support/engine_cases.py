"""Figures and items to be judged, without a database."""

from datetime import date
from fractions import Fraction
from typing import Any

from kpi_engine.domain.definitions import CountMeasure, Definition, Tolerance
from kpi_engine.domain.figures import Estimate, Listing, Measured, Statements
from kpi_engine.domain.judging import Outcome, judge
from shared_kit.calendar import Period, PlanCalendar

F = Fraction
D = date
CALENDAR = PlanCalendar(
    cycle_code="2019-2022",
    cycle_start=D(2019, 7, 1),
    cycle_end=D(2022, 6, 30),
    year_start_month=7,
    timezone="Europe/Brussels",
)
YEAR, NEXT_YEAR = CALENDAR.years[:2]
CYCLE = CALENDAR.cycle
TODAY = D(2020, 2, 3)
TOLERANCE = Tolerance(on_track=F(9, 10), at_risk=F(3, 4))
COUNT = CountMeasure(facts=("deliverable.released",), ways=(), released=())


def a_definition(**changes: Any) -> Definition:
    fields: dict[str, Any] = {
        "plan": "p", "key": "p:SG", "code": "SG", "version": 1, "digest": "d", "kind": "planned",
        "measure": COUNT, "measure_id": 1, "owner": "SGO", "tolerance": TOLERANCE,
        "grace_days": 30, "service_days": 180, "silence_is_no_data": False,
        "initially_estimated": False, "visibility": "members", "title": "t", "title_fr": "t",
    }  # fmt: skip
    return Definition(**{**fields, **changes})


def an_item(name: str, due: date | None, done: date | None = None, **rest: Any) -> Listing:
    levels = () if done is None else ((done, F(1)),)
    return Listing(
        **{"year": "FY2019", "item": name, "title": name, "due": due, "levels": levels, **rest}
    )


def planned(
    *items: Listing,
    as_of: date = TODAY,
    numerator: int | None = None,
    estimate: Estimate | None = None,
    period: Period = YEAR,
    **changes: Any,
) -> Outcome:
    done = sum(1 for item in items if item.levels)
    return judge(
        definition=a_definition(**changes),
        period=period,
        calendar=CALENDAR,
        as_of=as_of,
        measured=Measured(
            numerator=F(done if numerator is None else numerator),
            unplanned=0,
            listings=items,
            adopted=frozenset({"FY2019"} if items else ()),
        ),
        statements=Statements(estimates={} if estimate is None else {period.code: estimate}),
    )


def stated(value: int, first: int | None = None, **rest: Any) -> Estimate:
    return Estimate(value=F(value), first=F(value if first is None else first), **rest)
