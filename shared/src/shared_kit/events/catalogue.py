"""The event catalogue for people and outsiders: JSON Schemas, docs/events.md, AsyncAPI 3.

All of it is made from the registry and the topics; a test keeps the committed files current.
`python -m shared_kit.events.catalogue ROOT` writes them.
"""

import inspect
import json
import sys
from pathlib import Path
from typing import Any

from shared_kit.events.base import Event
from shared_kit.events.registry import EVENTS
from shared_kit.events.topics import TOPICS

_ATTRIBUTES = {
    "ce_id": {"type": "string", "minLength": 1},
    "ce_source": {"type": "string", "format": "uri-reference", "minLength": 1},
    "ce_specversion": {"type": "string", "const": "1.0"},
    "ce_type": {"type": "string", "minLength": 1},
    "ce_subject": {"type": "string"},
    "ce_time": {"type": "string", "format": "date-time"},
    "ce_recordedtime": {"type": "string", "format": "date-time"},
    "ce_authtype": {"type": "string", "enum": ["app_user", "service_account"]},
    "ce_authid": {"type": "string"},
    "content-type": {"type": "string", "const": "application/json"},
}


def schema_of(contract: type[Event]) -> dict[str, Any]:
    """The JSON Schema (2020-12) of an event's data."""
    schema = contract.model_json_schema(mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def is_correction(contract: type[Event]) -> bool:
    """A correction travels on the topic of the fact that it names."""
    return contract.topic == ""


def markdown() -> str:
    """The catalogue as a page."""
    lines = [
        "# Events",
        "",
        "Made from the registry (`make contracts`); a test keeps it current. Every event is a",
        "CloudEvent 1.0: binary mode on Kafka, every mode is read. (source, id) is the dedupe key.",
        "Schemas and examples lie in `shared/contracts`.",
        "",
        "## Topics",
        "",
        "| topic | partitions | key | written by | read by | largest message |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| `{topic.name}` | {topic.partitions} | {topic.key} | {', '.join(topic.written_by)} | "
        f"{', '.join(topic.read_by) or 'other systems'} | {topic.max_message_bytes // 1024} KiB |"
        for topic in TOPICS.values()
    ]
    lines += ["", "## Types", "", "| type | topic | what it says |", "| --- | --- | --- |"]
    for name, contract in EVENTS.items():
        topic = f"`{contract.topic}`" if contract.topic else "that of the corrected fact"
        said = (inspect.getdoc(contract) or "").split("\n\n")[0].replace("\n", " ")
        lines.append(f"| `{name}` | {topic} | {said} |")
    return "\n".join(lines) + "\n"


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI 3 document: one channel a topic, one message a type."""
    messages = {
        name: {
            "name": name,
            "summary": (inspect.getdoc(contract) or "").split("\n\n")[0].replace("\n", " "),
            "traits": [{"$ref": "#/components/messageTraits/cloudEventBinary"}],
            "payload": {
                "schemaFormat": "application/schema+json;version=draft-2020-12",
                "schema": schema_of(contract),
            },
        }
        for name, contract in EVENTS.items()
    }
    channels = {
        topic.name: {
            "address": f"strategy.{topic.name}",
            "messages": {
                name: {"$ref": f"#/components/messages/{name}"}
                for name, contract in EVENTS.items()
                if contract.topic == topic.name
                or (is_correction(contract) and topic.name in ("plan", "work", "activity"))
            },
            "bindings": {"kafka": {"partitions": topic.partitions, "bindingVersion": "0.5.0"}},
        }
        for topic in TOPICS.values()
    }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Strategic plan events", "version": "1.0.0"},
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": {
            f"send-{name}": {"action": "send", "channel": {"$ref": f"#/channels/{name}"}}
            for name in channels
        },
        "components": {
            "messages": messages,
            "messageTraits": {
                "cloudEventBinary": {
                    "headers": {
                        "type": "object",
                        "required": ["ce_id", "ce_source", "ce_specversion", "ce_type"],
                        "properties": _ATTRIBUTES,
                    }
                }
            },
        },
    }


def files() -> dict[str, str]:
    """Every generated file: path below the repository's root, and its text."""
    found = {
        f"shared/contracts/schemas/{name}.json": _pretty(schema_of(contract))
        for name, contract in EVENTS.items()
    }
    found["docs/events.md"] = markdown()
    found["shared/contracts/asyncapi.json"] = _pretty(asyncapi())
    return found


def _pretty(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def main(root: Path) -> None:
    for path, text in files().items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
