"""Remembers facts by (source, id): said once, repeated, or contradicted."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

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


async def remember(
    session: AsyncSession, event: CloudEvent, *, topic: str, key: str, at: datetime
) -> Seen:
    """Keep a fact unless its (source, id) is known; of two at once the second waits."""
    content = replace(event, data=_canonical(event.data)).content_digest
    kept = await session.scalar(
        insert(FactRow)
        .values(
            digest=event.digest,
            content=content,
            source=event.source,
            event_id=event.id,
            type=event.type,
            topic=topic,
            subject=event.subject or "",
            key=key,
            recorded_at=at,
        )
        .on_conflict_do_nothing()
        .returning(FactRow.digest)
    )
    if kept is not None:
        return Seen.NEW
    known = await session.scalar(select(FactRow.content).where(FactRow.digest == event.digest))
    return Seen.REPEATED if known == content else Seen.CONTRADICTED


async def place(session: AsyncSession, event: CloudEvent, *, key: str) -> None:
    """Correct the key of a remembered fact once it is resolved."""
    await session.execute(update(FactRow).where(FactRow.digest == event.digest).values(key=key))


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
        )
        for row in rows
    }


def _canonical(data: bytes | None) -> bytes | None:
    # Spaces and the order of members differ between the modes of one and the same event.
    if data is None:
        return None
    return json.dumps(json.loads(data), sort_keys=True, separators=(",", ":")).encode()
