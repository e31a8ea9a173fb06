from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from notifier.domain.course import advance
from notifier.domain.episode import (
    Change,
    CloseReason,
    Condition,
    Episode,
    EpisodeClosedError,
    EpisodeNotRaisedError,
    Handling,
    Step,
    acknowledge,
)
from notifier.domain.rule import DEVIATION, Level, assess
from notifier.domain.sample import Sample, Status, Terms
from services.notifier.tests.builders import MONDAY, counts

AT = datetime(2020, 2, 4, 9, tzinfo=UTC)


class Story:
    """Samples of one indicator, a day each, and what they made of it."""

    def __init__(self) -> None:
        self.episode: Episode | None = None
        self.steps: list[Step] = []
        self.revision = 0

    def day(self, day: int, sample: Sample, *, fresh: bool = True) -> Step:
        self.revision += 1
        dated = replace(sample, judged_on=MONDAY + timedelta(days=day), revision=self.revision)
        step = advance(
            episode=self.episode if self.episode and self.episode.open else None,
            sample=dated,
            assessment=assess(sample=dated, rule=DEVIATION, grace_days=30),
            rule=DEVIATION,
            fresh=fresh,
        )
        if step.episode is not None:
            self.episode = step.episode
        self.steps.append(step)
        return step

    @property
    def changes(self) -> list[str]:
        return [t.change.value for step in self.steps for t in step.transitions]

    @property
    def told(self) -> list[str]:
        return [t.change.value for step in self.steps for t in step.transitions if t.tells]

    @property
    def now(self) -> Episode:
        assert self.episode is not None
        return self.episode


GOOD = counts(96, 100, overdue=())
BETWEEN = counts(91, 100, overdue=())
BAD = counts(88, 100, overdue=())
WORSE = counts(79, 100, overdue=())
UNJUDGED = counts(0, 100, overdue=(), status=Status.NOT_JUDGED)


def test_a_warning_is_held_for_fourteen_days_and_two_samples() -> None:
    story = Story()

    story.day(0, BAD)
    story.day(13, BAD)
    assert story.now.condition is Condition.PENDING
    assert story.told == []

    story.day(14, BAD)
    assert (story.now.condition, story.now.level) == (Condition.FIRING, Level.WARNING)
    assert story.told == ["raised"]


def test_one_sample_after_a_long_silence_is_not_two() -> None:
    story = Story()

    story.day(0, BAD)
    story.day(0, BAD)

    assert story.now.breaches == 1
    assert story.now.condition is Condition.PENDING


def test_critical_is_told_at_once() -> None:
    story = Story()

    story.day(0, WORSE)

    assert (story.now.condition, story.now.level) == (Condition.FIRING, Level.CRITICAL)
    assert story.told == ["raised"]


def test_what_passes_while_it_is_held_is_never_told() -> None:
    story = Story()

    story.day(0, BAD)
    story.day(5, GOOD)

    assert story.now.close_reason is CloseReason.TRANSIENT
    assert story.told == []


def test_critical_while_pending_fires_at_once() -> None:
    story = Story()

    story.day(0, BAD)
    story.day(1, WORSE)

    assert story.told == ["raised"]
    assert story.now.level is Level.CRITICAL


def test_a_higher_level_opens_an_acknowledged_alert_again() -> None:
    story = Story()
    story.day(0, BAD)
    story.day(14, BAD)
    story.episode = acknowledge(
        episode=story.now, by="director", at=AT, on=MONDAY, comment=None
    ).episode

    story.day(20, WORSE)

    assert story.now.handling is Handling.NEW
    assert story.now.acknowledgement is None
    assert story.told == ["raised", "level-up"]


def test_a_lower_level_is_believed_the_second_time_and_keeps_the_acknowledgement() -> None:
    story = Story()
    story.day(0, WORSE)
    story.episode = acknowledge(
        episode=story.now, by="director", at=AT, on=MONDAY, comment=None
    ).episode

    story.day(1, BAD)
    assert story.told == ["raised"]
    story.day(2, BAD)

    assert story.now.level is Level.WARNING
    assert story.now.handling is Handling.ACKNOWLEDGED
    assert story.told == ["raised", "level-down"]


def test_between_the_lines_it_keeps_firing() -> None:
    story = Story()
    story.day(0, BAD)
    story.day(14, BAD)

    story.day(15, BETWEEN)

    assert story.now.condition is Condition.FIRING


def test_it_has_recovered_when_it_held_for_fourteen_days() -> None:
    story = Story()
    story.day(0, WORSE)

    story.day(1, GOOD)
    story.day(14, GOOD)
    assert story.now.condition is Condition.RECOVERING
    story.day(15, GOOD)

    assert story.now.close_reason is CloseReason.RECOVERED
    assert story.told == ["raised", "closed"]
    assert story.now.handling is Handling.CLOSED_UNSEEN


def test_a_relapse_is_the_same_alert_and_no_notice() -> None:
    story = Story()
    story.day(0, WORSE)
    story.day(1, GOOD)

    story.day(2, BETWEEN)

    assert story.now.condition is Condition.FIRING
    assert story.now.flaps == 1
    assert story.told == ["raised"]


def test_what_was_not_judged_neither_breaches_nor_recovers() -> None:
    story = Story()
    story.day(0, UNJUDGED)
    assert story.episode is None

    story.day(1, WORSE)
    story.day(2, UNJUDGED)
    story.day(30, UNJUDGED)

    assert story.now.condition is Condition.FIRING
    assert story.changes == ["raised"]


def test_better_figures_for_the_same_day_are_a_correction() -> None:
    story = Story()
    story.day(0, WORSE)

    story.day(0, GOOD)

    assert story.now.close_reason is CloseReason.CORRECTED
    assert story.told == ["raised", "closed"]


def test_the_period_ends_it_whatever_its_state() -> None:
    story = Story()
    story.day(0, WORSE)

    last = replace(WORSE, closes_on=MONDAY + timedelta(days=3))
    story.day(3, last)
    assert story.told == ["raised"], "the grace is not over"
    story.day(4, last)

    assert story.now.close_reason is CloseReason.PERIOD_CLOSED
    assert story.told == ["raised", "closed"]


def test_nothing_opens_on_the_last_day() -> None:
    story = Story()

    story.day(4, replace(WORSE, closes_on=MONDAY + timedelta(days=3)))

    assert story.episode is None


def test_a_target_that_was_changed_is_not_called_a_recovery() -> None:
    story = Story()
    story.day(0, WORSE)

    lower = Terms(definition_version=1, target_low=Decimal("0.5"))
    story.day(1, replace(GOOD, terms=lower))

    assert story.now.close_reason is CloseReason.TARGET_AMENDED


def test_old_samples_move_the_state_and_tell_nobody() -> None:
    story = Story()

    story.day(0, WORSE, fresh=False)
    story.day(1, GOOD, fresh=False)
    story.day(15, GOOD, fresh=False)

    assert story.now.close_reason is CloseReason.RECOVERED
    assert story.told == []


def test_what_still_fires_after_a_rebuild_is_told_once() -> None:
    story = Story()
    story.day(0, WORSE, fresh=False)

    story.day(20, WORSE)
    story.day(21, WORSE)

    assert story.told == ["told-late"]


def test_the_end_of_what_nobody_was_told_is_told_to_nobody() -> None:
    story = Story()
    story.day(0, WORSE, fresh=False)

    story.day(1, GOOD)
    story.day(15, GOOD)

    assert story.now.close_reason is CloseReason.RECOVERED
    assert story.told == []


def test_a_lower_revision_changes_nothing() -> None:
    story = Story()
    story.day(0, WORSE)
    before = story.now

    story.revision = 0
    step = story.day(5, GOOD)

    assert (step.episode, step.transitions) == (before, ())


def test_the_first_acknowledgement_stands() -> None:
    story = Story()
    story.day(0, WORSE)
    first = acknowledge(episode=story.now, by="first", at=AT, on=MONDAY, comment="mine")
    assert first.episode is not None

    second = acknowledge(episode=first.episode, by="second", at=AT, on=MONDAY, comment=None)

    assert second.episode == first.episode
    assert second.transitions == ()
    assert [t.change for t in first.transitions] == [Change.ACKNOWLEDGED]


def test_what_is_closed_cannot_be_acknowledged() -> None:
    story = Story()
    story.day(0, WORSE)
    story.day(0, GOOD)

    with pytest.raises(EpisodeClosedError):
        acknowledge(episode=story.now, by="x", at=AT, on=MONDAY, comment=None)


def test_what_is_only_watched_cannot_be_acknowledged() -> None:
    story = Story()
    story.day(0, BAD)

    with pytest.raises(EpisodeNotRaisedError):
        acknowledge(episode=story.now, by="x", at=AT, on=date(2020, 2, 3), comment=None)
