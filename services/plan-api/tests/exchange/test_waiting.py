"""One bad cell is one mistake: what hangs on its line waits, and shows its own mistakes at once."""

from typing import Any

from tests.support.books import ACTION, DELIVERABLE, RELEASE, Lines, a_book

PLAN = "wco-2019-2022"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def read(api: Any, sheets: dict[str, Lines]) -> Any:
    sent = await api.client.post(
        "/api/v1/imports",
        content=a_book(sheets),
        params={"plan": PLAN},
        headers={"content-type": XLSX},
    )
    while await api.app.state.importer.step():
        pass
    return (await api.client.get(sent.headers["location"])).json()


def cells(found: Any) -> list[tuple[str, str]]:
    return [(one["sheet"], one["cell"]) for one in found["mistakes"]]


async def test_what_names_a_broken_line_waits_and_shows_its_own_mistakes(api: Any) -> None:
    other = {**DELIVERABLE, "Code": "D-017-3", "Unit": "YY", "Date": "soon", "Packages": "XEP"}
    found = await read(
        api,
        {
            "Actions": [{**ACTION, "Priorities and shares": "PRI-5 0.5"}],
            "Deliverables": [
                DELIVERABLE,
                other,
                {**DELIVERABLE, "Code": "D-017-9", "Action": "A-404"},
            ],
            "Facts": [RELEASE, {**RELEASE, "Deliverable": "D-017-3", "Date": "2031-01-01"}],
        },
    )

    assert cells(found) == [
        ("Actions", "F2"),
        ("Deliverables", "F3"), ("Deliverables", "G3"), ("Deliverables", "I3"),
        ("Deliverables", "C4"),
        ("Facts", "B3"),
    ]  # fmt: skip
    assert found["mistake_count"] == 6
    assert [(one["sheet"], one["row"], one["code"], one["lines"]) for one in found["waits"]] == [
        ("Actions", 2, "A-017", 3), ("Deliverables", 3, "D-017-3", 1),
    ]  # fmt: skip
    assert [(one["wrong"], one["waiting"]) for one in found["sheets"]] == [(1, 0), (2, 1), (1, 1)]
    assert not found["can_be_applied"]


async def test_a_broken_unit_holds_back_what_it_leads_and_all_below(api: Any) -> None:
    found = await read(
        api,
        {
            "Units": [
                {"Code": "NEW", "Name": None},
                {"Code": "SUB", "Name": "S", "Part of": "NEW"},
            ],
            "Actions": [{**ACTION, "Lead unit": "SUB", "Objectives": "SO9"}],
            "Deliverables": [{**DELIVERABLE, "Unit": "NEW", "Year": "FY2020"}],
        },
    )

    # The year of the Deliverable is wrong beside its Action's, although that is broken too.
    assert cells(found) == [("Units", "B2"), ("Actions", "E2"), ("Deliverables", "D2")]
    assert [(one["code"], one["lines"]) for one in found["waits"]] == [("NEW", 2), ("A-017", 1)]


async def test_a_line_that_clashes_with_what_stands_holds_nothing_back(api: Any) -> None:
    await api.an_action("A-017")
    found = await read(api, {"Actions": [ACTION], "Deliverables": [DELIVERABLE]})

    assert cells(found) == [("Actions", "A2")]
    assert (found["waits"], found["sheets"][1]["new"]) == ([], 1)


async def test_a_later_line_for_the_same_thing_frees_what_waits(api: Any) -> None:
    lines = [{**ACTION, "End": "soon"}, ACTION]
    found = await read(api, {"Actions": lines, "Deliverables": [DELIVERABLE]})

    assert cells(found) == [("Actions", "G2")]
    assert (found["waits"], found["sheets"][1]["new"]) == ([], 1)
