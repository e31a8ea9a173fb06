"""Keeps what a check against the ledger found, and tells of it.

The comparison reads one snapshot and holds nobody up; what it found is kept afterwards, in a short
transaction, together with the events that tell of it.
"""

import asyncio
import json
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from kpi_engine.handlers.compare import compare
from kpi_engine.ports import (
    CheckOutcome,
    Checks,
    Comparison,
    Figure,
    Finding,
    LooseRow,
    OpenSnapshot,
)
from shared_kit.clock import Clock
from shared_kit.delivery.transaction import Transaction
from shared_kit.events.base import plan_of, type_of
from shared_kit.events.results import (
    DifferingRow,
    JudgedPair,
    ReconciliationFailed,
    ReconciliationPassed,
    ShownFigure,
)
from shared_kit.telemetry.metrics import Metrics

logger = logging.getLogger(__name__)

_SAID = UUID("0b7f6c1e-2c5d-5e8b-9d3f-6a1c4e7b9f52")
# What belongs to the check and not to one of its findings.
_OF_CHECK = {"check", "checked_on", "checked_at", "evidence", "synthetic"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """One check: compares, keeps what it found, says it."""

    open_snapshot: OpenSnapshot
    transact: Callable[[], AbstractAsyncContextManager[Transaction]]
    checks: Callable[[Transaction], Checks]
    business: Clock
    metrics: Metrics
    limit: timedelta

    async def __call__(
        self, *, day: date, rest: float = 0.0, once: bool = False
    ) -> Comparison | None:
        """Check for a business day; None where another process is at it.

        `rest` is how long to pause for each second of work, so that others have the processor.
        `once`: not if the day was checked already. After `limit` it gives up; that it was not
        finished is kept as well.
        """
        began = self.business.now()
        async with self.open_snapshot() as snapshot:
            if not await snapshot.hold():
                return None
            last = await snapshot.last_day()
            if once and last is not None and last >= day:
                return None
            outcome = CheckOutcome.AGREES
            try:
                async with asyncio.timeout(self.limit.total_seconds()):
                    found = await compare(snapshot, rest=rest)
            except TimeoutError:
                logger.warning("the check against the ledger was not finished in time")
                found, outcome = Comparison(), CheckOutcome.UNFINISHED
            if found.findings:
                outcome = CheckOutcome.DIFFERS
            await self._keep(day, began, outcome, found)
        return found

    async def _keep(
        self, day: date, began: datetime, outcome: CheckOutcome, found: Comparison
    ) -> None:
        now = self.business.now()
        async with self.transact() as tx:
            checks = self.checks(tx)
            before = await checks.standing_findings()
            number = await checks.keep(
                day=day,
                began_at=began,
                ended_at=now,
                outcome=outcome,
                found=found,
                findings=json.dumps([_kept(one, day=day, at=now) for one in found.findings]),
            )
            tx.audit.add(
                actor="kpi-engine",
                action="ledger.reconcile",
                key=str(number),
                detail={"outcome": outcome.value, "findings": len(found.findings)},
            )
            for finding in found.findings:
                _tell(tx, failed(finding, check=number, day=day, at=now))
            standing = {(one.indicator, one.period) for one in found.findings}
            if outcome is not CheckOutcome.UNFINISHED:
                for key, period in before:
                    if (key, period) not in standing:
                        _tell(tx, _passed(key, period, check=number, day=day, at=now))
        self.metrics.count("reconciliations_total", labels={"outcome": outcome.value})
        self.metrics.set("reconciliation_differing", value=len(standing))
        for finding in found.findings:
            logger.error(
                "a figure is not what the ledger says",
                extra={"key": finding.indicator, "period": finding.period, "check": number},
            )


def failed(finding: Finding, *, check: int, day: date, at: datetime) -> ReconciliationFailed:
    """What is published of a finding."""
    return ReconciliationFailed(
        key=finding.indicator,
        plan=finding.plan,
        period=finding.period,
        check=check,
        checked_on=day,
        checked_at=at,
        judged_on=finding.judged_on,
        revision=finding.revision,
        shown=_figure(finding.shown),
        live=_figure(finding.live),
        rebuilt=_figure(finding.rebuilt),
        lost=finding.lost,
        surplus=finding.surplus,
        rows=tuple(_row(row) for row in finding.rows),
    )


def report_of(found: Comparison, *, day: date, at: datetime) -> dict[str, Any]:
    """A comparison as JSON, with its findings as they are kept."""
    return {
        "facts": found.facts,
        "rows": found.rows,
        "lost": found.lost,
        "surplus": found.surplus,
        "figures": found.figures,
        "waiting": found.waiting,
        "findings": [_kept(one, day=day, at=at) for one in found.findings],
    }


def _passed(key: str, period: str, *, check: int, day: date, at: datetime) -> ReconciliationPassed:
    return ReconciliationPassed(
        key=key, plan=plan_of(key), period=period, check=check, checked_on=day, checked_at=at
    )


def _figure(figure: Figure) -> ShownFigure:
    pair = figure.judged
    return ShownFigure(
        numerator=figure.numerator,
        denominator=figure.denominator,
        judged=None if pair is None else JudgedPair(numerator=pair[0], denominator=pair[1]),
        due=figure.due,
        due_done=figure.due_done,
    )


def _row(row: LooseRow) -> DifferingRow:
    return DifferingRow(
        lost=row.lost,
        side=row.side.name.lower().replace("_", "-"),
        item=row.item,
        member=row.member,
        effective=row.effective,
        source=row.source,
        id=row.id,
    )


def _kept(finding: Finding, *, day: date, at: datetime) -> object:
    said = failed(finding, check=0, day=day, at=at)
    return json.loads(said.model_dump_json(exclude=_OF_CHECK))


def _tell(tx: Transaction, event: ReconciliationFailed | ReconciliationPassed) -> None:
    name = f"{type_of(type(event))}|{event.key}|{event.period}|{event.check}"
    tx.outbox.add(event, id=uuid5(_SAID, name), time=event.checked_at)
