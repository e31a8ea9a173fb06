"""From a CloudEvent that was sent to one that we vouch for: read, checked, stamped."""

import json
import re
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from plan_api.core.errors import InvalidFieldError
from plan_api.events.model import (
    FURTHEST_AHEAD,
    LARGEST_EVENT,
    AheadOfTimeError,
    NotAcceptedHereError,
    TooLargeError,
)
from shared_kit.events import codec
from shared_kit.events.base import Event
from shared_kit.events.envelope import CloudEvent, InvalidEventError, format_time
from shared_kit.events.registry import TAKEN
from shared_kit.identity import Caller, NotAllowedError, auth_context
from shared_kit.telemetry.context import current

# An escaped NUL, unless the backslash is escaped itself.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An event as it was sent and as its contract reads it."""

    event: CloudEvent
    payload: Event


def read(event: CloudEvent, *, caller: Caller, own_source: str, now: datetime) -> Said:
    """Check the envelope and read the data by their contract.

    Raises:
        InvalidEventError, InvalidFieldError, TooLargeError, NotAllowedError
    """
    if len(event.data or b"") > LARGEST_EVENT:
        raise TooLargeError
    if event.source == own_source:
        raise InvalidFieldError(
            "source", "this source is ours alone", "cette source nous est réservée"
        )
    if not caller.may_send_from(event.source):
        raise NotAllowedError("this source is not the caller's")
    if event.time is not None and event.time > now + FURTHEST_AHEAD:
        raise AheadOfTimeError
    payload = _payload(event)
    if event.type not in TAKEN:
        raise NotAcceptedHereError
    _check_json(event.data or b"")
    return Said(event=event, payload=payload)


def _payload(event: CloudEvent) -> Event:
    try:
        return codec.read(event)
    except InvalidEventError as error:
        if error.code != "not-json":
            raise
        # The request could be read: it is the event's data that are missing or of another kind.
        message = "the data are a JSON object"
        raise InvalidEventError("invalid-data", message, errors=(("/data", message),)) from error


def addressed(event: CloudEvent, *, subject: str) -> CloudEvent:
    """The event under the subject that its data demand.

    Raises:
        InvalidFieldError: it came with another one.
    """
    if event.subject is not None and event.subject != subject:
        raise InvalidFieldError(
            "subject",
            "the subject does not agree with the data",
            "le sujet ne correspond pas aux données",
        )
    return replace(event, subject=subject)


def stamped(event: CloudEvent, *, caller: Caller, now: datetime) -> CloudEvent:
    """The event with our recorded time and its caller, whatever the sender said of either."""
    extensions = {
        **event.extensions,
        **auth_context(caller),
        "recordedtime": format_time(now),
    }
    correlation = current()
    if correlation is not None:
        extensions.setdefault("traceparent", correlation.traceparent)
    return replace(event, time=event.time or now, extensions=MappingProxyType(extensions))


def _check_json(data: bytes) -> None:
    """Unknown fields travel on unread: they must be JSON that everybody behind us can store."""
    try:
        text = json.dumps(json.loads(data), allow_nan=False).encode("ascii")
    except (ValueError, RecursionError) as error:
        raise _not_storable("the data are no JSON that can be kept") from error
    if _NUL.search(text):
        raise _not_storable("the data hold a NUL character")


def _not_storable(message: str) -> InvalidEventError:
    return InvalidEventError("not-storable", message, errors=(("/data", message),))
