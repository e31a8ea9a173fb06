"""kpi-engine without its port: what consumes, judges and sends, on either log, right or wrong.

`python -m tests.support.trial_engine right|naive|lossy` runs until it is killed, set by the
engine's own variables and by TRIAL_EVENT_LOG, the database of an embedded log. A consumer group
of its own each time: the session of a killed member need not run out on Apache Kafka, and where
to go on is said by the stored offsets alone.
"""

import asyncio
import os
import sys

import kpi_engine.bootstrap
from kpi_engine.config import Settings
from shared_kit.clock import SystemClock, clock_from
from shared_kit.messaging.embedded import EmbeddedLog
from shared_kit.messaging.kafka import KafkaLog
from shared_kit.telemetry.logging import configure_logging
from tests.support.lossy_engine import LossyLoop
from tests.support.naive_engine import NaiveEngine
from tests.support.wrong_engines import NaiveOnTheEmbeddedLog


async def run(settings: Settings, database: str) -> None:
    """The product's app, its lifespan entered and never left."""
    log = the_log(settings, database)
    await log.start()
    app = kpi_engine.bootstrap.create_app(
        settings=settings,
        log=log,
        business=clock_from(settings.business_clock),
        system=SystemClock(),
    )
    async with app.router.lifespan_context(app):
        await asyncio.Event().wait()


async def run_naive(settings: Settings, database: str) -> None:
    engine: NaiveEngine
    if database:
        log = EmbeddedLog(database, settings.topic_prefix)
        await log.start()
        engine = NaiveOnTheEmbeddedLog(database_url=settings.database_url, log=log)
    else:
        engine = NaiveEngine(
            database_url=settings.database_url,
            bootstrap=settings.kafka_bootstrap,
            prefix=settings.topic_prefix,
        )
    await engine.start()
    await engine.run()


def the_log(settings: Settings, database: str) -> EmbeddedLog | KafkaLog:
    if database:
        return EmbeddedLog(database, settings.topic_prefix)
    return KafkaLog(settings.kafka_bootstrap, settings.topic_prefix)


def main() -> None:
    settings = Settings()
    configure_logging(service="kpi-engine", level="warning", log_format="json")
    database = os.environ.get("TRIAL_EVENT_LOG", "")
    setattr(kpi_engine.bootstrap, "GROUP", f"kpi-engine-{os.getpid()}")  # noqa: B010 - it is no interface
    if sys.argv[1] == "naive":
        asyncio.run(run_naive(settings, database))
        return
    if sys.argv[1] == "lossy":
        setattr(kpi_engine.bootstrap, "ConsumerLoop", LossyLoop)  # noqa: B010 - it is no interface
    asyncio.run(run(settings, database))


if __name__ == "__main__":
    main()
