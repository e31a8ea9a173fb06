"""A process that a crash point may end: `worker.py relay|consumer URL LOG_URL PREFIX`."""

import asyncio
import sys
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.orm import DeclarativeBase

from shared_kit.clock import SystemClock
from shared_kit.db.base import metadata
from shared_kit.db.engine import create_engine, sessions
from shared_kit.delivery import crashpoints
from shared_kit.delivery.consumer import ConsumerLoop
from shared_kit.delivery.progress import progress
from shared_kit.delivery.relay import Relay
from shared_kit.delivery.rows import (
    AuditColumns,
    OffsetColumns,
    OutboxColumns,
    ParkedColumns,
    Tables,
)
from shared_kit.delivery.supervise import supervise
from shared_kit.delivery.transaction import Transaction
from shared_kit.messaging.embedded import EmbeddedLog
from shared_kit.messaging.log import Record


class Base(DeclarativeBase):
    metadata = metadata()


class OutboxRow(OutboxColumns, Base):
    __tablename__ = "outbox"


class OffsetRow(OffsetColumns, Base):
    __tablename__ = "consumer_offset"


class ParkedRow(ParkedColumns, Base):
    __tablename__ = "parked"


class AuditRow(AuditColumns, Base):
    __tablename__ = "audit"


TABLES = Tables(
    outbox=OutboxRow, offsets=OffsetRow, parked=ParkedRow, audit=AuditRow, source="/test/worker"
)


async def keep(tx: Transaction, records: Sequence[Record]) -> None:
    await tx.session.execute(
        text("INSERT INTO applied VALUES (:topic, :partition, :position, '')"),
        [
            {"topic": record.topic, "partition": record.partition, "position": record.offset}
            for record in records
        ],
    )


async def main(role: str, url: str, log_url: str, prefix: str) -> None:
    """Run one loop until nothing is left to do."""
    crashpoints.check()
    engine = create_engine(url)
    factory, log = sessions(engine), EmbeddedLog(log_url, prefix)
    await log.start()
    if role == "relay":
        topics: list[str] = []
        run = Relay(sessions=factory, tables=TABLES, log=log, chunk=20).run
    else:
        topics = ["activity"]
        run = ConsumerLoop(
            log=log,
            group="worker",
            topics=topics,
            sessions=factory,
            tables=TABLES,
            handle=keep,
            clock=SystemClock(),
            max_records=20,
            fetch_timeout=timedelta(milliseconds=200),
        ).run
    async with supervise({role: run}):
        while True:
            found = await progress(factory, TABLES, log, topics)
            if (found.outbox if role == "relay" else found.lag) == 0:
                break
            await asyncio.sleep(0.02)
    await log.stop()
    await engine.dispose()


asyncio.run(main(*sys.argv[1:5]))
