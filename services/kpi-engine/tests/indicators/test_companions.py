"""What an explanation tells apart beside the ratio, in English and French."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from kpi_engine.bootstrap import explainer_of
from kpi_engine.ports import StoredJudgement
from shared_kit.events.activity import InstrumentImplemented, SupportProvided, SupportRequested
from tests.support.engine_builders import adopted, an_item, key, released
from tests.support.engine_lab import Lab
from tests.support.engine_tables import Contests, Happened, asked, begin, figure, happen

D = date


async def explained(
    lab: Lab, code: str, facts: Sequence[Happened], language: str = "en"
) -> dict[str, Any]:
    await happen(lab, facts)
    await asked(lab, code, "FY2019", D(2020, 2, 3))
    [row] = await lab.rows("SELECT id, result, offsets FROM judgement ORDER BY id DESC LIMIT 1")
    found = await explainer_of(lab.engine).explain(judged=StoredJudgement(*row), language=language)
    assert found["reproduced"] is True
    return dict(found)


def beside(found: dict[str, Any]) -> dict[str, tuple[int, int | None, list[str]]]:
    return {one["code"]: (one["value"], one["of"], one["items"]) for one in found["companions"]}


async def test_unplanned_and_contested_work_is_told_apart(lab: Lab) -> None:
    listed, extra = an_item("a"), an_item("x", listed=False)
    facts: list[Happened] = [
        adopted(listed),
        released(listed, D(2019, 9, 1)),
        released(extra, D(2019, 9, 2)),
        Contests(2),
    ]
    await begin(lab)

    found = await explained(lab, "SG", facts)
    french = await explained(lab, "SG", facts, "fr")

    assert beside(found) == {
        "unplanned": (1, None, [key("D-x")]),
        "contested": (1, None, [key("D-x")]),
    }
    assert [(one["unplanned"], one["contested"]) for one in found["numerator"]["items"]] == [
        (False, False),
        (True, True),
    ]
    assert [one["label"] for one in french["companions"]] == [
        "Non planifiés, comptés aussi",
        "Faits contestés, comptés",
    ]


async def test_the_parts_of_a_count_are_shown_apart(lab: Lab) -> None:
    tool = an_item("t", kind="instrument", packages=("RP",))
    book = an_item("c", kind="compendium", packages=("RP",))
    said = [an_item(f"d{n}", kind="advice-or-decision", revenue_advice=True) for n in range(3)]
    await begin(lab)

    found = await explained(
        lab,
        "SP2.1",
        [
            adopted(tool, book, said[0]),
            adopted(tool, book, *said[:2], revision=2),
            released(tool, D(2019, 9, 1)),
            *(released(one, D(2019, 9, 2)) for one in said),
        ],
    )

    assert beside(found) == {
        "unplanned": (0, None, []),
        "part:advice-or-decision": (3, 2, []),
        "part:compendium": (0, 1, []),
        "part:instrument": (1, 1, []),
    }
    stated = await explained(lab, "SP2.1", [figure("SP2.1", "4", "5")])
    assert beside(stated) == {}


async def test_pairs_stand_beside_the_tools(lab: Lab) -> None:
    await begin(lab)

    found = await explained(
        lab,
        "SP1.2",
        [
            InstrumentImplemented(
                instrument=tool, packages=("ECP",), member=member, implemented_on=D(2019, 9, 1)
            )
            for tool, member in (("A", "M1"), ("A", "M2"), ("B", "M1"))
        ],
    )

    assert found["result"]["numerator"] == 2
    assert beside(found) == {"pairs": (3, None, [])}


async def test_members_served_in_part_and_members_who_did_not_ask(lab: Lab) -> None:
    def asks(member: str, *topics: Any) -> SupportRequested:
        return SupportRequested(
            request=f"REQ-{member}", member=member, topics=topics, received_on=D(2019, 7, 10)
        )

    def helps(member: str, *topics: Any, on: date | None = None, named: bool = True) -> Any:
        return SupportProvided(
            deliverable=key("D-1"),
            member=member,
            requests=(f"REQ-{member}",) if named else (),
            topics=topics,
            completed_on=on or D(2019, 9, 1),
        )

    facts = [
        *(asks("M1", "ECP", "RP"), helps("M1", "ECP")),
        *(asks("M2", "ECP", "RP"), helps("M2", "ECP", "RP")),
        *(asks("M3", "ECP"), helps("M3", "ECP", named=False)),
        helps("M4", "ECP", named=False),
        helps("M5", "ECP", named=False, on=D(2020, 2, 4)),
        helps("M6", "CEP", named=False),
    ]
    await begin(lab)

    union = await explained(lab, "SP7.5", facts)
    one = await explained(lab, "SP7.1", facts)

    assert (union["result"]["numerator"], union["result"]["denominator"]) == (2, 3)
    assert beside(union) == {
        "partly-served": (1, None, ["M1"]),
        "supported-without-request": (2, None, ["M4", "M6"]),
    }
    assert beside(one) == {
        "partly-served": (0, None, []),
        "supported-without-request": (1, None, ["M4"]),
    }
