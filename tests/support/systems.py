"""The product as its users run it: one embedded process, or three on PostgreSQL and Kafka.

Both offer a client to the one path space, `settle`, a movable business clock and kill -9.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import httpx

from shared_kit.clock import FileClock
from shared_kit.testing.processes import ServiceProcess, free_port
from shared_kit.testing.warm import Warm
from shared_kit.web.prefixes import SERVICES, own_path, service_for
from wcoplan.settle import settle

PACKAGES = {"plan-api": "plan_api", "kpi-engine": "kpi_engine", "notifier": "notifier"}
OFFICE = {"authorization": "Bearer demo-planning-office"}
READY = timedelta(seconds=60)


class _OnePathSpace(httpx.AsyncBaseTransport):
    """What the gateway does: the prefix table, one address per service."""

    def __init__(self, ports: Mapping[str, int]) -> None:
        self._ports = ports
        self._inner = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        own = own_path(request.url.path)
        if own is None:
            service, path = service_for(request.url.path), request.url.raw_path
        else:
            service, path = own[0], own[1].encode()
        request.url = request.url.copy_with(
            host="127.0.0.1", port=self._ports[service], raw_path=path
        )
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


@dataclass(kw_only=True)
class System:
    """A running product. `processes` has a service's own process, or the one that runs all."""

    kind: str
    processes: dict[str, ServiceProcess]
    ports: dict[str, int]
    clock: FileClock
    client: httpx.AsyncClient
    mail: Path
    database_urls: Mapping[str, str] = field(default_factory=dict)
    """By package; empty where the system keeps a PostgreSQL of its own."""

    async def settle(self, *, seconds: float = 90) -> None:
        await settle(self.client, deadline=timedelta(seconds=seconds))

    async def move_to(self, instant: datetime) -> None:
        """Move the business clock, settled before and after."""
        await self.settle()
        self.clock.move_to(instant)
        await self.settle()

    def process_of(self, service: str) -> ServiceProcess:
        return self.processes.get(service) or self.processes["all"]

    async def ready(self, service: str) -> None:
        port = self.ports.get(service) or self.ports["all"]
        await asyncio.to_thread(
            self.process_of(service).wait_ready, f"http://127.0.0.1:{port}/readyz", within=READY
        )

    async def restart(self, service: str) -> None:
        """kill -9, then start again with the process's environment of now."""
        process = self.process_of(service)
        await asyncio.to_thread(process.kill)
        process.start()
        await self.ready(service)

    def complaints(self) -> list[str]:
        """What a healthy run does not say: errors, and, of a service alone, what is no JSON."""
        found = []
        for name, process in self.processes.items():
            for line in process.log().splitlines():
                if name == "all":
                    wrong = "[error" in line or "[critical" in line or "Traceback" in line
                else:
                    wrong = not line.startswith("{") or '"level": "error"' in line
                if wrong:
                    found.append(f"{name}: {line}")
        return found

    def log(self) -> str:
        """The end of what each process said, for a failing test."""
        return "\n".join(f"== {name}\n{it.log()[-2000:]}" for name, it in self.processes.items())


@asynccontextmanager
async def _started(system: System) -> AsyncIterator[System]:
    try:
        for process in system.processes.values():
            process.start()
        await asyncio.gather(*(system.ready(name) for name in system.processes))
        yield system
    finally:
        for process in system.processes.values():
            if process.is_running():
                process.terminate()


@asynccontextmanager
async def three_processes(
    *,
    home: Path,
    database_urls: Mapping[str, str],
    kafka: str,
    topic_prefix: str,
    start_at: datetime,
    commands: Mapping[str, list[str]] | None = None,
    warm: Warm | None = None,
) -> AsyncIterator[System]:
    """Three services on migrated databases and existing topics of Apache Kafka.

    `commands` replaces the command of a service: how a negative control is run.
    """
    home.mkdir(parents=True, exist_ok=True)
    clock = FileClock(home / "clock")
    clock.move_to(start_at)
    ports: dict[str, int] = {service: free_port() for service in SERVICES}
    processes = {}
    for service, package in PACKAGES.items():
        prefix = f"WCOPLAN_{package.upper()}__"
        environment = {
            f"{prefix}DATABASE_URL": database_urls[package],
            f"{prefix}KAFKA_BOOTSTRAP": kafka,
            f"{prefix}KAFKA_SESSION_TIMEOUT_MS": "1500",
            f"{prefix}TOPIC_PREFIX": topic_prefix,
            f"{prefix}AUTH": "demo",
            f"{prefix}BUSINESS_CLOCK": f"file:{clock.path}",
            f"{prefix}HOST": "127.0.0.1",
            f"{prefix}PORT": str(ports[service]),
            "WCOPLAN_PLAN_API__ENGINE_URL": f"http://127.0.0.1:{ports['kpi-engine']}",
            "WCOPLAN_PLAN_API__NOTIFIER_URL": f"http://127.0.0.1:{ports['notifier']}",
            "WCOPLAN_NOTIFIER__MAIL_DIR": str(home / "mail"),
            "WCOPLAN_NOTIFIER__DEMO": "true",
        }
        processes[service] = ServiceProcess(
            name=service,
            command=(commands or {}).get(service) or [sys.executable, "-m", package, "serve"],
            environment=environment,
            log=home / f"{service}.log",
            warm=warm,
        )
    async with httpx.AsyncClient(
        transport=_OnePathSpace(ports), base_url="http://127.0.0.1", timeout=30, headers=OFFICE
    ) as client:
        system = System(
            kind="kafka",
            processes=processes,
            ports=ports,
            clock=clock,
            client=client,
            mail=home / "mail",
            database_urls=database_urls,
        )
        async with _started(system):
            yield system


@asynccontextmanager
async def one_process(
    *,
    home: Path,
    start_at: datetime,
    warm: Warm | None = None,
    command: Sequence[str] = ("wcoplan.main",),
    choice: str = "--empty",
) -> AsyncIterator[System]:
    """The embedded product in a process of its own, with its own PostgreSQL, without the demo.

    `command` names the module, and what comes before `up`: how a negative control is run.
    """
    home.mkdir(parents=True, exist_ok=True)
    clock = FileClock(home / "clock")
    clock.move_to(start_at)
    port = free_port()
    process = ServiceProcess(
        name="all",
        command=[
            *(sys.executable, "-m", *command, "up", choice),
            *("--port", str(port), "--home", str(home)),
        ],
        environment={},
        log=home / "all.log",
        warm=warm,
    )
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", timeout=30, headers=OFFICE, trust_env=False
    ) as client:
        system = System(
            kind="embedded",
            processes={"all": process},
            ports={"all": port},
            clock=clock,
            client=client,
            mail=home / "mail",
        )
        async with _started(system):
            yield system
