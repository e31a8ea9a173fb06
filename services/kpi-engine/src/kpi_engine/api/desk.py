"""What the routes work with; put on the app by `bootstrap`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, FastAPI, Request

from kpi_engine.ports import CheckReads, Comparer, Explainer, PlanBook, Reads, Replays
from kpi_engine.ports.parts import Divider
from shared_kit.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The ports of the read API."""

    reads: Reads
    plans: PlanBook
    explainer: Explainer
    comparer: Comparer
    divider: Divider
    replays: Replays
    checks: CheckReads
    ask_for_check: Callable[[], None]
    business: Clock
    shows_all: bool
    """The loopback demonstration hides nothing (`domain.md`, decision 11)."""


def install(app: FastAPI, desk: Desk) -> None:
    """Give the routes of an app their desk."""
    app.state.desk = desk


def _desk(request: Request) -> Desk:
    return cast(Desk, request.app.state.desk)


DeskDep = Annotated[Desk, Depends(_desk)]
