"""The story of the product, on both logs: late, told, released, moved, explained, and kept."""

from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import OpenLog, StartSystem
from tests.support.figures import (
    PLAN,
    Figure,
    figures,
    get,
    mails,
    moved,
    notices,
    open_alerts,
    the_mail,
)
from tests.support.logs import all_of, type_of
from tests.support.systems import System
from wcoplan import starter
from wcoplan.folder import SHOWN_AT

PUBLISHED = "org.wcoomd.strategy.plan.published.v1"
ADOPTED = "org.wcoomd.strategy.implementation-plan.adopted.v1"
TOOL = f"{PLAN}:D-900-1"
# The domain's example: a CEP tool tagged IT and data analysis that serves SO3.
DELIVERABLE = {
    "deliverable": TOOL,
    "plan": PLAN,
    "title": "Tool for the analysis of declarations (fictional)",
    "period": "FY2019",
    "listed": False,
    "kind": "instrument",
    "unit": "CF",
    "objectives": [f"{PLAN}:SO3"],
    "priorities": [f"{PLAN}:PRI-9"],
    "packages": ["CEP"],
    "uses_it": True,
    "data_analysis": True,
    "date_certainty": "not-given",
    "synthetic": True,
}

SUBJECT = "[Critical] Leadership, guidance and support (SG): 23 are done where 36 were expected"
TEXT = """\
Demonstration, not a WCO publication; synthetic data.
SG. Provide leadership, guidance and support to Customs administrations: \
planned initiatives carried out, FY2019/20.
23 are done where 36 were expected by 4 January 2020; \
of the 26 with a date by then, 20 are released. \
If work were normal (95 % done), so few would occur about once in 660.
Overdue: Guide on transit guarantees (30 Nov, 65 days), \
Workshop on risk profiles (13 Dec, 52 days), and 4 more: [list]
Year: 23 of 61 estimated. \
Please release what is done, or say what stands in the way: [Open SG] [Acknowledge]
You get this because your unit owns SG. Next mail when it gets worse or recovers.
As known on 3 February 2020, 09:00 Brussels. \
Our calculation, not part of the Plan."""


async def release(system: System, key: str, *, on: str) -> None:
    deliverable = await system.client.get(f"/api/v1/deliverables/{key}")
    answer = await system.client.post(
        f"/api/v1/deliverables/{key}/release",
        json={"released_on": on, "stage": "published", "evidence": "document X-1"},
        headers={"if-match": deliverable.headers["etag"]},
    )
    assert answer.status_code == 200, answer.text


async def explained(system: System, code: str) -> dict[str, Any]:
    found: dict[str, Any] = await get(
        system.client, f"/api/v1/results/{PLAN}:{code}/explain", period="FY2019"
    )
    return found


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_a_deliverable_is_released_and_all_the_rest_follows(
    log_kind: str, start_system: StartSystem
) -> None:
    async with start_system(log_kind) as system:
        await starter.load(system.client)
        await system.settle()
        assert await open_alerts(system) == [], "half a day's facts told nobody"

        await system.move_to(SHOWN_AT)
        before = await figures(system)
        assert before["SG"] == Figure("23", "61", "26", "20", before["SG"].status, None)
        assert before["SG"].status in ("at-risk", "off-track")
        [alert] = await open_alerts(system)
        assert (alert["indicator"], alert["level"]) == (f"{PLAN}:SG", "critical")
        assert len(await notices(system)) == len(mails(system)) == 1
        mail = the_mail(system)
        assert mail["subject"] == SUBJECT
        body = mail.get_body(("plain",))
        assert body is not None
        text, links = body.get_content().replace("\r\n", "\n").split("\n\n")
        assert text == TEXT
        assert [line.split(" http")[0] for line in links.splitlines()] == [
            "[list]",
            "[Open SG]",
            "[Acknowledge]",
        ]

        answer = await system.client.post("/api/v1/deliverables", json=DELIVERABLE)
        assert answer.status_code == 201, answer.text
        await release(system, TOOL, on="2020-02-03")
        await system.settle()

        after = await figures(system)
        assert moved(before, after).keys() == {"SG", "SO3", "SP3.1", "LD2.1", "LD2.2"}
        assert moved(before, after)["SG"] == ("23", "24")
        for code in moved(before, after):
            side = (await explained(system, code))["numerator"]["items"]
            [line] = [item for item in side if item["item"] == TOOL]
            fact = line["fact"]
            kept = await get(system.client, "/api/v1/facts", subject=TOOL)
            assert fact["id"] in {item["id"] for item in kept["items"]}
            assert len(side) == int(after[code].numerator or 0)

        answer = await system.client.post(
            f"/api/v1/alerts/{alert['id']}/ack", json={"comment": "With the translators."}
        )
        assert answer.status_code == 200, answer.text
        told = await notices(system)
        for service in system.processes:
            await system.restart(service)
        await system.settle()
        assert await figures(system) == after, "nothing is lost by kill -9"
        assert await notices(system) == told

        await system.move_to(SHOWN_AT + timedelta(days=1))
        assert (await figures(system))["SG"].numerator == "24"
        assert await notices(system) == told, "the same deviation is not told twice"


@pytest.mark.slow
@pytest.mark.timeout(360)
async def test_facts_posted_twice_shuffled_and_before_their_plan_give_the_same_figures(
    log_kind: str, start_system: StartSystem, open_log: OpenLog
) -> None:
    given = starter.read()
    events = given.events
    async with start_system(log_kind, name="plain") as system:
        await starter.load(system.client)
        await system.move_to(SHOWN_AT)
        judged = await figures(system)
        plain = {code: figure.numerator for code, figure in judged.items()}
    assert system.complaints() == [], "a healthy run, its end included, has no errors to tell"

    async with start_system(log_kind, name="shuffled") as system:
        # The facts first, backwards and twice; the yearly plan, estimates and targets come later.
        for member in given.members:
            assert (await system.client.post("/api/v1/members", json=member)).status_code == 201
        for event in [*reversed(events), *events]:
            answer = await system.client.post(
                "/api/v1/events",
                json=event,
                headers={"content-type": "application/cloudevents+json"},
            )
            assert answer.status_code == 202, answer.text
        await starter.load(system.client)
        await system.move_to(SHOWN_AT)

        assert {code: figure.numerator for code, figure in (await figures(system)).items()} == plain
        assert len(await notices(system)) == 1

    # Facts, estimates and the yearly plan lie on the log before the plan that defines them.
    async with open_log(log_kind, "plain") as log:
        written = await all_of(log)
    early = [message for message in written if type_of(message) != PUBLISHED]
    assert ADOPTED in {type_of(message) for message in early}
    assert len(early) < len(written)
    async with start_system(log_kind, name="late", before=early) as system:
        await system.move_to(SHOWN_AT)

        assert await figures(system) == judged
        assert len(await notices(system)) == 1
    async with open_log(log_kind, "late") as log:
        order = [type_of(message) for message in await all_of(log, topics=("plan",))]
    assert order.index(PUBLISHED) > order.index(ADOPTED)
