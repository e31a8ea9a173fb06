"""Looks through the manifests as an operator with much time would; each finding is a sentence."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from shared_kit.web.prefixes import SERVICES
from tests.containers.dockerfile import stages
from tests.containers.image import ROOT, SETTINGS, field_of, image_findings

BIN = Path(sys.executable).parent
FILES = (
    "docker-compose.yml",
    "deploy/Dockerfile",
    ".dockerignore",
    "deploy/gateway/nginx.conf",
    "deploy/postgres/databases.sh",
    "deploy/secrets",
    "deploy/kafka/pom.xml",
)
Model = dict[str, Any]


def copy_to(folder: Path) -> Path:
    """The manifests alone, so that nobody's own .env is read."""
    for name in FILES:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / name).read_bytes())
        target.chmod((ROOT / name).stat().st_mode)
    return folder


def _tool(root: Path, *command: str) -> subprocess.CompletedProcess[str]:
    outer = {name: value for name, value in os.environ.items() if not name.startswith("WCOPLAN_")}
    return subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        cwd=root,
        env=outer,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def model(root: Path) -> Model:
    """The project as compose understands it, anchors and variables resolved."""
    done = _tool(root, "docker-compose", "config", "--format", "json")
    # The wheel's command exits with 0 whatever it found; only what it writes tells.
    if not done.stdout.startswith("{"):
        raise ValueError(done.stderr.strip())
    found: Model = json.loads(done.stdout)
    # What nobody uses, compose leaves out.
    declared = yaml.safe_load((root / "docker-compose.yml").read_text("utf-8"))
    found["declared"] = {kind: set(declared[kind]) for kind in ("volumes", "networks", "secrets")}
    return found


def findings(root: Path) -> Iterator[str]:
    """All that is wrong with the manifests below a folder; what takes longest to ask comes last."""
    yield from image_findings(root)
    try:
        project = model(root)
    except ValueError as error:
        yield f"compose: {error}"
    else:
        for look in (
            _settings,
            _secrets,
            _addresses,
            _order,
            _parts,
            _hardening,
            _gateway,
            _images,
        ):
            yield from look(root, project)
    yield from _said_by(root, "hadolint", "deploy/Dockerfile")
    schema = ("--builtin-schema", "vendor.compose-spec", "docker-compose.yml")
    yield from _said_by(root, "check-jsonschema", *schema)


def _said_by(root: Path, *command: str) -> Iterator[str]:
    done = _tool(root, *command)
    if done.returncode != 0:
        yield from (f"{command[0]}: {line}" for line in (done.stdout + done.stderr).splitlines())


def _ours(project: Model) -> Iterator[tuple[str, Model]]:
    for name, it in project["services"].items():
        if it.get("build"):
            yield name, it


def _kind(name: str, it: Model) -> str:
    """Whose settings it reads."""
    if it.get("entrypoint"):
        return "topics"
    service: str = it["build"]["args"].get("SERVICE", name)
    return service


def _settings(_root: Path, project: Model) -> Iterator[str]:
    for name, it in _ours(project):
        if _kind(name, it) not in SETTINGS:
            continue  # said by _images
        settings = SETTINGS[_kind(name, it)]
        variables: dict[str, str] = it.get("environment") or {}
        given = {}
        for variable, value in variables.items():
            found = field_of(variable)
            if found is None or found[0] is not settings:
                yield f"{name}: no setting of {_kind(name, it)} is called {variable}"
            elif not variable.endswith("_FILE"):
                given[found[1]] = value
        try:
            settings.model_validate(given)
        except ValidationError as error:
            yield f"{name}: {error}"
        if name in SERVICES:
            told = {found[1] for variable in variables if (found := field_of(variable))}
            for needed in ("auth", "database_url", "kafka_bootstrap", "cursor_key"):
                if needed not in told:
                    yield f"{name}: is not told {needed}"


def _secrets(root: Path, project: Model) -> Iterator[str]:
    made = _made_secrets(root)
    declared = project["declared"]["secrets"]
    for name in sorted(made ^ declared):
        yield f"secret {name}: is either not made by deploy/secrets or not declared"
    script = (root / "deploy/postgres/databases.sh").read_text("utf-8")
    taken = {f"{service}-password" for service in SERVICES} if "-password" in script else set()
    used: set[str] = set()
    for name, it in project["services"].items():
        mounted = {secret["target"]: secret["source"] for secret in it.get("secrets", [])}
        used |= set(mounted.values())
        variables: dict[str, str] = it.get("environment") or {}
        files = {value for variable, value in variables.items() if variable.endswith("_FILE")}
        for path in sorted(files - mounted.keys()):
            yield f"{name}: reads {path}, which is not mounted"
        for path in sorted(mounted.keys() - files):
            if not (name == "postgres" and mounted[path] in taken):
                yield f"{name}: {mounted[path]} is mounted and not read"
        for variable in variables:
            if re.search(r"PASSWORD|_KEY|TOKEN|DATABASE_URL", variable) and not (
                variable.endswith("_FILE")
            ):
                yield f"{name}: {variable} is a secret and stands in the manifest"
    for name in sorted(declared - used):
        yield f"secret {name}: nobody reads it"


def _made_secrets(root: Path) -> set[str]:
    folder = root / "made"
    subprocess.run([str(root / "deploy/secrets"), str(folder)], check=True, timeout=30)
    return {path.name for path in folder.iterdir()}


def _listening(root: Path, project: Model) -> dict[str, set[int]]:
    """The ports that each service of the project listens on."""
    exposed = [
        step.rest for step in stages(root / "deploy/Dockerfile")[-1] if step.word == "EXPOSE"
    ]
    ports = {name: {5432} if name == "postgres" else set() for name in project["services"]}
    for name, it in project["services"].items():
        variables: dict[str, str] = it.get("environment") or {}
        for listener in re.findall(r":(\d+)", variables.get("KAFKA_LISTENERS", "")):
            ports[name].add(int(listener))
        if name in SERVICES:
            ports[name] = {int(port) for port in exposed}
    return ports


def _addresses(root: Path, project: Model) -> Iterator[str]:
    listening = _listening(root, project)
    services = project["services"]
    made = root / "made"
    for name, it in _ours(project):
        said = dict(it.get("environment") or {})
        for secret in it.get("secrets", []):
            path = made / secret["source"]
            if path.is_file():
                said[secret["source"]] = path.read_text("utf-8")
        for variable, value in said.items():
            for host, port in re.findall(r"(?:^|//|@)([a-z][a-z0-9-]*):(\d+)(?=[/,\s]|$)", value):
                if host not in services:
                    yield f"{name}: {variable} names {host}, which is no service"
                elif int(port) not in listening[host]:
                    yield f"{name}: {variable} names {host}:{port}, where nobody listens"
                elif not (services[host].get("networks") or {}).keys() & it["networks"].keys():
                    yield f"{name}: {variable} names {host}, which shares no network with it"
                elif host not in SERVICES and host not in it.get("depends_on", {}):
                    yield f"{name}: {variable} names {host}, and it does not wait for it"


def _order(_root: Path, project: Model) -> Iterator[str]:
    services = project["services"]
    for name, it in services.items():
        for other, how in (it.get("depends_on") or {}).items():
            target = services[other]
            healthy = bool((target.get("healthcheck") or {}).get("test")) or (
                other in SERVICES and not (target.get("healthcheck") or {}).get("disable")
            )
            if how["condition"] == "service_started":
                yield f"{name}: waits for the start of {other} only"
            if how["condition"] == "service_healthy" and not healthy:
                yield f"{name}: waits for the health of {other}, which has no check"
            if how["condition"] == "service_completed_successfully" and target["restart"] != "no":
                yield f"{name}: waits for the end of {other}, which is started again"
    for service in SERVICES:
        job = services.get(f"migrate-{service}", {})
        if job.get("command") != ["migrate"] or job.get("image") != services[service]["image"]:
            yield f"{service}: no job migrates its database with its image"
        for needed in (f"migrate-{service}", "topics"):
            how = services[service].get("depends_on", {}).get(needed, {}).get("condition")
            if how != "service_completed_successfully":
                yield f"{service}: does not wait for the end of {needed}"
        waited = services["gateway"].get("depends_on", {})
        if service not in waited:
            yield f"gateway: does not wait for {service}"


def _parts(_root: Path, project: Model) -> Iterator[str]:
    services = project["services"]
    volumes = {
        volume["source"]
        for it in services.values()
        for volume in it.get("volumes", [])
        if volume["type"] == "volume"
    }
    networks = {network for it in services.values() for network in it.get("networks") or {}}
    for kind, used in (("volumes", volumes), ("networks", networks)):
        for name in sorted(project["declared"][kind] - used):
            yield f"{kind}: nobody uses {name}"
    for name, config in project.get("configs", {}).items():
        if not Path(config["file"]).is_file():
            yield f"config {name}: there is no {config['file']}"
    places = {
        "postgres": "/var/lib/postgresql",
        "kafka": (services["kafka"].get("environment") or {}).get("KAFKA_LOG_DIRS"),
        "notifier": services["notifier"]["environment"].get("WCOPLAN_NOTIFIER__MAIL_DIR"),
    }
    for name, place in places.items():
        if place not in {volume["target"] for volume in services[name].get("volumes", [])}:
            yield f"{name}: {place} is not on a volume"
    for name, it in services.items():
        if name in {"postgres", "kafka"} and it.get("networks", {}).keys() != {"data"}:
            yield f"{name}: is on another network than data"
    if not project["networks"]["data"].get("internal"):
        yield "networks: data is not internal"


def _hardening(_root: Path, project: Model) -> Iterator[str]:
    open_to_all = any(
        value == "insecure-dev"
        for it in project["services"].values()
        for value in (it.get("environment") or {}).values()
    )
    for name, it in project["services"].items():
        own = bool(it.get("build")) or name == "gateway"
        if own and not (
            it.get("read_only")
            and it.get("cap_drop") == ["ALL"]
            and "no-new-privileges:true" in it.get("security_opt", [])
        ):
            yield f"{name}: root file system, capabilities or privileges are not taken away"
        if it.get("privileged") or it.get("network_mode") or it.get("cap_add") or it.get("pid"):
            yield f"{name}: asks for more of the host than it needs"
        if any(volume["type"] == "bind" for volume in it.get("volumes", [])):
            yield f"{name}: binds a folder of the host"
        for port in it.get("ports", []):
            if name != "gateway":
                yield f"{name}: publishes {port['published']}; the gateway is the one way in"
            if open_to_all and port.get("host_ip") != "127.0.0.1":
                yield f"{name}: is published beyond loopback while nobody signs in"


def _gateway(root: Path, project: Model) -> Iterator[str]:
    gateway = project["services"]["gateway"]
    text = (root / "deploy/gateway/nginx.conf").read_text("utf-8")
    listens = set(re.findall(r"listen (?:127\.0\.0\.1:)?(\d+);", text))
    for port in gateway.get("ports", []):
        if str(port["target"]) not in re.findall(r"listen (\d+);", text):
            yield f"gateway: publishes {port['target']}, where nginx does not listen"
    probe = re.findall(r"127\.0\.0\.1:(\d+)/livez", " ".join(gateway["healthcheck"]["test"]))
    if not set(probe) or not set(probe) <= listens:
        yield "gateway: its health check asks a port that nginx does not listen on"
    targets = {config["target"] for config in gateway.get("configs", [])}
    if "/etc/nginx/nginx.conf" not in targets:
        yield "gateway: has no /etc/nginx/nginx.conf"
    listening = _listening(root, project)
    routes = text[text.index("map $uri $backend") :]
    for host, port in re.findall(r" ([a-z-]+):(\d+);", routes[: routes.index("}")]):
        if int(port) not in listening.get(host, set()):
            yield f"gateway: hands on to {host}:{port}, where nobody listens"


def _images(root: Path, project: Model) -> Iterator[str]:
    built = set()
    for name, it in project["services"].items():
        image, _, tag = it["image"].partition(":")
        if tag in {"", "latest"}:
            yield f"{name}: image {it['image']} names no version"
        if it.get("build"):
            service = it["build"]["args"].get("SERVICE")
            built.add(service)
            if service not in SERVICES:
                yield f"{name}: SERVICE={service} is no service"
            if image != f"wcoplan/{service}":
                yield f"{name}: image {image} is built of {service}"
            if not (root / it["build"]["dockerfile"]).is_file():
                yield f"{name}: there is no {it['build']['dockerfile']}"
    for service in sorted(set(SERVICES) - built):
        yield f"{service}: is not built"
    pom = (root / "deploy/kafka/pom.xml").read_text("utf-8")
    tested = re.findall(r"<version>(\d+\.\d+\.\d+)</version>", pom)[0]
    if project["services"]["kafka"]["image"] != f"apache/kafka:{tested}":
        yield f"kafka: the tests run {tested}, not {project['services']['kafka']['image']}"
