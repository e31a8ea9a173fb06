"""Runs one service as a process of its own: its log, its app, its server, and an orderly end."""

import signal
import socket
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Protocol, TypeVar

import uvicorn

from shared_kit.clock import Clock, SystemClock, clock_from
from shared_kit.events.topics import TOPICS
from shared_kit.messaging.kafka import KafkaLog
from shared_kit.messaging.log import EventLog
from shared_kit.settings import ServiceSettings
from shared_kit.web.app import Api

_Settings = TypeVar("_Settings", bound=ServiceSettings, contravariant=True)


class CreateApp(Protocol[_Settings]):
    """How every service is made."""

    def __call__(
        self, *, settings: _Settings, log: EventLog, business: Clock, system: Clock
    ) -> Api: ...


class Server(uvicorn.Server):
    """Ends the answers that would go on before it waits for the others.

    uvicorn alone waits for an open stream as long as for a request, then cancels it.
    """

    def __init__(self, config: uvicorn.Config, *, ends: Sequence[Callable[[], None]]) -> None:
        super().__init__(config)
        self._ends = ends

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for end in self._ends:
            end()
        await super().shutdown(sockets)


def kafka_log(settings: ServiceSettings, *, service: str) -> KafkaLog:
    """The log that a service's settings name; nothing is opened yet."""
    return KafkaLog(
        settings.kafka_bootstrap,
        settings.topic_prefix,
        client_id=service,
        session_timeout=timedelta(milliseconds=settings.kafka_session_timeout_ms),
    )


async def serve(
    settings: _Settings,
    *,
    service: str,
    create_app: CreateApp[_Settings],
) -> None:
    """Serve until SIGTERM or SIGINT: finish what is in hand, then close the log.

    Raises:
        LogUnavailableError: Apache Kafka is away at the start; whoever runs the process tries
            again.
    """
    log = kafka_log(settings, service=service)
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
        config = uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=5,
        )
        await Server(config, ends=app.ends).serve()
    finally:
        await log.stop()
