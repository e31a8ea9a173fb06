"""Route of the parts of a figure, and who sees which of them."""

from collections.abc import Iterable, Mapping
from typing import Annotated

from fastapi import APIRouter, Query

from kpi_engine.api.desk import DeskDep
from kpi_engine.api.parts_schemas import (
    DivisionsRead,
    OverlapRead,
    PartRead,
    PartsRead,
    TotalRead,
)
from kpi_engine.api.results import AsOf, IndicatorKey, PeriodCode, find_judgement
from kpi_engine.ports.parts import By, Divided, Named, PartRow
from shared_kit.identity import SECRETARIAT, Caller
from shared_kit.web.authorization import CallerDep
from shared_kit.web.language import Lang

router = APIRouter(prefix="/api/v1", tags=["results"])

_UNKNOWN = Named(None, None)


@router.get(
    "/results/{key}/parts",
    summary="Divide a result into parts",
    description="By Member, region, unit, package or priority, or by several of them at once, "
    "from the same facts, corrections and log positions as the figure. The total is measured by "
    "itself; `statement` says whether the parts add up to it. An indicator that knows no such "
    "parts answers `available: false` with the reason. Counts of 1 to 4 Members are marked "
    "`suppressed`, with what would give them "
    "away by subtraction: the Secretariat sees them, others do not; one Member's part is seen by "
    "it and the Secretariat.",
)
async def get_result_parts(
    caller: CallerDep,
    desk: DeskDep,
    lang: Lang,
    key: IndicatorKey,
    by: Annotated[
        list[By],
        Query(
            min_length=1,
            max_length=len(By),
            description="What the figure is divided by; repeated for several at a time.",
            examples=[["unit"]],
        ),
    ],
    period: PeriodCode = None,
    as_of: AsOf = None,
) -> DivisionsRead:
    _, judged = await find_judgement(desk, key, period, as_of, caller)
    found = await desk.divider.parts(judged=judged, by=list(dict.fromkeys(by)), language=lang)
    return DivisionsRead(items=[_shown(one, caller) for one in found])


def _shown(divided: Divided, caller: Caller) -> PartsRead:
    """What of the parts whoever asks may see."""
    parts = list(_parts(divided, caller))
    withheld = len(divided.parts) - sum(not hidden for _, hidden in parts)
    total, overlap = divided.total, divided.overlap
    return PartsRead(
        key=divided.key,
        plan=divided.plan,
        period=divided.period,
        judged_on=divided.judged_on,
        revision=divided.revision,
        by=divided.by,
        available=divided.reason is None,
        reason=divided.reason,
        parts=[part for part, _ in parts],
        total=TotalRead(
            numerator=total.numerator,
            denominator=total.denominator,
            ratio=total.ratio,
            unplanned=total.unplanned,
        ),
        denominator_reason=divided.denominator_reason,
        not_listed=divided.beside,
        additive=divided.additive,
        # The overlap is a sum over all parts: with it a withheld one could be worked out.
        overlap=None
        if overlap is None or withheld
        else OverlapRead(numerator=overlap.numerator, denominator=overlap.denominator),
        statement=None if withheld else divided.statement,
        withheld=withheld,
    )


def _parts(divided: Divided, caller: Caller) -> Iterable[tuple[PartRead, bool]]:
    everything = caller.role in SECRETARIAT
    if not everything and divided.small and len(divided.small) == len(divided.parts):
        # Even which parts there are would tell: the total would then be theirs.
        return
    for place, part in enumerate(divided.parts):
        own = {f"member:{part.code}", "member:*"} & caller.scopes
        if divided.of_members and not everything and not own:
            continue
        suppressed = place in divided.small
        hidden = suppressed and not everything
        shown = PartRow(code=part.code, numerator=None) if hidden else part
        yield _read(shown, divided.names, suppressed=suppressed), hidden


def _read(part: PartRow, names: Mapping[str, Named], *, suppressed: bool) -> PartRead:
    named = names.get(part.code or "", _UNKNOWN)
    return PartRead(
        **part._asdict(), title=named.title, title_fr=named.title_fr, suppressed=suppressed
    )
