"""What the API shows, and the port that reads it: queries return these as they are."""

from datetime import date, datetime
from typing import Annotated, Literal, Protocol
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from notifier.ports import examples
from shared_kit.web.paging import Page, Paging
from shared_kit.web.parked import ParkedRead
from shared_kit.web.types import DecimalString

LevelName = Literal["warning", "critical"]
PhaseName = Literal["pending", "firing", "recovering", "closed"]
Which = Literal["open", "closed", "all"]


class View(BaseModel):
    model_config = ConfigDict(frozen=True)


class Sentence(View):
    """A text in English and French."""

    en: Annotated[str, Field(examples=["Of 26 due by 4 January 2020, 20 are released."])]
    fr: Annotated[str, Field(examples=["Sur 26 attendus au 4 janvier 2020, 20 sont réalisés."])]


class OverdueRead(View):
    """A Deliverable past its date and unreleased."""

    key: Annotated[str, Field(examples=["wco-2019-2022:D-017-2"])]
    title: Annotated[str, Field(examples=["Guide on transit guarantees"])]
    title_fr: Annotated[str | None, Field(examples=["Guide sur les garanties de transit"])]
    due: date
    days: Annotated[int, Field(description="Days late on the day of judging.", examples=[65])]


class Figures(View):
    """The figures of the sample; null where the engine does not know."""

    numerator: DecimalString | None
    denominator: DecimalString | None
    due: DecimalString | None
    due_done: DecimalString | None
    window_due: DecimalString | None = Field(description="Of these, due in the recent window.")
    window_due_done: DecimalString | None
    due_by: date | None = Field(description="Items due up to this day are judged.")
    attainment: DecimalString | None
    evidence_p: DecimalString | None = Field(
        description="Probability of so few, were 95 % done as a rule; null where not counted."
    )
    once_in: int | None = Field(description="The same for people: about once in so many.")
    status: Literal["on-track", "at-risk", "off-track", "not-judged"]
    revision: int
    judged_on: date
    judged_at: datetime


class CheckedFigureRead(View):
    """A figure as far as a check compares it; null where there is none."""

    numerator: DecimalString | None
    denominator: DecimalString | None
    judged_numerator: DecimalString | None
    judged_denominator: DecimalString | None
    due: DecimalString | None
    due_done: DecimalString | None


class DifferingItemRead(View):
    """What is counted wrongly; only Deliverables have a title here."""

    key: Annotated[str, Field(examples=["wco-2019-2022:D-017-2"])]
    title: str | None
    title_fr: str | None


class DifferenceRead(View):
    """What the last check that found the figure to be in doubt says of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.DIFFERENCE]})

    check: int = Field(description="kpi-engine has it whole: `/api/v1/reconciliations/{check}`.")
    checked_at: datetime
    shown: CheckedFigureRead = Field(description="As it was judged last.")
    live: CheckedFigureRead = Field(description="What the rows that are kept say.")
    rebuilt: CheckedFigureRead = Field(description="What the facts say.")
    lost: int = Field(description="Rows of the indicator that were not kept.")
    surplus: int = Field(description="Rows of the indicator that no fact accounts for.")
    items: list[DifferingItemRead] = Field(description="Those of the first rows that differ.")


class AlertRead(View):
    """An episode: one deviation of one indicator in one period."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.ALERT]})

    id: UUID
    rule: Annotated[
        str,
        Field(
            description="`deviation`, or `reconciliation`: the figure is not what the facts say.",
            examples=["deviation"],
        ),
    ]
    rule_version: int
    plan: Annotated[str, Field(examples=["wco-2019-2022"])]
    indicator: Annotated[str, Field(examples=["wco-2019-2022:SG"])]
    code: Annotated[str, Field(examples=["SG"])]
    title: Sentence = Field(description="The objective's title, to the letter.")
    counted: Sentence = Field(description="What is counted, in a few words.")
    period: Annotated[str, Field(examples=["FY2019"])]
    period_label: Annotated[str, Field(examples=["FY2019/20"])]
    level: LevelName
    condition: Literal["watched", "open", "closed"] = Field(
        description="`watched`: a breach that has not lasted long enough; nobody was told."
    )
    phase: PhaseName = Field(description="The machine's own state behind the condition.")
    handling: Literal["new", "acknowledged", "closed-unseen"]
    basis: Literal["to-date", "window", "items", "status", "ledger"] = Field(
        description="What crossed the line: due items to date, those of the recent window, "
        "single items, or the engine's status. `ledger`: no line; the figure is not what the "
        "facts say (rule `reconciliation`)."
    )
    reason: Annotated[
        str,
        Field(
            description="One sentence that names the items.",
            examples=["Of 26 due by 4 January 2020, 20 are released; overdue: ..."],
        ),
    ]
    reason_fr: str
    since: date = Field(description="The first breach.")
    raised_on: date | None = Field(description="Null while it is only watched.")
    raised_at: datetime | None
    closed_on: date | None
    closed_at: datetime | None
    close_reason: (
        Literal[
            "recovered",
            "corrected",
            "period_closed",
            "target_amended",
            "rule_changed",
            "subject_retired",
            "agrees_again",
            "transient",
        ]
        | None
    )
    figures: Figures
    difference: DifferenceRead | None = Field(
        default=None, description="Of an alert of rule `reconciliation`; else null."
    )
    overdue: list[OverdueRead]
    owner_unit: Annotated[str | None, Field(examples=["SGO"])]
    owner_title: Sentence | None
    acknowledged_by: Annotated[str | None, Field(examples=["demo-director:SGO"])]
    acknowledged_at: datetime | None
    comment: str | None = Field(description="What was said with the acknowledgement.")


class Told(View):
    """Who was told of a transition, and how."""

    inbox_item: UUID
    unit: str | None
    mail: Literal["pending", "written", "no-mailbox", "bad-mailbox"] | None = Field(
        description="Null where a transition goes to the inbox only."
    )
    recipient: str | None
    written_at: datetime | None


class TransitionRead(View):
    model_config = ConfigDict(json_schema_extra={"examples": [examples.STEP]})
    seq: int
    kind: Literal[
        "watched",
        "raised",
        "level-changed",
        "told",
        "recovering",
        "relapsed",
        "acknowledged",
        "closed",
    ] = Field(description="`told`: raised while judgements were too old to tell of, told now.")
    on: date
    at: datetime
    level: LevelName
    previous_level: LevelName | None
    close_reason: str | None
    reason: str
    reason_fr: str
    figures: Figures
    by: str | None
    comment: str | None
    told: Told | None = Field(description="Null: nobody was told, by rule.")


class AlertDetail(AlertRead):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {**examples.ALERT, "on_track_on": "2019-12-20", "timeline": [examples.STEP]}
            ]
        }
    )
    on_track_on: date | None = Field(
        default=None,
        description="The last day before it that was judged on track; null where there is none.",
    )
    timeline: list[TransitionRead]


class ReminderItem(View):
    """A Deliverable and the date that its unit was reminded of."""

    key: Annotated[str, Field(examples=["wco-2019-2022:D-105-6"])]
    due: date


class InboxItem(View):
    """A notice in the inbox of a unit."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.ITEM]})

    id: UUID
    alert: UUID | None = Field(description="Null where it is about no alert: a reminder.")
    kind: Literal[
        "raised",
        "level-up",
        "level-down",
        "acknowledged",
        "recovered",
        "corrected",
        "period-closed",
        "target-amended",
        "rule-changed",
        "subject-retired",
        "agrees-again",
        "reminder",
    ] = Field(description="`reminder`: what comes due; the others are about an alert.")
    level: LevelName | None
    plan: str
    indicator: str | None
    period: str | None
    unit: str | None
    at: datetime
    language: Literal["en", "fr"]
    subject: Annotated[
        str,
        Field(
            examples=["[Critical] Leadership, guidance and support (SG): 20 of 26 due are released"]
        ),
    ]
    deliverables: list[ReminderItem] = Field(description="What a reminder is about; else none.")


class NoticeRead(InboxItem):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **examples.ITEM,
                    "text": "SG. ...",
                    "html": "<p>SG. ...</p>",
                    "template_error": None,
                }
            ]
        }
    )
    text: str
    html: str
    template_error: str | None = Field(description="Set where a plain text stands in.")


class RuleRead(View):
    """A rule and its numbers, which are data; ratios are exact fractions as text."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.RULE]})

    id: Annotated[str, Field(examples=["deviation"])]
    version: int
    name: Sentence
    says: Sentence
    healthy: Annotated[str, Field(examples=["19/20"])]
    min_due: int
    warning: dict[str, str | int]
    critical: dict[str, str | int]
    items: dict[str, int]
    recover_days: int


class Reads(Protocol):
    """The queries behind the API."""

    async def alerts(
        self,
        paging: Paging,
        *,
        plan: str | None,
        period: str | None,
        indicator: str | None,
        unit: str | None,
        which: Which,
        as_of: datetime | None = None,
    ) -> Page[AlertRead]: ...

    async def alert(self, id: UUID, *, as_of: datetime | None = None) -> AlertDetail | None: ...

    async def inbox(
        self,
        paging: Paging,
        *,
        unit: str | None,
        plan: str | None,
        language: Literal["en", "fr"],
        as_of: datetime | None = None,
    ) -> Page[InboxItem]: ...

    async def notice(
        self, id: UUID, *, language: Literal["en", "fr"] | None
    ) -> NoticeRead | None: ...

    async def rules(self) -> list[RuleRead]: ...


class ParkedReads(Protocol):
    """The queries for what could not be used."""

    async def parked(self, paging: Paging, *, code: str | None) -> Page[ParkedRead]: ...

    async def parked_record(self, id: int) -> ParkedRead | None: ...
