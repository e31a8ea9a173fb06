"""The negative controls in the one embedded process: `wrong_engines naive|lossy up ...`.

The rest of the product is the real one; its engine alone is known to be wrong.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, FastAPI
from sqlalchemy import BigInteger, Integer, String, select
from sqlalchemy.orm import Mapped, mapped_column

import kpi_engine.bootstrap
from kpi_engine.config import Settings
from shared_kit.delivery import crashpoints
from shared_kit.messaging.log import Ends, EventLog, TopicPartition
from shared_kit.web.app import Api, create_api
from shared_kit.web.probes import add_probes
from tests.support.lossy_engine import LossyLoop
from tests.support.naive_engine import Base, NaiveEngine
from wcoplan.main import app

TOPICS = ("activity",)


class PositionRow(Base):
    """What Kafka keeps for a group: committed when the work is done, and apart from it."""

    __tablename__ = "naive_position"
    topic: Mapped[str] = mapped_column(String, primary_key=True)
    partition: Mapped[int] = mapped_column(Integer, primary_key=True)
    next_offset: Mapped[int] = mapped_column(BigInteger)


class NaiveOnTheEmbeddedLog(NaiveEngine):
    """The same loop, reading through the port."""

    def __init__(self, *, database_url: str, log: EventLog) -> None:
        super().__init__(database_url=database_url, bootstrap="", prefix="")
        self._log = log

    async def start(self) -> None:
        async with self.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        self.consumer = self._log.consumer(group="naive", topics=TOPICS)
        await self.consumer.start()

    async def run(self, *, limit: int | None = None) -> None:
        assigned = await self.consumer.assignment()
        places = await self._places()
        await self.consumer.seek({place: places[place] for place in assigned.partitions})
        while limit is None or self.applied < limit:
            for batch in await self.consumer.fetch(max_records=1, timeout=timedelta(seconds=1)):
                for record in batch.records:
                    await self.apply(record)
                    crashpoints.reach("engine-after-facts")
                    await self._commit(batch.partition, record.offset + 1)

    async def lag(self) -> int:
        ends, places = await self._log.end_offsets(TOPICS), await self._places()
        return sum(end - places[place] for place, end in ends.items())

    async def _places(self) -> Mapping[TopicPartition, int]:
        starts = dict(await self._log.start_offsets(TOPICS))
        async with self.sessions() as session:
            for row in await session.scalars(select(PositionRow)):
                starts[TopicPartition(row.topic, row.partition)] = row.next_offset
        return starts

    async def _commit(self, place: TopicPartition, offset: int) -> None:
        async with self.sessions() as session, session.begin():
            await session.merge(
                PositionRow(topic=place.topic, partition=place.partition, next_offset=offset)
            )


def naive_app(*, settings: Settings, log: EventLog, **_: Any) -> Api:
    """Stands in for `kpi_engine.bootstrap.create_app`."""
    engine = NaiveOnTheEmbeddedLog(database_url=settings.database_url, log=log)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await engine.start()
        task = asyncio.create_task(engine.run())
        yield
        task.cancel()
        await asyncio.wait({task})
        await engine.stop()

    router = APIRouter()

    @router.get("/api/v1/scorecards/{plan}", operation_id="get_scorecard")
    async def scorecard(plan: str, period: str) -> dict[str, Any]:
        return await engine.scorecard(plan=plan, period=period)

    async def ready() -> Mapping[str, bool]:
        return {"engine": True}

    async def progress(*, ends: Ends | None = None) -> Mapping[str, int]:
        del ends
        return {"lag": await engine.lag()}

    api = create_api(
        service="kpi-engine",
        title="Naive",
        version="0",
        auth=settings.auth,
        lifespan=lifespan,
        routers=[router],
    )
    add_probes(api, ready=ready, started=ready, progress=progress)
    return api


if __name__ == "__main__":
    if sys.argv.pop(1) == "naive":
        kpi_engine.bootstrap.create_app = naive_app
    else:
        setattr(kpi_engine.bootstrap, "ConsumerLoop", LossyLoop)  # noqa: B010 - no interface
    app()
