"""Facts as the API shows them: where each lies, who stated it, and what corrects it."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

EXAMPLE_FACT: dict[str, Any] = {
    "source": "/wcoplan/plan-api",
    "id": "01979e1c-7b1f-7a51-9b11-0d7a3e5c8b21",
    "type": "org.wcoomd.strategy.estimate.stated.v1",
    "topic": "plan",
    "partition": 0,
    "offset": 212,
    "recorded": "2019-11-04T08:31:07Z",
    "evidence": None,
    "by": "demo-planning-office",
    "corrections": [],
}


class FactName(BaseModel):
    source: str
    id: str


class ChangedField(BaseModel):
    """What a replacement says otherwise, as text; lists with commas between."""

    field: str
    before: str | None
    after: str | None


class CorrectionRead(BaseModel):
    """What was said of a fact after it: by whom, why and when."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "replaced",
                    "source": "/capacity-building/missions",
                    "id": "m-0142-corrected",
                    "by": "demo-director:CB",
                    "reason": "The mission of 12 November served one Member, not two.",
                    "stated": "2019-12-20T09:12:00Z",
                    "recorded": "2019-12-20T09:12:03Z",
                    "in_force": True,
                    "corrects": None,
                    "changed": [
                        {"field": "member", "before": "X-TAMARIND-COAST", "after": "X-LUMBARA"}
                    ],
                }
            ]
        }
    )

    kind: str = Field(description="retracted, replaced, validated or contested.")
    source: str
    id: str
    by: str | None = Field(description="Who; null where unknown, and to whom names are not shown.")
    reason: str | None
    stated: datetime
    recorded: datetime
    in_force: bool = Field(
        description="It holds: not taken back, not overtaken by a later one, and usable."
    )
    corrects: FactName | None = Field(
        description="The correction that it takes back; null where it is about the fact itself."
    )
    changed: list[ChangedField] = Field(description="Of a replacement: what it says otherwise.")


class FactRef(BaseModel):
    """Where a fact lies: who stated it, its place in the log, when it was recorded."""

    source: str
    id: str
    type: str
    topic: str
    partition: int
    offset: int
    recorded: datetime
    evidence: str | None
    by: str | None = Field(default=None, description="Who caused it, where that is known.")
    corrections: list[CorrectionRead] = Field(
        default=[], description="What was said of it later, oldest first, in explanations."
    )


class FactListed(BaseModel):
    source: str
    id: str
    type: str
    subject: str
    time: datetime
    recorded: datetime
    effective: date | None
    topic: str
    partition: int
    offset: int
    evidence: str | None
    synthetic: bool


class FactRead(FactListed):
    state: str = Field(description="reported, validated, contested, replaced or retracted.")
    data: dict[str, Any]
    corrections: list[FactRef]
    counts_in: list[str] | None = Field(
        default=None,
        description="Keys of the indicators that it contributes to now, in any period: those that "
        "a correction of it may move. Not said with `as_of`, since now is not then.",
    )
