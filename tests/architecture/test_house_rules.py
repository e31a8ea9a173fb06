"""What the linters cannot say: who commits, what a member declares, what no file may hold."""

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MEMBERS = {
    "shared": "shared_kit",
    "services/plan-api": "plan_api",
    "services/kpi-engine": "kpi_engine",
    "services/notifier": "notifier",
    "deploy/local": "wcoplan",
}
OURS = set(MEMBERS.values())


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        timeout=30,
    ).stdout.splitlines()
    return [ROOT / line for line in listed if (ROOT / line).is_file()]


def sources(member: str) -> Iterator[Path]:
    return (ROOT / member / "src").rglob("*.py")


def test_every_member_is_listed() -> None:
    workspace = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))

    assert set(workspace["tool"]["uv"]["workspace"]["members"]) == set(MEMBERS)
    assert set(workspace["tool"]["importlinter"]["root_packages"]) == OURS


def test_nothing_but_delivery_commits() -> None:
    commits = re.compile(r"\b(session\w*|connection|conn|tx)\.(commit|rollback|begin)\(")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for member in MEMBERS
        for path in sources(member)
        if "shared_kit/delivery" not in path.as_posix()
        and "migrations" not in path.parts
        # The log is no service: an append is a transaction of its own database.
        and "shared_kit/messaging/embedded" not in path.as_posix()
        and "shared_kit/db/migrate" not in path.as_posix()
        and "shared_kit/testing" not in path.as_posix()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if commits.search(line)
    ]

    assert found == []


def _imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.partition(".")[0])
    return names


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("member", MEMBERS)
def test_a_member_declares_what_it_imports(member: str) -> None:
    project = tomllib.loads((ROOT / member / "pyproject.toml").read_text("utf-8"))["project"]
    texts = [*project["dependencies"], *chain(*project.get("optional-dependencies", {}).values())]
    declared = {_normal(re.split(r"[\[<>=~! ;]", text, maxsplit=1)[0]) for text in texts}
    # FastAPI is made of Starlette: whoever declares the one may import the other.
    declared |= {"starlette"} if "fastapi" in declared else set()
    owners = importlib.metadata.packages_distributions()
    imported = set().union(*(_imported(path) for path in sources(member)))
    foreign = imported - set(sys.stdlib_module_names) - {MEMBERS[member]}

    missing = {
        name
        for name in foreign
        if not {_normal(owner) for owner in owners.get(name, [name])} & declared
    }

    assert missing == set()


def test_no_file_holds_a_machine_path_or_an_index_address() -> None:
    # Written in pieces, or this file would find itself.
    forbidden = re.compile(
        "|".join(["/" + "work/(main|shared|tmp)", "/" + "farm/", "index" + "-url[ =]"])
    )
    found = [
        str(path.relative_to(ROOT))
        for path in tracked()
        if path.suffix not in {".png", ".woff2", ".js"}
        and forbidden.search(path.read_text("utf-8", errors="replace"))
    ]

    assert found == []


def test_the_lock_has_hashes_and_no_addresses() -> None:
    text = (ROOT / "requirements.lock").read_text("utf-8")
    pinned = re.findall(r"^[a-z0-9][^ ]*==", text, flags=re.MULTILINE)

    assert "://" not in text
    assert len(pinned) > 50
    assert text.count("--hash=sha256:") >= len(pinned)


def test_no_source_file_is_a_drawer_or_too_long() -> None:
    found = [
        str(path.relative_to(ROOT))
        for member in MEMBERS
        for path in sources(member)
        if path.stem in {"utils", "common", "helpers", "misc"}
        or ("migrations" not in path.parts and len(path.read_text("utf-8").splitlines()) > 400)
    ]

    assert found == []


def test_every_module_says_what_it_is_for() -> None:
    found = [
        str(path.relative_to(ROOT))
        for member in MEMBERS
        for path in sources(member)
        if path.name != "__init__.py" and not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]

    assert found == []
