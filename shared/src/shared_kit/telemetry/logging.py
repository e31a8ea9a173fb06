"""Logs as one JSON object a line (pretty on a terminal), the libraries' and uvicorn's included."""

import logging
import sys
from collections.abc import Sequence
from typing import Final, Literal

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

from shared_kit.telemetry.context import current

LogFormat = Literal["json", "pretty"]

_ROUTED: Final = ("uvicorn", "uvicorn.error", "uvicorn.access", "asyncio", "alembic", "aiokafka")
_CONTROL: Final = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0))} | {
    ord("\n"): "\\n",
    ord("\r"): "\\r",
    ord("\t"): "\\t",
    0x2028: "\\u2028",
    0x2029: "\\u2029",
}


def configure_logging(*, service: str, level: str = "info", log_format: LogFormat = "json") -> None:
    """Route structlog and the standard library into one handler on stdout.

    Called once per process, by `main`. Lines carry time (UTC), level, logger, service, and the
    request's ids. Control characters are escaped in both formats, so nobody can forge a line.
    """
    pretty = log_format == "pretty"
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_shared(service),
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_rendering(pretty=pretty),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _ROUTED:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        # A server configured earlier in this process may have left its own level behind.
        logger.setLevel(logging.NOTSET)
    # The access log of our own middleware knows the route and the trace; these repeat it.
    logging.getLogger("uvicorn.access").disabled = True
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # Each look at the schema's version, as a probe takes it, would say the same two lines again.
    logging.getLogger("alembic.runtime.migration").addFilter(_is_news)
    logging.getLogger("aiokafka.consumer.group_coordinator").addFilter(_passes)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(service),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _is_news(record: logging.LogRecord) -> bool:
    return not record.getMessage().startswith(("Context impl ", "Will assume "))


def _passes(record: logging.LogRecord) -> bool:
    """A broker that is still choosing a coordinator is asked again: a warning, no error."""
    if record.getMessage().startswith("Group Coordinator Request failed"):
        record.levelno, record.levelname = logging.WARNING, "WARNING"
    return True


def _shared(service: str) -> Sequence[Processor]:
    def name_the_service(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event.setdefault("service", service)
        return event

    return [
        structlog.contextvars.merge_contextvars,
        _correlated,
        name_the_service,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        _said_once,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    ]


def _said_once(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    event.pop("color_message", None)  # uvicorn's message again, with escapes for a terminal
    return event


def _rendering(*, pretty: bool) -> Sequence[Processor]:
    if pretty:
        # Escaped before rendering: the renderer's own colours must stay, the input's must not.
        return [
            structlog.processors.format_exc_info,
            _harmless,
            structlog.dev.ConsoleRenderer(
                colors=sys.stdout.isatty(),
                timestamp_key="time",
                exception_formatter=structlog.dev.plain_traceback,
            ),
        ]
    return [
        # Without local variables: their values may be personal data.
        structlog.processors.ExceptionRenderer(
            structlog.tracebacks.ExceptionDictTransformer(show_locals=False, max_frames=30)
        ),
        # ASCII only: no surrogate can break the write, no separator can break the line.
        structlog.processors.JSONRenderer(ensure_ascii=True, default=repr),
    ]


def _correlated(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    correlation = current()
    if correlation:
        event.setdefault("request_id", correlation.request_id)
        event.setdefault("trace_id", correlation.trace_id)
    return event


def _harmless(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    for key, value in event.items():
        if key == "exception" and isinstance(value, str):
            # A traceback keeps its lines, but none of them begins where a log line would.
            event[key] = "\n".join(f"  | {_escaped(line)}" for line in value.split("\n"))
        elif isinstance(value, str):
            event[key] = _escaped(value)
    return event


def _escaped(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8").translate(_CONTROL)
