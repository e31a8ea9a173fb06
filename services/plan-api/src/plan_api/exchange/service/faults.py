"""All that keeps an entry out, by the same rules as the use cases that will apply it."""

from collections.abc import Iterator

from plan_api.core.errors import InvalidFieldError, KeyTakenError, PlanApiError
from plan_api.core.rights import require
from plan_api.directory.repository import Kind
from plan_api.directory.service import check_parent as check_parent_unit
from plan_api.directory.service import content_of
from plan_api.events.service.references import References
from plan_api.exchange.service.codes import name_of
from plan_api.exchange.service.known import Known, code_of
from plan_api.exchange.service.lines import Fact, Registration, Said
from plan_api.implementation.model import (
    Action,
    ActionPlan,
    Deliverable,
    DeliverableDraft,
    DeliverablePlan,
)
from plan_api.implementation.repository import digest_of
from plan_api.implementation.schemas.deliverables import ReachBody, ReleaseBody
from plan_api.implementation.service.planning import (
    check_parent,
    faults_of_action,
    faults_of_deliverable,
)
from plan_api.plans.model import Estimate, Target, check_estimate, check_target
from plan_api.plans.service import find_indicator, period_of, today
from shared_kit.events.base import plan_of
from shared_kit.events.definitions import Indicator
from shared_kit.identity import Caller, NotAllowedError, NotSignedInError, require_role
from shared_kit.web.language import Bilingual

REFUSALS = (PlanApiError, NotAllowedError, NotSignedInError)

_NO_INSTRUMENT = (
    "this instrument is not in the directory",
    "cet instrument n’est pas dans le répertoire",
)
_SHEETS = {Kind.UNIT: "units", Kind.MEMBER: "members", Kind.INSTRUMENT: "instruments"}


def faults_of(said: Said, *, known: Known, references: References) -> Iterator[Exception]:
    """What is wrong with an entry; none where it may come in, or is known already."""
    match said:
        case Registration():
            yield from _of_registration(said, known)
        case ActionPlan():
            yield from _of_action(said, known)
        case DeliverableDraft():
            yield from _of_deliverable(said, known)
        case Estimate():
            yield from _of_estimate(said, known)
        case Target():
            yield from _of_target(said, known)
        case Fact():
            yield from _of_fact(said, known, references)


def enter(said: Said, *, known: Known) -> bool:
    """Let what comes after know an entry without faults; False where it was known before."""
    match said:
        case Registration():
            entries = known.entries[said.kind]
            if said.code in entries:
                return False
            entries[said.code] = content_of(said.kind, code=said.code, content=said.content)
            name = name_of(entries[said.code], said.code)
            known.guide.codes[_SHEETS[said.kind]][said.code] = name
        case ActionPlan():
            if known.action(said.key) is not None:
                return False
            known.actions[said.key] = Action(planned=said)
            name = Bilingual(en=said.title, fr=said.title_fr or said.title)
            known.guide.codes["actions"][code_of(said.key)] = name
        case DeliverableDraft():
            if known.deliverable(said.key) is not None:
                return False
            known.deliverables[said.key] = Deliverable(planned=resolved(said, known))
            known.stated[said.key] = digest_of(said)
            known.guide.codes["deliverables"][code_of(said.key)] = None
        case Estimate() | Target():
            place = (type(said).__name__, said.indicator, said.period)
            before = known.figures.get(place)
            known.figures[place] = said
            return before != said
        case Fact():
            if said.event.digest in known.said:
                return False
            if said.body is not None and said.deliverable is not None:
                deliverable = known.deliverables[said.deliverable]
                known.deliverables[said.deliverable] = _told(deliverable, said.body, known)
            known.said.add(said.event.digest)
    return True


def resolved(draft: DeliverableDraft, known: Known) -> DeliverablePlan:
    """A Deliverable with what it inherits from what is there."""
    action = known.actions.get(draft.action) if draft.action else None
    has_tags = draft.instrument in known.entries[Kind.INSTRUMENT]
    return draft.resolved(
        action=None if action is None else action.planned,
        tags=known.tags(draft.instrument) if draft.instrument and has_tags else None,
    )


def _of_registration(said: Registration, known: Known) -> Iterator[Exception]:
    yield from _barred(known.caller, f"register_{said.kind.value}")
    content = content_of(said.kind, code=said.code, content=said.content)
    before = known.entries[said.kind].get(said.code)
    if before is not None:
        if before != content:
            yield KeyTakenError(said.code)
        return
    try:
        check_parent_unit(content, code=said.code, known=known.units)
    except InvalidFieldError as error:
        yield error


def _of_action(planned: ActionPlan, known: Known) -> Iterator[Exception]:
    yield from _not_theirs(known.caller, planned.lead)
    before = known.action(planned.key)
    if before is None:
        yield from faults_of_action(planned, plan=known.plan, units=known.units)
    elif before.planned != planned:
        yield KeyTakenError(planned.key)


def _of_deliverable(draft: DeliverableDraft, known: Known) -> Iterator[Exception]:
    before = known.deliverable(draft.key)
    if before is not None:
        yield from _not_theirs(known.caller, before.planned.unit)
        if known.stated.get(draft.key) != digest_of(draft):
            yield KeyTakenError(draft.key)
        return
    yield from _not_theirs(known.caller, draft.unit)
    if draft.action is not None:
        try:
            check_parent(draft, known.actions.get(draft.action))
        except PlanApiError as error:
            yield error
    if draft.instrument is not None and draft.instrument not in known.entries[Kind.INSTRUMENT]:
        yield InvalidFieldError("instrument", *_NO_INSTRUMENT)
    planned = resolved(draft, known)
    yield from faults_of_deliverable(planned, plan=known.plan, units=known.units)


def _indicator(said: Estimate | Target, known: Known) -> Indicator:
    if plan_of(said.indicator) != known.plan.plan:
        raise InvalidFieldError(
            "indicator", "the plan has no such indicator", "le plan n’a pas cet indicateur"
        )
    return find_indicator(known.plan, key=said.indicator)


def _of_estimate(estimate: Estimate, known: Known) -> Iterator[Exception]:
    yield from _barred(known.caller, "state_estimate")
    try:
        indicator = _indicator(estimate, known)
        period = period_of(known.plan, estimate.period, field="period")
        check_estimate(estimate, kind=indicator.kind, period=period)
        known.caller.require_unit(indicator.owner)
    except REFUSALS as error:
        yield error


def _of_target(target: Target, known: Known) -> Iterator[Exception]:
    yield from _barred(known.caller, "set_target")
    try:
        indicator = _indicator(target, known)
        period_of(known.plan, target.period, field="period")
        direction = None if indicator.path is None else indicator.path.direction
        check_target(target, kind=indicator.kind, direction=direction)
    except REFUSALS as error:
        yield error


def _of_fact(fact: Fact, known: Known, references: References) -> Iterator[Exception]:
    yield from _barred(known.caller, "post_events")
    if fact.event.digest in known.said:
        return
    try:
        if fact.payload is not None:
            references.check(fact.payload)
            require(known.caller, references.demands_of(fact.payload))
        if fact.body is not None and fact.deliverable is not None:
            deliverable = known.deliverables.get(fact.deliverable)
            if deliverable is None:
                raise InvalidFieldError(
                    "deliverable", "there is no such Deliverable", "ce livrable n’existe pas"
                )
            known.caller.require_unit(deliverable.planned.unit)
            _told(deliverable, fact.body, known)
    except REFUSALS as error:
        yield error


def _told(deliverable: Deliverable, body: ReleaseBody | ReachBody, known: Known) -> Deliverable:
    """Let the Deliverable itself say whether that can happen to it."""
    day = today(known.plan, known.now)
    if isinstance(body, ReleaseBody):
        return deliverable.release(
            on=body.released_on, stage=body.stage, today=day, evidence=body.evidence, body=body.body
        )
    return deliverable.reach(
        share=body.share, on=body.reached_on, today=day, evidence=body.evidence
    )


def _barred(caller: Caller, operation: str) -> Iterator[Exception]:
    try:
        require_role(caller, operation=operation)
    except REFUSALS as error:
        yield error


def _not_theirs(caller: Caller, unit: str) -> Iterator[Exception]:
    try:
        caller.require_unit(unit)
    except NotAllowedError as error:
        yield error
