"""SP1.2 to SP4.2: distinct tools by (tool, Member) pairs that are first implemented in a period."""

from datetime import date

import pytest

from shared_kit.events.activity import InstrumentImplemented
from shared_kit.events.plans import EstimatePoint
from tests.support.engine_lab import Lab
from tests.support.engine_tables import (
    TABLES,
    Case,
    Contests,
    Replaces,
    Retracts,
    case,
    confirmed,
    estimate,
    figure,
    hold,
    says,
)

D = date
PACKAGES = {"SP1.2": "ECP", "SP2.2": "RP", "SP3.2": "CEP", "SP4.2": "ODP"}
OVER = D(2020, 7, 31)


def cases(code: str, package: str) -> list[Case]:
    other = "RP" if package == "ECP" else "ECP"

    def used(
        tool: str, member: str, on: date, packages: tuple[str, ...] = (package,)
    ) -> InstrumentImplemented:
        return InstrumentImplemented(
            instrument=tool, packages=packages, member=member, implemented_on=on
        )

    four = estimate(code, 4)
    return [
        case(
            "a tool counts once, whatever Members implement it",
            [four, used("A", "M1", D(2019, 9, 1)), used("A", "M2", D(2019, 9, 2))],
            says("1/4 off-track", expected_lagged="2", attainment="0.5"),
        ),
        case(
            "two tools of one Member",
            [four, used("A", "M1", D(2019, 9, 1)), used("B", "M1", D(2019, 9, 2))],
            says("2/4 on-track", attainment="1"),
        ),
        case(
            "of another package alone; of both",
            [
                four,
                used("A", "M1", D(2019, 9, 1), (other,)),
                used("B", "M1", D(2019, 9, 1), (other, package)),
            ],
            says("1/4 off-track"),
        ),
        case(
            "first before the cycle: background, but the period is not silent",
            [four, used("A", "M1", D(2019, 6, 30)), used("A", "M1", D(2019, 9, 1))],
            says("0/4 off-track"),
        ),
        case(
            "a tool comes again with another Member in the next year; the cycle counts it once",
            [
                four,
                estimate(code, 3, period="FY2020"),
                estimate(code, 10, period="2019-2022"),
                used("A", "M1", D(2020, 6, 30)),
                used("A", "M1", D(2020, 7, 1)),
                used("A", "M2", D(2020, 7, 1)),
            ],
            says("1/4 off-track", on=OVER),
            says("1/3 on-track", on=OVER, period="FY2020"),
            says("1/10 off-track", on=OVER, period="2019-2022", expected_lagged="3"),
        ),
        case(
            "the cycle's estimate is its own, not the sum of its years'",
            [four, used("A", "M1", D(2019, 9, 1))],
            says("1/- no-data", period="2019-2022"),
        ),
        case(
            "the first estimate is the denominator; the revision does not replace it",
            [four, estimate(code, 2, revision=2), used("A", "M1", D(2019, 9, 1))],
            says("1/4 off-track", first_estimate="4"),
        ),
        case(
            "nothing counts before its own date",
            [four, used("A", "M1", D(2020, 2, 4))],
            says("-/4 no-data"),
            says("1/4 off-track", on=D(2020, 2, 4)),
        ),
        case("silence is no data", [four], says("-/4 no-data"), says("-/4 no-data", on=OVER)),
        case(
            "confirmed until yesterday is silence still, until today a known zero",
            [four, confirmed(code, D(2020, 2, 3))],
            says("0/4 off-track"),
            says("-/4 no-data", on=D(2020, 2, 4)),
        ),
        case(
            "confirmed until the year's end stays known",
            [four, confirmed(code, D(2020, 6, 30))],
            says("0/4 off-track", on=OVER),
        ),
        case("nothing estimated", [used("A", "M1", D(2019, 9, 1))], says("1/- no-data")),
        case("an estimate of nothing", [estimate(code, 0)], says("-/0 not-applicable")),
        case(
            "the first days of a year",
            [estimate(code, 4, period="FY2020"), used("A", "M1", D(2020, 7, 1))],
            says("-/4 no-data", on=D(2020, 6, 30), period="FY2020"),
            says("1/4 on-track", on=D(2020, 7, 1), period="FY2020", expected_lagged="0"),
        ),
        case(
            "the days after the year's end",
            [four, *(used(tool, "M1", D(2020, 6, 30)) for tool in "ABC")],
            says("3/4 at-risk", on=D(2020, 7, 30)),
            says("3/4 at-risk", on=OVER, attainment="0.75"),
        ),
        case(
            "declared points are steps",
            [
                estimate(code, 4, points=(EstimatePoint(on=D(2020, 1, 4), value=1),)),
                used("A", "M1", D(2019, 9, 1)),
            ],
            says("1/4 on-track", expected_lagged="1"),
        ),
        case(
            "retracted: another Member's later first time stands",
            [four, used("A", "M1", D(2019, 9, 1)), used("A", "M2", D(2020, 7, 1)), Retracts(1)],
            says("-/4 no-data", on=OVER),
        ),
        case(
            "replaced: another package; another date",
            [
                four,
                used("A", "M1", D(2019, 9, 1)),
                Replaces(1, used("A", "M1", D(2019, 9, 1), (other,))),
                used("B", "M1", D(2019, 6, 1)),
                Replaces(3, used("B", "M1", D(2019, 8, 1))),
            ],
            says("1/4 off-track"),
        ),
        case(
            "contested facts count",
            [four, used("A", "M1", D(2019, 9, 1)), Contests(1)],
            says("1/4 off-track"),
        ),
        case(
            "a stated figure wins, over silence too",
            [four, figure(code, "3")],
            says("3/4 on-track"),
            says("3/4 at-risk", on=OVER),
        ),
    ]


@pytest.mark.parametrize("code", TABLES["implemented"])
async def test_tools_implemented_by_their_table(lab: Lab, code: str) -> None:
    await hold(lab, code, cases(code, PACKAGES[code]))
