"""Every contract has a schema, an example and a topic; the generated files are current."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from shared_kit.events import catalogue, codec
from shared_kit.events.base import Event
from shared_kit.events.envelope import CloudEvent
from shared_kit.events.registry import EVENTS
from shared_kit.events.topics import TOPICS

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "shared" / "contracts" / "examples"


def example(name: str) -> CloudEvent:
    body = (EXAMPLES / f"{name}.json").read_bytes()
    _, [event] = codec.from_http([("content-type", codec.STRUCTURED)], body)
    assert isinstance(event, CloudEvent)
    return event


def test_examples_and_contracts_are_the_same_set() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.json")} == set(EVENTS)


@pytest.mark.parametrize("name", EVENTS)
def test_the_example_keeps_the_contract(name: str) -> None:
    event = example(name)

    said = codec.read(event)

    assert event.type == name
    assert event.data is not None
    schema = json.loads((ROOT / f"shared/contracts/schemas/{name}.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(json.loads(event.data))
    assert codec.read_json(type(said), said.model_dump_json().encode()) == said


@pytest.mark.parametrize(("name", "contract"), EVENTS.items())
def test_the_contract_has_a_topic_and_the_examples_subject(
    name: str, contract: type[Event]
) -> None:
    if catalogue.is_correction(contract):
        return
    said = codec.read(example(name))

    assert contract.topic in TOPICS
    assert said.subject == example(name).subject


def _misspell(data: dict[str, Any], field: str) -> dict[str, Any]:
    return {(f"{name}_x" if name == field else name): value for name, value in data.items()}


@pytest.mark.parametrize(("name", "contract"), EVENTS.items())
def test_a_required_field_that_is_misspelt_is_refused(name: str, contract: type[Event]) -> None:
    event = example(name)
    assert event.data is not None
    data = json.loads(event.data)
    required = [field for field, info in contract.model_fields.items() if info.is_required()]
    assert required
    for field in required:
        broken = json.dumps(_misspell(data, field)).encode()
        with pytest.raises(ValueError, match=field):
            codec.read_json(contract, broken)


def test_the_generated_files_are_current() -> None:
    stale = [
        path
        for path, text in catalogue.files().items()
        if not (ROOT / path).exists() or (ROOT / path).read_text("utf-8") != text
    ]

    assert stale == [], "run: make contracts"


def test_every_topic_is_written_and_named_in_the_catalogue() -> None:
    page = catalogue.markdown()

    assert all(f"`{topic.name}`" in page and topic.written_by for topic in TOPICS.values())
    assert {contract.topic for contract in EVENTS.values()} - {""} == set(TOPICS)
