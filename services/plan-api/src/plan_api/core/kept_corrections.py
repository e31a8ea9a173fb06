"""Keeps retractions and replacements by the fact that they name, which may come after them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from plan_api.core.tables import CorrectionRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A retraction or a replacement; `content` are its data, as JSON."""

    digest: bytes
    target: bytes
    retracts: bool
    said_at: datetime
    source: str
    id: str
    content: bytes

    @property
    def order(self) -> tuple[datetime, str, str]:
        """Wherever "latest" is said of facts it is the greatest of these (`domain.md`)."""
        return self.said_at, self.source, self.id


async def keep(session: AsyncSession, correction: Kept) -> None:
    """Keep it; safe to repeat."""
    await session.execute(
        insert(CorrectionRow)
        .values(
            digest=correction.digest,
            target=correction.target,
            retracts=correction.retracts,
            said_at=correction.said_at,
            source=correction.source,
            event_id=correction.id,
            content=correction.content,
        )
        .on_conflict_do_nothing()
    )


async def target_of(session: AsyncSession, correction: bytes) -> bytes | None:
    """The digest of the fact that a kept correction names."""
    return await session.scalar(
        select(CorrectionRow.target).where(CorrectionRow.digest == correction)
    )


async def standing_of(session: AsyncSession, fact: bytes) -> Sequence[Kept]:
    """The corrections of a fact that stand: none of their own retractions does."""
    below: dict[bytes, list[Kept]] = {}
    wanted = {fact}
    while wanted:
        found = await _of(session, wanted)
        below |= {target: [] for target in wanted}
        for one in found:
            below[one.target].append(one)
        wanted = {one.digest for one in found} - below.keys()
    stands: dict[bytes, bool] = {}
    # Deepest first: a level is found after the one that it corrects.
    for target in reversed(below):
        for one in below[target]:
            stands[one.digest] = not any(
                deeper.retracts and stands.get(deeper.digest, False)
                for deeper in below.get(one.digest, ())
            )
    return [one for one in below[fact] if stands[one.digest]]


async def _of(session: AsyncSession, targets: Iterable[bytes]) -> Sequence[Kept]:
    rows = await session.scalars(
        select(CorrectionRow).where(CorrectionRow.target.in_(list(targets)))
    )
    return [
        Kept(
            digest=row.digest,
            target=row.target,
            retracts=row.retracts,
            said_at=row.said_at,
            source=row.source,
            id=row.event_id,
            content=row.content,
        )
        for row in rows
    ]
