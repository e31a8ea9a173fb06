"""What the plan and the directory hold, and what the lines of a file add to it."""

from collections.abc import KeysView, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from plan_api.core import facts
from plan_api.directory.repository import Content, Directory, Kind, listing
from plan_api.events.service.references import References, look_up
from plan_api.exchange.service.codes import codes_of
from plan_api.exchange.service.guide import Guide
from plan_api.exchange.service.lines import Entry, Fact
from plan_api.implementation.model import Action, Deliverable, Tags
from plan_api.implementation.repository import Actions, Deliverables
from plan_api.implementation.tables import ActionRow, DeliverableRow
from plan_api.plans.model import Estimate, Target
from plan_api.plans.repository import Figures
from shared_kit.events.definitions import PlanSnapshot
from shared_kit.identity import Caller
from shared_kit.web.language import Bilingual

Named = tuple[str, str]
"""The sheet that something is entered by, and its code or key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A line with a mistake, that others may name: what it enters, and which columns are wrong."""

    sheet: str
    row: int
    code: str
    columns: frozenset[str]


@dataclass(slots=True, kw_only=True)
class Known:
    """What the plan and the directory hold; entries of the same file join as they are checked."""

    plan: PlanSnapshot
    caller: Caller
    now: datetime
    entries: dict[Kind, dict[str, Content]]
    actions: dict[str, Action]
    deliverables: dict[str, Deliverable]
    stated: dict[str, bytes | None]
    figures: dict[tuple[str, str, str], Estimate | Target] = field(default_factory=dict)
    said: set[bytes] = field(default_factory=set)
    guide: Guide
    broken: dict[Named, Broken] = field(default_factory=dict)
    waiting: dict[Named, Broken] = field(default_factory=dict)
    """What a line enters that names something broken, directly or through another."""

    @property
    def units(self) -> KeysView[str]:
        return self.entries[Kind.UNIT].keys()

    def tags(self, instrument: str) -> Tags:
        """What an instrument gives to what names it."""
        content = self.entries[Kind.INSTRUMENT][instrument]
        return Tags(
            packages=tuple(content.get("packages", ())),
            uses_it=bool(content.get("uses_it")),
            data_analysis=bool(content.get("data_analysis")),
            compendium=bool(content.get("compendium")),
        )

    def action(self, key: str) -> Action | None:
        """An Action that is in the plan, or comes whole from the file."""
        return None if ("actions", key) in self.broken else self.actions.get(key)

    def deliverable(self, key: str) -> Deliverable | None:
        return None if ("deliverables", key) in self.broken else self.deliverables.get(key)


async def load(
    session: AsyncSession, *, plan: PlanSnapshot, caller: Caller, now: datetime
) -> Known:
    """Read at once all that lines can name."""
    directory = Directory(session)
    actions = await Actions(session).read(select(ActionRow).where(ActionRow.plan == plan.plan))
    deliverables = await Deliverables(session).read(
        select(DeliverableRow).where(DeliverableRow.plan == plan.plan)
    )
    stated = await session.execute(
        select(DeliverableRow.key, DeliverableRow.stated).where(DeliverableRow.plan == plan.plan)
    )
    entries: dict[Kind, dict[str, Content]] = {
        kind: {
            entry.code: entry.content for entry in await directory.read(listing(kind, having={}))
        }
        for kind in Kind
    }
    known = Known(
        plan=plan,
        caller=caller,
        now=now,
        entries=entries,
        actions={one.key: one for one in actions},
        deliverables={one.key: one for one in deliverables},
        stated={row[0]: row[1] for row in stated},
        guide=_guide(plan, entries=entries, actions=actions, deliverables=deliverables),
    )
    figures = Figures(session)
    for indicator in plan.indicators:
        key = f"{plan.plan}:{indicator.code}"
        # Oldest first: the latest revision of a period stays.
        for estimate in await figures.estimates(key):
            known.figures["Estimate", key, estimate.figure.period] = estimate.figure
        for target in await figures.targets(key):
            known.figures["Target", key, target.figure.period] = target.figure
    return known


async def references_of(
    session: AsyncSession, entries: Sequence[Entry], *, known: Known
) -> References:
    """Look up what the facts among some entries name, and which of them were said before."""
    found = [one.said for one in entries if isinstance(one.said, Fact)]
    said = await facts.find(session, [one.event.digest for one in found]) if found else {}
    known.said |= said.keys()
    payloads = [one.payload for one in found if one.payload is not None]
    looked = await look_up(session, payloads, now=known.now)
    return replace(
        looked,
        # As they grow: what earlier lines of the same file enter is known to later ones.
        entries={kind: own.keys() for kind, own in known.entries.items()},
        plans={**looked.plans, known.plan.plan: known.plan},
    )


def _guide(
    plan: PlanSnapshot,
    *,
    entries: dict[Kind, dict[str, Content]],
    actions: Sequence[Action],
    deliverables: Sequence[Deliverable],
) -> Guide:
    codes = codes_of(
        plan,
        entries=entries,
        actions={
            code_of(one.key): Bilingual(
                en=one.planned.title, fr=one.planned.title_fr or one.planned.title
            )
            for one in actions
        },
    )
    names: dict[str, Bilingual | None] = {code_of(one.key): None for one in deliverables}
    return Guide(plan=plan, codes={**codes, "deliverables": names})


def code_of(key: str) -> str:
    return key.partition(":")[2] or key
