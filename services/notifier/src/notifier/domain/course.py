"""The life of a deviation: pending, firing, recovering, closed.

Driven by daily samples in order of revision, so a repeated run over the same samples comes to the
same state; a sample that is too old moves the state but tells nobody. Between two daily samples
only a correction that takes the breach away ends it: work done is held first.
"""

from dataclasses import dataclass, replace
from datetime import date

from notifier.domain.episode import (
    Change,
    CloseReason,
    Condition,
    Episode,
    EpisodeClosedError,
    Handling,
    Step,
    close,
    episode_id,
    move,
)
from notifier.domain.rule import Assessment, Level, Rule
from notifier.domain.sample import Sample


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
    decided = _decided(episode, reading)
    if decided is not None:
        return close(
            episode=_seen(episode, sample, reading),
            on=sample.judged_on,
            reason=decided,
            fresh=fresh,
            former=episode.terms,
        )
    match episode.condition:
        case Condition.PENDING:
            return _pending(episode, reading)
        case Condition.FIRING:
            return _firing(episode, reading)
        case Condition.RECOVERING:
            return _recovering(episode, reading)
        case Condition.CLOSED:
            raise EpisodeClosedError(f"episode {episode.id} is closed")


def correct(
    *, episode: Episode, sample: Sample, assessment: Assessment, before: Assessment, fresh: bool
) -> Step:
    """Apply a judgement between two daily ones that a correction caused.

    `before` is what the judgement before it says by the same rule. The correction ends the episode
    where it took the breach away; where none was left, work done had done so, and is held first.
    """
    stands = episode.condition is not Condition.RECOVERING and before.breach is not None
    mended = assessment.judged and assessment.breach is None
    if sample.revision <= episode.last_revision or not (sample.restated and stands and mended):
        return Step(episode=episode)
    return close(
        episode=replace(episode, last_on=sample.judged_on, last_revision=sample.revision),
        on=sample.judged_on,
        reason=CloseReason.CORRECTED,
        fresh=fresh,
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


def _decided(episode: Episode, reading: _Reading) -> CloseReason | None:
    """Why a deviation is none any more where somebody's decision, not work, ended it."""
    if reading.assessment.breach is not None:
        return None
    terms = reading.sample.terms
    if terms.eased(episode.terms):
        return CloseReason.TARGET_AMENDED
    # Where it recovers already, work has ended it, whatever is re-planned since.
    if episode.condition is not Condition.RECOVERING and terms.replanned(episode.terms):
        return CloseReason.TARGET_AMENDED
    if reading.rule.version != episode.rule_version:
        return CloseReason.RULE_CHANGED
    return None


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
    return move(episode, Change.PENDING, on=reading.on)


def _pending(episode: Episode, reading: _Reading) -> Step:
    another_day = reading.on > episode.last_on
    seen = _seen(episode, reading.sample, reading)
    breach = reading.assessment.breach
    if breach is None:
        return close(episode=seen, on=reading.on, reason=CloseReason.TRANSIENT, fresh=reading.fresh)
    seen = replace(seen, breaches=seen.breaches + int(another_day), level=breach)
    if _held(seen, reading):
        return _raise(seen, breach, reading)
    return Step(episode=seen)


def _firing(episode: Episode, reading: _Reading) -> Step:
    seen = _seen(episode, reading.sample, reading)
    standing = reading.assessment.standing(episode.level)
    if standing is None:
        recovering = replace(
            seen, condition=Condition.RECOVERING, recovering_since=reading.on, lower=0
        )
        return move(recovering, Change.RECOVERING, on=reading.on)
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
    return move(
        replace(episode, level=standing, lower=0, told=standing if tells else episode.told),
        Change.LEVEL_DOWN,
        on=reading.on,
        previous_level=episode.level,
        tells=tells,
    )


def _recovering(episode: Episode, reading: _Reading) -> Step:
    seen = _seen(episode, reading.sample, reading)
    if reading.assessment.standing(episode.level) is not None:
        back = replace(
            seen, condition=Condition.FIRING, recovering_since=None, flaps=seen.flaps + 1
        )
        if reading.above(episode.level):
            return _level_up(back, reading)
        return move(back, Change.RELAPSED, on=reading.on)
    began = episode.recovering_since or reading.on
    if (reading.on - began).days >= reading.rule.recover_days:
        return close(episode=seen, on=reading.on, reason=CloseReason.RECOVERED, fresh=reading.fresh)
    return Step(episode=seen)


def _raise(episode: Episode, level: Level, reading: _Reading) -> Step:
    return move(
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
    return move(
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
    return move(
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


def _seen(episode: Episode, sample: Sample, reading: _Reading | None = None) -> Episode:
    seen = replace(
        episode,
        last_on=sample.judged_on,
        last_revision=sample.revision,
        owner_unit=sample.owner_unit or episode.owner_unit,
    )
    if reading is None:
        return seen  # not judged: what it is held against is still what it was held against
    return replace(
        seen,
        terms=sample.terms,
        rule_version=reading.rule.version,
        basis=reading.assessment.basis or episode.basis,
    )
