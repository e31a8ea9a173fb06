"""The engine's figures of the demonstration's year against those worked out from its files."""

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.conftest import StartSystem
from tests.support import year_beside, year_data, year_explained, year_figures
from tests.support.figures import PLAN, get
from tests.support.systems import System
from wcoplan.demo.playing import OPENED_AT, ZONE, morning_of, play
from wcoplan.demo.year import Desk, read

FOURTH = date(2019, 7, 4)
BESIDE: dict[str, Any] = json.loads(year_beside.BESIDE.read_text("utf-8"))
GOLDEN: dict[str, Any] = json.loads(year_data.GOLDEN.read_text("utf-8"))


def test_the_committed_figures_are_those_of_the_data_files() -> None:
    assert year_figures.everything() == GOLDEN
    assert year_beside.everything() == BESIDE


def test_most_rows_are_judged_and_the_story_is_in_them() -> None:
    falls_behind = [GOLDEN[day]["FY2019"]["SP6.2"]["status"] for day in sorted(GOLDEN)]
    drifts = [GOLDEN[day]["FY2019"]["SP3.1"]["attainment"] for day in sorted(GOLDEN)]
    corrected = [GOLDEN[day]["FY2019"]["SP7.2"]["numerator"] for day in sorted(GOLDEN)]

    last = GOLDEN["2020-02-03"]["FY2019"]
    assert len(last) == 29
    assert sum(row["status"] != "not-judged" for row in last.values()) >= 24
    assert falls_behind == ["on-track", "off-track", "on-track"]
    assert sorted(map(Decimal, drifts), reverse=True) == list(map(Decimal, drifts))
    assert corrected == ["0", "2", "1"]


def test_a_morning_between_two_dates_is_worked_out_too() -> None:
    before = year_figures.rows(date(2019, 7, 2), "FY2019")

    assert before["SG"]["reason"] == "not-started"
    assert before["ORG2.1"]["reason"] == "no-data"


@pytest.mark.parametrize(
    "log_kind",
    ["embedded", pytest.param("kafka", marks=[pytest.mark.kafka, pytest.mark.explore])],
)
@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_the_engine_finds_the_same(log_kind: str, start_system: StartSystem) -> None:
    async with start_system(log_kind, start_at=OPENED_AT) as system:
        # The first days as the demonstration tells them, each with its judgements.
        for _again in range(2):
            await play(
                client=system.client,
                clock=system.clock,
                settle=system.settle,
                until=morning_of(FOURTH),
            )
        assert await judged_days(system) == ["2019-07-02", "2019-07-03", "2019-07-04"]
        desk = Desk(system.client)
        told = FOURTH - timedelta(days=1)
        for day in year_data.DATES:
            # What was told on the days before; the days between are not judged here.
            evening = datetime(day.year, day.month, day.day - 1, 17, tzinfo=ZONE)
            await system.move_to(evening)
            await desk.tell(read().told(after=told, until=evening.date()))
            told = evening.date()
            await system.move_to(datetime(day.year, day.month, day.day, 9, tzinfo=ZONE))
            for period in year_data.PERIODS:
                assert await engine_rows(system, period) == GOLDEN[day.isoformat()][period], day
        await explains_itself(system)


async def explains_itself(system: System) -> None:
    """Each of the 29, in both periods: its facts, its plan and its one line come to its figure."""
    shown = BESIDE[year_data.DATES[-1].isoformat()]
    for number, period in enumerate(year_data.PERIODS):
        language = ("en", "fr")[number]
        for code in GOLDEN["2020-02-03"][period]:
            told = await get(
                system.client,
                f"/api/v1/results/{PLAN}:{code}/explain",
                period=period,
                lang=language,
            )
            assert year_explained.faults(told, language) == [], (code, period)
            if code in shown[period]:
                assert beside(told) == shown[period][code], (code, period)


def beside(told: dict[str, Any]) -> dict[str, int]:
    """The companions of an explanation, by code; `of` where a part has one."""
    values = {one["code"]: one["value"] for one in told["companions"]}
    wholes = {f"{one['code']} of": one["of"] for one in told["companions"] if one["of"] is not None}
    return values | wholes


async def judged_days(system: System) -> list[str]:
    series = await get(system.client, f"/api/v1/results/{PLAN}:SG/series", period="FY2019")
    return sorted({one["judged_on"] for one in series["items"] if one["daily"]})


async def engine_rows(system: System, period: str) -> dict[str, year_data.Row]:
    card = await get(system.client, f"/api/v1/scorecards/{PLAN}", period=period)
    return {
        item["key"].partition(":")[2]: {
            name: item[name] if name in ("status", "reason") else plain(item[name])
            for name in ("numerator", "denominator", "expected", "attainment", "status", "reason")
        }
        for item in card["items"]
    }


def plain(value: str | None) -> str | None:
    return None if value is None else f"{Decimal(value).normalize():f}"
