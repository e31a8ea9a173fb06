"""What was said of a fact after it: every correction, by whom, why and when, and which holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kpi_engine.domain.corrections import Correction, CorrectionKind, by_target, stands, verdict_on
from kpi_engine.handlers.effective import CONTRACTS, CORRECTIONS, replaced_event
from kpi_engine.ports import FactRecord, StoredCorrection
from shared_kit.events.base import Event
from shared_kit.events.codec import read_json
from shared_kit.events.corrections import Correction as Said
from shared_kit.events.corrections import FactReplaced
from shared_kit.events.envelope import InvalidEventError

_SEEN = (CorrectionKind.VALIDATED, CorrectionKind.CONTESTED)
_LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One correction of a fact, or of a correction of it (`corrects`)."""

    record: FactRecord
    kind: CorrectionKind
    reason: str | None
    in_force: bool
    corrects: FactRecord | None
    changed: tuple[tuple[str, str | None, str | None], ...] = ()

    @property
    def shown(self) -> Mapping[str, object]:
        return {
            "kind": self.kind.value.removeprefix("fact."),
            "source": self.record.source,
            "id": self.record.id,
            "by": self.record.actor,
            "reason": self.reason,
            "stated": self.record.time,
            "recorded": self.record.recorded,
            "in_force": self.in_force,
            "corrects": None
            if self.corrects is None
            else {"source": self.corrects.source, "id": self.corrects.id},
            "changed": [
                {"field": field, "before": before, "after": after}
                for field, before, after in self.changed
            ],
        }


def trails(
    facts: Sequence[FactRecord],
    below: Sequence[StoredCorrection],
    records: Mapping[int, FactRecord],
) -> Mapping[int, tuple[Step, ...]]:
    """The corrections of each fact and theirs, oldest first; facts without one are left out.

    `records` has the record of each correction in `below`, by its number in the ledger.
    """
    by_digest = {one.correction.digest: records[one.fact.seq] for one in below}
    nodes = {one.correction.digest: one.correction for one in below}
    index = by_target(nodes.values())
    found = {}
    for fact in facts:
        own = _all_below(fact.digest, index)
        if own:
            held = _in_force(fact, index, by_digest)
            found[fact.seq] = tuple(
                _step(one, fact, by_digest, in_force=one.digest in held)
                for one in sorted(own, key=lambda one: one.order)
            )
    return found


def _all_below(digest: bytes, index: Mapping[bytes, Sequence[Correction]]) -> list[Correction]:
    found: dict[bytes, Correction] = {}
    waiting = [digest]
    while waiting:
        for one in index.get(waiting.pop(), ()):
            if one.digest not in found:
                found[one.digest] = one
                waiting.append(one.digest)
    return list(found.values())


def _in_force(
    fact: FactRecord,
    index: Mapping[bytes, Sequence[Correction]],
    records: Mapping[bytes, FactRecord],
) -> set[bytes]:
    """What makes the fact what it is by now; of corrections of corrections, those that stand."""
    usable = {
        target: [one for one in found if _usable(one, fact, records)]
        for target, found in index.items()
    }
    verdict = verdict_on(fact=fact.digest, corrections=usable)
    held = {one.digest for one in (verdict.retraction,) if one is not None}
    if verdict.retraction is None and verdict.replacement is not None:
        held.add(verdict.replacement.digest)
    seen = [one for one in usable.get(fact.digest, ()) if one.kind in _SEEN and stands(one, usable)]
    if seen and verdict.retraction is None:
        held.add(max(seen, key=lambda one: one.order).digest)
    # A correction of a correction: only a retraction says anything there.
    held |= {
        one.digest
        for target, found in usable.items()
        if target != fact.digest
        for one in found
        if one.kind is CorrectionKind.RETRACTED and stands(one, usable)
    }
    return held


def _usable(one: Correction, fact: FactRecord, records: Mapping[bytes, FactRecord]) -> bool:
    """Whether it has an effect: a replacement that breaks the contract has none."""
    if one.kind is not CorrectionKind.REPLACED:
        return True
    return one.target == fact.digest and _replaced(records[one.digest], fact) is not None


def _replaced(correction: FactRecord, fact: FactRecord) -> Event | None:
    try:
        return replaced_event(read_json(FactReplaced, correction.payload), name=fact.name)
    except InvalidEventError:
        return None


def _step(
    one: Correction, fact: FactRecord, records: Mapping[bytes, FactRecord], *, in_force: bool
) -> Step:
    record = records[one.digest]
    said = read_json(CONTRACTS[record.name], record.payload)
    changed: tuple[tuple[str, str | None, str | None], ...] = ()
    if one.kind is CorrectionKind.REPLACED and one.target == fact.digest:
        after = _replaced(record, fact)
        if after is not None and fact.name not in CORRECTIONS:
            changed = _differences(read_json(CONTRACTS[fact.name], fact.payload), after)
    return Step(
        record=record,
        kind=one.kind,
        reason=said.reason if isinstance(said, Said) else None,
        in_force=in_force,
        corrects=records.get(one.target),
        changed=changed,
    )


def _differences(before: Event, after: Event) -> tuple[tuple[str, str | None, str | None], ...]:
    """What another statement of the same fact says otherwise, as text."""
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    return tuple(
        (name, _text(old.get(name)), _text(new.get(name)))
        for name in type(before).model_fields
        if old.get(name) != new.get(name)
    )


def _text(value: object) -> str | None:
    if value is None:
        return None
    shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"
