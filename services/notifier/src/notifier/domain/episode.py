"""The life of one deviation: pending, firing, recovering, closed; and what people did about it.

The condition is the machine's, the handling the people's. Both are driven by daily samples in
order of revision alone, so a repeated run over the same samples comes to the same state; a sample
that is too old moves the state but tells nobody.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid5

from notifier.domain.rule import Assessment, Basis, Level, Rule
from notifier.domain.sample import Sample, Terms

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
    seq: int = 0

    @property
    def open(self) -> bool:
        return self.condition is not Condition.CLOSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A step of an episode, numbered from 1. `tells` = somebody gets a notice of it."""

    seq: int
    change: Change
    on: date
    level: Level
    previous_level: Level | None = None
    close_reason: CloseReason | None = None
    tells: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What became of an episode (None: nothing was there and nothing opened)."""

    episode: Episode | None
    transitions: tuple[Transition, ...] = ()


def episode_id(*, rule: str, indicator: str, period: str, revision: int) -> UUID:
    """Derived from the sample that opened it: a repeated run finds the same episode again."""
    return uuid5(_EPISODES, f"{rule}|{indicator}|{period}|{revision}")


def advance(
    *, episode: Episode | None, sample: Sample, assessment: Assessment, rule: Rule, fresh: bool
) -> Step:
    """Apply a daily sample to the open episode of its key, or open one.

    `fresh` is false for a sample that is too old to be news: the state is computed, nobody told;
    if it still fires with the next fresh one, that one tells.
    """
    reading = _Reading(sample=sample, assessment=assessment, rule=rule, fresh=fresh)
    if episode is None:
        return _open(reading)
    if sample.revision <= episode.last_revision:
        return Step(episode=episode)
    if sample.last_of_period:
        return close(
            episode=_seen(episode, sample),
            on=sample.judged_on,
            reason=CloseReason.PERIOD_CLOSED,
            fresh=fresh,
        )
    if not assessment.judged:
        return Step(episode=_seen(episode, sample))
    match episode.condition:
        case Condition.PENDING:
            return _pending(episode, reading)
        case Condition.FIRING:
            return _firing(episode, reading)
        case Condition.RECOVERING:
            return _recovering(episode, reading)
        case Condition.CLOSED:
            raise EpisodeClosedError(f"episode {episode.id} is closed")


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
    return _move(
        replace(
            episode,
            handling=Handling.ACKNOWLEDGED,
            acknowledgement=Acknowledgement(by=by, at=at, comment=comment),
        ),
        Change.ACKNOWLEDGED,
        on=on,
        tells=True,
    )


def close(*, episode: Episode, on: date, reason: CloseReason, fresh: bool) -> Step:
    """End an episode for good. Who was never told is not told of the end either."""
    if episode.condition is Condition.PENDING:
        reason = CloseReason.TRANSIENT
    unseen = episode.told is not None and episode.handling is Handling.NEW
    return _move(
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
        tells=fresh and episode.told is not None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """A sample with what the rule says of it."""

    sample: Sample
    assessment: Assessment
    rule: Rule
    fresh: bool

    @property
    def on(self) -> date:
        return self.sample.judged_on

    def above(self, level: Level) -> bool:
        return self.assessment.breach is not None and self.assessment.breach.above(level)


def _open(reading: _Reading) -> Step:
    sample, assessment, rule = reading.sample, reading.assessment, reading.rule
    if assessment.breach is None or assessment.basis is None or sample.last_of_period:
        return Step(episode=None)
    episode = Episode(
        id=episode_id(
            rule=rule.id,
            indicator=sample.indicator,
            period=sample.period,
            revision=sample.revision,
        ),
        rule=rule.id,
        rule_version=rule.version,
        indicator=sample.indicator,
        plan=sample.plan,
        period=sample.period,
        owner_unit=sample.owner_unit,
        condition=Condition.PENDING,
        level=assessment.breach,
        handling=Handling.NEW,
        basis=assessment.basis,
        since=sample.judged_on,
        last_on=sample.judged_on,
        last_revision=sample.revision,
        terms=sample.terms,
    )
    if _held(episode, reading):
        return _raise(episode, assessment.breach, reading)
    return _move(episode, Change.PENDING, on=reading.on)


def _pending(episode: Episode, reading: _Reading) -> Step:
    another_day = reading.on > episode.last_on
    seen = _seen(episode, reading.sample, reading.assessment)
    breach = reading.assessment.breach
    if breach is None:
        return close(episode=seen, on=reading.on, reason=CloseReason.TRANSIENT, fresh=reading.fresh)
    seen = replace(seen, breaches=seen.breaches + int(another_day), level=breach)
    if _held(seen, reading):
        return _raise(seen, breach, reading)
    return Step(episode=seen)


def _firing(episode: Episode, reading: _Reading) -> Step:
    same_day = reading.on == episode.last_on
    amended = reading.sample.terms != episode.terms
    seen = _seen(episode, reading.sample, reading.assessment)
    standing = reading.assessment.standing(episode.level)
    if same_day and reading.assessment.breach is None:
        return close(episode=seen, on=reading.on, reason=CloseReason.CORRECTED, fresh=reading.fresh)
    if standing is None and amended:
        return close(
            episode=seen, on=reading.on, reason=CloseReason.TARGET_AMENDED, fresh=reading.fresh
        )
    if standing is None:
        recovering = replace(
            seen, condition=Condition.RECOVERING, recovering_since=reading.on, lower=0
        )
        return _move(recovering, Change.RECOVERING, on=reading.on)
    return _still_firing(seen, standing, reading)


def _still_firing(episode: Episode, standing: Level, reading: _Reading) -> Step:
    if reading.above(episode.level):
        return _level_up(episode, reading)
    if not episode.level.above(standing):
        return _tell_late(replace(episode, lower=0), reading)
    if episode.lower == 0:
        # One lower reading is no improvement yet.
        return _tell_late(replace(episode, lower=1), reading)
    tells = reading.fresh and episode.told is not None
    return _move(
        replace(episode, level=standing, lower=0, told=standing if tells else episode.told),
        Change.LEVEL_DOWN,
        on=reading.on,
        previous_level=episode.level,
        tells=tells,
    )


def _recovering(episode: Episode, reading: _Reading) -> Step:
    seen = _seen(episode, reading.sample, reading.assessment)
    if reading.assessment.standing(episode.level) is not None:
        back = replace(
            seen, condition=Condition.FIRING, recovering_since=None, flaps=seen.flaps + 1
        )
        if reading.above(episode.level):
            return _level_up(back, reading)
        return _move(back, Change.RELAPSED, on=reading.on)
    began = episode.recovering_since or reading.on
    if (reading.on - began).days >= reading.rule.recover_days:
        return close(episode=seen, on=reading.on, reason=CloseReason.RECOVERED, fresh=reading.fresh)
    return Step(episode=seen)


def _raise(episode: Episode, level: Level, reading: _Reading) -> Step:
    return _move(
        replace(
            episode,
            condition=Condition.FIRING,
            level=level,
            raised_on=reading.on,
            told=level if reading.fresh else None,
        ),
        Change.RAISED,
        on=reading.on,
        tells=reading.fresh,
    )


def _level_up(episode: Episode, reading: _Reading) -> Step:
    level = reading.assessment.breach or episode.level
    return _move(
        replace(
            episode,
            level=level,
            lower=0,
            # Whoever took note of the warning has not yet taken note of this.
            handling=Handling.NEW,
            acknowledgement=None,
            told=level if reading.fresh else episode.told,
        ),
        Change.LEVEL_UP,
        on=reading.on,
        previous_level=episode.level,
        tells=reading.fresh,
    )


def _tell_late(episode: Episode, reading: _Reading) -> Step:
    untold = episode.told is None or episode.level.above(episode.told)
    if not (reading.fresh and untold):
        return Step(episode=episode)
    return _move(
        replace(episode, told=episode.level),
        Change.TOLD_LATE,
        on=reading.on,
        previous_level=episode.told,
        tells=True,
    )


def _held(episode: Episode, reading: _Reading) -> bool:
    hold = reading.assessment.hold
    lasted = (reading.on - episode.since).days
    return lasted >= hold.days and episode.breaches >= hold.samples


def _seen(episode: Episode, sample: Sample, assessment: Assessment | None = None) -> Episode:
    return replace(
        episode,
        last_on=sample.judged_on,
        last_revision=sample.revision,
        terms=sample.terms,
        owner_unit=sample.owner_unit or episode.owner_unit,
        basis=(assessment.basis if assessment else None) or episode.basis,
    )


def _move(
    episode: Episode,
    change: Change,
    *,
    on: date,
    previous_level: Level | None = None,
    close_reason: CloseReason | None = None,
    tells: bool = False,
) -> Step:
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
                tells=tells,
            ),
        ),
    )
