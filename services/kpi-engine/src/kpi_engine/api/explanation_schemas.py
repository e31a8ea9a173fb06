"""An explanation as the API shows it: both sides, what was left out, and the versions used."""

from datetime import date
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from kpi_engine.api.fact_schemas import EXAMPLE_FACT, FactRef
from kpi_engine.api.schemas import ResultRead
from shared_kit.web.types import DecimalString


class CountedItem(BaseModel):
    item: str
    title: str | None
    title_fr: str | None
    effective: date | None
    amount: DecimalString | None
    member: str | None
    unit: str | None
    synthetic: bool
    unplanned: bool = Field(description="A Deliverable that no adopted plan listed.")
    contested: bool
    fact: FactRef


class SideRead(BaseModel):
    total: int = Field(description="How many lines; at most 1,000 are shown.")
    counted: DecimalString | None = Field(
        default=None,
        description="What the lines come to: a tool with several Members, or a Member with "
        "several requests, counts once. Null where nothing is counted line by line.",
    )
    items: list[CountedItem]


class PlannedItem(BaseModel):
    item: str
    title: str
    title_fr: str | None
    due: date | None
    amount: DecimalString | None = Field(description="The weight of a milestone.")
    replanned: date | None = Field(description="An approved new date.")
    cancelled_on: date | None
    done_on: date | None
    days_late: int | None
    fact: FactRef | None


class PlannedRead(BaseModel):
    items: list[PlannedItem]


class LeftOut(BaseModel):
    item: str
    title: str | None
    title_fr: str | None
    rule: str
    rule_fr: str
    fact: FactRef


class DefinitionVersion(BaseModel):
    version: int
    effective_on: date
    next_on: date | None = Field(description="From when on the next version holds.")
    changed: bool = Field(description="It measures or judges otherwise than the version before.")
    in_force: bool = Field(description="The result is measured with it.")
    fact: FactRef | None


class DefinitionRead(BaseModel):
    version: int
    title: str
    title_fr: str
    measure: dict[str, Any] | None
    versions: list[DefinitionVersion] = Field(
        default=[], description="The versions of the plan that define it, the oldest first."
    )


class Version(BaseModel):
    """One statement of an estimate or a target, or an adoption, with its date and its reason."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "period": "FY2019",
                    "revision": 2,
                    "effective_on": "2019-11-04",
                    "reason": "Two workshops were moved to the next year.",
                    "in_force": True,
                    "fact": EXAMPLE_FACT,
                    "value": "14",
                    "added": None,
                    "low": None,
                    "high": None,
                }
            ]
        }
    )

    period: str
    revision: int | None
    effective_on: date = Field(description="The day of its statement, or of the adoption.")
    reason: str | None
    in_force: bool = Field(
        description="What the result is held against. Where the first estimate stays, the first."
    )
    fact: FactRef
    value: DecimalString | None = None
    added: DecimalString | None = Field(
        default=None, description="Of an adoption: how much it was the first to list."
    )
    low: DecimalString | None = None
    high: DecimalString | None = None


class EstimateRead(BaseModel):
    value: DecimalString
    first: DecimalString
    stated: bool = Field(description="Stated for this period.")
    basis: str = Field(
        default="stated",
        description="stated; adopted: counted from the adopted plan; years: the sum of the years.",
    )
    revision: int | None = None
    reason: str | None = None
    effective_on: date | None = None
    versions: list[Version] = Field(default=[], description="By period, the oldest first.")


class TargetRead(BaseModel):
    low: DecimalString | None
    high: DecimalString | None
    revision: int | None = None
    reason: str | None = None
    effective_on: date | None = None
    versions: list[Version] = []


class SilenceRead(BaseModel):
    """Until when it is confirmed that nothing is missing: silence is a known zero."""

    until: date
    fact: FactRef


class RestatementRead(BaseModel):
    """A judgement that changed what was known of the period before it."""

    revision: int
    judged_on: date
    judged_at: AwareDatetime
    cause: str = Field(
        description="correction; late-facts: facts that came after the period was over."
    )
    since: AwareDatetime = Field(description="When the judgement before it was made.")
    numerator: DecimalString | None
    denominator: DecimalString | None
    numerator_before: DecimalString | None
    denominator_before: DecimalString | None


class CompanionRead(BaseModel):
    """A figure that stands beside the result and is not part of its ratio."""

    code: str = Field(
        description="unplanned, pairs, partly-served, supported-without-request, contested,"
        " or part:<value> of a count that is shown in parts."
    )
    label: str
    value: int
    of: int | None = Field(description="Of a part: its items that the adopted plans list.")
    items: list[str] = Field(description="Keys of Deliverables, or Members.")


class ExplanationRead(BaseModel):
    """Every fact behind a judgement, from the ledger below the positions that it had read."""

    result: ResultRead
    definition: DefinitionRead
    numerator: SideRead
    denominator: SideRead
    planned: PlannedRead
    companions: list[CompanionRead]
    excluded: list[LeftOut]
    estimate: EstimateRead | None
    target: TargetRead | None
    silence: SilenceRead | None = None
    restatements: list[RestatementRead] = Field(
        default=[], description="When what was known of the period changed, oldest first."
    )
    arithmetic: str
    offsets: dict[str, dict[str, int]]
    reproduced: bool = Field(description="Judged again from the ledger, it says the same.")
