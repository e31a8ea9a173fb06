"""The second calculation of what was planned: counts, milestones, what should be done by now."""

from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tests.support.oracle_facts import BOUNDS, CYCLE, GRACE, PLAN, YEARS, Facts, Said, status_of


class Planned(Facts):
    """Indicators whose denominator is an estimate or what was adopted."""

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
                numerator,
                denominator,
                shown[0],
                shown[1],
                attainment,
                status_of(attainment),
                reason,
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
            return Said(
                numerator, denominator, None, None, attainment, status_of(attainment), reason
            )

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
