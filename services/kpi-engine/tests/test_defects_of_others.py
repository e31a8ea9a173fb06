"""Defects read in other open systems that show progress: none of them is to be ours.

Read in the code and the trackers of akvo/akvo-rsr, unicef/etools-partner-reporting-portal,
operately/operately, open-sdg/open-sdg, hikaya-io/activity, toladata/TolaActivity and
Leantime/leantime. Each test is named after what it guards; the defect stands in its docstring.
"""

from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any, Literal
from zoneinfo import ZoneInfo

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_engine.bootstrap import make_api
from kpi_engine.domain.figures import Measured, Pair, Statements, Target
from kpi_engine.domain.judging import Outcome, Reason, Status, judge
from kpi_engine.domain.parts import Cell, overlap_of
from kpi_engine.domain.paths import Path
from kpi_engine.handlers.parts_words import statement
from kpi_engine.ports.parts import By
from plan_api.report.pages.formatting import Formatter
from plan_api.report.pages.overview import counts_by_objective, row_of
from plan_api.report.pages.texts import load_catalogues
from plan_api.report.pages.words import Words
from plan_api.report.reads import HttpFigures
from tests.support.engine_builders import PLAN, key, released, the_snapshot, these
from tests.support.engine_builders import an_item as a_deliverable
from tests.support.engine_cases import (
    CALENDAR,
    CYCLE,
    NEXT_YEAR,
    TODAY,
    YEAR,
    D,
    F,
    a_definition,
    planned,
    stated,
)
from tests.support.engine_lab import Lab, sent
from tests.support.engine_levels import BEFORE, OVER, a_path, effort, on_path, over_years, share
from tests.support.engine_tables import Happened, Replaces, asked, begin, estimate, happen

FACTS = "SELECT count(*) FROM fact WHERE name <> 'plan.published'"


def observed(pair: Pair | None, target: Target | None = None) -> Outcome:
    return judge(
        definition=a_definition(kind="observed", silence_is_no_data=True),
        period=YEAR,
        calendar=CALENDAR,
        as_of=TODAY,
        measured=Measured(pair=pair, facts=0 if pair is None else 1),
        statements=Statements(targets={} if target is None else {YEAR.code: target}),
    )


def test_parents_are_ratios_of_sums_not_of_padded_denominators() -> None:
    """A total that begins at d = 1 makes 2/5 of 1/2 and 1/2."""
    whole = over_years([1, 1], [2, 2])

    assert (whole.numerator, whole.denominator, whole.ratio) == (F(2), F(4), F(1, 2))


def test_parents_are_no_means_of_ratios() -> None:
    """Averaged percentages: 1/2 and 9/90 are 10/92, not 30 %."""
    assert over_years([1, 9], [2, 90]).ratio == F(10, 92)


async def test_only_those_that_reported_are_divided_by(lab: Lab) -> None:
    """An average over all places, reported or not: the silent ones pulled it down."""
    await begin(lab)

    assert await share(lab, [effort("CF", 1, 10, 20)]) == these(10, 20)
    # One that reported a nought counts; one that is silent does not.
    assert await share(lab, [effort("CF", 1, 10, 20), effort("CAP", 1, 0, 20)]) == these(10, 40)


def test_lower_is_better_moves_from_its_baseline() -> None:
    """`if achieved > baseline ... else 0`: what has to fall stood at 0 % for ever."""
    path = a_path("decrease", 40, 20)

    found = {level: on_path(path, {"FY2019": level}).attainment for level in ("40", "35", "20")}

    assert found == {"40": F(0), "35": F(1, 4), "20": F(1)}


def test_a_share_and_its_target_have_one_unit() -> None:
    """An achieved share times 100 against a target of v/d: everything was reached."""
    found = observed(Pair(numerator=F(45), denominator=F(100)), Target(low=F(1, 2)))

    assert (found.ratio, found.attainment) == (F(9, 20), F(9, 10))


def test_nothing_reported_is_null_and_not_zero() -> None:
    found = observed(None, Target(low=F(1, 2)))

    assert (found.numerator, found.denominator, found.ratio) == (None, None, None)
    assert (found.attainment, found.reason) == (None, Reason.NO_DATA)
    assert on_path(a_path("increase", 0, 9), {}).reason is Reason.NO_DATA


def test_a_denominator_of_zero_is_null_and_not_zero_percent() -> None:
    found = observed(Pair(numerator=F(0), denominator=F(0)), Target(low=F(1, 2)))

    assert (found.ratio, found.attainment) == (None, None)
    assert (found.status, found.reason) == (Status.NOT_JUDGED, Reason.NOT_APPLICABLE)


def test_a_true_zero_counts() -> None:
    """`str(value) if value else ''`: a reported 0 became blank and left its parent's sum."""
    nought = observed(Pair(numerator=F(0), denominator=F(8)), Target(low=F(1, 2)))
    level = on_path(a_path("increase", 10, 20), {"FY2019": "0"})
    latest = on_path(a_path("increase", 10, 20), {"FY2019": "15", "FY2020": "0"}, period=CYCLE)

    assert (nought.numerator, nought.ratio, nought.attainment) == (F(0), F(0), F(0))
    assert nought.status is Status.OFF_TRACK
    assert (level.numerator, level.attainment) == (F(0), F(-1))
    assert latest.numerator == F(0)


def test_attainment_is_not_capped() -> None:
    """`max(x, 100)` where min was meant: never below 100; and no cap is wanted at all."""
    more = planned(numerator=3, estimate=stated(2), as_of=OVER)
    less = planned(numerator=1, estimate=stated(2), as_of=OVER)

    assert (more.attainment, less.attainment) == (F(3, 2), F(1, 2))
    # In the year too: one of two was to be there by now.
    assert planned(numerator=3, estimate=stated(2)).attainment == F(3)
    assert on_path(a_path("decrease", 40, 20), {"FY2019": "0"}).attainment == F(2)


@pytest.mark.parametrize(
    ("direction", "level"), [("increase", "9"), ("decrease", "41")], ids=["fell", "rose"]
)
def test_the_wrong_way_is_a_negative_percentage(
    direction: Literal["increase", "decrease"], level: str
) -> None:
    """Shown as 0 %, what went the wrong way looks like what has not begun."""
    start, end = (10, 20) if direction == "increase" else (40, 30)

    found = on_path(a_path(direction, start, end), {"FY2019": level})

    assert (found.attainment, found.status) == (F(-1, 10), Status.OFF_TRACK)


async def test_running_totals_never_add_up_across_reporters(lab: Lab) -> None:
    """ "Latest per user": two people who report the same running total doubled it."""
    await begin(lab)
    await happen(lab, [])
    await lab.feed(
        *(
            sent(effort("CF", 1, 10, 30), id="same", source=source, time=time)
            for source, time in (
                ("/one", datetime(2019, 10, 1, tzinfo=UTC)),
                ("/other", datetime(2019, 10, 2, tzinfo=UTC)),
            )
        )
    )

    found = await asked(lab, "ORG1", "FY2019", OVER)

    assert [tuple(row) for row in await lab.rows(FACTS)] == [(2,)]
    assert (found.numerator, found.denominator) == these(10, 30)


def test_cumulative_is_the_last_level_and_not_the_sum() -> None:
    path = Path(direction="increase", baseline=(BEFORE, F(0)), points=((CYCLE.end, F(100)),))

    found = on_path(path, {"FY2019": "30", "FY2020": "50"}, period=CYCLE, as_of=D(2022, 12, 1))

    assert (found.numerator, found.attainment) == (F(50), F(1, 2))


async def test_editing_an_earlier_period_leaves_later_ones_right(lab: Lab) -> None:
    """An edited first period was carried over into cumulative later ones."""
    path = Path(direction="increase", baseline=(BEFORE, F(0)), points=((CYCLE.end, F(100)),))
    levels = {"FY2019": "30", "FY2020": "50"}
    for period in (NEXT_YEAR, CYCLE):
        before, after = (
            on_path(path, {**levels, "FY2019": first}, period=period, as_of=D(2022, 12, 1))
            for first in ("30", "70")
        )
        assert (before, before.numerator) == (after, F(50))

    # Of what is added up, exactly the difference moves.
    await begin(lab)
    facts: list[Happened] = [effort("CF", 1, 10, 30), effort("CF", 2, 5, 30)]
    assert await share(lab, facts) == these(15, 60)
    assert await share(lab, [*facts, Replaces(0, effort("CF", 1, 8, 30))]) == these(13, 60)


async def test_a_target_is_not_multiplied_by_the_entries(lab: Lab) -> None:
    """A period's target stood once for each entry; the whole was added from reported periods."""
    await begin(lab)
    items = [a_deliverable(n) for n in range(3)]
    await happen(lab, [estimate("SG", 5), *(released(one, D(2019, 9, 1)) for one in items)])

    found = await asked(lab, "SG", "FY2019", TODAY)

    assert (found.numerator, found.denominator, found.estimate) == these(3, 5, 5)
    assert over_years([2, 0, 0], [4, 6, 10]).denominator == F(20)


def test_parts_that_exceed_their_total_are_told() -> None:
    """A sum of the parts that differs from the total was shown without a word."""
    parts = [Cell(code=code, numerator=F(2)) for code in "ab"]

    overlap = overlap_of(parts, Cell(code=None, numerator=F(3)))
    (english, _) = statement(By.PACKAGE, additive=False, overlap=overlap)

    assert overlap.numerator == F(1)
    assert "the rows exceed it by 1" in english
    assert overlap_of(parts, Cell(code=None, numerator=F(4))).numerator == F(0)


@pytest.mark.parametrize(
    ("direction", "level", "attainment", "status"),
    [
        ("increase", "50", F(1), "on-track"),
        ("increase", "40", F(4, 5), "at-risk"),
        ("decrease", "50", F(1), "on-track"),
        ("decrease", "80", F(5, 8), "off-track"),
    ],
)
def test_a_baseline_that_is_its_target_is_judged_as_keep(
    direction: Literal["increase", "decrease"], level: str, attainment: Fraction, status: str
) -> None:
    """From equal to: 0 % for ever, and "done" exactly while it was not."""
    found = on_path(a_path(direction, 50, 50), {"FY2019": level})

    assert (found.attainment, found.status.value) == (attainment, status)


def test_a_target_of_zero_stays_zero() -> None:
    """A target of 0 silently became 0.001: the last accident was then worth a thousand."""
    path = a_path("decrease", 8, 0)

    last, none = (on_path(path, {"FY2019": level}) for level in ("1", "0"))

    assert none.target == Target(low=None, high=F(0))
    assert (last.attainment, none.attainment) == (F(7, 8), F(1))
    approved = on_path(None, {"FY2019": "0"}, targets={"FY2019": Target(low=F(0))})
    assert (approved.target, approved.attainment) == (Target(low=F(0)), F(1))


@given(
    start=st.fractions(-99, 99, max_denominator=20),
    way=st.fractions(F(1, 20), 99, max_denominator=20),
    level=st.fractions(-200, 200, max_denominator=20),
    as_of=st.dates(YEAR.start, D(2020, 12, 31)),
)
def test_falling_figures_mirror_rising_ones(
    start: Fraction, way: Fraction, level: Fraction, as_of: date
) -> None:
    """A misplaced bracket in the descending formula alone."""
    up = on_path(a_path("increase", start, start + way), {"FY2019": str(level)}, as_of=as_of)
    down = on_path(a_path("decrease", -start, -start - way), {"FY2019": str(-level)}, as_of=as_of)

    assert (up.attainment, up.status, up.reason) == (down.attainment, down.status, down.reason)


async def test_a_released_deliverable_moves_indicator_objective_and_map(lab: Lab) -> None:
    """A linked milestone was completed, and the goal that it served stayed where it was."""
    item = a_deliverable("1", due=D(2019, 10, 1), objectives=("SO1",))
    await begin(lab)
    await happen(lab, [estimate("SO1", 2)])
    lab.clock.move_to(datetime(2020, 2, 3, 8, tzinfo=UTC))
    await lab.open_day()
    await lab.judge()

    figures_before, tiles_before = await shown(lab)
    await lab.feed(sent(released(item, D(2020, 1, 10)), id="released"))
    await lab.judge()
    figures, tiles = await shown(lab)

    assert (figures_before, figures) == ((0, 2), (1, 2))
    assert {code for code in tiles if tiles[code] != tiles_before[code]} == {"SO1"}
    assert (tiles_before["SO1"], tiles["SO1"]) == ({"off-track": 1}, {"on-track": 1})


async def shown(lab: Lab) -> tuple[tuple[Any, Any], dict[str, dict[str, int]]]:
    """Both sides of SO1, and the counts that stand in each box of the Strategic Map."""
    plan = the_snapshot()
    transport = httpx.ASGITransport(app=make_api(lab.engine))
    async with httpx.AsyncClient(transport=transport) as http:
        reads = HttpFigures(
            http=http,
            engine_url="http://127.0.0.1",
            notifier_url="http://127.0.0.1",
            authorization="Bearer demo-planning-office",
        )
        card = await reads.scorecard(plan=PLAN, period="FY2019")
    words = Words(
        format=Formatter(
            language="en",
            texts=load_catalogues()["en"],
            zone=ZoneInfo("Europe/Brussels"),
            today=TODAY,
        )
    )
    rows = [row_of(one, plan=plan, scorecard=card, words=words) for one in plan.indicators]
    result = card.result(key("SO1"))
    assert result is not None
    tiles = counts_by_objective(plan, rows)
    return (
        (result.numerator, result.denominator),
        {code: {status.value: n for status, n in tile} for code, tile in tiles.items()},
    )
