"""What a told year has left behind, without what no two plays have in common: one hash of it.

All facts; the last judgement of each indicator, period and day; all alerts with their steps. Left
out: positions in the log, numbers and ids that were generated, revisions, and what time it was.
"""

import hashlib
import json
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy.engine import make_url

from wcoplan.embedded import DATABASES, databases
from wcoplan.postgres import HomeInUseError, PostgresError
from wcoplan.postgres_pid import serving, url_in

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
# Whether a judgement is the day's own or a second one of the same day, and the clock's time.
_ASIDE = frozenset({"revision", "judged_at", "last_fact_at", "daily", "restated"})


async def _at_once() -> None:
    """Nobody is waited for."""


@dataclass(frozen=True, kw_only=True)
class History:
    """Lines in order, by what they are about."""

    facts: tuple[str, ...]
    judgements: tuple[str, ...]
    alerts: tuple[str, ...]

    def parts(self) -> Mapping[str, tuple[str, ...]]:
        return {"facts": self.facts, "judgements": self.judgements, "alerts": self.alerts}

    def digests(self) -> Mapping[str, str]:
        """The SHA-256 of each part, in hexadecimal digits."""
        return {name: _digest(lines) for name, lines in self.parts().items()}

    def hash(self) -> str:
        """The SHA-256 of the three digests with their names."""
        return _digest(f"{name} {digest}" for name, digest in self.digests().items())

    def unlike(self, other: "History") -> list[str]:
        """The lines that only one of the two has: what to read when the hashes differ."""
        mine, theirs = set().union(*self.parts().values()), set().union(*other.parts().values())
        return sorted(mine ^ theirs)


async def of_folder(home: Path, *, settled: Callable[[], Awaitable[None]] = _at_once) -> History:
    """Read a folder, whether a system runs on it or not.

    `settled` is waited for where one runs: the databases are read one after the other.

    Raises:
        PostgresError, UnsuitablePlaceError: its PostgreSQL does not start, or is not ready yet.
    """
    outside = os.environ.get("WCOPLAN_DATABASE_URL", "")
    with ExitStack() as stack:
        try:
            urls = stack.enter_context(databases(home=home, database_url=outside)).urls
        except HomeInUseError as error:
            folder = serving(home)
            if folder is None:
                raise PostgresError(f"{error}, whose PostgreSQL is not up yet") from error
            await settled()
            urls = {name: url_in(folder, name) for name in DATABASES}
        return await of_databases(urls)


async def of_databases(urls: Mapping[str, str]) -> History:
    """Read what the engine and the notifier have kept."""
    facts = [_fact(row) for row in await _rows(urls["kpi_engine"], _FACTS)]
    judged = [_judged(row) for row in await _rows(urls["kpi_engine"], _JUDGEMENTS)]
    return History(
        facts=_lines(facts),
        judgements=_lines(judged),
        alerts=_lines(await _rows(urls["notifier"], _ALERTS)),
    )


def _digest(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


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
    dsn = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        return [dict(row) for row in await connection.fetch(statement)]
    finally:
        await connection.close(timeout=5)
