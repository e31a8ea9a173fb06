"""Then and now: what changed between two days, what changed most first."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import httpx
import pytest

from plan_api.report.model import Result, Scorecard, Status
from plan_api.report.pages.comparison import compared
from plan_api.report.pages.formatting import Formatter
from plan_api.report.pages.texts import load_catalogues
from plan_api.report.pages.words import Words
from tests.support.page_data import PLAN, TODAY, the_plan
from tests.support.pages import FakeFigures

OpenPages = Callable[..., httpx.AsyncClient]
SO1, SP1 = f"{PLAN}:SO1", f"{PLAN}:SP1.1"


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def changed(card: Scorecard, **by_code: dict[str, object]) -> Scorecard:
    def one(result: Result) -> Result:
        more = by_code.get(result.key.partition(":")[2].replace(".", "_"), {})
        return replace(result, **more)  # type: ignore[arg-type]

    return replace(card, items=tuple(map(one, card.items)))


@pytest.fixture
def moved(figures: FakeFigures) -> FakeFigures:
    """Since then SG went up by three, and SP6.2 changed its status."""
    sg, sp = figures.card.result(f"{PLAN}:SG"), figures.card.result(f"{PLAN}:SP6.2")
    assert sg is not None
    assert sp is not None
    other = Status.ON_TRACK if sp.status is not Status.ON_TRACK else Status.OFF_TRACK
    figures.card_then = changed(
        figures.card,
        SG={"numerator": (sg.numerator or Decimal(0)) - 3},
        SP6_2={"status": other, "reason": None},
    )
    return figures


async def test_says_first_what_changed_most(open_pages: OpenPages, moved: FakeFigures) -> None:
    async with open_pages() as pages:
        html = (await pages.get("/then-and-now?from=2019-12-16&period=FY2019")).text

    rows = re.findall(r'<span class="code">([A-Z0-9.]+)</span>.*?</tr>', html, re.S)
    assert rows[:2] == ["SP6.2", "SG"]
    assert len(rows) == 29
    assert "2 indicators changed." in words(html)
    sg = re.search(r'<span class="code">SG</span>.*?</tr>', html, re.S)
    assert sg is not None
    assert "3 more done" in words(sg[0])
    # What is the same is folded, with no column for what did not happen.
    assert html.index("<details>\n    <summary>The same on both days") > html.index(
        'id="unchanged"'
    )
    assert html.count('scope="col">What changed</th>') == 1
    assert "On track before, now" in words(html) or "before, now on track" in words(html)
    assert datetime(2019, 12, 16, 22, 59, 59, 999999, UTC) in moved.asked_as_of
    assert moved.asked_as_of[-1] is None, "today is asked for as it stands"
    assert "/api/v1/exports/then-and-now.csv" in html


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ("", ("2020-01-04", "2020-02-03")),
        ("from=2019-12-16", ("2019-12-16", "2020-02-03")),
        ("to=2019-12-16", ("2019-11-16", "2019-12-16")),
        ("from=2020-01-31&to=2019-12-16", ("2019-12-16", "2020-01-31")),
        ("to=2019-07-10", ("2019-07-01", "2019-07-10")),
    ],
)
async def test_chooses_the_days(
    open_pages: OpenPages, moved: FakeFigures, query: str, days: tuple[str, str]
) -> None:
    async with open_pages() as pages:
        html = (await pages.get(f"/then-and-now?{query}")).text
        french = (await pages.get(f"/then-and-now?{query}&lang=fr")).text

    assert tuple(re.findall(r'type="date"[^>]* value="([^"]+)"', html)) == days
    assert "Alors et maintenant" in french
    assert f"from={days[0]}" in french
    assert "as_of" not in html.partition("<main")[2]


async def test_says_what_is_wrong_with_a_day(open_pages: OpenPages, moved: FakeFigures) -> None:
    async with open_pages() as pages:
        for query in ("from=x", "to=2020-13-01", "from=2001-01-01", "to=2020-02-04"):
            answer = await pages.get(f"/then-and-now?{query}")
            assert answer.status_code == 400, query
            assert "Not known as of that day" in answer.text
        moved.down = True
        assert "Figures unavailable" in (await pages.get("/then-and-now")).text


async def test_leads_there_from_where_a_day_is_chosen(
    open_pages: OpenPages, moved: FakeFigures
) -> None:
    async with open_pages() as pages:
        front = (await pages.get("/?as_of=2019-12-16")).text
        indicator = (await pages.get(f"/indicators/{PLAN}:SG")).text

    assert 'href="/then-and-now?period=FY2019&amp;from=2019-12-16"' in front
    assert 'href="/then-and-now?period=FY2019"' in indicator


@pytest.mark.parametrize(
    ("code", "before", "after", "said"),
    [
        (
            "SO1",
            {"numerator": 9, "denominator": 22, "due": 9, "due_done": 9},
            {"numerator": 8, "denominator": 24, "due": 10, "due_done": 8},
            "1 fewer done; 2 more estimated; 1 more due",
        ),
        (
            "SO2",
            {"numerator": 4, "due": 6, "due_done": 4},
            {"numerator": 7, "due": 6, "due_done": 5},
            "3 more done; 1 more done of what is due",
        ),
        (
            "SP7.1",
            {"numerator": 7, "denominator": 12},
            {"numerator": 9, "denominator": 13},
            "2 more supported; 1 more asked",
        ),
        ("LD3.1", {"numerator": "0.35"}, {"numerator": "0.4"}, "0.05 more reached, by weight"),
        ("ORG1", {"denominator": 9310}, {"denominator": 9300}, "10 less in total"),
    ],
)
def test_amounts_are_said_as_more_or_fewer(
    figures: FakeFigures, code: str, before: dict[str, str], after: dict[str, str], said: str
) -> None:
    name = code.replace(".", "_")
    figures_of: list[dict[str, object]] = [
        {key: Decimal(value) for key, value in values.items()} for values in (before, after)
    ]
    then, now = (changed(figures.card, **{name: values}) for values in figures_of)
    formatter = Formatter(
        language="en",
        texts=load_catalogues()["en"],
        zone=ZoneInfo("Europe/Brussels"),
        today=TODAY,
    )
    found = compared(the_plan(), then, now, words=Words(format=formatter))

    assert {one.indicator.code: one.said for one in found}[code].endswith(said)
