"""Corrections: they travel with the fact that they name, and change what rests on it here."""

import json
from collections.abc import Mapping
from datetime import datetime

from plan_api.core import facts
from plan_api.core.errors import InvalidFieldError, PlanApiError, RefusedError, below
from plan_api.core.facts import Fact
from plan_api.core.kept_corrections import Kept, keep, standing_of, target_of
from plan_api.core.rights import OFFICE, OwnReportError, require
from plan_api.implementation.model import FactId
from plan_api.implementation.service import intake as work_intake
from shared_kit.delivery.transaction import Transaction
from shared_kit.events.base import Event, type_of
from shared_kit.events.codec import read
from shared_kit.events.corrections import (
    Correction,
    FactContested,
    FactReplaced,
    FactRetracted,
    FactValidated,
)
from shared_kit.events.envelope import CloudEvent, InvalidEventError, digest_of
from shared_kit.events.work import DeliverableReleased, MilestoneReached
from shared_kit.identity import Caller, NotAllowedError

_OF_DELIVERABLES = frozenset((type_of(DeliverableReleased), type_of(MilestoneReached)))
_CORRECTIONS = frozenset(
    type_of(one) for one in (FactRetracted, FactReplaced, FactValidated, FactContested)
)
_UNDONE = frozenset((type_of(FactRetracted), type_of(FactReplaced)))


class NotReplaceableError(RefusedError):
    """A correction stands or is retracted (`domain.md`, Corrections)."""

    def __init__(self) -> None:
        super().__init__(
            "a correction can only be retracted, not replaced",
            "une correction peut seulement être retirée, non remplacée",
        )


class AlreadyUndoneError(RefusedError):
    """What the correction changed here has gone its own way since; say the fact anew."""


class OursAloneError(RefusedError):
    """What plan-api announced itself, releases and levels apart, its verbs alone change."""

    def __init__(self) -> None:
        super().__init__(
            "of what was announced here, an event corrects releases and milestones alone: "
            "change the rest where it was entered",
            "de ce qui a été annoncé ici, un événement ne corrige que les publications et les "
            "jalons : modifiez le reste là où il a été saisi",
        )


def placed(
    event: CloudEvent,
    correction: Correction,
    *,
    known: Mapping[bytes, Fact],
    caller: Caller,
    own_source: str,
) -> Fact:
    """Say where a correction goes: to the fact that it names, else to `activity`.

    A fact that is unknown here may be anybody's: the planning office corrects it, or a service
    whose source it is.

    Raises:
        InvalidFieldError: the fact is unknown here and the CloudEvent has no subject.
        NotAllowedError: a service corrects a source that is not its own; the caller has not the
            right that the fact itself demands, or validates an own report.
        NotReplaceableError, OursAloneError
    """
    if not caller.may_send_from(correction.source):
        raise NotAllowedError("the corrected source is not the caller's")
    fact = known.get(digest_of(correction.source, correction.id))
    ours = correction.source == own_source or (fact is not None and fact.topic == "plan")
    if ours and (fact is None or fact.type not in _OF_DELIVERABLES):
        raise OursAloneError
    if fact is not None:
        if fact.type in _CORRECTIONS and isinstance(correction, FactReplaced):
            raise NotReplaceableError
        require(caller, fact.demands)
        if isinstance(correction, FactValidated) and fact.reporter == caller.subject:
            raise OwnReportError
        return fact
    if event.subject is None:
        raise InvalidFieldError(
            "subject",
            "the fact is not known here: the subject says where it lies",
            "le fait est inconnu ici : le sujet doit dire où il se trouve",
        )
    require(caller, OFFICE)
    return Fact(
        source=correction.source,
        id=correction.id,
        type="",
        topic="activity",
        subject=event.subject,
        key=event.subject,
        demands=OFFICE,
    )


async def apply(
    tx: Transaction,
    *,
    caller: Caller,
    now: datetime,
    event: CloudEvent,
    correction: Correction,
    fact: Fact,
) -> None:
    """Check a replacement by the contract of what it replaces, change the Deliverable, pass it on.

    Raises:
        InvalidEventError, InvalidFieldError, RefusedError, NotAllowedError
    """
    if isinstance(correction, FactRetracted) and await _undoes_work(tx, fact):
        # The ledger would count the first statement again while the Deliverable here is open or
        # changed: page and figure would contradict each other.
        raise AlreadyUndoneError(
            "a correction of a Deliverable is not taken back: release it anew, or replace the fact",
            "la correction d’un livrable ne se retire pas : diffusez-le de nouveau, ou remplacez "
            "le fait",
        )
    target = digest_of(fact.source, fact.id)
    if isinstance(correction, FactReplaced) and fact.type:
        _replacement(data_of(event), fact=fact)
    if isinstance(correction, FactRetracted | FactReplaced):
        await keep(
            tx.session,
            Kept(
                digest=event.digest,
                target=target,
                retracts=isinstance(correction, FactRetracted),
                said_at=event.time or now,
                source=event.source,
                id=event.id,
                content=event.data or b"",
            ),
        )
        if fact.type in _OF_DELIVERABLES:
            with below("data/data"):
                await _settle(tx, caller=caller, now=now, fact=fact)
    # Key and right may have been resolved since the fact was remembered.
    found = await facts.find(tx.session, [target])
    now_known = next(iter(found.values())) if found else fact
    tx.outbox.add_cloud_event(event, topic=fact.topic, key=now_known.key)
    await facts.place(tx.session, event, key=now_known.key, demands=now_known.demands)


async def _undoes_work(tx: Transaction, fact: Fact) -> bool:
    """Whether this is a correction of a release or a level that is here, however early it came."""
    if fact.type not in _UNDONE:
        return False
    if fact.topic == "work":
        return True
    target = await target_of(tx.session, digest_of(fact.source, fact.id))
    found = {} if target is None else await facts.find(tx.session, [target])
    return any(one.topic == "work" for one in found.values())


async def meet(tx: Transaction, *, caller: Caller, now: datetime, event: CloudEvent) -> None:
    """Let a release or a level that was just taken meet the corrections that came before it.

    The ledger has both: the Deliverable ends as it would have had they come after.
    """
    found = await facts.find(tx.session, [event.digest])
    for fact in found.values():
        try:
            await _settle(tx, caller=caller, now=now, fact=fact)
        except (InvalidEventError, PlanApiError):
            # What cannot be said now does not count today; nor does what it replaces.
            named = FactId(source=fact.source, id=fact.id)
            await work_intake.retract(tx, caller=caller, key=fact.subject, fact=named)


async def _settle(tx: Transaction, *, caller: Caller, now: datetime, fact: Fact) -> None:
    """Make of the Deliverable what the standing corrections say, whatever their order of arrival.

    A retraction outranks replacements; of these the latest is taken.
    """
    named = FactId(source=fact.source, id=fact.id)
    standing = await standing_of(tx.session, digest_of(fact.source, fact.id))
    if any(one.retracts for one in standing):
        await work_intake.retract(tx, caller=caller, key=fact.subject, fact=named)
        return
    usable = [(one, told) for one in standing if (told := _read_kept(one, fact=fact)) is not None]
    if usable:
        _, told = max(usable, key=lambda pair: pair[0].order)
        if isinstance(told, DeliverableReleased | MilestoneReached):
            await work_intake.correct(tx, caller=caller, now=now, told=told, fact=named)


def _read_kept(kept: Kept, *, fact: Fact) -> Event | None:
    """What a kept replacement says; one that breaks the contract has no effect (the engine's)."""
    try:
        data = json.dumps(json.loads(kept.content)["data"]).encode()
        return _replacement(data, fact=fact)
    except (InvalidEventError, ValueError, KeyError, TypeError):
        return None


def _replacement(data: bytes, *, fact: Fact) -> Event:
    payload = read(CloudEvent(id=fact.id, source=fact.source, type=fact.type, data=data))
    if payload.subject != fact.subject:
        raise InvalidFieldError(
            "data/data",
            "the replacement speaks of something else: retract the fact and state another",
            "le remplacement parle d’autre chose : retirez le fait et énoncez-en un autre",
        )
    return payload


def data_of(event: CloudEvent) -> bytes:
    """The data that a replacement carries, as JSON."""
    try:
        return json.dumps(json.loads(event.data or b"")["data"]).encode()
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidEventError("invalid-data", "the replacement has no data") from error
