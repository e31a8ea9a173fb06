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


def test_reads_the_settings() -> None:
    assert isinstance(clock_from("system"), SystemClock)
    assert clock_from("2020-02-03T09:00:00+01:00").now() == AT


@pytest.mark.parametrize("setting", ["", "now", "2020-02-03", "2020-02-03T09:00:00"])
def test_refuses_what_is_no_clock(setting: str) -> None:
    with pytest.raises(InvalidClockError):
        clock_from(setting)
