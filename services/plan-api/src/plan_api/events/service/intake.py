"""Takes events in: activity as it is, work as the REST verbs would, corrections to their facts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from plan_api.core import facts
from plan_api.core.errors import PlanApiError, below
from plan_api.core.facts import Fact, Remembered, Seen
from plan_api.core.locks import lock_all
from plan_api.core.rights import require
from plan_api.events.model import LARGEST_BATCH, ContradictedError, Outcome, TooLargeError
from plan_api.events.service import corrections
from plan_api.events.service.envelope import Said, addressed, read, stamped
from plan_api.events.service.references import References, look_up
from plan_api.implementation.repository import Deliverables
from plan_api.implementation.service import intake as work_intake
from shared_kit.delivery.transaction import Transaction
from shared_kit.events.corrections import Correction
from shared_kit.events.envelope import CloudEvent, InvalidEventError, digest_of
from shared_kit.events.work import DeliverableReleased, MilestoneReached
from shared_kit.identity import Caller, NotAllowedError

REFUSALS = (InvalidEventError, PlanApiError, NotAllowedError)
"""What makes an event invalid; everything else is a fault of ours and ends the request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """How one event ended; `error` says why it is invalid."""

    id: str | None
    source: str | None
    outcome: Outcome
    error: Exception | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    """An event that can be kept: stamped, with its topic and key."""

    event: CloudEvent
    said: Said
    topic: str
    key: str
    demands: str
    fact: Fact | None = None


async def take_one(
    tx: Transaction, *, caller: Caller, now: datetime, own_source: str, event: CloudEvent
) -> Outcome:
    """Take one event in.

    Raises:
        InvalidEventError, PlanApiError, NotAllowedError: why it is not taken.
    """
    taken = (await take(tx, caller=caller, now=now, own_source=own_source, events=[event]))[0]
    if taken.error is not None:
        raise taken.error
    return taken.outcome


async def take(
    tx: Transaction,
    *,
    caller: Caller,
    now: datetime,
    own_source: str,
    events: Sequence[CloudEvent | InvalidEventError],
) -> Sequence[Taken]:
    """Take events in, each on its own: a bad one does not hurt the others.

    Safe to repeat: what was accepted before is a duplicate and is not announced again.

    Raises:
        TooLargeError: there are more than a batch may hold.
    """
    if len(events) > LARGEST_BATCH:
        raise TooLargeError
    work = _Work(tx=tx, caller=caller, now=now, own_source=own_source, events=events)
    await work.read_all()
    await work.lock_all()
    await work.place_all()
    await work.keep_all()
    return work.taken()


class _Work:
    """One request: every step goes over all events, so that each asks the database once."""

    def __init__(
        self,
        *,
        tx: Transaction,
        caller: Caller,
        now: datetime,
        own_source: str,
        events: Sequence[CloudEvent | InvalidEventError],
    ) -> None:
        self._tx = tx
        self._caller = caller
        self._now = now
        self._own_source = own_source
        self._events = events
        self._said: dict[int, Said] = {}
        self._placed: dict[int, _Placed] = {}
        self._outcomes: dict[int, Outcome] = {}
        self._errors: dict[int, Exception] = {}

    async def read_all(self) -> None:
        for place, event in enumerate(self._events):
            if isinstance(event, InvalidEventError):
                self._errors[place] = event
                continue
            try:
                self._said[place] = read(
                    event, caller=self._caller, own_source=self._own_source, now=self._now
                )
            except REFUSALS as error:
                self._errors[place] = error

    async def lock_all(self) -> None:
        """Take all that is changed in one order, before anything is looked at.

        Two batches over the same Deliverables would else wait for each other, and a correction
        and its fact that come at once would miss each other.
        """
        names: set[str] = set()
        keys: set[str] = set()
        for said in self._said.values():
            match said.payload:
                case DeliverableReleased() | MilestoneReached() as told:
                    keys.add(told.deliverable)
                    names.add(_fact_name(said.event.source, said.event.id))
                case Correction() as correction:
                    names.add(_fact_name(correction.source, correction.id))
                case _:
                    pass
        named = [
            digest_of(said.payload.source, said.payload.id)
            for said in self._said.values()
            if isinstance(said.payload, Correction)
        ]
        await lock_all(self._tx.session, names=names | {f"deliverable {key}" for key in keys})
        if named:
            known = await facts.find(self._tx.session, named)
            keys |= {one.subject for one in known.values() if one.topic == "work"}
        if keys:
            await Deliverables(self._tx.session).lock(keys)

    async def place_all(self) -> None:
        payloads = [said.payload for said in self._said.values()]
        references = await look_up(self._tx.session, payloads, now=self._now)
        named = [
            digest_of(payload.source, payload.id)
            for payload in payloads
            if isinstance(payload, Correction)
        ]
        known = dict(await facts.find(self._tx.session, named)) if named else {}
        # A correction may come before the fact that it names, in one and the same batch.
        for place, said in sorted(
            self._said.items(), key=lambda item: isinstance(item[1].payload, Correction)
        ):
            try:
                placed = self._place(said, references=references, known=known)
            except REFUSALS as error:
                self._errors[place] = error
                continue
            self._placed[place] = placed
            known.setdefault(placed.event.digest, _fact_of(placed, reporter=self._caller.subject))

    async def keep_all(self) -> None:
        order = sorted(self._placed)
        seen = await facts.remember(
            self._tx.session,
            [
                Remembered(
                    event=one.event,
                    topic=one.topic,
                    key=one.key,
                    demands=one.demands,
                    reporter=self._caller.subject,
                )
                for one in (self._placed[place] for place in order)
            ],
        )
        for place, how in zip(order, seen, strict=True):
            match how:
                case Seen.NEW:
                    await self._pass_on(place)
                case Seen.REPEATED:
                    self._outcomes[place] = Outcome.DUPLICATE
                case Seen.CONTRADICTED:
                    self._errors[place] = ContradictedError()

    def taken(self) -> Sequence[Taken]:
        found = []
        for place, event in enumerate(self._events):
            sent = None if isinstance(event, InvalidEventError) else event
            error = self._errors.get(place)
            found.append(
                Taken(
                    id=None if sent is None else sent.id,
                    source=None if sent is None else sent.source,
                    outcome=self._outcomes.get(place, Outcome.INVALID),
                    error=error,
                )
            )
        return found

    def _place(self, said: Said, *, references: References, known: Mapping[bytes, Fact]) -> _Placed:
        payload = said.payload
        if isinstance(payload, Correction):
            fact = corrections.placed(
                said.event,
                payload,
                known=known,
                caller=self._caller,
                own_source=self._own_source,
            )
            event = addressed(said.event, subject=fact.subject)
            topic, key, demands = fact.topic, fact.key, fact.demands
        else:
            fact = None
            references.check(payload)
            demands = references.demands_of(payload)
            require(self._caller, demands)
            event = addressed(said.event, subject=payload.subject)
            topic, key = payload.topic, payload.partition_key
        return _Placed(
            event=stamped(event, caller=self._caller, now=self._now),
            said=said,
            topic=topic,
            key=key,
            demands=demands,
            fact=fact,
        )

    async def _pass_on(self, place: int) -> None:
        placed = self._placed[place]
        try:
            if placed.topic == "activity":
                await self._do(placed)
            else:
                # What a refusal leaves behind goes with the savepoint.
                async with self._tx.session.begin_nested():
                    await self._do(placed)
        except REFUSALS as error:
            self._errors[place] = error
            await facts.forget(self._tx.session, placed.event)
            return
        self._outcomes[place] = Outcome.ACCEPTED
        self._tx.audit.add(
            actor=self._caller.subject,
            action="event.accept",
            key=placed.event.subject or placed.key,
            detail={"source": placed.event.source, "id": placed.event.id},
        )

    async def _do(self, placed: _Placed) -> None:
        payload = placed.said.payload
        match payload:
            case DeliverableReleased() | MilestoneReached():
                with below("data"):
                    await work_intake.take(
                        self._tx,
                        caller=self._caller,
                        now=self._now,
                        told=payload,
                        stated=placed.event,
                    )
                await corrections.meet(
                    self._tx, caller=self._caller, now=self._now, event=placed.event
                )
            case Correction() if placed.fact is not None:
                await corrections.apply(
                    self._tx,
                    caller=self._caller,
                    now=self._now,
                    event=placed.event,
                    correction=payload,
                    fact=placed.fact,
                )
            case _:
                self._tx.outbox.add_cloud_event(placed.event, topic=placed.topic, key=placed.key)


def _fact_name(source: str, event_id: str) -> str:
    return f"fact {digest_of(source, event_id).hex()}"


def _fact_of(placed: _Placed, *, reporter: str) -> Fact:
    return Fact(
        source=placed.event.source,
        id=placed.event.id,
        type=placed.event.type,
        topic=placed.topic,
        subject=placed.event.subject or placed.key,
        key=placed.key,
        demands=placed.demands,
        reporter=reporter,
    )
