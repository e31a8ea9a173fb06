"""A plan with realistic figures, as the engine and the notifier would tell them."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib.resources import files

from plan_api.report.model import (
    Alert,
    AlertStep,
    LateItem,
    Level,
    Pair,
    Range,
    Result,
    Scorecard,
    Status,
    StatusReason,
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
            "SG", "23", "61", expected="28", due="26", due_done="20", status=risk, overdue=LATE,
            unplanned=2, owner_unit="SGO",
        ),
        planned("SO1", "9", "22", expected="9", due="9", due_done="9"),
        planned(
            "SO2", "4", "14", expected="7", due="6", due_done="4", status=off, overdue=LATE[4:5],
        ),
        planned("SO3", "11", "27", expected="12", due="11", due_done="10"),
        planned("SP1.1", "5", "4", expected="3", due="3", due_done="3", unplanned=1),
        not_judged("SP1.2", StatusReason.NO_DATA, denominator=Decimal(12)),
        planned("SP2.1", "1", "6", expected="2", due="2", due_done="1", status=off,
                overdue=LATE[:1]),
        not_judged("SP2.2", StatusReason.NO_DATA),
        planned("SP3.1", "3", "8", expected="3", due="3", due_done="3"),
        not_judged("SP3.2", StatusReason.NO_DATA),
        not_judged(
            "SP4.1", StatusReason.NOT_STARTED, numerator=Decimal(0), denominator=Decimal(3),
            expected=Decimal(0), due=Decimal(0), due_done=Decimal(0),
        ),
        not_judged("SP4.2", StatusReason.NO_DATA),
        planned("SP5", "2", "5", expected="2", due="2", due_done="2"),
        planned("SP6.1", "3", "7", expected="3", due="2", due_done="2"),
        planned("SP6.2", "14", "31", expected="15", due="14", due_done="13"),
        a_result(
            "SP7.1", kind="observed", numerator=Decimal(7), denominator=Decimal(12),
            judged=Pair(numerator=Decimal(7), denominator=Decimal(8)),
            target=Range(low=Decimal("0.7"), high=Decimal("1")), attainment=Decimal(1),
        ),
        not_judged(
            "SP7.2", StatusReason.NOT_STARTED, kind="observed", numerator=Decimal(0),
            denominator=Decimal(3),
        ),
        not_judged("SP7.3", StatusReason.NOT_APPLICABLE, kind="observed"),
        not_judged(
            "SP7.4", StatusReason.NO_TARGET, kind="observed", numerator=Decimal(4),
            denominator=Decimal(9),
        ),
        not_judged(
            "SP7.5", StatusReason.NO_TARGET, kind="observed", numerator=Decimal(10),
            denominator=Decimal(19),
        ),
        not_judged("SP8", StatusReason.NOT_APPLICABLE, kind="observed"),
        planned("LD1", "4", "10", expected="5", due="5", due_done="4", status=risk,
                overdue=LATE[2:3]),
        planned("LD2.1", "3", "9", expected="3", due="3", due_done="3"),
        planned("LD2.2", "2", "6", expected="2", due="2", due_done="2"),
        planned("LD3.1", "0.35", "1", expected="0.4", due="0.4", due_done="0.35",
                kind="milestones", status=risk, overdue=LATE[1:2]),
        not_judged("LD3.2", StatusReason.NOT_APPLICABLE, kind="observed"),
        not_judged(
            "ORG1", StatusReason.NO_TARGET, kind="observed", numerator=Decimal("4120.5"),
            denominator=Decimal("9310"),
        ),
        a_result(
            "ORG2.1", kind="observed", numerator=Decimal("9120000"),
            denominator=Decimal("21400000"), target=Range(low=Decimal("0.4")),
            attainment=Decimal(1),
        ),
        planned("ORG2.2", "0", "1", expected="0", due="0", due_done="0", kind="milestones",
                status=Status.NOT_JUDGED, reason=StatusReason.NOT_STARTED),
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
        "reason": "If work were normal (95 % done), so few would occur about once in 660.",
        "reason_fr": "Si le travail suivait son cours normal (95 % réalisés), un nombre aussi "
        "faible se produirait environ une fois sur 660.",
        "owner_unit": "SGO",
        "raised_at": NOW,
        "timeline": (
            AlertStep(kind="raised", at=NOW, level=Level.CRITICAL),
        ),
    }
    values |= more
    return Alert(**values)  # type: ignore[arg-type]
