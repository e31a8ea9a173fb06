"""The notifier's command: `python -m notifier serve` and `migrate`."""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from notifier.bootstrap import create_app
from notifier.config import Settings
from shared_kit.db.migrate import upgrade
from shared_kit.delivery import crashpoints
from shared_kit.identity import refuse_unsafe_start
from shared_kit.telemetry.logging import configure_logging
from shared_kit.web.serving import serve


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a verb."""
    parser = argparse.ArgumentParser(prog="notifier", description=__doc__)
    parser.add_argument("verb", choices=["serve", "migrate"])
    chosen = parser.parse_args(arguments)
    settings = Settings()
    configure_logging(service="notifier", level=settings.log_level, log_format=settings.log_format)
    if chosen.verb == "migrate":
        upgrade(settings.database_url, "notifier")
        return 0
    refuse_unsafe_start(auth=settings.auth, host=settings.host)
    crashpoints.check()
    if not settings.kafka_bootstrap:
        parser.error("WCOPLAN_NOTIFIER__KAFKA_BOOTSTRAP names no Apache Kafka")
    asyncio.run(serve(settings, service="notifier", create_app=create_app))
    return 0


if __name__ == "__main__":
    sys.exit(main())
