"""Where a folder's clock begins, and what is in the way of telling the year in it."""

from datetime import date
from pathlib import Path

import pytest

from shared_kit.clock import FileClock
from wcoplan.demo.playing import OPENED_AT, morning_of
from wcoplan.serving import LOADED_AT, WrongFolderError, set_out

FEBRUARY = date(2020, 2, 3)


def test_a_new_folder_begins_with_the_year_or_with_the_small_demonstration(tmp_path: Path) -> None:
    year, small = tmp_path / "year", tmp_path / "small"
    for home in (year, small):
        home.mkdir()

    set_out(year, demo=True, at=FEBRUARY)
    set_out(small, demo=True, at=None)

    assert FileClock(year / "clock").now() == OPENED_AT
    assert FileClock(small / "clock").now() == LOADED_AT
    assert not (small / "year").exists()


def test_an_empty_folder_runs_by_the_machines_time(tmp_path: Path) -> None:
    set_out(tmp_path, demo=False, at=None)

    assert list(tmp_path.iterdir()) == []


def test_a_year_that_was_begun_goes_on_and_never_back(tmp_path: Path) -> None:
    set_out(tmp_path, demo=True, at=FEBRUARY)
    FileClock(tmp_path / "clock").move_to(morning_of(FEBRUARY))

    set_out(tmp_path, demo=True, at=date(2020, 3, 2))
    set_out(tmp_path, demo=True, at=None)

    assert FileClock(tmp_path / "clock").now() == morning_of(FEBRUARY)
    with pytest.raises(WrongFolderError, match="time goes forward only"):
        set_out(tmp_path, demo=True, at=date(2019, 12, 2))


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    set_out(tmp_path, demo=True, at=None)

    with pytest.raises(WrongFolderError, match="something else"):
        set_out(tmp_path, demo=True, at=FEBRUARY)
