"""A negative control: kpi-engine, but the offset is stored before the facts are written.

Run as `python -m tests.support.lossy_engine serve` in place of the engine. A crash between the
two loses facts, so every fault test must fail on it.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

import kpi_engine.bootstrap
from kpi_engine.main import main
from shared_kit.clock import Clock
from shared_kit.delivery.consumer import ConsumerLoop, Transact
from shared_kit.delivery.offsets import Offsets
from shared_kit.delivery.rows import Tables
from shared_kit.delivery.transaction import Edge, Transaction, transaction
from shared_kit.messaging.log import Batch, Record


class _OffsetFirst(Offsets):
    """Moves the offset in a transaction of its own, which is what must not be done."""

    def __init__(
        self, sessions: async_sessionmaker[AsyncSession], tables: Tables, clock: Clock
    ) -> None:
        self._sessions, self._tables, self._clock = sessions, tables, clock

    async def advance(self, batches: Sequence[Batch]) -> Sequence[Record]:
        async with transaction(self._sessions, self._tables, clock=self._clock) as own:
            return await own.offsets.advance(batches)


class LossyLoop(ConsumerLoop):
    """The engine's loop, with the offset taken out of its transaction."""

    def __init__(self, *, transact: Transact, **rest: Any) -> None:
        @asynccontextmanager
        async def lossy(
            sessions: async_sessionmaker[AsyncSession],
            tables: Tables,
            *,
            clock: Clock,
            edge: Edge | None = None,
        ) -> AsyncIterator[Transaction]:
            async with transact(sessions, tables, clock=clock, edge=edge) as tx:
                yield replace(tx, offsets=_OffsetFirst(sessions, tables, clock))

        super().__init__(transact=lossy, **rest)


if __name__ == "__main__":
    setattr(kpi_engine.bootstrap, "ConsumerLoop", LossyLoop)  # noqa: B010 - it is no interface
    main()
