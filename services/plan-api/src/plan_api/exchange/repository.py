"""Keeps uploaded spreadsheets, how far each is and what was found in it, and plan files."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from plan_api.exchange.model.findings import BUSY, Import, ImportState
from plan_api.exchange.model.plan_files import KeptFile
from plan_api.exchange.tables import ImportRow, PlanFileRow

_BUSY = [state.value for state in BUSY]
_QUOTED = ", ".join(map(repr, _BUSY))
WAITING = f"SELECT count(*) FROM {ImportRow.__tablename__} WHERE state IN ({_QUOTED})"  # noqa: S608 - our own names


class Imports:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, one: Import, *, content: bytes) -> None:
        self._session.add(
            ImportRow(
                id=one.id,
                plan=one.plan,
                name=one.name,
                digest=bytes.fromhex(one.digest),
                content=content,
                state=one.state.value,
                asked_by=dict(one.asked_by),
                attempts=0,
                rows_done=0,
                rows_total=None,
                preview=None,
                created_at=one.created_at,
                applied_at=None,
            )
        )

    async def get(self, import_id: UUID, *, lock: bool = False) -> Import | None:
        statement = (
            select(ImportRow).where(ImportRow.id == import_id).options(defer(ImportRow.content))
        )
        row = await self._session.scalar(
            statement.with_for_update() if lock else statement,
            execution_options={"populate_existing": True},
        )
        return None if row is None else _to_import(row)

    async def content(self, import_id: UUID) -> bytes:
        found = await self._session.scalar(
            select(ImportRow.content).where(ImportRow.id == import_id)
        )
        return found or b""

    async def latest(self, count: int) -> Sequence[Import]:
        rows = await self._session.scalars(
            select(ImportRow)
            .options(defer(ImportRow.content))
            .order_by(ImportRow.created_at.desc(), ImportRow.id)
            .limit(count)
        )
        return [_to_import(row) for row in rows]

    async def waiting(self) -> Sequence[UUID]:
        """Those with something to do, the oldest first."""
        rows = await self._session.scalars(
            select(ImportRow.id).where(ImportRow.state.in_(_BUSY)).order_by(ImportRow.created_at)
        )
        return list(rows)

    async def change(self, import_id: UUID, **values: object) -> None:
        await self._session.execute(
            update(ImportRow)
            .where(ImportRow.id == import_id)
            .values(**values)
            .execution_options(synchronize_session=False)
        )

    async def try_lock(self, import_id: UUID) -> bool:
        """Take the work on an import for this transaction; False where somebody else has it."""
        number = int.from_bytes(import_id.bytes[-8:], "big", signed=True)
        return bool(
            await self._session.scalar(
                text("SELECT pg_try_advisory_xact_lock(:number)"), {"number": number}
            )
        )


class PlanFiles:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, one: KeptFile, *, content: bytes) -> None:
        self._session.add(
            PlanFileRow(id=one.id, name=one.name, content=content, created_at=one.created_at)
        )

    async def get(self, file_id: UUID) -> tuple[KeptFile, bytes] | None:
        row = await self._session.get(PlanFileRow, file_id)
        return None if row is None else (_to_file(row), row.content)

    async def latest(self, count: int) -> Sequence[KeptFile]:
        rows = await self._session.scalars(
            select(PlanFileRow)
            .options(defer(PlanFileRow.content))
            .order_by(PlanFileRow.created_at.desc(), PlanFileRow.id.desc())
            .limit(count)
        )
        return [_to_file(row) for row in rows]


def _to_file(row: PlanFileRow) -> KeptFile:
    return KeptFile(id=row.id, name=row.name, created_at=row.created_at)


def _to_import(row: ImportRow) -> Import:
    return Import(
        id=row.id,
        plan=row.plan,
        name=row.name,
        digest=row.digest.hex(),
        state=ImportState(row.state),
        asked_by=row.asked_by,
        attempts=row.attempts,
        rows_done=row.rows_done,
        rows_total=row.rows_total,
        preview=row.preview,
        created_at=row.created_at,
        applied_at=row.applied_at,
    )
