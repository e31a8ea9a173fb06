"""Realistic figures, Deliverables and alerts for the pages of the plan 2019-2022."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib.resources import files

from plan_api.implementation.model import (
    DateCertainty,
    Deliverable,
    DeliverablePlan,
    DeliverableState,
)
from plan_api.report.model import (
    Alert,
    AlertFigures,
    AlertStep,
    CountedItem,
    DueItem,
    Explanation,
    FactRef,
    Forecast,
    LateItem,
    LeftOut,
    Level,
    Pace,
    Pair,
    Planned,
    Range,
    Result,
    Scorecard,
    Side,
    Status,
    StatusReason,
    Version,
)
from shared_kit.events.definitions import PlanSnapshot

PLAN = "wco-2019-2022"
NOW = datetime(2020, 2, 3, 8, 0, tzinfo=UTC)
TODAY = date(2020, 2, 3)


def the_plan() -> PlanSnapshot:
    text = (files("plan_api.plans") / "data" / "wco-2019-2022.json").read_text("utf-8")
    return PlanSnapshot.model_validate_json(text)


LATE = (
    LateItem(
        key=f"{PLAN}:D-011-1", title="Guide on transit guarantees", due=date(2019, 11, 30), days=65
    ),
    LateItem(
        key=f"{PLAN}:D-012-1", title="Workshop on risk profiles", due=date(2019, 12, 13), days=52
    ),
    LateItem(
        key=f"{PLAN}:D-013-2",
        title="Study report on the interoperability of Single Window environments",
        due=date(2019, 12, 31),
        days=34,
    ),
    LateItem(
        key=f"{PLAN}:D-014-1",
        title="Handbook on cooperation between Customs and financial intelligence units",
        due=date(2019, 12, 31),
        days=34,
    ),
    LateItem(
        key=f"{PLAN}:D-015-1", title="Regional workshop on valuation", due=date(2020, 1, 2), days=32
    ),
    LateItem(
        key=f"{PLAN}:D-016-1", title="Update of the Data Model", due=date(2020, 1, 4), days=30
    ),
)


def a_result(code: str, status: Status = Status.ON_TRACK, **more: object) -> Result:
    values: dict[str, object] = {
        "key": f"{PLAN}:{code}",
        "period": "FY2019",
        "kind": "planned",
        "status": status,
        "judged_on": TODAY,
        "judged_at": NOW,
        "revision": 3,
        "definition_version": 1,
        "due_by": date(2020, 1, 4),
        "period_end": date(2020, 6, 30),
        "closes_on": date(2020, 7, 30),
        "last_fact_at": datetime(2020, 1, 31, 16, 20, tzinfo=UTC),
    }
    values |= more
    return Result(**values)  # type: ignore[arg-type]


def planned(
    code: str, done: str, of: str, *, expected: str, due: str, due_done: str, **more: object
) -> Result:
    status = more.pop("status", Status.ON_TRACK)
    assert isinstance(status, Status)
    return a_result(
        code,
        status,
        numerator=Decimal(done),
        denominator=Decimal(of),
        estimate=Decimal(of),
        first_estimate=Decimal(of),
        expected=Decimal(expected),
        due=Decimal(due),
        due_done=Decimal(due_done),
        attainment=(Decimal(due_done) / Decimal(due)).quantize(Decimal("0.000001"))
        if Decimal(due)
        else None,
        **more,
    )


def not_judged(code: str, reason: StatusReason, **more: object) -> Result:
    return a_result(code, Status.NOT_JUDGED, reason=reason, **more)


def realistic_results() -> tuple[Result, ...]:
    off, risk = Status.OFF_TRACK, Status.AT_RISK
    return (
        planned(
            "SG",
            "23",
            "61",
            expected="28",
            due="26",
            due_done="20",
            status=risk,
            overdue=LATE,
            unplanned=2,
            owner_unit="SGO",
            window_due=Decimal(20),
            window_due_done=Decimal(15),
            pace=Pace(
                missing=Decimal(38),
                days_left=148,
                needed=Decimal("7.702703"),
                recent=Decimal("4.666667"),
                recent_days=90,
            ),
            forecast=Forecast(low=46, likely=51, high=55),
        ),
        planned("SO1", "9", "22", expected="9", due="9", due_done="9"),
        planned(
            "SO2",
            "4",
            "14",
            expected="7",
            due="6",
            due_done="4",
            status=off,
            overdue=LATE[4:5],
        ),
        planned("SO3", "11", "27", expected="12", due="11", due_done="10"),
        planned("SP1.1", "5", "4", expected="3", due="3", due_done="3", unplanned=1),
        not_judged("SP1.2", StatusReason.NO_DATA, denominator=Decimal(12)),
        planned(
            "SP2.1", "1", "6", expected="2", due="2", due_done="1", status=off, overdue=LATE[:1]
        ),
        not_judged("SP2.2", StatusReason.NO_DATA),
        planned("SP3.1", "3", "8", expected="3", due="3", due_done="3"),
        not_judged("SP3.2", StatusReason.NO_DATA),
        not_judged(
            "SP4.1",
            StatusReason.NOT_STARTED,
            numerator=Decimal(0),
            denominator=Decimal(3),
            expected=Decimal(0),
            due=Decimal(0),
            due_done=Decimal(0),
        ),
        not_judged("SP4.2", StatusReason.NO_DATA),
        planned("SP5", "2", "5", expected="2", due="2", due_done="2"),
        planned("SP6.1", "3", "7", expected="3", due="2", due_done="2"),
        planned("SP6.2", "14", "31", expected="15", due="14", due_done="13"),
        a_result(
            "SP7.1",
            kind="observed",
            numerator=Decimal(7),
            denominator=Decimal(12),
            judged=Pair(numerator=Decimal(7), denominator=Decimal(8)),
            target=Range(low=Decimal("0.7"), high=Decimal("1")),
            attainment=Decimal(1),
        ),
        not_judged(
            "SP7.2",
            StatusReason.NOT_STARTED,
            kind="observed",
            numerator=Decimal(0),
            denominator=Decimal(3),
        ),
        not_judged("SP7.3", StatusReason.NOT_APPLICABLE, kind="observed"),
        not_judged(
            "SP7.4",
            StatusReason.NO_TARGET,
            kind="observed",
            numerator=Decimal(4),
            denominator=Decimal(9),
        ),
        not_judged(
            "SP7.5",
            StatusReason.NO_TARGET,
            kind="observed",
            numerator=Decimal(10),
            denominator=Decimal(19),
        ),
        not_judged("SP8", StatusReason.NOT_APPLICABLE, kind="observed"),
        planned(
            "LD1", "4", "10", expected="5", due="5", due_done="4", status=risk, overdue=LATE[2:3]
        ),
        planned("LD2.1", "3", "9", expected="3", due="3", due_done="3"),
        planned("LD2.2", "2", "6", expected="2", due="2", due_done="2"),
        planned(
            "LD3.1",
            "0.35",
            "1",
            expected="0.4",
            due="0.4",
            due_done="0.35",
            kind="milestones",
            status=risk,
            overdue=LATE[1:2],
        ),
        not_judged("LD3.2", StatusReason.NOT_APPLICABLE, kind="observed"),
        not_judged(
            "ORG1",
            StatusReason.NO_TARGET,
            kind="observed",
            numerator=Decimal("4120.5"),
            denominator=Decimal("9310"),
        ),
        a_result(
            "ORG2.1",
            kind="observed",
            numerator=Decimal("9120000"),
            denominator=Decimal("21400000"),
            target=Range(low=Decimal("0.4")),
            attainment=Decimal(1),
        ),
        planned(
            "ORG2.2",
            "0",
            "1",
            expected="0",
            due="0",
            due_done="0",
            kind="milestones",
            status=Status.NOT_JUDGED,
            reason=StatusReason.NOT_STARTED,
        ),
    )


def a_scorecard(*results: Result, period: str = "FY2019") -> Scorecard:
    return Scorecard(
        plan=PLAN,
        period=period,
        as_known_on=NOW,
        judged_on=TODAY,
        last_fact_at=datetime(2020, 1, 31, 16, 20, tzinfo=UTC),
        items=results or realistic_results(),
    )


def an_alert(code: str = "SG", **more: object) -> Alert:
    values: dict[str, object] = {
        "id": "0190a1c2-0000-7000-8000-000000000001",
        "indicator": f"{PLAN}:{code}",
        "period": "FY2019",
        "rule": "due-evidence",
        "level": Level.CRITICAL,
        "reason": "Of 26 due by 4 January 2020, 20 are released; overdue: Guide on transit "
        "guarantees (30 Nov, 65 days), Workshop on risk profiles (13 Dec, 52 days), and 4 more.",
        "reason_fr": "Sur 26 attendus au 4 janvier 2020, 20 sont réalisés.",
        "figures": AlertFigures(once_in=660),
        "owner_unit": "SGO",
        "raised_at": NOW,
        "timeline": (AlertStep(kind="raised", at=NOW, level=Level.CRITICAL),),
    }
    values |= more
    return Alert(**values)  # type: ignore[arg-type]


def a_deliverable(number: int, **more: object) -> Deliverable:
    """The nth Deliverable of the plan; some released, some late, one without a date."""
    state = (DeliverableState.RELEASED, DeliverableState.PLANNED)[number % 2]
    values: dict[str, object] = {
        "key": f"{PLAN}:D-{number:03}-1",
        "plan": PLAN,
        "period": "FY2019",
        "title": LATE[number % 6].title,
        "title_fr": f"Livrable {number}",
        "listed": number % 7 != 6,
        "kind": "instrument",
        "objectives": (f"{PLAN}:SO{number % 3 + 1}", f"{PLAN}:SP{number % 8 + 1}"),
        "priorities": (f"{PLAN}:PRI-{number % 8 + 1}",),
        "unit": "CF",
        "due": None if number % 5 == 4 else date(2019, 12, 1) + timedelta(days=9 * number),
        "date_certainty": DateCertainty.SYNTHETIC,
        "synthetic": number % 2 == 0,
    }
    values |= more
    return Deliverable(
        planned=DeliverablePlan(**values),  # type: ignore[arg-type]
        state=state,
        released_on=date(2019, 12, 12) if state is DeliverableState.RELEASED else None,
    )


def a_fact(offset: int, **more: object) -> FactRef:
    values: dict[str, object] = {
        "source": "urn:wcoplan:plan-api",
        "id": f"0190a1c2-7f00-7000-8000-{offset:012}",
        "type": "org.wcoomd.strategy.deliverable.released.v1",
        "topic": "work",
        "partition": offset % 6,
        "offset": offset,
        "recorded": NOW - timedelta(days=offset),
        "evidence": "PC-2019-1234E, paragraph 14" if offset % 3 == 0 else None,
    }
    values |= more
    return FactRef(**values)  # type: ignore[arg-type]


def an_explanation() -> Explanation:
    """SG: 23 of 61, 20 of 26 due, two facts left out."""
    result = next(one for one in realistic_results() if one.key.endswith(":SG"))
    done = tuple(
        CountedItem(
            item=f"{PLAN}:D-{number:03}-1",
            title=("Compendium of integrity practices", "Single Window study", "COLIBRI launch")[
                number % 3
            ]
            + f", part {number}",
            effective=date(2019, 9, 2) + timedelta(days=6 * number),
            amount=Decimal(1),
            unit="CF",
            synthetic=number % 2 == 0,
            fact=a_fact(number),
        )
        for number in range(23)
    )
    planned_items = (
        tuple(
            DueItem(item=late.key, title=late.title, due=late.due, synthetic=True) for late in LATE
        )
        + tuple(
            DueItem(
                item=one.item,
                title=one.title,
                due=date(2019, 9, 1) + timedelta(days=6 * number),
                done_on=one.effective,
                fact=one.fact,
            )
            for number, one in enumerate(done[:20])
        )
        + tuple(
            DueItem(
                item=f"{PLAN}:D-1{number:02}-1",
                title=f"Guidelines on data sets, chapter {number + 1}",
                due=date(2020, 2, 20) + timedelta(days=4 * number),
            )
            for number in range(10)
        )
    )
    return Explanation(
        result=result,
        numerator=Side(items=done),
        planned=Planned(items=planned_items),
        excluded=(
            LeftOut(
                item=f"{PLAN}:D-090-1",
                title="Milestone: communication strategy drafted",
                rule="Milestones are measured by their weights, elsewhere.",
                rule_fr="Les jalons sont mesurés ailleurs, selon leur poids.",
                fact=a_fact(90),
            ),
        ),
        estimate=Version(value=Decimal(61), revision=2, first=Decimal(58), reason="three added"),
        arithmetic="23 / 61 = 0.377049; due 20 / 26 = 0.769231 >= 0.75",
    )


def a_series() -> tuple[Result, ...]:
    """Forty business days of SG."""
    days = [TODAY - timedelta(days=back) for back in range(56, -1, -1)]
    return tuple(
        planned(
            "SG",
            str(9 + 14 * place // 56),
            "61" if place > 20 else "58",
            expected=str(8 + 20 * place // 56),
            due=str(6 + 20 * place // 56),
            due_done=str(6 + 14 * place // 56),
            status=Status.ON_TRACK if place < 25 else Status.AT_RISK,
            judged_on=day,
            revision=place + 1,
        )
        for place, day in enumerate(days)
        if day.weekday() < 5
    )
