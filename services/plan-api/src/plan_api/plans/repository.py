"""Loads and saves plan versions, estimates and targets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Generic, TypeVar

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from plan_api.plans.model import Estimate, Point, Target
from plan_api.plans.tables import EstimateRow, PlanVersionRow, TargetRow
from shared_kit.events.definitions import PlanSnapshot

F = TypeVar("F", Estimate, Target)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """That a version was published, without its content."""

    plan: str
    version: int
    effective_on: date
    published_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Revised(Generic[F]):
    """A figure with its revision, and who stated it when."""

    figure: F
    revision: int
    at: datetime
    by: str


def digest_of(snapshot: PlanSnapshot) -> bytes:
    """What tells a changed plan file from the same one."""
    return blake2b(snapshot.model_dump_json().encode(), digest_size=16).digest()


class Plans:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def versions(self, plan: str) -> Sequence[Version]:
        """The versions of a plan, newest first."""
        rows = await self._session.execute(
            select(
                PlanVersionRow.plan,
                PlanVersionRow.version,
                PlanVersionRow.effective_on,
                PlanVersionRow.published_at,
            )
            .where(PlanVersionRow.plan == plan)
            .order_by(PlanVersionRow.version.desc())
        )
        return [
            Version(plan=row[0], version=row[1], effective_on=row[2], published_at=row[3])
            for row in rows
        ]

    async def latest(self) -> Sequence[PlanSnapshot]:
        """The newest version of every plan, by plan code."""
        rows = await self._session.scalars(
            select(PlanVersionRow)
            .ext(distinct_on(PlanVersionRow.plan))
            .order_by(PlanVersionRow.plan, PlanVersionRow.version.desc())
        )
        return [_to_snapshot(row) for row in rows]

    async def begun(self) -> dict[str, datetime]:
        """When the first version of each plan was published."""
        rows = await self._session.execute(
            select(PlanVersionRow.plan, func.min(PlanVersionRow.published_at)).group_by(
                PlanVersionRow.plan
            )
        )
        return {row[0]: row[1] for row in rows}

    async def snapshot(self, plan: str, version: int) -> PlanSnapshot | None:
        row = await self._session.get(PlanVersionRow, (plan, version))
        return None if row is None else _to_snapshot(row)

    async def digest(self, plan: str, version: int) -> bytes | None:
        return await self._session.scalar(
            select(PlanVersionRow.digest).where(
                PlanVersionRow.plan == plan, PlanVersionRow.version == version
            )
        )

    def add(self, snapshot: PlanSnapshot, *, at: datetime) -> None:
        self._session.add(
            PlanVersionRow(
                plan=snapshot.plan,
                version=snapshot.version,
                effective_on=snapshot.effective_on,
                digest=digest_of(snapshot),
                content=snapshot.model_dump_json(exclude_none=True),
                published_at=at,
            )
        )


class Figures:
    """Estimates and targets. Append-only; the caller holds the lock of (indicator, period)."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def estimates(
        self, indicator: str, period: str | None = None
    ) -> Sequence[Revised[Estimate]]:
        """All revisions, by period, oldest first."""
        statement = select(EstimateRow).where(EstimateRow.indicator == indicator)
        if period is not None:
            statement = statement.where(EstimateRow.period == period)
        rows = await self._session.scalars(
            statement.order_by(EstimateRow.period, EstimateRow.revision)
        )
        return [_to_estimate(row) for row in rows]

    async def latest_estimates(self, plan: str, period: str) -> Mapping[str, Estimate]:
        """The latest estimate of each indicator of a plan for a period, by the indicator's key."""
        rows = await self._session.scalars(
            select(EstimateRow)
            .where(EstimateRow.indicator.startswith(f"{plan}:", autoescape=True))
            .where(EstimateRow.period == period)
            .order_by(EstimateRow.revision)
        )
        return {row.indicator: _to_estimate(row).figure for row in rows}

    async def targets(self, indicator: str, period: str | None = None) -> Sequence[Revised[Target]]:
        """All revisions, by period, oldest first."""
        statement = select(TargetRow).where(TargetRow.indicator == indicator)
        if period is not None:
            statement = statement.where(TargetRow.period == period)
        rows = await self._session.scalars(statement.order_by(TargetRow.period, TargetRow.revision))
        return [_to_target(row) for row in rows]

    def add_estimate(self, revised: Revised[Estimate]) -> None:
        estimate = revised.figure
        points = estimate.points
        self._session.add(
            EstimateRow(
                indicator=estimate.indicator,
                period=estimate.period,
                revision=revised.revision,
                value=estimate.value,
                points=None
                if points is None
                else [{"on": point.on.isoformat(), "value": point.value} for point in points],
                reason=estimate.reason,
                stated_at=revised.at,
                stated_by=revised.by,
            )
        )

    def add_target(self, revised: Revised[Target]) -> None:
        target = revised.figure
        self._session.add(
            TargetRow(
                indicator=target.indicator,
                period=target.period,
                revision=revised.revision,
                low=target.low,
                high=target.high,
                reason=target.reason,
                set_at=revised.at,
                set_by=revised.by,
            )
        )


def _to_snapshot(row: PlanVersionRow) -> PlanSnapshot:
    return _read(row.content)


# Reading costs 2 ms, as much as all else that a small request does; a version never changes.
@lru_cache(maxsize=16)
def _read(content: str) -> PlanSnapshot:
    return PlanSnapshot.model_validate_json(content)


def _to_estimate(row: EstimateRow) -> Revised[Estimate]:
    points = row.points
    return Revised(
        figure=Estimate(
            indicator=row.indicator,
            period=row.period,
            value=row.value,
            points=None
            if points is None
            else tuple(
                Point(on=date.fromisoformat(point["on"]), value=point["value"]) for point in points
            ),
            reason=row.reason,
        ),
        revision=row.revision,
        at=row.stated_at,
        by=row.stated_by,
    )


def _to_target(row: TargetRow) -> Revised[Target]:
    return Revised(
        figure=Target(
            indicator=row.indicator,
            period=row.period,
            low=row.low,
            high=row.high,
            reason=row.reason,
        ),
        revision=row.revision,
        at=row.set_at,
        by=row.set_by,
    )
