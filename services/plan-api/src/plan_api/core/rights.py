"""What right a fact demands of those who state or correct it, kept beside the fact as a text."""

from typing import Final

from shared_kit.identity import Caller, NotAllowedError, Role

ANYBODY: Final = ""
OFFICE: Final = "office"
_UNIT: Final = "unit:"


class OwnReportError(NotAllowedError):
    """A fact is validated by somebody else than its reporter."""

    fr = "un fait est validé par une autre personne que celle qui l’a signalé"

    def __init__(self) -> None:
        super().__init__("a fact is validated by somebody else than its reporter")


def of_unit(unit: str) -> str:
    """The right to write for a unit."""
    return f"{_UNIT}{unit}"


def require(caller: Caller, demands: str) -> None:
    """Let those through who hold the right; a service is held to its sources, elsewhere.

    Raises:
        NotAllowedError
    """
    if caller.role in (Role.PLANNING_OFFICE, Role.SERVICE):
        return
    if demands == OFFICE:
        raise NotAllowedError("only the planning office may do this")
    if demands.startswith(_UNIT):
        caller.require_unit(demands.removeprefix(_UNIT))
