"""What is kept is held against the ledger: drift is found, named and told; nothing else is."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from kpi_engine.bootstrap import make_api
from kpi_engine.handlers.nightly import NightlyCheck
from kpi_engine.operations import reconcile_ledger, replay_ledger
from kpi_engine.ports import Comparison
from shared_kit.events.work import DeliverableRescheduled
from tests.support.engine_builders import PLAN, adopted, an_item, key, released, the_plan
from tests.support.engine_lab import NOW, Lab, sent

D = date
ITEMS = [an_item(n, due=D(2019, 11, 30)) for n in range(4)]
ADMINISTRATOR = {"authorization": "Bearer demo-administrator"}


@pytest.fixture
async def judged(lab: Lab) -> Lab:
    """Four items of SG adopted, three released, all judged."""
    await lab.feed(sent(the_plan(), id="p"), sent(adopted(*ITEMS), id="a"))
    await lab.feed(*(sent(released(ITEMS[n], D(2019, 11, 1)), id=f"r{n}") for n in range(3)))
    await lab.judge()
    return lab


async def check(lab: Lab) -> Comparison:
    found = await reconcile_ledger(lab.engine)
    assert found is not None
    return found


async def tamper(lab: Lab, statement: str) -> None:
    """Change rows behind the engine's back, as a defect or a hand in the database would."""
    async with lab.engine.transact() as tx:
        await (await tx.session.connection()).exec_driver_sql(statement)


def exactly(*figures: int) -> tuple[Decimal, ...]:
    return tuple(map(Decimal, figures))


async def told(lab: Lab) -> list[tuple[str, dict[str, Any]]]:
    """The events of checks, as they wait to be sent."""
    rows = await lab.rows(
        "SELECT type, value FROM outbox WHERE type LIKE '%reconciliation%' ORDER BY seq"
    )
    return [(row[0].split(".")[4], json.loads(bytes(row[1]))) for row in rows]


async def test_an_untouched_ledger_reports_nothing(judged: Lab) -> None:
    found = await check(judged)

    assert (found.lost, found.surplus, found.findings) == (0, 0, ())
    assert found.facts == 4  # the plan itself is read as definitions
    assert found.figures == 29 * 2
    assert await told(judged) == []


async def test_a_lost_row_is_found_named_and_told_and_made_good_by_a_rebuild(judged: Lab) -> None:
    await tamper(
        judged, f"DELETE FROM contribution WHERE side = 1 AND item = '{key('D-1')}' AND measure IN"
        f" (SELECT id FROM measure WHERE indicator = '{key('SG')}')"
    )  # fmt: skip

    found = await check(judged)

    assert {(one.indicator, one.period) for one in found.findings} == {
        (key("SG"), "FY2019"),
        (key("SG"), "2019-2022"),
    }
    year = next(one for one in found.findings if one.period == "FY2019")
    assert (year.shown.numerator, year.live.numerator, year.rebuilt.numerator) == exactly(3, 2, 3)
    assert (year.lost, year.surplus) == (1, 0)
    [row] = year.rows
    assert (row.lost, row.item, row.id) == (True, key("D-1"), "r1")
    events = await told(judged)
    assert [(name, said["period"]) for name, said in events] == [
        ("failed", "2019-2022"),
        ("failed", "FY2019"),
    ]
    assert events[1][1]["live"]["numerator"] == "2"

    report = await replay_ledger(judged.engine)
    assert (report["missing"], report["surplus"]) == (1, 0)
    await judged.judge()
    assert (await check(judged)).findings == ()
    assert [(name, said["key"]) for name, said in (await told(judged))[2:]] == [
        ("passed", key("SG")),
        ("passed", key("SG")),
    ]
    assert (await check(judged)).findings == ()
    assert len(await told(judged)) == 4, "what passed once is not told again"


async def test_a_row_that_no_fact_accounts_for_is_surplus(judged: Lab) -> None:
    await tamper(
        judged, "INSERT INTO contribution (measure, side, item, listed, effective, fact, stated,"
        " recorded) SELECT measure, side, item || '-again', listed, effective, fact, stated,"
        f" recorded FROM contribution WHERE side = 1 AND item = '{key('D-0')}'"
    )  # fmt: skip

    found = await check(judged)

    assert found.lost == 0
    assert {one.indicator for one in found.findings} == {key("SG"), key("SO1")}
    for one in found.findings:
        assert (one.shown.numerator, one.live.numerator, one.rebuilt.numerator) == exactly(3, 4, 3)
        assert not one.rows[0].lost


async def test_a_row_that_moves_no_figure_yet_is_told_once(judged: Lab) -> None:
    await tamper(judged, "UPDATE contribution SET title = 'Another' WHERE side = 2")

    found = await check(judged)

    quiet = {(one.indicator, one.period) for one in found.findings}
    assert quiet == {(key("SG"), "2019-2022"), (key("SO1"), "2019-2022")}
    assert all(one.live == one.rebuilt == one.shown for one in found.findings)
    assert {(one.lost, one.surplus) for one in found.findings} == {(8, 8)}, (
        "its own rows and the plan's"
    )


async def test_rows_kept_for_the_whole_plan_are_told_with_the_figures_that_they_move(
    judged: Lab,
) -> None:
    moved = DeliverableRescheduled(
        deliverable=key("D-3"), period="FY2019", due=D(2020, 5, 1), approved_by="PLAN"
    )
    await judged.feed(sent(moved, id="m"))
    await judged.judge()
    await tamper(judged, "DELETE FROM contribution WHERE side = 4")

    found = await check(judged)

    assert {one.indicator for one in found.findings} == {key("SG"), key("SO1")}
    year = next(one for one in found.findings if one.period == "FY2019")
    assert (year.live.due, year.rebuilt.due) == exactly(4, 3)
    assert [(row.side.name, row.id) for row in year.rows] == [("RESCHEDULED", "m")]


async def test_a_judgement_that_was_never_made_again_is_found(judged: Lab) -> None:
    """Rows are right, and nobody marked what they moved: the ledger still tells."""
    await judged.feed(sent(released(ITEMS[3], D(2019, 12, 1)), id="r3"))
    await tamper(judged, "DELETE FROM mark")

    found = await check(judged)

    assert (found.lost, found.surplus) == (0, 0)
    year = next(one for one in found.findings if one.period == "FY2019")
    assert (year.shown.numerator, year.live.numerator, year.rebuilt.numerator) == exactly(3, 4, 4)


async def test_what_is_to_be_judged_again_is_not_compared(judged: Lab) -> None:
    await judged.feed(sent(released(ITEMS[3], D(2019, 12, 1)), id="r3"))

    found = await check(judged)

    assert found.findings == ()
    assert found.waiting > 0
    assert found.figures + found.waiting == 29 * 2


async def test_a_day_is_checked_once_by_one_process(judged: Lab) -> None:
    reconciliation = judged.engine.reconciliation()
    day = D(2020, 2, 3)

    both = await asyncio.gather(
        reconciliation(day=day, once=True), reconciliation(day=day, once=True)
    )

    assert sorted(found is None for found in both) == [False, True]
    assert await reconciliation(day=day, once=True) is None
    assert len(await judged.rows("SELECT 1 FROM reconciliation")) == 1


async def test_a_check_that_takes_too_long_is_given_up_and_says_so(judged: Lab) -> None:
    await tamper(judged, "DELETE FROM contribution WHERE side = 1")
    await check(judged)
    impatient = replace(judged.engine.reconciliation(), limit=timedelta(0))

    await impatient(day=D(2020, 2, 4))

    rows = await judged.rows("SELECT outcome FROM reconciliation ORDER BY id")
    assert [row[0] for row in rows] == ["differs", "unfinished"]
    assert {name for name, _ in await told(judged)} == {"failed"}, "nothing passed by that"


async def test_ingest_goes_on_while_a_check_is_under_way(judged: Lab) -> None:
    async with judged.engine.reconciliation().open_snapshot() as snapshot:
        assert await snapshot.hold()
        await snapshot.rows.begin()
        # A correction takes the ledger's lock exclusively.
        await asyncio.wait_for(judged.feed(sent(the_plan(version=2), id="p2")), 5)

    assert await judged.rows("SELECT 1 FROM fact WHERE event_id = 'p2'")


def nightly(lab: Lab, *, wait: timedelta = timedelta(0)) -> NightlyCheck:
    return replace(lab.engine.nightly_check(), wait=wait)


async def test_each_business_day_is_checked_when_its_judging_is_done(judged: Lab) -> None:
    loop = nightly(judged)
    days = "SELECT day FROM reconciliation ORDER BY id"
    # The log of the lab is imagined: nothing lies in a real one.
    loop.settled = lambda: _no_marks(judged)

    await loop.round()
    await loop.round()
    assert [row[0] for row in await judged.rows(days)] == [D(2020, 2, 3)]
    judged.clock.move_to(NOW + timedelta(days=1))
    await judged.open_day()
    await loop.round()
    assert len(await judged.rows(days)) == 1, "the day is not judged yet"
    await judged.judge()
    await loop.round()
    assert [row[0] for row in await judged.rows(days)] == [D(2020, 2, 3), D(2020, 2, 4)]


async def _no_marks(lab: Lab) -> bool:
    return not await lab.rows("SELECT 1 FROM mark")


@pytest.fixture
async def client(judged: Lab) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=make_api(judged.engine))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://127.0.0.1", headers=ADMINISTRATOR
    ) as found:
        yield found


async def test_what_differed_is_read_by_api(judged: Lab, client: httpx.AsyncClient) -> None:
    await check(judged)
    await tamper(judged, f"DELETE FROM contribution WHERE side = 1 AND item = '{key('D-1')}'")
    assert (await client.post("/api/v1/reconciliations")).status_code == 202
    await nightly(judged, wait=timedelta(seconds=30)).round()

    page = (await client.get("/api/v1/reconciliations", params={"limit": 1})).json()
    [newest] = page["items"]
    assert (newest["id"], newest["outcome"]) == (2, "differs")
    finding = next(one for one in newest["findings"] if one["key"] == key("SG"))
    assert finding["rows"][0]["id"] == "r1"
    older = (await client.get("/api/v1/reconciliations", params={"cursor": page["next"]})).json()
    assert [one["outcome"] for one in older["items"]] == ["agrees"]
    assert older["next"] is None
    assert (await client.get("/api/v1/reconciliations/2")).json() == newest
    assert (await client.get("/api/v1/reconciliations/3")).status_code == 404
    for role, status in (("member", 403), ("auditor", 403)):
        answer = await client.post(
            "/api/v1/reconciliations", headers={"authorization": f"Bearer demo-{role}"}
        )
        assert answer.status_code == status, role


async def test_reads_are_served_while_everything_is_made_again(
    judged: Lab, client: httpx.AsyncClient
) -> None:
    await judged.feed(
        *(sent(released(an_item(f"X{n}", listed=False), D(2020, 1, 2)), id=f"x{n}")
          for n in range(1500))
    )  # fmt: skip
    await judged.judge()
    await tamper(judged, "DELETE FROM contribution WHERE side = 1 AND item LIKE '%-X1%'")
    url, period = f"/api/v1/scorecards/{PLAN}", {"period": "FY2019"}
    before = (await client.get(url, params=period)).json()["items"]
    assert before[0]["numerator"] == "1503"

    rebuilding = asyncio.create_task(replay_ledger(judged.engine))
    reads = 0
    while not rebuilding.done():
        answer = await asyncio.wait_for(client.get(url, params=period), 2)
        assert answer.json()["items"] == before
        reads += 1

    assert (await rebuilding)["missing"] > 0
    assert reads >= 3
    await judged.judge()
    assert (await client.get(url, params=period)).json()["items"][0]["numerator"] == "1503"
    assert (await check(judged)).findings == ()
