"""Ingest: a batch of records becomes facts, contributions and marks, in one transaction.

Safe to repeat: (source, id) is unique in the ledger. Order between topics does not matter: a
fact that nothing counts yet is kept and counts as soon as its definition comes.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from kpi_engine.domain.corrections import Verdict
from kpi_engine.domain.days import periods_since
from kpi_engine.domain.definitions import Plan
from kpi_engine.handlers.compiling import measure_keys
from kpi_engine.handlers.effective import (
    EffectiveFact,
    apply_corrections,
    replaced_event,
    resolve,
)
from kpi_engine.handlers.fanout import FanOut
from kpi_engine.handlers.known import (
    PLAN_PUBLISHED,
    Known,
    KnownPlans,
    compiled,
    published,
    standing_snapshots,
)
from kpi_engine.handlers.receiving import Received, receive, without_duplicates
from kpi_engine.ports import (
    Contribution,
    DefinitionStore,
    Draft,
    Ledger,
    Mark,
    Side,
)
from shared_kit.clock import Clock
from shared_kit.delivery import crashpoints
from shared_kit.delivery.transaction import Transaction
from shared_kit.events.corrections import FactReplaced
from shared_kit.events.envelope import InvalidEventError
from shared_kit.messaging.log import Record
from shared_kit.telemetry.metrics import Metrics

_UNCORRECTED = Verdict()
# Corrections that change figures; the others change what is known of a fact, not what it says.
_RESTATING = frozenset({"fact.retracted", "fact.replaced"})
# What is said of a whole indicator names it as the item; the period is the draft's.
_ABOUT_INDICATORS = frozenset({Side.ESTIMATE, Side.TARGET, Side.FIGURE, Side.CONFIRMED})
# What is said of an item moves every indicator in which the item is planned.
_ABOUT_ITEMS = frozenset({Side.NUMERATOR, Side.RESCHEDULED, Side.CANCELLED, Side.REACHED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingest:
    """Handles a fetch; the ports are made for each transaction."""

    ledger: Callable[[Transaction], Ledger]
    store: Callable[[Transaction], DefinitionStore]
    known: KnownPlans
    business: Clock
    metrics: Metrics | None = None

    async def __call__(self, tx: Transaction, records: Sequence[Record]) -> None:
        await ingest(
            tx,
            records,
            ledger=self.ledger(tx),
            store=self.store(tx),
            known=self.known,
            business=self.business,
            metrics=self.metrics,
        )


async def ingest(
    tx: Transaction,
    records: Sequence[Record],
    *,
    ledger: Ledger,
    store: DefinitionStore,
    known: KnownPlans,
    business: Clock,
    metrics: Metrics | None = None,
) -> None:
    """Keep the facts of a batch and mark the indicators that they touch."""
    received = _read(tx, records, business)
    first, repeated, contradicting = without_duplicates(received)
    # Else a fact and its definition can miss each other: seen in a trial.
    exclusive = any(one.corrects or one.fact.topic == "plan" for one in first)
    await ledger.lock_definitions(exclusive=exclusive)
    if exclusive:
        first = await _usable_corrections(tx, first, ledger)
    seqs = await ledger.append([one.fact for one in first])
    old = [one for one in first if one.fact.digest not in seqs]
    if old:
        stored = await ledger.contents([one.fact.digest for one in old])
        contradicting += [one for one in old if stored[one.fact.digest][0] != one.fact.content]
    for one in contradicting:
        tx.parked.add(
            one.record,
            code="contradiction",
            reason=f"{one.fact.source} {one.fact.id} is known with another content",
        )
    if metrics is not None:
        metrics.count("duplicates_total", by=len(repeated) + len(old))
    fresh = [(seqs[one.fact.digest], one) for one in first if one.fact.digest in seqs]
    if fresh:
        await _apply(fresh, exclusive, ledger, store, known, business)
    crashpoints.reach("engine-after-facts")


def _read(tx: Transaction, records: Sequence[Record], business: Clock) -> list[Received]:
    now = business.now()
    found = []
    for record in records:
        try:
            found.append(receive(record, now=now))
        except InvalidEventError as error:
            tx.parked.add(record, reason=error.message, code=error.code)
    return found


async def _usable_corrections(
    tx: Transaction, received: Sequence[Received], ledger: Ledger
) -> list[Received]:
    """Park replacements that break the contract of a fact that is known by now.

    One that comes before its fact is kept and, if it breaks the contract, has no effect.
    """
    names = {one.fact.digest: one.fact.name for one in received}
    targets = [one.fact.target for one in received if one.fact.target is not None]
    for digest, (_, name) in (await ledger.contents(targets)).items():
        names[digest] = name
    usable = []
    for one in received:
        target = None if one.fact.target is None else names.get(one.fact.target)
        if target is not None and isinstance(one.event, FactReplaced):
            try:
                replaced_event(one.event, name=target)
            except InvalidEventError as error:
                tx.parked.add(one.record, reason=error.message, code=error.code)
                continue
        usable.append(one)
    return usable


async def _apply(
    fresh: Sequence[tuple[int, Received]],
    exclusive: bool,  # noqa: FBT001 - how the lock was taken
    ledger: Ledger,
    store: DefinitionStore,
    known: KnownPlans,
    business: Clock,
) -> None:
    """Make the contributions of new facts, and anew those of corrected ones."""
    marks, restated = Marks(), Marks()
    facts = await _effective(fresh, ledger)
    corrected: list[EffectiveFact] = []
    if exclusive:
        corrections = [one.fact.digest for _, one in fresh if one.corrects]
        corrected = await resolve(ledger, await ledger.corrected_by(corrections))
    if any(one.fact.name == PLAN_PUBLISHED for one in (*facts, *corrected)):
        made_below = {one.fact.seq for one in (*facts, *corrected)}
        plans = await _learn(marks, made_below, ledger, store, business)
    else:
        plans = await known.current(ledger=ledger, store=store)
    if corrected:
        for gone in await ledger.drop_contributions([one.fact.seq for one in corrected]):
            restated.draft(gone)
    new = {one.fact.seq for one in facts}
    known_before = [one for one in corrected if one.fact.seq not in new]
    await ledger.add_contributions(
        [
            *contributions(facts, fan_out=plans.fan_out, marks=marks),
            *contributions(known_before, fan_out=plans.fan_out, marks=restated),
        ]
    )
    restates = any(one.fact.name in _RESTATING for _, one in fresh)
    keep, count = plans.fan_out.releases
    # A release more moves other measures where there was one before, one less where one is left.
    for moved, least in ((marks, 2), (restated, 1)):
        for measure in (
            *await ledger.measures_listing(moved.items),
            *await ledger.measures_releasing(moved.items, plans=keep, counts=count, least=least),
        ):
            moved.moved(measure, None)
    await ledger.mark(
        marks.of(plans, business)
        | {mark._replace(restates=restates) for mark in restated.of(plans, business)}
    )


async def _effective(fresh: Sequence[tuple[int, Received]], ledger: Ledger) -> list[EffectiveFact]:
    """The new facts, with corrections that came before them; decoded once only."""
    stored = [(one.stored(seq), one) for seq, one in fresh if not one.corrects]
    below = await ledger.corrections_below([fact.digest for fact, _ in stored])
    named = {one.correction.target for one in below}
    plain = [
        EffectiveFact(fact=fact, event=one.event, verdict=_UNCORRECTED)
        for fact, one in stored
        if fact.digest not in named
    ]
    return plain + apply_corrections((f for f, _ in stored if f.digest in named), below)


class Marks:
    """Collects what a batch touches: coalesced to one mark an indicator and period."""

    def __init__(self) -> None:
        self.items: set[str] = set()
        self._since: dict[int, date | None] = {}
        self._named: set[tuple[str, str | None]] = set()
        self._plans: set[int] = set()

    def moved(self, measure: int, effective: date | None) -> None:
        """A fact of that date moves a measure; no date: any begun period."""
        if measure not in self._since:
            self._since[measure] = effective
            return
        before = self._since[measure]
        if before is not None and (effective is None or effective < before):
            self._since[measure] = effective

    def indicator(self, key: str, period: str | None) -> None:
        """Something was said of an indicator and period, or (None) of the indicator."""
        self._named.add((key, period))

    def draft(self, draft: Draft) -> None:
        """Note what a contribution moves."""
        if draft.side in _ABOUT_INDICATORS:
            self.indicator(draft.item, draft.period)
            return
        if draft.side is Side.ADOPTED:
            self._plans.update(draft.measures)
        since = draft.effective
        if draft.side in (Side.PLANNED, Side.RESCHEDULED):
            since = None  # a due date says when it is due, not which period it belongs to
        for measure in draft.measures:
            self.moved(measure, since)
        if draft.side in _ABOUT_ITEMS:
            self.items.add(draft.item)

    def of(self, known: Known, business: Clock) -> set[Mark]:
        """The marks, for periods that have begun."""
        found: set[Mark] = set()
        for measure, since in self._since.items():
            key = known.fan_out.indicators.get(measure)
            if key:
                plan = known.fan_out.plan_of_measure[measure]
                found.update(_marks(plan, key, since, business))
        adopted = [known.fan_out.plan_of_measure[measure] for measure in self._plans]
        named_now = {(key, None) for plan in adopted for key in plan.indicator_keys()}
        for key, period in self._named | named_now:
            named = known.plans.get(key.partition(":")[0])
            if named is not None and key in named.indicator_keys():
                found.update(
                    mark
                    for mark in _marks(named, key, None, business)
                    if period in (None, mark.period) or mark.period == named.calendar.cycle_code
                )
        return found


def _marks(plan: Plan, key: str, since: date | None, business: Clock) -> Iterable[Mark]:
    today = plan.calendar.today(business.now())
    for period in periods_since(calendar=plan.calendar, first=since, today=today):
        yield Mark(key, period.code)


def contributions(
    facts: Iterable[EffectiveFact], *, fan_out: FanOut, marks: Marks | None
) -> list[Contribution]:
    """Fan facts out; a retracted one contributes nothing."""
    rows = []
    for one in facts:
        if one.event is None:
            continue
        fact = one.fact
        for draft in fan_out.drafts(one.event):
            rows.append(Contribution(draft, fact.seq, fact.time, fact.recorded))
            if marks is not None:
                marks.draft(draft)
    return rows


async def _learn(
    marks: Marks,
    made_elsewhere: Collection[int],
    ledger: Ledger,
    store: DefinitionStore,
    business: Clock,
) -> Known:
    """Plan versions changed: compile them, make the contributions of measures that are new.

    Those of `made_elsewhere`, the facts of the batch itself, are left to the caller.
    """
    snapshots = standing_snapshots(await published(ledger))
    ids, idle = await store.measure_ids(measure_keys(snapshots))
    known = compiled(snapshots, ids=ids, revision=await store.changed())
    for plan in known.plans.values():
        await store.begin_day(plan=plan.code, today=plan.calendar.today(business.now()))
        for key in plan.indicator_keys():
            marks.indicator(key, None)
    await store.activate(ids.values())
    if idle:
        only = FanOut(known.plans, only=idle)
        await ledger.drop_measures(idle)
        async for chunk in ledger.scan(only.names):
            rest = [fact for fact in chunk if fact.seq not in made_elsewhere]
            await ledger.add_contributions(
                contributions(await resolve(ledger, rest), fan_out=only, marks=None)
            )
    return known
