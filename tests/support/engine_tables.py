"""Tables of cases for one indicator: what happened, and what is said of it on a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import text

from kpi_engine.adapters.ledger import SqlLedger
from kpi_engine.ports import Mark
from shared_kit.events.activity import FigureStated, ReportingConfirmed
from shared_kit.events.base import Event
from shared_kit.events.corrections import FactContested, FactReplaced, FactRetracted
from shared_kit.events.envelope import CloudEvent
from shared_kit.events.plans import EstimateStated, TargetSet
from shared_kit.events.results import IndicatorJudged
from tests.support.engine_builders import as_json, key, the_plan
from tests.support.engine_lab import SOURCE, Lab, sent

FIRST_TIME = datetime(2019, 3, 1, tzinfo=UTC)
TODAY = date(2020, 2, 3)
TABLES: dict[str, tuple[str, ...]] = {
    "counts": (
        "SG", "SO1", "SO2", "SO3", "SP1.1", "SP2.1", "SP3.1", "SP4.1", "SP5", "SP6.1", "SP6.2",
        "LD1", "LD2.1", "LD2.2",
    ),
    "implemented": ("SP1.2", "SP2.2", "SP3.2", "SP4.2"),
    "requests": ("SP7.1", "SP7.2", "SP7.3", "SP7.4", "SP7.5", "SP8"),
    "milestones": ("LD3.1", "ORG2.2"),
    "invitations": ("LD3.2",),
    "sums": ("ORG1", "ORG2.1"),
}  # fmt: skip


@dataclass(frozen=True)
class Retracts:
    """Takes back the fact (or correction) at that place of the case."""

    of: int


@dataclass(frozen=True)
class Replaces:
    """Says instead what the event says."""

    of: int
    by: Event


@dataclass(frozen=True)
class Contests:
    of: int


Happened = Event | Retracts | Replaces | Contests


class Says(NamedTuple):
    """What is said of the indicator: `figures` is "numerator/denominator status-or-reason"."""

    figures: str
    on: date
    period: str
    fields: dict[str, Any]


class Case(NamedTuple):
    name: str
    facts: Sequence[Happened]
    says: Sequence[Says]


def says(figures: str, on: date = TODAY, period: str = "FY2019", **fields: Any) -> Says:
    return Says(figures, on, period, fields)


def case(name: str, facts: Sequence[Happened], *expected: Says) -> Case:
    return Case(name, facts, expected)


def estimate(code: str, value: int, revision: int = 1, **rest: Any) -> EstimateStated:
    return EstimateStated(
        **{"indicator": key(code), "period": "FY2019", **rest}, value=value, revision=revision
    )


def figure(code: str, numerator: str, whole: str | None = None, **rest: Any) -> FigureStated:
    return FigureStated(
        **{"indicator": key(code), "period": "FY2019", "as_on": date(2020, 1, 31), **rest},
        numerator=Decimal(numerator),
        denominator=None if whole is None else Decimal(whole),
    )


def target(
    code: str, low: str, high: str | None = None, *, period: str = "FY2019", revision: int = 1
) -> TargetSet:
    return TargetSet(
        indicator=key(code),
        period=period,
        low=Decimal(low),
        high=None if high is None else Decimal(high),
        revision=revision,
    )


def confirmed(code: str, until: date, *, period: str = "FY2019") -> ReportingConfirmed:
    return ReportingConfirmed(indicator=key(code), period=period, until=until)


async def begin(lab: Lab) -> None:
    """Publish the plan that all cases of a table share."""
    await lab.feed(sent(the_plan(), id="plan"))


async def hold(lab: Lab, code: str, cases: Sequence[Case]) -> None:
    """Try each case on a ledger of its own; every second one in reverse order of arrival."""
    await begin(lab)
    for number, one in enumerate(cases):
        await happen(lab, one.facts, backward=bool(number % 2))
        for expected in sorted(one.says, key=lambda said: said.on):
            found = await asked(lab, code, expected.period, expected.on)
            _compare(f"{code}, {one.name}", found, expected)
        assert await lab.parked() == [], one.name


async def happen(lab: Lab, facts: Sequence[Happened], *, backward: bool = False) -> None:
    """Forget all facts but the plan, then take these in."""
    async with lab.engine.sessions.begin() as session:
        await session.execute(text("DELETE FROM fact WHERE name <> 'plan.published'"))
        await session.execute(
            text("TRUNCATE contribution, mark, judgement, indicator_state, outbox, parked")
        )
    events = _sent(facts)
    await lab.feed(*(reversed(events) if backward else events))


async def asked(lab: Lab, code: str, period: str, on: date) -> IndicatorJudged:
    """Judge one indicator and period on a day, at nine in Brussels."""
    lab.clock.move_to(datetime(on.year, on.month, on.day, 8, tzinfo=UTC))
    async with lab.engine.sessions.begin() as session:
        await session.execute(text("DELETE FROM mark"))
        await SqlLedger(session).mark([Mark(key(code), period)])
    await lab.judge()
    return await lab.result(key(code), period)


def _sent(facts: Sequence[Happened]) -> list[tuple[str, CloudEvent]]:
    found: list[tuple[str, CloudEvent]] = []
    for number, fact in enumerate(facts):
        time = FIRST_TIME + timedelta(minutes=number)
        if isinstance(fact, Event):
            found.append(sent(fact, id=f"f{number}", time=time))
            continue
        target = f"f{fact.of}"
        correction: Event
        match fact:
            case Retracts():
                correction = FactRetracted(source=SOURCE, id=target)
            case Replaces():
                data = as_json(fact.by.model_dump_json())
                correction = FactReplaced(source=SOURCE, id=target, data=data)
            case Contests():
                correction = FactContested(source=SOURCE, id=target)
        topic, corrected = found[fact.of]
        found.append(
            sent(correction, id=f"f{number}", time=time, topic=topic, subject=corrected.subject)
        )
    return found


def _compare(where: str, found: IndicatorJudged, expected: Says) -> None:
    reason = None if found.reason is None else found.reason.value
    figures = f"{_n(found.numerator)}/{_n(found.denominator)} {reason or found.status.value}"
    got: dict[str, Any] = {"figures": figures}
    for name in expected.fields:
        value = getattr(found, name)
        match value:
            case Decimal():
                got[name] = _n(value)
            case tuple():
                got[name] = [one.key.partition(":")[2] for one in value]
            case None | int():
                got[name] = value
            case _:
                got[name] = f"{_n(value.numerator)}/{_n(value.denominator)}"
    wanted = {"figures": expected.figures, **expected.fields}
    assert got == wanted, f"{where}, {expected.period} on {expected.on}"


def _n(value: Decimal | None) -> str:
    return "-" if value is None else format(value.normalize(), "f")
