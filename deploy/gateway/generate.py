"""Writes nginx.conf, the gateway's configuration, from the prefix table.

`python deploy/gateway/generate.py` writes it beside itself, `--check` says whether it is current.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from shared_kit.web.middleware import LARGE_BODIES, MAX_BODY_BYTES
from shared_kit.web.prefixes import DEFAULT, PREFIXES, SERVICES, ServiceName
from shared_kit.web.problems import BAD_REQUEST, NOT_FOUND, TOO_LARGE, UNAVAILABLE, Problem

HERE: Final = Path(__file__).parent
STREAM: Final = "/api/v1/stream"

# Which statuses of nginx's own become which problem; 494 is its name for headers too large.
_PROBLEMS: Final[Mapping[Problem, tuple[int, ...]]] = {
    BAD_REQUEST: (400, 414, 494),
    NOT_FOUND: (404,),
    TOO_LARGE: (413,),
    UNAVAILABLE: (502, 503, 504),
}
IN_CONTAINERS: Final[Mapping[ServiceName, str]] = {name: f"{name}:8000" for name in SERVICES}
_HEAD = "# Made by deploy/gateway/generate.py from shared_kit/web/prefixes.py; not to be edited.\n"


def render(
    *,
    backends: Mapping[ServiceName, str] = IN_CONTAINERS,
    listen: str = "8080",
    probe_listen: str = "127.0.0.1:8081",
    resolver: str = "127.0.0.11",
    scratch: str = "/tmp",  # noqa: S108 - the container's own, a tmpfs
    access_log: str = "/dev/stdout",
) -> str:
    """Make the configuration; the defaults are those of docker-compose.yml."""
    values = {
        "listen": listen,
        "probe_listen": probe_listen,
        "resolver": resolver,
        "scratch": scratch,
        "access_log": access_log,
        "stream": STREAM,
        "body": str(MAX_BODY_BYTES),
        "routes": _routes(backends),
        "problems": "\n\n".join(_texts(problem) for problem in _PROBLEMS),
        "error_pages": "\n".join(_error_page(*pair) for pair in _PROBLEMS.items()),
        "large_bodies": "".join(_large_body(*pair) for pair in LARGE_BODIES.items()),
    }
    text = (HERE / "nginx.conf.template").read_text("utf-8")
    for name, value in values.items():
        text = text.replace("{{" + name + "}}", value)
    return _HEAD + text


def _routes(backends: Mapping[ServiceName, str]) -> str:
    ordered = sorted(PREFIXES, key=lambda prefix: (-len(prefix), prefix))
    rows = [f"    default {backends[DEFAULT]};"]
    rows += [f'    "~^{prefix}(/|\\z)" {backends[PREFIXES[prefix]]};' for prefix in ordered]
    return "\n".join(rows)


def _variable(problem: Problem) -> str:
    return f"$problem_{problem.slug.replace('-', '_')}"


def _texts(problem: Problem) -> str:
    english, french = (
        json.dumps(
            {"type": problem.type, "title": title, "status": problem.status}, ensure_ascii=False
        ).replace("'", "\\'")
        for title in (problem.title.en, problem.title.fr)
    )
    return (
        f"  map $speaks {_variable(problem)} {{\n    default '{english}';\n    fr '{french}';\n  }}"
    )


def _error_page(problem: Problem, statuses: tuple[int, ...]) -> str:
    listed = " ".join(str(status) for status in statuses)
    retry = "      add_header Retry-After 5 always;\n" if problem is UNAVAILABLE else ""
    return (
        f"    error_page {listed} = @{problem.slug};\n"
        f"    location @{problem.slug} {{\n"
        f"{retry}"
        "      add_header Content-Language $speaks always;\n"
        "      add_header Vary Accept-Language always;\n"
        f"      return {problem.status} {_variable(problem)};\n"
        "    }"
    )


def _large_body(path: str, limit: int) -> str:
    return (
        f"    location ~ ^{path}(/|$) {{\n"
        "      proxy_pass http://$backend;\n"
        f"      client_max_body_size {limit};\n"
        "    }\n\n"
    )


def main() -> int:
    """Write the file, or compare it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="1 if nginx.conf is not current")
    chosen = parser.parse_args()
    path = HERE / "nginx.conf"
    if chosen.check:
        return 0 if path.read_text("utf-8") == render() else 1
    path.write_text(render(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
