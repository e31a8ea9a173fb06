"""The command `python -m plan_api`: serve the API, or bring its database up to date."""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from plan_api.app import create_app
from plan_api.core.config import Settings
from shared_kit.db.migrate import upgrade
from shared_kit.delivery import crashpoints
from shared_kit.identity import refuse_unsafe_start
from shared_kit.telemetry.logging import configure_logging
from shared_kit.web.serving import serve


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
    asyncio.run(serve(settings, service="plan-api", create_app=create_app))
    return 0


if __name__ == "__main__":
    sys.exit(main())
