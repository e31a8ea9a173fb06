"""What an operator does with an engine from outside: make again, hold against the ledger, look."""

from typing import Any

from kpi_engine.adapters.definitions import SqlDays
from kpi_engine.adapters.judgements import SqlJudgements
from kpi_engine.adapters.progress import kept_counts
from kpi_engine.adapters.rebuilds import SqlRebuilds
from kpi_engine.bootstrap import Engine
from kpi_engine.handlers.receiving import READ_FROM
from kpi_engine.handlers.replay import LedgerReplay
from kpi_engine.ports import Comparison
from shared_kit.delivery.progress import lag_by_topic


async def replay_ledger(engine: Engine) -> dict[str, int]:
    """Make the contributions again; see `handlers.replay`."""
    replay = LedgerReplay(
        transact=engine.transact,
        ledger=engine.ingest.ledger,
        store=engine.ingest.store,
        rebuilds=lambda tx: SqlRebuilds(tx.session),
        known=engine.known,
        business=engine.business,
    )
    return await replay()


async def reconcile_ledger(engine: Engine) -> Comparison | None:
    """Hold what is kept against the ledger now; None where another process is at it."""
    async with engine.sessions() as session:
        opened = await SqlDays(session).opened()
    if not opened:
        return Comparison()
    return await engine.reconciliation()(day=max(opened.values()))


async def doctor_report(engine: Engine) -> dict[str, Any]:
    """Offsets, lag, marks, parked records: what an operator asks first."""
    lag = await lag_by_topic(engine.sessions, engine.tables, engine.log, READ_FROM)
    async with engine.sessions() as session:
        kept = await kept_counts(session)
        offsets = await SqlJudgements(session).offsets()
        opened = await SqlDays(session).opened()
    return {
        "progress": dict(await engine.counts()),
        "lag": lag,
        "offsets": offsets,
        "opened": {plan: day.isoformat() for plan, day in opened.items()},
        **kept,
    }
