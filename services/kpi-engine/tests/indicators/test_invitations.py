"""LD3.2: invitations to events, and the events attended."""

from datetime import date

from shared_kit.events.activity import (
    InvitationAttended,
    InvitationReceived,
    InvitationWithdrawn,
    OrganizerKind,
)
from tests.support.engine_lab import Lab
from tests.support.engine_tables import (
    TABLES,
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
IO, PRIVATE, OTHER = (
    OrganizerKind.INTERNATIONAL_ORGANIZATION,
    OrganizerKind.PRIVATE_SECTOR,
    OrganizerKind.OTHER,
)
[CODE] = TABLES["invitations"]
AUTUMN = D(2019, 10, 1)
RANGE = target(CODE, "0.5", "0.75")


def invited(event: str, on: date = AUTUMN, organizer: OrganizerKind = IO) -> InvitationReceived:
    return InvitationReceived(
        event=f"EVT-{event}", title=f"Event {event}", event_on=on, organizer_kind=organizer
    )


def attended(event: str) -> InvitationAttended:
    return InvitationAttended(event=f"EVT-{event}")


def called_off(event: str) -> InvitationWithdrawn:
    return InvitationWithdrawn(event=f"EVT-{event}")


FOUR = [invited("A"), invited("B", organizer=PRIVATE), invited("C"), invited("D")]
CASES = [
    case("below the range", [RANGE, *FOUR, attended("A")], says("1/4 off-track", attainment="0.5")),
    case("its lower edge", [RANGE, *FOUR, attended("A"), attended("B")], says("2/4 on-track")),
    case(
        "its upper edge",
        [RANGE, *FOUR, attended("A"), attended("B"), attended("C")],
        says("3/4 on-track", attainment="1"),
    ),
    case(
        "above it",
        [RANGE, *FOUR, *(attended(one) for one in "ABCD")],
        says("4/4 at-risk", attainment="0.75"),
    ),
    case(
        "other organizers do not count",
        [RANGE, invited("A"), invited("B", organizer=OTHER), attended("B")],
        says("0/1 off-track"),
    ),
    case(
        "events up to today, by the event's date",
        [RANGE, invited("A", D(2020, 2, 4)), attended("A")],
        says("-/- no-data"),
        says("1/1 at-risk", on=D(2020, 2, 4)),
    ),
    case(
        "the edges of a year",
        [
            RANGE,
            invited("A", D(2019, 6, 30)),
            invited("B", D(2019, 7, 1)),
            invited("C", D(2020, 6, 30)),
            invited("D", D(2020, 7, 1)),
            attended("A"),
            attended("C"),
        ],
        says("0/1 off-track"),
        says("1/2 on-track", on=D(2020, 7, 31)),
        says("0/1 no-target", on=D(2020, 7, 1), period="FY2020"),
        says("1/3 no-target", on=D(2020, 7, 31), period="2019-2022"),
    ),
    case(
        "withdrawn by the organizer leaves; attended or not",
        [RANGE, *FOUR, attended("A"), called_off("A"), called_off("B"), attended("C")],
        says("1/2 on-track"),
    ),
    case(
        "all withdrawn: the zero is known",
        [RANGE, invited("A"), called_off("A")],
        says("0/0 not-applicable", ratio=None),
    ),
    case(
        "one invitation an event, the latest",
        [RANGE, invited("A"), invited("A", organizer=PRIVATE), attended("A")],
        says("1/1 at-risk"),
    ),
    case(
        "the latest is of another kind, or of another year",
        [
            RANGE,
            *(invited("A"), invited("A", organizer=OTHER)),
            *(invited("B"), invited("B", D(2020, 9, 1))),
        ],
        says("-/- no-data"),
        says("0/1 no-target", on=D(2020, 9, 1), period="FY2020"),
    ),
    case("attended without an invitation", [RANGE, attended("A")], says("-/- no-data")),
    case("silence", [RANGE], says("-/- no-data")),
    case(
        "a confirmed zero",
        [RANGE, confirmed(CODE, D(2020, 2, 3))],
        says("0/0 not-applicable"),
        says("-/- no-data", on=D(2020, 2, 4)),
    ),
    case("no approved range", [*FOUR, attended("A")], says("1/4 no-target")),
    case(
        "a retracted attendance, a retracted withdrawal, a retracted invitation",
        [RANGE, *FOUR, attended("A"), Retracts(5), called_off("B"), Retracts(7), Retracts(4)],
        says("0/3 off-track"),
    ),
    case(
        "replaced: another kind of organizer; another day",
        [
            RANGE,
            invited("A"),
            Replaces(1, invited("A", organizer=OTHER)),
            invited("B"),
            Replaces(3, invited("B", D(2020, 2, 4))),
        ],
        says("-/- no-data"),
        says("0/1 off-track", on=D(2020, 2, 4)),
    ),
    case("contested facts count", [RANGE, invited("A"), Contests(1)], says("0/1 off-track")),
    case("a stated figure wins", [RANGE, *FOUR, figure(CODE, "6", "10")], says("6/10 on-track")),
]


async def test_invitations_by_their_table(lab: Lab) -> None:
    await hold(lab, CODE, CASES)
