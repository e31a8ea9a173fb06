"""The synthetic facts beside the Deliverables: requests, missions, invitations, effort, money."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from wcoplan.demo import words
from wcoplan.demo.families import PLAN, YEAR_BEGINS, YEAR_ENDS, working_day

SOURCE = "urn:wcoplan:demo"
Entry = dict[str, object]


def event(
    name: str, *, id: str, subject: str, on: date, data: Mapping[str, object], evidence: str = ""
) -> Entry:
    """An entry of the diary that tells one fact, on a day, as another system would."""
    said = {**data, "synthetic": True}
    if evidence:
        said["evidence"] = evidence
    told = max(on, YEAR_BEGINS)
    return {
        "on": told.isoformat(),
        "do": "tell",
        "event": {
            "specversion": "1.0",
            "id": id,
            "source": SOURCE,
            "type": f"org.wcoomd.strategy.{name}.v1",
            "subject": subject,
            "time": f"{told}T10:00:00Z",
            "datacontenttype": "application/json",
            "data": said,
        },
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A Member asks on a day; a mission answers on another, or nothing does."""

    number: int
    member: int
    topics: Sequence[str]
    received: date
    answered: date | None = None
    due: date | None = None

    @property
    def code(self) -> str:
        return f"REQ-{self.number:03}"


_D = date
REQUESTS: Sequence[Request] = (
    Request(number=1, member=0, topics=["ECP"], received=_D(2019, 2, 11), answered=_D(2019, 9, 13)),
    Request(number=2, member=2, topics=["ECP"], received=_D(2019, 3, 18), answered=_D(2019, 10, 4)),
    Request(number=3, member=4, topics=["ECP", "RP"], received=_D(2019, 4, 8)),
    Request(number=4, member=6, topics=["RP"], received=_D(2019, 5, 6), answered=_D(2019, 10, 18)),
    Request(number=5, member=8, topics=["CEP"], received=_D(2019, 5, 20), answered=_D(2019, 8, 30)),
    # Recorded on the wrong topic in November, corrected in January.
    Request(
        number=6,
        member=10,
        topics=["RP", "CEP"],
        received=_D(2019, 6, 3),
        answered=_D(2019, 11, 15),
    ),
    Request(number=7, member=1, topics=["ODP"], received=_D(2019, 6, 17), answered=_D(2019, 12, 6)),
    Request(number=8, member=3, topics=["ODP"], received=_D(2019, 7, 15)),
    Request(number=9, member=5, topics=["CEP"], received=_D(2019, 7, 22), answered=_D(2020, 1, 17)),
    Request(number=10, member=7, topics=["standards"], received=_D(2019, 7, 29)),
    Request(
        number=11, member=9, topics=["ECP"], received=_D(2019, 8, 26), answered=_D(2019, 12, 13)
    ),
    Request(number=12, member=11, topics=["ECP"], received=_D(2019, 9, 9)),
    Request(
        number=13, member=0, topics=["ODP"], received=_D(2019, 9, 16), answered=_D(2020, 1, 24)
    ),
    Request(number=14, member=2, topics=["RP"], received=_D(2019, 9, 30), answered=_D(2020, 2, 28)),
    Request(number=15, member=6, topics=["CEP"], received=_D(2019, 10, 14)),
    Request(
        number=16, member=4, topics=["people"], received=_D(2019, 10, 21), answered=_D(2020, 3, 20)
    ),
    Request(
        number=17, member=8, topics=["people"], received=_D(2019, 11, 18), answered=_D(2020, 4, 24)
    ),
    Request(number=18, member=10, topics=["people"], received=_D(2019, 12, 9)),
    Request(number=19, member=3, topics=["RP"], received=_D(2020, 1, 13), answered=_D(2020, 5, 15)),
    Request(number=20, member=1, topics=["ECP"], received=_D(2020, 1, 20)),
    Request(number=21, member=5, topics=["RP"], received=_D(2020, 2, 17), answered=_D(2020, 6, 5)),
    Request(number=22, member=7, topics=["CEP"], received=_D(2020, 3, 9), answered=_D(2020, 6, 12)),
)
_DECLINED = {3: _D(2019, 9, 12)}
_WITHDRAWN = {12: _D(2019, 12, 16)}
# What was asked on two topics is said to have been served on the first only.
_SERVED_ON: Mapping[int, Sequence[str]] = {6: ["RP"]}
CORRECTED_ON = _D(2020, 1, 20)


def mission_key(request: Request) -> str:
    return f"{PLAN}:D-116-{request.number}"


def title_of(request: Request) -> words.Pair:
    """What the mission that answers a request is called."""
    name = words.MEMBERS[request.member][1].removesuffix(" (fictional)")
    topics = ", ".join(request.topics)
    return (
        f"Support mission on {topics} for {name} (fictional)",
        f"Mission de soutien ({topics}) pour {name} (fictif)",
    )


def requests() -> Iterator[Entry]:
    """Every request, its refusal or withdrawal, the mission that answered it, one correction."""
    for one in REQUESTS:
        member = words.MEMBERS[one.member][0]
        yield event(
            "support.requested",
            id=f"{one.code}-requested",
            subject=one.code,
            on=one.received,
            data={
                "request": one.code,
                "member": member,
                "topics": list(one.topics),
                "received_on": one.received.isoformat(),
            },
            evidence=f"Fictional letter {one.code}",
        )
        for name, days in (("declined", _DECLINED), ("withdrawn", _WITHDRAWN)):
            if one.number in days:
                on = days[one.number]
                yield event(
                    f"support.{name}",
                    id=f"{one.code}-{name}",
                    subject=one.code,
                    on=on,
                    data={"request": one.code, "on": on.isoformat()},
                )
        if one.answered is not None:
            yield from _answered(one, member)


def _answered(one: Request, member: str) -> Iterator[Entry]:
    if one.answered is None:
        return
    provided = {
        "deliverable": mission_key(one),
        "member": member,
        "requests": [one.code],
        "topics": list(_SERVED_ON.get(one.number, one.topics)),
        "completed_on": one.answered.isoformat(),
    }
    identity = f"{one.code}-provided"
    yield event(
        "support.provided",
        id=identity,
        subject=mission_key(one),
        on=one.answered,
        data=provided,
        evidence=f"Fictional mission report {one.code}",
    )
    if one.number in _SERVED_ON:
        yield event(
            "fact.replaced",
            id=f"{identity}-corrected",
            subject=mission_key(one),
            on=CORRECTED_ON,
            data={
                "source": SOURCE,
                "id": identity,
                "reason": "The mission was on the CEP, not on the RP.",
                "data": {**provided, "topics": ["CEP"], "synthetic": True},
            },
        )


_LEFT_OUT = {2, 5, 8, 10, 14}
_CALLED_OFF = 8


def invitations(random: Random) -> Iterator[Entry]:
    """One invitation an event, some six weeks before it; most are attended."""
    span = (YEAR_ENDS - YEAR_BEGINS).days - 50
    for place, title in enumerate(words.INVITATIONS):
        day = working_day(YEAR_BEGINS + timedelta(days=30 + span * place // len(words.INVITATIONS)))
        asked = working_day(max(YEAR_BEGINS, day - timedelta(days=35 + int(random.random() * 14))))
        code = f"EVT-{place + 1:03}"
        yield event(
            "invitation.received",
            id=f"{code}-received",
            subject=code,
            on=asked,
            data={
                "event": code,
                "title": title,
                "event_on": day.isoformat(),
                "organizer_kind": "private-sector" if place % 3 else "international-organization",
            },
        )
        if place == _CALLED_OFF:
            yield event(
                "invitation.withdrawn",
                id=f"{code}-withdrawn",
                subject=code,
                on=working_day(day - timedelta(days=10)),
                data={"event": code},
            )
        elif place not in _LEFT_OUT:
            yield event(
                "invitation.attended",
                id=f"{code}-attended",
                subject=code,
                on=day,
                data={"event": code},
            )


_STAFF = {"SGO": 1700, "TTA": 2200, "CF": 3900, "CB": 2600, "RCU": 700}
_QUARTERS = (
    ("FY2019-Q1", _D(2019, 10, 7)),
    ("FY2019-Q2", _D(2020, 1, 10)),
    ("FY2019-Q3", _D(2020, 4, 8)),
    ("FY2019-Q4", _D(2020, 6, 30)),
)


def effort(random: Random) -> Iterator[Entry]:
    """Person-days of each unit and quarter, recorded after the quarter's end."""
    for quarter, on in _QUARTERS:
        for unit, days in _STAFF.items():
            total = days + int(random.random() * 80)
            part = int(total * (0.42 + random.random() * 0.3))
            yield event(
                "effort.recorded",
                id=f"effort-{unit}-{quarter}",
                subject=unit,
                on=on,
                data={
                    "plan": PLAN,
                    "unit": unit,
                    "quarter": quarter,
                    "on_priorities": str(part),
                    "total": str(total),
                },
            )


_BUDGETS = (
    (1, _D(2019, 7, 10), 7_900_000, 15_200_000, 3_100_000, 5_000_000),
    (2, _D(2019, 12, 2), 8_200_000, 15_200_000, 4_400_000, 5_800_000),
)


def budgets() -> Iterator[Entry]:
    """What is allocated to the priorities; the highest revision counts."""
    for revision, on, own, own_total, given, given_total in _BUDGETS:
        yield event(
            "resources.allocated",
            id=f"resources-FY2019-{revision}",
            subject=PLAN,
            on=on,
            data={
                "plan": PLAN,
                "period": "FY2019",
                "revision": revision,
                "by_source": {
                    "wco-budget": {"priorities": str(own), "total": str(own_total)},
                    "voluntary": {"priorities": str(given), "total": str(given_total)},
                    "in-kind": {"priorities": "900000", "total": "1400000"},
                },
            },
            evidence=f"Fictional budget paper, revision {revision}",
        )


TOOLS_IMPLEMENTED: Mapping[str, tuple[int, int, Sequence[date]]] = {
    # package: estimates of the year and of the cycle, days on which a tool is implemented
    "ECP": (
        6,
        16,
        (
            _D(2019, 9, 6),
            _D(2019, 10, 11),
            _D(2019, 12, 4),
            _D(2020, 1, 15),
            _D(2020, 3, 4),
            _D(2020, 5, 6),
        ),
    ),
    "RP": (
        4,
        12,
        (_D(2019, 10, 2), _D(2019, 12, 11), _D(2020, 2, 19), _D(2020, 5, 27)),
    ),
    "CEP": (
        7,
        18,
        (_D(2019, 9, 25), _D(2019, 11, 27), _D(2020, 2, 12), _D(2020, 4, 15)),
    ),
    "ODP": (4, 10, (_D(2020, 3, 25), _D(2020, 6, 3))),
}


def tool_code(package: str, place: int) -> str:
    return f"x-tool-{package.lower()}-{place}"


def implemented() -> Iterator[Entry]:
    """Fictional Members put fictional tools to use; some by two Members, which counts once."""
    for offset, (package, (_, _, days)) in enumerate(TOOLS_IMPLEMENTED.items()):
        for place, day in enumerate(days, 1):
            takers = (place + offset, place + offset + 5) if place == 1 else (place + offset,)
            for taker in takers:
                member = words.MEMBERS[taker % len(words.MEMBERS)][0]
                code = tool_code(package, place)
                yield event(
                    "instrument.implemented",
                    id=f"{code}-{member}",
                    subject=code,
                    on=day,
                    data={
                        "instrument": code,
                        "packages": [package],
                        "member": member,
                        "implemented_on": day.isoformat(),
                    },
                )
