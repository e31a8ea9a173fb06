"""One transaction an edge: all of it or nothing, and durable when the block is left."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_kit.clock import ManualClock
from shared_kit.delivery.outbox import EventTooLargeError
from shared_kit.delivery.rows import Tables
from shared_kit.delivery.transaction import transaction
from shared_kit.events.activity import EffortRecorded, SupportDeclined
from shared_kit.events.codec import from_kafka, read
from shared_kit.events.corrections import FactRetracted
from shared_kit.events.envelope import CloudEvent
from shared_kit.messaging.headers import unpack
from shared_kit.messaging.log import Record
from shared_kit.telemetry.context import correlate

Sessions = async_sessionmaker[AsyncSession]


def a_request_declined(request: str = "REQ-1") -> SupportDeclined:
    return SupportDeclined(request=request, on=datetime(2020, 1, 31, tzinfo=UTC).date())


async def test_writes_the_event_with_the_change(
    sessions: Sessions, tables: Tables, clock: ManualClock
) -> None:
    with correlate(request_id=None, traceparent=None) as correlation:
        async with transaction(sessions, tables, clock=clock) as tx:
            made = tx.outbox.add(a_request_declined(), correlationid="c-1")
            tx.audit.add(actor="demo", action="support.decline", key="REQ-1", detail={"why": "é"})

    async with sessions() as session:
        [row] = (await session.scalars(select(tables.outbox))).all()
        [entry] = (await session.scalars(select(tables.audit))).all()
    sent = from_kafka(row.value, unpack(row.headers))
    assert sent == made
    assert read(sent) == a_request_declined()
    assert (row.topic, row.key, row.event_id) == ("activity", "REQ-1", made.id)
    assert (sent.source, sent.subject, sent.time) == ("/test/service", "REQ-1", clock.now())
    assert sent.recordedtime == clock.now()
    assert sent.extensions["correlationid"] == "c-1"
    assert sent.extensions["traceparent"] == correlation.traceparent
    assert row.published_at is None
    assert (entry.actor, entry.at, entry.detail) == ("demo", clock.now(), {"why": "é"})


async def test_numbers_events_in_the_order_in_which_they_were_added(
    sessions: Sessions, tables: Tables, clock: ManualClock
) -> None:
    async with transaction(sessions, tables, clock=clock) as tx:
        for n in range(500):
            tx.outbox.add(a_request_declined(f"REQ-{n}"))

    async with sessions() as session:
        rows = await session.scalars(select(tables.outbox).order_by(tables.outbox.seq))
        assert [row.subject for row in rows] == [f"REQ-{n}" for n in range(500)]


async def test_a_correction_names_the_place_of_the_fact(
    sessions: Sessions, tables: Tables, clock: ManualClock
) -> None:
    async with transaction(sessions, tables, clock=clock) as tx:
        tx.outbox.add(
            FactRetracted(source="/s", id="1"), topic="work", subject="wco:D-1", key="wco:A-1"
        )

    async with sessions() as session:
        [row] = (await session.scalars(select(tables.outbox))).all()
    assert (row.topic, row.subject, row.key) == ("work", "wco:D-1", "wco:A-1")


async def test_an_event_that_came_from_outside_stays_as_it_is(
    sessions: Sessions, tables: Tables, clock: ManualClock
) -> None:
    came = CloudEvent(
        id="x",
        source="https://member.example/",
        type="org.wcoomd.strategy.support.declined.v1",
        subject="REQ-1",
        data=b'{"request": "REQ-1",  "on": "2020-01-31"}',
    )

    async with transaction(sessions, tables, clock=clock) as tx:
        tx.outbox.add_cloud_event(came, topic="activity", key="REQ-1")

    async with sessions() as session:
        [row] = (await session.scalars(select(tables.outbox))).all()
    assert from_kafka(row.value, unpack(row.headers)) == came


async def test_an_error_in_the_block_leaves_nothing(
    sessions: Sessions, tables: Tables, clock: ManualClock
) -> None:
    async def fail_late() -> None:
        async with transaction(sessions, tables, clock=clock) as tx:
            tx.outbox.add(a_request_declined())
            await tx.session.execute(text("INSERT INTO applied VALUES ('t', 0, 0, 'x')"))
            raise LookupError

    with pytest.raises(LookupError):
        await fail_late()

    async with sessions() as session:
        assert await session.scalar(text("SELECT count(*) FROM applied")) == 0
        assert await session.scalar(text("SELECT count(*) FROM outbox")) == 0


async def test_a_commit_that_fails_is_an_error_of_the_block(
    sessions: Sessions, tables: Tables, clock: ManualClock
) -> None:
    async with transaction(sessions, tables, clock=clock) as tx:
        await tx.session.execute(
            text("CREATE TABLE late (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)")
        )

    async def fail_at_commit() -> None:
        async with transaction(sessions, tables, clock=clock) as tx:
            await tx.session.execute(text("INSERT INTO late VALUES (1), (1)"))
            tx.outbox.add(a_request_declined())

    with pytest.raises(IntegrityError):
        await fail_at_commit()

    async with sessions() as session:
        assert await session.scalar(text("SELECT count(*) FROM outbox")) == 0


async def test_what_was_done_can_be_read_as_soon_as_the_block_is_left(
    sessions: Sessions, tables: Tables, clock: ManualClock
) -> None:
    with tables.signal.listener() as woken:
        async with transaction(sessions, tables, clock=clock) as tx:
            tx.outbox.add(a_request_declined())
            told_too_early = woken.is_set()
        async with sessions() as other:
            committed = await other.scalar(text("SELECT count(*) FROM outbox"))

        assert committed == 1
        assert woken.is_set()
        assert not told_too_early


async def test_refuses_an_event_that_its_topic_could_never_carry(
    sessions: Sessions, tables: Tables, clock: ManualClock
) -> None:
    with pytest.raises(EventTooLargeError):
        async with transaction(sessions, tables, clock=clock) as tx:
            tx.outbox.add_cloud_event(
                CloudEvent(id="1", source="/s", type="t", data=b"x" * 1024 * 1024),
                topic="work",
                key="k",
            )


async def test_keeps_nulls_that_a_contract_states(
    sessions: Sessions, tables: Tables, clock: ManualClock
) -> None:
    event = EffortRecorded(
        plan="wco-2019-2022",
        unit="SG",
        quarter="FY2019-Q1",
        on_priorities=Decimal("1.5"),
        total=Decimal(3),
    )

    async with transaction(sessions, tables, clock=clock) as tx:
        made = tx.outbox.add(event)

    assert b'"evidence":null' in (made.data or b"")
    assert read(made) == event


async def test_parks_any_bytes_once_and_counts_the_attempts(
    sessions: Sessions, tables: Tables, clock: ManualClock
) -> None:
    bad = Record("work", 3, 17, b"\x00\xff", None, (("ce_id", b"\x00"), ("ö", b"")), clock.now())

    for _ in range(2):
        async with transaction(sessions, tables, clock=clock) as tx:
            tx.parked.add(bad, reason="a NUL \x00 and a surrogate \ud800", code="not-json")

    async with sessions() as session:
        [row] = (await session.scalars(select(tables.parked))).all()
    assert (row.topic, row.partition, row.offset, row.attempts) == ("work", 3, 17, 2)
    assert (row.key, row.value, unpack(row.headers)) == (bad.key, None, bad.headers)
    assert row.reason == "a NUL \\x00 and a surrogate \\ud800"
    assert row.code == "not-json"
