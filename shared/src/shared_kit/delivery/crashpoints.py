"""Named places where a test may kill the process. In production `reach` costs one look-up.

WCOPLAN_FAILPOINTS="name:probability,..." arms them, WCOPLAN_FAILPOINTS_FILE takes one line for
each hit, and nothing happens without WCOPLAN_ALLOW_FAILPOINTS=1: the process refuses instead.
"""

import os
import random
from functools import lru_cache
from typing import Literal, get_args

CrashPoint = Literal[
    "relay-after-read",
    "relay-after-send",
    "relay-after-mark",
    "consumer-after-fetch",
    "consumer-after-apply",
    "consumer-before-commit",
    "consumer-after-commit",
    "engine-after-facts",
    "engine-after-judge",
    "engine-judge-before-commit",
    "engine-judge-after-commit",
    "notifier-after-evaluate",
    "notifier-before-commit",
    "notifier-after-commit",
    "plan-api-before-commit",
    "plan-api-after-commit",
    "import-part-written",
]

CRASH_POINTS: tuple[str, ...] = get_args(CrashPoint)
KILLED = 137  # what a shell reports after kill -9


class CrashPointsRefusedError(RuntimeError):
    """Crash points are armed where they are not allowed, or by a name that does not exist."""


def reach(name: CrashPoint) -> None:
    """End the process here, without any clean-up, if the test wants it."""
    armed = os.environ.get("WCOPLAN_FAILPOINTS")
    if not armed:
        return
    if random.random() >= _armed(armed).get(name, 0.0):  # noqa: S311 - a test's dice
        return
    hits = os.environ.get("WCOPLAN_FAILPOINTS_FILE")
    if hits:
        descriptor = os.open(hits, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        os.write(descriptor, f"{name} {os.getpid()}\n".encode())
        os.close(descriptor)
    os._exit(KILLED)


def check() -> None:
    """Refuse a wrong setting when the process starts, not when the first point is reached.

    Raises:
        CrashPointsRefusedError
    """
    armed = os.environ.get("WCOPLAN_FAILPOINTS")
    if armed:
        _armed(armed)


@lru_cache
def _armed(setting: str) -> dict[str, float]:
    if os.environ.get("WCOPLAN_ALLOW_FAILPOINTS") != "1":
        raise CrashPointsRefusedError("crash points are armed without WCOPLAN_ALLOW_FAILPOINTS=1")
    found = {}
    for part in setting.split(","):
        name, _, probability = part.strip().partition(":")
        if name not in CRASH_POINTS:
            raise CrashPointsRefusedError(f"there is no crash point {name!r}")
        found[name] = float(probability or 1)
    return found
