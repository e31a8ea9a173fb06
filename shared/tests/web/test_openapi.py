"""The OpenAPI document: valid, complete on problems, stable ids; three become one."""

import copy
import hashlib
import re
from importlib.resources import files

import httpx
import pytest
from openapi_spec_validator import validate

from shared_kit.web.app import Api
from shared_kit.web.openapi import Document, OpenApiClashError, merge


def test_is_valid_openapi_3_1(api: Api) -> None:
    document = api.openapi()

    assert document["openapi"].startswith("3.1")
    validate(document)


def test_operation_ids_are_function_names(api: Api) -> None:
    paths = api.openapi()["paths"]

    assert paths["/api/v1/things/{key}"]["put"]["operationId"] == "change_thing"
    assert paths["/api/v1/things"]["get"]["operationId"] == "list_things"


def test_documents_the_problems_of_every_operation(api: Api) -> None:
    paths = api.openapi()["paths"]

    create = paths["/api/v1/things"]["post"]["responses"]
    change = paths["/api/v1/things/{key}"]["put"]["responses"]
    read = paths["/api/v1/things/{key}"]["get"]["responses"]
    assert create.keys() == {
        "201", "400", "401", "403", "409", "413", "415", "422", "500", "503",
    }  # fmt: skip
    assert change.keys() == {
        "200", "400", "401", "403", "404", "409", "412", "413", "415", "422", "428", "500", "503",
    }  # fmt: skip
    assert read.keys() == {"200", "400", "401", "403", "404", "422", "500", "503"}
    for responses in (create, change, read):
        for status, response in responses.items():
            if status >= "400":
                name = response["$ref"].removeprefix("#/components/responses/")
                described = api.openapi()["components"]["responses"][name]
                [(kind, content)] = described["content"].items()
                assert kind == "application/problem+json"
                assert content["example"]["status"] == int(status)


def test_bans_and_bounds_stand_in_the_schema(api: Api) -> None:
    fields = api.openapi()["components"]["schemas"]["ThingCreate"]["properties"]

    assert fields["title"]["maxLength"] == 300
    assert "\\x00" in fields["title"]["pattern"]
    assert fields["count"] == {
        "type": "integer", "minimum": 0, "maximum": 1_000_000_000, "title": "Count", "default": 0,
    }  # fmt: skip
    assert fields["value"]["anyOf"][0]["type"] == "string"
    assert "pattern" in fields["value"]["anyOf"][0]
    for pattern in re.findall(r"'pattern': '([^']+)'", str(fields)):
        re.compile(pattern.replace("\\\\", "\\"))


def test_is_made_once_and_again_when_routes_came(api: Api) -> None:
    first = api.openapi()
    assert api.openapi() is first

    @api.get("/api/v1/late")
    async def late() -> str:
        return ""

    assert "/api/v1/late" in api.openapi()["paths"]
    assert "Problem" in api.openapi()["components"]["schemas"]


def _document(path: str, operation: str, schema: Document) -> Document:
    return {
        "openapi": "3.1.0",
        "info": {"title": "x", "version": "1"},
        "paths": {
            path: {
                "get": {
                    "operationId": operation,
                    "responses": {
                        "200": {
                            "description": "ok",
                            "content": {
                                "application/json": {
                                    "schema": {"$ref": "#/components/schemas/Item"}
                                }
                            },
                        }
                    },
                }
            }
        },
        "components": {"schemas": {"Item": schema, "Same": {"type": "string"}}},
    }


def test_merges_and_keeps_different_schemas_apart() -> None:
    documents = {
        "plan-api": _document("/a", "a", {"type": "string"}),
        "kpi-engine": _document("/b", "b", {"type": "integer"}),
        "notifier": _document("/c", "c", {"type": "string"}),
    }
    before = copy.deepcopy(documents)

    merged = merge(documents, title="All", version="1")

    validate(merged)
    schemas = merged["components"]["schemas"]
    assert schemas.keys() == {"Item", "Same", "KpiEngineItem"}
    content = merged["paths"]["/b"]["get"]["responses"]["200"]["content"]["application/json"]
    assert content["schema"]["$ref"] == "#/components/schemas/KpiEngineItem"
    assert documents == before


@pytest.mark.parametrize(("path", "operation"), [("/a", "b"), ("/b", "a")])
def test_refuses_to_merge_what_clashes(path: str, operation: str) -> None:
    documents = {
        "plan-api": _document("/a", "a", {"type": "string"}),
        "kpi-engine": _document(path, operation, {"type": "string"}),
    }

    with pytest.raises(OpenApiClashError):
        merge(documents, title="All", version="1")


async def test_docs_need_nothing_from_elsewhere(visitor: httpx.AsyncClient) -> None:
    page = await visitor.get("/docs")

    assert "unsafe" not in page.headers["content-security-policy"]
    assert "://" not in page.text
    assert "<script>" not in page.text
    for asset in re.findall(r'(?:src|href)="(docs/[^"]+)"', page.text):
        answer = await visitor.get(f"/{asset}")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/")


def test_vendored_assets_are_those_on_the_list() -> None:
    folder = files("shared_kit.web").joinpath("static", "swagger")
    lines = folder.joinpath("SHA256SUMS").read_text("utf-8").splitlines()
    listed = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}

    present = {entry.name for entry in folder.iterdir()} - {"SHA256SUMS", "README.md"}
    assert listed.keys() == present
    for name, digest in listed.items():
        assert hashlib.sha256(folder.joinpath(name).read_bytes()).hexdigest() == digest
