"""The one port to the other services: figures from the engine, alerts from the notifier.

A service that is down, slow or answers nonsense costs the page its figures, never the page.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final, Protocol, Self, TypeVar
from urllib.parse import quote

import httpx
import structlog
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from plan_api.report.model import (
    Alert,
    Explanation,
    Ledger,
    LedgerFact,
    Notice,
    Result,
    Scorecard,
)
from plan_api.report.model.changes import ChangePart, Changes, Shift, Turn
from plan_api.report.model.fact import WholeFact
from plan_api.report.model.parts import By, Parted, dimensions_of
from plan_api.report.model.telling import AlertRule
from shared_kit.events.definitions import Indicator

TIMEOUT: Final = timedelta(seconds=3)

_PAGE: Final = "200"
_MOST_PAGES: Final = 20
_DEVIATION: Final = "deviation"
"""The notifier's rule for figures behind the plan."""
_FACTS_A_PAGE: Final = "200"
_MOST_PAGES_OF_FACTS: Final = 50
_UNKNOWN: Final = (httpx.codes.NOT_FOUND, httpx.codes.UNPROCESSABLE_ENTITY)
"""No such thing; an address that cannot name one (an alert "1") says the same."""

T = TypeVar("T")
_log = structlog.get_logger("report")


class FiguresUnavailableError(Exception):
    """The other service could not be read just now."""


class NotShownError(FiguresUnavailableError):
    """The other service answers, and does not show this to whoever looks at the page."""


class NothingKnownError(Exception):
    """The other service answers, and knows no such thing."""


class AcknowledgementRefusedError(Exception):
    """The notifier did not take it; `status` says how."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the notifier answered {status}")
        self.status = status


class Figures(Protocol):
    """All that pages show and plan-api does not hold itself."""

    def as_known(self, *, instant: datetime | None) -> "Figures": ...

    async def scorecard(self, *, plan: str, period: str) -> Scorecard: ...

    async def result(self, *, indicator: str, period: str) -> Result: ...

    async def explanation(self, *, indicator: str, period: str) -> Explanation: ...

    async def parts(self, *, indicator: str, period: str, by: Sequence[By]) -> Sequence[Parted]: ...

    async def series(self, *, indicator: str, period: str) -> Sequence[Result]: ...

    async def open_alerts(self, *, plan: str) -> Sequence[Alert]: ...

    async def alert(self, *, alert: str) -> Alert: ...

    async def alert_rule(self) -> AlertRule: ...

    async def notices(self, *, plan: str, unit: str, most: int) -> Sequence[Notice]: ...

    async def changes(
        self, *, indicator: str, period: str, since: date, to: date | None
    ) -> Changes: ...

    async def facts(self) -> Ledger: ...

    async def fact(self, *, source: str, fact: str) -> WholeFact: ...

    async def acknowledge(self, *, alert: str, comment: str) -> None: ...


class _Alerts(BaseModel):
    items: list[Alert]


class _Notices(BaseModel):
    items: list[Notice]


class _Changes(BaseModel):
    since: Result = Field(validation_alias="from")
    to: Result
    numerator_change: Decimal
    denominator_change: Decimal
    ratio_change: Decimal | None
    parts: list[ChangePart]
    expected: Shift | None = None
    attainment: Shift | None = None
    status: Turn | None = None


class _Divisions(BaseModel):
    items: list[Parted]


class _Facts(BaseModel):
    items: list[LedgerFact]
    next: str | None = None


class _Series(BaseModel):
    items: list[Result]
    next: str | None = None


class _Rule(BaseModel):
    id: str
    version: int
    min_due: int
    warning: dict[str, str | int]
    critical: dict[str, str | int]
    items: dict[str, int]


_SCORECARD = TypeAdapter(Scorecard)
_RESULT = TypeAdapter(Result)
_EXPLANATION = TypeAdapter(Explanation)
_DIVISIONS = TypeAdapter(_Divisions)
_ALERT = TypeAdapter(Alert)
_ALERTS = TypeAdapter(_Alerts)
_NOTICES = TypeAdapter(_Notices)
_SERIES = TypeAdapter(_Series)
_FACTS = TypeAdapter(_Facts)
_FACT = TypeAdapter(WholeFact)
_CHANGES = TypeAdapter(_Changes)
_RULES = TypeAdapter(list[_Rule])


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpFigures:
    """Reads over HTTP (in process when embedded), as whoever looks at the page."""

    http: httpx.AsyncClient
    engine_url: str
    notifier_url: str
    authorization: str | None = None
    language: str = "en"
    timeout: timedelta = TIMEOUT
    known: str | None = None
    """The instant as of which everything is read; None is now."""

    def as_known(self, *, instant: datetime | None) -> Self:
        """The same reads, answered with what was known at an instant."""
        return replace(self, known=None if instant is None else instant.isoformat())

    async def scorecard(self, *, plan: str, period: str) -> Scorecard:
        path = f"/api/v1/scorecards/{_safe(plan)}"
        return await self._read(self.engine_url, path, _SCORECARD, {"period": period})

    async def result(self, *, indicator: str, period: str) -> Result:
        path = f"/api/v1/results/{_safe(indicator)}"
        return await self._read(self.engine_url, path, _RESULT, {"period": period})

    async def explanation(self, *, indicator: str, period: str) -> Explanation:
        path = f"/api/v1/results/{_safe(indicator)}/explain"
        return await self._read(self.engine_url, path, _EXPLANATION, {"period": period})

    async def parts(self, *, indicator: str, period: str, by: Sequence[By]) -> Sequence[Parted]:
        path = f"/api/v1/results/{_safe(indicator)}/parts"
        query = {"period": period, "by": by}
        return (await self._read(self.engine_url, path, _DIVISIONS, query)).items

    async def series(self, *, indicator: str, period: str) -> Sequence[Result]:
        path = f"/api/v1/results/{_safe(indicator)}/series"
        query = {"period": period, "limit": _PAGE}
        results: list[Result] = []
        for _ in range(_MOST_PAGES):
            page = await self._read(self.engine_url, path, _SERIES, query)
            results += page.items
            if page.next is None:
                break
            query |= {"cursor": page.next}
        return results

    async def open_alerts(self, *, plan: str) -> Sequence[Alert]:
        query = {"plan": plan, "condition": "open", "limit": _PAGE}
        try:
            found = await self._read(self.notifier_url, "/api/v1/alerts", _ALERTS, query)
        except NotShownError:
            return ()  # they are the Secretariat's: whoever else looks sees the page without them
        return found.items

    async def changes(
        self, *, indicator: str, period: str, since: date, to: date | None
    ) -> Changes:
        """Between two days as they were known at their ends; without `to` until now."""
        path = f"/api/v1/results/{_safe(indicator)}/changes"
        query = {"period": period, "from": since.isoformat(), "lang": self.language}
        if to is not None:
            query["to"] = to.isoformat()
        told = await self._read(self.engine_url, path, _CHANGES, query)
        return Changes(
            since=told.since,
            to=told.to,
            numerator_change=told.numerator_change,
            denominator_change=told.denominator_change,
            ratio_change=told.ratio_change,
            parts=tuple(told.parts),
            expected=told.expected,
            attainment=told.attainment,
            status=told.status,
        )

    async def facts(self) -> Ledger:
        """The latest facts of the ledger, so many as a file can hold."""
        query = {"limit": _FACTS_A_PAGE}
        found: list[LedgerFact] = []
        for _ in range(_MOST_PAGES_OF_FACTS):
            page = await self._read(self.engine_url, "/api/v1/facts", _FACTS, query)
            found += page.items
            if page.next is None:
                return Ledger(facts=tuple(found))
            query |= {"cursor": page.next}
        return Ledger(facts=tuple(found), more=True)

    async def fact(self, *, source: str, fact: str) -> WholeFact:
        path = f"/api/v1/facts/{_safe(fact)}"
        return await self._read(self.engine_url, path, _FACT, {"source": source})

    async def alert(self, *, alert: str) -> Alert:
        path = f"/api/v1/alerts/{_safe(alert)}"
        try:
            return await self._read(self.notifier_url, path, _ALERT, {})
        except NotShownError as error:
            raise NothingKnownError(path) from error

    async def alert_rule(self) -> AlertRule:
        """The numbers by which the notifier tells, in their newest version.

        Raises:
            FiguresUnavailableError, NothingKnownError
        """
        path = "/api/v1/rules"
        rules = await self._read(self.notifier_url, path, _RULES, {})
        known = [one for one in rules if one.id == _DEVIATION]
        if not known:
            raise NothingKnownError(path)
        return _as_alert_rule(max(known, key=lambda one: one.version))

    async def notices(self, *, plan: str, unit: str, most: int) -> Sequence[Notice]:
        """What the unit was told, the newest first."""
        query = {"plan": plan, "unit": unit, "limit": str(most), "lang": self.language}
        try:
            found = await self._read(self.notifier_url, "/api/v1/inbox", _NOTICES, query)
        except NotShownError:
            return ()
        return found.items

    async def acknowledge(self, *, alert: str, comment: str) -> None:
        """Acknowledge in the name of whoever looks at the page.

        Raises:
            AcknowledgementRefusedError, FiguresUnavailableError
        """
        body = {"comment": comment} if comment else {}
        url = f"{self.notifier_url}/api/v1/alerts/{_safe(alert)}/ack"
        try:
            async with asyncio.timeout(self.timeout.total_seconds()):
                answer = await self.http.post(url, json=body, headers=self._headers())
        except (httpx.HTTPError, TimeoutError) as error:
            raise _unavailable(url, error) from error
        if answer.status_code >= 500:
            raise _unavailable(url, f"status {answer.status_code}")
        if answer.status_code >= 400:
            raise AcknowledgementRefusedError(answer.status_code)

    async def _read(
        self, base: str, path: str, shape: TypeAdapter[T], query: Mapping[str, str | Sequence[str]]
    ) -> T:
        url = f"{base}{path}"
        if self.known is not None:
            query = {**query, "as_of": self.known}
        try:
            # In process there is no socket to time out: the deadline holds for both.
            async with asyncio.timeout(self.timeout.total_seconds()):
                answer = await self.http.get(url, params=query, headers=self._headers())
        except (httpx.HTTPError, TimeoutError) as error:
            raise _unavailable(url, error) from error
        if answer.status_code in _UNKNOWN:
            raise NothingKnownError(url)
        if answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            raise NotShownError(url)
        if answer.status_code != httpx.codes.OK:
            raise _unavailable(url, f"status {answer.status_code}")
        try:
            return shape.validate_json(answer.content)
        except ValidationError as error:
            raise _unavailable(url, error) from error

    def _headers(self) -> dict[str, str]:
        headers = {"accept": "application/json", "accept-language": self.language}
        if self.authorization:
            headers["authorization"] = self.authorization
        return headers


def _as_alert_rule(rule: _Rule) -> AlertRule:
    try:
        return AlertRule(
            min_due=rule.min_due,
            line=Fraction(rule.warning["line"]),
            clear=Fraction(rule.warning["clear"]),
            hold_days=int(rule.warning["hold_days"]),
            hold_samples=int(rule.warning["hold_samples"]),
            window_clear=Fraction(rule.critical["window_clear"]),
            to_date_clear=Fraction(rule.critical["to_date_clear"]),
            several_items=rule.items["several"],
            graces_of_one=rule.items["graces_of_one"],
        )
    except (KeyError, ValueError, ZeroDivisionError) as error:
        raise _unavailable(f"rule {rule.id}", error) from error


def _safe(segment: str) -> str:
    return quote(segment, safe=":.-_~")


def _unavailable(url: str, reason: object) -> FiguresUnavailableError:
    _log.warning("figures unavailable", url=url, reason=str(reason)[:500])
    return FiguresUnavailableError(url)


async def divided(
    figures: Figures, indicator: Indicator, *, key: str, period: str
) -> Sequence[Parted]:
    """A figure by each dimension that its measure has; none where it cannot be read just now."""
    dimensions = dimensions_of(indicator.measure.aggregate if indicator.measure else None)
    if not dimensions:
        return ()
    try:
        return await figures.parts(indicator=key, period=period, by=dimensions)
    except (FiguresUnavailableError, NothingKnownError):
        return ()
