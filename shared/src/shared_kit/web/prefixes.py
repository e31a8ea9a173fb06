"""Which service answers which path: one table for the dispatcher and the gateway."""

from collections.abc import Mapping
from typing import Literal

ServiceName = Literal["plan-api", "kpi-engine", "notifier"]

SERVICES: tuple[ServiceName, ...] = ("plan-api", "kpi-engine", "notifier")
"""In the order in which they start."""

DEFAULT: ServiceName = "plan-api"

PREFIXES: Mapping[str, ServiceName] = {
    "/api/v1/scorecards": "kpi-engine",
    "/api/v1/results": "kpi-engine",
    "/api/v1/facts": "kpi-engine",
    "/api/v1/parked": "kpi-engine",
    "/api/v1/reconciliations": "kpi-engine",
    "/api/v1/alerts": "notifier",
    "/api/v1/silences": "notifier",
    "/api/v1/inbox": "notifier",
    "/api/v1/endpoints": "notifier",
    "/api/v1/deliveries": "notifier",
    "/api/v1/rules": "notifier",
    "/api/v1/stream": "notifier",
    "/api/v1/notifier": "notifier",
}
"""The longest prefix wins, whole segments only; what no prefix matches is plan-api's."""

OWN_PATHS = "/_/"
"""`/_/<service>/...` is a service's own path space (probes, metrics, progress) when embedded."""


def service_for(path: str) -> ServiceName:
    """Name the service that answers a path."""
    found = [prefix for prefix in PREFIXES if path == prefix or path.startswith(f"{prefix}/")]
    return PREFIXES[max(found, key=len)] if found else DEFAULT


def own_path(path: str) -> tuple[ServiceName, str] | None:
    """Split `/_/<service>/rest` into the service and `/rest`; None where it is no such path."""
    if not path.startswith(OWN_PATHS):
        return None
    name, _, rest = path.removeprefix(OWN_PATHS).partition("/")
    for service in SERVICES:
        if name == service:
            return service, f"/{rest}"
    return None
