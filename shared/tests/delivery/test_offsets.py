"""The fence: whatever comes twice, late or with a hole, each record counts once."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_kit.clock import ManualClock, SystemClock
from shared_kit.delivery.errors import FencedError, NotContiguousError
from shared_kit.delivery.offsets import Offsets, joined
from shared_kit.delivery.rows import Tables
from shared_kit.delivery.transaction import transaction
from shared_kit.messaging.log import Batch, Record, TopicPartition

Sessions = async_sessionmaker[AsyncSession]
WORK = TopicPartition("work", 0)
PLAN = TopicPartition("plan", 0)


def a_batch(first: int, end: int, *, of: TopicPartition = WORK) -> Batch:
    now = SystemClock().now()
    return Batch(
        of, [Record(of.topic, of.partition, n, b"k", b"v", (), now) for n in range(first, end)]
    )


async def advance(sessions: Sessions, tables: Tables, *batches: Batch) -> Sequence[int]:
    """What a handler would get, in a transaction of its own."""
    async with transaction(sessions, tables, clock=SystemClock()) as tx:
        return [record.offset for record in await tx.offsets.advance(batches)]


async def test_gives_what_is_new_and_drops_what_was_applied(
    sessions: Sessions, tables: Tables
) -> None:
    assert await advance(sessions, tables, a_batch(0, 3)) == [0, 1, 2]
    assert await advance(sessions, tables, a_batch(0, 3)) == []
    assert await advance(sessions, tables, a_batch(1, 5)) == [3, 4]


async def test_moves_all_partitions_of_a_fetch_or_none(sessions: Sessions, tables: Tables) -> None:
    both = await advance(sessions, tables, a_batch(0, 2), a_batch(0, 1, of=PLAN))

    with pytest.raises(NotContiguousError):
        await advance(sessions, tables, a_batch(2, 4), a_batch(3, 4, of=PLAN))

    async with sessions() as session:
        stored = await Offsets(session=session, tables=tables).stored()
    assert both == [0, 1, 0]
    assert stored == {WORK: 2, PLAN: 1}


async def test_a_gap_before_or_inside_a_batch_changes_nothing(
    sessions: Sessions, tables: Tables
) -> None:
    holed = Batch(WORK, [*a_batch(0, 2).records, *a_batch(3, 4).records])

    with pytest.raises(NotContiguousError):
        await advance(sessions, tables, a_batch(1, 3))
    with pytest.raises(NotContiguousError):
        await advance(sessions, tables, holed)

    assert await advance(sessions, tables, a_batch(0, 1)) == [0]


async def test_a_gap_that_the_log_vouches_for_is_none(sessions: Sessions, tables: Tables) -> None:
    marked = Batch(WORK, [*a_batch(0, 2).records, *a_batch(3, 4).records], begins=0, ends=5)
    only_markers = Batch(WORK, [], begins=5, ends=7)

    assert await advance(sessions, tables, marked) == [0, 1, 3]
    assert await advance(sessions, tables, only_markers) == []
    assert await advance(sessions, tables, a_batch(7, 8)) == [7]
    with pytest.raises(NotContiguousError):
        await advance(sessions, tables, Batch(WORK, [], begins=9, ends=10))


async def _apply_together(
    sessions: Sessions, tables: Tables, *, fenced: bool, consumers: int = 3
) -> list[BaseException | None]:
    """Several owners of one batch at once: each reads the stored offset before any has moved it."""
    all_have_read = asyncio.Barrier(consumers)

    async def apply() -> None:
        async with transaction(sessions, tables, clock=SystemClock()) as tx:
            await tx.offsets.stored([WORK])
            await all_have_read.wait()
            if fenced:
                records = await tx.offsets.advance([a_batch(0, 5)])
            else:
                records = a_batch(0, 5).records
                await tx.session.execute(text("UPDATE consumer_offset SET next_offset = 5"))
            for record in records:
                await tx.session.execute(
                    text("INSERT INTO applied VALUES ('work', 0, :n, '')"), {"n": record.offset}
                )

    return await asyncio.gather(*(apply() for _ in range(consumers)), return_exceptions=True)


async def _applied(sessions: Sessions) -> list[int]:
    async with sessions() as session:
        rows = await session.scalars(text("SELECT position FROM applied ORDER BY position"))
        return list(rows)


async def test_of_three_owners_of_one_batch_only_one_counts(
    sessions: Sessions, tables: Tables, clock: ManualClock
) -> None:
    async with transaction(sessions, tables, clock=clock) as tx:
        await tx.offsets.begin_at({WORK: 0})

    outcomes = await _apply_together(sessions, tables, fenced=True)

    assert await _applied(sessions) == [0, 1, 2, 3, 4]
    assert all(error is None or isinstance(error, FencedError) for error in outcomes)


async def test_without_the_fence_all_three_count(
    sessions: Sessions, tables: Tables, clock: ManualClock
) -> None:
    """The negative control: the same experiment with an UPDATE that asks for nothing."""
    async with transaction(sessions, tables, clock=clock) as tx:
        await tx.offsets.begin_at({WORK: 0})

    await _apply_together(sessions, tables, fenced=False)

    assert len(await _applied(sessions)) == 15


async def test_a_zombie_that_read_the_old_offset_is_fenced(
    sessions: Sessions, tables: Tables, clock: ManualClock
) -> None:
    async with transaction(sessions, tables, clock=clock) as tx:
        await tx.offsets.begin_at({WORK: 0})

    async def wake_up_late() -> None:
        async with transaction(sessions, tables, clock=clock) as zombie:
            stored = await zombie.offsets.stored([WORK])
            await advance(sessions, tables, a_batch(0, 5))
            await zombie.offsets.move({WORK: (stored[WORK], 3)})

    with pytest.raises(FencedError):
        await wake_up_late()

    async with sessions() as session:
        assert await Offsets(session=session, tables=tables).stored() == {WORK: 5}


@settings(max_examples=200)
@given(
    st.integers(0, 30),
    st.integers(0, 30),
    st.integers(0, 30),
)
def test_joining_never_skips_and_never_repeats(stored: int, first: int, length: int) -> None:
    batch = a_batch(first, first + length)

    try:
        records, end = joined(batch, stored)
    except NotContiguousError:
        assert first > stored
        return

    assert [record.offset for record in records] == list(range(stored, end))
    assert end == max(stored, first + length) or length == 0
