"""Corrections: they travel with the fact that they name, and change what rests on it here."""

import json
from collections.abc import Mapping
from datetime import datetime

from plan_api.core import facts
from plan_api.core.errors import InvalidFieldError, RefusedError, below
from plan_api.core.facts import Fact
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
            "jalons : modifiez le reste là où il a été saisi",
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

    Raises:
        InvalidFieldError: the fact is unknown here and the CloudEvent has no subject.
        NotAllowedError: a service corrects a source that is not its own.
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
        return fact
    if event.subject is None:
        raise InvalidFieldError(
            "subject",
            "the fact is not known here: the subject says where it lies",
            "le fait est inconnu ici : le sujet doit dire où il se trouve",
        )
    return Fact(
        source=correction.source,
        id=correction.id,
        type="",
        topic="activity",
        subject=event.subject,
        key=event.subject,
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
    if fact.topic == "work" and fact.type in _UNDONE and isinstance(correction, FactRetracted):
        # The ledger would count the first statement again while the Deliverable here is open or
        # changed: page and figure would contradict each other.
        raise AlreadyUndoneError(
            "a correction of a Deliverable is not taken back: release it anew, or replace the fact",
            "la correction d'un livrable ne se retire pas : diffusez-le de nouveau, ou remplacez "
            "le fait",
        )
    replacement = _replacement(event, correction, fact=fact)
    if fact.type in _OF_DELIVERABLES:
        named = FactId(source=fact.source, id=fact.id)
        match correction:
            case FactRetracted():
                await work_intake.retract(tx, caller=caller, key=fact.subject, fact=named)
            case FactReplaced() if isinstance(replacement, DeliverableReleased | MilestoneReached):
                with below("data/data"):
                    await work_intake.correct(
                        tx, caller=caller, now=now, told=replacement, fact=named
                    )
            case _:
                pass
    # The key may have been resolved since the fact was remembered.
    found = await facts.find(tx.session, [digest_of(fact.source, fact.id)])
    key = next(iter(found.values())).key if found else fact.key
    tx.outbox.add_cloud_event(event, topic=fact.topic, key=key)
    await facts.place(tx.session, event, key=key)


def _replacement(event: CloudEvent, correction: Correction, *, fact: Fact) -> Event | None:
    if not isinstance(correction, FactReplaced) or not fact.type:
        return None
    replaced = CloudEvent(id=fact.id, source=fact.source, type=fact.type, data=data_of(event))
    payload = read(replaced)
    if payload.subject != fact.subject:
        raise InvalidFieldError(
            "data/data",
            "the replacement speaks of something else: retract the fact and state another",
            "le remplacement parle d'autre chose : retirez le fait et énoncez-en un autre",
        )
    return payload


def data_of(event: CloudEvent) -> bytes:
    """The data that a replacement carries, as JSON."""
    try:
        return json.dumps(json.loads(event.data or b"")["data"]).encode()
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidEventError("invalid-data", "the replacement has no data") from error
