"""What request and answer bodies are made of."""

from pydantic import BaseModel, ConfigDict, Field

from shared_kit.events.definitions import Said
from shared_kit.web.language import Language
from shared_kit.web.types import Flag, Line, Text


class Body(BaseModel):
    """A request body: closed, so that a misspelt field is an error and not a silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Read(BaseModel):
    """An answer body."""

    model_config = ConfigDict(frozen=True)


class SaidBody(Body):
    """A text in both languages."""

    en: Text
    fr: Text
    fr_official: Flag = False
    source: Line | None = None
    ours: Flag = False


class SaidRead(Read):
    """A text in the language of the answer, and where it comes from."""

    text: str
    official: bool = Field(description="False: our own words or an unofficial translation.")
    source: str | None = Field(default=None, description="Document and paragraph it cites.")
    ours: bool = Field(default=False, description="Not in the sources: our own.")


def said_read(said: Said, language: Language) -> SaidRead:
    french = language == "fr"
    return SaidRead(
        text=said.fr if french else said.en,
        official=not said.ours and (said.fr_official or not french),
        source=said.source,
        ours=said.ours,
    )
