"""The deployment without an engine: what the Dockerfile and the manifest say, done by hand.

The steps of the Dockerfile make three folders like those of the images, from the files that reach
the builder; the jobs and services of docker-compose.yml run from them, with its commands,
variables and secrets, without capabilities. Only addresses and folders are others.
"""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from shared_kit.events.topics import TOPICS
from shared_kit.messaging.kafka import KafkaLog
from shared_kit.testing.plugin import not_run
from shared_kit.testing.processes import Processes, ServiceProcess, free_port
from shared_kit.testing.run import SharedRun
from shared_kit.web.prefixes import SERVICES
from tests.conftest import StartGateway
from tests.containers.dockerfile import allowed, copied, environment, stages
from tests.containers.image import ROOT
from tests.containers.manifests import Model, copy_to, model
from wcoplan.postgres import EmbeddedPostgres
from wcoplan.postgres_home import PORT

PLAN = "wco-2019-2022"
OFFICE = {"authorization": "Bearer demo-planning-office"}
OWN = {"plan-api": "PLAN_API", "kpi-engine": "KPI_ENGINE", "notifier": "NOTIFIER"}
MONDAY = "2020-02-03T09:00:00+01:00"
# By itself, or by the signal that it asked for again when all was closed.
STOPPED = {0, -signal.SIGTERM}


@pytest.fixture(scope="session")
def uv() -> str:
    found = shutil.which("uv", path=f"{ROOT}/.tools/bin:{os.environ['PATH']}")
    if found is None:
        not_run("there is no uv")
    return found


@pytest.fixture(scope="session")
def images(shared_run: SharedRun, uv: str) -> Path:
    """A folder with what /app holds in the image of each service."""

    def make() -> str:
        folder = shared_run.folder / "images"
        for service in SERVICES:
            build(service, folder / service, uv=uv)
        return str(folder)

    return Path(shared_run.once("images", make))


def build(service: str, app: Path, *, uv: str) -> None:
    """Do the steps of the Dockerfile's first stage in a folder that stands for /app."""
    stage = stages(ROOT / "deploy/Dockerfile")[0]
    for pattern in copied(stage):
        source = pattern.replace("${SERVICE}", service)
        files = [ROOT / source] if (ROOT / source).is_file() else (ROOT / source).rglob("*")
        for path in files:
            name = path.relative_to(ROOT).as_posix()
            if path.is_file() and allowed(ROOT / ".dockerignore", name):
                target = app / ("requirements.lock" if source.endswith(".lock") else name)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
    outer = {name: os.environ[name] for name in os.environ if name != "VIRTUAL_ENV"}
    for step in stage:
        if step.word != "RUN" or step.rest.startswith("pip install"):
            continue  # uv itself is there
        *_, command = step.rest.split("--mount=type=cache,target=/root/.cache/uv")
        subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command.replace("/app", str(app))],
            cwd=app,
            env={
                **outer,
                **environment(stage),
                "SERVICE": service,
                "UV_PYTHON": sys.executable,
                "PATH": f"{Path(uv).parent}:{outer['PATH']}",
            },
            check=True,
            capture_output=True,
            timeout=300,
        )


def without_rights(command: list[str]) -> list[str]:
    """The command with what the manifest takes away: capabilities, and ways to get one back.

    One stays: the socket of the tests' PostgreSQL lies where only its own user looks, as the
    interpreter may lie where only root does.
    """
    if os.geteuid() != 0:
        return command
    taken = ("--no-new-privs", "--bounding-set=-all,+dac_override", "--inh-caps=-all")
    return ["setpriv", *taken, "--", *command]


def files_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


class Deployment:
    """docker-compose.yml with other addresses: commands and variables of its services."""

    def __init__(
        self, *, project: Model, images: Path, folder: Path, kafka: str, told: Mapping[str, str]
    ) -> None:
        self.ports: dict[str, int] = {service: free_port() for service in SERVICES}
        self._services = project["services"]
        self._images = images
        self._folder = folder
        self._kafka = kafka
        self._told = told
        self._image = stages(ROOT / "deploy/Dockerfile")[-1]

    def command(self, name: str) -> list[str]:
        it = self._services[name]
        app = self._images / it["build"]["args"]["SERVICE"]
        said = {step.word: step.words() for step in self._image}
        # An entry point of the manifest's own does away with the image's command too.
        command = it["entrypoint"] or [*said["ENTRYPOINT"], *(it["command"] or said["CMD"])]
        program = command[0].replace("/app", str(app))
        found = shutil.which(program, path=f"{app}/.venv/bin")
        return without_rights([found or program, *command[1:]])

    def variables(self, name: str) -> dict[str, str]:
        service = self._services[name]["build"]["args"]["SERVICE"]
        said = {**environment(self._image), **self._told, **self._services[name]["environment"]}
        said["PATH"] = f"{self._images / service}/.venv/bin:/usr/bin:/bin"
        return {key: self._moved(key, value, name) for key, value in said.items()}

    def _moved(self, key: str, value: str, name: str) -> str:
        if key.endswith("__HOST"):
            return "127.0.0.1"
        if key.endswith("__PORT"):
            return str(self.ports.get(name, value))
        for service, port in self.ports.items():
            value = value.replace(f"http://{service}:8000", f"http://127.0.0.1:{port}")
        value = value.replace("kafka:9092", self._kafka)
        value = value.replace("/run/secrets", str(self._folder / "secrets"))
        return value.replace("/var/lib/wcoplan/mail", str(self._folder / "mail"))

    def health(self, service: str) -> list[str]:
        [check] = [step for step in self._image if step.word == "HEALTHCHECK"]
        python = str(self._images / service / ".venv/bin/python")
        words = [word.replace(":8000", f":{self.ports[service]}") for word in check.words()]
        return [python, *words[1:]]


@pytest.fixture
def folder(shared_run: SharedRun) -> Iterator[Path]:
    """A folder that other users can pass through, as those of pytest cannot be."""
    made = shared_run.folder / "deployment"
    made.mkdir(mode=0o711)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def databases(own_postgres: Callable[[], EmbeddedPostgres], folder: Path) -> None:
    """The secrets, and the databases as the manifest's script makes them on an empty server."""
    secrets = folder / "secrets"
    subprocess.run([str(ROOT / "deploy/secrets"), str(secrets)], check=True, timeout=30)
    secrets.chmod(0o711)  # a container is given the files themselves
    server = own_postgres()
    assert server._place is not None
    path = f"{server._place.binaries}:{os.environ['PATH']}"
    reached = {"PATH": path, "PGHOST": str(server.socket_folder), "PGPORT": str(PORT)}
    subprocess.run(
        [str(ROOT / "deploy/postgres/databases.sh")],
        env={**reached, "POSTGRES_USER": "postgres", "WCOPLAN_SECRETS": str(secrets)},
        check=True,
        timeout=30,
    )
    entered = ["psql", "--no-psqlrc", "--username=plan_api", "--dbname=notifier", "--command="]
    refused = subprocess.run(entered, env=reached, capture_output=True, text=True, timeout=30)
    assert "permission denied for database" in refused.stderr
    for url in secrets.glob("*-database-url"):
        text = url.read_text("utf-8").strip()
        url.unlink()
        database = text.rpartition("/")[2]
        moved = text.replace("@postgres:5432/", "@/") + f"?host={server.socket_folder}"
        assert database in moved
        url.write_text(f"{moved}\n", "utf-8")
        url.chmod(0o444)


async def partitions(*, kafka: str, prefix: str) -> dict[str, int]:
    log = KafkaLog(kafka, prefix)
    try:
        ends = await log.end_offsets(tuple(TOPICS))
    finally:
        await log.stop()
    return {name: sum(place.topic == name for place in ends) for name in TOPICS}


async def release_one(client: httpx.AsyncClient) -> None:
    """A Deliverable that the Strategic Goal's indicator counts, entered and released."""
    key = f"{PLAN}:D-900-1"
    made = await client.post(
        "/api/v1/deliverables",
        json={
            "deliverable": key,
            "plan": PLAN,
            "title": "Guide to the examination of parcels (fictional)",
            "period": "FY2019",
            "listed": False,
            "kind": "instrument",
            "unit": "CF",
            "objectives": [f"{PLAN}:SO3"],
            "date_certainty": "not-given",
            "synthetic": True,
        },
    )
    assert made.status_code == 201, made.text
    released = await client.post(
        f"/api/v1/deliverables/{key}/release",
        json={"released_on": "2020-02-03", "stage": "published", "evidence": "document X-1"},
        headers={"if-match": made.headers["etag"]},
    )
    assert released.status_code == 200, released.text


async def is_healthy(deployment: Deployment, service: str) -> bool:
    """What the image's own check says."""
    check = await asyncio.create_subprocess_exec(
        *deployment.health(service), stderr=subprocess.DEVNULL
    )
    return await asyncio.wait_for(check.wait(), 30) == 0


async def counted(client: httpx.AsyncClient) -> str | None:
    answer = await client.get(f"/api/v1/results/{PLAN}:SG", params={"period": "FY2019"})
    return answer.json()["numerator"] if answer.status_code == 200 else None


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_the_commands_of_the_manifest_bring_it_up(
    kafka: str,
    topic_prefix: str,
    images: Path,
    folder: Path,
    databases: None,
    processes: Processes,
    start_gateway: StartGateway,
) -> None:
    (folder / "mail").mkdir()
    # What an operator would write into .env.
    told = {f"WCOPLAN_{name}__TOPIC_PREFIX": topic_prefix for name in ("TOPICS", *OWN.values())}
    told |= {f"WCOPLAN_{name}__BUSINESS_CLOCK": MONDAY for name in OWN.values()}
    deployment = Deployment(
        project=model(copy_to(folder / "manifests")),
        images=images,
        folder=folder,
        kafka=kafka,
        told=told,
    )

    built = files_in(images)

    def start(name: str) -> ServiceProcess:
        return processes.start_command(
            deployment.command(name), environment=deployment.variables(name), name=name
        )

    jobs = [start(name) for name in ("topics", *(f"migrate-{service}" for service in SERVICES))]
    ends = [await asyncio.to_thread(job.wait_end) for job in jobs]
    assert ends == [0, 0, 0, 0], [job.log() for job in jobs]
    expected = {topic.name: topic.partitions for topic in TOPICS.values()}
    assert await partitions(kafka=kafka, prefix=topic_prefix) == expected

    running = {service: start(service) for service in SERVICES}
    for service, process in running.items():
        url = f"http://127.0.0.1:{deployment.ports[service]}/readyz"
        await asyncio.to_thread(process.wait_ready, url, within=timedelta(seconds=60))
        assert await is_healthy(deployment, service)

    gateway = start_gateway({name: f"127.0.0.1:{port}" for name, port in deployment.ports.items()})
    async with httpx.AsyncClient(base_url=gateway, headers=OFFICE, trust_env=False) as client:
        page = await client.get("/")
        assert (page.status_code, page.headers["content-type"][:9]) == (200, "text/html")
        await release_one(client)
        async with asyncio.timeout(60):
            while await counted(client) != "1":
                await asyncio.sleep(0.2)
        assert (await client.get("/api/v1/alerts", params={"plan": PLAN})).status_code == 200
        assert (await client.get("/_/kpi-engine/progress")).status_code == 404

    for service, process in running.items():
        assert await asyncio.to_thread(process.terminate) in STOPPED, process.log()
        assert not await is_healthy(deployment, service)
    assert files_in(images) == built, "the image is read-only where it runs"
