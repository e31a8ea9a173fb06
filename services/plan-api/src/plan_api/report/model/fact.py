"""One fact of the ledger, whole: what it says, and the indicators that it contributes to."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeFact:
    """As the engine keeps it; what each field of `data` is depends on the type of event."""

    data: Mapping[str, object]
    counts_in: tuple[str, ...] = ()
