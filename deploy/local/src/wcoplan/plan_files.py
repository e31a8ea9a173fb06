"""`wcoplan plan`: look a plan file through, and bring it into a running system."""

from dataclasses import dataclass
from pathlib import Path

import httpx

from shared_kit.events.plan_file import PlanFileError, read_plan_file
from shared_kit.web.messages import field_errors

_OFFICE = {"authorization": "Bearer demo-planning-office"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with a file, and where: a JSON pointer into it, "" for the whole."""

    pointer: str
    reason: str


def lint(path: Path, *, language: str = "en") -> list[Fault]:
    """Everything that is wrong with a plan file; without a system and without the network."""
    try:
        found = read_plan_file(path.read_bytes())
    except PlanFileError as error:
        return _shape(error, language)
    return [
        Fault(pointer=one.pointer, reason=one.fr if language == "fr" else one.en)
        for one in found.findings
    ]


def _shape(error: PlanFileError, language: str) -> list[Fault]:
    if error.cause is None:
        return [Fault(pointer="", reason=f"JSON: {error.reason}")]
    found = field_errors(error.cause.errors(include_url=False, include_input=False))
    return [
        Fault(
            pointer=one.pointer,
            reason=one.message.fr if language == "fr" else one.message.en,
        )
        for one in found
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What a running system said to a plan file."""

    new: bool
    plan: str
    version: int
    periods: list[str]
    indicators: int


class RefusedError(Exception):
    """The system did not take the file. `faults` are the places, where it named some."""

    def __init__(self, reason: str, faults: list[Fault]) -> None:
        super().__init__(reason)
        self.faults = faults


async def bring(client: httpx.AsyncClient, text: bytes, *, language: str = "en") -> Imported:
    """Post a plan file as the planning office; safe to repeat.

    Raises:
        RefusedError: the system says why.
    """
    answer = await client.post(
        "/api/v1/plans",
        params={"lang": language},
        content=text,
        headers={**_OFFICE, "content-type": "application/json", "accept-language": language},
    )
    if answer.is_error:
        raise _refused(answer)
    taken = answer.json()
    return Imported(
        new=answer.status_code == httpx.codes.CREATED,
        plan=taken["plan"],
        version=taken["version"],
        periods=taken["periods"],
        indicators=taken["indicators"],
    )


def _refused(answer: httpx.Response) -> RefusedError:
    try:
        said = answer.json()
    except ValueError:
        return RefusedError(f"the system answered {answer.status_code}", [])
    faults = [
        Fault(pointer=one["pointer"].removeprefix("/body"), reason=one["message"])
        for one in said.get("errors", [])
    ]
    return RefusedError(f"{said['title']}: {said['detail']}", faults)
