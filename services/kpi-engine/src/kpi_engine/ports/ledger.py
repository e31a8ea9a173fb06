"""Keeping facts, contributions and definitions: what ingest and replay need."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import date
from typing import Protocol

from kpi_engine.ports.facts import (
    Contribution,
    Draft,
    Fact,
    Mark,
    MeasureKey,
    StoredCorrection,
    StoredFact,
)


class Ledger(Protocol):
    """The append-only facts, and the contributions that are made from them."""

    async def lock_definitions(self, *, exclusive: bool) -> None:
        """Shared for ordinary batches, exclusive where a plan event or a correction is in it."""

    async def append(self, facts: Sequence[Fact]) -> Mapping[bytes, int]:
        """Keep the facts; return the seq of those that are new. Duplicates change nothing."""
        ...

    async def contents(self, digests: Collection[bytes]) -> Mapping[bytes, tuple[bytes, str]]:
        """Return (content digest, name) of facts that are known."""
        ...

    async def corrections_below(self, digests: Collection[bytes]) -> Sequence[StoredCorrection]:
        """Return the corrections of facts, and those of the corrections, all the way."""
        ...

    async def corrected_by(self, digests: Collection[bytes]) -> Sequence[StoredFact]:
        """Return the facts, no corrections themselves, that corrections lead to."""
        ...

    async def add_contributions(self, rows: Sequence[Contribution]) -> None: ...

    async def drop_contributions(self, facts: Collection[int]) -> Sequence[Draft]:
        """Delete those of facts; return what they said, as far as it tells what to mark."""
        ...

    async def drop_measures(self, measures: Collection[int]) -> None:
        """Delete the contributions of measures, before they are made anew."""

    async def measures_listing(self, items: Collection[str]) -> Sequence[int]:
        """Return the measures in which an item is planned."""
        ...

    async def measures_releasing(
        self, items: Collection[str], *, plans: Collection[int], counts: Collection[int], least: int
    ) -> Sequence[int]:
        """Of `counts`, return those with a release of an item that has at least so many.

        An item counts at its earliest release alone, in the measures that that one passes: another
        one moves it between measures of which it passes none. `plans` hold every release.
        """
        ...

    def scan(self, names: Collection[str]) -> AsyncIterator[Sequence[StoredFact]]:
        """Read the facts of these names in chunks, in the order of the ledger."""
        ...

    async def mark(self, marks: Collection[Mark]) -> None: ...


class DefinitionStore(Protocol):
    """What is kept about definitions beside the ledger that they are read from."""

    async def revision(self) -> int:
        """How often the definitions have changed; a cache of an older number is stale."""
        ...

    async def changed(self) -> int:
        """Count one change more; return the number that readers see from the commit on."""
        ...

    async def measure_ids(
        self, measures: Collection[MeasureKey]
    ) -> tuple[Mapping[MeasureKey, int], frozenset[int]]:
        """The numbers of measures, given out where they are new; and which are not active."""
        ...

    async def activate(self, measures: Collection[int]) -> None:
        """These and no others are kept up to date from now on."""

    async def begin_day(self, *, plan: str, today: date) -> None:
        """A plan that becomes known has its first daily judgements on the next business day."""


class Rebuilds(Protocol):
    """A second set of contributions, to hold the live ones against."""

    async def begin(self) -> None:
        """Make an empty copy of the table."""

    async def add(self, rows: Sequence[Contribution]) -> None: ...

    async def differences(self, *, measures: Collection[int]) -> tuple[int, int, int]:
        """How many rows were made, how many of them the live table lacks, how many it has more."""
        ...

    async def take_over(self) -> None:
        """Put the copy in the place of the live contributions."""
