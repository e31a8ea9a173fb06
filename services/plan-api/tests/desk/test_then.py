"""Pages and files as known on a day: the state of then, also after everything has changed."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

PLAN = "wco-2019-2022"
KEY = f"{PLAN}:D-900-1"
RELEASE = {"released_on": "2020-01-31", "stage": "published"}


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


@pytest.fixture
async def months(api: Any) -> Any:
    """Planned on 3 February, moved on the 10th, released and carried into a file on 2 March."""
    await api.an_action()
    await api.a_deliverable(action=f"{PLAN}:A-900", title="A guide")
    api.clock.move_to(datetime(2020, 2, 10, 9, tzinfo=UTC))
    await api.a_deliverable("D-900-2", action=f"{PLAN}:A-900", title="A second guide")
    await api.post(f"/deliverables/{KEY}/reschedule", {"due": "2020-04-30"}, etag='"1"')
    api.clock.move_to(datetime(2020, 3, 2, 9, tzinfo=UTC))
    await api.post(f"/deliverables/{KEY}/release", RELEASE, etag='"2"')
    unit = (await api.get("/units/CF")).json()
    unit = {"title": {"en": "Renamed", "fr": "Renommée"}, "mailbox": unit.get("mailbox")}
    assert (await api.put("/units/CF", unit, etag='"1"')).status_code == 200
    return api


async def test_shows_a_deliverable_as_it_stood(months: Any, browsing: Any) -> None:
    browser = browsing()
    now = await browser.get(f"/deliverables/{KEY}")
    before = await browser.get(f"/deliverables/{KEY}?as_of=2020-02-03")
    proposed = await browser.get(f"/deliverables/{KEY}?as_of=2020-02-10")

    assert "released" in words(now)
    assert "released" not in words(before).partition("What it is")[0]
    assert "65 days late" in words(before)
    assert "New date proposed" not in words(before)
    assert "New date proposed: 30 Apr" in words(proposed)
    assert "not as it stands today. Back to today" in words(proposed)
    assert "<textarea" not in proposed, "what was is only read"
    assert 'name="csrf"' not in proposed.partition("<main")[2]
    assert "release" not in words(proposed).partition("What was done")[2].lower()


async def test_lists_what_was_there(months: Any, browsing: Any) -> None:
    browser = browsing()
    first = await browser.get("/deliverables?as_of=2020-02-03&state=overdue")
    then = await browser.get("/deliverables?as_of=2020-02-10&state=overdue")
    now = await browser.get("/deliverables?state=overdue")

    assert ("A guide" in first, "A second guide" in first) == (True, False)
    assert ("A guide" in then, "A second guide" in then) == (True, True)
    assert ("A guide" in now, "A second guide" in now) == (False, True)
    assert "Renamed" in words(await browser.get("/units"))
    assert "Renamed" not in words(await browser.get("/units?as_of=2020-02-10"))


@pytest.mark.parametrize(
    "page",
    [
        "/",
        f"/indicators/{PLAN}:SG",
        f"/objectives/{PLAN}:SG",
        "/priorities",
        f"/priorities/{PLAN}:PRI-1",
        "/units",
        "/units/CF",
        f"/actions/{PLAN}:A-900",
        "/deliverables",
        f"/deliverables/{KEY}",
        "/yearly-plan",
        "/members",
        "/sources",
    ],
)
async def test_keeps_the_day_in_every_link(months: Any, browsing: Any, page: str) -> None:
    html = await browsing().get(f"{page}?as_of=2020-02-10")
    links = set(re.findall(r'href="(/[^"]*)"', html))
    apart = {
        link for link in links if link.startswith(("/static/", "/docs", "/record", "/imports"))
    }
    lost = {link for link in links - apart if "=2020-02-10" not in link}

    assert lost <= {page, "/start", f"{page}?", "/corrections"}, lost
    assert len(links - apart) > 10


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2020-02-30", "The address names no day."),
        ("20200210", "The address names no day."),
        ("yesterday", "The address names no day."),
        ("2020-03-03", "That day is still to come"),
        ("1999-12-31", "On that day nothing was known here yet."),
    ],
)
async def test_says_why_a_day_cannot_be_shown(
    months: Any, browsing: Any, day: str, said: str
) -> None:
    for page in ("/", f"/indicators/{PLAN}:SG", "/deliverables", f"/deliverables/{KEY}"):
        html = await browsing().get(f"{page}?as_of={day}", status=400)

        assert said in words(html), page
        assert "as_of=" not in html.partition("<main")[2]


TABLES = (
    "scorecard", "implementation-plan", "deliverables", "actions", "members", "units",
    "priorities", "indicators", "alerts", "then-and-now",
)  # fmt: skip


async def test_a_file_as_of_a_day_stays_the_same(months: Any, browsing: Any) -> None:
    """To the byte, whatever happens afterwards: here the fakes' figures stand still."""
    browsing()  # gives the files their figures
    asked = {"as_of": "2020-02-10", "plan": PLAN, "period": "FY2019"}
    paths = [f"/exports/{table}.{form}" for table in TABLES for form in ("csv", "xlsx")]
    first = {path: await months.get(path, **asked) for path in paths}
    months.clock.move_to(datetime(2020, 5, 2, 9, tzinfo=UTC))
    cancelled = {"cancelled_on": "2020-05-01"}
    await months.post(f"/deliverables/{PLAN}:D-900-2/cancel", cancelled, etag='"1"')
    await months.post(f"/actions/{PLAN}:A-900/start", {"on": "2020-03-03"}, etag='"1"')

    for path, before in first.items():
        again = await months.get(path, **asked)
        assert before.status_code == 200, (path, before.text)
        assert again.content == before.content, path
        assert "as-known-on-2020-02-10" in again.headers["content-disposition"]
        if path.endswith("csv"):
            lines = again.text.strip().splitlines()
            assert lines[0].endswith(",As known on")
            assert all(line.endswith(",2020-02-10") for line in lines[1:]), path
    for path in ("/exports/deliverables.csv", "/exports/actions.csv", "/exports/units.csv"):
        today = await months.get(path, plan=PLAN, period="FY2019")
        assert today.text.replace("2020-05-02", "2020-02-10") != first[path].text
    for day in ("2020-05-03", "2001-01-01"):
        assert (await months.get(paths[0], as_of=day)).status_code == 422


async def test_every_kept_table_is_read_whole(api: Any) -> None:
    """A column that is added to a table has to be added to its view of then."""
    engine = create_async_engine(api.url)
    columns = (
        "SELECT table_name, array_agg(column_name || ' ' || data_type ORDER BY ordinal_position)"
        " FROM information_schema.columns WHERE table_schema = :schema GROUP BY table_name"
    )
    async with engine.connect() as connection:
        now, then = [
            {row[0]: row[1] for row in await connection.execute(text(columns), {"schema": one})}
            for one in ("public", "as_known")
        ]
    await engine.dispose()

    assert then == {table: now[table] for table in then}
    assert {"deliverable", "action", "adopted_item", "plan_version", "audit"} <= set(then)
