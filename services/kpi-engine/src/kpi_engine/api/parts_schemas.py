"""Answers about the parts of a figure."""

from datetime import date

from pydantic import BaseModel, Field

from kpi_engine.ports.parts import By
from shared_kit.web.types import DecimalString


class TotalRead(BaseModel):
    """The figure itself, measured by itself."""

    numerator: DecimalString | None
    denominator: DecimalString | None
    ratio: DecimalString | None
    unplanned: int | None


class PartRead(BaseModel):
    """One part; its figures are null where they are withheld from whoever asks."""

    code: str | None = Field(
        description="A Member's, region's, unit's or package's code or a priority's key; null:"
        " what the facts give none for."
    )
    title: str | None
    title_fr: str | None
    numerator: DecimalString | None
    denominator: DecimalString | None
    ratio: DecimalString | None
    unplanned: int | None = Field(description="Of the numerator: what no adopted plan lists.")
    pairs: int | None = Field(description="Of tools implemented: pairs of a tool and a Member.")
    suppressed: bool = Field(
        description="A count of 1 to 4 Members, or one from which such a count could be worked"
        " out: shown to the Secretariat alone, and not to be passed on."
    )


class OverlapRead(BaseModel):
    """Sum of the parts less the total."""

    numerator: DecimalString
    denominator: DecimalString | None


class PartsRead(BaseModel):
    """A figure in parts. The total is never the sum of the parts."""

    key: str
    plan: str
    period: str
    judged_on: date
    revision: int = Field(description="Of the judgement that is divided.")
    by: By
    available: bool
    reason: str | None = Field(description="Why the figure is not divided so.")
    parts: list[PartRead] = Field(description="In the order of the directory or the plan.")
    total: TotalRead
    denominator_reason: str | None = Field(description="Why the parts have no denominator.")
    not_listed: DecimalString | None = Field(
        description="What of the total's denominator is estimated and no listed item: of no part."
    )
    additive: bool | None = Field(description="Whether nothing can be in two parts.")
    overlap: OverlapRead | None = Field(description="Null where parts are withheld.")
    statement: str | None = Field(description="Whether the parts add up, in a sentence.")
    withheld: int = Field(description="Parts that are not shown, or without their figures.")


class DivisionsRead(BaseModel):
    """A figure divided by one dimension or by several, of one judgement."""

    items: list[PartsRead] = Field(description="One for each `by`, in the order asked for.")
