"""The sheets against the contracts: every event type has one, and every example comes in."""

import io
from collections.abc import Mapping
from typing import Any

import pytest
from openpyxl import load_workbook

from plan_api.exchange.files.incoming import EXAMPLE
from plan_api.exchange.model.fact_sheets import CORRECTING, FIELDS_OF
from plan_api.exchange.model.sheets import SHEETS
from shared_kit.events.registry import EVENTS
from tests.support.books import DELIVERABLE, RELEASE, REQUEST, Lines, a_book

PLAN = "wco-2019-2022"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

OF_SHEETS = {
    "unit.registered": "units",
    "member.registered": "members",
    "instrument.registered": "instruments",
    "action.planned": "actions",
    "deliverable.planned": "deliverables",
    "estimate.stated": "estimates",
    "target.set": "targets",
    "resources.allocated": "budget",
    "figure.stated": "figures",
    **dict.fromkeys(FIELDS_OF, "facts"),
    **dict.fromkeys(CORRECTING, "corrections"),
}
ELSEWHERE = {
    "plan.published": "a plan file",
    "implementation-plan.adopted": "a decision on all that is listed: a page or REST",
    "action.started": "a verb of one Action: a page or REST",
    "action.completed": "a verb of one Action: a page or REST",
    "action.cancelled": "a verb of one Action: a page or REST",
    "deliverable.rescheduled": "a proposal that waits for an approval: a page or REST",
    "deliverable.cancelled": "a verb of one Deliverable: a page or REST",
    "fact.replaced": "says all of a fact anew: REST",
}
"""What a person can say, and a sheet cannot, with its own door."""


async def work(api: Any) -> None:
    while await api.app.state.importer.step():
        pass


async def applied(api: Any, content: bytes) -> Any:
    sent = await api.client.post(
        "/api/v1/imports", content=content, params={"plan": PLAN}, headers={"content-type": XLSX}
    )
    await work(api)
    read = (await api.client.get(sent.headers["location"])).json()
    assert read["can_be_applied"], (read["failure"], read["mistakes"])
    await api.post(f"/imports/{read['id']}/apply")
    await work(api)
    done = (await api.get(f"/imports/{read['id']}")).json()
    assert done["state"] == "applied", done["mistakes"]
    return read


def test_each_event_type_of_the_contracts_has_a_sheet_or_another_door() -> None:
    """A new type fails here: give it a sheet, or say where it comes in instead."""
    told = {event.name for event in EVENTS.values() if event.topic not in ("results", "alerts")}

    assert told == OF_SHEETS.keys() | ELSEWHERE.keys()
    assert not OF_SHEETS.keys() & ELSEWHERE.keys()
    assert {sheet.name for sheet in SHEETS} == set(OF_SHEETS.values())


def test_each_kind_of_fact_has_an_example_with_all_its_columns() -> None:
    facts = next(sheet for sheet in SHEETS if sheet.name == "facts")

    shown = {line["type"]: line for line in facts.examples()}
    assert shown.keys() == FIELDS_OF.keys()
    for name, line in shown.items():
        assert FIELDS_OF[name].keys() <= line.keys(), name


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_every_example_of_the_template_would_come_in(api: Any, language: str) -> None:
    await api.post("/instruments", {"code": "RISK", "title": "Risk", "packages": ["CEP"]})
    await api.a_deliverable("D-017-4", kind="mission")
    await api.a_deliverable("D-017-3", kind="milestone", weight="0.5")
    answer = await api.get("/imports/template.xlsx", plan=PLAN, lang=language)
    book = load_workbook(io.BytesIO(answer.content))
    for sheet in book.worksheets[1:-1]:
        for row in sheet.iter_rows(min_row=2):
            if str(row[0].value or "").startswith(EXAMPLE.strip()):
                row[0].value = str(row[0].value).removeprefix(EXAMPLE).strip() or None
    corrections = book.worksheets[-2]
    corrections.delete_rows(2)
    file = io.BytesIO()
    book.save(file)

    read = await applied(api, file.getvalue())

    lines = sum(len(sheet.examples()) for sheet in SHEETS if sheet.name != "corrections")
    assert read["lines"] == lines
    assert len(await api.sent("implemented")) == 1


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_every_column_with_a_list_offers_it(api: Any, language: str) -> None:
    await api.an_action()
    await api.post("/instruments", {"code": "RISK", "title": "Risk"})
    answer = await api.get("/imports/template.xlsx", plan=PLAN, lang=language)

    book = load_workbook(io.BytesIO(answer.content))
    for spec in SHEETS:
        sheet = book[spec.title(french=language == "fr")]
        rules = sheet.data_validations.dataValidation
        assert len(rules) == sum(column.choices is not None for column in spec.columns), spec.name


async def test_a_budget_is_a_line_with_its_amounts_by_source(api: Any) -> None:
    line = {"Year": "FY2019", "Revision": 2, "Own budget, to priorities": 9.5,
            "Own budget, in all": 20, "In kind, in all": 3}  # fmt: skip

    await applied(api, a_book({"Budget": [line]}))

    said = (await api.sent("allocated"))[-1].said
    assert (said.plan, said.period, said.revision) == (PLAN, "FY2019", 2)
    own = said.by_source["wco-budget"]
    assert (str(own.priorities), str(own.total)) == ("9.5", "20")
    assert (said.by_source["in-kind"].priorities, "voluntary" in said.by_source) == (0, False)


async def test_an_instrument_s_packages_go_with_its_implementation(api: Any) -> None:
    sheets: Mapping[str, Lines] = {
        "Members": [{"Code": "X9", "Name": "Ninth (fictional)", "Region": "EUROPE"}],
        "Instruments": [{"Code": "TOOL", "Title": "Tool", "Packages": "CEP, RP"}],
        "Facts": [{"What happened": "instrument.implemented", "Date": "2020-01-10",
                   "Instrument": "TOOL", "Member": "X9"}],
    }  # fmt: skip

    await applied(api, a_book(sheets))

    said = (await api.sent("implemented"))[-1].said
    assert (said.member, said.packages) == ("X9", ("CEP", "RP"))


async def test_a_unit_of_the_file_leads_an_action_of_the_file(api: Any) -> None:
    sheets: Mapping[str, Lines] = {
        "Unités": [{"Code": "NEW", "Nom": "New unit", "Relève de": "CF"}],
        "Actions": [{"Code": "A-1", "Title": "First", "Year": "FY2019", "Lead unit": "NEW"}],
    }

    await applied(api, a_book(sheets))
    again = await applied(api, a_book(sheets))

    unit = (await api.get("/units/NEW")).json()
    assert (unit["title"]["fr"], unit["parent"]) == ("New unit", "CF")
    assert (await api.get(f"/actions/{PLAN}:A-1")).json()["lead"] == "NEW"
    assert [one["known"] for one in again["sheets"]] == [1, 1]


async def test_a_line_takes_back_what_another_file_said(api: Any) -> None:
    planned = {**DELIVERABLE, "Action": None, "Priorities": "PRI-9"}
    await applied(api, a_book({"Deliverables": [planned], "Facts": [RELEASE, REQUEST]}))
    released, asked = (await api.sent("released"))[-1], (await api.sent("requested"))[-1]
    lines = [
        {"What is said of the fact": "fact.retracted", "Source of the fact": one.event.source,
         "Id of the fact": one.event.id, "Reason": "An error"}
        for one in (released, asked)
    ]  # fmt: skip

    await applied(api, a_book({"Corrections": lines}))

    assert {one.topic for one in await api.sent("retracted")} == {"work", "activity"}
    deliverable = (await api.get(f"/deliverables/{PLAN}:D-017-2")).json()
    assert (deliverable["state"], deliverable["released_on"]) == ("planned", None)


async def test_several_levels_of_a_milestone_in_one_file_leave_the_latest(api: Any) -> None:
    milestone = {**DELIVERABLE, "Action": None, "Kind": "milestone", "Weight of a milestone": 0.4}
    levels = [
        {"What happened": "milestone.reached", "Deliverable": "D-017-2", "Date": day,
         "Level of a milestone": level}
        for day, level in (("2020-01-10", 0.5), ("2020-01-20", 0.75), ("2020-01-05", 0.25))
    ]  # fmt: skip

    await applied(api, a_book({"Deliverables": [milestone], "Facts": levels}))

    assert [str(one.said.share) for one in await api.sent("reached")] == ["0.5", "0.75", "0.25"]
    deliverable = (await api.get(f"/deliverables/{PLAN}:D-017-2")).json()
    assert (deliverable["share"], deliverable["reached_on"]) == ("0.750000", "2020-01-20")
    stands_on = await api.rows("SELECT fact_id, version FROM deliverable WHERE key LIKE '%D-017-2'")
    assert stands_on[0][0] == (await api.sent("reached"))[1].event.id


async def test_only_the_planning_office_states_a_budget_or_registers_a_unit(api: Any) -> None:
    sheets: Mapping[str, Lines] = {
        "Units": [{"Code": "NEW", "Name": "New unit"}],
        "Budget": [{"Year": "FY2019", "Revision": 1, "Own budget, in all": 20}],
    }
    sent = await api.client.post(
        "/api/v1/imports",
        content=a_book(sheets),
        params={"plan": PLAN},
        headers={"content-type": XLSX, "authorization": "Bearer demo-director:CF"},
    )
    await work(api)

    read = (await api.client.get(sent.headers["location"])).json()
    assert {one["sheet"] for one in read["mistakes"]} == {"Units", "Budget"}
