"""A figure by Member, region, unit, package and priority, as each caller sees it."""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest

from kpi_engine.bootstrap import make_api
from shared_kit.events.activity import (
    EffortRecorded,
    InstrumentImplemented,
    SupportProvided,
    SupportRequested,
)
from shared_kit.events.base import Event
from shared_kit.events.definitions import Said
from shared_kit.events.plans import MemberRegistered, UnitRegistered
from tests.support.engine_builders import PLAN, adopted, an_item, key, reached, released
from tests.support.engine_lab import Lab, sent
from tests.support.engine_tables import (
    Happened,
    Replaces,
    Retracts,
    asked,
    begin,
    estimate,
    figure,
    happen,
)

D = date
OFFICE = "planning-office"
TODAY = D(2020, 2, 3)


@pytest.fixture
async def client(lab: Lab) -> AsyncIterator[httpx.AsyncClient]:
    await begin(lab)
    transport = httpx.ASGITransport(app=make_api(lab.engine))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as found:
        yield found


async def read(
    client: httpx.AsyncClient, code: str, by: str, *, role: str | None = OFFICE, **query: str
) -> dict[str, Any]:
    answer = await client.get(
        f"/api/v1/results/{key(code)}/parts",
        params={"by": by, "period": "FY2019", **query},
        headers={} if role is None else {"authorization": f"Bearer demo-{role}"},
    )
    assert answer.status_code == 200, answer.text
    [found] = answer.json()["items"]
    return dict(found)


def rows(found: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [
        ((one["code"] or "-").removeprefix(f"{PLAN}:"), one["numerator"], one["denominator"])
        for one in found["parts"]
    ]


def unit(code: str, english: str, french: str) -> UnitRegistered:
    return UnitRegistered(code=code, title=Said(en=english, fr=french), revision=1)


def a_member(code: str, region: str, *, revision: int = 1) -> MemberRegistered:
    return MemberRegistered(code=code, title=f"Member {code}", region=region, revision=revision)


def asks(member: str, *topics: Any) -> SupportRequested:
    return SupportRequested(
        request=f"REQ-{member}", member=member, topics=topics, received_on=D(2019, 7, 10)
    )


def helps(member: str, *topics: Any) -> SupportProvided:
    return SupportProvided(
        deliverable=key(f"D-{member}"),
        member=member,
        requests=(f"REQ-{member}",),
        topics=topics,
        completed_on=D(2019, 9, 1),
    )


def of_regions(**regions: tuple[int, int]) -> list[Happened]:
    """Members of each region that asked on ECP, and how many of them were served."""
    found: list[Happened] = []
    for region, (members, served) in regions.items():
        for number in range(members):
            code = f"{region}-{number}"
            found += [a_member(code, region), asks(code, "ECP")]
            found += [helps(code, "ECP")] if number < served else []
    return found


async def test_deliverables_by_unit_package_and_priority(
    client: httpx.AsyncClient, lab: Lab
) -> None:
    first, fifth = key("PRI-1"), key("PRI-5")
    items = [
        an_item("a", unit="TTA", packages=("RP", "CEP"), priorities=(first, fifth)),
        an_item("b", unit="TTA", packages=("RP",), priorities=(fifth,)),
        an_item("c", unit="CAP"),
        an_item("x", unit="CAP", packages=("CEP",), listed=False),
    ]
    await happen(
        lab,
        [
            unit("TTA", "Tariff", "Tarif"),
            unit("CAP", "Capacity", "Capacités"),
            estimate("SG", 5),
            adopted(*items[:3]),
            *(released(items[n], D(2019, 9, 1)) for n in (0, 2, 3)),
        ],
    )
    await asked(lab, "SG", "FY2019", TODAY)

    units = await read(client, "SG", "unit")
    assert rows(units) == [("CAP", "2", "1"), ("TTA", "1", "2")]
    assert [one["unplanned"] for one in units["parts"]] == [1, 0]
    assert [one["title_fr"] for one in units["parts"]] == ["Capacités", "Tarif"]
    assert (units["additive"], units["not_listed"], units["withheld"]) == (True, "2", 0)
    assert units["overlap"] == {"numerator": "0", "denominator": "0"}
    assert units["total"] == {
        "numerator": "3", "denominator": "5", "ratio": "0.600000", "unplanned": 1,
    }  # fmt: skip
    packages = await read(client, "SG", "package")
    assert rows(packages) == [("RP", "1", "2"), ("CEP", "2", "1"), ("-", "1", "1")]
    assert packages["additive"] is False
    assert packages["overlap"] == {"numerator": "1", "denominator": "1"}
    assert "exceed it by 1 (first figure) and 1 (second)" in packages["statement"]
    priorities = await read(client, "SG", "priority", lang="fr")
    assert rows(priorities) == [("PRI-1", "1", "1"), ("PRI-5", "1", "2"), ("-", "2", "1")]
    assert "le dépassent de 1 (premier chiffre) et de 1 (second)" in priorities["statement"]
    regions = await read(client, "SG", "region")
    assert (regions["available"], regions["parts"]) == (False, [])
    assert regions["reason"] == "What this indicator counts carries no region."


async def test_parts_say_what_corrections_left_and_what_was_known_then(
    client: httpx.AsyncClient, lab: Lab
) -> None:
    items = [an_item(n, unit="TTA") for n in range(3)]
    facts: list[Happened] = [
        adopted(*items),
        *(released(item, D(2019, 9, 1)) for item in items),
        Retracts(1),
        Replaces(2, released({**items[1], "unit": "CAP"}, D(2019, 9, 1))),
    ]
    await happen(lab, facts)
    await asked(lab, "SG", "FY2019", TODAY)
    before = lab.clock.now().isoformat()

    assert rows(await read(client, "SG", "unit")) == [("CAP", "1", "0"), ("TTA", "1", "3")]

    late = an_item("late", unit="RCU", listed=False)
    await lab.feed(sent(released(late, D(2019, 10, 1)), id="late"))
    lab.clock.move_to(lab.clock.now().replace(hour=15))
    await lab.judge()
    now = await read(client, "SG", "unit")
    then = await read(client, "SG", "unit", as_of=before)
    assert [one["code"] for one in now["parts"]] == ["CAP", "RCU", "TTA"]
    assert rows(then) == [("CAP", "1", "0"), ("TTA", "1", "3")]


async def test_tools_by_member_region_and_package_overlap(
    client: httpx.AsyncClient, lab: Lab
) -> None:
    def uses(tool: str, member: str, *packages: str) -> InstrumentImplemented:
        return InstrumentImplemented(
            instrument=tool, packages=packages, member=member, implemented_on=D(2019, 9, 1)
        )

    await happen(
        lab,
        [
            *(a_member(code, region) for code, region in (("M1", "E"), ("M2", "E"), ("M3", "W"))),
            estimate("SP1.2", 4),
            *(uses("A", member, "ECP", "RP") for member in ("M1", "M2", "M3", "M4")),
            uses("B", "M1", "ECP"),
        ],
    )
    await asked(lab, "SP1.2", "FY2019", TODAY)

    regions = await read(client, "SP1.2", "region")
    assert rows(regions) == [("E", "2", None), ("W", "1", None), ("-", "1", None)]
    assert [one["pairs"] for one in regions["parts"]] == [3, 1, 1]
    assert all(one["suppressed"] for one in regions["parts"])
    assert (regions["total"]["numerator"], regions["overlap"]["numerator"]) == ("2", "2")
    assert regions["denominator_reason"] is not None
    members = await read(client, "SP1.2", "member")
    assert rows(members) == [("M1", "2", None), *((f"M{n}", "1", None) for n in (2, 3, 4))]
    packages = await read(client, "SP1.2", "package")
    assert rows(packages) == [("ECP", "2", None), ("RP", "1", None)]
    assert not any(one["suppressed"] for one in packages["parts"])
    assert (await read(client, "SP1.2", "unit"))["available"] is False
    # Tools of one Member are its own; a package tells nothing of a single one.
    assert rows(await read(client, "SP1.2", "member", role="member:M3")) == [("M3", "1", None)]
    assert (await read(client, "SP1.2", "region", role=None))["parts"] == []


async def test_one_members_part_is_seen_by_it_and_the_secretariat(
    client: httpx.AsyncClient, lab: Lab
) -> None:
    everybody = [f"N-{number}" for number in range(5)]
    await happen(lab, of_regions(N=(5, 2)))
    await asked(lab, "SP7.1", "FY2019", TODAY)

    for role, seen in (
        ("planning-office", everybody),
        ("auditor", everybody),
        ("member:N-1", ["N-1"]),
        ("member:M-9", []),
        ("member", []),
        ("service:/portal", []),
        (None, []),
    ):
        found = await read(client, "SP7.1", "member", role=role)
        assert [one["code"] for one in found["parts"]] == seen, role
        assert found["withheld"] == 5 - len(seen)
        assert (found["total"]["numerator"], found["total"]["denominator"]) == ("2", "5")
        assert (found["statement"] is None) == (role not in ("planning-office", "auditor"))


async def test_a_member_sees_regions_without_small_counts(
    client: httpx.AsyncClient, lab: Lab
) -> None:
    cases: list[tuple[dict[str, tuple[int, int]], set[str]]] = [
        ({"A": (5, 5), "B": (6, 0)}, {"A", "B"}),
        ({"A": (4, 4), "B": (6, 6), "C": (9, 9)}, {"C"}),  # B goes with A
        ({"A": (4, 0), "B": (3, 0), "C": (5, 0)}, {"C"}),
        ({"A": (3, 0), "B": (1, 0), "C": (5, 0)}, set()),  # together four: C goes too
        ({"A": (9, 4), "B": (5, 5), "C": (9, 9)}, {"C"}),  # four of A were served
        ({"A": (9, 5), "B": (5, 0), "C": (9, 9)}, {"C"}),  # four of A were not
        ({"A": (10, 5), "B": (5, 5)}, {"A", "B"}),
    ]
    for regions, shown in cases:
        await happen(lab, of_regions(**regions))
        await asked(lab, "SP7.1", "FY2019", TODAY)

        outside = await read(client, "SP7.1", "region", role="member:A-0")
        office = await read(client, "SP7.1", "region")

        seen = {code for code, members, _ in rows(outside) if members is not None}
        assert seen == shown, regions
        assert outside["withheld"] == len(regions) - len(shown)
        assert (outside["overlap"] is None) == bool(outside["withheld"])
        whole = [(code, str(served), str(asks)) for code, (asks, served) in regions.items()]
        assert rows(office) == whole
        assert {one["code"] for one in office["parts"] if not one["suppressed"]} == shown
        assert office["total"] == outside["total"]


async def test_requests_by_package_count_a_member_in_each_and_once_in_all(
    client: httpx.AsyncClient, lab: Lab
) -> None:
    facts: list[Event] = [asks(f"M{n}", "ECP", "RP", "standards") for n in range(6)]
    await happen(lab, [*facts, *(helps(f"M{n}", "ECP") for n in range(6)), asks("M9", "CEP")])
    await asked(lab, "SP7.5", "FY2019", TODAY)

    found = await read(client, "SP7.5", "package")

    assert rows(found) == [("ECP", "6", "6"), ("RP", "0", "6"), ("CEP", "0", "1"), ("-", "0", "6")]
    assert (found["total"]["numerator"], found["total"]["denominator"]) == ("6", "7")
    assert found["overlap"] == {"numerator": "0", "denominator": "12"}
    # CEP could be subtracted out: first ECP goes with it; one of those two was not served: RP too.
    assert [one["suppressed"] for one in found["parts"]] == [True, True, True, False]


async def test_effort_and_milestones_by_unit(client: httpx.AsyncClient, lab: Lab) -> None:
    def effort(unit: str, done: int, total: int) -> EffortRecorded:
        return EffortRecorded(
            plan=PLAN,
            unit=unit,
            quarter="FY2019-Q1",
            on_priorities=Decimal(done),
            total=Decimal(total),
        )

    steps = [
        an_item(n, kind="milestone", objectives=("LD3",), weight="0.5", unit=unit)
        for n, unit in enumerate(("RCU", "CAP"))
    ]
    await happen(
        lab,
        [
            effort("TTA", 30, 60),
            effort("CAP", 5, 50),
            effort("CAP", 10, 40),
            adopted(*steps),
            reached(steps[0], "0.5", D(2019, 9, 1)),
        ],
    )
    await asked(lab, "ORG1", "FY2019", TODAY)
    assert rows(await read(client, "ORG1", "unit")) == [("CAP", "10", "40"), ("TTA", "30", "60")]
    await asked(lab, "LD3.1", "FY2019", TODAY)
    shown = await read(client, "LD3.1", "unit")
    assert rows(shown) == [("CAP", "0", "0.5"), ("RCU", "0.25", "0.5")]
    assert (shown["total"]["numerator"], shown["additive"]) == ("0.25", True)


async def test_a_stated_figure_and_what_nobody_divides_say_why(
    client: httpx.AsyncClient, lab: Lab
) -> None:
    await happen(lab, [figure("SG", "3", "4")])
    await asked(lab, "SG", "FY2019", TODAY)

    stated = await read(client, "SG", "unit")
    assert (stated["available"], stated["total"]["numerator"]) == (False, "3")
    assert "no facts beneath it" in stated["reason"]
    address = f"/api/v1/results/{key('SG')}/parts"
    for query, status in (
        ("by=colour", 422),
        ("by=unit&by=colour", 422),
        ("", 422),
        ("by=unit&period=FY1999", 404),
    ):
        assert (await client.get(f"{address}?{query}")).status_code == status
    unknown = await client.get(f"/api/v1/results/{PLAN}:NONE/parts?by=unit")
    assert unknown.status_code == 404


async def test_several_dimensions_at_a_time_say_what_each_says_alone(
    client: httpx.AsyncClient, lab: Lab
) -> None:
    item = an_item("a", unit="TTA", packages=("RP", "CEP"), priorities=(key("PRI-1"),))
    await happen(
        lab,
        [
            unit("TTA", "Tariff", "Tarif"),
            adopted(item, an_item("b", unit="CAP")),
            estimate("SG", 5),
            released(item, D(2019, 9, 1)),
        ],
    )
    await asked(lab, "SG", "FY2019", TODAY)
    wanted = ["priority", "unit", "region", "package", "unit"]
    alone = [await read(client, "SG", by) for by in dict.fromkeys(wanted)]

    answer = await client.get(
        f"/api/v1/results/{key('SG')}/parts",
        params={"by": wanted, "period": "FY2019"},
        headers={"authorization": f"Bearer demo-{OFFICE}"},
    )

    assert answer.json() == {"items": alone}
    assert [one["available"] for one in alone] == [True, True, False, True]
    assert [len(one["parts"]) for one in alone] == [2, 2, 0, 3]


async def test_what_only_python_takes_for_json_does_not_stop_the_answer(
    client: httpx.AsyncClient, lab: Lab
) -> None:
    item = an_item("a", unit="TTA", packages=("RP", "CEP"))
    topic, event = sent(released(item, D(2019, 9, 1)), id="odd")
    data = (event.data or b"")[:-1] + b', "unknown": NaN}'
    await happen(lab, [released(an_item("b", unit="CAP"), D(2019, 9, 1))])
    await lab.feed((topic, event.__class__(**{**_fields(event), "data": data})))
    await asked(lab, "SG", "FY2019", TODAY)

    assert rows(await read(client, "SG", "unit")) == [("CAP", "1", None), ("TTA", "1", None)]
    packages = await read(client, "SG", "package")
    assert rows(packages) == [("RP", "1", None), ("CEP", "1", None), ("-", "1", None)]


def _fields(event: Any) -> dict[str, Any]:
    return {name: getattr(event, name) for name in event.__dataclass_fields__}
