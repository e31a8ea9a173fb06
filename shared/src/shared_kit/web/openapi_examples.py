"""Examples in the OpenAPI documents: one for each problem answer, and nulls where they belong."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from shared_kit.web.problems import MEDIA_TYPE, problem_of_status

Document = dict[str, Any]

_REF: Final = "#/components/schemas/"
_DOCUMENTED: Final = (400, 401, 403, 404, 409, 412, 413, 415, 422, 428, 500, 503)


def problem_response_name(status: int) -> str:
    """Under which name the answer is described once: `NotFound`."""
    return HTTPStatus(status).phrase.title().replace(" ", "").replace("-", "")


def problem_responses() -> dict[str, Document]:
    """The problem answers that operations refer to, each with an example."""
    found = {}
    for status in _DOCUMENTED:
        problem = problem_of_status(status)
        example: Document = {
            "type": problem.type,
            "title": problem.title.en,
            "status": status,
            "detail": problem.meaning.en,
            "instance": "/api/v1/deliverables/wco-2019-2022:D-017-2",
            "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
        }
        if status == HTTPStatus.UNPROCESSABLE_ENTITY:
            example["errors"] = [
                {
                    "pointer": "/body/released_on",
                    "message": "A date is YYYY-MM-DD.",
                    "code": "value_error",
                }
            ]
        found[problem_response_name(status)] = {
            "description": problem.title.en,
            "content": {MEDIA_TYPE: {"schema": {"$ref": f"{_REF}Problem"}, "example": example}},
        }
    return found


def show_examples(document: Document, examples: Mapping[str, Mapping[str, Any]]) -> None:
    """Put examples beside the answers that they are of.

    An answer without one of its own shows one of the same kind from another operation.
    """
    by_kind: dict[str, Any] = {}
    without: list[Document] = []
    for item in document.get("paths", {}).values():
        for operation in item.values():
            recorded = examples.get(operation.get("operationId", ""), {})
            for status, answer in operation.get("responses", {}).items():
                for content in answer.get("content", {}).values():
                    kind = content.get("schema", {}).get("$ref", "")
                    if status in recorded:
                        content["example"] = recorded[status]
                        by_kind.setdefault(kind, recorded[status])
                    elif kind and "example" not in content:
                        without.append(content)
    for content in without:
        kind = content["schema"]["$ref"]
        if kind in by_kind:
            content["example"] = by_kind[kind]


def restore_nulls(schemas: Mapping[str, Document]) -> None:
    """Put the nulls back into examples of schemas: the framework leaves them out."""
    for schema in schemas.values():
        for example in schema.get("examples", ()):
            _restore(example, schema, schemas)


def _restore(value: Any, schema: Document, schemas: Mapping[str, Document]) -> None:
    if "$ref" in schema:
        schema = schemas[schema["$ref"].removeprefix(_REF)]
    for option in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        _restore(value, option, schemas)
    if isinstance(value, list):
        for one in value:
            _restore(one, schema.get("items", {}), schemas)
    elif isinstance(value, dict):
        properties = schema.get("properties", {})
        for name in schema.get("required", ()):
            if name not in value and _takes_null(properties.get(name, {})):
                value[name] = None
        for name, one in value.items():
            _restore(one, properties.get(name, {}), schemas)


def _takes_null(schema: Document) -> bool:
    return any(option.get("type") == "null" for option in schema.get("anyOf", ()))
