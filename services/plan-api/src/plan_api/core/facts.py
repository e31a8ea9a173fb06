"""Remembers facts by (source, id): said once, repeated, or contradicted."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from operator import itemgetter

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from plan_api.core.tables import FactRow
from shared_kit.events.envelope import CloudEvent


class Seen(StrEnum):
    """What a fact is to those remembered."""

    NEW = "new"
    REPEATED = "repeated"
    CONTRADICTED = "contradicted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Where a fact lies, so that a correction can follow it."""

    source: str
    id: str
    type: str
    topic: str
    subject: str
    key: str
    demands: str = ""
    reporter: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """A CloudEvent, the topic and key under which it lies, whose it is and who reported it."""

    event: CloudEvent
    topic: str
    key: str
    demands: str = ""
    reporter: str = ""


async def remember(session: AsyncSession, said: Sequence[Remembered]) -> Sequence[Seen]:
    """Keep facts, stamped as they are, unless their (source, id) is known; say which were new.

    Of two transactions with the same fact the second waits for the first. They are kept in the
    order of their digests, so that two batches cannot wait for each other.
    """
    if not said:
        return []
    contents: dict[bytes, bytes] = {}
    rows = []
    for one in said:
        if one.event.digest not in contents:
            contents[one.event.digest] = _content(one.event)
            rows.append(_row(one, content=contents[one.event.digest]))
    kept = set(
        await session.scalars(
            insert(FactRow).on_conflict_do_nothing().returning(FactRow.digest),
            sorted(rows, key=itemgetter("digest")),
        )
    )
    known = await _contents(session, contents.keys() - kept)
    found = []
    for one in said:
        digest = one.event.digest
        if digest in kept:
            kept.remove(digest)  # a second time in this batch it is a repetition
            known[digest] = contents[digest]
            found.append(Seen.NEW)
        else:
            same = known.get(digest) == _content(one.event)
            found.append(Seen.REPEATED if same else Seen.CONTRADICTED)
    return found


async def place(session: AsyncSession, event: CloudEvent, *, key: str, demands: str) -> None:
    """Correct the key and the right of a remembered fact once they are resolved."""
    await session.execute(
        update(FactRow).where(FactRow.digest == event.digest).values(key=key, demands=demands)
    )


async def forget(session: AsyncSession, event: CloudEvent) -> None:
    """Take back what `remember` kept in this transaction."""
    await session.execute(delete(FactRow).where(FactRow.digest == event.digest))


async def find(session: AsyncSession, digests: Iterable[bytes]) -> Mapping[bytes, Fact]:
    """Find facts by the digests of their (source, id)."""
    rows = await session.scalars(select(FactRow).where(FactRow.digest.in_(list(digests))))
    return {
        row.digest: Fact(
            source=row.source,
            id=row.event_id,
            type=row.type,
            topic=row.topic,
            subject=row.subject,
            key=row.key,
            demands=row.demands,
            reporter=row.reporter,
        )
        for row in rows
    }


async def _contents(session: AsyncSession, digests: Iterable[bytes]) -> dict[bytes, bytes]:
    wanted = list(digests)
    if not wanted:
        return {}
    rows = await session.execute(
        select(FactRow.digest, FactRow.content).where(FactRow.digest.in_(wanted))
    )
    return {row[0]: row[1] for row in rows}


def _row(one: Remembered, *, content: bytes) -> dict[str, object]:
    event = one.event
    return {
        "digest": event.digest,
        "content": content,
        "source": event.source,
        "event_id": event.id,
        "type": event.type,
        "topic": one.topic,
        "subject": event.subject or "",
        "key": one.key,
        "demands": one.demands,
        "reporter": one.reporter,
        "recorded_at": event.recordedtime,
    }


def _content(event: CloudEvent) -> bytes:
    # Spaces and the order of members differ between the modes of one and the same event.
    if event.data is None:
        return event.content_digest
    said = json.dumps(json.loads(event.data), sort_keys=True, separators=(",", ":"))
    return replace(event, data=said.encode()).content_digest
