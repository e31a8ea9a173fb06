"""The ids that tie log lines, answers and events of one request together."""

import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

_TRACEPARENT = re.compile(r"^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$")
_REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{1,64}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlation:
    """A request id (ours or the client's) and a W3C trace."""

    request_id: str
    trace_id: str
    span_id: str
    flags: str = "01"

    @property
    def traceparent(self) -> str:
        """What is handed on: with an outbox row, a Kafka header, an outgoing call."""
        return f"00-{self.trace_id}-{self.span_id}-{self.flags}"


_current: ContextVar[Correlation | None] = ContextVar("correlation", default=None)


def current() -> Correlation | None:
    """The correlation of the request under way, if there is one."""
    return _current.get()


def outgoing_headers() -> Mapping[str, str]:
    """What a call to another service carries, so that its log lines join ours."""
    correlation = _current.get()
    if correlation is None:
        return {}
    return {"x-request-id": correlation.request_id, "traceparent": correlation.traceparent}


@contextmanager
def correlate(*, request_id: str | None, traceparent: str | None) -> Iterator[Correlation]:
    """Take over the ids that came, where they are well formed; else make new ones.

    They hold for the block only: in process, one service's request runs inside another's.
    """
    found = _TRACEPARENT.match(traceparent or "")
    correlation = Correlation(
        request_id=request_id
        if request_id and _REQUEST_ID.fullmatch(request_id)
        else secrets.token_hex(16),
        trace_id=found[1] if found else secrets.token_hex(16),
        span_id=secrets.token_hex(8),
        flags=found[3] if found else "01",
    )
    token = _current.set(correlation)
    try:
        yield correlation
    finally:
        _current.reset(token)
