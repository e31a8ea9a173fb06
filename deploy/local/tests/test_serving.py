"""Where a folder's clock begins, goes on, and what is in the way of telling the year in it."""

import asyncio
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest

from shared_kit.clock import FileClock
from wcoplan.demo.playing import OPENED_AT, morning_of
from wcoplan.folder import LOADED_AT, SHOWN_ON, WrongFolderError, YearMark, is_own, keep, set_out
from wcoplan.serving import require_told

MARCH = date(2020, 3, 2)


def test_a_new_folder_begins_with_the_year_or_with_the_small_demonstration(tmp_path: Path) -> None:
    year, small = tmp_path / "year", tmp_path / "small"
    for home in (year, small):
        home.mkdir()

    set_out(year)
    set_out(small, small=True)

    assert FileClock(year / "clock").now() == OPENED_AT
    assert YearMark(year).until() == SHOWN_ON
    assert FileClock(small / "clock").now() == LOADED_AT
    assert not (small / "year").exists()


def test_an_empty_folder_can_begin_on_another_day_and_goes_on_from_there(tmp_path: Path) -> None:
    july, own = date(2019, 7, 1), tmp_path / "own"
    own.mkdir()
    set_out(own, demo=False, at=july)
    set_out(own, demo=False, at=MARCH)
    set_out(own, demo=False)

    assert FileClock(own / "clock").now() == morning_of(july)
    assert is_own(own), "started without --empty it gets no demonstration"
    assert not YearMark(own).exists()
    (tmp_path / "pg").mkdir()
    with pytest.raises(WrongFolderError, match="machine's time"):
        set_out(tmp_path, demo=False, at=july)


def test_an_empty_folder_runs_by_the_machines_time(tmp_path: Path) -> None:
    set_out(tmp_path, demo=False)

    assert list(tmp_path.iterdir()) == []


def test_a_year_that_was_begun_goes_on_and_never_back(tmp_path: Path) -> None:
    set_out(tmp_path)
    FileClock(tmp_path / "clock").move_to(morning_of(SHOWN_ON))
    YearMark(tmp_path).set(told=date(2020, 1, 31))

    set_out(tmp_path, at=MARCH)
    set_out(tmp_path)

    assert FileClock(tmp_path / "clock").now() == morning_of(SHOWN_ON)
    assert (YearMark(tmp_path).until(), YearMark(tmp_path).told()) == (MARCH, date(2020, 1, 31))
    with pytest.raises(WrongFolderError, match="time goes forward only"):
        set_out(tmp_path, at=date(2019, 12, 2))


def test_a_day_that_goes_on_may_be_asked_for_again(tmp_path: Path) -> None:
    set_out(tmp_path)
    FileClock(tmp_path / "clock").tick_from(morning_of(SHOWN_ON) + timedelta(hours=2))

    set_out(tmp_path, at=SHOWN_ON)

    assert FileClock(tmp_path / "clock").now() > morning_of(SHOWN_ON)


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    set_out(tmp_path, small=True)

    set_out(tmp_path)
    assert not YearMark(tmp_path).exists()
    with pytest.raises(WrongFolderError, match="something else"):
        set_out(tmp_path, at=MARCH)


@pytest.mark.parametrize("small", [False, True])
def test_what_was_begun_empty_gets_no_demonstration_afterwards(
    tmp_path: Path, *, small: bool
) -> None:
    (tmp_path / "cluster").mkdir()

    set_out(tmp_path, small=small)

    assert [one.name for one in tmp_path.iterdir()] == ["cluster"]


async def test_after_a_kill_the_clock_goes_on_where_it_was_and_never_back(tmp_path: Path) -> None:
    clock = FileClock(tmp_path / "clock")
    clock.tick_from(morning_of(SHOWN_ON))
    keeping = asyncio.create_task(keep(clock))
    await asyncio.sleep(0)
    clock.move_to(morning_of(MARCH))
    last = clock.now()
    keeping.cancel()

    set_out(tmp_path)

    assert not clock.ticks
    assert last <= clock.now() <= last + timedelta(seconds=11)


async def test_between_two_starts_no_time_passes(tmp_path: Path) -> None:
    clock = FileClock(tmp_path / "clock")
    clock.stand_at(OPENED_AT)
    # As if it had ticked for an hour, kept now and then, and the machine was started anew since.
    clock.path.write_text(f"{OPENED_AT.isoformat()} ticking since 99999999", "utf-8")
    an_hour_on = OPENED_AT + timedelta(hours=1)
    clock.path.with_suffix(".reached").write_text(an_hour_on.isoformat(), "utf-8")

    set_out(tmp_path)

    assert clock.now() == an_hour_on


async def test_a_folder_whose_data_did_not_come_with_it_is_refused(tmp_path: Path) -> None:
    mark = YearMark(tmp_path)
    items: list[dict[str, str]] = []
    answers = httpx.MockTransport(lambda _: httpx.Response(200, json={"items": items}))
    async with httpx.AsyncClient(transport=answers, base_url="http://plan-api") as client:
        mark.set(until=SHOWN_ON)
        await require_told(client, mark, home=tmp_path)

        mark.set(told=MARCH)
        with pytest.raises(WrongFolderError, match="its database is empty"):
            await require_told(client, mark, home=tmp_path)

        items.append({"key": "wco-2019-2022:D-101-1"})
        await require_told(client, mark, home=tmp_path)
