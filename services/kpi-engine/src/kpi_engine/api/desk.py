"""What the routes work with; put on the app by `bootstrap`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, FastAPI, Request

from kpi_engine.ports import CheckReads, Comparer, Explainer, PlanBook, Reads, Replays
from kpi_engine.ports.parts import Divider
from shared_kit.clock import Clock
from shared_kit.identity import Caller, Role


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

    def named(self, told: object, *, to: Caller) -> object:
        """An answer with the names of who said what, as far as the caller is shown them."""
        if self.shows_all or to.role is not Role.MEMBER:
            return told
        return _without_names(told)


def _without_names(told: object) -> object:
    if isinstance(told, Mapping):
        return {
            name: None if name == "by" else _without_names(value) for name, value in told.items()
        }
    if isinstance(told, list | tuple):
        return [_without_names(one) for one in told]
    return told


def install(app: FastAPI, desk: Desk) -> None:
    """Give the routes of an app their desk."""
    app.state.desk = desk


def _desk(request: Request) -> Desk:
    return cast(Desk, request.app.state.desk)


DeskDep = Annotated[Desk, Depends(_desk)]
