"""What was shown on a day can be shown again for ever, with exactly the facts of then."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import httpx
import pytest

from kpi_engine.bootstrap import make_api
from shared_kit.events.corrections import FactReplaced, FactRetracted
from shared_kit.events.plans import EstimateStated, TargetSet
from shared_kit.events.results import IndicatorJudged
from tests.support.engine_builders import PLAN, adopted, an_item, key, released, the_plan
from tests.support.engine_lab import NOW, SOURCE, Lab, sent
from tests.support.engine_streams import Streams

D = date
CORRECTIONS = ("gone", "back", "moved")
AT = {"topic": "work", "subject": key("D-0")}
FIGURES = (
    "numerator", "denominator", "estimate", "first_estimate", "expected", "due", "due_done",
    "attainment", "status", "reason", "definition_version", "overdue", "target", "revision",
)  # fmt: skip


@pytest.fixture
async def client(lab: Lab) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=make_api(lab.engine))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as found:
        yield found


async def read(client: httpx.AsyncClient, path: str, **params: str) -> Any:
    answer = await client.get(f"/api/v1{path}", params=params)
    assert answer.status_code == 200, (path, params, answer.text)
    return answer.json()


async def on(lab: Lab, day: date, *events: Any) -> str:
    """Feed and judge on a day; the instant of it."""
    lab.clock.move_to(datetime(day.year, day.month, day.day, 8, tzinfo=UTC))
    now = lab.clock.now()
    await lab.feed(
        *(
            sent(event, id=id, time=now, recorded=now, **(AT if id in CORRECTIONS else {}))
            for id, event in events
        )
    )
    await lab.open_day()
    await lab.judge()
    return lab.clock.now().isoformat()


@pytest.mark.parametrize("seed", range(2))
async def test_every_judgement_ever_made_is_read_and_explained_at_its_instant(
    lab: Lab, client: httpx.AsyncClient, seed: int
) -> None:
    random = Random(seed)
    stream = Streams(seed).history(length=60)
    random.shuffle(stream)
    stream.insert(random.randrange(20), sent(the_plan(), id="plan"))
    while stream:
        size = random.randrange(5, 20)
        await lab.feed(*stream[:size])
        del stream[:size]
        await lab.judge()
        # No two rounds at one instant: each can be asked for.
        lab.clock.move_to(lab.clock.now() + timedelta(minutes=random.randrange(1, 2000)))

    made = await lab.judgements()
    assert len({one.judged_at for one in made}) > 2
    for one in random.sample(made, min(30, len(made))):
        await _is_shown_again(client, one)


async def _is_shown_again(client: httpx.AsyncClient, one: IndicatorJudged) -> None:
    asked = {"period": one.period, "as_of": one.judged_at.isoformat()}
    wanted = one.model_dump(mode="json")
    result = await read(client, f"/results/{one.key}", **asked)
    explained = await read(client, f"/results/{one.key}/explain", **asked)
    card = await read(client, f"/scorecards/{PLAN}", **asked)
    series = await read(client, f"/results/{one.key}/series", **asked, limit="200")

    assert explained["reproduced"] is True
    [row] = [row for row in card["items"] if row["key"] == one.key]
    for said in (result, explained["result"], row, series["items"][-1]):
        assert {name: said[name] for name in FIGURES} == {name: wanted[name] for name in FIGURES}
    assert all(line["judged_at"] <= wanted["judged_at"] for line in series["items"])


async def test_nothing_that_comes_later_changes_what_was_shown(
    lab: Lab, client: httpx.AsyncClient
) -> None:
    """Late facts, corrections and their reversals, estimates, targets, plan versions."""
    items = [an_item(n, due=D(2019, 11, 30)) for n in range(4)]
    next_year = {
        **released(items[0], D(2019, 11, 1)).model_dump(mode="json"),
        "released_on": "2020-07-09",
    }
    plan = the_plan().snapshot
    without = plan.model_copy(update={"version": plan.version + 1, "effective_on": D(2020, 2, 1)})
    without = without.model_copy(update={"indicators": without.indicators[1:]})
    steps: list[tuple[tuple[str, Any], ...]] = [
        (("p", the_plan()), ("a", adopted(*items)), ("r0", released(items[0], D(2019, 11, 1)))),
        (("late", released(items[1], D(2019, 10, 1))),),
        (("gone", FactRetracted(source=SOURCE, id="r0", reason="the wrong guide")),),
        (("back", FactRetracted(source=SOURCE, id="gone", reason="it was the right one")),),
        (
            (
                "moved",
                FactReplaced(source=SOURCE, id="r0", reason="the next year's", data=next_year),
            ),
        ),
        (("e", EstimateStated(indicator=key("SG"), period="FY2019", value=9, revision=1)),),
        (
            (
                "t",
                TargetSet(indicator=key("SP7.1"), period="FY2019", low=Decimal("0.5"), revision=1),
            ),
        ),
        (("p2", the_plan().model_copy(update={"snapshot": without})),),
    ]
    shown: dict[str, Any] = {}
    for number, events in enumerate(steps):
        instant = await on(lab, D(2020, 1, 6) + timedelta(days=number * 4), *events)
        shown[instant] = await everything(client, instant)

    figures = [one["explain"]["result"]["numerator"] for one in shown.values()]
    wholes = [one["explain"]["result"]["denominator"] for one in shown.values()]
    assert figures[:6] == ["1", "2", "1", "2", "1", "1"]
    assert wholes[:6] == ["4", "4", "4", "4", "4", "9"]
    for instant, before in shown.items():
        assert await everything(client, instant) == before, instant
    counted = {
        instant: {line["fact"]["id"] for line in one["explain"]["numerator"]["items"]}
        for instant, one in shown.items()
    }
    assert list(counted.values())[:5] == [
        {"r0"},
        {"r0", "late"},
        {"late"},
        {"r0", "late"},
        {"late"},
    ]
    states = [one["fact"]["state"] for one in shown.values()]
    assert states[:5] == ["reported", "reported", "retracted", "reported", "replaced"]


async def everything(client: httpx.AsyncClient, instant: str) -> dict[str, Any]:
    asked = {"period": "FY2019", "as_of": instant}
    url = f"/results/{key('SG')}"
    return {
        "card": await read(client, f"/scorecards/{PLAN}", **asked),
        "result": await read(client, url, **asked),
        "series": await read(client, f"{url}/series", **asked),
        "explain": await read(client, f"{url}/explain", **asked),
        "french": await read(client, f"{url}/explain", **asked, lang="fr"),
        "facts": await read(client, "/facts", as_of=instant),
        "fact": await read(client, "/facts/r0", source=SOURCE, as_of=instant),
    }


async def test_what_is_past_may_be_kept_by_caches(lab: Lab, client: httpx.AsyncClient) -> None:
    await on(lab, D(2020, 1, 6), ("p", the_plan()), ("a", adopted(an_item(1, due=D(2019, 9, 2)))))
    await on(lab, D(2020, 3, 2), ("r", released(an_item(1), D(2020, 3, 1))))
    url = f"/api/v1/results/{key('SG')}"

    for path in (url, f"{url}/explain", f"/api/v1/scorecards/{PLAN}"):
        then = await client.get(path, params={"period": "FY2019", "as_of": "2020-01-20"})
        now = await client.get(path, params={"period": "FY2019"})
        assert then.headers["cache-control"] == "private, max-age=3600", path
        assert "Authorization" in then.headers["vary"]
        assert "must-revalidate" in now.headers["cache-control"]
        assert then.headers["etag"] != now.headers["etag"]
        for answer, more in ((then, {"as_of": "2020-01-20"}), (now, {})):
            known = {"if-none-match": answer.headers["etag"]}
            again = await client.get(path, params={"period": "FY2019", **more}, headers=known)
            assert (again.status_code, again.content) == (304, b"")
    today = await client.get(url, params={"period": "FY2019", "as_of": NOW.date().isoformat()})
    assert today.status_code == 200


async def test_without_a_period_the_year_of_that_day_is_shown(
    lab: Lab, client: httpx.AsyncClient
) -> None:
    await on(lab, D(2020, 1, 6), ("p", the_plan()), ("a", adopted(an_item(1, due=D(2019, 9, 2)))))
    await on(lab, D(2020, 7, 6))

    now = await read(client, f"/scorecards/{PLAN}")
    then = await read(client, f"/scorecards/{PLAN}", as_of="2020-01-06")
    assert (now["period"], then["period"]) == ("FY2020", "FY2019")
