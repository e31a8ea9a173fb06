"""Loads and saves Actions, Deliverables and adoptions, one by one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from hashlib import blake2b

from sqlalchemy import Select, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from plan_api.core.errors import ChangedMeanwhileError
from plan_api.core.history import keep
from plan_api.implementation.model import (
    Action,
    Deliverable,
    DeliverableDraft,
    FactId,
)
from plan_api.implementation.repository.rows import (
    action_values,
    deliverable_values,
    in_year,
    to_action,
    to_deliverable,
)
from plan_api.implementation.tables import (
    ActionRow,
    AdoptedItemRow,
    AdoptionRow,
    CarriedOverRow,
    DeliverableRow,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """One revision of a yearly Implementation Plan."""

    plan: str
    period: str
    revision: int
    adopted_on: date
    adopted_at: datetime
    adopted_by: str


def digest_of(draft: DeliverableDraft) -> bytes:
    """What tells a repeated request from another one under the same key."""
    said = repr([(one.name, getattr(draft, one.name)) for one in fields(draft)])
    return blake2b(said.encode(), digest_size=16).digest()


class Actions:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        # The session's identity map is weak. Holding the row keeps the version it was
        # read at, which is what turns a concurrent change into an error.
        self._rows: dict[str, ActionRow] = {}

    async def get(self, key: str, *, lock: bool = False) -> Action | None:
        """Find an Action; locked, nobody else plans into it or completes it meanwhile."""
        statement = select(ActionRow).where(ActionRow.key == key)
        row = await self._session.scalar(statement.with_for_update() if lock else statement)
        if row is None:
            return None
        self._rows[key] = row
        return to_action(row)

    async def add(self, action: Action) -> bool:
        """Insert an Action; False where the key is taken."""
        kept = await self._session.scalar(
            upsert(ActionRow)
            .values(**action_values(action))
            .on_conflict_do_nothing()
            .returning(ActionRow.key)
        )
        if kept is not None:
            await keep(self._session, "action", [kept])
        return kept is not None

    async def save(self, action: Action) -> Action:
        """Write what verbs change; return the Action with its new version.

        Raises:
            ChangedMeanwhileError
        """
        row = self._rows[action.key]
        row.state = action.state.value
        row.started_on = action.started_on
        row.completed_on = action.completed_on
        row.cancelled_on = action.cancelled_on
        await _flush(self._session, action.key)
        await keep(self._session, "action", [action.key])
        return replace(action, version=row.version)

    async def of_period_locked(self, plan: str, period: str) -> Sequence[Action]:
        """The Actions of a year, locked: nobody plans a Deliverable into one meanwhile."""
        rows = await self._session.scalars(
            select(ActionRow)
            .where(ActionRow.plan == plan, ActionRow.period == period)
            .order_by(ActionRow.key)
            .with_for_update()
        )
        return [to_action(row) for row in rows]

    async def read(self, statement: Select[ActionRow]) -> Sequence[Action]:
        return [to_action(row) for row in await self._session.scalars(statement)]


class Deliverables:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._rows: dict[str, DeliverableRow] = {}  # held for their versions, as above

    async def get(self, key: str) -> Deliverable | None:
        row = await self._session.scalar(select(DeliverableRow).where(DeliverableRow.key == key))
        if row is None:
            return None
        self._rows[key] = row
        return to_deliverable(row)

    async def stated(self, key: str) -> bytes | None:
        """The digest of the request that planned it."""
        return await self._session.scalar(
            select(DeliverableRow.stated).where(DeliverableRow.key == key)
        )

    async def add(self, deliverable: Deliverable, *, stated: bytes | None) -> bool:
        """Insert a planned Deliverable; False where the key is taken."""
        kept = await self._session.scalar(
            upsert(DeliverableRow)
            .values(**deliverable_values(deliverable, stated=stated))
            .on_conflict_do_nothing()
            .returning(DeliverableRow.key)
        )
        if kept is not None:
            await keep(self._session, "deliverable", [kept])
        return kept is not None

    async def save(self, deliverable: Deliverable) -> Deliverable:
        """Write what verbs change; return the Deliverable with its new version.

        Raises:
            ChangedMeanwhileError
        """
        row = self._rows[deliverable.key]
        row.state = deliverable.state.value
        row.stage = None if deliverable.stage is None else deliverable.stage.value
        row.released_on = deliverable.released_on
        row.body = deliverable.body
        row.evidence = deliverable.evidence
        row.share = deliverable.share
        row.reached_on = deliverable.reached_on
        row.new_due = deliverable.new_due
        row.approved_by = deliverable.approved_by
        row.current_due = deliverable.current_due
        row.cancelled_on = deliverable.cancelled_on
        row.carried_to = deliverable.carried_to
        if deliverable.fact is None:
            row.fact_source = row.fact_id = None
        await _flush(self._session, deliverable.key)
        await keep(self._session, "deliverable", [deliverable.key])
        return replace(deliverable, version=row.version)

    async def note_fact(self, key: str, fact: FactId) -> None:
        """Note the fact that a release or a level stands on. No change, so no new version."""
        await self._session.execute(
            update(DeliverableRow)
            .where(DeliverableRow.key == key)
            .values(fact_source=fact.source, fact_id=fact.id)
            .execution_options(synchronize_session="evaluate")
        )

    async def lock(self, keys: Iterable[str]) -> None:
        """Hold those that are there until the end, taken in the order of their keys."""
        await self._session.execute(
            select(DeliverableRow.key)
            .where(DeliverableRow.key.in_(list(keys)))
            .order_by(DeliverableRow.key)
            .with_for_update()
        )

    async def of_action(self, action: str) -> Sequence[Deliverable]:
        return await self.read(
            select(DeliverableRow)
            .where(DeliverableRow.action == action)
            .order_by(DeliverableRow.key)
        )

    async def listed_of(self, plan: str, period: str) -> Sequence[Deliverable]:
        return await self.read(
            select(DeliverableRow)
            .where(
                DeliverableRow.plan == plan,
                in_year(period),
                DeliverableRow.listed,
            )
            .order_by(DeliverableRow.key)
        )

    async def carry_over(self, key: str, *, period: str, due: date | None) -> None:
        """List a Deliverable in a later year too."""
        await self._session.execute(
            insert(CarriedOverRow).values(deliverable=key, period=period, due=due)
        )
        await keep(self._session, "carried_over", [f"{key} {period}"])

    async def carried_into(self, period: str, keys: Iterable[str]) -> dict[str, date | None]:
        """The dates with which Deliverables were carried over into a year."""
        rows = await self._session.execute(
            select(CarriedOverRow.deliverable, CarriedOverRow.due).where(
                CarriedOverRow.period == period, CarriedOverRow.deliverable.in_(list(keys))
            )
        )
        return {row[0]: row[1] for row in rows}

    async def actions_with_any(self, plan: str, period: str) -> frozenset[str]:
        """The Actions of a period that have a Deliverable."""
        found = await self._session.scalars(
            select(DeliverableRow.action)
            .join(ActionRow, ActionRow.key == DeliverableRow.action)
            .where(ActionRow.plan == plan, ActionRow.period == period)
            .distinct()
        )
        return frozenset(key for key in found if key is not None)

    async def read(self, statement: Select[DeliverableRow]) -> Sequence[Deliverable]:
        found = []
        for row in await self._session.scalars(statement):
            self._rows[row.key] = row
            found.append(to_deliverable(row))
        return found


class Adoptions:
    """Append-only; the caller holds the lock of (plan, period)."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def latest(self, plan: str, period: str) -> Adoption | None:
        row = await self._session.scalar(
            select(AdoptionRow)
            .where(AdoptionRow.plan == plan, AdoptionRow.period == period)
            .order_by(AdoptionRow.revision.desc())
            .limit(1)
        )
        if row is None:
            return None
        return Adoption(
            plan=row.plan,
            period=row.period,
            revision=row.revision,
            adopted_on=row.adopted_on,
            adopted_at=row.adopted_at,
            adopted_by=row.adopted_by,
        )

    async def fixed_dates(
        self, deliverables: Iterable[str], *, period: str
    ) -> dict[str, date | None]:
        """The dates that a year's adoptions fixed, of those that it adopted."""
        rows = await self._session.execute(
            select(AdoptedItemRow.deliverable, AdoptedItemRow.due).where(
                AdoptedItemRow.period == period,
                AdoptedItemRow.deliverable.in_(list(deliverables)),
            )
        )
        return {row[0]: row[1] for row in rows}

    async def add(self, adoption: Adoption, *, items: Sequence[tuple[str, date | None]]) -> None:
        """Keep a revision and what it adds, with the dates that it fixes."""
        self._session.add(
            AdoptionRow(
                plan=adoption.plan,
                period=adoption.period,
                revision=adoption.revision,
                adopted_on=adoption.adopted_on,
                adopted_at=adoption.adopted_at,
                adopted_by=adoption.adopted_by,
            )
        )
        if items:
            await self._session.execute(
                insert(AdoptedItemRow),
                [
                    {
                        "deliverable": key,
                        "plan": adoption.plan,
                        "period": adoption.period,
                        "revision": adoption.revision,
                        "due": due,
                    }
                    for key, due in items
                ],
            )


async def _flush(session: AsyncSession, key: str) -> None:
    try:
        await session.flush()
    except StaleDataError as error:
        raise ChangedMeanwhileError(key) from error
