"""ORG1 and ORG2.1: the latest figures of units and budgets, added."""

from datetime import date
from decimal import Decimal
from typing import Literal

import pytest

from shared_kit.events.activity import EffortRecorded, ResourcesAllocated, SourceAmounts
from tests.support.engine_builders import PLAN
from tests.support.engine_lab import Lab
from tests.support.engine_tables import (
    TABLES,
    Case,
    Contests,
    Replaces,
    Retracts,
    case,
    confirmed,
    figure,
    hold,
    says,
    target,
)

D = date
Fund = Literal["wco-budget", "voluntary", "in-kind"]
OVER = D(2020, 7, 31)


def effort(unit: str, quarter: str, on_priorities: str, total: str) -> EffortRecorded:
    return EffortRecorded(
        plan=PLAN,
        unit=unit,
        quarter=quarter,
        on_priorities=Decimal(on_priorities),
        total=Decimal(total),
    )


def budget(
    revision: int, *amounts: tuple[Fund, str, str], period: str = "FY2019"
) -> ResourcesAllocated:
    return ResourcesAllocated(
        plan=PLAN,
        period=period,
        revision=revision,
        by_source={
            name: SourceAmounts(priorities=Decimal(part), total=Decimal(total))
            for name, part, total in amounts
        },
    )


def wco(part: str, total: str) -> tuple[Fund, str, str]:
    return "wco-budget", part, total


EFFORT = [
    case(
        "units and quarters are added; halves are kept",
        [effort("CF", "FY2019-Q1", "10.5", "30"), effort("CAP", "FY2019-Q2", "20", "30.5")],
        says("30.5/60.5 no-target"),
    ),
    case(
        "the latest figure of a unit and quarter, higher or lower",
        [
            effort("CF", "FY2019-Q1", "10", "30"),
            effort("CF", "FY2019-Q1", "5", "30"),
            effort("CF", "FY2019-Q2", "1", "30"),
            effort("CF", "FY2019-Q2", "2", "30"),
        ],
        says("7/60 no-target"),
    ),
    case(
        "a quarter belongs to the period of its first day, and counts from that day on",
        [
            effort("CF", "FY2018-Q4", "9", "9"),
            effort("CF", "FY2019-Q1", "1", "10"),
            effort("CF", "FY2019-Q3", "2", "10"),
            effort("CF", "FY2019-Q4", "4", "10"),
            effort("CF", "FY2020-Q1", "8", "10"),
        ],
        says("1/10 no-target", on=D(2019, 12, 31)),
        says("3/20 no-target", on=D(2020, 1, 1)),
        says("7/30 no-target", on=OVER),
        says("8/10 no-target", on=D(2020, 7, 1), period="FY2020"),
        says("15/40 no-target", on=OVER, period="2019-2022"),
    ),
    case(
        "the edges of a range",
        [target("ORG1", "0.5", "0.8"), effort("CF", "FY2019-Q1", "9", "20")],
        says("9/20 on-track", attainment="0.9"),
    ),
    case(
        "just below",
        [target("ORG1", "0.5", "0.8"), effort("CF", "FY2019-Q1", "8.9", "20")],
        says("8.9/20 at-risk", attainment="0.89"),
    ),
    case("nobody reported", [target("ORG1", "0.5")], says("-/- no-data")),
    case("a known zero", [confirmed("ORG1", D(2020, 2, 3))], says("0/0 not-applicable")),
    case("no effort at all", [effort("CF", "FY2019-Q1", "0", "0")], says("0/0 not-applicable")),
    case(
        "retracted: the one before counts again; replaced; contested",
        [
            effort("CF", "FY2019-Q1", "1", "10"),
            effort("CF", "FY2019-Q1", "9", "10"),
            Retracts(1),
            effort("CAP", "FY2019-Q1", "9", "10"),
            Replaces(3, effort("CAP", "FY2019-Q1", "2", "10")),
            Contests(0),
        ],
        says("3/20 no-target"),
    ),
    case(
        "a stated figure wins",
        [effort("CF", "FY2019-Q1", "1", "10"), target("ORG1", "0.5"), figure("ORG1", "6", "10")],
        says("6/10 on-track"),
    ),
]
BUDGET = [
    case(
        "the highest revision, in whatever order; in kind is left out of both",
        [
            budget(2, wco("400", "1000"), ("voluntary", "100", "200"), ("in-kind", "9", "9")),
            budget(1, wco("300", "900")),
        ],
        says("500/1200 no-target"),
    ),
    case(
        "of one revision the latest stated",
        [budget(1, wco("300", "900")), budget(1, wco("301", "900"))],
        says("301/900 no-target"),
    ),
    case("in kind alone", [budget(1, ("in-kind", "5", "9"))], says("0/0 not-applicable")),
    case(
        "a cycle is the sum of its begun years, unless it is stated itself",
        [
            budget(1, wco("300", "1000")),
            budget(1, wco("500", "1000"), period="FY2020"),
        ],
        says("300/1000 no-target", period="2019-2022"),
        says("500/1000 no-target", on=D(2020, 7, 1), period="FY2020"),
        says("800/2000 no-target", on=D(2020, 7, 1), period="2019-2022"),
    ),
    case(
        "stated for the cycle itself",
        [budget(1, wco("300", "1000")), budget(1, wco("5", "10"), period="2019-2022")],
        says("300/1000 no-target"),
        says("5/10 no-target", period="2019-2022"),
    ),
    case(
        "the edges of a range",
        [target("ORG2.1", "0.5", "0.6"), budget(1, wco("450", "1000"))],
        says("450/1000 on-track", attainment="0.9"),
    ),
    case(
        "above it",
        [target("ORG2.1", "0.5", "0.6"), budget(1, wco("801", "1000"))],
        says("801/1000 off-track", attainment="0.749064"),
    ),
    case("nobody reported", [target("ORG2.1", "0.5")], says("-/- no-data")),
    case(
        "retracted: the revision below; replaced; contested",
        [
            budget(1, wco("300", "1000")),
            budget(2, wco("900", "1000")),
            Retracts(1),
            Replaces(0, budget(1, wco("250", "1000"))),
            Contests(0),
        ],
        says("250/1000 no-target"),
    ),
    case(
        "a stated figure wins",
        [budget(1, wco("1", "10")), figure("ORG2.1", "6", "10")],
        says("6/10 no-target"),
    ),
]
CASES: dict[str, list[Case]] = {"ORG1": EFFORT, "ORG2.1": BUDGET}


@pytest.mark.parametrize("code", TABLES["sums"])
async def test_sums_by_their_table(lab: Lab, code: str) -> None:
    await hold(lab, code, CASES[code])
