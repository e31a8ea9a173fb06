"""A kpi-engine without loops: tests hand it records and say when it judges."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from zlib import crc32

from sqlalchemy import text

from kpi_engine.bootstrap import Engine, wire
from kpi_engine.config import Settings
from shared_kit.clock import ManualClock
from shared_kit.events.base import Event, type_of
from shared_kit.events.codec import to_kafka
from shared_kit.events.envelope import CloudEvent, format_time
from shared_kit.events.results import IndicatorJudged
from shared_kit.messaging.embedded import EmbeddedLog
from shared_kit.messaging.log import Batch, Record, TopicPartition

NOW = datetime(2020, 2, 3, 8, 0, tzinfo=UTC)  # 09:00 in Brussels, a Monday
SOURCE = "/test"


def sent(
    event: Event,
    *,
    id: str,
    source: str = SOURCE,
    time: datetime = NOW,
    recorded: datetime | None = None,
    topic: str | None = None,
    subject: str | None = None,
) -> tuple[str, CloudEvent]:
    """An event as it lies in the log: (topic, CloudEvent)."""
    cloud_event = CloudEvent(
        id=id,
        source=source,
        type=type_of(type(event)),
        subject=event.subject if subject is None else subject,
        time=time,
        data=event.model_dump_json().encode(),
        extensions={"recordedtime": format_time(recorded or time)},
    )
    return topic or event.topic, cloud_event


class Lab:
    """Feeds an engine and looks at what it says."""

    def __init__(self, *, settings: Settings, at: datetime = NOW) -> None:
        self.clock = ManualClock(at)
        self.engine: Engine = wire(
            settings=settings,
            log=EmbeddedLog(database_url=settings.database_url, prefix="test."),
            business=self.clock,
        )
        self._ends: dict[TopicPartition, int] = defaultdict(int)

    async def close(self) -> None:
        await self.engine.database.dispose()

    def records(self, events: Iterable[tuple[str, CloudEvent]]) -> list[Record]:
        """Append to an imagined log; two partitions a topic, by subject."""
        found = []
        for topic, event in events:
            place = TopicPartition(topic, crc32((event.subject or "").encode()) % 2)
            value, headers = to_kafka(event)
            found.append(
                Record(
                    topic,
                    place.partition,
                    self._ends[place],
                    (event.subject or "").encode(),
                    value,
                    tuple(headers),
                    self.clock.now(),
                )
            )
            self._ends[place] += 1
        return found

    async def feed(self, *events: tuple[str, CloudEvent]) -> None:
        """One fetch with these events."""
        await self.apply(self.records(events))

    async def apply(self, records: Sequence[Record]) -> None:
        """Apply records as the consumer loop does: offsets and effects in one transaction."""
        by_place: dict[TopicPartition, list[Record]] = defaultdict(list)
        for record in records:
            by_place[TopicPartition(record.topic, record.partition)].append(record)
        batches = [Batch(place, found) for place, found in by_place.items()]
        async with self.engine.ingesting(
            self.engine.sessions, self.engine.tables, clock=self.clock, edge="consumer"
        ) as tx:
            fresh = await tx.offsets.advance(batches)
            if fresh:
                await self.engine.ingest(tx, fresh)

    async def judge(self) -> int:
        """Judge until no mark is left; how many marks there were."""
        loop = self.engine.judge_loop()
        total = 0
        while done := await loop.judge_once():
            total += done
        return total

    async def open_day(self) -> None:
        async with self.engine.transact() as tx:
            await self.engine.opening(tx)

    async def rows(self, query: str, **parameters: Any) -> list[Any]:
        async with self.engine.sessions() as session:
            return list((await session.execute(text(query), parameters)).all())

    async def judgements(self) -> list[IndicatorJudged]:
        """Every judgement made, in order."""
        found = await self.rows("SELECT result FROM judgement ORDER BY id")
        return [IndicatorJudged.model_validate_json(row[0]) for row in found]

    async def figures(self) -> dict[tuple[str, str], IndicatorJudged]:
        """The last judgement of each indicator and period."""
        return {(one.key, one.period): one for one in await self.judgements()}

    async def result(self, key: str, period: str = "FY2019") -> IndicatorJudged:
        return (await self.figures())[key, period]

    async def parked(self) -> list[tuple[str, str]]:
        found = await self.rows("SELECT code, reason FROM parked ORDER BY id")
        return [(row[0], row[1]) for row in found]
