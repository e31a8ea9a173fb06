"""What docker-compose.yml and the Dockerfile name exists, and a slip in them is found."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.containers.manifests import copy_to, findings

COMPOSE = "docker-compose.yml"
DOCKERFILE = "deploy/Dockerfile"


def replaced(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text, f"the control no longer applies: {old}"
        return text.replace(old, new, 1)

    return change


# Each a slip that somebody could make in an evening; the sentence must name the thing.
FAULTS = {
    "a key that compose does not know": (
        COMPOSE,
        replaced("    stop_grace_period: 60s", "    stop_grace: 60s"),
        "stop_grace",
    ),
    "a dependency that does not exist": (
        COMPOSE,
        replaced("      migrate-notifier: {cond", "      migrate-notify: {cond"),
        "migrate-notify",
    ),
    "a dependency without a health check": (
        COMPOSE,
        replaced(
            "      kafka: {condition: service_healthy}\n\n  plan-api:",
            "      kafka: {condition: service_healthy}\n"
            "      migrate-notifier: {condition: service_healthy}\n\n  plan-api:",
        ),
        "waits for the health of migrate-notifier, which has no check",
    ),
    "a service that does not wait for the topics": (
        COMPOSE,
        replaced(
            "      migrate-kpi-engine: {condition: service_completed_successfully}\n"
            "      topics: {condition: service_completed_successfully}",
            "      migrate-kpi-engine: {condition: service_completed_successfully}",
        ),
        "kpi-engine: does not wait for the end of topics",
    ),
    "a job that is started again": (
        COMPOSE,
        replaced('  restart: "no"', "  restart: always"),
        "which is started again",
    ),
    "a secret that is not declared": (
        COMPOSE,
        replaced("[plan-api-database-url, plan-api-cursor-key]", "[plan-api-database-uri]"),
        "plan-api-database-uri",
    ),
    "a secret that is read and not mounted": (
        COMPOSE,
        replaced("[kpi-engine-database-url, kpi-engine-cursor-key]", "[kpi-engine-database-url]"),
        "kpi-engine: reads /run/secrets/kpi-engine-cursor-key, which is not mounted",
    ),
    "a secret that nobody makes": (
        "deploy/secrets",
        replaced('keep "$service-cursor-key"', 'keep "$service-cursor"'),
        "secret plan-api-cursor-key",
    ),
    "a secret in the manifest": (
        COMPOSE,
        replaced(
            "POSTGRES_PASSWORD_FILE: /run/secrets/postgres-password", "POSTGRES_PASSWORD: postgres"
        ),
        "postgres: POSTGRES_PASSWORD is a secret and stands in the manifest",
    ),
    "a setting that does not exist": (
        COMPOSE,
        replaced("WCOPLAN_NOTIFIER__MAIL_DIR", "WCOPLAN_NOTIFIER__MAIL_FOLDER"),
        "no setting of notifier is called WCOPLAN_NOTIFIER__MAIL_FOLDER",
    ),
    "a setting of another service": (
        COMPOSE,
        replaced("WCOPLAN_KPI_ENGINE__KAFKA_BOOTSTRAP", "WCOPLAN_NOTIFIER__KAFKA_BOOTSTRAP"),
        "no setting of kpi-engine is called WCOPLAN_NOTIFIER__KAFKA_BOOTSTRAP",
    ),
    "a value that the setting refuses": (
        COMPOSE,
        replaced("WCOPLAN_PLAN_API__AUTH: insecure-dev", "WCOPLAN_PLAN_API__AUTH: insecure"),
        "plan-api: 1 validation error",
    ),
    "an address where nobody listens": (
        COMPOSE,
        replaced("ENGINE_URL: http://kpi-engine:8000", "ENGINE_URL: http://kpi-engine:8001"),
        "kpi-engine:8001, where nobody listens",
    ),
    "an address on a network that is not shared": (
        COMPOSE,
        replaced(
            "      WCOPLAN_TOPICS__KAFKA_BOOTSTRAP: kafka:9092\n    networks: [data]",
            "      WCOPLAN_TOPICS__KAFKA_BOOTSTRAP: kafka:9092\n    networks: [edge]",
        ),
        "topics: WCOPLAN_TOPICS__KAFKA_BOOTSTRAP names kafka, which shares no network",
    ),
    "a port published to all the world": (
        COMPOSE,
        replaced('"127.0.0.1:${WCOPLAN_PORT:-8000}:8080"', '"${WCOPLAN_PORT:-8000}:8080"'),
        "gateway: is published beyond loopback",
    ),
    "a published port where nobody listens": (
        COMPOSE,
        replaced("-8000}:8080", "-8000}:80"),
        "gateway: publishes 80, where nginx does not listen",
    ),
    "a second way in": (
        COMPOSE,
        replaced(
            "    image: postgres:18", '    image: postgres:18\n    ports: ["127.0.0.1:5432:5432"]'
        ),
        "postgres: publishes 5432",
    ),
    "a volume where the image keeps no data": (
        COMPOSE,
        replaced("postgres:/var/lib/postgresql", "postgres:/var/lib/postgresql/data"),
        "postgres: /var/lib/postgresql is not on a volume",
    ),
    "a volume that nobody uses": (
        COMPOSE,
        replaced("  mail: {}", "  mail: {}\n  mails: {}"),
        "volumes: nobody uses mails",
    ),
    "a network that is not declared": (
        COMPOSE,
        replaced("networks: [edge, data]", "networks: [edges, data]"),
        "edges",
    ),
    "a service that is not one": (
        COMPOSE,
        replaced("{SERVICE: kpi-engine", "{SERVICE: kpi-motor"),
        "SERVICE=kpi-motor is no service",
    ),
    "privileges left": (
        COMPOSE,
        replaced('  cap_drop: ["ALL"]\n', ""),
        "gateway: root file system, capabilities or privileges",
    ),
    "an image without a version": (
        COMPOSE,
        replaced("apache/kafka:4.4.0", "apache/kafka:latest"),
        "kafka: image apache/kafka:latest names no version",
    ),
    "a configuration file that is not there": (
        COMPOSE,
        replaced("deploy/gateway/nginx.conf}", "deploy/gateway/gateway.conf}"),
        "config gateway: there is no",
    ),
    "a route to a port where nobody listens": (
        "deploy/gateway/nginx.conf",
        replaced("notifier:8000", "notifier:8003"),
        "gateway: hands on to notifier:8003",
    ),
    "an image that runs as root": (
        DOCKERFILE,
        replaced("USER 10001:10001\n", ""),
        "Dockerfile: user 0",
    ),
    "a command in shell form": (
        DOCKERFILE,
        replaced('CMD ["serve"]', "CMD serve"),
        "Dockerfile: CMD is not in exec form",
    ),
    "a health check of another path": (
        DOCKERFILE,
        replaced(":8000/readyz", ":8000/ready"),
        "does not ask /readyz",
    ),
    "a tool copied from somebody's image": (
        DOCKERFILE,
        replaced(
            "WORKDIR /app\n", "WORKDIR /app\nCOPY --from=ghcr.io/astral-sh/uv:0.13 /uv /bin/\n"
        ),
        "copied from the image ghcr.io/astral-sh/uv:0.13",
    ),
    "a package without a version": (
        DOCKERFILE,
        replaced("uv==0.13.9", "uv"),
        "DL3013",
    ),
    "a source that is ignored": (
        ".dockerignore",
        replaced("!services/plan-api/src\n", ""),
        ".dockerignore: services/plan-api is copied and never reaches the builder",
    ),
}


@pytest.fixture
def manifests(tmp_path: Path) -> Path:
    return copy_to(tmp_path)


def test_the_manifests_are_right(manifests: Path) -> None:
    assert list(findings(manifests)) == []


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_a_slip_is_found(fault: str, manifests: Path) -> None:
    name, change, sentence = FAULTS[fault]
    path = manifests / name
    path.write_text(change(path.read_text("utf-8")), "utf-8")

    said = []
    for finding in findings(manifests):
        said.append(finding)
        if sentence in finding:
            return
    pytest.fail(f"not found; said instead: {said}")
