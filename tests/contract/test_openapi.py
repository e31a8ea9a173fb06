"""The merged document of the three services: valid, by our own rules, true in its examples."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import validate

from tests.contract.rules import broken, contents, examples, operations
from wcoplan.openapi import document, text

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def merged() -> dict[str, Any]:
    """The document, made once."""
    return document()


def test_an_independent_validator_has_nothing_to_say(merged: dict[str, Any]) -> None:
    validate(merged)


def test_every_rule_of_ours_is_kept(merged: dict[str, Any]) -> None:
    assert broken(merged) == []


def test_the_rules_find_what_is_broken(merged: dict[str, Any]) -> None:
    spoilt = json.loads(json.dumps(merged))
    spoilt["info"].pop("license")
    spoilt["tags"][0]["description"] = ""
    operation = spoilt["paths"]["/api/v1/units"]["get"]
    operation |= {
        "operationId": "Units",
        "summary": "",
        "description": "",
        "tags": [],
        "security": [],
    }
    del operation["responses"]["200"], operation["responses"]["503"]
    spoilt["components"]["schemas"]["Nobodys"] = {"properties": {"a": {"type": "array"}}}

    assert len(broken(spoilt)) >= 10


def test_every_example_is_what_its_schema_says(merged: dict[str, Any]) -> None:
    checked = 0
    for method, path, operation in operations(merged):
        for place, content in contents(operation):
            schema = {**content.get("schema", {}), "components": merged["components"]}
            validator = Draft202012Validator(schema, format_checker=FormatChecker())
            for example in examples(content, merged):
                checked += 1
                wrong = [error.message[:200] for error in validator.iter_errors(example)]
                assert wrong == [], f"{method} {path} {place}"
    assert checked > 90


def test_the_committed_document_is_the_present_one() -> None:
    committed = (ROOT / "docs/openapi.json").read_text("utf-8")

    assert committed == text(), "run `make contracts`"


def test_a_change_must_name_the_version_that_it_changes(merged: dict[str, Any]) -> None:
    for _, _, operation in operations(merged):
        for parameter in operation.get("parameters", ()):
            if parameter["name"] == "If-Match":
                assert parameter["required"]
