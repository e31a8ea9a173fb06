"""Idempotency-Key: a request that is sent again is answered again and done once."""

import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from plan_api.core.errors import KeyReusedError
from plan_api.core.tables import AnswerRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer as it goes out: status, JSON body, the headers that belong to it."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def request_digest(*, method: str, path: str, body: bytes) -> bytes:
    """What makes two requests the same: method, path and the JSON that was sent."""
    with suppress(ValueError, RecursionError):  # compared byte by byte then
        body = json.dumps(json.loads(body), sort_keys=True).encode()
    return blake2b(f"{method}\n{path}\n".encode() + body, digest_size=16).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """Answers a request under its key. Without a key it is simply done."""

    session: AsyncSession
    actor: str
    key: str | None
    request: bytes
    now: datetime

    async def run(self, work: Callable[[], Awaitable[Answer]]) -> Answer:
        """Do the work, or give the answer that the same request got before.

        The key is taken in the transaction of the work: of many at once one works, the others
        wait for its commit and get its answer. What failed keeps no key.

        Raises:
            KeyReusedError: the key stands for another request.
        """
        if self.key is None:
            return await work()
        if not await self._take():
            return await self._stored()
        answer = await work()
        await self.session.execute(
            update(AnswerRow)
            .where(AnswerRow.actor == self.actor, AnswerRow.key == self.key)
            .values(status=answer.status, headers=dict(answer.headers), body=answer.body)
        )
        return answer

    async def _take(self) -> bool:
        taken = await self.session.scalar(
            insert(AnswerRow)
            .values(actor=self.actor, key=self.key, request=self.request, created_at=self.now)
            .on_conflict_do_nothing()
            .returning(AnswerRow.key)
        )
        return taken is not None

    async def _stored(self) -> Answer:
        row = await self.session.scalar(
            select(AnswerRow).where(AnswerRow.actor == self.actor, AnswerRow.key == self.key)
        )
        if row is None or row.request != self.request:
            raise KeyReusedError
        return Answer(status=row.status or 200, body=row.body or b"", headers=row.headers or {})
