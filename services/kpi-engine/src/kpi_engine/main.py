"""The command `python -m kpi_engine`: serve, migrate, rebuild, reconcile, look at the engine."""

import argparse
import asyncio
import gc
import json
import sys
from collections.abc import Sequence

from kpi_engine.bootstrap import create_app, wire
from kpi_engine.config import Settings
from kpi_engine.handlers.reconcile import report_of
from kpi_engine.operations import doctor_report, reconcile_ledger, replay_ledger
from shared_kit.clock import clock_from
from shared_kit.db.migrate import upgrade
from shared_kit.delivery import crashpoints
from shared_kit.identity import refuse_unsafe_start
from shared_kit.telemetry.logging import configure_logging
from shared_kit.web.serving import kafka_log, serve


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a verb; the exit status."""
    parser = argparse.ArgumentParser(prog="kpi_engine", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("serve", help="consume facts from Apache Kafka, judge, serve the API")
    verbs.add_parser("migrate", help="bring the database up to date")
    verbs.add_parser(
        "replay",
        help="make all contributions again from the ledger; 1 if the live ones differed",
    )
    verbs.add_parser(
        "reconcile",
        help="hold contributions and figures against the ledger; 1 if something differs",
    )
    verbs.add_parser("doctor", help="offsets, lag, marks and parked records; 1 if work waits")
    chosen = parser.parse_args(arguments)
    settings = Settings()
    configure_logging(
        service="kpi-engine", level=settings.log_level, log_format=settings.log_format
    )
    match chosen.verb:
        case "migrate":
            upgrade(settings.database_url, "kpi_engine")
            return 0
        case "replay":
            return asyncio.run(_replay(settings))
        case "reconcile":
            return asyncio.run(_reconcile(settings))
    if not settings.kafka_bootstrap:
        parser.error("WCOPLAN_KPI_ENGINE__KAFKA_BOOTSTRAP names no Apache Kafka")
    if chosen.verb == "doctor":
        return asyncio.run(_doctor(settings))
    refuse_unsafe_start(auth=settings.auth, host=settings.host)
    crashpoints.check()
    # A full batch is some 200,000 short-lived objects and no circles: looking for some at every
    # 700 of them took a third of the processor time of ingest.
    gc.set_threshold(100_000, 20, 20)
    asyncio.run(serve(settings, service="kpi-engine", create_app=create_app))
    return 0


async def _replay(settings: Settings) -> int:
    engine = wire(
        settings=settings,
        log=kafka_log(settings, service="kpi-engine"),
        business=clock_from(settings.business_clock),
    )
    try:
        report = await replay_ledger(engine)
    finally:
        await engine.database.dispose()
    sys.stdout.write(json.dumps(report) + "\n")
    return 0 if report["missing"] == report["surplus"] == 0 else 1


async def _reconcile(settings: Settings) -> int:
    engine = wire(
        settings=settings,
        log=kafka_log(settings, service="kpi-engine"),
        business=clock_from(settings.business_clock),
    )
    try:
        found = await reconcile_ledger(engine)
        now = engine.business.now()
    finally:
        await engine.database.dispose()
    if found is None:
        sys.stderr.write("a check is under way in another process\n")
        return 2
    sys.stdout.write(json.dumps(report_of(found, day=now.date(), at=now), indent=1) + "\n")
    return 1 if found.findings else 0


async def _doctor(settings: Settings) -> int:
    log = kafka_log(settings, service="kpi-engine")
    await log.start()
    engine = wire(settings=settings, log=log, business=clock_from(settings.business_clock))
    try:
        report = await doctor_report(engine)
    finally:
        await engine.database.dispose()
        await log.stop()
    sys.stdout.write(json.dumps(report, indent=2) + "\n")
    waiting = report["progress"]
    return 1 if isinstance(waiting, dict) and any(waiting.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
