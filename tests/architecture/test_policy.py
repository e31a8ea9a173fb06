"""The policy table and the routes are the same set, and every topic's reader exists."""

import re
from pathlib import Path

from fastapi.routing import APIRoute, iter_route_contexts

import kpi_engine.bootstrap
import notifier.bootstrap
import plan_api.app
from kpi_engine.config import Settings as EngineSettings
from notifier.config import Settings as NotifierSettings
from plan_api.core.config import Settings as PlanSettings
from shared_kit.clock import SystemClock
from shared_kit.events.topics import TOPICS
from shared_kit.identity import POLICY, PUBLIC
from shared_kit.messaging.kafka import KafkaLog
from shared_kit.web.app import Api
from shared_kit.web.authorization import operation_of

ROOT = Path(__file__).parents[2]


def apps() -> list[Api]:
    log, clock = KafkaLog("127.0.0.1:1", "x."), SystemClock()
    return [
        plan_api.app.create_app(
            settings=PlanSettings(auth="demo"), log=log, business=clock, system=clock
        ),
        kpi_engine.bootstrap.create_app(
            settings=EngineSettings(auth="demo"), log=log, business=clock, system=clock
        ),
        notifier.bootstrap.create_app(
            settings=NotifierSettings(auth="demo"), log=log, business=clock, system=clock
        ),
    ]


async def test_every_row_of_the_policy_table_is_an_operation() -> None:
    operations = {
        operation_of(route.original_route)
        for app in apps()
        for route in iter_route_contexts(app.routes)
        if isinstance(route.original_route, APIRoute)
    }

    assert {name for name, roles in POLICY.items() if roles != PUBLIC} == operations


def test_who_reads_a_topic_says_so_in_the_catalogue() -> None:
    code = {"plan-api": "plan_api", "kpi-engine": "kpi_engine", "notifier": "notifier"}
    for service, package in code.items():
        bootstrap = (ROOT / "services" / service / "src" / package).rglob("*.py")
        text = "\n".join(path.read_text("utf-8") for path in bootstrap)
        declared = {topic.name for topic in TOPICS.values() if service in topic.read_by}
        found = re.search(r"^(?:READ_FROM|TOPICS|READS)\b[^=]*= \(([^)]*)\)", text, re.MULTILINE)
        read = set(re.findall(r'"(\w+)"', found[1])) if found else set()
        assert read == declared, service
