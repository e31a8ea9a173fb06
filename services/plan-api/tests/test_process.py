"""plan-api as a process of its own on Apache Kafka: it starts, dies around a commit, stops."""

from datetime import timedelta

import httpx
import pytest

from shared_kit.clock import SystemClock
from shared_kit.db.migrate import upgrade
from shared_kit.messaging.kafka import KafkaLog
from shared_kit.testing.plugin import MakeDatabase
from shared_kit.testing.processes import Processes, free_port

pytestmark = pytest.mark.slow

ACTION = {
    "key": "wco-2019-2022:A-900",
    "plan": "wco-2019-2022",
    "title": "Guidelines on transit",
    "period": "FY2019",
    "lead": "CF",
    "date_certainty": "not-given",
}


async def _records(bootstrap: str, prefix: str, topic: str) -> int:
    log = KafkaLog(bootstrap, prefix)
    await log.start()
    try:
        return sum((await log.end_offsets([topic])).values())
    finally:
        await log.stop()


async def _settled(client: httpx.AsyncClient) -> bool:
    deadline = SystemClock().now() + timedelta(seconds=20)
    while (await client.get("/progress")).json()["outbox"]:
        if SystemClock().now() > deadline:
            return False
    return True


@pytest.mark.slow
async def test_a_request_repeated_after_a_crash_is_done_once(
    database: MakeDatabase, kafka: str, topic_prefix: str, processes: Processes
) -> None:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    environment = {
        "WCOPLAN_PLAN_API__DATABASE_URL": database(
            "plan-api", migrate=lambda url: upgrade(url, "plan_api")
        ),
        "WCOPLAN_PLAN_API__KAFKA_BOOTSTRAP": kafka,
        "WCOPLAN_PLAN_API__TOPIC_PREFIX": topic_prefix,
        "WCOPLAN_PLAN_API__AUTH": "demo",
        "WCOPLAN_PLAN_API__BUSINESS_CLOCK": "2020-02-03T09:00:00+01:00",
        "WCOPLAN_PLAN_API__PORT": str(port),
    }
    headers = {"authorization": "Bearer demo-planning-office", "idempotency-key": "k-1"}
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=20) as client:
        for point in ("plan-api-before-commit", "plan-api-after-commit"):
            armed = {"WCOPLAN_FAILPOINTS": point, "WCOPLAN_ALLOW_FAILPOINTS": "1"}
            process = processes.start("plan_api", "serve", environment=environment | armed)
            process.wait_ready(f"{base}/readyz")
            with pytest.raises(httpx.TransportError):
                await client.post("/api/v1/actions", json=ACTION)
            assert process.wait_end() == 137

        process = processes.start("plan_api", "serve", environment=environment)
        process.wait_ready(f"{base}/readyz")
        answer = await client.post("/api/v1/actions", json=ACTION)
        assert await _settled(client)
        assert process.terminate() == 0

    assert answer.status_code == 201
    assert await _records(kafka, topic_prefix, "work") == 1
    assert await _records(kafka, topic_prefix, "plan") > 1


def test_migrates_by_command(database: MakeDatabase, processes: Processes) -> None:
    environment = {"WCOPLAN_PLAN_API__DATABASE_URL": database("plan-api-empty")}

    for _ in range(2):
        process = processes.start("plan_api", "migrate", environment=environment)
        assert process.wait_end() == 0


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"WCOPLAN_PLAN_API__AUTH": "demo"},
        {"WCOPLAN_PLAN_API__AUTH": "demo", "WCOPLAN_PLAN_API__HOST": "0.0.0.0"},
        {"WCOPLAN_PLAN_API__AUTH": "insecure-dev", "WCOPLAN_FAILPOINTS": "relay-after-read"},
    ],
)
def test_refuses_an_unsafe_start(environment: dict[str, str], processes: Processes) -> None:
    process = processes.start("plan_api", "serve", environment=environment)

    assert process.wait_end() not in (0, None)
