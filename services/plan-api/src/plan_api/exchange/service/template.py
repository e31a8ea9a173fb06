"""The template of a plan: its drop-down lists are the plan's codes and the directory's."""

from collections.abc import Mapping, Sequence
from typing import get_args

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from plan_api.directory.repository import Directory, Kind, listing
from plan_api.exchange.model.fact_sheets import CORRECTING, FIELDS_OF
from plan_api.implementation.model import KINDS, Purpose, Stage
from plan_api.implementation.tables import ActionRow
from shared_kit.events.activity import OrganizerKind, Topic
from shared_kit.events.definitions import PlanSnapshot

_MOST_ACTIONS = 2_000
_REGIONS = ("AMERICAS", "ASIA-PACIFIC", "ESA", "EUROPE", "MENA", "WCA")
"""The codes of the six regions, as the demonstration writes them."""


async def choices(
    session: AsyncSession, *, plan: PlanSnapshot, french: bool
) -> Mapping[str, Sequence[str]]:
    """The lists of the template, by name."""
    actions = await session.scalars(
        select(ActionRow.key)
        .where(ActionRow.plan == plan.plan)
        .order_by(ActionRow.key)
        .limit(_MOST_ACTIONS)
    )
    periods = [period.code for period in plan.calendar().periods()]
    years = [code for code in periods if code != plan.cycle.code]
    return {
        "actions": [key.partition(":")[2] for key in actions],
        "corrections": list(CORRECTING),
        "flags": ["oui", "non"] if french else ["yes", "no"],
        "indicators": [one.code for one in plan.indicators],
        "instruments": await _codes(session, Kind.INSTRUMENT),
        "kinds": [*KINDS, *plan.deliverable_kinds],
        "languages": ["en", "fr"],
        "members": await _codes(session, Kind.MEMBER),
        "objectives": [one.code for one in plan.objectives],
        "organizers": [one.value for one in OrganizerKind],
        "packages": [one.code for one in plan.packages],
        "periods": periods,
        "priorities": [one.code for one in plan.priorities],
        "purposes": [one.value for one in Purpose],
        "quarters": [f"{code}-Q{quarter}" for code in years for quarter in (1, 2, 3, 4)],
        "regions": await _regions(session),
        "stages": [one.value for one in Stage],
        "topics": list(get_args(Topic)),
        "types": list(FIELDS_OF),
        "units": await _codes(session, Kind.UNIT),
        "years": years,
    }


async def _codes(session: AsyncSession, kind: Kind) -> Sequence[str]:
    found = await Directory(session).read(listing(kind, having={}))
    return sorted(entry.code for entry in found)


async def _regions(session: AsyncSession) -> Sequence[str]:
    found = await Directory(session).read(listing(Kind.MEMBER, having={}))
    return sorted({*_REGIONS, *(str(entry.content["region"]) for entry in found)})
