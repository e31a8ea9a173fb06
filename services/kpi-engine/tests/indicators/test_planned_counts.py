"""The 14 planned counts: what each one counts, and the cases that all of them share."""

from datetime import date
from typing import Any

import pytest

from shared_kit.events.plans import EstimatePoint
from shared_kit.events.work import (
    DeliverableCancelled,
    DeliverableRescheduled,
    Stage,
)
from tests.support.engine_builders import adopted, an_item, key, released, the_snapshot
from tests.support.engine_counts import COUNTS, Counts, Fields
from tests.support.engine_lab import Lab
from tests.support.engine_tables import (
    TABLES,
    Case,
    Contests,
    Replaces,
    Retracts,
    asked,
    begin,
    case,
    estimate,
    figure,
    happen,
    hold,
    says,
)

D = date
INDICATORS = tuple(one.code for one in the_snapshot().indicators)


def rescheduled(item: Fields, due: date, approved: str | None) -> DeliverableRescheduled:
    return DeliverableRescheduled(
        deliverable=item["deliverable"], period=item["period"], due=due, approved_by=approved
    )


def kinds_of(counts: Counts) -> list[Case]:
    """Each near Deliverable on its side of the edge, released and listed alike."""
    plain = an_item("plain", due=D(2019, 11, 30), **counts.takes[0])
    found = []
    for number, fields in enumerate(counts.takes):
        taken = an_item(f"t{number}", due=D(2019, 12, 15), **fields)
        found.append(
            case(
                f"takes {fields}",
                [adopted(plain, taken), released(taken, D(2019, 12, 1))],
                says("1/2 off-track", due="2", due_done="1"),
            )
        )
    for number, fields in enumerate(counts.leaves):
        left = an_item(f"l{number}", due=D(2019, 12, 15), **fields)
        found.append(
            case(
                f"leaves {fields}",
                [adopted(plain, left), released(left, D(2019, 12, 1))],
                says("0/1 off-track", due="1", due_done="0"),
            )
        )
    return found


def dated(item: Any) -> list[Case]:
    """What counts is released inside the period, by today, and once."""
    a, b, later = item("a", D(2019, 11, 30)), item("b", D(2019, 12, 31)), item("c", D(2020, 5, 1))
    carried = {**a, "period": "FY2020", "due": D(2020, 10, 1)}
    new = {**item("n", D(2020, 11, 1)), "period": "FY2020"}
    return [
        case(
            "one of two due is done",
            [adopted(a, b, later), released(a, D(2019, 11, 1))],
            says("1/3 off-track", due="2", due_done="1", attainment="0.5", overdue=["D-b"]),
        ),
        case(
            "the edges of a period",
            [
                adopted(a, b, later),
                released(a, D(2019, 6, 30)),
                released(b, D(2019, 7, 1)),
                released(later, D(2020, 6, 30)),
            ],
            says("2/3 off-track", on=D(2020, 7, 31)),
            says("0/- no-data", on=D(2020, 7, 31), period="FY2020"),
        ),
        case(
            "nothing counts before its own date",
            [adopted(a), released(a, D(2020, 2, 4))],
            says("0/1 off-track"),
            says("1/1 on-track", on=D(2020, 2, 4)),
        ),
        case(
            "a draft counts nowhere; then the earliest of the others",
            [
                adopted(a),
                released(a, D(2019, 9, 1), stage=Stage.DRAFTED),
                released(a, D(2020, 3, 2), stage=Stage.ADOPTED),
                released(a, D(2020, 7, 2), stage=Stage.DONE),
            ],
            says("0/1 off-track"),
            says("1/1 on-track", on=D(2020, 7, 31)),
            says("0/- no-data", on=D(2020, 7, 31), period="FY2020"),
            says("1/1 on-track", on=D(2020, 7, 31), period="2019-2022"),
        ),
        case(
            "the last day of the grace of an item, and the one before it",
            [adopted(item("a", D(2020, 1, 4)), item("b", D(2020, 1, 5)))],
            says("0/2 not-started", on=D(2020, 2, 2), due="0"),
            says("0/2 off-track", due="1", due_done="0"),
        ),
        case(
            "the days after the year's end: judged by what is due, then by the ratio",
            [
                adopted(item("a", D(2020, 6, 30)), item("b", D(2020, 7, 15))),
                released(item("a", None), D(2020, 6, 1)),
                released(item("b", None), D(2020, 7, 14)),
            ],
            says("1/2 on-track", on=D(2020, 7, 30), attainment="1"),
            says("1/2 off-track", on=D(2020, 7, 31), attainment="0.5"),
        ),
        case(
            "the first days of a year; another year is not touched",
            [adopted(new, period="FY2020"), adopted(a), released(a, D(2019, 10, 1))],
            says("0/1 not-started", on=D(2020, 7, 1), period="FY2020", due="0"),
            says("1/1 on-track", on=D(2020, 7, 1)),
            says("0/1 off-track", on=D(2020, 12, 1), period="FY2020", due="1"),
        ),
        case(
            "carried over: late in the first year, counted in the second, once in the cycle",
            [
                adopted(a),
                adopted(carried, new, period="FY2020"),
                released(carried, D(2020, 9, 15)),
            ],
            says("0/1 off-track", on=D(2020, 12, 15), overdue=[]),
            says("1/2 off-track", on=D(2020, 12, 15), period="FY2020", due="2", due_done="1"),
            says("1/2 off-track", on=D(2020, 12, 15), period="2019-2022", due="2", due_done="1"),
        ),
        case(
            "carried over keeps its first date in the cycle",
            [adopted(a), adopted(carried, period="FY2020")],
            says("0/1 not-started", on=D(2020, 10, 30), period="FY2020", due="0", overdue=["D-a"]),
            says("0/1 off-track", on=D(2020, 10, 30), period="2019-2022", due="1"),
        ),
    ]


def planned(code: str, item: Any, *, initially: bool) -> list[Case]:
    """What is estimated, revised, re-planned, cancelled, unplanned."""
    a, b = item("a", D(2019, 11, 30)), item("b", D(2020, 5, 1))
    extra = {**item("x", None), "listed": False}
    first, latest = ("10", "8")
    return [
        case(
            "nothing planned is no data, an estimate of nothing a known zero",
            [released(a, D(2019, 11, 1))],
            says("1/- no-data", estimate=None),
        ),
        case(
            "an estimate of nothing",
            [estimate(code, 0), released(a, D(2019, 11, 1))],
            says("1/0 not-applicable", ratio=None),
        ),
        case(
            "unplanned work counts and is told apart; more than planned shows as it is",
            [adopted(a), released(a, D(2019, 11, 1)), released(extra, D(2019, 12, 1))],
            says("2/1 on-track", unplanned=1, ratio="2", due="1", due_done="1"),
        ),
        case(
            "unlisted in an adoption is not planned",
            [adopted(a, extra), released(extra, D(2019, 12, 1))],
            says("1/1 on-track", unplanned=1, due="1", due_done="0"),
        ),
        case(
            "a stated estimate wins over the listed items",
            [adopted(a, b), estimate(code, 10), released(a, D(2019, 11, 1))],
            says("1/10 off-track", expected_lagged="5", first_estimate="10"),
        ),
        case(
            "a revision stands beside the first estimate",
            [estimate(code, 8, revision=2), estimate(code, 10), released(a, D(2019, 11, 1))],
            says(f"1/{first if initially else latest} off-track", first_estimate="10"),
        ),
        case(
            "a later adoption only adds: dates stay, the first estimate too",
            [
                adopted(a),
                adopted({**a, "due": D(2020, 6, 1)}, item("l", D(2020, 3, 1)), revision=2),
            ],
            says(f"0/{1 if initially else 2} off-track", due="1", first_estimate="1"),
        ),
        case(
            "an adoption counts from its day on",
            [adopted(a, on=D(2020, 2, 4))],
            says("0/- no-data"),
            says("0/1 off-track", on=D(2020, 2, 4)),
        ),
        case(
            "declared points are steps",
            [
                estimate(
                    code,
                    4,
                    points=(
                        EstimatePoint(on=D(2020, 1, 4), value=1),
                        EstimatePoint(on=D(2020, 5, 1), value=3),
                    ),
                )
            ],
            says("0/4 not-started", on=D(2020, 2, 2), expected="1", expected_lagged="0"),
            says("0/4 off-track", expected="1", expected_lagged="1"),
            says("0/4 off-track", on=D(2020, 6, 30), expected="4", expected_lagged="3"),
        ),
        case(
            "a proposed date does not count, an approved one does, one beyond the year does not",
            [
                adopted(a, item("p", D(2019, 11, 30)), item("q", D(2019, 11, 30))),
                rescheduled(a, D(2020, 5, 1), None),
                rescheduled(item("p", None), D(2020, 5, 1), "planning-office"),
                rescheduled(item("q", None), D(2020, 7, 1), "planning-office"),
            ],
            says("0/3 off-track", due="2", overdue=["D-a", "D-q"]),
        ),
        case(
            "what is cancelled stays due and estimated",
            [
                adopted(a),
                DeliverableCancelled(deliverable=a["deliverable"], cancelled_on=D(2019, 12, 1)),
            ],
            says("0/1 off-track", due="1", overdue=["D-a"]),
        ),
    ]


def corrected(code: str, item: Any, left: Fields | None) -> list[Case]:
    """Retraction, replacement, contest; and figures that are stated as such."""
    a, b = item("a", D(2019, 11, 30)), item("b", D(2019, 11, 30))
    plan, done = adopted(a, b), released(a, D(2019, 11, 1))
    other_year = released(a, D(2020, 7, 2))
    whole = D(2020, 7, 31)
    found = [
        case("retracted", [plan, done, Retracts(1)], says("0/2 off-track", due_done="0")),
        case(
            "a retraction that is retracted",
            [plan, done, Retracts(1), Retracts(2)],
            says("1/2 off-track", due_done="1"),
        ),
        case(
            "replaced: dated in another year",
            [plan, done, Replaces(1, other_year)],
            says("0/2 off-track", on=whole),
            says("1/- no-data", on=whole, period="FY2020"),
        ),
        case(
            "retraction outranks replacement",
            [plan, done, Replaces(1, released(a, D(2019, 9, 1))), Retracts(1)],
            says("0/2 off-track"),
        ),
        case("contested facts count", [plan, done, Contests(1)], says("1/2 off-track")),
        case(
            "a retracted earliest release leaves the next one",
            [plan, done, released(a, D(2020, 1, 15)), Retracts(1)],
            says("1/2 off-track", due_done="1"),
        ),
        case(
            "a retracted adoption, a replaced one, a retracted estimate",
            [plan, Retracts(0), adopted(a), Replaces(2, adopted(a, b, item("c", None)))],
            says("0/3 off-track", due="2"),
        ),
        case(
            "an estimate replaced and one retracted",
            [
                estimate(code, 10),
                Replaces(0, estimate(code, 4)),
                estimate(code, 9, revision=2),
                Retracts(2),
            ],
            says("0/4 off-track", first_estimate="4"),
        ),
        case(
            "a stated figure wins, from its own date on",
            [plan, done, figure(code, "7", "10", as_on=D(2020, 2, 4))],
            says("1/2 off-track"),
            says("7/10 on-track", on=D(2020, 2, 4), unplanned=None),
            says("7/10 off-track", on=whole, attainment="0.7"),
        ),
        case(
            "a stated figure without a denominator takes the estimate, or the adopted items",
            [plan, figure(code, "1")],
            says("1/2 off-track", expected_lagged="2", due=None),
            says("1/2 off-track", on=whole),
        ),
        case(
            "the latest stated figure; one that is retracted does not win",
            [plan, figure(code, "1"), figure(code, "2"), figure(code, "0"), Retracts(3)],
            says("2/2 on-track"),
        ),
        case(
            "a figure of an earlier time, with nothing planned",
            [figure(code, "3", "4")],
            says("3/4 on-track", expected_lagged="2", estimate=None),
            says("3/4 at-risk", on=whole, attainment="0.75"),
        ),
        case(
            "a figure without anything to hold it against",
            [figure(code, "3")],
            says("3/- no-data"),
        ),
    ]
    if left is not None:
        wrong = released(left, D(2019, 11, 1))
        found.append(
            case("replaced: wrong tags", [plan, done, Replaces(1, wrong)], says("0/2 off-track"))
        )
    return found


@pytest.mark.parametrize("code", COUNTS)
async def test_a_planned_count_by_its_table(lab: Lab, code: str) -> None:
    counts = COUNTS[code]

    def item(name: str, due: date | None) -> Fields:
        return an_item(name, due=due, **counts.takes[0])

    left = an_item("a", due=D(2019, 11, 30), **{"objectives": ("SO1",), **counts.leaves[0]})
    await hold(
        lab,
        code,
        [
            *kinds_of(counts),
            *dated(item),
            *planned(code, item, initially=counts.initially),
            *corrected(code, item, left),
        ],
    )


async def test_one_release_moves_what_it_is_and_nothing_else(lab: Lab) -> None:
    tool = an_item(
        "1",
        due=D(2020, 3, 1),
        kind="instrument",
        objectives=("SO3",),
        packages=("CEP",),
        uses_it=True,
        data_analysis=True,
        priorities=(key("PRI-9"),),
    )
    await begin(lab)
    await happen(lab, [released(tool, D(2020, 1, 10))])

    found = {code: await asked(lab, code, "FY2019", D(2020, 2, 3)) for code in INDICATORS}

    assert {code for code, one in found.items() if one.numerator} == {
        "SG", "SO3", "SP3.1", "LD2.1", "LD2.2",
    }  # fmt: skip


def test_every_indicator_has_its_table() -> None:
    others = {name: codes for name, codes in TABLES.items() if name != "counts"}

    assert tuple(COUNTS) == TABLES["counts"]
    assert sorted([*COUNTS, *(code for codes in others.values() for code in codes)]) == sorted(
        INDICATORS
    )
