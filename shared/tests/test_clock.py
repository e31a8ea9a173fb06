"""The clocks: system, standing still, shared by a file."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from shared_kit.clock import FileClock, InvalidClockError, ManualClock, SystemClock, clock_from

AT = datetime(2020, 2, 3, 9, tzinfo=timezone(timedelta(hours=1)))


def test_a_manual_clock_stands_until_it_is_moved() -> None:
    clock = ManualClock(AT)
    assert clock.now() == AT
    assert clock.now().tzinfo is UTC

    clock.move_to(AT + timedelta(days=1))

    assert clock.now() == AT + timedelta(days=1)


def test_a_file_clock_moves_every_reader(tmp_path: Path) -> None:
    path = tmp_path / "now"
    path.write_text(AT.isoformat())
    mover, reader = FileClock(path), clock_from(f"file:{path}")
    assert reader.now() == AT

    mover.move_to(AT + timedelta(days=1))

    assert reader.now() == AT + timedelta(days=1)


def test_a_file_clock_ticks_for_every_reader_and_when_it_is_moved(tmp_path: Path) -> None:
    mover, reader = FileClock(tmp_path / "now"), FileClock(tmp_path / "now")
    mover.tick_from(AT)
    first = reader.now()
    while reader.now() == first:
        pass
    assert AT < reader.now() < AT + timedelta(seconds=60)
    assert (reader.ticks, reader.set_to) == (True, AT)

    mover.move_to(AT + timedelta(days=1))
    assert reader.ticks
    assert reader.now() >= AT + timedelta(days=1)

    mover.stand_at(AT)
    assert (reader.now(), reader.ticks) == (AT, False)


def test_a_file_clock_stands_where_it_was_set_when_the_machine_was_started_anew(
    tmp_path: Path,
) -> None:
    path = tmp_path / "now"
    path.write_text(f"{AT.isoformat()} ticking since 99999999999")

    assert FileClock(path).now() == AT


def test_reads_the_settings() -> None:
    assert isinstance(clock_from("system"), SystemClock)
    assert clock_from("2020-02-03T09:00:00+01:00").now() == AT


@pytest.mark.parametrize("setting", ["", "now", "2020-02-03", "2020-02-03T09:00:00"])
def test_refuses_what_is_no_clock(setting: str) -> None:
    with pytest.raises(InvalidClockError):
        clock_from(setting)
