"""The stream over a real server: what it tells, to whom, and what a cut costs."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text

from notifier.adapters.news import SqlNews, forget
from notifier.domain.sample import Sample
from notifier.ports.stream import Start, Wanted
from services.notifier.tests.builders import PLAN, SG, a_judgement, a_sample
from services.notifier.tests.conftest import Heard
from services.notifier.tests.stream_reader import reading, serving
from shared_kit.delivery.transaction import transaction
from shared_kit.events.results import IndicatorJudged
from shared_kit.identity import Caller, Role


def _now() -> Start:
    return Start()


def _all() -> Wanted:
    return Wanted(plan=None, indicator=None, kinds=frozenset({"result", "alert"}), secretariat=True)


def judged(revision: int, *, indicator: str = SG, plan: str = PLAN) -> Sample:
    return replace(a_sample(), indicator=indicator, plan=plan, revision=revision, daily=False)


async def judge(heard: Heard, *revisions: int, indicator: str = SG) -> None:
    await heard.samples(*(judged(number, indicator=indicator) for number in revisions))


async def test_a_judgement_and_its_alert_are_told_as_they_come(informed: Heard) -> None:
    async with serving(informed) as served, reading(served.address, plan=PLAN) as reader:
        await informed.samples(a_sample())
        result, alert = await reader.told(2)
        [id] = await informed.column("episode", "id")
        await informed.acknowledge(
            Caller(subject="a", role=Role.PLANNING_OFFICE), id, "being looked at"
        )
        [acknowledged] = await reader.told(1)

    told = json.loads(result.data)
    assert (result.event, told["indicator"], told["period"]) == ("result", SG, "FY2019")
    assert (told["numerator"], told["denominator"], told["status"]) == ("23", "61", "at-risk")
    assert told["daily"] is True
    assert (alert.event, json.loads(alert.data)["change"]) == ("alert", "raised")
    assert json.loads(acknowledged.data)["change"] == "acknowledged"
    assert json.loads(acknowledged.data)["alert"] == str(id)
    assert result.id < alert.id < acknowledged.id


async def test_a_reader_that_is_cut_again_and_again_misses_nothing_and_hears_nothing_twice(
    informed: Heard,
) -> None:
    heard: list[int] = []
    after: int | None = None
    async with serving(informed) as served:
        async with reading(served.address) as reader:
            after = await reader.quiet()
        for first in range(1, 31, 5):
            async with reading(served.address, after=after) as reader:
                await judge(informed, *range(first, first + 5))
                # Hung up in the middle: what came behind is told to the next connection.
                told = await reader.told(3)
                heard += [json.loads(one.data)["revision"] for one in told]
                after = told[-1].id
        async with reading(served.address, after=after) as reader:
            while len(heard) < 30:
                heard += [json.loads(one.data)["revision"] for one in await reader.told(1)]
            await reader.quiet()

    assert heard == list(range(1, 31))


async def test_the_stream_of_another_process_goes_on_where_the_first_one_ended(
    informed: Heard,
) -> None:
    async with serving(informed) as one, serving(informed) as other:
        async with reading(one.address) as reader, reading(other.address) as at_the_other:
            await judge(informed, 1)
            [first] = await reader.told(1)
            assert await at_the_other.told(1) == [first]
        await judge(informed, 2)
        async with reading(other.address, after=first.id) as reader:
            [second] = await reader.told(1)

    assert json.loads(second.data)["revision"] == 2


async def test_a_reader_is_told_what_it_asks_for_only(informed: Heard) -> None:
    so1 = f"{PLAN}:SO1"
    async with (
        serving(informed) as served,
        reading(served.address, indicator=so1) as of_one,
        reading(served.address, plan="other") as of_another_plan,
    ):
        place = await of_another_plan.quiet()
        await judge(informed, 1)
        await judge(informed, 1, indicator=so1)
        [told] = await of_one.told(1)

        assert json.loads(told.data)["indicator"] == so1
        # It is told nothing, and yet moved on: at its next connection nothing is read again.
        async with reading(served.address, plan="other", after=place) as again:
            assert await again.quiet() == told.id


@pytest.mark.parametrize(
    ("token", "told"), [("demo-member:BE", {"result"}), ("demo-director:SGO", {"result", "alert"})]
)
async def test_members_are_told_neither_of_alerts_nor_of_what_is_of_secretariat_level(
    informed: Heard, token: str, told: set[str]
) -> None:
    def inside(event: IndicatorJudged) -> IndicatorJudged:
        return event.model_copy(update={"visibility": "secretariat", "key": f"{PLAN}:SO1"})

    async with (
        serving(informed, auth="insecure-dev") as served,
        reading(served.address, token=token) as reader,
    ):
        await informed.events(inside(a_judgement(judged(1))))
        await informed.samples(a_sample())
        found = [await reader.told(1) for _ in range(1 if told == {"result"} else 3)]
        await judge(informed, 100)
        [last] = await reader.told(1)

    assert {one.event for [one] in found} == told
    inside_told = [one for [one] in found if json.loads(one.data)["indicator"] != SG]
    assert bool(inside_told) == (told != {"result"})
    assert json.loads(last.data)["revision"] == 100


async def test_who_read_a_page_is_told_what_came_since(informed: Heard) -> None:
    await judge(informed, 1)
    async with informed.sessions() as session:
        read_at = await session.scalar(text("SELECT clock_timestamp()"))
    await judge(informed, 2)
    async with serving(informed) as served:
        async with reading(served.address, since=read_at.isoformat()) as reader:
            [told] = await reader.told(1)
        async with reading(served.address) as reader:
            assert await reader.quiet() == told.id

    assert json.loads(told.data)["revision"] == 2


@pytest.mark.parametrize("behind", ["too far", "forgotten", "another database"])
async def test_who_cannot_be_told_all_is_told_so(informed: Heard, behind: str) -> None:
    await judge(informed, *range(1, 4))
    [first, *_] = await informed.column("stream_item", "seq")
    after = {"too far": first, "forgotten": first, "another database": first + 1_000_000}[behind]
    async with transaction(informed.sessions, informed.tables, clock=informed.business) as tx:
        if behind == "too far":
            item = "kind, plan, indicator, secretariat, data"
            await tx.session.execute(
                text(
                    f"INSERT INTO stream_item ({item}) SELECT {item} FROM stream_item,"
                    " generate_series(1, 400)"
                )
            )
        elif behind == "forgotten":
            await forget(tx.session, older_than=timedelta(0))
    async with serving(informed) as served, reading(served.address, after=after) as reader:
        [told] = await reader.told(1)
        place = await reader.quiet()

    assert told.event == "resync"
    assert place == max(await informed.column("stream_item", "seq"))


async def test_a_number_is_visible_only_when_all_before_it_are(informed: Heard) -> None:
    from notifier.adapters.wire import read_record
    from notifier.ports.stores import Judged
    from services.notifier.tests.builders import a_record

    def news(revision: int) -> Judged:
        found = read_record(a_record(a_judgement(judged(revision))))
        assert isinstance(found, Judged)
        return found

    async def second() -> None:
        async with transaction(informed.sessions, informed.tables, clock=informed.business) as tx:
            await SqlNews(tx.session).tell([news(2).news])

    async with transaction(informed.sessions, informed.tables, clock=informed.business) as tx:
        await SqlNews(tx.session).tell([news(1).news])
        later = asyncio.create_task(second())
        while "Lock" not in await _waits(informed):
            await asyncio.sleep(0.01)
        assert await informed.rows("stream_item") == []
    await later

    told = [json.loads(data)["revision"] for data in await informed.column("stream_item", "data")]
    assert told == [1, 2]


async def _waits(heard: Heard) -> set[str | None]:
    async with heard.sessions() as session:
        rows = await session.scalars(
            text("SELECT wait_event_type FROM pg_stat_activity WHERE datname = current_database()")
        )
        return set(rows)


async def test_what_is_old_is_forgotten_save_the_newest(informed: Heard) -> None:
    await judge(informed, 1, 2, 3)

    async with transaction(informed.sessions, informed.tables, clock=informed.business) as tx:
        await forget(tx.session, older_than=timedelta(days=1))
    assert len(await informed.rows("stream_item")) == 3
    async with transaction(informed.sessions, informed.tables, clock=informed.business) as tx:
        await forget(tx.session, older_than=timedelta(0))

    [kept] = await informed.column("stream_item", "data")
    assert json.loads(kept)["revision"] == 3


async def test_without_news_a_sign_of_life_comes(informed: Heard) -> None:
    streams = informed.streams()
    streams._heartbeat = 0.05
    place = (await streams.begin(_now(), wanted=_all())).at
    async for piece in streams.follow(place, wanted=_all()):
        assert (piece.at, piece.items) == (place, [])
        break


async def test_a_server_that_stops_ends_its_streams_in_good_order(informed: Heard) -> None:
    async with serving(informed) as served, reading(served.address) as reader:
        await reader.quiet()
        assert informed.notifier.metrics.value("streams_open") == 1
        served.server.should_exit = True
        assert await reader.ended()  # no error of the protocol
    assert informed.notifier.metrics.value("streams_open") == 0


async def test_only_so_many_streams_are_open_at_once(informed: Heard) -> None:
    async with (
        serving(informed, stream_limit=1) as served,
        httpx.AsyncClient(base_url=served.address, trust_env=False) as client,
    ):
        async with reading(served.address) as reader:
            await reader.quiet()
            while informed.notifier.metrics.value("streams_open") < 1:
                await asyncio.sleep(0.01)
            refused = await client.get("/api/v1/stream")
        while informed.notifier.metrics.value("streams_open"):
            await asyncio.sleep(0.01)
        async with reading(served.address) as reader:
            await reader.quiet()

    assert (refused.status_code, refused.headers["retry-after"]) == (503, "10")


async def test_other_methods_and_places_that_are_none_are_answered(informed: Heard) -> None:
    async with (
        serving(informed) as served,
        httpx.AsyncClient(base_url=served.address, trust_env=False) as client,
    ):
        head = await client.head("/api/v1/stream")
        post = await client.post("/api/v1/stream")
        nowhere = await client.get("/api/v1/stream", headers={"last-event-id": "yesterday"})

    assert head.status_code == 200
    assert head.headers["x-accel-buffering"] == "no"
    assert head.headers["cache-control"] == "no-store"
    assert (post.status_code, post.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert nowhere.status_code == 422
    assert nowhere.json()["errors"][0]["pointer"] == "/header/Last-Event-ID"
