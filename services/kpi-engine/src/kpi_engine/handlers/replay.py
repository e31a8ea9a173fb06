"""Makes all contributions again from the ledger, and says whether the live ones were right."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from kpi_engine.handlers.effective import resolve
from kpi_engine.handlers.ingest import contributions
from kpi_engine.handlers.known import KnownPlans
from kpi_engine.ports import DefinitionStore, Ledger, Mark, Rebuilds
from shared_kit.clock import Clock
from shared_kit.delivery.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerReplay:
    """One transaction that holds ingest back; facts that arrive meanwhile wait in the log."""

    transact: Callable[[], AbstractAsyncContextManager[Transaction]]
    ledger: Callable[[Transaction], Ledger]
    store: Callable[[Transaction], DefinitionStore]
    rebuilds: Callable[[Transaction], Rebuilds]
    known: KnownPlans
    business: Clock

    async def __call__(self) -> dict[str, int]:
        """Report rows made, missing and surplus; where they differ, replace and judge again."""
        async with self.transact() as tx:
            ledger, rebuilds = self.ledger(tx), self.rebuilds(tx)
            await ledger.lock_definitions(exclusive=True)
            known = await self.known.current(ledger=ledger, store=self.store(tx))
            await rebuilds.begin()
            facts = 0
            async for chunk in ledger.scan(known.fan_out.names):
                facts += len(chunk)
                effective = await resolve(ledger, chunk)
                await rebuilds.add(contributions(effective, fan_out=known.fan_out, marks=None))
            made, missing, surplus = await rebuilds.differences(
                measures=tuple(known.fan_out.indicators)
            )
            if missing or surplus:
                await rebuilds.take_over()
                now = self.business.now()
                await ledger.mark(
                    [
                        Mark(key, period.code)
                        for plan in known.plans.values()
                        for key in plan.indicator_keys()
                        for period in plan.calendar.periods()
                        if period.start <= plan.calendar.today(now)
                    ]
                )
            tx.audit.add(
                actor="kpi-engine",
                action="ledger.replay",
                key="contributions",
                detail={"made": made, "missing": missing, "surplus": surplus},
            )
            return {"facts": facts, "made": made, "missing": missing, "surplus": surplus}
