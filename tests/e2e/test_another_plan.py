"""Another organization's plan, by data alone: its own year, kinds, measures and tolerances."""

import asyncio
import json
import re
import sys
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import StartSystem
from tests.support import harbour
from tests.support.figures import get
from tests.support.systems import System
from wcoplan.folder import LOADED_AT, SHOWN_AT

FILE = Path(__file__).parents[2] / "docs" / "examples" / "rivers-2019-2022.json"
PLAN = "rivers-2019-2022"
YEAR = "FY2019"


async def wcoplan(*arguments: str) -> tuple[int, str]:
    """Run the command as somebody at a terminal would."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "wcoplan.main", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


async def post(system: System, path: str, body: object, status: int = 201) -> Any:
    answer = await system.client.post(f"/api/v1{path}", json=body)
    assert answer.status_code == status, f"{path}: {answer.status_code} {answer.text}"
    return answer.json()


async def release(system: System, code: str, on: str, stage: str = "done") -> None:
    path = f"/api/v1/deliverables/{PLAN}:{code}"
    etag = (await system.client.get(path)).headers["etag"]
    answer = await system.client.post(
        f"{path}/release", json={"released_on": on, "stage": stage}, headers={"if-match": etag}
    )
    assert answer.status_code == 200, answer.text


def deliverable(code: str, kind: str, due: str, **more: object) -> dict[str, object]:
    return {
        "deliverable": f"{PLAN}:{code}",
        "title": code,
        "plan": PLAN,
        "period": YEAR,
        "listed": True,
        "kind": kind,
        "unit": "RIV",
        "objectives": [f"{PLAN}:CLEAN"],
        "due": due,
        "date_certainty": "stated",
        **more,
    }


async def result_of(system: System, code: str) -> Any:
    return await get(system.client, f"/api/v1/results/{PLAN}:{code}", period=YEAR)


async def enter_the_work(system: System) -> None:
    towns: dict[str, object] = {"packages": ["KIT"], "priorities": [f"{PLAN}:P-TOWN"]}
    house: dict[str, object] = {"objectives": [f"{PLAN}:HOUSE"]}
    for body in (
        deliverable("D-1", "clean-up", "2019-06-01"),
        deliverable("D-2", "clean-up", "2019-09-01"),
        deliverable("D-3", "clean-up", "2019-11-01"),
        deliverable("D-4", "guide", "2019-10-01", **towns),
        deliverable("D-5", "milestone", "2019-08-01", weight="0.6", **house),
        deliverable("D-6", "milestone", "2020-03-01", weight="0.4", **house),
    ):
        await post(system, "/deliverables", body)
    for code, value in (("CLEAN.1", 3), ("CLEAN.2", 1)):
        figure = {"period": YEAR, "value": value}
        await post(system, f"/indicators/{PLAN}:{code}/estimates", figure)
    await post(system, f"/indicators/{PLAN}:SAFE.1/targets", {"period": YEAR, "low": "0.9"})
    await post(system, f"/indicators/{PLAN}:HOUSE.1/targets", {"period": YEAR, "low": "0.5"})
    await post(system, f"/implementation-plans/{PLAN}/{YEAR}/adopt", {})


async def say_what_happened(system: System) -> None:
    await release(system, "D-1", "2019-05-28")
    await release(system, "D-2", "2019-09-03")
    await release(system, "D-4", "2019-09-30", stage="published")
    etag = (await system.client.get(f"/api/v1/deliverables/{PLAN}:D-5")).headers["etag"]
    reached = await system.client.post(
        f"/api/v1/deliverables/{PLAN}:D-5/reach",
        json={"reached_on": "2019-08-01", "share": "1"},
        headers={"if-match": etag},
    )
    assert reached.status_code == 200, reached.text
    events = [
        ("figure.stated", f"{PLAN}:SAFE.1", {
            "indicator": f"{PLAN}:SAFE.1", "period": YEAR,
            "numerator": "91", "denominator": "100", "as_on": "2020-01-31",
        }),
        ("effort.recorded", "RIV", {
            "plan": PLAN, "unit": "RIV", "quarter": "FY2019-Q2",
            "on_priorities": "30", "total": "80",
        }),
    ]  # fmt: skip
    for number, (name, subject, data) in enumerate(events):
        event = {
            "specversion": "1.0",
            "id": f"rivers-{number}",
            "source": "urn:rivers",
            "type": f"org.wcoomd.strategy.{name}.v1",
            "subject": subject,
            "time": "2020-02-01T09:00:00Z",
            "data": data,
        }
        answer = await system.client.post(
            "/api/v1/events",
            content=json.dumps(event),
            headers={"content-type": "application/cloudevents+json"},
        )
        assert answer.status_code == 202, answer.text


PAGES = (
    "/", "/priorities", "/deliverables", "/deliverables?state=overdue", "/units", "/units/RIV",
    "/members", "/record", "/imports", "/sources",
)  # fmt: skip
KEYED = (
    "/indicators/{plan}:CLEAN.1", "/indicators/{plan}:SAFE.1", "/indicators/{plan}:HOUSE.2",
    "/objectives/{plan}:CLEAN", "/objectives/{plan}:CLEAN-1", "/priorities/{plan}:P-TOWN",
    "/deliverables/{plan}:D-3", "/indicators/{plan}:CLEAN.1?period=FY2021",
)  # fmt: skip
BRAND = re.compile(r'<span class="plan">([^<]*)</span>')
LINKS = re.compile(r'href="(/[^"#]*)')


async def page_of(system: System, path: str) -> str:
    answer = await system.client.get(path, headers={"accept": "text/html"})
    assert answer.status_code == 200, f"{path}: {answer.status_code}"
    return answer.text


async def every_page_is_this_plan_s(system: System) -> None:
    """Whatever is opened of it, what surrounds it and where it leads is the same plan."""
    named = [f"{path}{'&' if '?' in path else '?'}plan={PLAN}" for path in PAGES]
    titles = (("en", "Clean Rivers Plan"), ("fr", "Plan Rivières propres"))
    for number, path in enumerate((*named, *(one.format(plan=PLAN) for one in KEYED))):
        for lang, title in titles if number == 0 else (titles[number % 2],):
            text = await page_of(system, f"{path}{'&' if '?' in path else '?'}lang={lang}")
            assert BRAND.findall(text)[0].startswith(title), path
            links = {unescape(link) for link in LINKS.findall(text)}
            kept = {link for link in links if not link.startswith(("/static/", "/docs", "/api/"))}
            lost = {link for link in kept if PLAN not in link}
            # One link alone leads to the other plan: the choice of plans.
            assert lost == {f"/?lang={lang}"}, path


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_an_invented_organizations_plan_is_loaded_worked_with_and_judged(
    start_system: StartSystem,
) -> None:
    async with start_system("embedded") as system:
        address = str(system.client.base_url)
        before = await page_of(system, "/?lang=en")
        # Whoever comes later takes nobody's first page.
        await system.move_to(LOADED_AT + timedelta(hours=1))
        refused, said = await wcoplan("plan", "import", str(FILE), "--url", address)
        assert refused == 1
        assert "/indicators/0/owner: the unit RIV is not in the directory" in said
        for code, en, fr in (("RIV", "River wardens", "Gardes"), ("LAB", "Laboratory", "Labo")):
            await post(system, "/units", {"code": code, "title": {"en": en, "fr": fr}})
        imported, said = await wcoplan("plan", "import", str(FILE), "--url", address)
        assert imported == 0, said
        assert "rivers-2019-2022 version 1: 5 indicators" in said
        again, said = await wcoplan("plan", "import", str(FILE), "--url", address)
        assert again == 0
        assert "it was there already" in said
        await enter_the_work(system)
        await say_what_happened(system)
        await system.move_to(SHOWN_AT)

        scorecard = await get(system.client, f"/api/v1/scorecards/{PLAN}", period=YEAR)
        assert scorecard["label"] == "FY2019/20", "April to March"
        assert [item["key"].partition(":")[2] for item in scorecard["items"]] == [
            "CLEAN.1", "CLEAN.2", "SAFE.1", "HOUSE.1", "HOUSE.2",
        ]  # fmt: skip
        clean = await result_of(system, "CLEAN.1")
        assert (clean["numerator"], clean["denominator"]) == ("2", "3")
        assert [one["key"] for one in clean["overdue"]] == [f"{PLAN}:D-3"]
        assert clean["status"] == "off-track", "two of three due, and its own bound is 0.8"
        guides = await result_of(system, "CLEAN.2")
        assert (guides["numerator"], guides["status"]) == ("1", "on-track")
        safe = await result_of(system, "SAFE.1")
        assert (safe["numerator"], safe["denominator"], safe["status"]) == ("91", "100", "on-track")
        effort = await result_of(system, "HOUSE.1")
        assert (effort["numerator"], effort["status"]) == ("30", "at-risk"), "0.375 of 0.5"
        house = await result_of(system, "HOUSE.2")
        assert (house["numerator"], house["status"]) == ("0.6", "on-track")

        await release(system, "D-3", "2020-02-03")
        await system.settle()
        clean = await result_of(system, "CLEAN.1")
        assert (clean["numerator"], clean["status"]) == ("3", "on-track")

        await every_page_is_this_plan_s(system)
        first = await page_of(system, "/?lang=en")
        assert BRAND.findall(first) == BRAND.findall(before) == ["Strategic Plan 2019-2022"]
        wco = await get(system.client, "/api/v1/scorecards/wco-2019-2022", period=YEAR)
        assert {item["numerator"] for item in wco["items"]} <= {"0", None}, "nothing moved there"
        assert (await system.client.get("/?plan=no-plan")).status_code == 404
        await harbour.loaded(system)
        await harbour.each_kind_is_judged_told_and_shown(system)
