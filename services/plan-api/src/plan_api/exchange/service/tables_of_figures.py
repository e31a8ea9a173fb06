"""Tables of figures and what made them: indicators explained, priorities, facts, alerts."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Literal

from plan_api.exchange.model.outgoing import Line, Table
from plan_api.exchange.service.told import Told, code_of, table
from plan_api.implementation.model import Deliverable
from plan_api.report.model import Alert, Explanation, Ledger, Result, Scorecard
from plan_api.report.pages.comparison import Moved, how_moved
from plan_api.report.pages.work import NO_WORK, by_priority, count
from plan_api.report.reads import Figures, NothingKnownError


async def explained(figures: Figures, card: Scorecard) -> Mapping[str, Explanation]:
    """The explanation of each figure of a scorecard, by key."""
    found = {}
    for result in card.items:
        try:
            found[result.key] = await figures.explanation(
                indicator=result.key, period=result.period
            )
        except NothingKnownError:
            continue
    return found


def indicators(told: Told, card: Scorecard, explanations: Mapping[str, Explanation]) -> Table:
    """Each indicator with its definition, and how its figure came about."""

    def rows() -> Iterator[Line]:
        for one in told.plan.indicators:
            key = f"{told.plan.plan}:{one.code}"
            result, said = card.result(key), explanations.get(key)
            yield [
                one.code,
                told.said(one.title),
                told.said(one.definition),
                told.said(one.short),
                one.objective,
                told.word(one.kind),
                one.owner,
                told.units.get(one.owner, one.owner),
                one.tolerance.on_track,
                one.tolerance.at_risk,
                None if result is None else result.numerator,
                None if result is None else result.denominator,
                None if said is None else said.arithmetic,
                None if said is None else len(said.numerator.items),
                None if said is None else len(said.excluded),
                key,
            ]

    return table(
        told,
        columns=told.columns(
            "indicator", "title", "definition", "counted", "objective", "kind_of_indicator",
            "unit", "unit_name", "on_track", "at_risk", "numerator", "denominator", "arithmetic",
            "counted_items", "left_out", "key",
        ),
        rows=rows(),
        known=card.as_known_on,
        figures=True,
    )  # fmt: skip


def then_and_now(
    told: Told, cards: tuple[Scorecard, Scorecard], *, days: tuple[date, date]
) -> Table:
    """Each indicator on two days, in the order of the plan."""

    def rows() -> Iterator[Line]:
        for one in told.plan.indicators:
            key = f"{told.plan.plan}:{one.code}"
            then, now = cards[0].result(key), cards[1].result(key)
            yield [
                one.code,
                told.said(one.short),
                told.plan.calendar().label(told.period),
                days[0],
                *_stood(told, then),
                days[1],
                *_stood(told, now),
                _more(then, now, "numerator"),
                _more(then, now, "denominator"),
                how_moved(then, now) is not Moved.NOTHING,
                key,
            ]

    return table(
        told,
        columns=told.columns(
            "indicator", "counted", "period", "then_day", "then_numerator", "then_denominator",
            "then_status", "now_day", "now_numerator", "now_denominator", "now_status",
            "more_numerator", "more_denominator", "changed", "key",
        ),
        rows=rows(),
        known=told.now,
        figures=True,
    )  # fmt: skip


def _stood(told: Told, result: Result | None) -> Line:
    if result is None:
        return [None, None, told.word("not-judged")]
    return [result.numerator, result.denominator, told.word(result.status.value)]


def _more(
    then: Result | None, now: Result | None, part: Literal["numerator", "denominator"]
) -> Decimal | None:
    old, new = getattr(then, part, None), getattr(now, part, None)
    return None if old is None or new is None else new - old


def priorities(told: Told, deliverables: Sequence[Deliverable]) -> Table:
    """Each priority: its Deliverables released, of those planned, as the pages count them."""
    work = {
        key: count(found, until=told.period.end) for key, found in by_priority(deliverables).items()
    }

    def rows() -> Iterator[Line]:
        for one in told.plan.priorities:
            key = f"{told.plan.plan}:{one.code}"
            done = work.get(key, NO_WORK)
            yield [
                one.code,
                told.said(one.title),
                told.said(one.description),
                done.released,
                done.planned,
                done.unplanned,
                key,
            ]

    return table(
        told,
        columns=told.columns(
            "priority", "title", "description", "released", "planned_items",
            "unplanned_released", "key",
        ),
        rows=rows(),
        figures=True,
    )  # fmt: skip


def facts(told: Told, ledger: Ledger) -> Table:
    """What was reported, the latest first."""
    return table(
        told,
        columns=told.columns(
            "type", "subject", "effective", "stated_at", "recorded_at", "evidence", "synthetic",
            "source", "id",
        ),
        rows=(
            [
                one.type,
                one.subject,
                one.effective,
                one.time,
                one.recorded,
                one.evidence,
                one.synthetic,
                one.source,
                one.id,
            ]
            for one in ledger.facts
        ),
        more=told.word("more-facts") if ledger.more else None,
    )  # fmt: skip


def alerts(told: Told, found: Sequence[Alert]) -> Table:
    """The alerts that are open, whatever their period."""
    french = told.language == "fr"
    return table(
        told,
        columns=told.columns(
            "indicator", "period", "level", "reason_of_alert", "unit", "unit_name", "raised_at",
            "acknowledged_at", "acknowledged_by", "comment", "id",
        ),
        rows=(
            [
                code_of(one.indicator),
                one.period,
                told.word(one.level.value),
                one.reason_fr if french else one.reason,
                one.owner_unit,
                told.units.get(one.owner_unit or "", one.owner_unit),
                one.raised_at,
                one.acknowledged_at,
                one.acknowledged_by,
                one.comment,
                one.id,
            ]
            for one in found
        ),
    )  # fmt: skip
