from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from notifier.domain.course import advance, correct
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
from notifier.domain.rule import DEVIATION, Level, Rule, assess
from notifier.domain.sample import Sample, Status, Terms
from services.notifier.tests.builders import MONDAY, TERMS, counts

AT = datetime(2020, 2, 4, 9, tzinfo=UTC)


class Story:
    """Samples of one indicator, a day each, and what they made of it."""

    def __init__(self) -> None:
        self.episode: Episode | None = None
        self.steps: list[Step] = []
        self.revision = 0

    def day(self, day: int, sample: Sample, *, fresh: bool = True, rule: Rule = DEVIATION) -> Step:
        self.revision += 1
        dated = replace(sample, judged_on=MONDAY + timedelta(days=day), revision=self.revision)
        step = advance(
            episode=self.episode if self.episode and self.episode.open else None,
            sample=dated,
            assessment=assess(sample=dated, rule=rule, grace_days=30),
            rule=rule,
            fresh=fresh,
        )
        if step.episode is not None:
            self.episode = step.episode
        self.steps.append(step)
        return step

    def later(self, sample: Sample, *, before: Sample, day: int = 0) -> Step:
        """A judgement after the daily one, and what was judged right before it."""
        self.revision += 2
        dated = replace(
            sample, daily=False, judged_on=MONDAY + timedelta(days=day), revision=self.revision
        )
        step = correct(
            episode=self.now,
            sample=dated,
            assessment=assess(sample=dated, rule=DEVIATION, grace_days=30),
            before=assess(sample=before, rule=DEVIATION, grace_days=30),
            fresh=True,
        )
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
CORRECTED = replace(GOOD, restated=True)
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


def test_a_correction_that_takes_the_breach_away_closes_it_as_corrected() -> None:
    story = Story()
    story.day(0, WORSE)

    story.later(CORRECTED, before=WORSE)

    assert story.now.close_reason is CloseReason.CORRECTED
    assert story.told == ["raised", "closed"]


def test_a_correction_of_what_is_only_watched_is_told_to_nobody() -> None:
    story = Story()
    story.day(0, BAD)

    story.later(CORRECTED, before=BAD)

    assert story.now.close_reason is CloseReason.CORRECTED
    assert story.told == []


def test_a_release_of_the_same_day_is_no_correction() -> None:
    story = Story()
    story.day(0, WORSE)

    story.later(GOOD, before=WORSE)

    assert story.now.condition is Condition.FIRING


def test_a_correction_after_the_release_that_ended_the_breach_is_not_what_ended_it() -> None:
    story = Story()
    story.day(0, WORSE)

    conditions = []
    story.later(CORRECTED, before=GOOD)
    conditions.append(story.now.condition)
    story.day(1, CORRECTED)
    conditions.append(story.now.condition)
    story.later(CORRECTED, before=WORSE, day=1)
    conditions.append(story.now.condition)

    assert conditions == [Condition.FIRING, Condition.RECOVERING, Condition.RECOVERING]


@pytest.mark.parametrize("shown", [WORSE, UNJUDGED])
def test_a_correction_that_leaves_a_breach_or_a_doubt_changes_nothing(shown: Sample) -> None:
    story = Story()
    story.day(0, WORSE)

    story.later(replace(shown, restated=True), before=WORSE)

    assert story.now.condition is Condition.FIRING
    assert story.changes == ["raised"]


def test_better_figures_in_another_daily_sample_of_the_day_are_held_first() -> None:
    story = Story()
    story.day(0, WORSE)

    story.day(0, GOOD)

    assert story.now.condition is Condition.RECOVERING


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


EASED = (
    replace(TERMS, target_low=Decimal("0.5")),
    replace(TERMS, estimate=Decimal(26)),
    replace(TERMS, definition="d2"),
)


@pytest.mark.parametrize("terms", EASED)
@pytest.mark.parametrize("sample", [GOOD, BETWEEN])
def test_terms_that_were_changed_are_not_called_a_recovery(terms: Terms, sample: Sample) -> None:
    story = Story()
    story.day(0, WORSE)

    step = story.day(1, replace(sample, terms=terms))

    assert story.now.close_reason is CloseReason.TARGET_AMENDED
    assert step.transitions[0].former == TERMS
    assert story.told == ["raised", "closed"]


@pytest.mark.parametrize("terms", EASED)
def test_terms_changed_while_it_recovers_or_is_watched_end_it_too(terms: Terms) -> None:
    recovering, watched = Story(), Story()
    recovering.day(0, WORSE)
    recovering.day(1, GOOD)
    watched.day(0, BAD)

    recovering.day(2, replace(GOOD, terms=terms))
    watched.day(1, replace(GOOD, terms=terms))

    assert recovering.now.close_reason is CloseReason.TARGET_AMENDED
    assert recovering.told == ["raised", "closed"]
    assert watched.now.close_reason is CloseReason.TARGET_AMENDED
    assert watched.told == []


@pytest.mark.parametrize(
    "terms",
    [
        replace(TERMS, definition_version=2),
        replace(TERMS, definition=None),
        replace(TERMS, estimate=Decimal(64)),
        replace(TERMS, estimate=None),
    ],
)
def test_a_new_version_or_a_higher_estimate_is_no_reason_to_close(terms: Terms) -> None:
    story = Story()
    story.day(0, WORSE)

    story.day(1, replace(GOOD, terms=terms))

    assert story.now.condition is Condition.RECOVERING


LESS_DUE = replace(TERMS, due=Decimal(20), done=Decimal(20))
AS_DUE = replace(TERMS, due=Decimal(26), done=Decimal(20))


def test_a_fall_of_what_is_due_is_replanned_and_never_a_recovery() -> None:
    story, unknown, worked, recovering = Story(), Story(), Story(), Story()
    story.day(0, replace(WORSE, terms=AS_DUE))
    unknown.day(0, WORSE)  # an episode from before this was kept
    worked.day(0, replace(WORSE, terms=AS_DUE))
    recovering.day(0, replace(WORSE, terms=AS_DUE))

    step = story.day(1, replace(GOOD, terms=LESS_DUE))
    unknown.day(1, replace(GOOD, terms=LESS_DUE))
    worked.day(1, replace(GOOD, terms=replace(LESS_DUE, due=Decimal(25), done=Decimal(25))))
    recovering.day(1, replace(GOOD, terms=replace(AS_DUE, done=Decimal(26))))
    recovering.day(2, replace(GOOD, terms=LESS_DUE))

    assert story.now.close_reason is CloseReason.TARGET_AMENDED
    assert step.transitions[0].former == AS_DUE
    for other in (unknown, worked, recovering):
        assert other.now.condition is Condition.RECOVERING


def test_a_fall_of_what_is_due_over_several_days_is_one_too() -> None:
    story = Story()
    story.day(0, replace(WORSE, terms=AS_DUE))
    story.day(1, replace(WORSE, terms=replace(AS_DUE, due=Decimal(24))))

    story.day(2, replace(GOOD, terms=LESS_DUE))

    assert story.now.close_reason is CloseReason.TARGET_AMENDED


def test_changed_terms_are_remembered_while_nothing_can_be_judged() -> None:
    story = Story()
    story.day(0, WORSE)

    story.day(1, replace(UNJUDGED, terms=EASED[0]))
    story.day(2, replace(GOOD, terms=EASED[0]))

    assert story.now.close_reason is CloseReason.TARGET_AMENDED


def test_what_still_breaches_by_new_terms_stays_and_is_held_against_them() -> None:
    story = Story()
    story.day(0, WORSE)

    story.day(1, replace(WORSE, terms=EASED[1]))
    story.day(2, replace(GOOD, terms=EASED[1]))

    assert story.now.condition is Condition.RECOVERING


def test_a_rule_by_which_nothing_is_wrong_any_more_closes_it_as_such() -> None:
    milder = replace(DEVIATION, version=2, min_due=200)
    firing, recovering = Story(), Story()
    firing.day(0, WORSE)
    recovering.day(0, WORSE)
    recovering.day(1, GOOD)

    firing.day(1, WORSE, rule=milder)
    recovering.day(2, GOOD, rule=milder)

    for story in (firing, recovering):
        assert story.now.close_reason is CloseReason.RULE_CHANGED
        assert story.told == ["raised", "closed"]


def test_what_breaches_by_the_new_rule_too_goes_on_under_it() -> None:
    story = Story()
    story.day(0, WORSE)

    story.day(1, WORSE, rule=replace(DEVIATION, version=2))
    story.day(2, GOOD, rule=replace(DEVIATION, version=2))

    assert story.now.rule_version == 2
    assert story.now.condition is Condition.RECOVERING


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
    story.later(CORRECTED, before=WORSE)

    with pytest.raises(EpisodeClosedError):
        acknowledge(episode=story.now, by="x", at=AT, on=MONDAY, comment=None)


def test_what_is_only_watched_cannot_be_acknowledged() -> None:
    story = Story()
    story.day(0, BAD)

    with pytest.raises(EpisodeNotRaisedError):
        acknowledge(episode=story.now, by="x", at=AT, on=date(2020, 2, 3), comment=None)
