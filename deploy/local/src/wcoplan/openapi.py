"""The merged OpenAPI document of the whole product, made without starting anything."""

import json
import sys
from pathlib import Path
from typing import Any

import kpi_engine.bootstrap
import notifier.bootstrap
import plan_api.app
from kpi_engine.config import Settings as EngineSettings
from notifier.config import Settings as NotifierSettings
from plan_api.core.config import Settings as PlanSettings
from shared_kit.clock import SystemClock
from shared_kit.messaging.embedded import EmbeddedLog
from shared_kit.web.app import Api
from wcoplan.dispatcher import merged_document

_NOWHERE = "postgresql+asyncpg://localhost/none"


def apps() -> dict[str, Api]:
    """The three services' apps, only to be described: there is no database behind them."""
    clock = SystemClock()
    log = EmbeddedLog(database_url=_NOWHERE, prefix="")
    return {
        "plan-api": plan_api.app.create_app(
            settings=PlanSettings(database_url=_NOWHERE, auth="demo"),
            log=log,
            business=clock,
            system=clock,
        ),
        "kpi-engine": kpi_engine.bootstrap.create_app(
            settings=EngineSettings(database_url=_NOWHERE, auth="demo"),
            log=log,
            business=clock,
            system=clock,
        ),
        "notifier": notifier.bootstrap.create_app(
            settings=NotifierSettings(database_url=_NOWHERE, auth="demo"),
            log=log,
            business=clock,
            system=clock,
        ),
    }


def document() -> dict[str, Any]:
    """Describe the three services in one document; no database is asked."""
    return merged_document(apps())


def text() -> str:
    """The document as it is committed."""
    return json.dumps(document(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(text(), "utf-8")
