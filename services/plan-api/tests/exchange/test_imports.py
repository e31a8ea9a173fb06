"""Spreadsheets into a whole plan-api on a real database: checked, applied in one, repeatable."""

import io
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from tests.support.books import ACTION, DELIVERABLE, RELEASE, REQUEST, WHOLE, Lines, a_book

PLAN = "wco-2019-2022"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def send(api: Any, content: bytes, **headers: str) -> httpx.Response:
    answer: httpx.Response = await api.client.post(
        "/api/v1/imports",
        content=content,
        params={"plan": PLAN},
        headers={"content-type": XLSX} | headers,
    )
    return answer


async def work(api: Any) -> None:
    while await api.app.state.importer.step():
        pass


async def sent_and_read(api: Any, sheets: Mapping[str, Lines], **headers: str) -> Any:
    answer = await send(api, a_book(sheets), **headers)
    assert answer.status_code == 202, answer.text
    await work(api)
    return (await api.client.get(answer.headers["location"])).json()


async def applied(api: Any, sheets: Mapping[str, Lines]) -> Any:
    read = await sent_and_read(api, sheets)
    assert read["can_be_applied"], read
    answer = await api.post(f"/imports/{read['id']}/apply")
    assert (answer.status_code, answer.json()["state"]) == (202, "applying")
    await work(api)
    return (await api.get(f"/imports/{read['id']}")).json()


async def test_tells_what_a_file_would_bring_and_brings_nothing_yet(api: Any) -> None:
    before = len(await api.sent())

    read = await sent_and_read(api, WHOLE)

    assert (read["state"], read["lines"], read["mistake_count"]) == ("ready", 7, 0)
    assert (read["rows_done"], read["rows_total"]) == (7, 7)
    assert [(one["sheet"], one["new"]) for one in read["sheets"]] == [
        ("Actions", 1), ("Deliverables", 1), ("Estimates", 1), ("Targets", 1), ("Facts", 2),
        ("Stated figures", 1),
    ]  # fmt: skip
    assert len(await api.sent()) == before


async def test_applies_a_file_through_the_use_cases_of_rest(api: Any) -> None:
    done = await applied(api, WHOLE)

    assert (done["state"], done["rows_done"]) == ("applied", 7)
    released = (await api.sent("released"))[-1].said
    assert (released.deliverable, released.packages) == (f"{PLAN}:D-017-2", ("CEP",))
    assert released.priorities == (f"{PLAN}:PRI-5", f"{PLAN}:PRI-9")
    assert (released.uses_it, released.data_analysis) == (True, True)
    deliverable = (await api.get(f"/deliverables/{PLAN}:D-017-2")).json()
    assert (deliverable["state"], deliverable["released_on"]) == ("released", "2020-01-31")
    estimates = (await api.get(f"/indicators/{PLAN}:SG/estimates")).json()["items"]
    assert [(one["value"], one["revision"]) for one in estimates] == [(61, 1)]
    asked = (await api.sent("requested"))[-1].said
    assert (asked.member, asked.topics) == ("XA", ("CEP", "RP"))
    assert (await api.sent("stated"))[-1].said.numerator == 18


async def test_the_same_file_again_says_nothing_new(api: Any) -> None:
    await applied(api, WHOLE)
    before = len(await api.sent())

    read = await sent_and_read(api, WHOLE)
    again = await applied(api, WHOLE)

    assert sum(one["known"] for one in read["sheets"]) == 7
    assert again["state"] == "applied"
    assert len(await api.sent()) == before


async def test_the_same_fact_on_another_line_is_the_same_fact(api: Any) -> None:
    await applied(api, {"Facts": [REQUEST]})
    other = {**REQUEST, "Request": "REQ-2"}

    await applied(api, {"Facts": [other, REQUEST, REQUEST]})

    assert len(await api.sent("requested")) == 2


async def test_applying_twice_is_applying_once(api: Any) -> None:
    done = await applied(api, WHOLE)
    before = len(await api.sent())

    answer = await api.post(f"/imports/{done['id']}/apply")
    await work(api)

    assert (answer.status_code, answer.json()["state"]) == (202, "applied")
    assert len(await api.sent()) == before


MISTAKES = [
    ("Actions", {**ACTION, "Lead unit": "XX"}, "Lead unit",
     "XX is not among the units of the directory. Choose from"),
    ("Actions", {**ACTION, "Title": None}, "Title", "for example with Guidelines on risk profiles"),
    ("Actions", {**ACTION, "Year": "FY1999"}, "Year", "Choose from FY2019, FY2020, FY2021"),
    ("Actions", {**ACTION, "End": "soon"}, "End", "as year-month-day, such as 2020-06-30"),
    ("Actions", {**ACTION, "Objectives": "SO9"}, "Objectives",
     "Near it: SO3, SO2, SO1. Put commas between several. The sheet Codes"),
    ("Actions", {**ACTION, "Priorities and shares": "PRI-5 0.5"}, "Priorities and shares",
     "these add to 0.5. Write codes with weights that add to 1, such as PRI-5 0.5, PRI-9 0.5"),
    ("Actions", {**ACTION, "Code": "other:A-1"}, "Code", "begins with"),
    ("Deliverables", {**DELIVERABLE, "Action": "A-404"}, "Action", "not among the Actions of"),
    ("Deliverables", {**DELIVERABLE, "Action": None, "Kind": "opera"}, "Kind",
     "Choose from instrument, compendium, advice-or-decision"),
    ("Deliverables", {**DELIVERABLE, "Action": None, "Uses IT": "maybe"}, "Uses IT", "yes or no"),
    ("Deliverables", {**DELIVERABLE, "Action": None, "Date": "2031-01-01"}, "Date",
     "inside FY2019 is expected, from 2019-07-01 to 2020-06-30"),
    ("Deliverables", {**DELIVERABLE, "Action": None, "Kind": "milestone"},
     "Weight of a milestone", "such as 0.25"),
    ("Estimates", {"Indicator": "SG", "Period": "FY2019", "Estimate": "many"}, "Estimate",
     "Write a whole number, such as 61"),
    ("Estimates", {"Indicator": "XX", "Period": "FY2019", "Estimate": 1}, "Indicator",
     "not among the indicators"),
    ("Targets", {"Indicator": "SG", "Period": "FY2019", "At least": 1}, "Indicator", "observed"),
    ("Actions", {**ACTION, "Priorities and shares": "PRI-5, PRI-9"}, "Priorities and shares",
     "Write codes with weights that add to 1"),
    ("Actions", {**ACTION, "Lead unit": "Compliance and Facilitation Directorate"}, "Lead unit",
     "Write its code, CF"),
    ("Facts", {**RELEASE}, "Deliverable", "not among the Deliverables"),
    ("Facts", {**REQUEST, "Member": "ZZ"}, "Member", "ZZ is not among the Members"),
    ("Facts", {**REQUEST, "Topics": "weather"}, "Topics", "Choose from ECP, RP, CEP,"),
    ("Facts", {**REQUEST, "What happened": "rain"}, "What happened", "choose from the list"),
    ("Facts", {**REQUEST, "Quarter": "FY2019-Q1"}, "Quarter", "empty the cell"),
    ("Stated figures", {"Indicator": "SG", "Period": "FY2019", "Numerator": "x", "As on":
     "2020-01-31"}, "Numerator", "decimal"),
]  # fmt: skip


@pytest.mark.parametrize(("sheet", "line", "column", "says"), MISTAKES)
async def test_names_the_cell_of_a_mistake_and_says_what_to_do(
    api: Any, sheet: str, line: Mapping[str, object], column: str, says: str
) -> None:
    read = await sent_and_read(api, {sheet: [line]})

    assert (read["state"], read["can_be_applied"]) == ("ready", False)
    found = read["mistakes"][0]
    letter = chr(ord("A") + list(line).index(column)) if column in line else ""
    assert (found["sheet"], found["row"], found["column"]) == (sheet, 2, column)
    assert found["cell"] == f"{letter}2"
    assert says.casefold() in found["message"].casefold()
    refused = await api.post(f"/imports/{read['id']}/apply")
    assert refused.status_code == 409
    french = (await api.get(f"/imports/{read['id']}", lang="fr")).json()["mistakes"][0]
    assert french["message"] != found["message"]


async def test_one_wrong_line_keeps_all_lines_out(api: Any) -> None:
    """What only the database could know at the end is refused at the end, and as a whole."""
    read = await sent_and_read(api, WHOLE)
    # Between preview and apply somebody else takes a key.
    await api.an_action("A-017")
    before = len(await api.sent())

    await api.post(f"/imports/{read['id']}/apply")
    await work(api)

    again = (await api.get(f"/imports/{read['id']}")).json()
    assert (again["state"], again["can_be_applied"]) == ("ready", False)
    assert again["mistakes"][0]["cell"] == "A2"
    assert len(await api.sent()) == before
    assert (await api.get(f"/deliverables/{PLAN}:D-017-2")).status_code == 404


async def test_nobody_writes_for_another_unit_or_above_the_own_role(api: Any) -> None:
    director = {"authorization": "Bearer demo-director:TTA"}

    read = await sent_and_read(api, WHOLE, **director)

    where = {(one["sheet"], one["column"]) for one in read["mistakes"]}
    assert {("Actions", "Lead unit"), ("Targets", "Indicator")} <= where


async def test_the_template_is_read_back_with_nothing_in_it(api: Any) -> None:
    for language in ("en", "fr"):
        answer = await api.get("/imports/template.xlsx", plan=PLAN, lang=language)
        assert answer.status_code == 200
        sent = await send(api, answer.content)
        await work(api)
        read = (await api.client.get(sent.headers["location"])).json()
        assert (read["state"], read["lines"], read["can_be_applied"]) == ("ready", 0, False)


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_a_filled_template_is_understood_in_either_language(api: Any, language: str) -> None:
    answer = await api.get("/imports/template.xlsx", plan=PLAN, lang=language)
    book = load_workbook(io.BytesIO(answer.content))
    sheet = book["Actions"]
    for column, value in {
        "A": "A-700", "B": "Transit", "D": "FY2019", "E": "CF", "H": "PRI-1 0,25; PRI-4 75 %",
        "J": "2020-03-31",
    }.items():  # fmt: skip
        sheet[f"{column}3"] = value
    file = io.BytesIO()
    book.save(file)

    sent = await send(api, file.getvalue())
    await work(api)
    read = (await api.client.get(sent.headers["location"])).json()
    await api.post(f"/imports/{read['id']}/apply")
    await work(api)

    action = (await api.get(f"/actions/{PLAN}:A-700")).json()
    assert [one["share"] for one in action["priorities"]] == ["0.25", "0.75"]


async def test_the_template_offers_the_plan_s_codes(api: Any) -> None:
    answer = await api.get("/imports/template.xlsx", plan=PLAN)

    book = load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == [
        "Read me", "Units", "Members", "Instruments", "Actions", "Deliverables", "Estimates",
        "Targets", "Facts", "Budget", "Stated figures", "Corrections", "Codes",
    ]  # fmt: skip
    rows = list(book["Codes"].iter_rows(values_only=True))
    lists = {str(cell) for row in rows for cell in row}
    assert {"SG", "SP7.5", "PRI-9", "XA", "CF", "CEP", "FY2021", "instrument"} <= lists
    place = rows[0].index("Objectives")
    assert rows[0][place + 1 : place + 3] == ("Objectives, in English", "Objectives, in French")
    named = {row[place]: row[place + 1 : place + 3] for row in rows[1:]}
    assert named["SP7"] == tuple(
        [(await api.get(f"/objectives/{PLAN}:SP7", lang=lang)).json()["title"]["text"]
         for lang in ("en", "fr")]
    )  # fmt: skip
    rules = [rule.formula1 for rule in book["Actions"].data_validations.dataValidation]
    assert any("Codes!" in rule for rule in rules)


BROKEN = {
    "nothing": b"",
    "text": b"not a spreadsheet",
    "half": a_book(WHOLE)[:3000],
    "other sheets": a_book({"Holidays": [{"Day": "2020-01-01"}]}),
    "no headings": a_book({"Actions": [{"Colour": "red"}]}),
}


@pytest.mark.parametrize("case", BROKEN)
async def test_a_file_that_cannot_be_read_says_why(api: Any, case: str) -> None:
    sent = await send(api, BROKEN[case])
    await work(api)

    read = (await api.client.get(sent.headers["location"])).json()
    assert read["state"] == "unreadable"
    assert read["failure"]
    assert (await api.post(f"/imports/{read['id']}/apply")).status_code == 409


async def test_takes_spreadsheets_of_ten_mebibytes_and_nothing_else(api: Any) -> None:
    assert (await send(api, b"x" * (10 * 1024 * 1024))).status_code == 202
    assert (await send(api, b"x" * (10 * 1024 * 1024 + 1))).status_code == 413
    assert (await send(api, b"{}", **{"content-type": "application/json"})).status_code == 415
    unsigned = await send(api, b"x", authorization="Bearer demo-member")
    assert unsigned.status_code == 403
    elsewhere = await api.client.post("/api/v1/actions", content=b"x" * (1024 * 1024 + 1))
    assert elsewhere.status_code == 413


async def test_the_same_request_under_one_key_is_one_import(api: Any) -> None:
    content = a_book(WHOLE)
    first = await send(api, content, **{"idempotency-key": "k1"})
    second = await send(api, content, **{"idempotency-key": "k1"})

    assert first.headers["location"] == second.headers["location"]
    assert len(await api.rows("SELECT 1 FROM spreadsheet_import")) == 1


async def test_a_file_that_cannot_be_worked_on_is_given_up_and_says_so(api: Any) -> None:
    sent = await send(api, a_book(WHOLE))
    import_id = sent.json()["id"]
    async with api.app.state.runtime.sessions.begin() as session:
        await session.execute(text("UPDATE spreadsheet_import SET attempts = 3"))

    await work(api)

    read = (await api.get(f"/imports/{import_id}")).json()
    assert (read["state"], bool(read["failure"])) == ("unreadable", True)
