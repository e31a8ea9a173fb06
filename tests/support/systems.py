"""The product as its users run it: one embedded process, or three on PostgreSQL and Kafka.

Both offer a client to the one path space, `settle`, a movable business clock and kill -9.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import httpx

from shared_kit.clock import FileClock
from shared_kit.web.prefixes import SERVICES, own_path, service_for
from wcoplan.settle import settle

PACKAGES = {"plan-api": "plan_api", "kpi-engine": "kpi_engine", "notifier": "notifier"}
OFFICE = {"authorization": "Bearer demo-planning-office"}
READY = timedelta(seconds=60)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class NotReadyError(AssertionError):
    """A process did not become ready in time; holds the end of what it said."""


@dataclass(kw_only=True)
class Process:
    """One process of ours: started, watched, killed by its own pid."""

    command: list[str]
    env: Mapping[str, str]
    port: int
    log: Path
    running: subprocess.Popen[bytes] | None = None
    starts: int = 0

    def start(self, **extra: str) -> None:
        self.starts += 1
        with self.log.open("ab") as out:
            self.running = subprocess.Popen(
                self.command,
                env={**os.environ, **self.env, **extra},
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
            )

    @property
    def alive(self) -> bool:
        return self.running is not None and self.running.poll() is None

    def kill(self) -> None:
        """kill -9: no cleanup, as in a crash."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        if self.running is None:
            return
        if self.running.poll() is None:
            self.running.send_signal(number)
        try:
            self.running.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.running.kill()
            self.running.wait(timeout=20)
        self.running = None

    async def ready(self) -> None:
        until = time.monotonic() + READY.total_seconds()
        async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
            while time.monotonic() < until:
                if not self.alive:
                    raise NotReadyError(f"ended: {self.tail()}")
                try:
                    answer = await client.get(f"http://127.0.0.1:{self.port}/readyz")
                except httpx.TransportError:
                    await asyncio.sleep(0.05)
                    continue
                if answer.status_code == 200:
                    return
                await asyncio.sleep(0.05)
        raise NotReadyError(self.tail())

    def tail(self) -> str:
        return self.log.read_text("utf-8", errors="replace")[-3000:]


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
    """A running product."""

    kind: str
    processes: dict[str, Process]
    clock: FileClock
    client: httpx.AsyncClient
    mail: Path
    base_urls: Mapping[str, str] = field(default_factory=dict)

    async def settle(self, *, seconds: float = 90) -> None:
        await settle(self.client, deadline=timedelta(seconds=seconds))

    async def move_to(self, instant: datetime) -> None:
        await self.settle()
        self.clock.move_to(instant)
        await self.settle()

    def process_of(self, service: str) -> Process:
        """The process that runs a service: its own, or the one that runs all."""
        return self.processes.get(service) or self.processes["all"]

    async def restart(self, service: str, **extra: str) -> None:
        process = self.process_of(service)
        process.kill()
        process.start(**extra)
        await process.ready()

    async def start(self, services: Iterable[str] | None = None, **extra: str) -> None:
        chosen = [self.processes[name] for name in services or self.processes]
        for process in chosen:
            process.start(**extra)
        await asyncio.gather(*(process.ready() for process in chosen))


@asynccontextmanager
async def three_processes(
    *,
    home: Path,
    database_urls: Mapping[str, str],
    kafka: str,
    topic_prefix: str,
    start_at: datetime,
    commands: Mapping[str, list[str]] | None = None,
    **extra: str,
) -> AsyncIterator[System]:
    """Three services on PostgreSQL and Apache Kafka; databases are migrated, topics made here.

    `commands` replaces the command of a service: how a negative control is run.
    """
    clock = FileClock(home / "clock")
    clock.move_to(start_at)
    ports = {service: free_port() for service in SERVICES}
    base = {service: f"http://127.0.0.1:{port}" for service, port in ports.items()}
    processes = {}
    for service, package in PACKAGES.items():
        prefix = f"WCOPLAN_{package.upper()}__"
        env = {
            f"{prefix}DATABASE_URL": database_urls[package],
            f"{prefix}KAFKA_BOOTSTRAP": kafka,
            f"{prefix}KAFKA_SESSION_TIMEOUT_MS": "1500",
            f"{prefix}TOPIC_PREFIX": topic_prefix,
            f"{prefix}AUTH": "demo",
            f"{prefix}BUSINESS_CLOCK": f"file:{clock.path}",
            f"{prefix}HOST": "127.0.0.1",
            f"{prefix}PORT": str(ports[service]),
            "WCOPLAN_PLAN_API__ENGINE_URL": base["kpi-engine"],
            "WCOPLAN_PLAN_API__NOTIFIER_URL": base["notifier"],
            "WCOPLAN_NOTIFIER__MAIL_DIR": str(home / "mail"),
            "WCOPLAN_NOTIFIER__DEMO": "true",
        }
        command = (commands or {}).get(service) or [sys.executable, "-m", package, "serve"]
        processes[service] = Process(
            command=command, env=env, port=ports[service], log=home / f"{service}.log"
        )
    async with httpx.AsyncClient(
        transport=_OnePathSpace(ports), base_url="http://127.0.0.1", timeout=30, headers=OFFICE
    ) as client:
        system = System(
            kind="kafka",
            processes=processes,
            clock=clock,
            client=client,
            mail=home / "mail",
            base_urls=base,
        )
        try:
            await system.start(**extra)
            yield system
        finally:
            for process in processes.values():
                process.stop()


@asynccontextmanager
async def one_process(
    *, home: Path, server_url: str, start_at: datetime, **extra: str
) -> AsyncIterator[System]:
    """The embedded product in a process of its own, on databases of a given PostgreSQL."""
    clock = FileClock(home / "clock")
    clock.move_to(start_at)
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "wcoplan.main",
        "up",
        "--port",
        str(port),
        "--home",
        str(home),
        "--empty",
    ]
    process = Process(
        command=command, env={"WCOPLAN_DATABASE_URL": server_url}, port=port, log=home / "all.log"
    )
    base = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient(
        base_url=base, timeout=30, headers=OFFICE, trust_env=False
    ) as client:
        system = System(
            kind="embedded",
            processes={"all": process},
            clock=clock,
            client=client,
            mail=home / "mail",
            base_urls=dict.fromkeys(SERVICES, base),
        )
        try:
            await system.start(**extra)
            yield system
        finally:
            process.stop()
