"""The second calculation of what was planned: counts, milestones, what should be done by now."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from typing import Any

from shared_kit.events.envelope import CloudEvent
from tests.support.oracle_facts import BOUNDS, CYCLE, GRACE, PLAN, YEARS, Facts, Said, status_of

Passes = Callable[[dict[str, Any]], bool]
Steps = list[tuple[date, Fraction]]
# The year, its items as (key, due, weight), its size, its declared points.
YearPlan = tuple[str, list[tuple[str, date | None, Fraction]], Fraction, Steps]


class Planned(Facts):
    """Indicators whose denominator is an estimate or what was adopted."""

    def __init__(self, events: Iterable[CloudEvent], *, today: date) -> None:
        super().__init__(events, today=today)
        self._known_years: dict[str, dict[str, dict[str, Any]] | None] = {}

    def count(
        self,
        code: str,
        period: str,
        passes: Passes,
        *,
        initially: bool = False,
    ) -> Said:
        start, end = BOUNDS[period]
        until = min(self.today, end)
        counted = [
            item
            for item, (on, data) in self._first_ever.items()
            if start <= on <= until and passes(data)
        ]
        done = {item: on for item, (on, _) in self._first_of_cycle.items() if on <= self.today}
        return self._planned(
            code,
            period,
            numerator=Fraction(len(counted)),
            plans=self._years(code, period, passes, lambda _: Fraction(1), initially=initially),
            share=lambda item, by: Fraction(item in done and done[item] <= by),
            initially=initially,
        )

    def milestones(self, code: str, period: str, passes: Passes) -> Said:
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
            plans=self._years(
                code,
                period,
                passes,
                lambda item: Fraction(item["weight"] or 0),
                initially=False,
            ),
            share=share,
        )

    @cached_property
    def _first_ever(self) -> dict[str, tuple[date, dict[str, Any]]]:
        return self._first_releases(since=date.min)

    @cached_property
    def _first_of_cycle(self) -> dict[str, tuple[date, dict[str, Any]]]:
        return self._first_releases(since=BOUNDS[CYCLE][0])

    def _first_releases(self, *, since: date) -> dict[str, tuple[date, dict[str, Any]]]:
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

    def _listed(self, year: str, passes: Passes) -> dict[str, dict[str, Any]] | None:
        """The items of a year's adoptions, each as it was first adopted; None without any."""
        items = self._adopted(year)
        return None if items is None else {key: one for key, one in items.items() if passes(one)}

    def _adopted(self, year: str) -> dict[str, dict[str, Any]] | None:
        if year not in self._known_years:
            self._known_years[year] = self._adopted_in(year)
        return self._known_years[year]

    def _adopted_in(self, year: str) -> dict[str, dict[str, Any]] | None:
        adoptions = [
            fact
            for fact in self.of("implementation-plan.adopted")
            if fact["data"]["period"] == year
            and date.fromisoformat(fact["data"]["adopted_on"]) <= self.today
        ]
        if not adoptions:
            return None
        adoptions.sort(key=lambda fact: (fact["data"]["revision"], fact["order"]))
        items: dict[str, dict[str, Any]] = {}
        for adoption in adoptions:
            for item in adoption["data"]["deliverables"]:
                if item["listed"]:
                    first = {**item, "initial": adoption is adoptions[0]}
                    items.setdefault(item["deliverable"], first)
        return items

    def _due(self, item: dict[str, Any], year: str) -> date | None:
        start, end = BOUNDS[year]
        approved = [
            (fact["order"], date.fromisoformat(fact["data"]["due"]))
            for fact in self.about("deliverable.rescheduled", "deliverable", item["deliverable"])
            if fact["data"]["approved_by"] is not None
        ]
        if approved and start <= max(approved)[1] <= end:
            return max(approved)[1]
        return None if item["due"] is None else date.fromisoformat(item["due"])

    def _stated(self, code: str, period: str) -> list[tuple[Any, ...]]:
        """What was estimated: revision, order and the event, in that order."""
        return sorted(
            (
                (fact["data"]["revision"], fact["order"], fact["data"])
                for fact in self.about("estimate.stated", "indicator", f"{PLAN}:{code}")
                if fact["data"]["period"] == period
            ),
            key=lambda one: one[:2],
        )

    def _estimate(self, code: str, period: str, *, first: bool = False) -> Fraction | None:
        stated = self._stated(code, period)
        return Fraction(stated[0 if first else -1][2]["value"]) if stated else None

    def _steps(self, code: str, period: str) -> Steps:
        """The declared points of the latest estimate."""
        stated = self._stated(code, period)
        points = (stated[-1][2].get("points") if stated else None) or []
        return sorted((date.fromisoformat(one["on"]), Fraction(one["value"])) for one in points)

    def _years(
        self,
        code: str,
        period: str,
        passes: Passes,
        weight: Callable[[dict[str, Any]], Fraction],
        *,
        initially: bool,
    ) -> list[YearPlan]:
        """What is planned in each year of the period, each key in its first year only."""
        seen: set[str] = set()
        plans: list[YearPlan] = []
        for year in YEARS if period == CYCLE else (period,):
            stated = self._estimate(code, year, first=initially)
            listed = self._listed(year, passes)
            if stated is None and listed is None:
                continue
            items = list((listed or {}).values())
            estimated = [item for item in items if item["initial"] or not initially]
            total = sum((weight(i) for i in estimated), Fraction(0)) if stated is None else stated
            repeated = [item for item in estimated if item["deliverable"] in seen]
            total = max(total - sum((weight(item) for item in repeated), Fraction(0)), Fraction(0))
            fresh = [item for item in items if item["deliverable"] not in seen]
            seen |= {item["deliverable"] for item in items}
            due = [(i["deliverable"], self._due(i, year), weight(i)) for i in fresh]
            plans.append((year, due, total, self._steps(code, year)))
        own = self._estimate(code, period, first=initially)
        if not plans and own is not None:
            plans = [(period, [], own, self._steps(code, period))]
        return plans

    def _planned(
        self,
        code: str,
        period: str,
        *,
        numerator: Fraction | None,
        plans: list[YearPlan],
        share: Callable[[str, date], Fraction],
        initially: bool = False,
    ) -> Said:
        until = min(self.today, BOUNDS[period][1])
        own = self._estimate(code, period, first=initially)
        denominator = sum((plan[2] for plan in plans), Fraction(0)) if own is None else own
        items = [entry for plan in plans for entry in plan[1]]
        if numerator is None and plans:
            numerator = sum((w * share(key, until) for key, _, w in items), Fraction(0))
        figure = self.figure(code, period)
        if figure is not None:
            # It says nothing of single items; a denominator of its own wins like the rest of it.
            numerator, items = Fraction(figure["numerator"]), []
            if figure["denominator"] is not None:
                denominator = Fraction(figure["denominator"])
                plans = [(period, [], denominator, [])]
        if not plans:
            return Said(numerator, None, None, None, None, "not-judged", "no-data")
        assert numerator is not None
        by = self.today - timedelta(days=GRACE)
        dated = [entry for entry in items if entry[1] is not None]
        late = [(key, w) for key, due, w in dated if due is not None and due <= by]
        due = sum((w for _, w in late), Fraction(0))
        done = sum((w * share(key, until) for key, w in late), Fraction(0))
        matched = bool(items) and sum((w for _, _, w in dated), Fraction(0)) >= denominator
        return self._against(
            period,
            numerator,
            denominator,
            items=(due, done) if items else (None, None),
            held=(due, done) if matched else None,
            plans=plans,
        )

    def _against(
        self,
        period: str,
        numerator: Fraction,
        denominator: Fraction,
        *,
        items: tuple[Fraction | None, Fraction | None] = (None, None),
        held: tuple[Fraction, Fraction] | None = None,
        plans: list[YearPlan],
    ) -> Said:
        """Attainment: by the items where all have dates, else by what was expected."""

        def said(attainment: Fraction | None, reason: str | None = None) -> Said:
            status = status_of(attainment)
            return Said(numerator, denominator, *items, attainment, status, reason)

        if denominator == 0:
            return said(None, "not-applicable")
        whole, end = numerator / denominator, BOUNDS[period][1]
        if self.today > end + timedelta(days=GRACE):
            return said(whole)
        by = self.today - timedelta(days=GRACE)
        should, have = held or (self._expected(plans, denominator, by, end), numerator)
        if should == 0:
            return said(None, "not-started") if numerator == 0 else said(max(Fraction(1), whole))
        return said(max(have / should, whole))

    def _expected(
        self, plans: list[YearPlan], denominator: Fraction, by: date, end: date
    ) -> Fraction:
        if by >= end:
            return denominator
        total = Fraction(0)
        for year, items, size, steps in plans:
            first, last = BOUNDS[year]
            if by >= last:
                total += size
            elif by >= first and steps:
                reached = [value for on, value in steps if on <= by]
                total += min(max(reached, default=Fraction(0)), size)
            elif by >= first:
                due = sum((w for _, on, w in items if on is not None and on <= by), Fraction(0))
                dated = sum((w for _, on, w in items if on is not None), Fraction(0))
                rest = max(size - dated, Fraction(0))
                days, gone = (last - first).days + 1, (by - first).days + 1
                total += min(due + (rest * gone / days).__floor__(), size)
        return min(total, denominator)

    def implemented(self, code: str, period: str, package: str) -> Said:
        start, end = BOUNDS[period]
        until = min(self.today, end)
        first: dict[tuple[str, str], date] = {}
        any_fact = self.confirmed(code, period)
        for fact in self.about("instrument.implemented", "packages", package):
            data = fact["data"]
            on = date.fromisoformat(data["implemented_on"])
            any_fact |= start <= on <= until
            pair = (data["instrument"], data["member"])
            first[pair] = min(on, first.get(pair, date.max))
        tools = {tool for (tool, _), on in first.items() if start <= on <= until}
        # A cycle's is stated itself, and the first that was stated stays.
        denominator = self._estimate(code, period, first=True)
        if not any_fact or denominator is None:
            numerator = Fraction(len(tools)) if any_fact else None
            reason = "not-applicable" if denominator == 0 else "no-data"
            return Said(numerator, denominator, None, None, None, "not-judged", reason)
        alone: list[YearPlan] = [(period, [], denominator, self._steps(code, period))]
        return self._against(period, Fraction(len(tools)), denominator, plans=alone)
