"""Problems of all three services are told in English and in French, whoever finds them."""

import ast
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from shared_kit.web.app import Api
from shared_kit.web.messages import _OURS
from wcoplan.openapi import apps

ROOT = Path(__file__).parents[2]
OFFICE = {"authorization": "Bearer demo-planning-office"}
MEMBER = {"authorization": "Bearer demo-member"}

# No request of these reaches a database: what is wrong is seen before.
REFUSED: list[tuple[str, str, str, dict[str, str], int]] = [
    ("plan-api", "GET", "/api/v1/units?limit=0", {}, 422),
    ("plan-api", "GET", "/api/v1/units?cursor=abc", {}, 400),
    ("plan-api", "POST", "/api/v1/units", {}, 401),
    ("plan-api", "POST", "/api/v1/units", MEMBER, 403),
    ("plan-api", "POST", "/api/v1/units", {**OFFICE, "content-type": "text/plain"}, 415),
    ("plan-api", "POST", "/api/v1/plans", {**OFFICE, "content-type": "application/json"}, 400),
    ("plan-api", "PUT", "/api/v1/units/CF", OFFICE, 428),
    ("plan-api", "GET", "/api/v1/units/%00", {}, 400),
    ("kpi-engine", "GET", "/api/v1/results", {}, 422),
    ("kpi-engine", "DELETE", "/api/v1/facts", {}, 405),
    ("kpi-engine", "GET", "/api/v1/parked", {}, 401),
    ("notifier", "GET", "/api/v1/alerts/none", {}, 422),
    ("notifier", "GET", "/api/v1/nothing", {}, 404),
]


@pytest.fixture(scope="module")
def services() -> dict[str, Api]:
    """The three apps as they are documented; none of them is started."""
    return apps()


@pytest.mark.parametrize(("service", "method", "path", "headers", "status"), REFUSED)
async def test_a_problem_is_told_in_the_language_that_was_asked_for(
    services: dict[str, Api],
    service: str,
    method: str,
    path: str,
    headers: dict[str, str],
    status: int,
) -> None:
    transport = httpx.ASGITransport(app=services[service])
    body = b"{" if "content-type" in headers else None
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        told = {}
        for language in ("en", "fr"):
            asked = httpx.URL(path).copy_merge_params({"lang": language})
            answer = await client.request(method, asked, headers=headers, content=body)
            assert answer.status_code == status, answer.text
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["content-language"] == language
            told[language] = answer.json()
        chosen = await client.request(
            method,
            path,
            headers={**headers, "accept-language": "de, fr-CA;q=0.8, en;q=0.5"},
            content=body,
        )

    assert told["en"]["type"] == told["fr"]["type"]
    for words in ("title", "detail"):
        assert told["en"][words] != told["fr"][words]
        assert chosen.json()[words] == told["fr"][words]
    for english, french in zip(
        told["en"].get("errors", ()), told["fr"].get("errors", ()), strict=True
    ):
        assert english["pointer"] == french["pointer"]
        assert english["message"] != french["message"]


def test_every_kind_of_problem_has_both_languages(services: dict[str, Api]) -> None:
    for service, app in services.items():
        for slug, problem in app.catalogue.items():
            assert problem.slug == slug
            for text in (problem.title, problem.meaning):
                assert text.en.strip(), (service, slug)
                assert text.fr.strip(), (service, slug)
                assert text.en != text.fr, (service, slug)


def _said_by_validators(path: Path) -> Iterator[str]:
    """The constants that ValueErrors are raised with: what a caller reads about a field."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            name = node.exc.func
            if isinstance(name, ast.Name) and name.id in ("ValueError", "BrokenRuleError"):
                for argument in node.exc.args:
                    if isinstance(argument, ast.Constant):
                        yield str(argument.value)


def test_what_a_validator_of_ours_says_has_its_french() -> None:
    kit = ROOT / "shared/src/shared_kit"
    places = [
        *(kit / "events").glob("*.py"),
        kit / "web/types.py",
        *ROOT.glob("services/*/src/*/**/api/*.py"),
        *ROOT.glob("services/*/src/*/**/schemas/*.py"),
    ]
    said = {text for path in places for text in _said_by_validators(path)}

    assert len(said) >= 10
    assert said <= _OURS.keys()
