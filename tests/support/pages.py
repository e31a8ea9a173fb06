"""The pages alone, over fakes of the plan's book and of the other services."""

# ruff: noqa: ARG002 - fakes take what the port takes

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from importlib.resources import files

from fastapi import APIRouter, FastAPI, Response

from plan_api.implementation.model import Deliverable
from plan_api.report.api import Desk, router, set_up
from plan_api.report.model import (
    Alert,
    AlertStep,
    Explanation,
    Ledger,
    LedgerFact,
    Level,
    Notice,
    Result,
    Scorecard,
    Told,
)
from plan_api.report.model.changes import Changes
from plan_api.report.model.fact import WholeFact
from plan_api.report.model.parts import By, Part, Parted
from plan_api.report.model.telling import AlertRule
from plan_api.report.pages.site import Site
from plan_api.report.reads import (
    AcknowledgementRefusedError,
    FiguresUnavailableError,
    NothingKnownError,
)
from shared_kit.clock import Clock, ManualClock
from shared_kit.events.definitions import PlanSnapshot
from shared_kit.web.app import create_api
from tests.support.page_data import (
    NOW,
    PLAN,
    a_deliverable,
    a_scorecard,
    a_series,
    an_alert,
    an_explanation,
    the_plan,
)

RULE = AlertRule(
    min_due=8,
    line=Fraction(9, 10),
    clear=Fraction(93, 100),
    hold_days=14,
    hold_samples=2,
    window_clear=Fraction(83, 100),
    to_date_clear=Fraction(78, 100),
    several_items=2,
    graces_of_one=2,
)
"""The numbers that the notifier starts with."""


@dataclass
class FakeBook:
    """The plan of 2019-2022, five units, a few Deliverables."""

    the_plan: PlanSnapshot | None = field(default_factory=the_plan)
    work: Sequence[Deliverable] = tuple(a_deliverable(number) for number in range(24))
    adopted: bool = True

    asked_as_of: list[datetime] = field(default_factory=list)

    async def as_known(self, *, instant: datetime) -> None:
        self.asked_as_of.append(instant)

    async def begun(self, plan: str) -> datetime | None:
        return datetime(2019, 7, 1, 7, tzinfo=UTC) if self.the_plan else None

    async def current_plan(self, *, now: datetime) -> PlanSnapshot | None:
        return self.the_plan

    async def plans(self, *, now: datetime) -> Sequence[PlanSnapshot]:
        return [self.the_plan] if self.the_plan else []

    async def plan(self, code: str, *, now: datetime) -> PlanSnapshot | None:
        return self.the_plan if self.the_plan and self.the_plan.plan == code else None

    async def units(self) -> Mapping[str, Mapping[str, str]]:
        text = (files("plan_api.directory") / "data" / "directory.json").read_text("utf-8")
        return {unit["code"]: unit["title"] for unit in json.loads(text)["units"]}

    async def members(self) -> Mapping[str, str]:
        return {"X-NORVALE": "Norvale (fictional)"}

    async def has_synthetic(self, plan: str) -> bool:
        return any(one.planned.synthetic for one in self.work)

    async def deliverables(self, plan: PlanSnapshot, *, period: str) -> Sequence[Deliverable]:
        return self.work if period in ("FY2019", "2019-2022") else ()

    async def is_adopted(self, plan: str, period: str) -> bool:
        return self.adopted


@dataclass
class FakeFigures:
    """Answers as the engine and the notifier do; can be down, can refuse."""

    card: Scorecard = field(default_factory=a_scorecard)
    card_then: Scorecard | None = None
    alerts: Sequence[Alert] = ()
    notices_of: dict[str, list[Notice]] = field(default_factory=dict)
    explained: Explanation | None = None
    judgements: Sequence[Result] = ()
    parted: dict[tuple[str, str], Parted] = field(default_factory=dict)
    changed: Changes | None = None
    whole_fact: WholeFact | None = None
    down: bool = False
    unproven: bool = False
    refuses: int | None = None
    acknowledged: list[tuple[str, str, str | None]] = field(default_factory=list)
    authorization: str | None = None

    divided: list[str] = field(default_factory=list)
    asked_as_of: list[datetime | None] = field(default_factory=list)

    def as_known(self, *, instant: datetime | None) -> "FakeFigures":
        self.asked_as_of.append(instant)
        if instant is None or self.card_then is None:
            return self
        return replace(self, card=self.card_then)

    def seen_by(self, authorization: str | None, language: str) -> "FakeFigures":
        self.authorization = authorization
        return self

    async def scorecard(self, *, plan: str, period: str) -> Scorecard:
        self._check()
        if period != self.card.period:
            raise NothingKnownError(period)
        return self.card

    async def result(self, *, indicator: str, period: str) -> Result:
        self._check()
        result = self.card.result(indicator)
        if result is None or period != self.card.period:
            raise NothingKnownError(indicator)
        return result

    async def explanation(self, *, indicator: str, period: str) -> Explanation:
        self._check()
        if self.unproven:
            raise FiguresUnavailableError("no proof")
        if self.explained and self.explained.result.key == indicator:
            return self.explained
        result = self.card.result(indicator)
        if result is None or period != self.card.period:
            raise NothingKnownError(indicator)
        return Explanation(result=result)

    async def parts(self, *, indicator: str, period: str, by: Sequence[By]) -> Sequence[Parted]:
        self._check()
        self.divided.append(indicator)
        return [found for one in by if (found := self.parted.get((indicator, one)))]

    async def series(self, *, indicator: str, period: str) -> Sequence[Result]:
        self._check()
        return [one for one in self.judgements if one.key == indicator]

    async def open_alerts(self, *, plan: str) -> Sequence[Alert]:
        self._check()
        return [one for one in self.alerts if one.is_open]

    async def changes(
        self, *, indicator: str, period: str, since: date, to: date | None
    ) -> Changes:
        self._check()
        result = await self.result(indicator=indicator, period=period)
        return self.changed or Changes(
            since=result, to=result, numerator_change=Decimal(0), denominator_change=Decimal(0)
        )

    async def fact(self, *, source: str, fact: str) -> WholeFact:
        self._check()
        if self.whole_fact is None:
            raise NothingKnownError
        return self.whole_fact

    async def facts(self) -> Ledger:
        self._check()
        return Ledger(
            facts=(
                LedgerFact(
                    source="urn:x", id="=1+1", type="org.wcoomd.strategy.support.requested.v1",
                    subject="REQ-1", time=NOW, recorded=NOW, effective=NOW.date(),
                ),
            )
        )  # fmt: skip

    async def alert(self, *, alert: str) -> Alert:
        self._check()
        for one in self.alerts:
            if one.id == alert:
                return one
        raise NothingKnownError(alert)

    async def alert_rule(self) -> AlertRule:
        self._check()
        return RULE

    async def notices(self, *, plan: str, unit: str, most: int) -> Sequence[Notice]:
        self._check()
        return self.notices_of.get(unit, [])[:most]

    async def acknowledge(self, *, alert: str, comment: str) -> None:
        self._check()
        if self.refuses:
            raise AcknowledgementRefusedError(self.refuses)
        self.acknowledged.append((alert, comment, self.authorization))

    def _check(self) -> None:
        if self.down:
            raise FiguresUnavailableError("down")


def _by_unit() -> Parted:
    units = (
        Part(code="CF", title="Compliance", numerator=Decimal(2), denominator=Decimal(6)),
        Part(code="TTA", title="Tariff and Trade", numerator=Decimal(1), denominator=Decimal(2)),
    )
    whole = Part(numerator=Decimal(3), denominator=Decimal(8))
    return Parted(by="unit", available=True, total=whole, parts=units, statement="They add up.")


def realistic_figures() -> FakeFigures:
    return FakeFigures(
        parted={(f"{PLAN}:SG", "unit"): _by_unit()},
        alerts=(
            an_alert(),
            an_alert(
                "SO2",
                id="0190a1c2-0000-7000-8000-000000000002",
                level=Level.WARNING,
                owner_unit="TTA",
                reason="One item is overdue by more than 30 days.",
                reason_fr="Un élément est en retard de plus de 30 jours.",
                acknowledged_at=NOW,
                handling="acknowledged",
                acknowledged_by="demo-director:TTA",
                comment="The two advices wait for the Technical Committee in March.",
                timeline=(
                    AlertStep(kind="raised", at=NOW - timedelta(days=3), level=Level.WARNING),
                    AlertStep(
                        kind="acknowledged",
                        at=NOW,
                        by="demo-director:TTA",
                        told=Told(unit="TTA", mail="written"),
                        comment="The two advices wait for the Technical Committee in March.",
                    ),
                ),
            ),
        ),
        explained=an_explanation(),
        judgements=a_series(),
    )


def _quiet_stream() -> APIRouter:
    """The notifier's stream as it is where nothing happens."""
    quiet = APIRouter()

    @quiet.get("/api/v1/stream", operation_id="get_stream")
    async def get_stream() -> Response:
        return Response("retry: 600000\n\n", media_type="text/event-stream")

    return quiet


def an_app(
    *,
    book: FakeBook | None = None,
    figures: FakeFigures | None = None,
    business: Clock | None = None,
) -> FastAPI:
    """The pages alone, over fakes."""
    told = figures or realistic_figures()
    shown = book or FakeBook()

    @asynccontextmanager
    async def open_book() -> AsyncIterator[FakeBook]:
        yield shown

    app = create_api(
        service="plan-api",
        title="Pages",
        version="0",
        auth="demo",
        routers=[router, _quiet_stream()],
    )
    set_up(
        app,
        desk=Desk(
            site=Site.load(),
            book=open_book,
            figures=told.seen_by,
            business=business or ManualClock(NOW),
            demo=True,
        ),
    )
    return app
