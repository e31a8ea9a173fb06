"""LD3.1 and ORG2.2: weights of milestones times the share reached."""

from datetime import date
from typing import Any

import pytest

from shared_kit.events.work import DeliverableCancelled, DeliverableRescheduled
from tests.support.engine_builders import adopted, an_item, key, reached
from tests.support.engine_lab import Lab
from tests.support.engine_tables import (
    TABLES,
    Case,
    Contests,
    Replaces,
    Retracts,
    case,
    figure,
    hold,
    says,
)

D = date
OBJECTIVES = {"LD3.1": ("LD3", "ORG2"), "ORG2.2": ("ORG2", "LD3")}
OVER = D(2020, 7, 31)


def cases(code: str, objective: str, other: str) -> list[Case]:
    def stone(name: str, due: date | None, weight: str, **rest: Any) -> dict[str, Any]:
        fields = {"kind": "milestone", "objectives": (objective,), **rest}
        return an_item(name, due=due, weight=weight, **fields)

    a, b = stone("a", D(2019, 11, 30), "0.4"), stone("b", D(2020, 5, 1), "0.6")
    plan = adopted(a, b)
    again = stone("n", D(2020, 9, 1), "1", period="FY2020")
    return [
        case(
            "weight times share, of what is due",
            [plan, reached(a, "0.5", D(2019, 11, 1))],
            says("0.2/1 off-track", due="0.4", due_done="0.2", attainment="0.5", overdue=["D-a"]),
        ),
        case(
            "reached in full, early work beside it",
            [plan, reached(a, "1", D(2019, 11, 1)), reached(b, "0.5", D(2020, 1, 1))],
            says("0.7/1 on-track", due="0.4", due_done="0.4"),
        ),
        case(
            "the latest level by its date, whichever is stated last; it may fall",
            [plan, reached(a, "0.5", D(2019, 12, 1)), reached(a, "1", D(2019, 11, 1))],
            says("0.2/1 off-track"),
        ),
        case(
            "on one day the one that is stated last",
            [plan, reached(a, "0.5", D(2019, 11, 1)), reached(a, "1", D(2019, 11, 1))],
            says("0.4/1 on-track"),
        ),
        case(
            "the edges of today, of the cycle, of the year",
            [
                plan,
                reached(a, "1", D(2020, 2, 4)),
                reached(b, "0.5", D(2019, 6, 30)),
                reached(b, "1", D(2020, 7, 1)),
            ],
            says("0/1 off-track"),
            says("0.4/1 on-track", on=D(2020, 2, 4)),
            says("0.4/1 off-track", on=OVER),
        ),
        case(
            "the last day of the grace of a milestone, and the one before it",
            [adopted(stone("a", D(2020, 1, 4), "0.5"), stone("b", D(2020, 1, 5), "0.5"))],
            says("0/1 not-started", on=D(2020, 2, 2)),
            says("0/1 off-track", due="0.5"),
        ),
        case(
            "each year begins anew; a cycle has the sum of its adopted years",
            [
                plan,
                adopted(again, period="FY2020"),
                reached(a, "1", D(2019, 11, 1)),
                reached(b, "1", D(2020, 4, 1)),
                reached(again, "0.25", D(2020, 8, 1)),
            ],
            says("0/1 not-started", on=D(2020, 7, 1), period="FY2020"),
            says("1/1 on-track", on=D(2020, 8, 3)),
            says("0.25/1 on-track", on=D(2020, 8, 3), period="FY2020", attainment="1"),
            says("1.25/2 on-track", on=D(2020, 8, 3), period="2019-2022"),
        ),
        case(
            "carried over: its first date and weight in the cycle, once",
            [
                plan,
                adopted({**a, "period": "FY2020", "due": D(2020, 10, 1)}, period="FY2020"),
                reached(a, "1", D(2020, 9, 1)),
            ],
            says("0/1 off-track", on=D(2020, 9, 15)),
            says("0.4/0.4 on-track", on=D(2020, 9, 15), period="FY2020"),
            says("0.4/1 off-track", on=D(2020, 9, 15), period="2019-2022", due="1", due_done="0.4"),
        ),
        case(
            "other kinds, other objectives, what no adopted plan lists",
            [
                adopted(
                    a,
                    stone("k", None, "1", kind="meeting"),
                    stone("o", None, "1", objectives=(other,)),
                ),
                reached(stone("u", None, "1"), "1", D(2019, 9, 1)),
            ],
            says("0/0.4 off-track"),
        ),
        case("nothing adopted", [reached(a, "1", D(2019, 9, 1))], says("-/- no-data")),
        case("adopted without a milestone", [adopted()], says("0/0 not-applicable")),
        case(
            "unlisted milestones have no weight",
            [adopted(a, {**b, "listed": False}), reached(b, "1", D(2019, 9, 1))],
            says("0/0.4 off-track"),
        ),
        case(
            "a later adoption only adds; the first figure stands beside it",
            [adopted(a), adopted(stone("a", D(2020, 6, 1), "1"), b, revision=2)],
            says("0/1 off-track", due="0.4", first_estimate="0.4"),
        ),
        case(
            "an approved date counts, a proposed one does not, cancelled stays due",
            [
                adopted(a, b, stone("c", D(2019, 11, 30), "0.5")),
                DeliverableRescheduled(
                    deliverable=a["deliverable"],
                    period="FY2019",
                    due=D(2020, 5, 1),
                    approved_by="planning-office",
                ),
                DeliverableRescheduled(deliverable=key("D-c"), period="FY2019", due=D(2020, 5, 1)),
                DeliverableCancelled(deliverable=key("D-c"), cancelled_on=D(2019, 12, 1)),
            ],
            says("0/1.5 off-track", due="0.5", overdue=["D-c"]),
        ),
        case(
            "undated weight is spread over the year",
            [adopted(stone("a", None, "1")), reached(a, "0.5", D(2019, 9, 1))],
            says("0.5/1 on-track", expected_lagged="0"),
        ),
        case(
            "retracted, replaced, contested",
            [
                plan,
                reached(a, "1", D(2019, 11, 1)),
                Retracts(1),
                reached(a, "0.25", D(2019, 11, 2)),
                Replaces(3, reached(a, "0.5", D(2019, 11, 2))),
                Contests(3),
            ],
            says("0.2/1 off-track"),
        ),
        case(
            "a stated figure wins",
            [plan, reached(a, "1", D(2019, 11, 1)), figure(code, "0.9")],
            says("0.9/1 on-track", due=None),
            says("0.9/1 on-track", on=OVER, attainment="0.9"),
        ),
    ]


@pytest.mark.parametrize("code", TABLES["milestones"])
async def test_milestones_by_their_table(lab: Lab, code: str) -> None:
    await hold(lab, code, cases(code, *OBJECTIVES[code]))
