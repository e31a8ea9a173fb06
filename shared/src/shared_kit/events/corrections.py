"""Facts about facts, on the topic of the fact that they name (`domain.md`, decision 4)."""

from typing import Any, ClassVar

from shared_kit.events.base import Event, Line, Text


class Correction(Event):
    """Names a fact by (source, id). Topic, subject and key are those of that fact, so they are
    the envelope's and not in the payload.
    """

    topic: ClassVar[str] = ""
    source: Line
    id: Line
    reason: Text | None = None

    @property
    def subject(self) -> str:
        raise LookupError("a correction travels under the subject of the fact that it names")


class FactRetracted(Correction):
    """The fact did not happen; outranks a replacement."""

    name: ClassVar[str] = "fact.retracted"


class FactReplaced(Correction):
    """The fact happened, but as said here."""

    name: ClassVar[str] = "fact.replaced"
    data: dict[str, Any]


class FactValidated(Correction):
    """Somebody else than the reporter confirmed the fact."""

    name: ClassVar[str] = "fact.validated"


class FactContested(Correction):
    """The fact is in dispute; it counts and is shown apart."""

    name: ClassVar[str] = "fact.contested"
