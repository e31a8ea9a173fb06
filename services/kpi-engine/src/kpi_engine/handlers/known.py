"""The plans that the engine knows, compiled once and shared by ingest and judging."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kpi_engine.domain.definitions import Plan
from kpi_engine.handlers.compiling import compile_plans, measure_keys
from kpi_engine.handlers.effective import EffectiveFact, resolve
from kpi_engine.handlers.fanout import FanOut
from kpi_engine.ports import DefinitionStore, Ledger, MeasureKey
from shared_kit.events.definitions import PlanSnapshot
from shared_kit.events.plans import PlanPublished

PLAN_PUBLISHED = PlanPublished.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Plans of one revision of the definitions, with their fan-out. Never changed."""

    revision: int
    plans: Mapping[str, Plan]
    fan_out: FanOut


class KnownPlans:
    """A cache of one process: read again when the ledger has a newer revision.

    Safe to share between transactions: a reader compares the revision that its own snapshot of
    the database sees, after the lock.
    """

    def __init__(self) -> None:
        self._known: Known | None = None

    def at(self, revision: int) -> Known | None:
        """What is known of that revision of the definitions; None where it has to be read first."""
        known = self._known
        return known if known is not None and known.revision == revision else None

    async def current(self, *, ledger: Ledger, store: DefinitionStore) -> Known:
        revision = await store.revision()
        known = self.at(revision)
        if known is None:
            snapshots = standing_snapshots(await published(ledger))
            ids, _ = await store.measure_ids(measure_keys(snapshots))
            known = compiled(snapshots, ids=ids, revision=revision)
            self._known = known
        return known


def compiled(
    snapshots: Sequence[PlanSnapshot], *, ids: Mapping[MeasureKey, int], revision: int
) -> Known:
    """Compile plan versions whose measures have their numbers."""
    plans = compile_plans(snapshots, ids=ids)
    return Known(revision=revision, plans=plans, fan_out=FanOut(plans))


async def published(ledger: Ledger) -> list[EffectiveFact]:
    """All plan versions in the ledger, corrections applied."""
    found: list[EffectiveFact] = []
    async for chunk in ledger.scan([PLAN_PUBLISHED]):
        found.extend(await resolve(ledger, chunk))
    return found


def standing_snapshots(facts: Sequence[EffectiveFact]) -> list[PlanSnapshot]:
    """One snapshot for each plan and version: of several, the latest by (time, source, id)."""
    ordered = sorted(facts, key=lambda one: (one.fact.time, one.fact.source, one.fact.id))
    found: dict[tuple[str, int], PlanSnapshot] = {}
    for one in ordered:
        if isinstance(one.event, PlanPublished):
            found[one.event.snapshot.plan, one.event.snapshot.version] = one.event.snapshot
    return list(found.values())
