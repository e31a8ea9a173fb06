"""The banner of the demonstration says what its clock shows."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest

from shared_kit.clock import Clock, FileClock, ManualClock, SystemClock
from tests.support.pages import an_app

AT = datetime(2020, 2, 3, 9, 4, tzinfo=ZoneInfo("Europe/Brussels"))


async def banner(clock: Clock, path: str) -> str:
    transport = httpx.ASGITransport(app=an_app(business=clock))
    async with httpx.AsyncClient(transport=transport, base_url="http://pages.test") as pages:
        text = (await pages.get(path, headers={"accept": "text/html"})).text
    said = text.partition('class="banner"')[2].partition("</p>")[0]
    return said.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/", "’s clock shows <time"),
        ("/", ">Monday 3 February 2020, 09:04</time>, and ticks."),
        ("/no-such-page", ", and ticks."),
        ("/?lang=fr", ">lundi 3 février 2020, 09:04</time>, et avance."),
    ],
)
async def test_a_clock_that_ticks_is_told_on_every_page(
    tmp_path: Path, path: str, said: str
) -> None:
    clock = FileClock(tmp_path / "clock")
    clock.tick_from(AT)

    assert said in await banner(clock, path)


@pytest.mark.parametrize(
    ("path", "said"), [("/", ", and stands still."), ("/?lang=fr", ", et reste arrêtée.")]
)
async def test_one_that_stands_too(path: str, said: str) -> None:
    assert said in await banner(ManualClock(AT), path)


async def test_the_machines_time_needs_no_telling() -> None:
    assert "clock" not in await banner(SystemClock(), "/start")
