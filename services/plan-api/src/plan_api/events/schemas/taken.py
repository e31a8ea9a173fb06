"""What the intake takes, as OpenAPI: for each type the envelope around the schema of its data."""

from collections.abc import Mapping
from typing import Any, Final

from plan_api.events.model import LARGEST_BATCH
from shared_kit.events.base import Event
from shared_kit.events.codec import BATCH, STRUCTURED
from shared_kit.events.registry import TAKEN
from shared_kit.web.openapi import component, components_of

Schema = dict[str, Any]

_NO_CONTROL: Final = r"^[^\x00-\x1f\x7f-\x9f]*$"
_ATTRIBUTE: Final[Schema] = {"type": "string", "maxLength": 1000, "pattern": _NO_CONTROL}
_NAME: Final[Schema] = {**_ATTRIBUTE, "minLength": 1}

DATA: Final[Schema] = {
    "request": "REQ-2019-011",
    "member": "XA",
    "topics": ["CEP"],
    "received_on": "2019-09-12",
    "evidence": "19NL0311",
}
EVENT: Final[Schema] = {
    "specversion": "1.0",
    "id": "3f1c0c3e-8d0e-4f0b-9d0a-1b7f5b3b2a11",
    "source": "https://members.example.org/requests",
    "type": "org.wcoomd.strategy.support.requested.v1",
    "subject": "REQ-2019-011",
    "time": "2019-09-12T10:00:00Z",
    "datacontenttype": "application/json",
    "data": DATA,
}


def _envelope(name: str, contract: type[Event]) -> Schema:
    optional = {"type": ["string", "null"], "maxLength": 1000, "pattern": _NO_CONTROL}
    return {
        "title": f"{contract.__name__}Event",
        "description": (contract.__doc__ or name).partition("\n")[0],
        "type": "object",
        "required": ["specversion", "id", "source", "type", "data"],
        "properties": {
            "specversion": {"type": "string", "const": "1.0"},
            "id": _NAME,
            "source": {**_NAME, "format": "uri-reference"},
            "type": {"type": "string", "const": name},
            "subject": {**optional, "description": "Its own by default."},
            "time": {
                "type": ["string", "null"],
                "format": "date-time",
                "description": "When it was stated; at most 24 hours ahead.",
            },
            "datacontenttype": {"type": ["string", "null"], "enum": ["application/json", None]},
            "data": component(f"{contract.__name__}Data"),
        },
        "propertyNames": {"pattern": "^[a-z0-9]{1,20}$"},
        "additionalProperties": {
            "description": "Extension attributes of CloudEvents.",
            "anyOf": [
                _ATTRIBUTE,
                {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1},
                {"type": "boolean"},
                {"type": "null"},
            ],
        },
    }


def event_schemas() -> Mapping[str, Schema]:
    """The named schemas that the request body refers to."""
    found: dict[str, Schema] = {}
    for name, contract in TAKEN.items():
        found |= components_of(contract, name=lambda model: f"{model}Data")
        found[f"{contract.__name__}Event"] = _envelope(name, contract)
    found["TakenEvent"] = {
        "title": "TakenEvent",
        "description": "An event in structured mode (CloudEvents 1.0); `type` says which.",
        "oneOf": [component(f"{one.__name__}Event") for one in TAKEN.values()],
        "discriminator": {
            "propertyName": "type",
            "mapping": {
                name: component(f"{one.__name__}Event")["$ref"] for name, one in TAKEN.items()
            },
        },
        "examples": [EVENT],
    }
    return found


REQUEST_BODY: Final[Schema] = {
    "required": True,
    "content": {
        STRUCTURED: {"schema": component("TakenEvent"), "example": EVENT},
        BATCH: {
            "schema": {
                "type": "array",
                "maxItems": LARGEST_BATCH,
                "items": component("TakenEvent"),
            },
            "example": [EVENT],
        },
        "application/json": {
            "schema": {
                "type": "object",
                "description": "Binary mode: the data; the attributes are `ce-` headers.",
            },
            "example": DATA,
        },
    },
}


def _header(name: str, schema: Schema, example: str, description: str) -> Schema:
    return {
        "name": f"ce-{name}",
        "in": "header",
        "required": False,
        "schema": schema,
        "description": f"Binary mode: {description}",
        "example": example,
    }


_VISIBLE: Final = r"^[\x21-\x24\x26-\x7e]+$"
HEADERS: Final[list[Schema]] = [
    _header("specversion", {"type": "string", "const": "1.0"}, "1.0", "1.0, required there."),
    _header(
        "id",
        {"type": "string", "minLength": 1, "maxLength": 1000, "pattern": _VISIBLE},
        "3f1c0c3e-8d0e-4f0b-9d0a-1b7f5b3b2a11",
        "the id, required there.",
    ),
    _header(
        "source",
        {"type": "string", "minLength": 1, "maxLength": 1000, "format": "uri-reference"},
        "https://members.example.org/requests",
        "who states it, required there.",
    ),
    _header(
        "type",
        {"type": "string", "enum": list(TAKEN)},
        "org.wcoomd.strategy.support.requested.v1",
        "what it is, required there.",
    ),
]
"""The headers of binary mode; they are optional because the other modes do without them."""
