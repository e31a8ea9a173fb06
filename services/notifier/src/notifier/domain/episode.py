"""One deviation: its condition, which is the machine's, and its handling, which is people's."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid5

from notifier.domain.difference import Difference
from notifier.domain.rule import Basis, Level
from notifier.domain.sample import Terms

_EPISODES = UUID("5b0a3b9e-0d0c-5d2e-9b0e-6f2d8f3a1c47")


class Condition(StrEnum):
    PENDING = "pending"
    FIRING = "firing"
    RECOVERING = "recovering"
    CLOSED = "closed"


class Handling(StrEnum):
    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    CLOSED_UNSEEN = "closed-unseen"


class CloseReason(StrEnum):
    """Why an episode ended; only `recovered` may be told as recovered, `transient` never."""

    RECOVERED = "recovered"
    CORRECTED = "corrected"
    PERIOD_CLOSED = "period_closed"
    TARGET_AMENDED = "target_amended"
    RULE_CHANGED = "rule_changed"
    SUBJECT_RETIRED = "subject_retired"
    AGREES_AGAIN = "agrees_again"
    TRANSIENT = "transient"


class Change(StrEnum):
    """What a transition did."""

    PENDING = "pending"
    RAISED = "raised"
    LEVEL_UP = "level-up"
    LEVEL_DOWN = "level-down"
    TOLD_LATE = "told-late"
    RECOVERING = "recovering"
    RELAPSED = "relapsed"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


class EpisodeError(ValueError):
    """What an episode does not allow."""


class EpisodeClosedError(EpisodeError):
    """It is over: there is nothing left to acknowledge."""


class EpisodeNotRaisedError(EpisodeError):
    """It is only watched so far; nobody was told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    by: str
    at: datetime
    comment: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One deviation of one indicator in one period by one rule."""

    id: UUID
    rule: str
    rule_version: int
    indicator: str
    plan: str
    period: str
    owner_unit: str | None
    condition: Condition
    level: Level
    handling: Handling
    basis: Basis
    since: date
    last_on: date
    last_revision: int
    terms: Terms
    breaches: int = 1
    lower: int = 0
    flaps: int = 0
    told: Level | None = None
    raised_on: date | None = None
    recovering_since: date | None = None
    closed_on: date | None = None
    close_reason: CloseReason | None = None
    acknowledgement: Acknowledgement | None = None
    difference: Difference | None = None
    seq: int = 0

    @property
    def open(self) -> bool:
        return self.condition is not Condition.CLOSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A step of an episode, numbered from 1. `tells` = somebody gets a notice of it.

    `former` are the terms by which the episode stood, where new ones ended it.
    """

    seq: int
    change: Change
    on: date
    level: Level
    previous_level: Level | None = None
    close_reason: CloseReason | None = None
    former: Terms | None = None
    tells: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What became of an episode (None: nothing was there and nothing opened)."""

    episode: Episode | None
    transitions: tuple[Transition, ...] = ()


def episode_id(*, rule: str, indicator: str, period: str, revision: int) -> UUID:
    """Derived from the sample that opened it: a repeated run finds the same episode again."""
    return uuid5(_EPISODES, f"{rule}|{indicator}|{period}|{revision}")


def acknowledge(*, episode: Episode, by: str, at: datetime, on: date, comment: str | None) -> Step:
    """Note that somebody is on it. Safe to repeat: the first acknowledgement stands.

    Raises:
        EpisodeClosedError, EpisodeNotRaisedError
    """
    if not episode.open:
        raise EpisodeClosedError(f"episode {episode.id} is closed")
    if episode.condition is Condition.PENDING:
        raise EpisodeNotRaisedError(f"episode {episode.id} was not raised")
    if episode.handling is Handling.ACKNOWLEDGED:
        return Step(episode=episode)
    return move(
        replace(
            episode,
            handling=Handling.ACKNOWLEDGED,
            acknowledgement=Acknowledgement(by=by, at=at, comment=comment),
        ),
        Change.ACKNOWLEDGED,
        on=on,
        tells=True,
    )


def close(
    *,
    episode: Episode,
    on: date,
    reason: CloseReason,
    fresh: bool,
    former: Terms | None = None,
) -> Step:
    """End an episode for good. Who was never told is not told of the end either."""
    unseen = episode.told is not None and episode.handling is Handling.NEW
    return move(
        replace(
            episode,
            condition=Condition.CLOSED,
            closed_on=on,
            close_reason=reason,
            handling=Handling.CLOSED_UNSEEN if unseen else episode.handling,
        ),
        Change.CLOSED,
        on=on,
        close_reason=reason,
        former=former,
        tells=fresh and episode.told is not None,
    )


def move(
    episode: Episode,
    change: Change,
    *,
    on: date,
    previous_level: Level | None = None,
    close_reason: CloseReason | None = None,
    former: Terms | None = None,
    tells: bool = False,
) -> Step:
    """Number a change of an episode that was made already."""
    moved = replace(episode, seq=episode.seq + 1)
    return Step(
        episode=moved,
        transitions=(
            Transition(
                seq=moved.seq,
                change=change,
                on=on,
                level=moved.level,
                previous_level=previous_level,
                close_reason=close_reason,
                former=former,
                tells=tells,
            ),
        ),
    )
