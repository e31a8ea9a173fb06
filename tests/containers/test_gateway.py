"""The gateway sends each path to the service of the prefix table, and keeps inner paths inside."""

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import ModuleType

import httpx
import pytest

from shared_kit.web.middleware import MAX_BODY_BYTES
from shared_kit.web.prefixes import DEFAULT, PREFIXES, SERVICES, service_for
from shared_kit.web.problems import TOO_LARGE, UNAVAILABLE
from tests.conftest import StartGateway
from tests.containers.image import ROOT

PROBLEM = "application/problem+json"
PATHS = [
    "/",
    "/docs",
    "/indicators/wco-2019-2022:SG",
    "/api/v1",
    "/api/v1/RESULTS",
    *(prefix for prefix in PREFIXES),
    *(f"{prefix}/" for prefix in PREFIXES),
    *(f"{prefix}/wco-2019-2022:SG/explain" for prefix in PREFIXES),
    *(f"{prefix}set" for prefix in PREFIXES),
    *(f"/x{prefix}" for prefix in PREFIXES),
]
INNER = [
    "/_/plan-api/progress",
    "/_/notifier/metrics",
    "/_",
    "/%5f/notifier/metrics",
    "//_/notifier/metrics",
    "/metrics",
    "/metrics/",
    "/metrics%0a",
    "/metrics?x=1",
    "/%6detrics",
    "/docs/../metrics",
    "/docs/..//./metrics",
    "/progress",
    "/livez",
    "/readyz",
    "/startupz",
]


class Service(ThreadingHTTPServer):
    """A stand-in that says who it is, and what it was asked."""

    daemon_threads = True

    def __init__(self, name: str) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.name = name
        self.asked: list[str] = []
        self.go_on = threading.Event()
        self.went_on_by_itself = False

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


class Answers(BaseHTTPRequestHandler):
    server: Service
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        if self.path == "/api/v1/stream":
            self.stream()
            return
        length = int(self.headers.get("content-length", "0"))
        body = {
            "service": self.server.name,
            "path": self.path,
            "bytes": len(self.rfile.read(length)),
            "headers": {name.lower(): value for name, value in self.headers.items()},
        }
        text = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - the names that http.server looks for

    def stream(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(b"data: first\n\n")
        self.wfile.flush()
        self.server.went_on_by_itself = not self.server.go_on.wait(2)
        self.wfile.write(b"data: second\n\n")
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def services() -> Iterator[dict[str, Service]]:
    made: dict[str, Service] = {name: Service(name) for name in SERVICES}
    threads = [threading.Thread(target=it.serve_forever, args=[0.02]) for it in made.values()]
    for thread in threads:
        thread.start()
    yield made
    for it in made.values():
        it.go_on.set()
        it.shutdown()
        it.server_close()
    for thread in threads:
        thread.join()


@pytest.fixture
def gateway(start_gateway: StartGateway, services: dict[str, Service]) -> Iterator[httpx.Client]:
    url = start_gateway({name: it.address for name, it in services.items()})
    with httpx.Client(base_url=url, trust_env=False, timeout=20) as client:
        yield client


def test_the_committed_configuration_is_that_of_the_table(generator: ModuleType) -> None:
    committed = (ROOT / "deploy/gateway/nginx.conf").read_text("utf-8")

    assert committed == generator.render(), "run `make contracts`"


@pytest.mark.parametrize("path", PATHS)
def test_the_routes_are_those_of_the_table(path: str) -> None:
    text = (ROOT / "deploy/gateway/nginx.conf").read_text("utf-8")
    rows = re.findall(r'^    "~(\S+)" ([a-z-]+):8000;$', text, re.MULTILINE)
    [default] = re.findall(r"^    default ([a-z-]+):8000;$", text, re.MULTILINE)
    matching = [name for row, name in rows if re.search(row.replace(r"\z", r"\Z"), path)]

    assert len(rows) == len(PREFIXES)
    assert default == DEFAULT
    assert (matching or [default])[0] == service_for(path)


@pytest.mark.slow
def test_each_path_reaches_its_service(gateway: httpx.Client) -> None:
    stream = "/api/v1/stream"

    reached = {path: gateway.get(path).json()["service"] for path in PATHS if path != stream}

    assert reached == {path: service_for(path) for path in PATHS if path != stream}


@pytest.mark.slow
def test_a_path_arrives_as_it_was_sent(gateway: httpx.Client) -> None:
    path = "/api/v1/facts/urn%3Ax%2Fy/a%20b?period=FY2019&q=%C3%A9"

    assert gateway.get(path).json()["path"] == path


@pytest.mark.slow
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_write_arrives_once(
    method: str, gateway: httpx.Client, services: dict[str, Service]
) -> None:
    answer = gateway.request(method, "/api/v1/deliverables", content=b"{}")

    assert (answer.status_code, answer.json()["bytes"]) == (200, 2)
    assert services["plan-api"].asked == ["/api/v1/deliverables"]


@pytest.mark.slow
def test_inner_paths_stay_inside(gateway: httpx.Client, services: dict[str, Service]) -> None:
    url = gateway.base_url
    for path in INNER:
        # As it stands: a client would tidy the path up first.
        raw = httpx.URL(url).copy_with(raw_path=path.encode())
        answer = gateway.send(httpx.Request("GET", raw))

        assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM), path

    assert {name: it.asked for name, it in services.items()} == {name: [] for name in SERVICES}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("/api/v1/events", MAX_BODY_BYTES),
        ("/api/v1/importsets", MAX_BODY_BYTES),
        ("/api/v1/imports", 10 * MAX_BODY_BYTES),
        ("/api/v1/imports/7/apply", 10 * MAX_BODY_BYTES),
    ],
)
def test_a_body_may_be_so_large(path: str, limit: int, gateway: httpx.Client) -> None:
    taken = gateway.post(path, content=b"x" * limit)
    refused = gateway.post(path, content=b"x" * (limit + 1))

    assert (taken.status_code, taken.json()["bytes"]) == (200, limit)
    assert (refused.status_code, refused.headers["content-type"]) == (413, PROBLEM)
    assert refused.json() == {
        "type": TOO_LARGE.type,
        "title": TOO_LARGE.title.en,
        "status": TOO_LARGE.status,
    }


def read_two_events(url: str, notifier: Service) -> list[str]:
    with (
        httpx.Client(base_url=url, trust_env=False, timeout=20) as client,
        client.stream("GET", "/api/v1/stream") as answer,
    ):
        lines = answer.iter_lines()
        first = next(lines)
        notifier.go_on.set()
        return [first, *(line for line in lines if line)]


@pytest.mark.slow
def test_an_event_is_handed_on_at_once(
    start_gateway: StartGateway, services: dict[str, Service]
) -> None:
    url = start_gateway({name: it.address for name, it in services.items()})

    lines = read_two_events(url, services["notifier"])

    assert lines == ["data: first", "data: second"]
    assert not services["notifier"].went_on_by_itself


@pytest.mark.slow
def test_a_gateway_that_buffers_hands_on_too_late(
    start_gateway: StartGateway, services: dict[str, Service]
) -> None:
    addresses = {name: it.address for name, it in services.items()}
    url = start_gateway(addresses, change=lambda text: text.replace("proxy_buffering off;", ""))

    read_two_events(url, services["notifier"])

    assert services["notifier"].went_on_by_itself


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "languages", "title"),
    [
        ("/api/v1/alerts", "en, fr;q=0.1", UNAVAILABLE.title.en),
        ("/api/v1/alerts", "fr-BE, en;q=0.5", UNAVAILABLE.title.fr),
        ("/api/v1/alerts?lang=fr", "en", UNAVAILABLE.title.fr),
        ("/api/v1/alerts?lang=en", "fr", UNAVAILABLE.title.en),
    ],
)
def test_a_service_that_is_away_takes_no_other_with_it(
    path: str,
    languages: str,
    title: str,
    services: dict[str, Service],
    start_gateway: StartGateway,
) -> None:
    nobody = "127.0.0.1:1"
    others = {name: it.address for name, it in services.items()}
    url = start_gateway({**others, "notifier": nobody})

    with httpx.Client(base_url=url, trust_env=False) as client:
        absent = client.get(path, headers={"accept-language": languages})
        present = client.get("/api/v1/results")

    assert present.status_code == 200
    assert (absent.status_code, absent.headers["content-type"]) == (503, PROBLEM)
    assert absent.headers["retry-after"] == "5"
    assert absent.json() == {"type": UNAVAILABLE.type, "title": title, "status": 503}


@pytest.mark.slow
def test_a_client_cannot_say_where_it_comes_from(gateway: httpx.Client) -> None:
    claimed = {"x-forwarded-for": "8.8.8.8", "forwarded": "for=8.8.8.8", "host": "plan.test:81"}

    seen = gateway.get("/", headers=claimed).json()["headers"]

    assert seen["x-forwarded-for"] == "127.0.0.1"
    assert "forwarded" not in seen
    assert (seen["host"], seen["x-forwarded-host"]) == ("plan.test:81", "plan.test:81")
