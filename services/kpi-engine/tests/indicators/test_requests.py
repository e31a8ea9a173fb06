"""SP7.1 to SP7.5 and SP8: Members whose requests are open in a period, and those served."""

from datetime import date
from typing import Any

import pytest

from shared_kit.events.activity import (
    SupportDeclined,
    SupportProvided,
    SupportRequested,
    SupportWithdrawn,
)
from tests.support.engine_builders import key
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
# A topic that the indicator takes, and one that it does not.
TOPICS = {
    "SP7.1": ("ECP", "RP"),
    "SP7.2": ("RP", "ECP"),
    "SP7.3": ("CEP", "ECP"),
    "SP7.4": ("ODP", "standards"),
    "SP7.5": ("standards", None),
    "SP8": ("people", "ODP"),
}
OVER = D(2020, 7, 31)
EARLY, LATE = D(2019, 7, 10), D(2019, 12, 1)  # received: judged, not yet judged


def asks(request: str, on: date, *topics: Any, member: str | None = None) -> SupportRequested:
    return SupportRequested(
        request=f"REQ-{request}", member=member or f"M{request}", topics=topics, received_on=on
    )


def helps(request: str, on: date, *topics: Any, member: str | None = None) -> SupportProvided:
    return SupportProvided(
        deliverable=key("D-900"),
        member=member or f"M{request}",
        requests=(f"REQ-{request}",),
        topics=topics,
        completed_on=on,
    )


def refuses(request: str, on: date) -> SupportDeclined:
    return SupportDeclined(request=f"REQ-{request}", on=on)


def withdraws(request: str, on: date) -> SupportWithdrawn:
    return SupportWithdrawn(request=f"REQ-{request}", on=on)


def opened(code: str, topic: str) -> list[Case]:
    """When a request is open, and what ends it."""
    half = target(code, "0.5")
    two_years = [half, target(code, "0.5", period="FY2020")]
    return [
        case(
            "served and unserved Members; a Member with two requests counts once",
            [
                half,
                asks("1", EARLY, topic),
                asks("2", EARLY, topic),
                asks("3", EARLY, topic, member="M2"),
                helps("1", D(2019, 9, 1), topic),
            ],
            says("1/2 on-track", judged="1/2", attainment="1"),
        ),
        case(
            "carried in from before the cycle; served before it is background",
            [
                half,
                asks("1", D(2018, 3, 1), topic),
                asks("2", D(2018, 3, 1), topic),
                helps("2", D(2019, 6, 30), topic),
                asks("3", D(2019, 6, 30), topic),
                helps("3", D(2019, 7, 1), topic),
            ],
            says("1/2 on-track", judged="1/2"),
        ),
        case(
            "carried into the next year until it is served there",
            [*two_years, asks("1", EARLY, topic), helps("1", D(2020, 9, 1), topic)],
            says("0/1 off-track", on=D(2020, 9, 1)),
            says("1/1 on-track", on=D(2020, 9, 1), period="FY2020"),
            says("1/1 no-target", on=D(2020, 9, 1), period="2019-2022"),
            says("-/- no-data", on=D(2021, 9, 1), period="FY2021"),
        ),
        case(
            "the first days of a year carry what is open",
            [*two_years, asks("1", EARLY, topic), asks("2", D(2020, 6, 20), topic)],
            says("0/2 off-track", on=D(2020, 7, 1), period="FY2020", judged="0/1"),
        ),
        case(
            "a refusal holds until its year's end",
            [*two_years, asks("1", EARLY, topic), refuses("1", D(2019, 12, 1))],
            says("0/1 off-track"),
            says("0/1 off-track", on=OVER),
            says("-/- no-data", on=OVER, period="FY2020"),
        ),
        case(
            "a mission after the refusal counts in its year, not in the next",
            [
                *two_years,
                asks("1", EARLY, topic),
                refuses("1", D(2019, 12, 1)),
                helps("1", D(2020, 6, 30), topic),
                asks("2", EARLY, topic),
                refuses("2", D(2019, 12, 1)),
                helps("2", D(2020, 7, 1), topic),
            ],
            says("1/2 on-track", on=OVER),
            says("-/- no-data", on=OVER, period="FY2020"),
        ),
        case(
            "a withdrawal leaves its period and later ones, not the one before",
            [*two_years, asks("1", EARLY, topic), withdraws("1", D(2020, 7, 1))],
            says("0/1 off-track", on=OVER),
            says("-/- no-data", on=OVER, period="FY2020"),
            says("-/- no-data", on=OVER, period="2019-2022"),
        ),
        case(
            "withdrawn on the last day of a year",
            [*two_years, asks("1", EARLY, topic), withdraws("1", D(2020, 6, 30))],
            says("0/1 off-track", on=D(2020, 6, 29)),
            says("-/- no-data", on=D(2020, 6, 30)),
        ),
        case(
            "withdrawn after it was served, it stays",
            [
                half,
                asks("1", EARLY, topic),
                helps("1", D(2019, 9, 1), topic),
                withdraws("1", D(2019, 10, 1)),
            ],
            says("1/1 on-track"),
        ),
        case(
            "a mission before the request, of another Member, without the request: no answers",
            [
                half,
                asks("1", EARLY, topic),
                helps("1", D(2019, 7, 9), topic),
                helps("1", D(2019, 9, 1), topic, member="M7"),
                helps("9", D(2019, 9, 1), topic, member="M1"),
            ],
            says("0/1 off-track"),
        ),
        case(
            "the day of receipt answers already; nothing counts before its own date",
            [half, asks("1", D(2020, 2, 4), topic), helps("1", D(2020, 2, 4), topic)],
            says("-/- no-data"),
            says("1/1 on-track", on=D(2020, 2, 4)),
        ),
    ]


def judged(code: str, topic: str, other: str | None) -> list[Case]:
    """What is judged: answers, and requests of at least the service time; ranges; silence."""
    half = target(code, "0.5")
    found = [
        case(
            "received 180 days ago is judged, 179 days ago is not",
            [half, asks("1", D(2019, 8, 7), topic), asks("2", D(2019, 8, 8), topic)],
            says("0/2 off-track", judged="0/1"),
        ),
        case("none to judge", [half, asks("1", LATE, topic)], says("0/1 not-started")),
        case(
            "an answer is judged however young the request",
            [half, asks("1", LATE, topic), helps("1", D(2020, 1, 1), topic)],
            says("1/1 on-track", judged="1/1"),
        ),
        case(
            "after the year's end the service time runs to that end",
            [half, asks("1", D(2020, 1, 2), topic), asks("2", D(2020, 1, 3), topic)],
            says("0/2 off-track", on=OVER, judged="0/1"),
        ),
        case(
            "below a range, at its edges, above it",
            [
                target(code, "0.6", "0.8"),
                *(asks(str(n), EARLY, topic) for n in range(1, 6)),
                helps("1", D(2020, 1, 8), topic),
                helps("2", D(2020, 1, 9), topic),
                helps("3", D(2020, 1, 10), topic),
                helps("4", D(2020, 1, 13), topic),
                helps("5", D(2020, 1, 14), topic),
            ],
            says("0/5 off-track", on=D(2020, 1, 7)),
            says("2/5 off-track", on=D(2020, 1, 9)),
            says("3/5 on-track", on=D(2020, 1, 10), attainment="1"),
            says("4/5 on-track", on=D(2020, 1, 13), attainment="1"),
            says("5/5 at-risk", attainment="0.8"),
        ),
        case(
            "a target with a higher revision",
            [
                target(code, "0.1", revision=2),
                target(code, "1"),
                *(asks(str(n), EARLY, topic) for n in range(1, 6)),
                helps("1", D(2019, 8, 1), topic),
            ],
            says("1/5 on-track", attainment="1"),
        ),
        case("no approved target", [asks("1", EARLY, topic)], says("0/1 no-target")),
        case("silence", [half], says("-/- no-data")),
        case(
            "a confirmed zero, until its day",
            [half, confirmed(code, D(2020, 2, 3))],
            says("0/0 not-applicable", ratio=None),
            says("-/- no-data", on=D(2020, 2, 4)),
        ),
        case(
            "a fact outranks a confirmation",
            [half, confirmed(code, D(2020, 6, 30)), asks("1", EARLY, topic)],
            says("0/1 off-track"),
        ),
        case(
            "a stated figure wins",
            [target(code, "0.9"), asks("1", EARLY, topic), figure(code, "7", "10")],
            says("7/10 at-risk", judged=None, attainment="0.777778"),
        ),
    ]
    if other is not None:
        found.append(
            case(
                "other topics are no requests and no answers here",
                [
                    half,
                    asks("1", EARLY, other),
                    asks("2", EARLY, other, topic),
                    helps("2", D(2019, 9, 1), other),
                ],
                says("0/1 off-track"),
            )
        )
    return found


def corrected(code: str, topic: str) -> list[Case]:
    half = target(code, "0.5")
    asked, answer = asks("1", EARLY, topic), helps("1", D(2019, 9, 1), topic)
    return [
        case("a retracted mission", [half, asked, answer, Retracts(2)], says("0/1 off-track")),
        case("a retracted request", [half, asked, answer, Retracts(1)], says("-/- no-data")),
        case(
            "a retracted withdrawal, a retracted refusal",
            [
                half,
                asked,
                withdraws("1", D(2019, 8, 1)),
                Retracts(2),
                refuses("1", D(2019, 8, 1)),
                Retracts(4),
                helps("1", D(2020, 7, 10), topic),
            ],
            says("0/1 off-track", on=OVER),
            says("1/1 no-target", on=OVER, period="FY2020"),
        ),
        case(
            "replaced: a mission of a later day, a request of another Member",
            [
                half,
                asked,
                answer,
                Replaces(2, helps("1", D(2020, 2, 4), topic)),
                asks("2", EARLY, topic),
                Replaces(4, asks("2", EARLY, topic, member="M1")),
            ],
            says("0/1 off-track"),
            says("1/1 on-track", on=D(2020, 2, 4)),
        ),
        case("contested facts count", [half, asked, answer, Contests(2)], says("1/1 on-track")),
        case(
            "a target retracted, one replaced",
            [
                half,
                Replaces(0, target(code, "0.9")),
                target(code, "0.1", revision=2),
                Retracts(2),
                asked,
                asks("2", EARLY, topic),
                answer,
            ],
            says("1/2 off-track", attainment="0.555556"),
        ),
    ]


@pytest.mark.parametrize("code", TABLES["requests"])
async def test_requests_by_their_table(lab: Lab, code: str) -> None:
    topic, other = TOPICS[code]
    await hold(
        lab,
        code,
        [*opened(code, topic), *judged(code, topic, other), *corrected(code, topic)],
    )


PEOPLE = [
    asks("1", EARLY, "people"),
    asks("2", EARLY, "ODP"),
    helps("1", D(2019, 9, 1), "people"),
    helps("2", D(2019, 9, 1), "people"),
]
IN_PART = [asks("1", EARLY, "people"), helps("1", D(2019, 9, 1), "ODP")]
TWO = [
    asks("1", EARLY, "ECP", "RP"),
    helps("1", D(2019, 9, 1), "ECP"),
    withdraws("1", D(2020, 7, 10)),
]


@pytest.mark.parametrize(
    ("code", "cases"),
    [
        (
            "SP7.4",
            [
                case("people implies ODP", PEOPLE, says("2/2 no-target")),
                case(
                    "people answered on the ODP is answered on the ODP for good",
                    IN_PART,
                    says("1/1 no-target"),
                    says("-/- no-data", on=D(2020, 7, 9), period="FY2020"),
                ),
            ],
        ),
        (
            "SP8",
            [
                case("ODP does not imply people", PEOPLE, says("1/1 no-target")),
                case(
                    "people answered on the ODP stays open",
                    IN_PART,
                    says("0/1 no-target"),
                    says("0/1 no-target", on=D(2020, 7, 9), period="FY2020"),
                ),
            ],
        ),
        (
            "SP7.5",
            [
                case("people is in the union", PEOPLE, says("2/2 no-target")),
                case(
                    "people answered on the ODP is answered",
                    IN_PART,
                    says("1/1 no-target"),
                    says("-/- no-data", on=D(2020, 7, 9), period="FY2020"),
                ),
                case(
                    "served on one of two counts as 1; carried on for the other topic",
                    TWO,
                    says("1/1 no-target"),
                    says("0/1 no-target", on=D(2020, 7, 9), period="FY2020"),
                    says("-/- no-data", on=D(2020, 7, 10), period="FY2020"),
                    says("1/1 no-target", on=D(2020, 7, 10), period="2019-2022"),
                ),
            ],
        ),
        ("SP7.1", [case("served on its own topic", TWO, says("1/1 no-target"))]),
        ("SP7.2", [case("not served on the other topic", TWO, says("0/1 no-target"))]),
    ],
)
async def test_topics_that_belong_together(lab: Lab, code: str, cases: list[Case]) -> None:
    await hold(lab, code, cases)
