"""The OpenAPI documents: problem answers on every operation, and three documents made one."""

import copy
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any, Final

from pydantic import BaseModel

from shared_kit.web.openapi_examples import (
    problem_response_name,
    problem_responses,
    restore_nulls,
    show_examples,
)

Document = dict[str, Any]
Examples = Mapping[str, Mapping[str, Any]]
"""Answers by operationId and status."""

LICENSE: Final = {"name": "Apache License 2.0", "identifier": "Apache-2.0"}
CONTACT: Final = {"name": "Whoever operates this installation"}
SERVERS: Final = [{"url": "/", "description": "This installation."}]

_METHODS: Final = ("get", "put", "post", "delete", "patch")
_TAG: Final = r'(W/)?"[\x21\x23-\x2b\x2d-\x7e]*"'  # no comma in it: none of ours has one
_REF: Final = "#/components/schemas/"

_LINK: Final[Document] = {
    "description": 'The pages around this one (RFC 8288), rel="next" and rel="prev": this '
    "request's path and query with their cursor. Absent where there is none, or "
    "where it would be too long.",
    "schema": {"type": "string"},
    "example": '</api/v1/deliverables?limit=50&cursor=d2hhdGV2ZXI>; rel="next"',
}

_PROBLEM: Final[Document] = {
    "title": "Problem",
    "description": "An error (RFC 9457). `type` leads to its documentation.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "instance": {"type": "string", "format": "uri-reference"},
        "trace_id": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "message", "code"],
                "properties": {
                    "pointer": {
                        "type": "string",
                        "format": "json-pointer",
                        "description": "JSON pointer; its first part is body, path, query "
                        "or header.",
                    },
                    "message": {"type": "string"},
                    "code": {"type": "string"},
                },
            },
        },
    },
    "examples": [
        {
            "type": "/problems/invalid-input",
            "title": "The input is not valid",
            "status": 422,
            "detail": "`errors` names each place by JSON pointer and what is wrong.",
            "instance": "/api/v1/deliverables",
            "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
            "errors": [
                {
                    "pointer": "/body/due",
                    "message": "A date is YYYY-MM-DD.",
                    "code": "value_error",
                }
            ],
        }
    ],
}


def component(name: str) -> dict[str, Any]:
    """A reference to a named schema."""
    return {"$ref": f"{_REF}{name}"}


def components_of(model: type[BaseModel], *, name: Callable[[str], str]) -> dict[str, Document]:
    """The named schemas of a model and of what it is made of, as a request body has them.

    For bodies that an operation reads itself; the framework finds the others.
    """
    document = model.model_json_schema(ref_template=f"{_REF}{{model}}", mode="validation")
    found = {**document.pop("$defs", {}), model.__name__: document}
    names = {one: name(one) for one in found}
    return {
        names[one]: {**_renamed(schema, names), "title": names[one]}
        for one, schema in found.items()
    }


class OpenApiClashError(Exception):
    """Two services describe the same path or use the same operationId."""


def complete(
    document: Document,
    *,
    open_to_all: Collection[str] = (),
    extra: Mapping[str, Document] = MappingProxyType({}),
    examples: Examples = MappingProxyType({}),
) -> Document:
    """Document the problem answers that every operation can give, in place of FastAPI's 422.

    The operations `open_to_all` take a sign-in but do without one; `extra` are named schemas
    that the framework does not find by itself; `examples` are answers by operationId and status.
    """
    document["info"] |= {"license": LICENSE, "contact": CONTACT}
    document["servers"] = SERVERS
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    schemas |= copy.deepcopy(dict(extra))
    schemas["Problem"] = copy.deepcopy(_PROBLEM)
    document["components"]["responses"] = problem_responses()
    restore_nulls(schemas)
    show_examples(document, examples)
    for path, item in document.get("paths", {}).items():
        for method in _METHODS:
            if method in item:
                _require_if_match(item[method])
                _document_links(item[method])
                _document_problems(item[method], path=path, changes=method != "get")
                if item[method].get("security") and item[method]["operationId"] in open_to_all:
                    item[method]["security"] = [{}, *item[method]["security"]]
    return document


def _require_if_match(operation: Document) -> None:
    # Optional to the framework only, so that its absence answers 428 and not 422.
    for parameter in operation.get("parameters", []):
        if parameter["name"].lower() == "if-match":
            parameter["required"] = True
            parameter["schema"] = {"type": "string", "pattern": rf"^(\*|{_TAG}( ?, ?{_TAG})*)$"}
            parameter["example"] = '"1"'


def _document_links(operation: Document) -> None:
    if any(parameter["name"] == "cursor" for parameter in operation.get("parameters", [])):
        operation["responses"]["200"].setdefault("headers", {})["Link"] = copy.deepcopy(_LINK)


def _document_problems(operation: Document, *, path: str, changes: bool) -> None:
    parameters = operation.get("parameters", [])
    statuses = {400, 401, 403, 500, 503}
    if "{" in path or any(parameter["name"] == "plan" for parameter in parameters):
        statuses.add(404)
    if parameters or "requestBody" in operation:
        statuses.add(422)
    if changes:
        statuses.add(409)
    if "requestBody" in operation:
        statuses |= {413, 415}
    if any(parameter["name"].lower() == "if-match" for parameter in parameters):
        statuses |= {409, 412, 428}
    responses = operation.setdefault("responses", {})
    responses.pop("422", None)
    for status in sorted(statuses):
        responses.setdefault(
            str(status), {"$ref": f"#/components/responses/{problem_response_name(status)}"}
        )


def merge(
    documents: Mapping[str, Document], *, title: str = "Strategic plan", version: str = "1"
) -> Document:
    """Make one document of the services' documents, which stay as they are.

    Equal schemas become one; different ones of the same name get their service's name in front.

    Raises:
        OpenApiClashError: a path or an operationId would be there twice.
    """
    merged: Document = {
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": version,
            "description": "A strategic plan, what is done for it, its figures, and who is told.",
            "license": LICENSE,
            "contact": CONTACT,
        },
        "servers": SERVERS,
        "paths": {},
        "components": {"schemas": {}, "responses": {}, "securitySchemes": {}},
        "tags": [],
    }
    seen: set[str] = set()
    for service, original in documents.items():
        document = _apart(original, service=service, taken=merged["components"]["schemas"])
        for path, item in document.get("paths", {}).items():
            if path in merged["paths"]:
                raise OpenApiClashError(f"{path} is described twice, again by {service}")
            merged["paths"][path] = item
            for operation_id in _operation_ids(item):
                if operation_id in seen:
                    raise OpenApiClashError(f"operationId {operation_id} is used twice")
                seen.add(operation_id)
        components = document.get("components", {})
        merged["components"]["schemas"].update(components.get("schemas", {}))
        merged["components"]["responses"].update(components.get("responses", {}))
        merged["components"]["securitySchemes"].update(components.get("securitySchemes", {}))
        known = {tag["name"] for tag in merged["tags"]}
        merged["tags"] += [tag for tag in document.get("tags", []) if tag["name"] not in known]
    return merged


def _operation_ids(item: Document) -> list[str]:
    return [item[m]["operationId"] for m in _METHODS if m in item and "operationId" in item[m]]


def _apart(document: Document, *, service: str, taken: Mapping[str, Any]) -> Document:
    """A copy in which schemas that differ from those taken under the same name are renamed."""
    prefix = "".join(part.capitalize() for part in service.split("-"))
    schemas = document.get("components", {}).get("schemas", {})
    names = {n: f"{prefix}{n}" for n, s in schemas.items() if n in taken and taken[n] != s}
    return dict(_renamed(document, names))


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    if not isinstance(value, dict):
        return value
    changed = {key: _renamed(item, names) for key, item in value.items()}
    reference = changed.get("$ref")
    if isinstance(reference, str) and reference.removeprefix(_REF) in names:
        changed["$ref"] = f"{_REF}{names[reference.removeprefix(_REF)]}"
    if isinstance(changed.get("schemas"), dict):
        changed["schemas"] = {names.get(k, k): v for k, v in changed["schemas"].items()}
    if isinstance(changed.get("mapping"), dict):  # a discriminator names schemas by reference
        changed["mapping"] = {
            tag: f"{_REF}{names[target.removeprefix(_REF)]}"
            if isinstance(target, str) and target.removeprefix(_REF) in names
            else target
            for tag, target in changed["mapping"].items()
        }
    return changed
