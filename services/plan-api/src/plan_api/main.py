"""The command `python -m plan_api`: serve the API, or bring its database up to date."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from datetime import timedelta

import uvicorn

from plan_api.app import create_app
from plan_api.core.config import Settings
from shared_kit.clock import SystemClock, clock_from
from shared_kit.db.migrate import upgrade
from shared_kit.delivery import crashpoints
from shared_kit.events.topics import TOPICS
from shared_kit.identity import refuse_unsafe_start
from shared_kit.messaging.kafka import KafkaLog
from shared_kit.telemetry.logging import configure_logging


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a verb; the exit status."""
    parser = argparse.ArgumentParser(prog="plan_api", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("serve", help="serve the API and send its events to Apache Kafka")
    verbs.add_parser("migrate", help="bring the database up to date")
    chosen = parser.parse_args(arguments)
    settings = Settings()
    configure_logging(service="plan-api", level=settings.log_level, log_format=settings.log_format)
    if chosen.verb == "migrate":
        upgrade(settings.database_url, "plan_api")
        return 0
    refuse_unsafe_start(auth=settings.auth, host=settings.host)
    crashpoints.check()
    if not settings.kafka_bootstrap:
        parser.error("WCOPLAN_PLAN_API__KAFKA_BOOTSTRAP names no Apache Kafka")
    asyncio.run(_serve(settings))
    return 0


async def _serve(settings: Settings) -> None:
    log = KafkaLog(
        settings.kafka_bootstrap,
        settings.topic_prefix,
        client_id="plan-api",
        session_timeout=timedelta(milliseconds=settings.kafka_session_timeout_ms),
    )
    await log.start()
    # When uvicorn has stopped it raises the signal again; left alone that would end the process
    # before the log is closed.
    signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        await log.create_topics(tuple(TOPICS.values()))
        app = create_app(
            settings=settings,
            log=log,
            business=clock_from(settings.business_clock),
            system=SystemClock(),
        )
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                host=settings.host,
                port=settings.port,
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=5,
            )
        )
        await server.serve()
    finally:
        await log.stop()


if __name__ == "__main__":
    sys.exit(main())
