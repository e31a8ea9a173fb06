"""What stands beside the figures of the demonstration's year, counted from its data files alone.

Like `year_figures` written from the words of the plan, without the engine.
`python -m tests.support.year_beside --write` makes the committed golden file anew.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date

from tests.support.year_data import (
    DATES,
    PERIODS,
    ROOT,
    YEAR,
    Item,
    Known,
    day_of,
    known_on,
)
from tests.support.year_figures import COUNTED, IMPLEMENTED, SUPPORTED, with_implied

BESIDE = ROOT / "tests" / "golden" / "fy2019-beside.json"
Beside = dict[str, int]


def beside(known: Known, code: str, period: str) -> Beside:
    """The companions of one indicator, by their codes."""
    if code in COUNTED:
        return _unplanned(known, code, period) | (_parts(known, code) if code == "SP2.1" else {})
    if code in IMPLEMENTED:
        return {"pairs": sum(on in _Span(known, period) for on in _first(known, code).values())}
    if code in SUPPORTED:
        return _served_and_unasked(known, code, period)
    return {}


class _Span:
    """The days of a period up to the day that is looked at."""

    def __init__(self, known: Known, period: str) -> None:
        self.start, end = PERIODS[period]
        self.until = min(known.day, end)

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.start <= day <= self.until


def _done(known: Known, code: str, period: str) -> Iterator[Item]:
    span = _Span(known, period)
    for key, on in known.released.items():
        if on in span and COUNTED[code](known.items[key]):
            yield known.items[key]


def _unplanned(known: Known, code: str, period: str) -> Beside:
    return {"unplanned": sum(not item["listed"] for item in _done(known, code, period))}


def _parts(known: Known, code: str) -> Beside:
    """SP2.1 shows tools and advices apart: those done, and those listed (`of`)."""
    found: Beside = defaultdict(int)
    for item in _done(known, code, "FY2019"):
        found[f"part:{item['kind']}"] += 1
    for item in known.items.values():
        if item["listed"] and COUNTED[code](item):
            found[f"part:{item['kind']} of"] += 1
    return dict(found)


def _first(known: Known, code: str) -> Mapping[tuple[str, str], date]:
    """When each tool of a Package was first put to use by each Member."""
    found: dict[tuple[str, str], date] = {}
    for fact in known.of("instrument.implemented"):
        if IMPLEMENTED[code] in fact["packages"]:
            pair, on = (fact["instrument"], fact["member"]), day_of(fact["implemented_on"])
            found[pair] = min(on, found.get(pair, on))
    return found


def _served_and_unasked(known: Known, code: str, period: str) -> Beside:
    """Members with one topic of a request served and another still open; Members without any."""
    served: dict[str, list[bool]] = defaultdict(list)
    for member, done_on in _open(known, code, period):
        served[member].append(done_on in _Span(known, period))
    helped = {
        fact["member"]
        for fact in known.of("support.provided")
        if with_implied(fact["topics"]) & SUPPORTED[code]
        and day_of(fact["completed_on"]) in _Span(known, period)
    }
    return {
        "partly-served": sum(any(said) and not all(said) for said in served.values()),
        "supported-without-request": len(helped - set(served)),
    }


def _open(known: Known, code: str, period: str) -> Iterator[tuple[str, date | None]]:
    """Each request and topic open in the period: whose it is, and when it was answered."""
    span, end = _Span(known, period), PERIODS[period][1]
    withdrawn = {fact["request"]: day_of(fact["on"]) for fact in known.of("support.withdrawn")}
    refused = {fact["request"] for fact in known.of("support.declined")}
    for asked in known.of("support.requested"):
        request, received = asked["request"], day_of(asked["received_on"])
        closes = YEAR[1] if request in refused else date.max
        leaves = withdrawn.get(request, date.max)
        for topic in with_implied(asked["topics"]) & SUPPORTED[code]:
            answered = min(
                (
                    day_of(fact["completed_on"])
                    for fact in known.of("support.provided")
                    if request in fact["requests"]
                    and fact["member"] == asked["member"]
                    and topic in with_implied(fact["topics"])
                    and received <= day_of(fact["completed_on"]) <= min(closes, leaves, span.until)
                ),
                default=None,
            )
            gone = answered is None and leaves <= end
            if received <= span.until and not gone and (answered or closes) >= span.start:
                yield asked["member"], answered


def everything() -> dict[str, dict[str, dict[str, Beside]]]:
    """By day, period and code; only what there is."""
    codes = (*COUNTED, *IMPLEMENTED, *SUPPORTED)
    found: dict[str, dict[str, dict[str, Beside]]] = {}
    for day in DATES:
        known = known_on(day)
        found[day.isoformat()] = {
            period: {code: beside(known, code, period) for code in sorted(codes)}
            for period in PERIODS
        }
    return found


if __name__ == "__main__":
    said = json.dumps(everything(), indent=1) + "\n"
    if "--write" in sys.argv:
        BESIDE.write_text(said, "utf-8")
    else:
        sys.stdout.write(said)
