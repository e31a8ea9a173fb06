"""Sends a parked record through the log once more, under a new offset.

(source, id) stays, so the unique key of the ledger protects. It goes by the log and not straight
into the ledger, so that what a judgement had read is still told by log positions alone.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from kpi_engine.ports import NotReplayableError, ParkedBox, Reads, UnknownRecordError
from shared_kit.delivery.transaction import Transaction
from shared_kit.events.codec import from_kafka
from shared_kit.events.envelope import InvalidEventError
from shared_kit.messaging.headers import unpack


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedReplays:
    """Meets the port `Replays`."""

    reads: Reads
    box: Callable[[Transaction], ParkedBox]
    transact: Callable[[], AbstractAsyncContextManager[Transaction]]

    async def replay(self, *, id: int, actor: str) -> None:
        record = await self.reads.parked_record(id=id)
        if record is None:
            raise UnknownRecordError(f"there is no parked record {id}")
        try:
            event = from_kafka(record.value, unpack(record.headers))
        except InvalidEventError as error:
            raise NotReplayableError(f"the record is no CloudEvent: {error.message}") from error
        async with self.transact() as tx:
            key = record.key.decode("utf-8", "replace") if record.key else event.subject or event.id
            tx.outbox.add_cloud_event(event, topic=record.topic, key=key)
            await self.box(tx).replayed(id)
            tx.audit.add(actor=actor, action="parked.replay", key=str(id))
