"""Rules that the OpenAPI document keeps beyond being valid: what its readers rely on."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

Document = Mapping[str, Any]
METHODS = ("get", "put", "post", "delete", "patch")
_VERBS = re.compile(
    "(list|get|register|update|import|state|set|adopt|plan|start|complete|cancel|release|reach"
    "|reschedule|approve|carry|post|export|create|apply|explain|replay|acknowledge)(_[a-z]+)+"
)
_PATH = re.compile(r"(/([a-z0-9-]+|\{[a-z_]+\}|[a-z]+\.xlsx|\{[a-z_]+\}\.\{[a-z_]+\}))+")


def operations(document: Document) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path and operation."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield method, path, item[method]


def broken(document: Document) -> list[str]:
    """Every rule that is broken, and where."""
    found = [f"document: {said}" for said in _document(document)]
    ids: set[str] = set()
    tags = {tag["name"] for tag in document["tags"]}
    for method, path, operation in operations(document):
        where = f"{method} {path}"
        found += [f"{where}: {said}" for said in _words(operation, tags)]
        found += [f"{where}: {said}" for said in _shape(method, path, operation)]
        found += [f"{where}: {said}" for said in _bodies(operation, document)]
        if operation["operationId"] in ids:
            found.append(f"{where}: operationId twice")
        ids.add(operation["operationId"])
    return found + [f"schema {said}" for said in _schemas(document)]


def _document(document: Document) -> Iterator[str]:
    if not document["openapi"].startswith("3.1"):
        yield "OpenAPI 3.1 is expected"
    for name in ("title", "version", "description", "license", "contact"):
        if not document["info"].get(name):
            yield f"info without {name}"
    if not document.get("servers"):
        yield "no servers"
    used = {tag for _, _, operation in operations(document) for tag in operation["tags"]}
    for tag in document["tags"]:
        if not tag.get("description"):
            yield f"tag {tag['name']} without a description"
        if tag["name"] not in used:
            yield f"tag {tag['name']} is nobody's"


def _words(operation: Document, tags: set[str]) -> Iterator[str]:
    name = operation["operationId"]
    if not _VERBS.fullmatch(name):
        yield f"operationId {name} is no verb and thing"
    summary, description = operation.get("summary", ""), operation.get("description", "")
    if not 5 <= len(summary) <= 60 or summary.endswith("."):
        yield f"summary {summary!r} is no short line"
    if len(description) < 15 or not description.rstrip().endswith((".", ":")):
        yield f"description {description!r} is no sentence"
    if len(operation["tags"]) != 1 or not set(operation["tags"]) <= tags:
        yield "one tag that is described is expected"


def _shape(method: str, path: str, operation: Document) -> Iterator[str]:
    if {"bearer": []} not in operation.get("security", ()):
        yield "no security"
    if not re.fullmatch(
        r"(/([a-z0-9-]+|\{[a-z_]+\}|[a-z]+\.xlsx|\{[a-z_]+\}\.\{[a-z_]+\}))+", path
    ):
        yield "a path is in lower case with hyphens"
    parameters = operation.get("parameters", ())
    inside = {one["name"] for one in parameters if one["in"] == "path"}
    if inside != set(re.findall(r"\{(\w+)\}", path)):
        yield "the path's parameters are not those that are described"
    statuses = operation["responses"].keys()
    if not {"400", "401", "403", "500", "503"} <= statuses:
        yield "problem answers are missing"
    if inside and "404" not in statuses:
        yield "404 is missing"
    if "requestBody" in operation and not {"413", "415", "422"} <= statuses:
        yield "answers to a bad body are missing"
    if any(one["name"] == "If-Match" for one in parameters) and not {"412", "428"} <= statuses:
        yield "answers to a bad If-Match are missing"
    if not any(status < "300" for status in statuses):
        yield "no success answer"
    if method == "get" and "requestBody" in operation:
        yield "a body with GET"


def _bodies(operation: Document, document: Document) -> Iterator[str]:
    for place, content in contents(operation):
        if not list(examples(content, document)):
            yield f"{place} without an example"
    for status, answer in operation["responses"].items():
        kinds = _resolved(answer, document).get("content", {})
        if status >= "400" and list(kinds) != ["application/problem+json"]:
            yield f"{status} is no problem"


def contents(operation: Document) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every request body and success answer that is text of a kind, with its place."""
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        yield f"body {kind}", content
    for status, answer in operation["responses"].items():
        for kind, content in answer.get("content", {}).items():
            if status < "300":
                yield f"{status} {kind}", content


def examples(content: Document, document: Document) -> Iterator[Any]:
    """The examples of a body: its own, else those of its schema."""
    if "example" in content:
        yield content["example"]
        return
    for one in content.get("examples", {}).values():
        yield one["value"]
    yield from _resolved(content.get("schema", {}), document).get("examples", ())


def _schemas(document: Document) -> Iterator[str]:
    texts = str(document)
    for name, schema in document["components"]["schemas"].items():
        if f"#/components/schemas/{name}'" not in texts:
            yield f"{name} is used nowhere"
        for field, said in schema.get("properties", {}).items():
            if said.get("type") == "array" and "items" not in said:
                yield f"{name}.{field} is a list of anything"


def _resolved(value: Document, document: Document) -> Document:
    reference = value.get("$ref")
    if reference is None:
        return value
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return dict(found)
