"""Answers of the intake, and the schemas that it serves."""

from pydantic import Field

from plan_api.core.bodies import Read
from plan_api.events.model import Outcome


class TakenRead(Read):
    """How a single event ended."""

    id: str
    source: str
    status: Outcome
    accepted: int = Field(description="1, or 0 for a duplicate.")


class ItemErrorRead(Read):
    pointer: str
    message: str
    code: str


class ItemProblemRead(Read):
    """Why an item of a batch is invalid: a problem (RFC 9457) in small."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[ItemErrorRead]


class ItemRead(Read):
    """How one event of a batch ended, in the order in which they were sent."""

    id: str | None
    source: str | None
    status: Outcome
    problem: ItemProblemRead | None = None


class BatchRead(Read):
    accepted: int
    duplicates: int
    invalid: int
    items: list[ItemRead]


class EventTypeRead(Read):
    """A type of event, and where its JSON Schema is."""

    type: str
    topic: str | None = Field(description="Null: a correction travels with its fact.")
    description: str
    schema_path: str


class EventTypesRead(Read):
    items: list[EventTypeRead]
