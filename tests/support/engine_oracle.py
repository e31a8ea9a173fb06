"""A second calculation of the figures, written from the rules alone.

It shares no code with the engine: plain dictionaries, one pass an indicator, everything read anew
from the list of events. Slow and simple on purpose; only random tests use it.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from shared_kit.events.envelope import CloudEvent

PLAN = "wco-2019-2022"
CYCLE = "2019-2022"
PREFIX = "org.wcoomd.strategy."
BOUNDS = {
    "FY2019": (date(2019, 7, 1), date(2020, 6, 30)),
    "FY2020": (date(2020, 7, 1), date(2021, 6, 30)),
    "FY2021": (date(2021, 7, 1), date(2022, 6, 30)),
    CYCLE: (date(2019, 7, 1), date(2022, 6, 30)),
}
YEARS = ("FY2019", "FY2020", "FY2021")
GRACE = 30
SERVICE = 180


@dataclass(frozen=True)
class Said:
    """What the oracle says of an indicator and period; comparable with a judgement."""

    numerator: Fraction | None
    denominator: Fraction | None
    due: Fraction | None
    due_done: Fraction | None
    attainment: Fraction | None
    status: str
    reason: str | None


class Oracle:
    def __init__(self, events: Iterable[CloudEvent], *, today: date) -> None:
        self.today = today
        known: dict[tuple[str, str], dict[str, Any]] = {}
        for event in events:
            name = event.type.removeprefix(PREFIX).removesuffix(".v1")
            known.setdefault(
                (event.source, event.id),
                {
                    "name": name,
                    "data": json.loads(event.data or b"{}"),
                    "order": (event.time, event.source, event.id),
                },
            )
        self.facts = self._corrected(known)

    def _corrected(self, known: Mapping[tuple[str, str], dict[str, Any]]) -> list[dict[str, Any]]:
        pointing: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for own, event in known.items():
            if event["name"].startswith("fact."):
                target = (event["data"]["source"], event["data"]["id"])
                pointing.setdefault(target, []).append(own)

        def holds(own: tuple[str, str]) -> bool:
            return not any(
                known[one]["name"] == "fact.retracted" and holds(one)
                for one in pointing.get(own, [])
            )

        found = []
        for own, event in known.items():
            if event["name"].startswith("fact."):
                continue
            standing = [known[one] for one in pointing.get(own, []) if holds(one)]
            if any(one["name"] == "fact.retracted" for one in standing):
                continue
            newer = [one for one in standing if one["name"] == "fact.replaced"]
            data = event["data"]
            if newer:
                data = max(newer, key=lambda one: one["order"])["data"]["data"]
            found.append({**event, "data": data})
        return found

    def of(self, name: str) -> list[dict[str, Any]]:
        return [fact for fact in self.facts if fact["name"] == name]

    # --- planned

    def count(
        self,
        code: str,
        period: str,
        passes: Callable[[dict[str, Any]], bool],
        *,
        initially: bool = False,
    ) -> Said:
        first = self._first_releases()
        start, end = BOUNDS[period]
        until = min(self.today, end)
        counted = [
            item for item, (on, data) in first.items() if start <= on <= until and passes(data)
        ]
        done = {
            item: on
            for item, (on, _) in self._first_releases(since=BOUNDS[CYCLE][0]).items()
            if on <= self.today
        }
        years = YEARS if period == CYCLE else (period,)
        return self._planned(
            code,
            period,
            numerator=Fraction(len(counted)),
            years=[self._listed(year, passes) for year in years],
            weight=lambda _: Fraction(1),
            share=lambda item, by: Fraction(item in done and done[item] <= by),
            initially=initially,
        )

    def milestones(self, code: str, period: str, passes: Callable[[dict[str, Any]], bool]) -> Said:
        reached: dict[str, list[tuple[Any, ...]]] = {}
        for fact in self.of("milestone.reached"):
            data = fact["data"]
            on = date.fromisoformat(data["reached_on"])
            if BOUNDS[CYCLE][0] <= on <= self.today:
                level = (on, fact["order"], Fraction(data["share"]))
                reached.setdefault(data["deliverable"], []).append(level)

        def share(item: str, by: date) -> Fraction:
            levels = [level for level in reached.get(item, []) if level[0] <= by]
            return max(levels)[2] if levels else Fraction(0)

        return self._planned(
            code,
            period,
            numerator=None,
            years=[
                self._listed(year, passes) for year in (YEARS if period == CYCLE else (period,))
            ],
            weight=lambda item: Fraction(item["weight"] or 0),
            share=share,
        )

    def _first_releases(self, *, since: date = date.min) -> dict[str, tuple[date, dict[str, Any]]]:
        first: dict[str, tuple[Any, ...]] = {}
        for fact in self.of("deliverable.released"):
            data = fact["data"]
            on = date.fromisoformat(data["released_on"])
            if data["stage"] == "drafted" or on < since:
                continue
            candidate = (on, fact["order"], data)
            known = first.get(data["deliverable"])
            if known is None or candidate[:2] < known[:2]:
                first[data["deliverable"]] = candidate
        return {item: (on, data) for item, (on, _, data) in first.items()}

    def _listed(
        self, year: str, passes: Callable[[dict[str, Any]], bool]
    ) -> tuple[str, dict[str, dict[str, Any]] | None]:
        adoptions = [
            fact
            for fact in self.of("implementation-plan.adopted")
            if fact["data"]["period"] == year
            and date.fromisoformat(fact["data"]["adopted_on"]) <= self.today
        ]
        if not adoptions:
            return year, None
        adoptions.sort(key=lambda fact: (fact["data"]["revision"], fact["order"]))
        items: dict[str, dict[str, Any]] = {}
        for adoption in adoptions:
            for item in adoption["data"]["deliverables"]:
                if item["listed"]:
                    first = {**item, "initial": adoption is adoptions[0]}
                    items.setdefault(item["deliverable"], first)
        return year, {key: item for key, item in items.items() if passes(item)}

    def _due(self, item: dict[str, Any], year: str) -> date | None:
        start, end = BOUNDS[year]
        approved = [
            (fact["order"], date.fromisoformat(fact["data"]["due"]))
            for fact in self.of("deliverable.rescheduled")
            if fact["data"]["deliverable"] == item["deliverable"]
            and fact["data"]["approved_by"] is not None
        ]
        if approved and start <= max(approved)[1] <= end:
            return max(approved)[1]
        return None if item["due"] is None else date.fromisoformat(item["due"])

    def _estimate(self, code: str, period: str, *, first: bool = False) -> Fraction | None:
        stated = [
            (fact["data"]["revision"], fact["order"], fact["data"]["value"])
            for fact in self.of("estimate.stated")
            if fact["data"]["indicator"] == f"{PLAN}:{code}" and fact["data"]["period"] == period
        ]
        if not stated:
            return None
        return Fraction((min(stated) if first else max(stated))[2])

    def _planned(
        self,
        code: str,
        period: str,
        *,
        numerator: Fraction | None,
        years: list[tuple[str, dict[str, dict[str, Any]] | None]],
        weight: Callable[[dict[str, Any]], Fraction],
        share: Callable[[str, date], Fraction],
        initially: bool = False,
    ) -> Said:
        end = BOUNDS[period][1]
        until = min(self.today, end)
        seen: set[str] = set()
        plans = []  # (year, [(item, due, weight)], denominator)
        for year, listed in years:
            stated = self._estimate(code, year, first=initially)
            if stated is None and listed is None:
                continue
            items = list((listed or {}).values())
            estimated = [item for item in items if item["initial"] or not initially]
            total = sum((weight(i) for i in estimated), Fraction(0)) if stated is None else stated
            repeated = [item for item in estimated if item["deliverable"] in seen]
            total = max(total - sum((weight(item) for item in repeated), Fraction(0)), Fraction(0))
            fresh = [item for item in items if item["deliverable"] not in seen]
            seen |= {item["deliverable"] for item in items}
            plans.append(
                (
                    year,
                    [(i["deliverable"], self._due(i, year), weight(i)) for i in fresh],
                    total,
                )
            )
        own = self._estimate(code, period, first=initially)
        if not plans and own is not None:
            plans = [(period, [], own)]
        if not plans:
            return Said(numerator, None, None, None, None, "not-judged", "no-data")
        denominator = sum((plan[2] for plan in plans), Fraction(0)) if own is None else own
        everything = [entry for plan in plans for entry in plan[1]]
        if numerator is None:
            numerator = sum((w * share(key, until) for key, _, w in everything), Fraction(0))
        by = self.today - timedelta(days=GRACE)
        dated = [entry for entry in everything if entry[1] is not None]
        late = [(key, w) for key, due, w in dated if due is not None and due <= by]
        due = sum((w for _, w in late), Fraction(0))
        done = sum((w * share(key, until) for key, w in late), Fraction(0))
        shown: tuple[Fraction | None, Fraction | None] = (due, done) if everything else (None, None)

        def said(attainment: Fraction | None, reason: str | None = None) -> Said:
            return Said(
                numerator, denominator, shown[0], shown[1], attainment, _status(attainment), reason
            )

        if denominator == 0:
            return said(None, "not-applicable")
        whole = numerator / denominator
        if self.today > end + timedelta(days=GRACE):
            return said(whole)
        if everything and sum((w for _, _, w in dated), Fraction(0)) >= denominator:
            should, have = due, done
        else:
            should, have = self._expected(plans, denominator, by, end), numerator
        if should == 0:
            return said(None, "not-started") if numerator == 0 else said(max(Fraction(1), whole))
        return said(max(have / should, whole))

    def _expected(self, plans: list[Any], denominator: Fraction, by: date, end: date) -> Fraction:
        if by >= end:
            return denominator
        total = Fraction(0)
        for year, items, size in plans:
            first, last = BOUNDS[year]
            if by >= last:
                total += size
            elif by >= first:
                due = sum((w for _, on, w in items if on is not None and on <= by), Fraction(0))
                dated = sum((w for _, on, w in items if on is not None), Fraction(0))
                rest = max(size - dated, Fraction(0))
                days, gone = (last - first).days + 1, (by - first).days + 1
                total += min(due + (rest * gone / days).__floor__(), size)
        return min(total, denominator)

    # --- observed

    def requests(self, code: str, period: str, topics: set[str]) -> Said:
        start, end = BOUNDS[period]
        until = min(self.today, end)
        members: set[str] = set()
        served: set[str] = set()
        judged: set[str] = set()
        for fact in self.of("support.requested"):
            data = fact["data"]
            received = date.fromisoformat(data["received_on"])
            for topic in _implied(data["topics"]) & topics:
                answered, closed, left = self._fate(data, topic, received)
                if received > until or (closed is not None and closed < start):
                    continue
                if left is not None and left <= end:
                    continue
                members.add(data["member"])
                if answered is not None and start <= answered <= until:
                    served.add(data["member"])
                    judged.add(data["member"])
                elif received <= until - timedelta(days=SERVICE):
                    judged.add(data["member"])
        if not members:
            return self._silent(code, period)
        return self._ratio(code, period, len(served), len(members), len(judged))

    def _fate(
        self, request: dict[str, Any], topic: str, received: date
    ) -> tuple[date | None, date | None, date | None]:
        """(answered, closed, withdrawn with effect) by today."""
        own = request["request"]

        def dates(name: str) -> list[date]:
            return [
                on
                for fact in self.of(name)
                if fact["data"]["request"] == own
                and (on := date.fromisoformat(fact["data"]["on"])) <= self.today
            ]

        withdrawn = min(dates("support.withdrawn"), default=None)
        refused = min(map(_year_end, dates("support.declined")), default=None)
        missions = [
            on
            for fact in self.of("support.provided")
            if own in fact["data"]["requests"]
            and topic in _implied(fact["data"]["topics"])
            and fact["data"]["member"] == request["member"]
            and received <= (on := date.fromisoformat(fact["data"]["completed_on"])) <= self.today
            and (withdrawn is None or on <= withdrawn)
            and (refused is None or on <= refused)
        ]
        if missions:
            return min(missions), min(missions), None
        if withdrawn is not None and refused is not None and refused < withdrawn:
            withdrawn = None
        return None, refused, withdrawn

    def _silent(self, code: str, period: str) -> Said:
        until = min(self.today, BOUNDS[period][1])
        confirmed = any(
            fact["data"]["indicator"] == f"{PLAN}:{code}"
            and fact["data"]["period"] == period
            and until <= date.fromisoformat(fact["data"]["until"])
            for fact in self.of("reporting.confirmed")
        )
        zero = Fraction(0) if confirmed else None
        reason = "not-applicable" if confirmed else "no-data"
        return Said(zero, zero, None, None, None, "not-judged", reason)

    def _ratio(self, code: str, period: str, have: Any, whole: Any, judged: Any = None) -> Said:
        have, whole = Fraction(have), Fraction(whole)
        base = whole if judged is None else Fraction(judged)
        targets = [
            (fact["data"]["revision"], fact["order"], fact["data"])
            for fact in self.of("target.set")
            if fact["data"]["indicator"] == f"{PLAN}:{code}" and fact["data"]["period"] == period
        ]

        def said(attainment: Fraction | None, reason: str | None = None) -> Said:
            return Said(have, whole, None, None, attainment, _status(attainment), reason)

        if whole == 0:
            return said(None, "not-applicable")
        if not targets:
            return said(None, "no-target")
        if base == 0:
            return said(None, "not-started")
        target, ratio = max(targets)[2], have / base
        low, high = Fraction(target["low"]), target["high"]
        if ratio < low:
            return said(ratio / low)
        if high is not None and ratio > Fraction(high):
            return said(Fraction(high) / ratio)
        return said(Fraction(1))

    def budget(self, code: str, period: str) -> Said:
        latest: dict[str, tuple[Any, ...]] = {}
        for fact in self.of("resources.allocated"):
            data = fact["data"]
            start = BOUNDS[data["period"]][0]
            if start <= self.today:
                candidate = (data["revision"], fact["order"], data)
                if data["period"] not in latest or candidate[:2] > latest[data["period"]][:2]:
                    latest[data["period"]] = candidate
        if period == CYCLE and CYCLE not in latest:
            chosen = [latest[year] for year in YEARS if year in latest]
        else:
            chosen = [latest[period]] if period in latest else []
        if not chosen:
            return self._silent(code, period)
        sources = [
            source
            for _, _, data in chosen
            for name, source in data["by_source"].items()
            if name != "in-kind"
        ]
        return self._ratio(
            code,
            period,
            sum((Fraction(source["priorities"]) for source in sources), Fraction(0)),
            sum((Fraction(source["total"]) for source in sources), Fraction(0)),
        )

    def invitations(self, code: str, period: str) -> Said:
        start, end = BOUNDS[period]
        latest: dict[str, tuple[Any, ...]] = {}
        for fact in self.of("invitation.received"):
            candidate = (fact["order"], fact["data"])
            known = latest.get(fact["data"]["event"])
            if known is None or candidate[0] > known[0]:
                latest[fact["data"]["event"]] = candidate
        gone = {fact["data"]["event"] for fact in self.of("invitation.withdrawn")}
        seen = {fact["data"]["event"] for fact in self.of("invitation.attended")}
        invited = {
            event
            for event, (_, data) in latest.items()
            if data["organizer_kind"] in ("international-organization", "private-sector")
            and start <= date.fromisoformat(data["event_on"]) <= min(self.today, end)
        }
        if not invited:
            return self._silent(code, period)
        invited -= gone
        return self._ratio(code, period, len(invited & seen), len(invited))

    def implemented(self, code: str, period: str, package: str) -> Said:
        start, end = BOUNDS[period]
        until = min(self.today, end)
        first: dict[tuple[str, str], date] = {}
        any_fact = False
        for fact in self.of("instrument.implemented"):
            data = fact["data"]
            if package not in data["packages"]:
                continue
            on = date.fromisoformat(data["implemented_on"])
            any_fact |= start <= on <= until
            pair = (data["instrument"], data["member"])
            first[pair] = min(on, first.get(pair, date.max))
        tools = {tool for (tool, _), on in first.items() if start <= on <= until}
        stated = [
            (fact["data"]["revision"], fact["order"], fact["data"]["value"])
            for fact in self.of("estimate.stated")
            if fact["data"]["indicator"] == f"{PLAN}:{code}" and fact["data"]["period"] == period
        ]
        denominator = Fraction(min(stated)[2]) if stated else None
        if not any_fact or denominator is None:
            known_zero = denominator == 0
            return Said(
                Fraction(len(tools)) if any_fact else None,
                denominator,
                None,
                None,
                None,
                "not-judged",
                "not-applicable" if known_zero else "no-data",
            )
        numerator = Fraction(len(tools))

        def said(attainment: Fraction | None, reason: str | None = None) -> Said:
            return Said(numerator, denominator, None, None, attainment, _status(attainment), reason)

        if denominator == 0:
            return said(None, "not-applicable")
        whole = numerator / denominator
        if self.today > end + timedelta(days=GRACE):
            return said(whole)
        by = self.today - timedelta(days=GRACE)
        should = self._expected([(period, [], denominator)], denominator, by, end)
        if should == 0:
            return said(None, "not-started") if numerator == 0 else said(max(Fraction(1), whole))
        return said(max(numerator / should, whole))


def _status(attainment: Fraction | None) -> str:
    if attainment is None:
        return "not-judged"
    if attainment * 10 >= 9:
        return "on-track"
    return "at-risk" if attainment * 4 >= 3 else "off-track"


def _implied(topics: Iterable[str]) -> set[str]:
    found = set(topics)
    return found | {"ODP"} if "people" in found else found


def _year_end(day: date) -> date:
    return date(day.year + (day.month >= 7), 6, 30)


def figures(events: Iterable[CloudEvent], *, today: date) -> dict[tuple[str, str], Said]:
    """What the oracle says of the hard shapes, for all begun periods."""
    oracle = Oracle(events, today=today)
    found: dict[tuple[str, str], Said] = {}
    org = {f"{PLAN}:ORG1", f"{PLAN}:ORG2"}

    def serves(code: str) -> Callable[[dict[str, Any]], bool]:
        return lambda item: f"{PLAN}:{code}" in item["objectives"] and item["kind"] != "milestone"

    for period, (start, _) in BOUNDS.items():
        if start > today:
            continue
        found["SG", period] = oracle.count(
            "SG",
            period,
            lambda item: (
                item["kind"] != "milestone"
                and (not item["objectives"] or not set(item["objectives"]) <= org)
            ),
        )
        found["SO1", period] = oracle.count("SO1", period, serves("SO1"), initially=True)
        found["SP1.1", period] = oracle.count(
            "SP1.1",
            period,
            lambda item: item["kind"] in ("instrument", "compendium") and "ECP" in item["packages"],
        )
        found["LD3.1", period] = oracle.milestones(
            "LD3.1",
            period,
            lambda item: item["kind"] == "milestone" and f"{PLAN}:LD3" in item["objectives"],
        )
        found["SP7.1", period] = oracle.requests("SP7.1", period, {"ECP"})
        found["SP7.4", period] = oracle.requests("SP7.4", period, {"ODP", "people"})
        found["SP7.5", period] = oracle.requests(
            "SP7.5", period, {"ECP", "RP", "CEP", "ODP", "standards", "people"}
        )
        found["ORG2.1", period] = oracle.budget("ORG2.1", period)
        found["LD3.2", period] = oracle.invitations("LD3.2", period)
        found["SP1.2", period] = oracle.implemented("SP1.2", period, "ECP")
    return found
