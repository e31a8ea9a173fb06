"""Any course of samples and acknowledgements, against what must always hold."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition
from hypothesis.stateful import rule as action

from notifier.domain.course import advance
from notifier.domain.episode import (
    Change,
    CloseReason,
    Condition,
    Episode,
    Handling,
    Transition,
    acknowledge,
)
from notifier.domain.rule import DEVIATION, Level, assess
from notifier.domain.sample import Sample, Status
from services.notifier.tests.builders import MONDAY, counts

AT = datetime(2020, 2, 3, 9, tzinfo=UTC)
HEALTH = st.sampled_from([60, 79, 82, 84, 88, 91, 93, 97])


class EpisodeMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.day = MONDAY
        self.revision = 0
        self.episodes: dict[str, Episode] = {}
        self.current: Episode | None = None
        self.transitions: dict[str, list[Transition]] = {}

    def _apply(self, sample: Sample, *, fresh: bool) -> None:
        before = self.current
        step = advance(
            episode=before if before is not None and before.open else None,
            sample=sample,
            assessment=assess(sample=sample, rule=DEVIATION, grace_days=30),
            rule=DEVIATION,
            fresh=fresh,
        )
        if step.episode is None:
            return
        key = str(step.episode.id)
        if before is not None and not before.open:
            assert step.episode.id != before.id, "closed is terminal"
        self.current = self.episodes[key] = step.episode
        self.transitions.setdefault(key, []).extend(step.transitions)
        for transition in step.transitions:
            if not fresh:
                assert not transition.tells
            if transition.change is Change.LEVEL_UP:
                assert step.episode.handling is Handling.NEW
                assert step.episode.acknowledgement is None

    @action(done=HEALTH, days=st.integers(0, 20), fresh=st.booleans(), judged=st.booleans())
    def a_sample_comes(self, done: int, days: int, *, fresh: bool, judged: bool) -> None:
        self.day += timedelta(days=days)
        self.revision += 1
        sample = counts(done, 100, overdue=(), judged_on=self.day, revision=self.revision)
        if not judged:
            sample = replace(sample, status=Status.NOT_JUDGED)
        self._apply(replace(sample, closes_on=self.day + timedelta(days=400)), fresh=fresh)

    @action(done=HEALTH)
    def an_old_sample_comes_again(self, done: int) -> None:
        before = self.current
        if before is None or not before.open:
            return
        stale = counts(done, 100, judged_on=self.day, revision=before.last_revision)
        self._apply(stale, fresh=True)
        assert self.current == before

    @precondition(lambda self: self.current is not None and self.current.open)
    @action(done=HEALTH)
    def the_period_ends(self, done: int) -> None:
        self.day += timedelta(days=1)
        self.revision += 1
        sample = counts(done, 100, judged_on=self.day, revision=self.revision)
        self._apply(replace(sample, closes_on=self.day - timedelta(days=1)), fresh=True)
        assert self.current is not None
        assert self.current.close_reason in (CloseReason.PERIOD_CLOSED, CloseReason.TRANSIENT)

    @precondition(
        lambda self: (
            self.current is not None
            and self.current.condition in (Condition.FIRING, Condition.RECOVERING)
        )
    )
    @action()
    def somebody_acknowledges(self) -> None:
        assert self.current is not None
        step = acknowledge(episode=self.current, by="x", at=AT, on=self.day, comment=None)
        assert step.episode is not None
        self.current = self.episodes[str(step.episode.id)] = step.episode
        self.transitions[str(step.episode.id)].extend(step.transitions)

    @invariant()
    def at_most_one_is_open(self) -> None:
        assert sum(episode.open for episode in self.episodes.values()) <= 1

    @invariant()
    def transitions_are_numbered_without_a_gap(self) -> None:
        for key, episode in self.episodes.items():
            numbers = [t.seq for t in self.transitions[key]]
            assert numbers == list(range(1, episode.seq + 1))

    @invariant()
    def nobody_hears_of_what_is_only_watched(self) -> None:
        for key, episode in self.episodes.items():
            if episode.raised_on is None:
                assert not any(t.tells for t in self.transitions[key])

    @invariant()
    def nobody_hears_of_an_end_without_a_beginning(self) -> None:
        for told in self.transitions.values():
            heard = [t.change for t in told if t.tells and t.change is not Change.ACKNOWLEDGED]
            if heard:
                assert heard[0] in (Change.RAISED, Change.TOLD_LATE, Change.LEVEL_UP)

    @invariant()
    def the_level_told_is_a_level_that_was(self) -> None:
        for episode in self.episodes.values():
            assert episode.told in (None, Level.WARNING, Level.CRITICAL)
            if episode.told is not None:
                assert episode.raised_on is not None


TestEpisodeMachine = EpisodeMachine.TestCase
TestEpisodeMachine.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
