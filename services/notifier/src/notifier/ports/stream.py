"""What the stream tells, and what its route needs of the world."""

from collections.abc import AsyncGenerator, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, Protocol

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared_kit.events.base import DecimalString

NewsKind = Literal["result", "alert"]


class _News(BaseModel):
    model_config = ConfigDict(frozen=True)

    plan: str
    indicator: str
    period: str


class ResultNews(_News):
    """An indicator was judged. Ratios have 6 places, half-even; null where there is no figure."""

    revision: int
    judged_on: date
    judged_at: AwareDatetime
    status: str
    reason: str | None
    numerator: DecimalString | None
    denominator: DecimalString | None
    ratio: DecimalString | None
    attainment: DecimalString | None
    daily: Annotated[bool, Field(description="A business day began; else facts caused it.")]
    restated: bool


class AlertNews(_News):
    """An alert was raised, changed its level, was acknowledged, recovers or is closed."""

    alert: str
    rule: Annotated[str, Field(description="`deviation` or `reconciliation`.")]
    change: str
    level: str
    at: AwareDatetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewItem:
    """A piece of news on its way into the table; `secretariat` is not for Members to see."""

    kind: NewsKind
    secretariat: bool
    news: ResultNews | AlertNews


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A piece of news as it lies in the table. `seq` rises in the order of becoming visible."""

    seq: int
    kind: NewsKind
    plan: str
    indicator: str
    secretariat: bool
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a reader asks for and may see: no plan is any, no indicator is all."""

    plan: str | None
    indicator: str | None
    kinds: Collection[NewsKind]
    secretariat: bool

    def __call__(self, item: Item) -> bool:
        return (
            item.kind in self.kinds
            and (self.plan is None or item.plan == self.plan)
            and (self.indicator is None or item.indicator == self.indicator)
            and (self.secretariat or not item.secretariat)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Where a reader begins: after an item, with what came since an instant, or now."""

    after: int | None = None
    since: AwareDatetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What is told at once. `at` is where the reader then stands; no items is a sign of life.

    `missed`: what lies between the reader's place and `at` is not kept, or is too much to tell.
    """

    at: int
    items: Sequence[Item] = ()
    missed: bool = False


class News(Protocol):
    """Writes news in the transaction of what it tells of."""

    async def tell(self, items: Sequence[NewItem]) -> None:
        """Called last: it holds a lock until the commit, so that the order is that of commits."""


class TooManyStreamsError(Exception):
    """As many streams are open as this process bears."""


class Streams(Protocol):
    """The open streams of this process."""

    async def begin(self, start: Start, *, wanted: Wanted) -> Piece:
        """Say where a reader begins, with what it missed.

        Raises:
            TooManyStreamsError
        """
        ...

    def follow(self, at: int, *, wanted: Wanted) -> AsyncGenerator[Piece]:
        """Tell what comes after a place and is wanted, until the service ends.

        Without news a piece without items comes now and then: a sign of life.
        """
        ...
