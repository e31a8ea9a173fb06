"""The Deliverables that the notifier follows, what was reminded of, and the days looked through."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from notifier.adapters.tables import DeliverableRow, ReminderDayRow, ReminderRow
from notifier.domain.deliverable import Deliverable, Standing
from notifier.domain.reminder import Reminded

_CHUNK = 1000
_CHANGING = (
    "title",
    "title_fr",
    "unit",
    "due",
    "moved_to",
    "current_due",
    "milestone",
    "synthetic",
)
_STATE = ("cancelled", "open", "standings")


class SqlDeliverables:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def known(self, keys: Collection[str]) -> Mapping[str, Deliverable]:
        rows = await self._session.scalars(
            select(DeliverableRow)
            .where(DeliverableRow.key.in_(sorted(keys)))
            .order_by(DeliverableRow.key)
            .with_for_update()
        )
        return {row.key: _read(row) for row in rows}

    async def keep(self, deliverables: Sequence[Deliverable]) -> None:
        ordered = sorted(deliverables, key=lambda one: one.key)
        for begin in range(0, len(ordered), _CHUNK):
            new = insert(DeliverableRow).values(
                [_row(one) for one in ordered[begin : begin + _CHUNK]]
            )
            await self._session.execute(
                new.on_conflict_do_update(
                    index_elements=[DeliverableRow.key],
                    set_={name: new.excluded[name] for name in (*_CHANGING, *_STATE)},
                )
            )

    async def due_between(self, plan: str, *, first: date, last: date) -> Sequence[Deliverable]:
        reminded = select(ReminderRow.deliverable).where(
            ReminderRow.deliverable == DeliverableRow.key,
            ReminderRow.due == DeliverableRow.current_due,
        )
        rows = await self._session.scalars(
            select(DeliverableRow).where(
                DeliverableRow.plan == plan,
                DeliverableRow.open,
                DeliverableRow.current_due.between(first, last),
                ~reminded.exists(),
            )
        )
        return [_read(row) for row in rows]

    async def any_synthetic(self, plan: str) -> bool:
        found = select(DeliverableRow.key).where(
            DeliverableRow.plan == plan, DeliverableRow.synthetic
        )
        return bool(await self._session.scalar(select(found.exists())))

    async def note_reminded(self, items: Iterable[Reminded], *, item: UUID) -> None:
        self._session.add_all(
            ReminderRow(deliverable=one.key, due=one.due, inbox_item_id=item) for one in items
        )


class SqlReminderDays:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def opened(self, *, lock: bool) -> Mapping[str, date]:
        statement = select(ReminderDayRow).order_by(ReminderDayRow.plan)
        rows = await self._session.scalars(statement.with_for_update() if lock else statement)
        return {row.plan: row.day for row in rows}

    async def begin(self, *, plan: str, day: date) -> None:
        await self._session.execute(
            insert(ReminderDayRow).values(plan=plan, day=day).on_conflict_do_nothing()
        )

    async def open(self, *, plan: str, day: date) -> None:
        row = await self._session.get(ReminderDayRow, plan)
        if row is not None:
            row.day = day


def _row(one: Deliverable) -> dict[str, Any]:
    return {
        "key": one.key,
        "plan": one.plan,
        "title": one.title,
        "title_fr": one.title_fr,
        "unit": one.unit,
        "due": one.due,
        "moved_to": one.moved_to,
        "current_due": one.current_due,
        "milestone": one.milestone,
        "cancelled": one.cancelled,
        "synthetic": one.synthetic,
        "open": one.is_open,
        "standings": [
            {"fact": s.fact, "on": s.on.isoformat(), "done": s.done, "gone": s.gone}
            for s in one.standings
        ],
    }


def _read(row: DeliverableRow) -> Deliverable:
    return Deliverable(
        key=row.key,
        plan=row.plan,
        title=row.title,
        title_fr=row.title_fr,
        unit=row.unit,
        due=row.due,
        moved_to=row.moved_to,
        milestone=row.milestone,
        cancelled=row.cancelled,
        synthetic=row.synthetic,
        standings=tuple(
            Standing(
                fact=one["fact"],
                on=date.fromisoformat(one["on"]),
                done=one["done"],
                gone=one["gone"],
            )
            for one in row.standings
        ),
    )
