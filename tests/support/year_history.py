"""What a told year has left behind, without what no two plays have in common: one hash of it.

All facts; the last judgement of each indicator, period and day; all alerts with their steps. Left
out: positions in the log, numbers and ids that were generated, revisions, and what time it was.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from shared_kit.messaging.dsn import dsn
from wcoplan.embedded import databases

_FACTS = """
    SELECT source, event_id, name, subject, effective, convert_from(payload, 'UTF8') AS said
    FROM fact
"""
_JUDGEMENTS = """
    SELECT DISTINCT ON (indicator, period, judged_on) indicator, period, judged_on, result AS said
    FROM judgement ORDER BY indicator, period, judged_on, revision DESC
"""
_ALERTS = """
    SELECT e.rule, e.rule_version, e.indicator, e.period, e.owner_unit, e.condition, e.since,
           t.seq, t.change, t."on", t.level, t.previous_level, t.close_reason, t.tells, t.reason_en
    FROM episode e JOIN transition t ON t.episode_id = e.id
"""
# Its events have generated ids; whoever else tells facts gives them ids of their own.
_GENERATES = "urn:wcoplan:plan-api"
_ASIDE = frozenset({"revision", "judged_at", "last_fact_at", "daily", "restated"})


@dataclass(frozen=True, kw_only=True)
class History:
    """Lines in order, by what they are about."""

    facts: tuple[str, ...]
    judgements: tuple[str, ...]
    alerts: tuple[str, ...]

    def hash(self) -> str:
        lines = "\n".join(("facts", *self.facts, "judged", *self.judgements, "told", *self.alerts))
        return hashlib.sha256(lines.encode()).hexdigest()

    def unlike(self, other: "History") -> list[str]:
        """The lines that only one of the two has: what to read when the hashes differ."""
        mine = {*self.facts, *self.judgements, *self.alerts}
        theirs = {*other.facts, *other.judgements, *other.alerts}
        return sorted(mine ^ theirs)


async def of_folder(home: Path) -> History:
    """Read a folder whose system is stopped."""
    with databases(home=home, database_url="") as kept:
        return await of_databases(kept.urls)


async def of_databases(urls: Mapping[str, str]) -> History:
    """Read what the engine and the notifier have kept."""
    facts = [_fact(row) for row in await _rows(urls["kpi_engine"], _FACTS)]
    judged = [_judged(row) for row in await _rows(urls["kpi_engine"], _JUDGEMENTS)]
    return History(
        facts=_lines(facts),
        judgements=_lines(judged),
        alerts=_lines(await _rows(urls["notifier"], _ALERTS)),
    )


def _fact(row: Mapping[str, Any]) -> Mapping[str, Any]:
    named = {} if row["source"] == _GENERATES else {"id": row["event_id"]}
    kept = {name: row[name] for name in ("source", "name", "subject", "effective")}
    return {**kept, **named, "said": json.loads(row["said"])}


def _judged(row: Mapping[str, Any]) -> Mapping[str, Any]:
    said = {name: one for name, one in json.loads(row["said"]).items() if name not in _ASIDE}
    return {**row, "said": said}


def _lines(rows: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    # A fact that were kept twice would stand here twice.
    return tuple(sorted(json.dumps(one, sort_keys=True, default=str) for one in rows))


async def _rows(url: str, statement: str) -> list[dict[str, Any]]:
    connection = await asyncpg.connect(dsn(url), timeout=10)
    try:
        return [dict(row) for row in await connection.fetch(statement)]
    finally:
        await connection.close(timeout=5)
