"""A negative control and the peer of the benchmark: the loop that everybody writes first.

One record at a time, one transaction each with an ORM session, counters that are added to, and
the offset committed to Kafka afterwards. A crash between the two counts a fact twice; so does a
fact that is sent twice. `python -m tests.support.naive_engine serve` stands in for kpi-engine.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from aiokafka import AIOKafkaConsumer
from fastapi import FastAPI
from sqlalchemy import BigInteger, LargeBinary, Numeric, String, select
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared_kit.delivery import crashpoints
from shared_kit.events import codec
from shared_kit.events.activity import SupportProvided, SupportRequested
from shared_kit.events.envelope import InvalidEventError

PERIODS = ("FY2019", "2019-2022")
INDICATORS = {"ECP": "SP7.1", "RP": "SP7.2", "CEP": "SP7.3", "ODP": "SP7.4"}


class Base(DeclarativeBase):
    pass


class FactRow(Base):
    __tablename__ = "naive_fact"
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    source: Mapped[str] = mapped_column(String)
    event_id: Mapped[str] = mapped_column(String)
    type: Mapped[str] = mapped_column(String)
    payload: Mapped[bytes] = mapped_column(LargeBinary)


class FigureRow(Base):
    __tablename__ = "naive_figure"
    indicator: Mapped[str] = mapped_column(String, primary_key=True)
    period: Mapped[str] = mapped_column(String, primary_key=True)
    numerator: Mapped[int] = mapped_column(Numeric, default=0)
    denominator: Mapped[int] = mapped_column(Numeric, default=0)


class ContributionRow(Base):
    __tablename__ = "naive_contribution"
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    indicator: Mapped[str] = mapped_column(String)
    side: Mapped[str] = mapped_column(String)
    item: Mapped[str] = mapped_column(String)


class NaiveEngine:
    """Counts requests and missions by topic, one record at a time."""

    def __init__(
        self, *, database_url: str, bootstrap: str, prefix: str, group: str = "naive"
    ) -> None:
        self.engine: AsyncEngine = create_async_engine(database_url)
        self.sessions = async_sessionmaker(self.engine)
        self.bootstrap = bootstrap
        self.prefix = prefix
        self.group = group
        self.applied = 0
        self.consumer: Any = None

    async def start(self) -> None:
        async with self.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        self.consumer = AIOKafkaConsumer(
            f"{self.prefix}activity",
            bootstrap_servers=self.bootstrap,
            group_id=f"{self.prefix}{self.group}",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=1500,
            heartbeat_interval_ms=500,
        )
        await self.consumer.start()

    async def stop(self) -> None:
        await self.consumer.stop()
        await self.engine.dispose()

    async def run(self, *, limit: int | None = None) -> None:
        while limit is None or self.applied < limit:
            record = await self.consumer.getone()
            await self.apply(record)
            crashpoints.reach("consumer-after-commit")
            await self.consumer.commit()

    async def apply(self, record: Any) -> None:
        try:
            event = codec.from_kafka(record.value, record.headers)
            said = codec.read(event)
        except InvalidEventError:
            return
        async with self.sessions() as session, session.begin():
            session.add(
                FactRow(source=event.source, event_id=event.id, type=event.type, payload=event.data)
            )
            if isinstance(said, SupportRequested | SupportProvided):
                asked = isinstance(said, SupportRequested)
                for topic in said.topics:
                    await self._add(session, topic, said.member, asked=asked)
        self.applied += 1

    async def _add(self, session: Any, topic: str, member: str, *, asked: bool) -> None:
        indicator = INDICATORS.get(topic)
        if indicator is None:
            return
        side = "denominator" if asked else "numerator"
        session.add(ContributionRow(indicator=indicator, side=side, item=member))
        for period in PERIODS:
            row = await session.get(FigureRow, (indicator, period))
            if row is None:
                row = FigureRow(indicator=indicator, period=period, numerator=0, denominator=0)
                session.add(row)
            setattr(row, side, getattr(row, side) + 1)

    async def scorecard(self, *, plan: str, period: str) -> dict[str, Any]:
        async with self.sessions() as session:
            rows = await session.scalars(select(FigureRow).where(FigureRow.period == period))
            items = [
                {
                    "key": f"{plan}:{row.indicator}",
                    "numerator": str(int(row.numerator)),
                    "denominator": str(int(row.denominator)),
                    "due": None,
                    "due_done": None,
                    "status": "not-judged",
                    "reason": "no-target",
                }
                for row in rows
            ]
        return {"plan": plan, "period": period, "items": items}

    async def lag(self) -> int:
        ends = await self.consumer.end_offsets(self.consumer.assignment())
        left = 0
        for place, end in ends.items():
            left += end - (await self.consumer.committed(place) or 0)
        return left


def create_app(engine: NaiveEngine) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await engine.start()
        task = asyncio.create_task(engine.run())
        yield
        task.cancel()
        await asyncio.wait({task})
        await engine.stop()

    app = FastAPI(lifespan=lifespan)

    @app.get("/readyz")
    async def ready() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/progress")
    async def progress() -> dict[str, int]:
        return {"lag": await engine.lag()}

    @app.get("/api/v1/scorecards/{plan}")
    async def scorecard(plan: str, period: str) -> dict[str, Any]:
        return await engine.scorecard(plan=plan, period=period)

    return app


def main() -> None:
    assert sys.argv[1:] == ["serve"]
    setting = {
        name: os.environ[f"WCOPLAN_KPI_ENGINE__{name}"]
        for name in ("DATABASE_URL", "KAFKA_BOOTSTRAP", "TOPIC_PREFIX", "PORT")
    }
    engine = NaiveEngine(
        database_url=setting["DATABASE_URL"],
        bootstrap=setting["KAFKA_BOOTSTRAP"],
        prefix=setting["TOPIC_PREFIX"],
    )
    uvicorn.run(
        create_app(engine), host="127.0.0.1", port=int(setting["PORT"]), log_level="warning"
    )


if __name__ == "__main__":
    main()
