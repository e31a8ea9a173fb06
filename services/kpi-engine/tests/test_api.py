"""The read API over ASGI, on figures that were ingested and judged."""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal

import httpx
import pytest

from kpi_engine.bootstrap import make_api
from shared_kit.events.corrections import FactRetracted
from shared_kit.events.plans import TargetSet
from shared_kit.messaging.log import Record
from tests.support.engine_builders import PLAN, adopted, an_item, key, released, the_plan
from tests.support.engine_lab import NOW, Lab, sent

D = date
ADMINISTRATOR = {"authorization": "Bearer demo-administrator"}


FRENCH = [f"Élément {n}" for n in range(4)]


@pytest.fixture
async def client(lab: Lab) -> AsyncIterator[httpx.AsyncClient]:
    """An engine that has judged one year of SG; its loops do not run."""
    items = [an_item(n, due=D(2019, 11, 30), title_fr=f"Élément {n}") for n in range(4)]
    await lab.feed(sent(the_plan(), id="p"), sent(adopted(*items), id="a"))
    await lab.feed(*(sent(released(items[n], D(2019, 11, 1)), id=f"r{n}") for n in range(3)))
    await lab.judge()
    app = make_api(lab.engine)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as found:
        yield found


async def test_a_scorecard_shows_every_indicator_and_answers_304(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"/api/v1/scorecards/{PLAN}", params={"period": "FY2019"})

    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["label"], len(body["items"])) == ("FY2019/20", 29)
    sg = body["items"][0]
    assert (sg["key"], sg["numerator"], sg["denominator"]) == (key("SG"), "3", "4")
    again = await client.get(
        f"/api/v1/scorecards/{PLAN}",
        params={"period": "FY2019"},
        headers={"if-none-match": answer.headers["etag"]},
    )
    assert again.status_code == 304


async def test_an_earlier_judgement_stays_readable_and_explained(
    client: httpx.AsyncClient, lab: Lab
) -> None:
    before = NOW.isoformat()
    lab.clock.move_to(NOW.replace(hour=12))
    late = an_item(3, due=D(2019, 11, 30))
    await lab.feed(sent(released(late, D(2019, 12, 5)), id="late", recorded=lab.clock.now()))
    await lab.judge()

    url = f"/api/v1/results/{key('SG')}"
    now = (await client.get(url, params={"period": "FY2019"})).json()
    then = (await client.get(url, params={"period": "FY2019", "as_of": before})).json()
    assert (now["numerator"], then["numerator"]) == ("4", "3")
    explained = (
        await client.get(f"{url}/explain", params={"period": "FY2019", "as_of": before})
    ).json()
    assert explained["reproduced"] is True
    for side in ("numerator", "planned"):
        assert {one["title_fr"] for one in explained[side]["items"]} <= set(FRENCH)
    assert [one["item"] for one in explained["numerator"]["items"]] == [
        key(f"D-{n}") for n in range(3)
    ]
    assert len(explained["planned"]["items"]) == 4
    assert "3 / 4" in explained["arithmetic"]
    series = (await client.get(f"{url}/series", params={"period": "FY2019"})).json()
    assert [one["revision"] for one in series["items"]] == [1, 2]
    by_then = {"period": "FY2019", "as_of": before}
    series = (await client.get(f"{url}/series", params=by_then)).json()
    assert [one["revision"] for one in series["items"]] == [1]
    known = {
        day: {
            fact["id"]
            for fact in (
                await client.get("/api/v1/facts", params={"as_of": day, "limit": 200})
            ).json()["items"]
        }
        for day in (before, lab.clock.now().isoformat())
    }
    assert known[lab.clock.now().isoformat()] - known[before] == {"late"}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/scorecards/none", 404),
        (f"/api/v1/scorecards/{PLAN}?period=FY1999", 404),
        (f"/api/v1/scorecards/{PLAN}?as_of=soon", 422),
        (f"/api/v1/scorecards/{PLAN}?as_of=2020-02-03", 200),
        (f"/api/v1/scorecards/{PLAN}?as_of=2020-02-03T09:00:00", 422),
        (f"/api/v1/results/{PLAN}:NONE", 404),
        (f"/api/v1/results/{PLAN}:SG?as_of=2000-01-01", 404),
        (f"/api/v1/results/{PLAN}:SG?as_of=0001-01-01T00:00:00%2B12:00", 422),
        (f"/api/v1/results/{PLAN}:SG?as_of=9999-12-31T23:59:59-12:00", 422),
        (f"/api/v1/results/{PLAN}:SG?as_of=9999-12-31&period=FY2019", 200),
        (f"/api/v1/results?plan={PLAN}&period=2019-2022", 200),
        ("/api/v1/facts", 200),
        ("/api/v1/facts?subject=%00", 400),
        ("/api/v1/facts/none?source=/test", 404),
        ("/api/v1/facts/r0?source=/test", 200),
        ("/api/v1/parked", 401),
    ],
)
async def test_what_is_not_there_is_said_so(
    client: httpx.AsyncClient, path: str, status: int
) -> None:
    answer = await client.get(path)

    assert answer.status_code == status, answer.text


async def test_a_fact_names_the_indicators_that_it_counts_in(
    client: httpx.AsyncClient, lab: Lab
) -> None:
    path = "/api/v1/facts/r0?source=/test"
    counted = (await client.get(path)).json()
    await lab.feed(
        sent(FactRetracted(source="/test", id="r0"), id="x", topic="work", subject=key("D-0"))
    )

    assert key("SG") in counted["counts_in"]
    assert counted["counts_in"] == sorted(set(counted["counts_in"]))
    assert "" not in counted["counts_in"], "the plan's own count is no indicator"
    assert (await client.get(path)).json()["counts_in"] == [], "taken back, it counts nowhere"


async def test_a_parked_record_is_listed_and_sent_again(
    client: httpx.AsyncClient, lab: Lab
) -> None:
    bad = TargetSet(indicator=key("SG"), period="FY2019", low=Decimal(1), revision=1)
    [record] = lab.records([sent(bad, id="bad")])
    await lab.apply([Record(*record[:4], b'{"indicator": 1}', *record[5:])])

    listed = (await client.get("/api/v1/parked", headers=ADMINISTRATOR)).json()["items"]
    assert [one["code"] for one in listed] == ["invalid-data"]
    answer = await client.post(f"/api/v1/parked/{listed[0]['id']}/replay", headers=ADMINISTRATOR)
    assert answer.status_code == 202
    waiting = await lab.rows("SELECT topic, event_id FROM outbox WHERE topic = 'plan'")
    assert [(row[0], row[1]) for row in waiting] == [("plan", "bad")]
