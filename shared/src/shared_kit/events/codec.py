"""CloudEvents in and out: Kafka binary and structured, HTTP binary, structured and batch.

The mode is told by the content type alone, never by the presence of ce_ headers; a structured
message may repeat them. Nothing that a caller hands in is changed.
"""

import json
from base64 import b64decode
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeVar
from urllib.parse import quote, unquote_to_bytes

from pydantic import ValidationError

from shared_kit.events.base import Event
from shared_kit.events.envelope import (
    SPECVERSION,
    CloudEvent,
    InvalidEventError,
    canonical,
    format_time,
    parse_time,
)
from shared_kit.events.registry import EVENTS

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
_CORE = ("id", "source", "type", "subject", "datacontenttype", "dataschema")

AnyEvent = TypeVar("AnyEvent", bound=Event)
Headers = Sequence[tuple[str, bytes]]


def to_kafka(event: CloudEvent) -> tuple[bytes | None, Headers]:
    """Binary mode: the data as value, attributes as ce_ headers; no data is a null value."""
    headers = [(f"ce_{name}", value.encode()) for name, value in _attributes(event)]
    # Consumers without a default need to be told, also where the event does not say.
    headers.append(("content-type", (event.datacontenttype or "application/json").encode()))
    return event.data, tuple(headers)


def from_kafka(value: bytes | None, headers: Iterable[tuple[str, bytes]]) -> CloudEvent:
    """Read a record in binary or structured mode.

    The record's key stays the record's: it is no attribute of the event.

    Raises:
        InvalidEventError: it is no CloudEvent.
    """
    texts: dict[str, str] = {}
    for name, raw in headers:
        lowered = name.lower()
        if lowered in texts:
            raise InvalidEventError("invalid-envelope", f"header {lowered} is there twice")
        if lowered.startswith("ce_") or lowered == "content-type":
            texts[lowered] = _utf8(lowered, raw)
    content_type = texts.pop("content-type", None)
    if content_type is not None and content_type.lower().startswith("application/cloudevents"):
        if not _is(content_type, STRUCTURED):
            raise InvalidEventError("invalid-envelope", f"{content_type} is not read from Kafka")
        if value is None:
            raise InvalidEventError("invalid-envelope", "a structured event has a value")
        return _from_object(_json(value))
    return _binary(
        {name.removeprefix("ce_"): text for name, text in texts.items()}, content_type, value
    )


def from_http(
    headers: Iterable[tuple[str, str]], body: bytes
) -> tuple[bool, Sequence[CloudEvent | InvalidEventError]]:
    """Read a request: (is it a batch, what it holds). A batch keeps the place of a bad item.

    Raises:
        InvalidEventError: the request as a whole is no CloudEvent.
    """
    texts: dict[str, str] = {}
    for name, text in headers:
        lowered = name.lower()
        if lowered in texts and (lowered.startswith("ce-") or lowered == "content-type"):
            raise InvalidEventError("invalid-envelope", f"header {lowered} is there twice")
        texts[lowered] = text
    content_type = texts.get("content-type")
    if content_type is not None and _is(content_type, BATCH):
        return True, _batch(body)
    if content_type is not None and _is(content_type, STRUCTURED):
        return False, [_from_object(_json(body))]
    attributes = {
        name.removeprefix("ce-"): _percent_decoded(name, text)
        for name, text in texts.items()
        if name.startswith("ce-")
    }
    return False, [_binary(attributes, content_type, body or None)]


def to_structured(event: CloudEvent) -> bytes:
    """The event as one JSON object."""
    members: dict[str, Any] = dict(_attributes(event))
    if event.datacontenttype is not None:
        members["datacontenttype"] = event.datacontenttype
    if event.data is not None:
        members["data"] = json.loads(event.data)
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()


def to_http(event: CloudEvent) -> tuple[dict[str, str], bytes]:
    """Binary mode: (headers, body)."""
    headers = {
        f"ce-{name}": quote(value, safe=" !#$&'()*+,/:;<=>?@[]^_`{|}~.-").replace(" ", "%20")
        for name, value in _attributes(event)
    }
    headers["content-type"] = event.datacontenttype or "application/json"
    return headers, event.data or b""


def read(event: CloudEvent) -> Event:
    """Validate the data by the contract of its type.

    Raises:
        InvalidEventError: an unknown type (`unknown-type`), no JSON data (`not-json`), or data
            that break the contract (`invalid-data`, with JSON pointers).
    """
    contract = EVENTS.get(event.type)
    if contract is None:
        raise InvalidEventError("unknown-type", f"no contract for type {event.type}")
    if event.data is None or not _is_json(event.datacontenttype):
        raise InvalidEventError("not-json", "the data are a JSON object")
    return read_json(contract, event.data)


def read_json(contract: type[AnyEvent], data: bytes) -> AnyEvent:
    """Validate data by a contract.

    Raises:
        InvalidEventError: the data break it (`invalid-data`, with JSON pointers).
    """
    try:
        return contract.model_validate_json(data)
    except ValidationError as error:
        errors = tuple(
            ("/data" + "".join(f"/{part}" for part in item["loc"]), item["msg"])
            for item in error.errors(include_url=False, include_context=False, include_input=False)
        )
        first = errors[0]
        raise InvalidEventError("invalid-data", f"{first[0]}: {first[1]}", errors=errors) from error


def _attributes(event: CloudEvent) -> list[tuple[str, str]]:
    found = [
        ("specversion", SPECVERSION),
        ("id", event.id),
        ("source", event.source),
        ("type", event.type),
    ]
    if event.subject is not None:
        found.append(("subject", event.subject))
    if event.time is not None:
        found.append(("time", format_time(event.time)))
    if event.dataschema is not None:
        found.append(("dataschema", event.dataschema))
    found.extend(event.extensions.items())
    return found


def _binary(
    attributes: Mapping[str, str], content_type: str | None, data: bytes | None
) -> CloudEvent:
    if not attributes:
        raise InvalidEventError(
            "not-a-cloudevent", "neither a CloudEvents content type nor ce headers"
        )
    if "datacontenttype" in attributes or "data" in attributes:
        raise InvalidEventError("invalid-envelope", "datacontenttype is the content-type header")
    return _event(attributes, content_type, data)


def _from_object(members: Any) -> CloudEvent:
    if not isinstance(members, dict):
        raise InvalidEventError("invalid-envelope", "an event is a JSON object")
    if "data" in members and "data_base64" in members:
        raise InvalidEventError("invalid-envelope", "data and data_base64 exclude each other")
    attributes = {
        name: canonical(name[:20], value)
        for name, value in members.items()
        if name not in ("data", "data_base64") and value is not None
    }
    content_type = attributes.pop("datacontenttype", "application/json")
    data: bytes | None = None
    if members.get("data_base64") is not None:
        try:
            data = b64decode(members["data_base64"], validate=True)
        except (ValueError, TypeError) as error:
            raise InvalidEventError("invalid-envelope", "data_base64 is no base64") from error
    elif "data" in members:
        try:
            data = json.dumps(members["data"], ensure_ascii=False, separators=(",", ":")).encode()
        except UnicodeEncodeError as error:
            message = "the data hold a lone surrogate"
            raise InvalidEventError(
                "invalid-data", message, errors=(("/data", message),)
            ) from error
    return _event(attributes, content_type, data)


def _event(
    attributes: Mapping[str, str], content_type: str | None, data: bytes | None
) -> CloudEvent:
    if attributes.get("specversion") != SPECVERSION:
        raise InvalidEventError("invalid-envelope", "specversion is 1.0")
    time = attributes.get("time")
    known = (*_CORE, "specversion", "time")
    return CloudEvent(
        id=attributes.get("id", ""),
        source=attributes.get("source", ""),
        type=attributes.get("type", ""),
        subject=attributes.get("subject"),
        time=None if time is None else parse_time("time", time),
        datacontenttype=content_type,
        dataschema=attributes.get("dataschema"),
        data=data,
        extensions=MappingProxyType(
            {name: text for name, text in attributes.items() if name not in known}
        ),
    )


def _batch(body: bytes) -> Sequence[CloudEvent | InvalidEventError]:
    items = _json(body)
    if not isinstance(items, list):
        raise InvalidEventError("invalid-envelope", "a batch is a JSON array")
    found: list[CloudEvent | InvalidEventError] = []
    for item in items:
        try:
            found.append(_from_object(item))
        except InvalidEventError as error:
            found.append(error)
    return found


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise InvalidEventError("not-json", "the body is no JSON") from error


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _utf8(name: str, raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise InvalidEventError("invalid-envelope", f"header {name} is no UTF-8") from error


def _percent_decoded(name: str, text: str) -> str:
    # RFC 7230 allows a quoted string around a value.
    if len(text) >= 2 and text[0] == text[-1] == '"':
        text = text[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return _utf8(name, unquote_to_bytes(text.encode("latin-1", "replace")))


def _is(content_type: str, wanted: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == wanted


def _is_json(content_type: str | None) -> bool:
    if content_type is None:
        return True
    bare = content_type.partition(";")[0].strip().lower()
    return bare == "application/json" or bare.endswith("+json")
