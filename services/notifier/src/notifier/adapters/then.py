"""Alerts as they stood at an instant, from their timelines: nothing that came later is read."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, inspect, select
from sqlalchemy.ext.asyncio import AsyncSession

from notifier.adapters.tables import EpisodeRow, SampleRow, TransitionRow
from notifier.domain.episode import Change, CloseReason, Condition, Handling
from notifier.ports.views import Which

_CONDITIONS = {
    Change.PENDING: Condition.PENDING,
    Change.RAISED: Condition.FIRING,
    Change.LEVEL_UP: Condition.FIRING,
    Change.RECOVERING: Condition.RECOVERING,
    Change.RELAPSED: Condition.FIRING,
    Change.CLOSED: Condition.CLOSED,
}
_WORSE = (Change.RAISED, Change.LEVEL_UP)
"""After these it has to be acknowledged, for the first time or anew."""
_TOLD = (*_WORSE, Change.LEVEL_DOWN, Change.TOLD_LATE)


async def stood(
    session: AsyncSession, *filters: ColumnElement[bool], as_of: datetime
) -> Sequence[tuple[EpisodeRow, dict[str, Any]]]:
    """The episodes that were there at an instant as they stood then, with the judgement of then.

    `as_of` is business time. The rows belong to no session; the newest comes first.
    """
    rows = await session.execute(
        select(EpisodeRow, TransitionRow)
        .join(TransitionRow, TransitionRow.episode_id == EpisodeRow.id)
        .where(TransitionRow.at <= as_of, *filters)
        .order_by(EpisodeRow.number.desc(), TransitionRow.seq)
    )
    episodes: dict[UUID, EpisodeRow] = {}
    steps: dict[UUID, list[TransitionRow]] = defaultdict(list)
    for episode, step in rows:
        episodes[episode.id] = episode
        steps[episode.id].append(step)
    then = [_stood(episode, steps[id], as_of) for id, episode in episodes.items()]
    samples = await _samples(session, then)
    return [(row, samples[row.indicator, row.period, row.last_revision]) for row in then]


def is_shown(row: EpisodeRow, which: Which) -> bool:
    """Whether an episode as it stood is one that was asked for."""
    raised, closed = row.raised_on is not None, row.condition == Condition.CLOSED.value
    match which:
        case "open":
            return raised and not closed
        case "closed":
            return raised and closed and row.close_reason != CloseReason.TRANSIENT.value
        case "all":
            return raised


def _stood(row: EpisodeRow, steps: Sequence[TransitionRow], as_of: datetime) -> EpisodeRow:
    last = steps[-1]
    found = {
        column.key: getattr(row, column.key) for column in inspect(EpisodeRow).mapper.column_attrs
    }
    found |= {
        "condition": Condition.PENDING.value,
        "handling": Handling.NEW.value,
        "level": last.level,
        "last_revision": last.revision,
        "reason_en": last.reason_en,
        "reason_fr": last.reason_fr,
        "chance": last.chance,
        **dict.fromkeys(_LATER),
    }
    if row.difference and datetime.fromisoformat(row.difference["checked_at"]) > as_of:
        found["difference"] = None  # what a later check says was not known
    told = any(one.tells for one in steps if one.change in _TOLD)
    for step in steps:
        found |= _changed(step)
    if found["closed_at"] and told and found["handling"] == Handling.NEW.value:
        found["handling"] = Handling.CLOSED_UNSEEN.value
    return EpisodeRow(**found)


_LATER = (
    *("raised_on", "raised_at", "closed_on", "closed_at", "close_reason"),
    *("acknowledged_by", "acknowledged_at", "comment"),
)


def _changed(step: TransitionRow) -> dict[str, object]:
    """What a step of the timeline changed of its episode."""
    change = Change(step.change)
    found: dict[str, object] = {}
    if change in _CONDITIONS:
        found["condition"] = _CONDITIONS[change].value
    if change in _WORSE:
        found |= {
            "handling": Handling.NEW.value,
            **dict.fromkeys(("acknowledged_by", "acknowledged_at", "comment")),
        }
    match change:
        case Change.RAISED:
            found |= {"raised_on": step.on, "raised_at": step.at}
        case Change.ACKNOWLEDGED:
            found |= {
                "handling": Handling.ACKNOWLEDGED.value,
                "acknowledged_by": step.by,
                "acknowledged_at": step.at,
                "comment": step.comment,
            }
        case Change.CLOSED:
            found |= {
                "closed_on": step.on,
                "closed_at": step.at,
                "close_reason": step.close_reason,
            }
    return found


async def _samples(
    session: AsyncSession, rows: Sequence[EpisodeRow]
) -> dict[tuple[str, str, int], dict[str, Any]]:
    found = await session.execute(
        select(SampleRow.indicator, SampleRow.period, SampleRow.revision, SampleRow.judged).where(
            SampleRow.indicator.in_({row.indicator for row in rows}),
            SampleRow.revision.in_({row.last_revision for row in rows}),
        )
    )
    return {(row[0], row[1], row[2]): row[3] for row in found}
