"""One round of the rules over daily samples: state, audit, inbox, mails, events."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from uuid import UUID, uuid5

from notifier.domain.course import advance, correct
from notifier.domain.episode import (
    CloseReason,
    Episode,
    Step,
    Transition,
    close,
)
from notifier.domain.notice import NoticeKind, notice_kind, notice_of
from notifier.domain.rule import SAYS_NOTHING, Assessment, Rule, assess
from notifier.domain.sample import Sample
from notifier.domain.subject import Subject
from notifier.handlers.announce import alert_event, alert_news
from notifier.ports.stores import Outcome, Shown, Stores, Watched, Writer
from notifier.ports.stream import NewItem
from shared_kit.calendar import UnknownPeriodError
from shared_kit.clock import Clock
from shared_kit.delivery.transaction import Transaction
from shared_kit.telemetry.metrics import Metrics

NEWS_FOR = timedelta(days=7)
"""A judgement older than this moves the state and tells nobody: a rebuild is no news."""

_EVENTS = UUID("0e9f2a54-6f0d-5a35-8e2a-0f6c1b7d9e21")
_ACTOR = "service:notifier"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """One round of the rules over daily samples."""

    tx: Transaction
    stores: Stores
    writer: Writer
    business: Clock
    metrics: Metrics
    actor: str = _ACTOR
    news: list[NewItem] = field(default_factory=list)

    async def run(self, due: Sequence[Sample]) -> None:
        if not due:
            return
        rule = await self.stores.definitions.rule()
        subjects = await self.stores.definitions.subjects({s.indicator for s in due})
        keys = {(s.indicator, s.period) for s in due}
        open_episodes = dict(await self.stores.episodes.open(keys))
        ended = set(await self.stores.episodes.ended(keys))
        outcomes: dict[Outcome, list[Sample]] = {}
        for key, samples in groupby(sorted(due, key=_in_order), key=_watched):
            subject = subjects.get(key[0])
            if subject is None:
                continue  # stays awaiting its definition
            for sample in samples:
                episode = open_episodes.get(key)
                outcome = _outcome(sample, subject, episode)
                outcomes.setdefault(outcome, []).append(sample)
                if outcome is Outcome.EVALUATED and key not in ended:
                    episode = await self._evaluate(sample, episode, subject, rule)
                    if episode is None or not episode.open:
                        open_episodes.pop(key, None)
                        if episode and episode.close_reason is CloseReason.PERIOD_CLOSED:
                            ended.add(key)
                    else:
                        open_episodes[key] = episode
        for outcome, samples_of_it in outcomes.items():
            await self.stores.samples.settle(samples_of_it, outcome)
        await self._close_overrun(due)
        for plan in sorted({sample.plan for sample in due}):
            await self.retire(plan, named={})

    async def retire(self, plan: str, *, named: Mapping[str, Subject]) -> None:
        """End the alerts on what a plan does not have any more, once that version is in force.

        `named` are subjects as they were called before; else they are told by their codes.
        """
        newest = await self.stores.definitions.plan(plan)
        if newest is None:
            return
        today = newest.calendar().today(self.business.now())
        if newest.effective_on > today:
            return
        standing = {f"{plan}:{indicator.code}" for indicator in newest.indicators}
        for episode in await self.stores.episodes.open_of(plan, besides=standing):
            names = named or await self.stores.definitions.names([episode.indicator])
            step = close(
                episode=episode,
                on=today,
                reason=CloseReason.SUBJECT_RETIRED,
                fresh=today - episode.last_on <= NEWS_FOR,
            )
            await self.record_quietly(step, subject=names[episode.indicator])

    async def record(self, step: Step, *, sample: Sample, subject: Subject) -> None:
        """Record a step that something else than a rule over samples decided."""
        if step.episode is None:
            return
        rule = await self.stores.definitions.rule()
        shown = self._shown(step.episode, sample, subject, rule, SAYS_NOTHING)
        await self.stores.episodes.save(step.episode, shown=shown)
        for transition in step.transitions:
            await self._record(step.episode, transition, sample, subject, rule, shown)

    async def record_quietly(self, step: Step, *, subject: Subject) -> None:
        """Record a step that no new sample caused."""
        if step.episode is None or not step.transitions:
            return
        shown = await self.stores.episodes.shown(step.episode.id)
        sample = await self.stores.samples.get(
            indicator=step.episode.indicator,
            period=step.episode.period,
            revision=step.episode.last_revision,
        )
        rule = await self.stores.definitions.rule()
        await self.stores.episodes.save(step.episode, shown=None)
        for transition in step.transitions:
            await self._record(step.episode, transition, sample, subject, rule, shown)

    async def _evaluate(
        self, sample: Sample, episode: Episode | None, subject: Subject, rule: Rule
    ) -> Episode | None:
        today = subject.calendar.today(self.business.now())
        assessment = assess(sample=sample, rule=rule, grace_days=subject.grace_days)
        fresh = today - sample.judged_on <= NEWS_FOR
        if sample.daily or episode is None:
            step = advance(
                episode=episode, sample=sample, assessment=assessment, rule=rule, fresh=fresh
            )
        else:
            before = await self.stores.samples.before(sample)
            step = correct(
                episode=episode,
                sample=sample,
                assessment=assessment,
                before=_said_of(before, rule, subject),
                fresh=fresh,
            )
            if not step.transitions:
                return episode
        if step.episode is None:
            return None
        shown = self._shown(step.episode, sample, subject, rule, assessment)
        await self.stores.episodes.save(step.episode, shown=shown)
        for transition in step.transitions:
            await self._record(step.episode, transition, sample, subject, rule, shown)
        return step.episode

    def _shown(
        self,
        episode: Episode,
        sample: Sample,
        subject: Subject,
        rule: Rule,
        assessment: Assessment,
    ) -> Shown:
        notice = notice_of(
            kind=NoticeKind.RAISED,
            episode=episode,
            transition=None,
            subject=subject,
            sample=sample,
            chance=assessment.chance,
            healthy=rule.healthy,
        )
        reason_en, reason_fr = self.writer.reason(notice)
        return Shown(
            reason_en=reason_en,
            reason_fr=reason_fr,
            chance=assessment.chance,
            closes_on=sample.closes_on,
        )

    async def _record(
        self,
        episode: Episode,
        transition: Transition,
        sample: Sample,
        subject: Subject,
        rule: Rule,
        shown: Shown,
    ) -> None:
        at = self.business.now()
        await self.stores.episodes.add_transition(episode, transition, at=at, shown=shown)
        self.tx.audit.add(
            actor=self.actor,
            action=f"alert.{transition.change}",
            key=str(episode.id),
            detail={
                "indicator": episode.indicator,
                "period": episode.period,
                "level": transition.level,
                "revision": sample.revision,
                "tells": transition.tells,
            },
        )
        if episode.raised_on is not None:  # what is only watched is not told of
            self.news.append(alert_news(episode=episode, transition=transition, at=at))
        kind = notice_kind(transition)
        if kind is None:
            return
        notice = notice_of(
            kind=kind,
            episode=episode,
            transition=transition,
            subject=subject,
            sample=sample,
            chance=shown.chance,
            healthy=rule.healthy,
            synthetic=await self.stores.deliverables.any_synthetic(episode.plan),
            on_track_on=await self.stores.samples.last_on_track(
                indicator=episode.indicator, period=episode.period, before=episode.since
            ),
        )
        units = await self.stores.definitions.units(
            [episode.owner_unit] if episode.owner_unit else []
        )
        await self.stores.notices.add(
            episode=episode,
            transition=transition,
            notice=notice,
            written=self.writer.write(notice),
            unit=units.get(episode.owner_unit or ""),
            at=at,
        )
        self._count(kind, episode)
        self.tx.outbox.add(
            alert_event(episode=episode, transition=transition, sample=sample, shown=shown, at=at),
            id=uuid5(_EVENTS, f"{episode.id}|{transition.seq}"),
        )

    def _count(self, kind: NoticeKind, episode: Episode) -> None:
        self.metrics.count("notices_total", labels={"channel": "inbox", "outcome": "written"})
        if kind is NoticeKind.RAISED:
            self.metrics.count("alerts_raised_total", labels={"level": episode.level.value})

    async def _close_overrun(self, due: Sequence[Sample]) -> None:
        """End what is still open a week after its last judgement should have come.

        The engine judges a period once more when its grace is over; this is for the day when it
        was down. A week, because partitions do not wait for one another.
        """
        for plan, day in sorted(_last_days(due).items()):
            for episode in await self.stores.episodes.overrun(plan=plan, before=day - NEWS_FOR):
                subjects = await self.stores.definitions.names([episode.indicator])
                subject = subjects[episode.indicator]
                today = subject.calendar.today(self.business.now())
                step = close(
                    episode=episode,
                    on=day,
                    reason=CloseReason.PERIOD_CLOSED,
                    fresh=today - day <= NEWS_FOR,
                )
                await self.record_quietly(step, subject=subject)


def _said_of(before: Sample | None, rule: Rule, subject: Subject) -> Assessment:
    if before is None:
        return SAYS_NOTHING
    return assess(sample=before, rule=rule, grace_days=subject.grace_days)


def _outcome(sample: Sample, subject: Subject, episode: Episode | None) -> Outcome:
    if not sample.daily and episode is None:
        return Outcome.KEPT  # a correction ends what is open, and opens nothing
    try:
        repeats = subject.repeats_its_year(period=sample.period, on=sample.judged_on)
    except UnknownPeriodError:
        return Outcome.UNKNOWN_PERIOD
    return Outcome.REPEATS_YEAR if repeats else Outcome.EVALUATED


def _in_order(sample: Sample) -> tuple[str, str, int]:
    return (sample.indicator, sample.period, sample.revision)


def _watched(sample: Sample) -> Watched:
    return (sample.indicator, sample.period)


def _last_days(samples: Iterable[Sample]) -> dict[str, date]:
    found: dict[str, date] = {}
    for sample in samples:
        found[sample.plan] = max(found.get(sample.plan, sample.judged_on), sample.judged_on)
    return found
