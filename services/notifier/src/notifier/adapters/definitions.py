"""What the notifier knows of plans, units and rules: its own copy, made from events."""

import json
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache

from sqlalchemy import Text, cast, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from notifier.adapters.tables import PlanRow, RuleRow, UnitRow
from notifier.adapters.wire import rule_of
from notifier.domain.reminder import PlanDays
from notifier.domain.rule import DEVIATION, Rule
from notifier.domain.subject import Both, Subject, Unit
from shared_kit.events.base import plan_of
from shared_kit.events.definitions import REMINDER_DAYS, Cycle, Indicator, PlanSnapshot, Said
from shared_kit.events.plans import UnitRegistered

_LOCK = 0x6E6F7469  # "noti": samples take it shared, a plan takes it alone

_AS_TEXT = cast(PlanRow.snapshot, Text)


@lru_cache(maxsize=32)
def _snapshot(raw: str) -> PlanSnapshot:
    """A plan as it lies in its row. Reading it again for each request took most of an alert's."""
    return PlanSnapshot.model_validate_json(raw)


@lru_cache(maxsize=32)
def plan_days(code: str, cycle: str, reminder_days: int | None) -> PlanDays:
    """A plan's business days as they lie in its snapshot, the cycle as JSON."""
    return PlanDays(
        plan=code,
        calendar=Cycle.model_validate_json(cycle).calendar(),
        # A plan that was kept before this field existed has the default.
        reminder_days=REMINDER_DAYS if reminder_days is None else reminder_days,
    )


class SqlDefinitions:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def lock(self, *, exclusive: bool) -> None:
        how = "pg_advisory_xact_lock" if exclusive else "pg_advisory_xact_lock_shared"
        await self._session.execute(text(f"SELECT {how}({_LOCK})"))

    async def keep_plan(self, snapshot: PlanSnapshot) -> None:
        new = insert(PlanRow).values(
            code=snapshot.plan,
            version=snapshot.version,
            snapshot=json.loads(snapshot.model_dump_json()),
        )
        await self._session.execute(
            new.on_conflict_do_update(
                index_elements=[PlanRow.code],
                set_={"version": new.excluded.version, "snapshot": new.excluded.snapshot},
                where=PlanRow.version <= new.excluded.version,
            )
        )

    async def plan(self, code: str) -> PlanSnapshot | None:
        raw = await self._session.scalar(select(_AS_TEXT).where(PlanRow.code == code))
        return None if raw is None else _snapshot(raw)

    async def keep_unit(self, unit: UnitRegistered) -> None:
        new = insert(UnitRow).values(
            code=unit.code,
            revision=unit.revision,
            title_en=unit.title.en,
            title_fr=unit.title.fr,
            language=unit.language,
            mailbox=unit.mailbox,
        )
        columns = ("revision", "title_en", "title_fr", "language", "mailbox")
        await self._session.execute(
            new.on_conflict_do_update(
                index_elements=[UnitRow.code],
                set_={name: new.excluded[name] for name in columns},
                where=UnitRow.revision <= new.excluded.revision,
            )
        )

    async def subjects(self, indicators: Collection[str]) -> Mapping[str, Subject]:
        return {
            f"{snapshot.plan}:{indicator.code}": subject_of(snapshot, indicator)
            for snapshot in await self._snapshots(indicators)
            for indicator in snapshot.indicators
            if f"{snapshot.plan}:{indicator.code}" in indicators
        }

    async def names(self, indicators: Collection[str]) -> Mapping[str, Subject]:
        found = dict(await self.subjects(indicators))
        for snapshot in await self._snapshots(indicators):
            for key in indicators:
                if plan_of(key) == snapshot.plan and key not in found:
                    found[key] = _by_its_code(snapshot, key)
        return found

    async def _snapshots(self, indicators: Collection[str]) -> Sequence[PlanSnapshot]:
        plans = sorted({plan_of(key) for key in indicators})
        rows = await self._session.scalars(
            select(_AS_TEXT).where(PlanRow.code.in_(plans)).order_by(PlanRow.code)
        )
        return [_snapshot(raw) for raw in rows]

    async def units(self, codes: Collection[str]) -> Mapping[str, Unit]:
        if not codes:
            return {}
        rows = await self._session.scalars(select(UnitRow).where(UnitRow.code.in_(sorted(codes))))
        return {
            row.code: Unit(
                code=row.code,
                title=Both(en=row.title_en, fr=row.title_fr),
                language=row.language,
                mailbox=row.mailbox,
            )
            for row in rows
        }

    async def rule(self) -> Rule:
        newest = (
            select(func.max(RuleRow.version)).where(RuleRow.id == DEVIATION.id).scalar_subquery()
        )
        row = (
            await self._session.scalars(
                select(RuleRow).where(RuleRow.id == DEVIATION.id, RuleRow.version == newest)
            )
        ).one()
        return rule_of(row.id, row.version, row.definition)

    async def days(self) -> Sequence[PlanDays]:
        rows = await self._session.execute(
            select(
                PlanRow.code, PlanRow.snapshot["cycle"], PlanRow.snapshot["reminder_days"]
            ).order_by(PlanRow.code)
        )
        return [plan_days(code, json.dumps(cycle), days) for code, cycle, days in rows]


def subject_of(snapshot: PlanSnapshot, indicator: Indicator) -> Subject:
    """An indicator's names, from the plan's own words.

    `short` may hold a name and what is counted, "name: what is counted"; without a name the
    objective's title heads the message.
    """
    titles = {objective.code: objective.title for objective in snapshot.objectives}
    title = titles.get(indicator.objective, indicator.title)
    name_en, counted_en = _parts(indicator.short.en, title.en)
    name_fr, counted_fr = _parts(indicator.short.fr, title.fr)
    return Subject(
        indicator=f"{snapshot.plan}:{indicator.code}",
        plan=snapshot.plan,
        code=indicator.code,
        name=Both(en=name_en, fr=name_fr),
        title=_both(title),
        counted=Both(en=counted_en, fr=counted_fr),
        grace_days=indicator.grace_days,
        unit=None if indicator.unit is None else _both(indicator.unit),
        direction=None if indicator.path is None else indicator.path.direction,
        calendar=snapshot.calendar(),
    )


def _by_its_code(snapshot: PlanSnapshot, key: str) -> Subject:
    code = key.partition(":")[2]
    bare = Both(en=code, fr=code)
    return Subject(
        indicator=key,
        plan=snapshot.plan,
        code=code,
        name=bare,
        title=bare,
        counted=Both(en="no longer in the plan", fr="ne figure plus au plan"),
        grace_days=0,
        calendar=snapshot.calendar(),
    )


def _parts(short: str, title: str) -> tuple[str, str]:
    name, colon, counted = short.partition(":")
    if colon:
        return name.strip(), counted.strip()
    return title, short


def _both(said: Said) -> Both:
    return Both(en=said.en, fr=said.fr)
