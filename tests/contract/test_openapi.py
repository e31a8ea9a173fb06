"""The merged document of the three services: valid OpenAPI 3.1, and guarded throughout."""

from openapi_spec_validator import validate

from wcoplan.openapi import document

METHODS = ("get", "put", "post", "delete", "patch")


def test_an_independent_validator_has_nothing_to_say() -> None:
    found = document()

    assert found["openapi"].startswith("3.1")
    validate(found)


def test_every_operation_has_an_id_a_summary_one_tag_and_a_guard() -> None:
    for path, item in document()["paths"].items():
        for method in METHODS:
            if method in item:
                operation = item[method]
                assert operation["operationId"].islower(), path
                assert operation["summary"], path
                assert len(operation["tags"]) == 1, path
                assert {"bearer": []} in operation["security"], path


def test_a_change_must_name_the_version_that_it_changes() -> None:
    for item in document()["paths"].values():
        for method in METHODS:
            for parameter in item.get(method, {}).get("parameters", ()):
                if parameter["name"] == "If-Match":
                    assert parameter["required"]
