"""The episodes and their timelines: loaded under a lock, saved as what the domain returned."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from sqlalchemy import ARRAY, Select, Text, cast, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from notifier.adapters.differences import difference_of, packed
from notifier.adapters.tables import EpisodeRow, TransitionRow
from notifier.domain.episode import (
    Acknowledgement,
    Change,
    CloseReason,
    Condition,
    Episode,
    Handling,
    Transition,
)
from notifier.domain.rule import RECONCILIATION, Basis, Level
from notifier.domain.sample import Terms
from notifier.ports.stores import Shown, Watched

_KEY = tuple_(EpisodeRow.indicator, EpisodeRow.period)
_IN_DOUBT = EpisodeRow.rule == RECONCILIATION
_SCALE = 1_000_000_000


def _rows(keys: Collection[Watched]) -> Select[tuple[str, str]]:
    """The keys as rows of two arrays: each business day brings all indicators at once."""
    indicators, periods = zip(*sorted(keys), strict=True) if keys else ((), ())
    return select(
        func.unnest(cast(list(indicators), ARRAY(Text))),
        func.unnest(cast(list(periods), ARRAY(Text))),
    )


class SqlEpisodes:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        # The session's identity map is weak: without these a row would be read again to be saved.
        self._rows: dict[UUID, EpisodeRow] = {}

    async def open(
        self, keys: Collection[Watched], *, in_doubt: bool = False
    ) -> Mapping[Watched, Episode]:
        kind = _IN_DOUBT if in_doubt else ~_IN_DOUBT
        rows = await self._session.scalars(
            select(EpisodeRow)
            .where(_KEY.in_(_rows(keys)), EpisodeRow.condition != Condition.CLOSED.value, kind)
            .order_by(EpisodeRow.id)  # two transactions lock in the same order
            .with_for_update()
        )
        return {(row.indicator, row.period): self._take(row) for row in rows}

    async def ended(self, keys: Collection[Watched]) -> Collection[Watched]:
        rows = await self._session.execute(
            select(EpisodeRow.indicator, EpisodeRow.period)
            .where(
                _KEY.in_(_rows(keys)),
                EpisodeRow.close_reason == CloseReason.PERIOD_CLOSED.value,
            )
            .distinct()
        )
        return {(indicator, period) for indicator, period in rows}

    async def overrun(self, *, plan: str, before: date) -> Sequence[Episode]:
        rows = await self._session.scalars(
            select(EpisodeRow)
            .where(
                EpisodeRow.plan == plan,
                EpisodeRow.condition != Condition.CLOSED.value,
                EpisodeRow.closes_on < before,
                ~_IN_DOUBT,
            )
            .order_by(EpisodeRow.id)
            .with_for_update()
        )
        return [self._take(row) for row in rows]

    async def open_of(self, plan: str, *, besides: Collection[str] = ()) -> Sequence[Episode]:
        rows = await self._session.scalars(
            select(EpisodeRow)
            .where(
                EpisodeRow.plan == plan,
                EpisodeRow.condition != Condition.CLOSED.value,
                EpisodeRow.indicator.not_in(sorted(besides)),
            )
            .order_by(EpisodeRow.id)
            .with_for_update()
        )
        return [self._take(row) for row in rows]

    async def get(self, id: UUID) -> Episode | None:
        row = await self._session.get(EpisodeRow, id, with_for_update=True)
        return None if row is None else self._take(row)

    async def save(self, episode: Episode, *, shown: Shown | None) -> None:
        row = self._rows.get(episode.id)
        if row is None:
            row = EpisodeRow(id=episode.id)
            self._rows[episode.id] = row
            self._session.add(row)
        _fill(row, episode)
        if shown is not None:
            row.reason_en, row.reason_fr = shown.reason_en, shown.reason_fr
            row.chance = _number(shown.chance)
            row.closes_on = shown.closes_on
        # At once: the next statement of this transaction may ask which episodes are open.
        await self._session.flush()

    async def add_transition(
        self, episode: Episode, transition: Transition, *, at: datetime, shown: Shown
    ) -> None:
        row = self._rows[episode.id]
        if transition.change is Change.RAISED:
            row.raised_at = at
        elif transition.change is Change.CLOSED:
            row.closed_at = at
        acknowledged = episode.acknowledgement if transition.change is Change.ACKNOWLEDGED else None
        self._session.add(
            TransitionRow(
                episode_id=episode.id,
                seq=transition.seq,
                change=transition.change.value,
                on=transition.on,
                at=at,
                level=transition.level.value,
                previous_level=transition.previous_level and transition.previous_level.value,
                close_reason=transition.close_reason and transition.close_reason.value,
                tells=transition.tells,
                revision=episode.last_revision,
                reason_en=shown.reason_en,
                reason_fr=shown.reason_fr,
                chance=_number(shown.chance),
                by=acknowledged.by if acknowledged else None,
                comment=acknowledged.comment if acknowledged else None,
            )
        )

    async def shown(self, id: UUID) -> Shown:
        row = self._rows[id]
        return Shown(
            reason_en=row.reason_en,
            reason_fr=row.reason_fr,
            chance=None if row.chance is None else Fraction(row.chance),
            closes_on=row.closes_on,
        )

    def _take(self, row: EpisodeRow) -> Episode:
        self._rows[row.id] = row
        return _episode(row)


def _episode(row: EpisodeRow) -> Episode:
    acknowledgement = None
    if row.acknowledged_by is not None and row.acknowledged_at is not None:
        acknowledgement = Acknowledgement(
            by=row.acknowledged_by, at=row.acknowledged_at, comment=row.comment
        )
    return Episode(
        id=row.id,
        rule=row.rule,
        rule_version=row.rule_version,
        indicator=row.indicator,
        plan=row.plan,
        period=row.period,
        owner_unit=row.owner_unit,
        condition=Condition(row.condition),
        level=Level(row.level),
        handling=Handling(row.handling),
        basis=Basis(row.basis),
        since=row.since,
        last_on=row.last_on,
        last_revision=row.last_revision,
        terms=Terms(
            definition_version=row.definition_version,
            definition=row.definition,
            target_low=row.target_low,
            target_high=row.target_high,
            estimate=row.estimate,
            due=row.terms_due,
            done=row.terms_done,
        ),
        breaches=row.breaches,
        lower=row.lower,
        flaps=row.flaps,
        told=Level(row.told) if row.told else None,
        raised_on=row.raised_on,
        recovering_since=row.recovering_since,
        closed_on=row.closed_on,
        close_reason=CloseReason(row.close_reason) if row.close_reason else None,
        acknowledgement=acknowledgement,
        difference=None if row.difference is None else difference_of(row.difference),
        seq=row.seq,
    )


def _fill(row: EpisodeRow, episode: Episode) -> None:
    row.rule, row.rule_version = episode.rule, episode.rule_version
    row.indicator, row.plan, row.period = episode.indicator, episode.plan, episode.period
    row.owner_unit = episode.owner_unit
    row.condition, row.level = episode.condition.value, episode.level.value
    row.handling, row.basis = episode.handling.value, episode.basis.value
    row.since, row.last_on = episode.since, episode.last_on
    row.last_revision = episode.last_revision
    row.definition_version = episode.terms.definition_version
    row.definition, row.estimate = episode.terms.definition, episode.terms.estimate
    row.terms_due, row.terms_done = episode.terms.due, episode.terms.done
    row.target_low, row.target_high = episode.terms.target_low, episode.terms.target_high
    row.breaches, row.lower, row.flaps = episode.breaches, episode.lower, episode.flaps
    row.told = episode.told.value if episode.told else None
    row.raised_on, row.recovering_since = episode.raised_on, episode.recovering_since
    row.closed_on = episode.closed_on
    row.close_reason = episode.close_reason.value if episode.close_reason else None
    acknowledgement = episode.acknowledgement
    row.acknowledged_by = acknowledgement.by if acknowledgement else None
    row.acknowledged_at = acknowledgement.at if acknowledgement else None
    row.comment = acknowledgement.comment if acknowledgement else None
    row.difference = None if episode.difference is None else packed(episode.difference)
    row.seq = episode.seq


def _number(chance: Fraction | None) -> Decimal | None:
    """Nine places: enough for "once in a million", few enough for a column."""
    return None if chance is None else Decimal(round(chance * _SCALE)).scaleb(-9)
