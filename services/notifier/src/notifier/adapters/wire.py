"""From the wire to the domain and back: records, kept samples, rules."""

import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, get_args

from notifier.adapters.differences import checked
from notifier.domain.rule import CriticalLevel, Hold, ItemLevel, Rule, WarningLevel
from notifier.domain.sample import Kind, OverdueItem, Sample, Status, Terms
from notifier.ports.stores import Fact, Incoming, Judged, WorkEvent
from notifier.ports.stream import NewItem, ResultNews
from shared_kit.events.base import type_of
from shared_kit.events.codec import from_kafka, read
from shared_kit.events.plans import PlanPublished, UnitRegistered
from shared_kit.events.results import (
    IndicatorJudged,
    ReconciliationFailed,
    ReconciliationPassed,
)
from shared_kit.messaging.log import Record

TOPICS = ("plan", "work", "results")
FOLLOWED = ("plan", "work")
"""What has to be known before somebody is reminded of a date."""

_WORK = get_args(WorkEvent)
_CHECKS = (ReconciliationFailed, ReconciliationPassed)
_OURS = frozenset(
    type_of(event) for event in (PlanPublished, UnitRegistered, IndicatorJudged, *_CHECKS, *_WORK)
)


def read_record(record: Record) -> Incoming | None:
    """Read what the notifier needs; None for a type that others need.

    Raises:
        InvalidEventError
    """
    envelope = from_kafka(record.value, record.headers)
    if envelope.type not in _OURS or record.topic not in TOPICS:
        return None
    event = read(envelope)
    if isinstance(event, IndicatorJudged):
        return Judged(
            sample=sample_of(event),
            event_id=envelope.id,
            payload=envelope.data or b"{}",
            news=_news_of(event),
        )
    if isinstance(event, _CHECKS):
        return checked(event)
    if isinstance(event, PlanPublished):
        return event.snapshot
    if isinstance(event, UnitRegistered):
        return event
    if not isinstance(event, _WORK) or not envelope.subject:
        return None
    return Fact(deliverable=envelope.subject, digest=envelope.digest.hex(), event=event)


def _news_of(event: IndicatorJudged) -> NewItem:
    return NewItem(
        kind="result",
        secretariat=event.visibility == "secretariat",
        news=ResultNews(
            plan=event.plan,
            indicator=event.key,
            period=event.period,
            revision=event.revision,
            judged_on=event.judged_on,
            judged_at=event.judged_at,
            status=event.status,
            reason=event.reason,
            numerator=event.numerator,
            denominator=event.denominator,
            ratio=event.ratio,
            attainment=event.attainment,
            daily=event.daily,
            restated=event.restated,
        ),
    )


def kept_sample(judged: Mapping[str, Any]) -> Sample:
    """Read a sample back from the row that it was kept in."""
    return sample_of(IndicatorJudged.model_validate_json(json.dumps(judged)))


def sample_of(event: IndicatorJudged) -> Sample:
    return Sample(
        indicator=event.key,
        plan=event.plan,
        period=event.period,
        revision=event.revision,
        judged_on=event.judged_on,
        judged_at=event.judged_at,
        daily=event.daily,
        restated=event.restated,
        kind=Kind(event.kind),
        status=Status(event.status),
        terms=Terms(
            definition_version=event.definition_version,
            definition=event.definition_digest,
            target_low=event.target.low if event.target else None,
            target_high=event.target.high if event.target else None,
            estimate=event.estimate,
            due=event.judged.denominator if event.judged else event.due,
            done=event.judged.numerator if event.judged else event.due_done,
        ),
        closes_on=event.closes_on,
        owner_unit=event.owner_unit,
        numerator=event.numerator,
        denominator=event.denominator,
        attainment=event.attainment,
        expected_lagged=event.expected_lagged,
        due=event.due,
        due_done=event.due_done,
        window_due=event.window_due,
        window_due_done=event.window_due_done,
        due_by=event.due_by,
        overdue=tuple(
            OverdueItem(
                key=item.key,
                title=item.title,
                title_fr=item.title_fr,
                due=item.due,
                days=item.days,
            )
            for item in sorted(event.overdue, key=lambda item: (-item.days, item.key))
        ),
        synthetic=event.synthetic,
    )


def rule_of(id: str, version: int, data: Mapping[str, Any]) -> Rule:
    """Read a rule from its row."""
    warning, critical, items = data["warning"], data["critical"], data["items"]
    return Rule(
        id=id,
        version=version,
        healthy=Fraction(data["healthy"]),
        min_due=data["min_due"],
        warning=WarningLevel(
            line=Fraction(warning["line"]),
            alpha=Fraction(warning["alpha"]),
            clear=Fraction(warning["clear"]),
            hold=Hold(days=warning["hold_days"], samples=warning["hold_samples"]),
        ),
        critical=CriticalLevel(
            window_line=Fraction(critical["window_line"]),
            window_clear=Fraction(critical["window_clear"]),
            to_date_line=Fraction(critical["to_date_line"]),
            to_date_clear=Fraction(critical["to_date_clear"]),
            alpha=Fraction(critical["alpha"]),
            hold=Hold(days=critical["hold_days"], samples=critical["hold_samples"]),
        ),
        items=ItemLevel(several=items["several"], graces_of_one=items["graces_of_one"]),
        recover_days=data["recover_days"],
    )
