"""A Deliverable that is carried over: due in the old year, adopted in the next, once in all."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.conftest import StartSystem
from tests.support.figures import get
from tests.support.systems import System

PLAN = "wco-2019-2022"
LATER = datetime(2020, 12, 15, 8, 0, tzinfo=UTC)


async def send(system: System, path: str, body: object, *, of: str = "") -> None:
    etag = (await system.client.get(f"/api/v1{of}")).headers["etag"] if of else ""
    answer = await system.client.post(
        f"/api/v1{path}", json=body, headers={"if-match": etag} if of else {}
    )
    assert answer.status_code < 300, f"{path}: {answer.status_code} {answer.text}"


async def plan(system: System, code: str, period: str, due: str) -> None:
    body = {
        "deliverable": f"{PLAN}:{code}",
        "title": code,
        "plan": PLAN,
        "period": period,
        "listed": True,
        "kind": "instrument",
        "unit": "CF",
        "objectives": [f"{PLAN}:SO1"],
        "due": due,
        "date_certainty": "stated",
    }
    await send(system, "/deliverables", body)


async def adopt(system: System, period: str) -> None:
    await send(system, f"/implementation-plans/{PLAN}/{period}/adopt", {"adopted_on": "2020-01-15"})


async def stands(system: System, period: str) -> tuple[Any, ...]:
    found = await get(system.client, f"/api/v1/results/{PLAN}:SG", period=period)
    names = ("numerator", "denominator", "status", "due", "due_done")
    return tuple(found[name] for name in names)


@pytest.mark.slow
async def test_carried_over_it_is_late_in_the_first_year_and_done_in_the_second(
    start_system: StartSystem,
) -> None:
    async with start_system("embedded") as system:
        one = f"/deliverables/{PLAN}:D-1"
        await plan(system, "D-1", "FY2019", "2019-11-30")
        await adopt(system, "FY2019")
        await send(system, f"{one}/carry-over", {"period": "FY2020", "due": "2020-10-01"}, of=one)
        await plan(system, "D-2", "FY2020", "2020-11-01")
        await adopt(system, "FY2020")
        adopted = await get(system.client, f"/api/v1/implementation-plans/{PLAN}/FY2020")
        assert adopted["adopted"] == [f"{PLAN}:D-1", f"{PLAN}:D-2"]
        again = await get(system.client, f"/api/v1{one}")
        assert (again["due"], again["current_due"]) == ("2019-11-30", "2020-10-01")

        await system.move_to(LATER)
        release = {"released_on": "2020-09-15", "stage": "published"}
        await send(system, f"{one}/release", release, of=one)
        await system.settle()

        assert await stands(system, "FY2019") == ("0", "1", "off-track", "1", "0")
        assert await stands(system, "FY2020") == ("1", "2", "off-track", "2", "1")
        assert await stands(system, "2019-2022") == ("1", "2", "off-track", "2", "1")
        cycle = await get(system.client, f"/api/v1/results/{PLAN}:SG/explain", period="2019-2022")
        assert [(item["item"], item["due"]) for item in cycle["planned"]["items"]] == [
            (f"{PLAN}:D-1", "2019-11-30"),
            (f"{PLAN}:D-2", "2020-11-01"),
        ], "once in the cycle, with its first date"
