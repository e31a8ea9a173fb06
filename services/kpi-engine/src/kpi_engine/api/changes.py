"""Why a figure moved between two dates."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from kpi_engine.api.desk import DeskDep
from kpi_engine.api.fact_schemas import FactRef
from kpi_engine.api.results import IndicatorKey, PeriodCode, find_judgement, instant_of
from kpi_engine.api.schemas import ResultRead
from kpi_engine.domain.basis import BasisKind
from kpi_engine.domain.changes import Cause
from kpi_engine.domain.shifts import Shift
from shared_kit.calendar import PlanCalendar
from shared_kit.events.results import Status, StatusReason
from shared_kit.web.authorization import CallerDep
from shared_kit.web.language import Bilingual, Lang
from shared_kit.web.problems import INVALID_INPUT, FieldError, ProblemError
from shared_kit.web.types import DecimalString, written_out

router = APIRouter(prefix="/api/v1", tags=["results"])

Moment = AwareDatetime | date
From = Annotated[
    Moment,
    BeforeValidator(written_out),
    Query(
        alias="from",
        description="The earlier moment: as known at that instant, or by the end of that day.",
        examples=["2019-12-16"],
    ),
]
To = Annotated[
    Moment | None,
    BeforeValidator(written_out),
    Query(
        description="The later moment, in the same way; without it, now.", examples=["2020-02-03"]
    ),
]


_REVERSED = Bilingual(
    en="`from` is later than `to`: a change is told from the earlier moment to the later one",
    fr="`from` est postérieur à `to` : un changement se dit du moment antérieur au moment"
    " postérieur",
)


class ChangedItem(BaseModel):
    """What one item adds to a side now, less what it added then."""

    item: str
    side: str = Field(description="numerator or denominator.")
    title: str | None
    title_fr: str | None
    member: str | None
    change: DecimalString
    effective: date | None = Field(description="Of a planned item, its date.")
    late: bool = Field(
        description="Reported after the earlier moment, of what had happened by then."
    )
    fact: FactRef | None


class ChangePart(BaseModel):
    """What came of one cause."""

    cause: Cause = Field(
        description="`numerator`, `denominator`: new facts, or their day came. `scope`: what is "
        "planned became another. `correction`: facts were retracted, replaced or made good. "
        "`definition`: another version of the plan counts differently. `stated`: a figure was "
        "stated in place of what is counted."
    )
    numerator: DecimalString
    denominator: DecimalString
    ratio: DecimalString | None = Field(
        description="What it did to the ratio; null where one of the two has none."
    )
    exact: str | None = Field(description="The same as a fraction.", examples=["3/61"])
    sentence: str
    total: int = Field(description="How many items; at most 200 are listed.")
    items: list[ChangedItem]


class ShiftPart(BaseModel):
    """What one cause did to an attainment, or to what was expected."""

    cause: Shift = Field(
        description="`figure`: what is counted (the parts of the ratio say by what). `time`: days "
        "passed, more fell due. `plan`: estimates, listed items, their dates or targets became "
        "others. `definition`: it is judged otherwise. `together`: several that cannot be told "
        "apart."
    )
    change: DecimalString
    exact: str = Field(description="The same as a fraction.", examples=["-3/61"])
    sentence: str


class ShiftRead(BaseModel):
    """A change in parts that add up exactly, each cause by itself whatever came first."""

    before: DecimalString
    after: DecimalString
    change: DecimalString
    parts: list[ShiftPart]


class DecidedRead(BaseModel):
    """What decided a status: a figure, and what it was held against."""

    by: BasisKind | None = Field(
        description="`due`: items done among those due the grace ago. `expected`: the numerator "
        "against what was expected then. `whole`: against the denominator. `ahead`: done before "
        "anything was due. `target`: a level against the nearest bound; `path`: against its path. "
        "Null where nothing was judged."
    )
    figure: DecimalString | None
    against: DecimalString | None
    attainment: DecimalString | None
    status: Status
    reason: StatusReason | None
    sentence: str


class FellDue(BaseModel):
    item: str
    title: str
    title_fr: str | None
    due: date
    done: bool


class TurnRead(BaseModel):
    """What decided the status then and now, and what turned it."""

    before: DecidedRead
    after: DecidedRead
    changed: bool
    since: date | None = Field(
        description="From the judgement of this day on each has had the later status and reason."
    )
    turned_by: list[Shift] = Field(
        description="Without any one of these the status would be another; where none is needed, "
        "each would have done alone. Empty where the status is the same."
    )
    fell_due: list[FellDue] = Field(
        description="Items that are judged now and were not due then, grace deducted; at most 200."
    )
    sentence: str


class ChangesRead(BaseModel):
    """Two judgements, and the change between them in parts that add up exactly.

    Numerators, denominators and `exact` add up as they are; of `ratio`, 6 places, the parts add
    up to the difference of the two ratios shown. Between numerator and denominator the change is
    divided by the mean of both orders (Shapley), so it does not matter which is told first.
    """

    model_config = ConfigDict(populate_by_name=True)

    key: str
    period: str
    since: ResultRead = Field(alias="from")
    to: ResultRead
    numerator_change: DecimalString
    denominator_change: DecimalString
    ratio_change: DecimalString | None
    parts: list[ChangePart]
    expected: ShiftRead | None = Field(
        description="Of what is expected by then; null where nothing is."
    )
    attainment: ShiftRead | None = Field(
        description="Of what the status is judged by; null where one of the two is not judged."
    )
    status: TurnRead


@router.get(
    "/results/{key}/changes",
    operation_id="get_result_changes",
    summary="Say why a figure moved",
    description="Between two moments: by new facts, by what it is counted of, by what is planned, "
    "by corrections, by another definition; each with its items and facts. How much of what was "
    "expected and of the attainment moved by what is counted, by time, by the plan; what decided "
    "the status then and now, and what turned it. Moments in reversed order are refused (422).",
)
async def get_result_changes(
    caller: CallerDep,
    desk: DeskDep,
    lang: Lang,
    key: IndicatorKey,
    since: From,
    to: To = None,
    period: PeriodCode = None,
) -> ChangesRead:
    place, before = await find_judgement(desk, key, period, since, caller)
    if to is not None and _reversed(place.plan.calendar, since, to):
        wrong = FieldError(pointer="/query/from", message=_REVERSED, code="reversed")
        raise ProblemError(INVALID_INPUT, _REVERSED, errors=[wrong])
    _, after = await find_judgement(desk, key, period, to, caller)
    since_when = await desk.reads.status_since(judgement=after.id)
    told = await desk.comparer.compare(before=before, after=after, language=lang, since=since_when)
    return ChangesRead.model_validate(desk.named(told, to=caller))


def _reversed(calendar: PlanCalendar, since: Moment, to: Moment) -> bool:
    first, second = instant_of(calendar, since), instant_of(calendar, to)
    return first is not None and second is not None and first > second
