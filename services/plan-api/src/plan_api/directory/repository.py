"""Loads and saves directory entries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from plan_api.core.errors import ChangedMeanwhileError
from plan_api.core.history import keep
from plan_api.directory.tables import EntryRow

Content = Mapping[str, Any]


class Kind(StrEnum):
    """What the directory holds."""

    UNIT = "unit"
    MEMBER = "member"
    INSTRUMENT = "instrument"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A unit, Member or instrument: code, revision, and the fields of its event."""

    kind: Kind
    code: str
    revision: int
    content: Content


class Directory:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        # The session's identity map is weak. Holding the row keeps the revision it was
        # read at, which is what turns a concurrent change into an error.
        self._rows: dict[tuple[Kind, str], EntryRow] = {}

    async def add(self, entry: Entry) -> bool:
        """Insert an entry; False where the code is taken."""
        kept = await self._session.scalar(
            insert(EntryRow)
            .values(
                kind=entry.kind,
                code=entry.code,
                revision=entry.revision,
                content=dict(entry.content),
            )
            .on_conflict_do_nothing()
            .returning(EntryRow.code)
        )
        if kept is not None:
            await keep(self._session, "directory_entry", [f"{entry.kind} {entry.code}"])
        return kept is not None

    async def get(self, kind: Kind, code: str) -> Entry | None:
        row = await self._session.get(EntryRow, (kind.value, code))
        if row is None:
            return None
        self._rows[kind, code] = row
        return to_entry(row)

    async def save(self, entry: Entry) -> Entry:
        """Write the content of an entry that was read before; return it with its new revision.

        Raises:
            ChangedMeanwhileError: somebody else changed it since.
        """
        row = self._rows[entry.kind, entry.code]
        row.content = dict(entry.content)
        try:
            await self._session.flush()
        except StaleDataError as error:
            raise ChangedMeanwhileError(entry.code) from error
        await keep(self._session, "directory_entry", [f"{entry.kind} {entry.code}"])
        return to_entry(row)

    async def known(self, kind: Kind, codes: Iterable[str]) -> frozenset[str]:
        """Which of the codes exist."""
        wanted = list(set(codes))
        if not wanted:
            return frozenset()
        found = await self._session.scalars(
            select(EntryRow.code).where(EntryRow.kind == kind.value, EntryRow.code.in_(wanted))
        )
        return frozenset(found)

    async def read(self, statement: Select[EntryRow]) -> Sequence[Entry]:
        return [to_entry(row) for row in await self._session.scalars(statement)]


def listing(kind: Kind, *, having: Content) -> Select[EntryRow]:
    """The entries of a kind whose content contains the given fields."""
    statement = select(EntryRow).where(EntryRow.kind == kind.value)
    return statement.where(EntryRow.content.contains(dict(having))) if having else statement


def to_entry(row: EntryRow) -> Entry:
    return Entry(
        kind=Kind(row.kind), code=row.code, revision=row.revision, content=dict(row.content)
    )
