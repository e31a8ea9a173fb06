"""What the notifier does with what it hears, and with an acknowledgement.

All of it happens in the caller's one transaction: offsets, samples, transitions, audit, inbox,
queued mails and events stand or fall together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from notifier.domain.episode import EpisodeError, acknowledge
from notifier.domain.sample import Sample
from notifier.domain.subject import Subject
from notifier.handlers.doubt import watch_drift
from notifier.handlers.evaluate import Evaluation
from notifier.handlers.follow import follow
from notifier.ports.stores import (
    Checked,
    Fact,
    Incoming,
    Judged,
    OpenStores,
    Outcome,
    Read,
    Stores,
    Writer,
)
from shared_kit.clock import Clock
from shared_kit.delivery import crashpoints
from shared_kit.delivery.transaction import Transaction
from shared_kit.events.definitions import PlanSnapshot
from shared_kit.events.envelope import InvalidEventError
from shared_kit.events.plans import UnitRegistered
from shared_kit.identity import Caller
from shared_kit.messaging.log import Record
from shared_kit.telemetry.metrics import Metrics

_Key = tuple[str, str, int]
_NAME_LIMIT = 200


class AlertNotFoundError(EpisodeError):
    """There is no alert of that id."""

    fr = "Il n’y a pas d’alerte de cet identifiant."


@dataclass(frozen=True, slots=True, kw_only=True)
class Notifier:
    """The handlers' collaborators, put together once by bootstrap."""

    open_stores: OpenStores
    read: Read
    writer: Writer
    business: Clock
    metrics: Metrics
    operators_unit: str | None = None

    async def on_records(self, tx: Transaction, records: Sequence[Record]) -> None:
        """Keep what came, evaluate what is due. Safe to repeat: all of it is unique by nature."""
        stores = self.open_stores(tx.session)
        incoming = self._read(tx, records)
        snapshots = [item for item in incoming if isinstance(item, PlanSnapshot)]
        await stores.definitions.lock(exclusive=bool(snapshots))
        for item in incoming:
            if isinstance(item, UnitRegistered):
                await stores.definitions.keep_unit(item)
        plans = sorted({snapshot.plan for snapshot in snapshots})
        named = {plan: await self._named(stores, plan) for plan in plans}
        for snapshot in snapshots:
            await stores.definitions.keep_plan(snapshot)
            today = snapshot.calendar().today(self.business.now())
            await stores.days.begin(plan=snapshot.plan, day=today)
        await follow(stores.deliverables, [item for item in incoming if isinstance(item, Fact)])

        judged = [item for item in incoming if isinstance(item, Judged)]
        told, to_evaluate = await self._keep(stores, judged)
        due = dict(to_evaluate)
        for plan in plans:
            due |= {_key(sample): sample for sample in await stores.samples.awaiting(plan)}
        evaluation = Evaluation(
            tx=tx, stores=stores, writer=self.writer, business=self.business, metrics=self.metrics
        )
        await evaluation.run(list(due.values()))
        for plan in plans:
            await evaluation.retire(plan, named=named[plan])
        checks = [item for item in incoming if isinstance(item, Checked)]
        await watch_drift(evaluation, checks, unit=self.operators_unit)
        await stores.news.tell([*(item.news for item in told), *evaluation.news])
        if due or checks:
            crashpoints.reach("notifier-after-evaluate")

    async def acknowledge(
        self, tx: Transaction, *, caller: Caller, alert: UUID, comment: str | None
    ) -> None:
        """Note who takes care of an alert. The first acknowledgement stands.

        Raises:
            AlertNotFoundError, NotAllowedError, EpisodeClosedError, EpisodeNotRaisedError
        """
        stores = self.open_stores(tx.session)
        episode = await stores.episodes.get(alert)
        if episode is None:
            raise AlertNotFoundError(f"there is no alert {alert}")
        if episode.owner_unit is not None or episode.difference is not None:
            # Where no unit is named that runs the system, the planning office answers for it.
            caller.require_unit(episode.owner_unit or "")
        subject = (await stores.definitions.names([episode.indicator]))[episode.indicator]
        now = self.business.now()
        step = acknowledge(
            episode=episode,
            by=caller.subject[:_NAME_LIMIT],
            at=now,
            on=subject.calendar.today(now),
            comment=comment,
        )
        evaluation = Evaluation(
            tx=tx,
            stores=stores,
            writer=self.writer,
            business=self.business,
            metrics=self.metrics,
            actor=caller.subject,
        )
        await evaluation.record_quietly(step, subject=subject)
        await stores.news.tell(evaluation.news)

    async def _named(self, stores: Stores, plan: str) -> Mapping[str, Subject]:
        """The subjects of open alerts as a plan names them before its new version is kept."""
        open_ones = await stores.episodes.open_of(plan)
        return await stores.definitions.subjects({one.indicator for one in open_ones})

    def _read(self, tx: Transaction, records: Sequence[Record]) -> Sequence[Incoming]:
        found = []
        for record in records:
            try:
                item = self.read(record)
            except InvalidEventError as error:
                tx.parked.add(record, reason=str(error), code=error.code)
                continue
            if item is not None:
                found.append(item)
        return found

    async def _keep(
        self, stores: Stores, judged: Sequence[Judged]
    ) -> tuple[Sequence[Judged], Mapping[_Key, Sample]]:
        """Keep new samples. Return those that are the last word, and what is to be evaluated.

        The latter are the daily ones and the corrections, by key and revision.
        """
        known = await stores.samples.known(judged)
        fresh: dict[_Key, Judged] = {}
        for item in judged:
            key = _key(item.sample)
            if key not in known:
                fresh.setdefault(key, item)
        last = await stores.samples.last_revisions({key[:2] for key in fresh})
        kept: list[tuple[Judged, Outcome]] = []
        due: dict[_Key, Sample] = {}
        for key in sorted(fresh):
            item = fresh[key]
            if key[2] < last.get(key[:2], 0):
                kept.append((item, Outcome.OUT_OF_ORDER))
            elif not (item.sample.daily or item.sample.restated):
                kept.append((item, Outcome.KEPT))
            else:
                kept.append((item, Outcome.AWAITING))
                due[key] = item.sample
        await stores.samples.keep(kept)
        return [item for item, outcome in kept if outcome is not Outcome.OUT_OF_ORDER], due


def _key(sample: Sample) -> _Key:
    return (sample.indicator, sample.period, sample.revision)
