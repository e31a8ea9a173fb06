"""Use cases of spreadsheets that come in, and the loop that reads and applies them.

What an import does happens in one transaction with the note that it is applied: a process that is
killed leaves it waiting, with nothing done, and the next one begins anew.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from uuid_utils.compat import uuid7

from plan_api.core.errors import NotFoundError, RefusedError
from plan_api.exchange.files.incoming import Reader
from plan_api.exchange.model.findings import (
    Import,
    ImportState,
    LineRead,
    Mistake,
    UnreadableError,
)
from plan_api.exchange.repository import Imports
from plan_api.exchange.service.applying import LineRefusedError, apply
from plan_api.exchange.service.checking import look_at
from plan_api.exchange.service.codes import codes_for
from plan_api.exchange.service.foreseeing import foresee
from plan_api.exchange.service.guide import Guide
from plan_api.exchange.service.known import Known, load, references_of
from plan_api.exchange.service.lines import Entry, parse
from plan_api.exchange.service.previewing import Preview
from plan_api.plans.service import plan_in_force
from shared_kit.clock import Clock
from shared_kit.delivery.rows import Tables
from shared_kit.delivery.transaction import Transaction, transaction
from shared_kit.identity import Caller, Role

_LINES_A_TURN: Final = 250
_NOTED_EVERY: Final = 100
_ATTEMPTS: Final = 3
_PAUSE: Final = 2.0
_FAILURE: Final = {
    "en": "An error on our side: nothing of the file was applied. It is logged.",
    "fr": "Une erreur de notre côté : rien n’a été appliqué. Elle est consignée.",
}


class ImportNotFoundError(NotFoundError):
    """There is no such import."""

    def __init__(self) -> None:
        super().__init__("there is no such import", "il n’y a pas d’importation de ce nom")


class NotApplicableError(RefusedError):
    """The import is not ready, or something in it is wrong."""

    def __init__(self) -> None:
        super().__init__(
            "only what is read and without mistakes can be applied: mend the file, send it again",
            "seul un fichier lu et sans erreur s’applique : corrigez-le et renvoyez-le",
        )


async def receive(
    tx: Transaction, *, caller: Caller, now: datetime, plan: str, name: str, content: bytes
) -> Import:
    """Keep a file; it is read soon.

    Raises:
        PlanNotFoundError
    """
    await plan_in_force(tx.session, plan=plan, now=now)
    digest = sha256(content).hexdigest()
    one = Import(
        id=uuid7(),
        plan=plan,
        name=name,
        digest=digest,
        state=ImportState.READING,
        asked_by=_said_by(caller),
        attempts=0,
        rows_done=0,
        rows_total=None,
        preview=None,
        created_at=now,
        applied_at=None,
    )
    Imports(tx.session).add(one, content=content)
    tx.audit.add(
        actor=caller.subject, action="import.receive", key=str(one.id), detail={"digest": digest}
    )
    return one


async def ask_to_apply(tx: Transaction, *, caller: Caller, import_id: UUID) -> Import:
    """Have an import applied; repeating changes nothing.

    Raises:
        ImportNotFoundError, NotApplicableError
    """
    imports = Imports(tx.session)
    one = await imports.get(import_id, lock=True)
    if one is None:
        raise ImportNotFoundError
    if one.state in (ImportState.APPLYING, ImportState.APPLIED):
        return one
    if not one.can_be_applied:
        raise NotApplicableError
    await imports.change(
        import_id,
        state=ImportState.APPLYING.value,
        asked_by=_said_by(caller),
        attempts=0,
        rows_done=0,
        rows_total=one.lines,
    )
    tx.audit.add(actor=caller.subject, action="import.ask", key=str(import_id))
    return await find(tx.session, import_id)


async def find(session: AsyncSession, import_id: UUID) -> Import:
    """Find an import.

    Raises:
        ImportNotFoundError
    """
    one = await Imports(session).get(import_id)
    if one is None:
        raise ImportNotFoundError
    return one


@dataclass(slots=True, kw_only=True)
class Importer:
    """Reads and applies what waits, one file at a time; several may run."""

    sessions: async_sessionmaker[AsyncSession]
    tables: Tables
    business: Clock
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """Something waits: look at once."""
        self._woken.set()

    async def run(self) -> None:
        while True:
            self._woken.clear()
            while await self.step():
                pass
            with suppress(TimeoutError):
                async with asyncio.timeout(_PAUSE):
                    await self._woken.wait()

    async def step(self) -> bool:
        """Do the next thing that waits; False where nothing does, or others are at it."""
        async with self.sessions() as session:
            waiting = await Imports(session).waiting()
        for import_id in waiting:
            try:
                if await self._work(import_id):
                    return True
            except LineRefusedError as error:
                # Its transaction is gone, with all that was done before the line.
                await self._refuse(import_id, error.mistakes)
                return True
        return False

    async def _work(self, import_id: UUID) -> bool:
        async with transaction(
            self.sessions, self.tables, clock=self.business, edge="plan-api"
        ) as tx:
            imports = Imports(tx.session)
            if not await imports.try_lock(import_id):
                return False
            one = await imports.get(import_id)
            if one is None or not one.is_busy:
                return False
            if one.attempts >= _ATTEMPTS:
                await imports.change(
                    import_id,
                    state=ImportState.UNREADABLE.value,
                    preview={**(one.preview or {}), "failure": _FAILURE},
                )
                return True
            await self._note(import_id, attempts=one.attempts + 1, rows_done=0)
            content = await imports.content(import_id)
            if one.state is ImportState.READING:
                await imports.change(import_id, **await self._read(tx.session, one, content))
            else:
                await self._apply(tx, one, content)
                await imports.change(
                    import_id,
                    state=ImportState.APPLIED.value,
                    applied_at=self.business.now(),
                    rows_done=one.lines,
                )
            return True

    async def _read(
        self, session: AsyncSession, one: Import, content: bytes
    ) -> Mapping[str, object]:
        """Read and check a file in a thread, some lines at a time."""
        now = self.business.now()
        plan = await plan_in_force(session, plan=one.plan, now=now)
        known = await load(session, plan=plan, caller=_caller(one.asked_by), now=now)
        found = Preview()
        try:
            reader = await asyncio.to_thread(Reader, content)
        except UnreadableError as error:
            return _unreadable(error)
        try:
            while lines := await asyncio.to_thread(reader.take, _LINES_A_TURN):
                await self._check(session, lines, known=known, found=found)
                await self._note(
                    one.id, rows_done=found.lines, rows_total=max(reader.total, found.lines)
                )
        except UnreadableError as error:
            return _unreadable(error)
        finally:
            reader.close()
        if not found.mistake_count:
            # Of what is broken, nobody knows what it will count in.
            found.shortfalls = await asyncio.to_thread(foresee, known, years=sorted(found.years))
        return {
            "state": ImportState.READY.value,
            "preview": found.as_json(),
            "rows_done": found.lines,
            "rows_total": found.lines,
        }

    async def _check(
        self, session: AsyncSession, lines: Sequence[LineRead], *, known: Known, found: Preview
    ) -> None:
        parsed = await asyncio.to_thread(parse, lines, guide=known.guide)
        entries = [one.entry for one in parsed if one.entry is not None]
        references = await references_of(session, entries, known=known)
        for one in await asyncio.to_thread(look_at, parsed, known=known, references=references):
            found.add(one)

    async def _apply(self, tx: Transaction, one: Import, content: bytes) -> None:
        caller, now = _caller(one.asked_by), self.business.now()
        plan = await plan_in_force(tx.session, plan=one.plan, now=now)
        guide = Guide(plan=plan, codes=await codes_for(tx.session, plan=plan))
        entries = await asyncio.to_thread(_entries, content, guide)
        noted = 0

        async def progress(done: int) -> None:
            nonlocal noted
            if done - noted >= _NOTED_EVERY:
                noted = done
                await self._note(one.id, rows_done=done)

        await apply(
            tx,
            entries,
            plan=plan,
            caller=caller,
            now=now,
            own_source=self.tables.source,
            progress=progress,
        )
        tx.audit.add(
            actor=caller.subject,
            action="import.apply",
            key=str(one.id),
            detail={"digest": one.digest, "lines": len(entries)},
        )

    async def _refuse(self, import_id: UUID, mistakes: Sequence[Mistake]) -> None:
        async with transaction(self.sessions, self.tables, clock=self.business) as tx:
            imports = Imports(tx.session)
            one = await imports.get(import_id, lock=True)
            if one is None or one.state is not ImportState.APPLYING:
                return
            preview = {
                **(one.preview or {}),
                "mistake_count": len(mistakes),
                "mistakes": [asdict(mistake) for mistake in mistakes],
            }
            await imports.change(
                import_id, state=ImportState.READY.value, preview=preview, rows_done=0
            )

    async def _note(self, import_id: UUID, **values: object) -> None:
        """Say how far it is, in a transaction of its own: others are to see it."""
        async with transaction(self.sessions, self.tables, clock=self.business) as tx:
            await Imports(tx.session).change(import_id, **values)


def _entries(content: bytes, guide: Guide) -> Sequence[Entry]:
    reader = Reader(content)
    try:
        found: list[Entry] = []
        while lines := reader.take(_LINES_A_TURN):
            for one in parse(lines, guide=guide):
                if one.mistakes or one.entry is None:
                    raise LineRefusedError(one.mistakes)
                found.append(one.entry)
        return found
    finally:
        reader.close()


def _unreadable(error: UnreadableError) -> Mapping[str, object]:
    return {
        "state": ImportState.UNREADABLE.value,
        "preview": {"failure": {"en": error.en, "fr": error.fr}},
    }


def _said_by(caller: Caller) -> Mapping[str, Any]:
    return {
        "subject": caller.subject, "role": caller.role.value, "scopes": sorted(caller.scopes)
    }  # fmt: skip


def _caller(said: Mapping[str, Any]) -> Caller:
    return Caller(
        subject=said["subject"], role=Role(said["role"]), scopes=frozenset(said["scopes"])
    )
