"""Clients that we did not write: a CloudEvents SDK over HTTP, the JVM's console tools on Kafka."""

import asyncio
import json
from datetime import UTC, datetime

import pytest
from cloudevents.core.bindings.http import to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent

from shared_kit.testing.kafka import console_tool
from tests.conftest import StartSystem
from tests.support.figures import PLAN, figures, get, register_member
from tests.support.systems import System
from wcoplan.folder import SHOWN_AT

SERVICE = {"authorization": "Bearer demo-service:source:*"}
TYPE = "org.wcoomd.strategy.support.requested.v1"


def request_of(member: str, request: str) -> dict[str, object]:
    return {"request": request, "member": member, "topics": ["ECP"], "received_on": "2020-01-07"}


async def read_result(system: System) -> tuple[str | None, int]:
    """The denominator of SP7.1 and how many facts explain it."""
    found = await get(system.client, f"/api/v1/results/{PLAN}:SP7.1/explain", period="FY2019")
    return found["result"]["denominator"], len(found["denominator"]["items"])


@pytest.mark.slow
async def test_a_cloudevents_sdk_posts_facts_and_reads_the_result(
    log_kind: str, start_system: StartSystem
) -> None:
    async with start_system(log_kind) as system:
        await system.move_to(SHOWN_AT)
        for number, to_message in enumerate((to_binary_event, to_structured_event), start=1):
            event = CloudEvent(
                {
                    "id": f"sdk-{number}",
                    "source": "https://portal.example/requests",
                    "type": TYPE,
                    "specversion": "1.0",
                    "subject": f"REQ-SDK-{number}",
                    "time": datetime(2020, 1, 7, 9, tzinfo=UTC),
                    "datacontenttype": "application/json",
                },
                request_of(f"X-SDK-{number}", f"REQ-SDK-{number}"),
            )
            await register_member(system, f"X-SDK-{number}")
            message = to_message(event)
            answer = await system.client.post(
                "/api/v1/events",
                content=message.body,
                headers={**message.headers, **SERVICE},
            )
            assert answer.status_code == 202, answer.text
        await system.settle()

        assert await read_result(system) == ("2", 2)


@pytest.mark.slow
async def test_kafkas_console_tools_post_facts_and_read_results(
    kafka: str, topic_prefix: str, start_system: StartSystem
) -> None:
    async with start_system("kafka", name="jvm") as system:
        await system.move_to(SHOWN_AT)
        event = {
            "specversion": "1.0",
            "id": "jvm-1",
            "source": "urn:field:office",
            "type": TYPE,
            "subject": "REQ-JVM-1",
            "data": request_of("X-JVM", "REQ-JVM-1"),
        }
        line = "content-type:application/cloudevents+json\tREQ-JVM-1\t" + json.dumps(event)
        await asyncio.to_thread(
            console_tool,
            name="org.apache.kafka.tools.ConsoleProducer",
            arguments=[
                *("--bootstrap-server", kafka, "--topic", f"{topic_prefix}jvm.activity"),
                *("--reader-property", "parse.headers=true"),
                *("--reader-property", "parse.key=true"),
            ],
            given=line + "\n",
        )
        async with asyncio.timeout(60):
            while (await figures(system))["SP7.1"].denominator != "1":
                await asyncio.sleep(0.1)
        await system.settle()

        said = await asyncio.to_thread(
            console_tool,
            name="org.apache.kafka.tools.consumer.ConsoleConsumer",
            arguments=[
                *("--bootstrap-server", kafka, "--topic", f"{topic_prefix}jvm.results"),
                *("--from-beginning", "--timeout-ms", "5000"),
            ],
        )
    results = [json.loads(text) for text in said.splitlines() if text.startswith("{")]
    last = [it for it in results if it["key"] == f"{PLAN}:SP7.1" and it["period"] == "FY2019"][-1]
    assert last["denominator"] == "1"
