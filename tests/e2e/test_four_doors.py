"""The domain's example Deliverable counts alike by whichever door it comes in."""

import json
import re
from collections.abc import Awaitable, Callable, Mapping

import httpx
import pytest

from tests.conftest import StartSystem
from tests.support.books import a_book
from tests.support.figures import PERIODS, PLAN, Figure, figures, get
from tests.support.systems import System
from wcoplan import starter
from wcoplan.folder import SHOWN_AT

PRIORITY = "PRI-9"
MOVES = {"SG", "SO3", "SP3.1", "LD2.1", "LD2.2"}
ON = "2020-02-03"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SAME_ORIGIN = {"sec-fetch-site": "same-origin"}

Door = Callable[[System, str], Awaitable[None]]


def a_tool(key: str) -> dict[str, object]:
    """A tool of the CEP, tagged IT and data analysis, that serves SO3."""
    return {
        "deliverable": key,
        "title": "Tool for the analysis of declarations (fictional)",
        "period": "FY2019",
        "listed": False,
        "kind": "instrument",
        "unit": "CF",
        "objectives": [f"{PLAN}:SO3"],
        "priorities": [f"{PLAN}:{PRIORITY}"],
        "packages": ["CEP"],
        "uses_it": True,
        "data_analysis": True,
        "date_certainty": "not-given",
        "synthetic": True,
    }


def took(answer: httpx.Response, status: int) -> httpx.Response:
    assert answer.status_code == status, f"{answer.url}: {answer.status_code} {answer.text[:800]}"
    return answer


async def by_rest(system: System, key: str) -> None:
    took(await system.client.post("/api/v1/deliverables", json=a_tool(key) | {"plan": PLAN}), 201)
    known = await system.client.get(f"/api/v1/deliverables/{key}")
    released = await system.client.post(
        f"/api/v1/deliverables/{key}/release",
        json={"released_on": ON, "stage": "published"},
        headers={"if-match": known.headers["etag"]},
    )
    took(released, 200)


async def by_a_page_form(system: System, key: str) -> None:
    """The form on the Deliverable's page, as a browser without scripts sends it."""
    took(await system.client.post("/api/v1/deliverables", json=a_tool(key) | {"plan": PLAN}), 201)
    page = took(await system.client.get(f"/deliverables/{key}"), 200).text
    form = page.split(f'action="/deliverables/{key}/release')[1].split("</form>")[0]
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form))
    sent = await system.client.post(
        f"/deliverables/{key}/release",
        data={**hidden, "released_on": ON, "stage": "published", "evidence": ""},
        headers=SAME_ORIGIN,
    )
    took(sent, 303)


async def by_a_posted_event(system: System, key: str) -> None:
    """A Deliverable that nobody has planned: the event is all that is said of it."""
    event = {
        "specversion": "1.0",
        "id": key,
        "source": "https://tools.example.org",
        "type": "org.wcoomd.strategy.deliverable.released.v1",
        "data": a_tool(key) | {"released_on": ON, "stage": "published"},
    }
    sent = await system.client.post(
        "/api/v1/events",
        content=json.dumps(event),
        headers={"content-type": "application/cloudevents+json"},
    )
    took(sent, 202)


async def by_a_spreadsheet_row(system: System, key: str) -> None:
    """The page of imports: a file, what is in it, the button."""
    code = key.removeprefix(f"{PLAN}:")
    sheets = {
        "Deliverables": [
            {"Code": code, "Title": "Tool (fictional)", "Year": "FY2019", "Kind": "instrument",
             "Unit": "CF", "In the plan": "no", "Objectives": "SO3", "Priorities": PRIORITY,
             "Packages": "CEP", "Uses IT": "yes", "Data analysis": "yes"},
        ],
        "Facts": [
            {"What happened": "deliverable.released", "Date": ON, "Deliverable": code,
             "Stage": "published"},
        ],
    }  # fmt: skip
    form = took(await system.client.get("/imports"), 200).text
    token = {"csrf": re.findall(r'name="csrf" value="([^"]+)"', form)[0]}
    sent = await system.client.post(
        "/imports",
        data=token,
        files={"file": ("tools.xlsx", a_book(sheets), XLSX)},
        headers=SAME_ORIGIN,
    )
    path = took(sent, 303).headers["location"]
    await system.settle()
    assert "Apply 2 lines" in took(await system.client.get(path), 200).text
    took(await system.client.post(f"{path}/apply", data=token, headers=SAME_ORIGIN), 303)
    await system.settle()
    assert "2 lines are in" in took(await system.client.get(path), 200).text


DOORS: Mapping[str, Door] = {
    "spreadsheet": by_a_spreadsheet_row,
    "form": by_a_page_form,
    "rest": by_rest,
    "event": by_a_posted_event,
}
ON_KAFKA = ("spreadsheet", "form")
"""How REST and events come in there is part of the story's test."""


async def priorities(system: System) -> dict[str, str]:
    """What the first page says of each priority."""
    page = took(await system.client.get("/", params={"lang": "en"}), 200).text
    table = page.split('<table class="priorities">')[1].split("</table>")[0]
    return dict(re.findall(r':(PRI-\d)\b.*?<td class="numbers">([^<]*)', table, re.DOTALL))


async def everything(system: System) -> tuple[dict[str, dict[str, Figure]], dict[str, str]]:
    card = {period: await figures(system, period=period) for period in PERIODS}
    return card, await priorities(system)


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_one_deliverable_moves_five_numerators_and_its_priority_by_whichever_door(
    log_kind: str, start_system: StartSystem
) -> None:
    async with start_system(log_kind) as system:
        await starter.load(system.client)
        await system.move_to(SHOWN_AT)
        named = await get(system.client, f"/api/v1/plans/{PLAN}/priorities")
        titles = {one["code"]: one["title"]["text"] for one in named["items"]}
        assert titles[PRIORITY] == "Digital Customs and Data Analysis"

        for number, name in enumerate(ON_KAFKA if log_kind == "kafka" else DOORS, 1):
            before, served = await everything(system)

            await DOORS[name](system, f"{PLAN}:D-91{number}")
            await system.settle()

            after, serving = await everything(system)
            for period in PERIODS:
                moves = {
                    code: int(figure.numerator or 0) - int(before[period][code].numerator or 0)
                    for code, figure in after[period].items()
                    if figure.numerator != before[period][code].numerator
                }
                assert moves == dict.fromkeys(MOVES, 1), f"{name}, {period}"
            assert len(serving) == 9
            changed = {code for code, said in serving.items() if said != served[code]}
            assert changed == {PRIORITY}, name
            assert f"{number} unplanned" in serving[PRIORITY]
