"""A Deliverable as the notifier knows it: whose it is, when it is due, whether it is done."""

from dataclasses import dataclass, replace
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a fact says of it: done on a day or not; `gone` once that was retracted."""

    fact: str
    on: date
    done: bool
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliverable:
    """Made from events alone; a repeated event changes nothing."""

    key: str
    plan: str
    title: str
    title_fr: str | None = None
    unit: str
    due: date | None
    moved_to: date | None = None
    milestone: bool = False
    cancelled: bool = False
    synthetic: bool = False
    standings: tuple[Standing, ...] = ()

    @property
    def current_due(self) -> date | None:
        """The first date, or the last new one that was approved."""
        return self.due if self.moved_to is None else self.moved_to

    @property
    def is_done(self) -> bool:
        """Released at a stage that counts; a milestone, at its latest level, reached."""
        standing = [one for one in self.standings if not one.gone]
        if not self.milestone:
            return any(one.done for one in standing)
        return bool(standing) and max(standing, key=lambda one: one.on).done

    @property
    def is_open(self) -> bool:
        return not self.cancelled and not self.is_done

    def stand(self, fact: str, *, on: date, done: bool) -> "Deliverable":
        """Return it with what a fact says; a retracted fact says nothing any more."""
        known = next((one for one in self.standings if one.fact == fact), None)
        if known is not None and known.gone:
            return self
        others = tuple(one for one in self.standings if one.fact != fact)
        # The later statement about the same day stands first: `max` keeps the first of equals.
        return replace(self, standings=(Standing(fact=fact, on=on, done=done), *others))

    def retract(self, fact: str) -> "Deliverable":
        """Return it without what a fact said."""
        return replace(
            self,
            standings=tuple(
                replace(one, gone=True) if one.fact == fact else one for one in self.standings
            ),
        )

    def knows(self, fact: str) -> bool:
        return any(one.fact == fact for one in self.standings)
