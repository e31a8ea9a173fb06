"""`wcoplan plan lint` and `wcoplan plan import`, as somebody at a terminal sees them."""

import json
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from wcoplan.main import app
from wcoplan.plan_files import Fault, RefusedError, bring

FILE = Path(__file__).parents[3] / "docs/examples/rivers-2019-2022.json"


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["plan", *arguments])
    return result.exit_code, result.output


def test_lint_has_nothing_to_say_of_the_example() -> None:
    code, said = run("lint", str(FILE))

    assert code == 0
    assert "nothing is wrong" in said


def test_lint_names_places_and_reasons(tmp_path: Path) -> None:
    plan = json.loads(FILE.read_text("utf-8"))
    plan["indicators"][0]["tolerance"] = {"on_track": "0.7", "at_risk": "0.8"}
    plan["cycle"]["timezone"] = "Mars/Olympus"
    wrong = tmp_path / "wrong.json"
    wrong.write_text(json.dumps(plan), "utf-8")

    code, said = run("lint", str(wrong))
    code_fr, said_fr = run("lint", str(wrong), "--lang", "fr")

    assert code == code_fr == 1
    assert "/indicators/0/tolerance/at_risk: at most `on_track`, 0.7, is expected" in said
    assert "/cycle/timezone: un fuseau tel que Europe/Brussels est attendu" in said_fr


def test_lint_says_what_the_shape_lacks(tmp_path: Path) -> None:
    for text, place in (('{"plan": "x"}', "/version: This is required."), ("{", "/: JSON")):
        wrong = tmp_path / "wrong.json"
        wrong.write_text(text, "utf-8")
        code, said = run("lint", str(wrong))
        assert code == 1
        assert place in said


def test_import_sends_nothing_that_lint_refuses(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text("{}", "utf-8")

    code, said = run("import", str(wrong), "--url", "http://127.0.0.1:9")

    assert code == 1
    assert "Nobody answers" not in said


def test_import_says_that_nobody_answers() -> None:
    code, said = run("import", str(FILE), "--url", "http://127.0.0.1:9")

    assert code == 1
    assert "Nobody answers at http://127.0.0.1:9" in said


async def test_a_refusal_of_the_system_keeps_its_places() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        assert request.headers["authorization"] == "Bearer demo-planning-office"
        errors = [{"pointer": "/body/indicators/0/owner", "message": "No such unit.", "code": "x"}]
        return httpx.Response(422, json={"title": "No", "detail": "See errors", "errors": errors})

    transport = httpx.MockTransport(refuse)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        with pytest.raises(RefusedError, match="No: See errors") as refused:
            await bring(client, FILE.read_bytes())
    assert refused.value.faults == [Fault(pointer="/indicators/0/owner", reason="No such unit.")]
