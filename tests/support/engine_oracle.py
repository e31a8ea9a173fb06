"""A second calculation of the figures, from the rules alone: what is observed."""

from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tests.support.oracle_facts import (
    BOUNDS,
    CYCLE,
    PLAN,
    SERVICE,
    YEARS,
    Said,
    status_of,
)
from tests.support.oracle_planned import Planned


class Oracle(Planned):
    """Indicators whose denominator is what was asked for, spent or offered, beside the planned."""

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
                for fact in self.about(name, "request", own)
                if (on := date.fromisoformat(fact["data"]["on"])) <= self.today
            ]

        withdrawn = min(dates("support.withdrawn"), default=None)
        refused = min(map(_year_end, dates("support.declined")), default=None)
        missions = [
            on
            for fact in self.about("support.provided", "requests", own)
            if topic in _implied(fact["data"]["topics"])
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
        if self.figure(code, period) is not None:
            return self._ratio(code, period, 0, 0)
        confirmed = self.confirmed(code, period)
        zero = Fraction(0) if confirmed else None
        reason = "not-applicable" if confirmed else "no-data"
        return Said(zero, zero, None, None, None, "not-judged", reason)

    def _ratio(self, code: str, period: str, have: Any, whole: Any, judged: Any = None) -> Said:
        figure = self.figure(code, period)
        if figure is not None:
            have, whole, judged = figure["numerator"], figure["denominator"], None
        have, whole = Fraction(have), Fraction(whole)
        base = whole if judged is None else Fraction(judged)
        targets = [
            (fact["data"]["revision"], fact["order"], fact["data"])
            for fact in self.of("target.set")
            if fact["data"]["indicator"] == f"{PLAN}:{code}" and fact["data"]["period"] == period
        ]

        def said(attainment: Fraction | None, reason: str | None = None) -> Said:
            return Said(have, whole, None, None, attainment, status_of(attainment), reason)

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

    def effort(self, code: str, period: str) -> Said:
        """The latest figure of each unit and quarter, a quarter dated by its first day."""
        start, end = BOUNDS[period]
        latest: dict[tuple[str, str], tuple[Any, ...]] = {}
        for fact in self.of("effort.recorded"):
            key = (fact["data"]["unit"], fact["data"]["quarter"])
            candidate = (fact["order"], fact["data"])
            if key not in latest or candidate[0] > latest[key][0]:
                latest[key] = candidate
        chosen = [
            data
            for (_, quarter), (_, data) in latest.items()
            if start <= _first_day(quarter) <= min(self.today, end)
        ]
        if not chosen:
            return self._silent(code, period)
        return self._ratio(
            code,
            period,
            sum((Fraction(data["on_priorities"]) for data in chosen), Fraction(0)),
            sum((Fraction(data["total"]) for data in chosen), Fraction(0)),
        )

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


def _implied(topics: Iterable[str]) -> set[str]:
    found = set(topics)
    return found | {"ODP"} if "people" in found else found


def _year_end(day: date) -> date:
    return date(day.year + (day.month >= 7), 6, 30)


def _first_day(quarter: str) -> date:
    year, number = int(quarter[2:6]), int(quarter[-1])
    return date(year + (number > 2), (7, 10, 1, 4)[number - 1], 1)
