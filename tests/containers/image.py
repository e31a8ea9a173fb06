"""Looks through the Dockerfile and at what its build may see; each finding is a sentence."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import kpi_engine.config
import notifier.config
import plan_api.core.config
import shared_kit.delivery.topics
from shared_kit.settings import OutsideSettings
from shared_kit.web.prefixes import SERVICES
from tests.containers.dockerfile import allowed, copied, environment, stages

ROOT = Path(__file__).parents[2]
SETTINGS: Mapping[str, type[OutsideSettings]] = {
    "plan-api": plan_api.core.config.Settings,
    "kpi-engine": kpi_engine.config.Settings,
    "notifier": notifier.config.Settings,
    "topics": shared_kit.delivery.topics.Settings,
}
BY_PREFIX = {str(it.model_config["env_prefix"]): it for it in SETTINGS.values()}


def image_findings(root: Path) -> Iterator[str]:
    path = root / "deploy/Dockerfile"
    *_, last = stages(path)
    steps = {step.word: step for step in last}
    user = steps["USER"].rest.partition(":")[0] if "USER" in steps else "0"
    if not user.isdigit() or int(user) < 10_000:
        yield f"Dockerfile: user {user} is not a number from 10000 on"
    for word in ("ENTRYPOINT", "CMD"):
        if word not in steps or not steps[word].words():
            yield f"Dockerfile: {word} is not in exec form"
    check = steps["HEALTHCHECK"].rest if "HEALTHCHECK" in steps else ""
    port = steps["EXPOSE"].rest if "EXPOSE" in steps else "none"
    if f"http://127.0.0.1:{port}/readyz" not in check:
        yield f"Dockerfile: the health check does not ask /readyz on the exposed port {port}"
    labels = " ".join(step.rest for step in last if step.word == "LABEL")
    for label in ("title", "description", "licenses", "version", "revision"):
        if f"org.opencontainers.image.{label}=" not in labels:
            yield f"Dockerfile: label {label} is absent"
    variables = environment(last)
    for service in SERVICES:
        prefix = SETTINGS[service].model_config["env_prefix"]
        if variables.get(f"{prefix}HOST") != "0.0.0.0" or variables.get(f"{prefix}PORT") != port:
            yield f"Dockerfile: {service} does not listen on 0.0.0.0:{port}"
    for name in variables:
        if name.startswith("WCOPLAN_") and field_of(name) is None:
            yield f"Dockerfile: no setting is called {name}"
    for name in {*variables, *(s.rest for stage in stages(path) for s in stage if s.word == "ARG")}:
        if re.search(r"PASSWORD|TOKEN|SECRET|_KEY", name):
            yield f"Dockerfile: {name} would be kept in the image"
    yield from _context(root)


def _context(root: Path) -> Iterator[str]:
    for stage in stages(root / "deploy/Dockerfile"):
        for step in stage:
            named = re.search(r"--from=(\S+)", step.rest)
            if named and named.group(1) != "build":
                yield f"Dockerfile: something is copied from the image {named.group(1)}"
        for pattern in copied(stage):
            for service in SERVICES:
                source = pattern.replace("${SERVICE}", service)
                if not (ROOT / source).exists():
                    yield f"Dockerfile: {source} is copied and does not exist"
                elif not any(allowed(root / ".dockerignore", name) for name in _below(source)):
                    yield f".dockerignore: {source} is copied and never reaches the builder"


def _below(source: str) -> list[str]:
    if (ROOT / source).is_file():
        return [source]
    return [it.relative_to(ROOT).as_posix() for it in (ROOT / source).rglob("*.py")]


def field_of(variable: str) -> tuple[type[OutsideSettings], str] | None:
    """The settings class and field that a variable stands for."""
    for prefix, settings in BY_PREFIX.items():
        if variable.startswith(prefix):
            name = variable.removeprefix(prefix)
            for field in (name, name.removesuffix("_FILE")):
                if field.lower() in settings.model_fields:
                    return settings, field.lower()
    return None
