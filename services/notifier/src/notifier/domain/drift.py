"""The alert of its own kind: a figure is not what the ledger says.

It is raised at once, stands until a check no longer finds it, and never turns into a deviation.
"""

from dataclasses import replace
from datetime import date

from notifier.domain.difference import Difference
from notifier.domain.episode import (
    Change,
    CloseReason,
    Condition,
    Episode,
    Handling,
    Step,
    close,
    episode_id,
    move,
)
from notifier.domain.rule import RECONCILIATION, Basis, Level
from notifier.domain.sample import Sample

_VERSION = 1


def doubt(
    *,
    episode: Episode | None,
    difference: Difference,
    sample: Sample,
    unit: str | None,
    on: date,
    fresh: bool,
) -> Step:
    """A check found a difference. One alert stands for all checks that find it again.

    Whoever gets it is who runs the system (`unit`), not who owns the indicator. Rows that differ
    and move no figure yet are a warning; a figure that is wrong, or would be next, is critical.
    """
    level = Level.CRITICAL if difference.moves_a_figure else Level.WARNING
    if episode is None:
        return _raise(
            difference=difference, sample=sample, level=level, unit=unit, on=on, told=fresh
        )
    known = replace(episode, difference=difference, last_on=on, last_revision=sample.revision)
    if level.above(episode.level):
        worse = replace(
            known,
            level=level,
            # Whoever took note of the warning has not yet taken note of this.
            handling=Handling.NEW,
            acknowledgement=None,
            told=level if fresh else episode.told,
        )
        return move(worse, Change.LEVEL_UP, on=on, previous_level=episode.level, tells=fresh)
    if fresh and episode.told is None:
        told = replace(known, told=episode.level)
        return move(told, Change.TOLD_LATE, on=on, tells=True)
    return Step(episode=known)


def trust(*, episode: Episode, on: date, fresh: bool) -> Step:
    """A check no longer finds the difference."""
    known = replace(episode, last_on=on)
    return close(episode=known, on=on, reason=CloseReason.AGREES_AGAIN, fresh=fresh)


def _raise(
    *,
    difference: Difference,
    sample: Sample,
    level: Level,
    unit: str | None,
    on: date,
    told: bool,
) -> Step:
    return move(
        Episode(
            id=episode_id(
                rule=RECONCILIATION,
                indicator=sample.indicator,
                period=sample.period,
                revision=difference.check,
            ),
            rule=RECONCILIATION,
            rule_version=_VERSION,
            indicator=sample.indicator,
            plan=sample.plan,
            period=sample.period,
            owner_unit=unit,
            condition=Condition.FIRING,
            level=level,
            handling=Handling.NEW,
            basis=Basis.LEDGER,
            since=on,
            last_on=on,
            last_revision=sample.revision,
            terms=sample.terms,
            told=level if told else None,
            raised_on=on,
            difference=difference,
        ),
        Change.RAISED,
        on=on,
        tells=told,
    )
