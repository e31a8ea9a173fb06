"""The variables of the manifest's Kafka, given to the program that the image starts with."""

import asyncio
import subprocess
from pathlib import Path

import pytest

from shared_kit.delivery.topics import Settings, create
from shared_kit.messaging.errors import LogUnavailableError
from shared_kit.testing.processes import Processes, ServiceProcess, free_port
from tests.containers.image import ROOT
from tests.containers.manifests import copy_to, model


@pytest.fixture
def jars(kafka: str) -> str:
    """The folder of the Kafka that the tests run; there is one, or `kafka` would have said no."""
    start = ROOT / "deploy/kafka/start"
    return subprocess.check_output([str(start), "fetch"], text=True).strip()


@pytest.mark.slow
@pytest.mark.kafka
@pytest.mark.timeout(240)
async def test_a_node_starts_with_the_variables_of_the_manifest(
    jars: str, tmp_path: Path, processes: Processes
) -> None:
    variables = model(copy_to(tmp_path / "manifests"))["services"]["kafka"]["environment"]
    port, controller = str(free_port()), str(free_port())
    moved = {
        name: value.replace("kafka:9092", f"127.0.0.1:{port}")
        .replace("/var/lib/kafka", str(tmp_path))
        .replace("//:9", "//127.0.0.1:9")
        .replace("9092", port)
        .replace("9093", controller)
        for name, value in variables.items()
    }
    folders = []
    # The image's defaults, what is mounted, what comes of both.
    for option in ("default", "mounted", "final"):
        folder = tmp_path / option
        folder.mkdir()
        folders += [f"--{option}-configs-dir", str(folder)]
    for name in ("server.properties", "log4j2.yaml", "tools-log4j2.yaml"):
        (tmp_path / "default" / name).touch()

    # The image has a cluster id of its own where none is given.
    setup = processes.start_command(
        ["java", "-cp", f"{jars}/*", "kafka.docker.KafkaDockerWrapper", "setup", *folders],
        environment={**moved, "CLUSTER_ID": "5L6g3nShT-eMCtK--X86sw"},
        name="setup",
    )
    assert setup.wait_end() == 0, setup.log()
    heap = moved["KAFKA_HEAP_OPTS"].split()
    made = str(tmp_path / "final/server.properties")
    node = processes.start_command(
        ["java", *heap, "-cp", f"{jars}/*", "kafka.Kafka", made], environment={}, name="node"
    )

    settings = Settings(kafka_bootstrap=f"127.0.0.1:{port}")
    async with asyncio.timeout(120):
        while not await answers(settings, node):
            await asyncio.sleep(0.5)


async def answers(settings: Settings, node: ServiceProcess) -> bool:
    """Whether topics can be made on the node; it fails when the node has ended."""
    try:
        await create(settings=settings)
    except LogUnavailableError:
        assert node.is_running(), node.log()
        return False
    return True
