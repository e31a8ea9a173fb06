"""What the ledger has beyond log positions: whether it moves what was known there."""

from collections.abc import Collection, Mapping

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# What the ledger has beyond some positions: whether any of it means something to the measures, or
# corrects a fact. Where it does not, the contributions that are kept are those of then.
_MOVED_SINCE = """
    WITH beyond AS MATERIALIZED (
        SELECT f.seq, f.target FROM fact f
        LEFT JOIN unnest(CAST(:topics AS text[]), CAST(:partitions AS int[]),
                         CAST(:nexts AS bigint[])) AS b(topic, partition, next)
               ON b.topic = f.topic AND b.partition = f.partition
        WHERE b.next IS NULL OR f."offset" >= b.next
    )
    SELECT EXISTS (SELECT FROM beyond WHERE target IS NOT NULL)
        OR EXISTS (SELECT FROM beyond JOIN contribution c ON c.fact = beyond.seq
                   WHERE c.measure = ANY(CAST(:measures AS int[])))
        OR EXISTS (SELECT FROM measure WHERE id = ANY(CAST(:measures AS int[])) AND NOT active)
"""


async def moved_since(
    session: AsyncSession, positions: Mapping[str, object], measures: Collection[int]
) -> bool:
    """Whether the contributions that are kept may differ from those below the positions.

    `positions` are the parameters topics, partitions and nexts. The session has to see one
    snapshot, in which they are then read.
    """
    found = await session.execute(text(_MOVED_SINCE), {**positions, "measures": list(measures)})
    [(moved,)] = found.all()
    return bool(moved)
