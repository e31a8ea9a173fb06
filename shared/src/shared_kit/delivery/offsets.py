"""Stored offsets: what makes an at-least-once log count every record exactly once in effect."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared_kit.delivery.errors import FencedError, NotContiguousError
from shared_kit.delivery.rows import Tables
from shared_kit.messaging.log import Batch, Record, TopicPartition


class Offsets:
    """The next offset of each partition, moved in the transaction of what was applied."""

    def __init__(self, *, session: AsyncSession, tables: Tables) -> None:
        self._session = session
        self._table: str = tables.offsets.__tablename__  # type: ignore[attr-defined]  # the row class has it

    async def stored(
        self, partitions: Iterable[TopicPartition] | None = None
    ) -> Mapping[TopicPartition, int]:
        """Return the stored offsets, of all partitions or of those named."""
        rows = await self._session.execute(
            text(f"SELECT topic, partition, next_offset FROM {self._table}")  # noqa: S608 - the name of a table of ours
        )
        found = {TopicPartition(row[0], row[1]): int(row[2]) for row in rows}
        if partitions is None:
            return found
        return {place: found[place] for place in partitions if place in found}

    async def begin_at(self, starts: Mapping[TopicPartition, int]) -> None:
        """Store where partitions begin that have no offset yet; the others stay as they are."""
        if starts:
            await self._session.execute(
                text(
                    f"INSERT INTO {self._table} (topic, partition, next_offset)"  # noqa: S608 - the name of a table of ours
                    " SELECT * FROM unnest(CAST(:topics AS text[]), CAST(:partitions AS int[]),"
                    " CAST(:starts AS bigint[])) ON CONFLICT DO NOTHING"
                ),
                {
                    "topics": [place.topic for place in sorted(starts)],
                    "partitions": [place.partition for place in sorted(starts)],
                    "starts": [starts[place] for place in sorted(starts)],
                },
            )

    async def advance(self, batches: Sequence[Batch]) -> Sequence[Record]:
        """Return what is new in a fetch and move the offsets past it, all partitions at once.

        Records below the stored offset are dropped, the rest must join on to it without a hole.
        A batch that was applied already gives nothing: safe to repeat.

        Raises:
            NotContiguousError: a batch begins behind the stored offset or has a hole.
            FencedError: somebody else has moved an offset meanwhile.
        """
        places = [batch.partition for batch in batches]
        stored = await self.stored(places)
        missing = [place for place in places if place not in stored]
        if missing:
            await self.begin_at(dict.fromkeys(missing, 0))
        fresh: list[Record] = []
        moves: dict[TopicPartition, tuple[int, int]] = {}
        for batch in batches:
            begin = stored.get(batch.partition, 0)
            records, end = joined(batch, begin)
            if end > begin:
                fresh.extend(records)
                moves[batch.partition] = (begin, end)
        if moves:
            await self.move(moves)
        return fresh

    async def move(self, moves: Mapping[TopicPartition, tuple[int, int]]) -> None:
        """Move each offset from where it was read to where it ends: compare and set.

        Raises:
            FencedError: one of them is not there any more.
        """
        # Sorted, so that two transactions that touch the same rows meet in the same order.
        places = sorted(moves)
        moved = await self._session.execute(
            text(
                f"""
                UPDATE {self._table} AS o SET next_offset = m.ends
                FROM unnest(CAST(:topics AS text[]), CAST(:partitions AS int[]),
                            CAST(:begins AS bigint[]), CAST(:ends AS bigint[]))
                     AS m(topic, partition, begins, ends)
                WHERE o.topic = m.topic AND o.partition = m.partition
                  AND o.next_offset = m.begins -- the fence
                RETURNING o.topic
                """  # noqa: S608 - the name of a table of ours
            ),
            {
                "topics": [place.topic for place in places],
                "partitions": [place.partition for place in places],
                "begins": [moves[place][0] for place in places],
                "ends": [moves[place][1] for place in places],
            },
        )
        count = len(moved.all())
        if count != len(moves):
            raise FencedError(f"{len(moves) - count} of {len(moves)} partitions have another owner")


def joined(batch: Batch, begin: int) -> tuple[Sequence[Record], int]:
    """Return the records from `begin` on and the offset after them.

    Raises:
        NotContiguousError
    """
    records = batch.records
    if not records and batch.ends is None:
        return (), begin
    first, end = batch.first, batch.end
    if first > begin:
        raise NotContiguousError(f"{batch.partition} goes on at {first}, stored is {begin}")
    if batch.ends is None and end - first != len(records):
        raise NotContiguousError(f"{batch.partition} has a hole between {first} and {end}")
    if end <= begin:
        return (), begin
    if batch.ends is None:
        return records[begin - first :], end
    return [record for record in records if record.offset >= begin], end
