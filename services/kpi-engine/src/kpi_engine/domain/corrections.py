"""Facts about facts: which correction stands and what a fact says after all (`domain.md` 7)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class CorrectionKind(StrEnum):
    RETRACTED = "fact.retracted"
    REPLACED = "fact.replaced"
    VALIDATED = "fact.validated"
    CONTESTED = "fact.contested"


Order = tuple[datetime, str, str]
"""(time, source, id): wherever "latest" is said of facts it is the greatest of these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A correction as a node: `digest` is its own, `target` that of the fact that it names."""

    digest: bytes
    target: bytes
    kind: CorrectionKind
    order: Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of a fact. `retraction` outranks `replacement`."""

    retraction: Correction | None = None
    replacement: Correction | None = None
    state: CorrectionKind | None = None

    @property
    def contested(self) -> bool:
        return self.state is CorrectionKind.CONTESTED


def by_target(corrections: Iterable[Correction]) -> dict[bytes, list[Correction]]:
    """Index corrections by the fact that they name."""
    found: dict[bytes, list[Correction]] = {}
    for correction in corrections:
        found.setdefault(correction.target, []).append(correction)
    return found


def verdict_on(*, fact: bytes, corrections: Mapping[bytes, Sequence[Correction]]) -> Verdict:
    """Say what became of a fact, whatever the order in which its corrections arrived.

    A correction stands unless a standing retraction names it. Of several standing replacements
    the latest is taken; validated and contested likewise. Corrections that name one another in a
    circle are void.
    """
    standing = [one for one in corrections.get(fact, ()) if stands(one, corrections)]

    def latest(*kinds: CorrectionKind) -> Correction | None:
        return max((c for c in standing if c.kind in kinds), key=lambda c: c.order, default=None)

    seen = latest(CorrectionKind.VALIDATED, CorrectionKind.CONTESTED)
    return Verdict(
        retraction=latest(CorrectionKind.RETRACTED),
        replacement=latest(CorrectionKind.REPLACED),
        state=None if seen is None else seen.kind,
    )


def stands(correction: Correction, corrections: Mapping[bytes, Sequence[Correction]]) -> bool:
    """Whether a correction holds: no standing retraction names it.

    Walks down the retractions of a correction, deepest first; no recursion, chains may be long.

    What lies below a correction can lead back to it only through a circle; a fact that is no
    correction is in none, so the walk from it ends.
    """
    order: list[Correction] = []
    seen = {correction.digest}
    waiting = [correction]
    while waiting:
        one = waiting.pop()
        order.append(one)
        for below in corrections.get(one.digest, ()):
            if below.kind is CorrectionKind.RETRACTED and below.digest not in seen:
                seen.add(below.digest)
                waiting.append(below)
    holds: dict[bytes, bool] = {}
    for one in reversed(order):
        holds[one.digest] = not any(
            holds.get(below.digest, False)
            for below in corrections.get(one.digest, ())
            if below.kind is CorrectionKind.RETRACTED
        )
    return holds[correction.digest]
