"""The notifier's API: alerts, the inbox, the rules. Translation only."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from notifier.ports.views import (
    AlertDetail,
    AlertRead,
    InboxItem,
    NoticeRead,
    Reads,
    RuleRead,
    Which,
)
from shared_kit.identity import Caller
from shared_kit.web.authorization import CallerDep
from shared_kit.web.language import Lang
from shared_kit.web.paging import Page, PagingDep
from shared_kit.web.problems import NOT_FOUND, ProblemError
from shared_kit.web.types import Code, Instant, KeyText, Text

Acknowledge = Callable[[Caller, UUID, str | None], Awaitable[None]]
"""Caller, alert, comment; in a transaction of its own."""

PlanFilter = Annotated[Code | None, Query(description="Plan code.", examples=["wco-2019-2022"])]
PeriodFilter = Annotated[Code | None, Query(description="Period code.", examples=["FY2019"])]
IndicatorFilter = Annotated[
    KeyText | None, Query(description="Indicator key.", examples=["wco-2019-2022:SG"])
]
UnitFilter = Annotated[Code | None, Query(description="Unit that owns it.", examples=["SGO"])]
ConditionFilter = Annotated[
    Which, Query(description="Those that stand, those that are over, or both.")
]
AsOf = Annotated[
    Instant | None,
    Query(
        description="What was known at that instant.",
        examples=["2019-12-16T23:59:59+01:00"],
    ),
]


class AcknowledgeAlert(BaseModel):
    """What is said with an acknowledgement."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"comment": "The guide is with the translators."}]},
    )

    comment: Annotated[Text | None, Field(description="What is being done about it.")] = None


def routers(*, reads: Reads, acknowledge: Acknowledge) -> list[APIRouter]:
    """The routes, over what bootstrap gives them."""
    return [_alerts(reads, acknowledge), _inbox(reads), _rules(reads)]


def _alerts(reads: Reads, acknowledge: Acknowledge) -> APIRouter:
    router = APIRouter(prefix="/api/v1/alerts", tags=["alerts"])

    @router.get("", operation_id="list_alerts", summary="Alerts, critical ones first")
    async def list_alerts(
        _caller: CallerDep,
        paging: PagingDep,
        plan: PlanFilter = None,
        period: PeriodFilter = None,
        indicator: IndicatorFilter = None,
        unit: UnitFilter = None,
        condition: ConditionFilter = "open",
        as_of: AsOf = None,
    ) -> Page[AlertRead]:
        """One open alert per rule, indicator and period. Those only watched are not listed.

        With `as_of` those of then, with the level, the reason and the handling of then.
        """
        return await reads.alerts(
            paging,
            plan=plan,
            period=period,
            indicator=indicator,
            unit=unit,
            which=condition,
            as_of=as_of,
        )

    @router.get("/{alert}", operation_id="get_alert", summary="An alert with its timeline")
    async def get_alert(_caller: CallerDep, alert: UUID, as_of: AsOf = None) -> AlertDetail:
        """Every transition with its reason, its figures, and who was told; as of then, if asked."""
        return await _found(reads, alert, as_of=as_of)

    @router.post(
        "/{alert}/ack", operation_id="acknowledge_alert", summary="Say that you take care of it"
    )
    async def acknowledge_alert(
        caller: CallerDep, alert: UUID, body: AcknowledgeAlert
    ) -> AlertDetail:
        """Safe to repeat: the first acknowledgement stands, and everybody is told whose it is.

        An alert that gets worse has to be acknowledged anew. One that is closed answers 409.
        """
        await acknowledge(caller, alert, body.comment)
        return await _found(reads, alert)

    return router


def _inbox(reads: Reads) -> APIRouter:
    router = APIRouter(prefix="/api/v1/inbox", tags=["inbox"])

    @router.get("", operation_id="list_inbox", summary="Notices, newest first")
    async def list_inbox(
        _caller: CallerDep,
        paging: PagingDep,
        language: Lang,
        unit: UnitFilter = None,
        plan: PlanFilter = None,
        as_of: AsOf = None,
    ) -> Page[InboxItem]:
        """Exactly one notice for each transition that somebody is told of."""
        return await reads.inbox(paging, unit=unit, plan=plan, language=language, as_of=as_of)

    @router.get(
        "/{item}",
        operation_id="get_notice",
        summary="Read a notice",
        description="Whole: subject, text and HTML as they were written, in either language.",
    )
    async def get_notice(
        _caller: CallerDep,
        item: UUID,
        lang: Annotated[
            Literal["en", "fr"] | None,
            Query(description="Without it, the language of the unit."),
        ] = None,
    ) -> NoticeRead:
        found = await reads.notice(item, language=lang)
        if found is None:
            raise ProblemError(NOT_FOUND)
        return found

    return router


def _rules(reads: Reads) -> APIRouter:
    router = APIRouter(prefix="/api/v1/rules", tags=["rules"])

    @router.get("", operation_id="list_rules", summary="When somebody is told")
    async def list_rules(_caller: CallerDep) -> list[RuleRead]:
        """The rules with their numbers, in words and as data."""
        return await reads.rules()

    return router


async def _found(reads: Reads, alert: UUID, *, as_of: datetime | None = None) -> AlertDetail:
    found = await reads.alert(alert, as_of=as_of)
    if found is None:
        raise ProblemError(NOT_FOUND)
    return found
