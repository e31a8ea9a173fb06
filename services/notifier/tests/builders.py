"""What a test calls things: samples, subjects and judgements with business names."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from notifier.domain.sample import Kind, OverdueItem, Sample, Status, Terms
from notifier.domain.subject import Both, Subject
from shared_kit.calendar import PlanCalendar
from shared_kit.events.base import DateCertainty, Event, type_of
from shared_kit.events.codec import to_kafka
from shared_kit.events.definitions import (
    Cycle,
    Indicator,
    Objective,
    PlanSnapshot,
    Said,
    Tolerance,
)
from shared_kit.events.envelope import CloudEvent
from shared_kit.events.plans import PlanPublished, UnitRegistered
from shared_kit.events.results import IndicatorJudged, TargetRange
from shared_kit.events.results import OverdueItem as OverdueOnTheWire
from shared_kit.events.results import Status as StatusOnTheWire
from shared_kit.events.work import DeliverablePlanned
from shared_kit.messaging.log import Record

PLAN = "wco-2019-2022"
SG = f"{PLAN}:SG"
MONDAY = date(2020, 2, 3)
SUNDAY = MONDAY - timedelta(days=1)
IN_TWO_WEEKS = MONDAY + timedelta(days=14)
NINE = datetime(2020, 2, 3, 8, tzinfo=UTC)

CALENDAR = PlanCalendar(
    cycle_code="2019-2022",
    cycle_start=date(2019, 7, 1),
    cycle_end=date(2022, 6, 30),
    year_start_month=7,
    timezone="Europe/Brussels",
)

SIX_OVERDUE = (
    OverdueItem(
        key=f"{PLAN}:D-1", title="Guide on transit guarantees", due=date(2019, 11, 30), days=65
    ),
    OverdueItem(
        key=f"{PLAN}:D-2", title="Workshop on risk profiles", due=date(2019, 12, 13), days=52
    ),
    *(
        OverdueItem(
            key=f"{PLAN}:D-{number}",
            title=f"Tool number {number}",
            due=date(2020, 1, 4) - timedelta(days=7 - number),
            days=30 + 7 - number,
        )
        for number in range(3, 7)
    ),
)

TERMS = Terms(definition_version=1, definition="d1", estimate=Decimal(61))


def leadership() -> Subject:
    return Subject(
        indicator=SG,
        plan=PLAN,
        code="SG",
        name=Both(en="Leadership, guidance and support", fr="Leadership, orientation et soutien"),
        title=Both(
            en="Provide leadership, guidance and support to Customs administrations",
            fr="Assurer leadership, orientation et soutien aux administrations douanières",
        ),
        counted=Both(en="planned initiatives carried out", fr="initiatives prévues réalisées"),
        grace_days=30,
        calendar=CALENDAR,
    )


def a_sample(**changes: Any) -> Sample:
    """20 of 26 due, all in the recent window; 23 of 61 of the year."""
    fields: dict[str, Any] = {
        "indicator": SG,
        "plan": PLAN,
        "period": "FY2019",
        "revision": 1,
        "judged_on": MONDAY,
        "judged_at": NINE,
        "daily": True,
        "kind": Kind.PLANNED,
        "status": Status.AT_RISK,
        "terms": TERMS,
        "closes_on": date(2020, 7, 30),
        "owner_unit": "SGO",
        "numerator": Decimal(23),
        "denominator": Decimal(61),
        "attainment": Decimal("0.769231"),
        "due": Decimal(26),
        "due_done": Decimal(20),
        "window_due": Decimal(26),
        "window_due_done": Decimal(20),
        "due_by": date(2020, 1, 4),
        "overdue": SIX_OVERDUE,
    }
    return Sample(**(fields | changes))


def counts(done: int, due: int, *, window: tuple[int, int] | None = None, **more: Any) -> Sample:
    """So many of so many due; the window has the same counts unless given."""
    recent_done, recent_due = window or (done, due)
    return a_sample(
        due=Decimal(due),
        due_done=Decimal(done),
        window_due=Decimal(recent_due),
        window_due_done=Decimal(recent_done),
        attainment=(Decimal(done) / Decimal(due)).quantize(Decimal("0.000001")) if due else None,
        **more,
    )


def a_judgement(sample: Sample) -> IndicatorJudged:
    """The same sample as kpi-engine sends it."""
    return IndicatorJudged(
        key=sample.indicator,
        plan=sample.plan,
        owner_unit=sample.owner_unit,
        period=sample.period,
        judged_on=sample.judged_on,
        judged_at=sample.judged_at,
        revision=sample.revision,
        daily=sample.daily,
        restated=sample.restated,
        definition_version=sample.terms.definition_version,
        definition_digest=sample.terms.definition,
        kind=sample.kind.value,
        numerator=sample.numerator,
        denominator=sample.denominator,
        estimate=sample.terms.estimate,
        target=None
        if sample.terms.target_low is None
        else TargetRange(low=sample.terms.target_low, high=sample.terms.target_high),
        attainment=sample.attainment,
        expected_lagged=sample.expected_lagged,
        due=sample.due,
        due_done=sample.due_done,
        window_due=sample.window_due,
        window_due_done=sample.window_due_done,
        due_by=sample.due_by,
        overdue=tuple(
            OverdueOnTheWire(key=item.key, title=item.title, due=item.due, days=item.days)
            for item in sample.overdue
        ),
        status=StatusOnTheWire(sample.status.value),
        period_end=date(2020, 6, 30),
        closes_on=sample.closes_on,
    )


def a_plan(*, version: int = 1, indicators: tuple[str, ...] = ("SG", "SO1")) -> PlanPublished:
    """A plan with planned indicators, each of its own objective."""
    return PlanPublished(
        snapshot=PlanSnapshot(
            plan=PLAN,
            version=version,
            effective_on=date(2019, 7, 1),
            organization=Said(en="World Customs Organization", fr="Organisation mondiale"),
            title=Said(en="Strategic Plan 2019-2022", fr="Plan stratégique 2019-2022"),
            cycle=Cycle(
                code="2019-2022",
                start=date(2019, 7, 1),
                end=date(2022, 6, 30),
                year_start_month=7,
                timezone="Europe/Brussels",
            ),
            objectives=tuple(
                Objective(code=code, title=_title(code), perspective="R") for code in indicators
            ),
            indicators=tuple(
                Indicator(
                    code=code,
                    objective=code,
                    title=_title(code),
                    definition=_title(code),
                    short=Said(
                        en="Leadership, guidance and support: planned initiatives carried out",
                        fr="Leadership, orientation et soutien : initiatives prévues réalisées",
                    ),
                    kind="planned",
                    owner="SGO",
                    tolerance=Tolerance(on_track=Decimal("0.90"), at_risk=Decimal("0.75")),
                )
                for code in indicators
            ),
        )
    )


def _title(code: str) -> Said:
    if code == "SG":
        return Said(en=leadership().title.en, fr=leadership().title.fr)
    return Said(en=f"Objective {code}", fr=f"Objectif {code}")


def a_unit(*, language: str = "en", mailbox: str | None = "sgo@wco.example") -> UnitRegistered:
    return UnitRegistered(
        code="SGO",
        title=Said(en="Secretary General’s Office", fr="Bureau du Secrétaire général"),
        language=language,
        mailbox=mailbox,
        revision=1,
    )


def planned_fields(
    number: int = 1, *, due: date | None = IN_TWO_WEEKS, **more: Any
) -> dict[str, Any]:
    """The planned fields of a Deliverable of the unit."""
    return {
        "deliverable": f"{PLAN}:D-{number}",
        "title": f"Guide number {number}",
        "period": "FY2019",
        "listed": True,
        "kind": "instrument",
        "unit": "SGO",
        "due": due,
        "date_certainty": DateCertainty.STATED,
        **more,
    }


def planned(number: int = 1, **more: Any) -> DeliverablePlanned:
    return DeliverablePlanned(**planned_fields(number, **more))


def a_record(
    event: Event, *, offset: int = 0, id: str | None = None, corrects: str | None = None
) -> Record:
    """An event as it is read from the log; a correction lies with the Deliverable it corrects."""
    subject = corrects or event.subject
    envelope = CloudEvent(
        id=id or f"{event.name}-{offset}",
        source="/test",
        type=type_of(type(event)),
        subject=subject,
        time=NINE,
        data=event.model_dump_json().encode(),
        extensions={},
    )
    value, headers = to_kafka(envelope)
    return Record(
        topic=event.topic or "work",
        partition=0,
        offset=offset,
        key=(corrects or event.partition_key).encode(),
        value=value,
        headers=tuple(headers),
        timestamp=NINE,
    )
