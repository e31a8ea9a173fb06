"""Checks entries against what is known, by the same rules as the use cases that will apply them."""

from collections.abc import KeysView, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from plan_api.core import facts
from plan_api.core.errors import InvalidFieldError, KeyTakenError, PlanApiError
from plan_api.core.rights import require
from plan_api.directory.repository import Content, Directory, Kind, listing
from plan_api.directory.service import check_parent as check_parent_unit
from plan_api.directory.service import content_of
from plan_api.events.service.references import References, look_up
from plan_api.exchange.model.findings import LineRead, Mistake
from plan_api.exchange.service.cells import column_of_field, mistake
from plan_api.exchange.service.lines import Entry, Fact, Registration, Said
from plan_api.implementation.model import (
    Action,
    ActionPlan,
    Deliverable,
    DeliverableDraft,
    Tags,
)
from plan_api.implementation.repository import Actions, Deliverables, digest_of
from plan_api.implementation.schemas.deliverables import ReachBody, ReleaseBody
from plan_api.implementation.service.planning import (
    check_action,
    check_deliverable,
    check_parent,
)
from plan_api.implementation.tables import ActionRow, DeliverableRow
from plan_api.plans.model import Estimate, Target, check_estimate, check_target
from plan_api.plans.repository import Figures
from plan_api.plans.service import find_indicator, period_of, today
from shared_kit.events.base import plan_of
from shared_kit.events.definitions import Indicator, PlanSnapshot
from shared_kit.identity import Caller, NotAllowedError, NotSignedInError, require_role
from shared_kit.web.language import Bilingual

NOT_YOURS = Bilingual(
    en="You may not write for this unit: ask its editor or the planning office.",
    fr="Vous ne pouvez pas écrire pour cette unité : demandez au bureau de la planification.",
)
_NO_DELIVERABLE = Bilingual(
    en="There is no such Deliverable, neither here nor in the sheet Deliverables.",
    fr="Ce livrable n’existe ni ici ni dans la feuille Livrables.",
)
_NO_INSTRUMENT = (
    "this instrument is not in the directory",
    "cet instrument n’est pas dans le répertoire",
)
REFUSALS = (PlanApiError, NotAllowedError, NotSignedInError)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """An entry that may come in, and whether it says something new."""

    entry: Entry
    new: bool


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
    known = Known(
        plan=plan,
        caller=caller,
        now=now,
        entries={
            kind: {
                entry.code: entry.content
                for entry in await directory.read(listing(kind, having={}))
            }
            for kind in Kind
        },
        actions={one.key: one for one in actions},
        deliverables={one.key: one for one in deliverables},
        stated={row[0]: row[1] for row in stated},
    )
    figures = Figures(session)
    for indicator in plan.indicators:
        key = f"{plan.plan}:{indicator.code}"
        # Oldest first: the latest revision of a period stays.
        for estimate in await figures.estimates(key):
            known.figures["estimate", key, estimate.figure.period] = estimate.figure
        for target in await figures.targets(key):
            known.figures["target", key, target.figure.period] = target.figure
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


def check(
    entries: Sequence[Entry], *, known: Known, references: References
) -> Sequence[Checked | Mistake]:
    """Check entries one by one, in the order in which they will be applied."""
    return [check_one(entry, known=known, references=references) for entry in entries]


def check_one(entry: Entry, *, known: Known, references: References) -> Checked | Mistake:
    """Check an entry; what it enters is known from then on."""
    try:
        return Checked(entry=entry, new=_check(entry.said, known=known, references=references))
    except REFUSALS as error:
        return mistake_of(entry.line, error)
    except LookupError:
        return mistake(entry.line, "deliverable", _NO_DELIVERABLE)


def mistake_of(line: LineRead, error: Exception) -> Mistake:
    """What a refusal means for a line."""
    match error:
        case InvalidFieldError():
            said = Bilingual(en=_sentence(error.en), fr=_sentence(error.fr))
            return mistake(line, column_of_field(line, error.field), said)
        case PlanApiError():
            return mistake(line, "", Bilingual(en=_sentence(error.en), fr=_sentence(error.fr)))
        case _:
            unit = "lead" if line.sheet == "actions" else "unit"
            return mistake(line, unit, NOT_YOURS)


def _check(said: Said, *, known: Known, references: References) -> bool:
    match said:
        case Registration():
            return _registration(said, known)
        case ActionPlan():
            return _action(said, known)
        case DeliverableDraft():
            return _deliverable(said, known)
        case Estimate():
            return _estimate(said, known)
        case Target():
            return _target(said, known)
        case Fact():
            return _fact(said, known, references)


def _registration(said: Registration, known: Known) -> bool:
    require_role(known.caller, operation=f"register_{said.kind.value}")
    entries = known.entries[said.kind]
    content = content_of(said.kind, code=said.code, content=said.content)
    before = entries.get(said.code)
    if before is not None:
        if before != content:
            raise KeyTakenError(said.code)
        return False
    check_parent_unit(content, code=said.code, known=known.units)
    entries[said.code] = content
    return True


def _action(planned: ActionPlan, known: Known) -> bool:
    known.caller.require_unit(planned.lead)
    check_action(planned, plan=known.plan, units=known.units)
    before = known.actions.get(planned.key)
    if before is not None:
        if before.planned != planned:
            raise KeyTakenError(planned.key)
        return False
    known.actions[planned.key] = Action(planned=planned)
    return True


def _deliverable(draft: DeliverableDraft, known: Known) -> bool:
    before = known.deliverables.get(draft.key)
    if before is not None:
        known.caller.require_unit(before.planned.unit)
        if known.stated.get(draft.key) != digest_of(draft):
            raise KeyTakenError(draft.key)
        return False
    known.caller.require_unit(draft.unit)
    action = None
    if draft.action is not None:
        action = check_parent(draft, known.actions.get(draft.action))
    if draft.instrument is not None and draft.instrument not in known.entries[Kind.INSTRUMENT]:
        raise InvalidFieldError("instrument", *_NO_INSTRUMENT)
    planned = check_deliverable(
        draft,
        plan=known.plan,
        action=None if action is None else action.planned,
        tags=known.tags(draft.instrument) if draft.instrument else None,
        units=known.units,
    )
    known.deliverables[draft.key] = Deliverable(planned=planned)
    known.stated[draft.key] = digest_of(draft)
    return True


def _indicator(said: Estimate | Target, known: Known) -> Indicator:
    if plan_of(said.indicator) != known.plan.plan:
        raise InvalidFieldError(
            "indicator", "the plan has no such indicator", "le plan n’a pas cet indicateur"
        )
    return find_indicator(known.plan, key=said.indicator)


def _estimate(estimate: Estimate, known: Known) -> bool:
    require_role(known.caller, operation="state_estimate")
    indicator = _indicator(estimate, known)
    period = period_of(known.plan, estimate.period, field="period")
    check_estimate(estimate, kind=indicator.kind, period=period)
    known.caller.require_unit(indicator.owner)
    return _is_new(("estimate", estimate.indicator, estimate.period), estimate, known)


def _target(target: Target, known: Known) -> bool:
    require_role(known.caller, operation="set_target")
    indicator = _indicator(target, known)
    period_of(known.plan, target.period, field="period")
    direction = None if indicator.path is None else indicator.path.direction
    check_target(target, kind=indicator.kind, direction=direction)
    return _is_new(("target", target.indicator, target.period), target, known)


def _is_new(place: tuple[str, str, str], figure: Estimate | Target, known: Known) -> bool:
    before = known.figures.get(place)
    known.figures[place] = figure
    return before != figure


def _fact(fact: Fact, known: Known, references: References) -> bool:
    require_role(known.caller, operation="post_events")
    if fact.event.digest in known.said:
        return False
    if fact.payload is not None:
        references.check(fact.payload)
        require(known.caller, references.demands_of(fact.payload))
    if fact.body is not None and fact.deliverable is not None:
        _work(fact.deliverable, fact.body, known)
    known.said.add(fact.event.digest)
    return True


def _work(key: str, body: ReleaseBody | ReachBody, known: Known) -> None:
    """Let the Deliverable itself say whether that can happen to it."""
    deliverable = known.deliverables[key]
    known.caller.require_unit(deliverable.planned.unit)
    day = today(known.plan, known.now)
    if isinstance(body, ReleaseBody):
        changed = deliverable.release(
            on=body.released_on, stage=body.stage, today=day, evidence=body.evidence, body=body.body
        )
    else:
        changed = deliverable.reach(
            share=body.share, on=body.reached_on, today=day, evidence=body.evidence
        )
    known.deliverables[key] = changed


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"
