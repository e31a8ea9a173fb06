"""The 29 indicators of the demonstration's year, worked out from its data files alone.

Written from the rules of the plan in words, without the engine and without what generated the
files: where the engine differs, one of the two is wrong. `python -m tests.support.year_figures`
prints the rows; `--write` makes the committed golden file anew.
"""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

from tests.support.year_data import (
    DATES,
    GATHERINGS,
    GOLDEN,
    GRACE,
    PACKAGES,
    PERIODS,
    PLAN,
    SERVICE_TIME,
    TOOLS,
    YEAR,
    Item,
    Known,
    Row,
    day_of,
    known_on,
)


def is_tool(item: Item, *packages: str) -> bool:
    return item["kind"] in TOOLS and bool(set(packages) & set(item.get("packages", [])))


def serving(code: str) -> Callable[[Item], bool]:
    return lambda item: item["kind"] != "milestone" and code in item["objectives"]


COUNTED: dict[str, Callable[[Item], bool]] = {
    "SG": lambda i: i["kind"] != "milestone" and not i["objectives"] <= {"ORG1", "ORG2"},
    "SO1": serving("SO1"),
    "SO2": serving("SO2"),
    "SO3": serving("SO3"),
    "SP1.1": lambda i: is_tool(i, "ECP"),
    "SP2.1": lambda i: (
        is_tool(i, "RP") or (i["kind"] == "advice-or-decision" and i.get("revenue_advice", False))
    ),
    "SP3.1": lambda i: is_tool(i, "CEP"),
    "SP4.1": lambda i: is_tool(i, "ODP"),
    "SP5": lambda i: i["kind"] == "joint-operation",
    "SP6.1": lambda i: i["kind"] == "compendium" or i.get("compendium", False),
    "SP6.2": lambda i: i["kind"] in GATHERINGS and i.get("purpose") == "knowledge",
    "LD1": lambda i: i["kind"] == "research",
    "LD2.1": lambda i: is_tool(i, *PACKAGES) and i.get("uses_it", False),
    "LD2.2": lambda i: i["kind"] in TOOLS and i.get("data_analysis", False),
}
IMPLEMENTED = {"SP1.2": "ECP", "SP2.2": "RP", "SP3.2": "CEP", "SP4.2": "ODP"}
SUPPORTED = {
    "SP7.1": {"ECP"},
    "SP7.2": {"RP"},
    "SP7.3": {"CEP"},
    "SP7.4": {"ODP"},
    "SP7.5": {"ECP", "RP", "CEP", "ODP", "standards"},
    "SP8": {"people"},
}
MILESTONES = {"LD3.1": "LD3", "ORG2.2": "ORG2"}


@dataclass(frozen=True, kw_only=True)
class Planned:
    """What is to come, as far as it is known: items with dates, a figure, steps."""

    due: Sequence[tuple[date, Fraction, Fraction]]
    total: Fraction
    points: Sequence[tuple[date, Fraction]] = ()

    def expected(self, by: date) -> Fraction:
        start, end = YEAR
        if by >= end:
            return self.total
        if by < start:
            return Fraction(0)
        if self.points:
            return max([value for on, value in self.points if on <= by], default=Fraction(0))
        here = sum((weight for on, weight, _ in self.due if on <= by), Fraction(0))
        dated = sum((weight for _, weight, _ in self.due), Fraction(0))
        rest = max(self.total - dated, Fraction(0))
        spread = rest * ((by - start).days + 1) / ((end - start).days + 1)
        return min(here + spread.numerator // spread.denominator, self.total)

    @property
    def all_dated(self) -> bool:
        return sum((weight for _, weight, _ in self.due), Fraction(0)) >= self.total


def planned_count(known: Known, code: str) -> Row:
    counts = COUNTED[code]
    until = min(known.day, YEAR[1])
    numerator = Fraction(
        sum(
            counts(known.items[key]) for key, on in known.released.items() if YEAR[0] <= on <= until
        )
    )
    listed = [item for item in known.items.values() if item["listed"] and counts(item)]
    due = [
        (day_of(item["due"]), Fraction(1), Fraction(is_released(known, item, until)))
        for item in listed
        if "due" in item
    ]
    stated = known.estimates.get((f"{PLAN}:{code}", "FY2019"))
    planned = Planned(
        due=due,
        total=Fraction(len(listed) if stated is None else stated["value"]),
        points=[]
        if stated is None
        else [(day_of(one["on"]), Fraction(one["value"])) for one in stated.get("points", [])],
    )
    return against(known.day, numerator, planned)


def is_released(known: Known, item: Item, until: date) -> bool:
    on = known.released.get(item["deliverable"])
    return on is not None and on <= until


def milestones(known: Known, objective: str) -> Row:
    chosen = [
        item
        for item in known.items.values()
        if item["kind"] == "milestone" and objective in item["objectives"]
    ]
    due = [
        (
            day_of(item["due"]),
            Fraction(item["weight"]),
            Fraction(item["weight"]) * known.levels.get(item["deliverable"], Fraction(0)),
        )
        for item in chosen
    ]
    total = sum((weight for _, weight, _ in due), Fraction(0))
    done = sum((part for _, _, part in due), Fraction(0))
    return against(known.day, done, Planned(due=due, total=total))


def against(day: date, numerator: Fraction, planned: Planned) -> Row:
    """Attainment of what is planned: by the items where all have dates, else by the expected."""
    expected = planned.expected(day)
    if planned.total == 0:
        return row(numerator, planned.total, expected, None, "not-applicable")
    whole = numerator / planned.total
    if planned.all_dated:
        due = sum((weight for on, weight, _ in planned.due if on <= day - GRACE), Fraction(0))
        done = sum((part for on, _, part in planned.due if on <= day - GRACE), Fraction(0))
    else:
        due, done = planned.expected(day - GRACE), numerator
    if due == 0:
        if numerator == 0:
            return row(numerator, planned.total, expected, None, "not-started")
        return row(numerator, planned.total, expected, max(Fraction(1), whole))
    return row(numerator, planned.total, expected, max(done / due, whole))


# --- tools put to use -----------------------------------------------------------------------


def implemented(known: Known, code: str, period: str) -> Row:
    start, end = PERIODS[period]
    until = min(known.day, end)
    first: dict[tuple[str, str], date] = {}
    for fact in known.of("instrument.implemented"):
        if IMPLEMENTED[code] in fact["packages"]:
            pair, on = (fact["instrument"], fact["member"]), day_of(fact["implemented_on"])
            first[pair] = min(on, first.get(pair, on))
    tools = {tool for (tool, _), on in first.items() if start <= on <= until}
    total = Fraction(known.estimates[(f"{PLAN}:{code}", period)]["value"])

    def expected(by: date) -> Fraction:
        if by < start:
            return Fraction(0)
        spread = total * ((by - start).days + 1) / ((end - start).days + 1)
        return total if by >= end else Fraction(spread.numerator // spread.denominator)

    if not tools:
        return row(None, total, None, None, "no-data")
    actual, lagged = Fraction(len(tools)), expected(known.day - GRACE)
    attainment = max(actual / lagged if lagged else Fraction(1), actual / total)
    return row(actual, total, expected(known.day), attainment)


# --- what is observed -----------------------------------------------------------------------


def with_implied(topics: Sequence[str]) -> set[str]:
    return {*topics, "ODP"} if "people" in topics else set(topics)


def supported(known: Known, code: str, period: str) -> Row:
    start, end = PERIODS[period]
    until = min(known.day, end)
    withdrawn = {fact["request"]: day_of(fact["on"]) for fact in known.of("support.withdrawn")}
    refused = {fact["request"]: YEAR[1] for fact in known.of("support.declined")}
    asking, served, ripe = set(), set(), set()
    for asked in known.of("support.requested"):
        received, request = day_of(asked["received_on"]), asked["request"]
        last = min(refused.get(request, date.max), withdrawn.get(request, date.max))
        for topic in with_implied(asked["topics"]) & SUPPORTED[code]:
            answers = [
                day_of(fact["completed_on"])
                for fact in known.of("support.provided")
                if request in fact["requests"]
                and fact["member"] == asked["member"]
                and topic in with_implied(fact["topics"])
                and received <= day_of(fact["completed_on"]) <= min(last, known.day)
            ]
            answered = min(answers, default=None)
            closed = answered or refused.get(request)
            left = answered is None and withdrawn.get(request, date.max) <= end
            if received > until or left or (closed is not None and closed < start):
                continue
            asking.add(asked["member"])
            if answered is not None and start <= answered <= until:
                served.add(asked["member"])
            elif received <= until - SERVICE_TIME:
                ripe.add(asked["member"])
    if not asking:
        return row(None, None, None, None, "no-data")
    return held_against_target(
        known, code, period, (len(served), len(asking)), (len(served), len(served | ripe))
    )


def attended(known: Known, code: str, period: str) -> Row:
    start, end = PERIODS[period]
    until = min(known.day, end)
    kinds = ("international-organization", "private-sector")
    events = {
        fact["event"]
        for fact in known.of("invitation.received")
        if fact["organizer_kind"] in kinds and start <= day_of(fact["event_on"]) <= until
    }
    if not events:
        return row(None, None, None, None, "no-data")
    events -= {fact["event"] for fact in known.of("invitation.withdrawn")}
    seen = events & {fact["event"] for fact in known.of("invitation.attended")}
    return held_against_target(known, code, period, (len(seen), len(events)))


def staff_effort(known: Known, code: str, period: str) -> Row:
    latest = {(fact["unit"], fact["quarter"]): fact for fact in known.of("effort.recorded")}
    if not latest:
        return row(None, None, None, None, "no-data")
    return held_against_target(
        known,
        code,
        period,
        (
            sum((Fraction(fact["on_priorities"]) for fact in latest.values()), Fraction(0)),
            sum((Fraction(fact["total"]) for fact in latest.values()), Fraction(0)),
        ),
    )


def resources(known: Known, code: str, period: str) -> Row:
    told = sorted(known.of("resources.allocated"), key=lambda fact: fact["revision"])
    if not told:
        return row(None, None, None, None, "no-data")
    counted = [told[-1]["by_source"][source] for source in ("wco-budget", "voluntary")]
    return held_against_target(
        known,
        code,
        period,
        (
            sum((Fraction(one["priorities"]) for one in counted), Fraction(0)),
            sum((Fraction(one["total"]) for one in counted), Fraction(0)),
        ),
    )


def held_against_target(
    known: Known,
    code: str,
    period: str,
    pair: tuple[Fraction | int, Fraction | int],
    judged: tuple[int, int] | None = None,
) -> Row:
    numerator, denominator = Fraction(pair[0]), Fraction(pair[1])
    target = known.targets.get((f"{PLAN}:{code}", period))
    part, whole = pair if judged is None else judged
    if denominator == 0:
        return row(numerator, denominator, None, None, "not-applicable")
    if target is None:
        return row(numerator, denominator, None, None, "no-target")
    if whole == 0:
        return row(numerator, denominator, None, None, "not-started")
    ratio, low = Fraction(part) / Fraction(whole), Fraction(target["low"])
    high = Fraction(target["high"]) if "high" in target else None
    if ratio < low:
        return row(numerator, denominator, None, ratio / low)
    above = high is not None and ratio > high
    return row(numerator, denominator, None, high / ratio if high and above else Fraction(1))


# --- rows -----------------------------------------------------------------------------------


def row(
    numerator: Fraction | None,
    denominator: Fraction | None,
    expected: Fraction | None,
    attainment: Fraction | None,
    reason: str | None = None,
) -> Row:
    status = "not-judged"
    if attainment is not None:
        status = "off-track" if attainment < Fraction(3, 4) else "at-risk"
        status = "on-track" if attainment >= Fraction(9, 10) else status
    return {
        "numerator": plain(numerator),
        "denominator": plain(denominator),
        "expected": plain(expected),
        "attainment": plain(attainment),
        "status": status,
        "reason": reason,
    }


def plain(value: Fraction | None) -> str | None:
    """Six places, half to even, without zeros at the end."""
    if value is None:
        return None
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    rounded = exact.quantize(Decimal("0.000001"), ROUND_HALF_EVEN).normalize()
    return f"{rounded:f}"


def rows(day: date, period: str) -> dict[str, Row]:
    """All 29 on the morning of a day, by code."""
    known = known_on(day)
    found = {code: planned_count(known, code) for code in COUNTED}
    found |= {code: implemented(known, code, period) for code in IMPLEMENTED}
    found |= {code: supported(known, code, period) for code in SUPPORTED}
    found |= {code: milestones(known, objective) for code, objective in MILESTONES.items()}
    found["LD3.2"] = attended(known, "LD3.2", period)
    found["ORG1"] = staff_effort(known, "ORG1", period)
    found["ORG2.1"] = resources(known, "ORG2.1", period)
    return dict(sorted(found.items()))


def everything() -> dict[str, dict[str, dict[str, Row]]]:
    return {day.isoformat(): {period: rows(day, period) for period in PERIODS} for day in DATES}


def main() -> None:
    """Print the rows, or write them."""
    if "--write" in sys.argv:
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(json.dumps(everything(), indent=1) + "\n", "utf-8")
        return
    for day in [day_of(text) for text in sys.argv[1:]] or list(DATES):
        for period in PERIODS:
            sys.stdout.write(f"\n{day} {period}\n")
            for code, one in rows(day, period).items():
                sys.stdout.write(
                    f"{code:7}" + "  ".join(f"{v or '-':>10}" for v in one.values()) + "\n"
                )


if __name__ == "__main__":
    main()
