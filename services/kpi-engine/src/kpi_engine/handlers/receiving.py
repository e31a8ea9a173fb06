"""From records to facts: decoded, validated, dated; what cannot be used says why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kpi_engine.handlers.effective import CORRECTIONS
from kpi_engine.handlers.fields import effective_date
from kpi_engine.ports import Fact, StoredFact
from shared_kit.events.base import Event
from shared_kit.events.codec import from_kafka, read
from shared_kit.events.corrections import Correction
from shared_kit.events.envelope import CloudEvent, InvalidEventError, digest_of
from shared_kit.messaging.log import Record

FUTURE_LIMIT = timedelta(hours=24)
READ_FROM = ("plan", "work", "activity")


@dataclass(frozen=True, slots=True)
class Received:
    """A fact with the record that it came in and the event that it is."""

    record: Record
    fact: Fact
    event: Event

    @property
    def corrects(self) -> bool:
        return self.fact.target is not None

    def stored(self, seq: int) -> StoredFact:
        """The fact as the ledger now has it."""
        fact = self.fact
        return StoredFact(
            seq,
            fact.digest,
            fact.name,
            fact.source,
            fact.id,
            fact.time,
            fact.recorded,
            fact.payload,
        )


def receive(record: Record, *, now: datetime) -> Received:
    """Read a record; `now` is business time and stamps what came straight to the log.

    Raises:
        InvalidEventError: it can never be used; `code` says why.
    """
    event = from_kafka(record.value, record.headers)
    payload = read(event)
    _check_topic(payload, record)
    recorded = event.recordedtime or now
    stated = event.time or recorded
    if max(recorded, stated) > now + FUTURE_LIMIT:
        raise InvalidEventError("in-the-future", "the event is dated more than 24 hours ahead")
    return Received(record, _fact(event, payload, record, stated, recorded), payload)


def _check_topic(payload: Event, record: Record) -> None:
    # A correction travels on the topic of the fact that it names: any of the three.
    if payload.topic and payload.topic != record.topic:
        raise InvalidEventError(
            "wrong-topic", f"{payload.name} belongs on {payload.topic}, not on {record.topic}"
        )


def _fact(
    event: CloudEvent, payload: Event, record: Record, stated: datetime, recorded: datetime
) -> Fact:
    corrects = payload.name in CORRECTIONS and isinstance(payload, Correction)
    return Fact(
        digest=event.digest,
        content=event.content_digest,
        source=event.source,
        id=event.id,
        name=payload.name,
        time=stated,
        recorded=recorded,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        subject=(event.subject or "") if corrects else payload.subject,
        effective=effective_date(payload),
        target=digest_of(payload.source, payload.id)
        if corrects and isinstance(payload, Correction)
        else None,
        payload=event.data or b"",
        actor=event.authid,
    )


def without_duplicates(
    received: Sequence[Received],
) -> tuple[list[Received], list[Received], list[Received]]:
    """Split a batch: (the first of each id, repetitions, contradictions of the first)."""
    first: dict[bytes, Received] = {}
    repeated: list[Received] = []
    contradicting: list[Received] = []
    for one in received:
        known = first.setdefault(one.fact.digest, one)
        if known is not one:
            same = known.fact.content == one.fact.content
            (repeated if same else contradicting).append(one)
    return list(first.values()), repeated, contradicting
