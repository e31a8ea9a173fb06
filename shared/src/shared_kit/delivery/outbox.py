"""Events that leave with the transaction: collected in memory, written by one statement."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils import uuid7

from shared_kit.delivery.errors import DeliveryError
from shared_kit.delivery.rows import Tables
from shared_kit.events.base import Event, type_of
from shared_kit.events.codec import to_kafka
from shared_kit.events.envelope import CloudEvent, format_time
from shared_kit.events.topics import TOPICS
from shared_kit.messaging.headers import pack
from shared_kit.telemetry.context import current

# What a record costs beside its value: key, headers, framing; generous.
_ENVELOPE_BYTES = 16 * 1024


class EventTooLargeError(DeliveryError):
    """The event does not fit its topic; in the outbox it would block all that follow."""


class _Waiting(NamedTuple):
    topic: str
    key: str
    event_id: str
    type: str
    subject: str | None
    value: bytes | None
    headers: str


class Outbox:
    """At least once, in order per key. An id given twice is sent twice; readers drop the second."""

    def __init__(
        self, *, tables: Tables, now: datetime, stamp: Mapping[str, str] | None = None
    ) -> None:
        self._tables = tables
        self._now = now
        self._stamp = stamp or {}
        self._waiting: list[_Waiting] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def add(
        self,
        event: Event,
        *,
        id: UUID | str | None = None,
        time: datetime | None = None,
        recordedtime: datetime | None = None,
        correlationid: str | None = None,
        topic: str | None = None,
        subject: str | None = None,
        key: str | None = None,
    ) -> CloudEvent:
        """Announce what happened; returns the CloudEvent that will be sent.

        `id` is a new UUID unless a derived one is given, so that the same fact is always the
        same event. `recordedtime` is now on the business clock, and `time` the same, unless given.
        `topic`, `subject` and `key` are the contract's; only corrections have to name those of
        the fact that they correct.
        """
        recorded = recordedtime or self._now
        extensions = {**self._stamp, "recordedtime": format_time(recorded)}
        if correlationid is not None:
            extensions["correlationid"] = correlationid
        correlation = current()
        if correlation is not None:
            extensions["traceparent"] = correlation.traceparent
        made = CloudEvent(
            id=str(id if id is not None else uuid7()),
            source=self._tables.source,
            type=type_of(type(event)),
            subject=event.subject if subject is None else subject,
            time=time or recorded,
            data=event.model_dump_json().encode(),
            extensions=extensions,
        )
        self.add_cloud_event(
            made, topic=topic or event.topic, key=event.partition_key if key is None else key
        )
        return made

    def add_cloud_event(self, event: CloudEvent, *, topic: str, key: str) -> None:
        """Pass on an event that came from outside, as it is.

        Raises:
            EventTooLargeError
        """
        value, headers = to_kafka(event)
        if len(value or b"") + _ENVELOPE_BYTES > TOPICS[topic].max_message_bytes:
            raise EventTooLargeError(f"event {event.id} is too large for topic {topic}")
        self._waiting.append(
            _Waiting(topic, key, event.id, event.type, event.subject, value, pack(headers))
        )

    async def flush(self, session: AsyncSession) -> None:
        """Write the rows. `transaction` does this last, see there."""
        if not self._waiting:
            return
        rows, self._waiting = self._waiting, []
        await session.execute(text(_insert(self._tables)), _columns(rows))


def _insert(tables: Tables) -> str:
    table = tables.outbox.__tablename__  # type: ignore[attr-defined]  # the row class has it
    # The sequence is drawn in the order of the sorted input: the order in which they were added.
    return f"""
        INSERT INTO {table} (topic, key, event_id, type, subject, value, headers, created_at)
        SELECT topic, key, event_id, type, subject, value, headers, clock_timestamp()
        FROM unnest(CAST(:topics AS text[]), CAST(:keys AS text[]), CAST(:ids AS text[]),
                    CAST(:types AS text[]), CAST(:subjects AS text[]), CAST(:values AS bytea[]),
                    CAST(:headers AS text[]))
             WITH ORDINALITY AS e(topic, key, event_id, type, subject, value, headers, place)
        ORDER BY place
    """  # noqa: S608 - the name of a table of ours


def _columns(rows: Sequence[_Waiting]) -> dict[str, object]:
    topics, keys, ids, types, subjects, values, headers = zip(*rows, strict=True)
    return {
        "topics": list(topics),
        "keys": list(keys),
        "ids": list(ids),
        "types": list(types),
        "subjects": list(subjects),
        "values": list(values),
        "headers": list(headers),
    }
