"""What facts say after all: corrections applied, whichever came first."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kpi_engine.domain.corrections import CorrectionKind, Verdict, by_target, verdict_on
from kpi_engine.ports import Ledger, StoredCorrection, StoredFact
from shared_kit.events.base import Event
from shared_kit.events.codec import read_json
from shared_kit.events.corrections import FactReplaced
from shared_kit.events.envelope import InvalidEventError
from shared_kit.events.registry import EVENTS

CONTRACTS: Mapping[str, type[Event]] = {event.name: event for event in EVENTS.values()}
CORRECTIONS = frozenset(kind.value for kind in CorrectionKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectiveFact:
    """A fact, the event that it is after its corrections (None: retracted), and the verdict."""

    fact: StoredFact
    event: Event | None
    verdict: Verdict
    replaced_by: StoredFact | None = None


async def resolve(ledger: Ledger, facts: Sequence[StoredFact]) -> list[EffectiveFact]:
    """Apply what stands of the corrections in the ledger."""
    below = await ledger.corrections_below([fact.digest for fact in facts])
    return apply_corrections(facts, below)


def apply_corrections(
    facts: Iterable[StoredFact], below: Sequence[StoredCorrection]
) -> list[EffectiveFact]:
    """Apply corrections to facts; a replacement that breaks the contract has no effect."""
    facts = list(facts)
    names = {fact.digest: fact.name for fact in facts}
    stored = {one.correction.digest: one.fact for one in below}
    events: dict[bytes, Event] = {}
    usable = []
    for one in below:
        name = names.get(one.correction.target)
        if one.correction.kind is CorrectionKind.REPLACED:
            event = None if name is None else replacement(one.fact, name=name)
            if event is None:
                continue
            events[one.correction.digest] = event
        usable.append(one.correction)
    index = by_target(usable)
    found = []
    for fact in facts:
        verdict = verdict_on(fact=fact.digest, corrections=index)
        if verdict.retraction is not None:
            found.append(EffectiveFact(fact=fact, event=None, verdict=verdict))
        elif verdict.replacement is not None:
            digest = verdict.replacement.digest
            found.append(
                EffectiveFact(
                    fact=fact,
                    event=events[digest],
                    verdict=verdict,
                    replaced_by=stored[digest],
                )
            )
        else:
            found.append(EffectiveFact(fact=fact, event=read_fact(fact), verdict=verdict))
    return found


def read_fact(fact: StoredFact) -> Event:
    """Read a fact of the ledger; it was valid when it came in."""
    return read_json(CONTRACTS[fact.name], fact.payload)


def replacement(correction: StoredFact, *, name: str) -> Event | None:
    """The event that a replacement makes of a fact of that name; None where it makes none."""
    said = read_json(FactReplaced, correction.payload)
    try:
        return replaced_event(said, name=name)
    except InvalidEventError:
        return None


def replaced_event(said: FactReplaced, *, name: str) -> Event:
    """Validate what a replacement says by the contract of the fact that it names.

    Raises:
        InvalidEventError: it breaks the contract, or names a correction.
    """
    if name in CORRECTIONS:
        raise InvalidEventError("not-replaceable", "a correction is retracted, not replaced")
    return read_json(CONTRACTS[name], _json(said))


def _json(said: FactReplaced) -> bytes:
    return json.dumps(said.data, ensure_ascii=True).encode()
