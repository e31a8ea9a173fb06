"""What moved an attainment and what was expected, and what turned the status, of two judgements.

Each is judged again with the figure, the day, the plan or the definition of the other one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from kpi_engine.domain.basis import BasisKind
from kpi_engine.domain.changes import MILLION, in_millionths
from kpi_engine.domain.figures import Listing, Measured, Statements
from kpi_engine.domain.judging import Outcome, judge
from kpi_engine.domain.planned import in_force
from kpi_engine.domain.shifts import Came, Shift, divided, turned_by
from kpi_engine.handlers import turn_words as words
from kpi_engine.handlers.explain import Recalled
from kpi_engine.handlers.results import amount, ratio

_ALWAYS = (Shift.FIGURE, Shift.TIME, Shift.PLAN)
_MOST_DUE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Turning:
    """Two judgements, and any mixture of them."""

    old: Recalled
    new: Recalled
    _made: dict[Came, Outcome] = field(default_factory=dict)

    @property
    def causes(self) -> Sequence[Shift]:
        before, after = (
            (one.case.definition.version, one.case.definition.digest, one.case.plan.calendar)
            for one in (self.old, self.new)
        )
        return _ALWAYS if before == after else (*_ALWAYS, Shift.DEFINITION)

    def outcome(self, came: Came) -> Outcome:
        """Judged with what came from the later judgement, the rest from the earlier one."""
        if came not in self._made:
            self._made[came] = self._judged(came)
        return self._made[came]

    def _judged(self, came: Came) -> Outcome:
        figure, time, plan, definition = (
            self.new if cause in came else self.old for cause in (*_ALWAYS, Shift.DEFINITION)
        )
        if Shift.DEFINITION not in self.causes:
            definition = self.new
        case = definition.case
        return judge(
            definition=case.definition,
            period=case.period,
            calendar=case.plan.calendar,
            as_of=time.case.question.as_of,
            measured=_mixed(figure, plan, self.new if figure is self.old else self.old),
            statements=Statements(
                estimates=plan.statements.estimates,
                targets=plan.statements.targets,
                figures=figure.statements.figures,
                confirmed_until=figure.statements.confirmed_until,
            ),
        )

    def told(self, *, since: date | None, language: str) -> Mapping[str, object]:
        """As the API answers it; `since` is the day from which the later status has stood."""
        return {
            "expected": self._moved(lambda one: one.expected, amount, language),
            "attainment": self._moved(lambda one: one.attainment, ratio, language),
            "status": self._turn(since, language),
        }

    def _moved(
        self,
        value: Callable[[Outcome], Fraction | None],
        shown: Callable[[Fraction | None], Decimal | None],
        language: str,
    ) -> Mapping[str, object] | None:
        parts = divided(lambda came: value(self.outcome(came)), causes=self.causes)
        before, after = (value(self.outcome(frozenset(ends))) for ends in ((), self.causes))
        if parts is None or before is None or after is None:
            return None
        first, last = shown(before) or Decimal(0), shown(after) or Decimal(0)
        told = {cause: exact for cause, exact in parts.items() if exact}
        rounded = in_millionths([*told.values()], total=int((last - first) * MILLION))
        return {
            "before": first,
            "after": last,
            "change": last - first,
            "parts": [
                {
                    "cause": cause.value,
                    "change": Decimal(share) / MILLION,
                    "exact": str(exact),
                    "sentence": words.cause(cause, language),
                }
                for (cause, exact), share in zip(told.items(), rounded, strict=True)
            ],
        }

    def _turn(self, since: date | None, language: str) -> Mapping[str, object]:
        before, after = self.outcome(frozenset()), self.outcome(frozenset(self.causes))
        turned = (before.status, before.reason) != (after.status, after.reason)
        causes: Sequence[Shift] = ()
        if turned:
            causes = turned_by(self._status, causes=self.causes) or (Shift.TOGETHER,)
        fell_due = self._fell_due(after)
        return {
            "before": self._decided(before, self.old, language),
            "after": self._decided(after, self.new, language),
            "changed": turned,
            "since": since,
            "turned_by": [cause.value for cause in causes],
            "fell_due": fell_due[:_MOST_DUE],
            "sentence": words.turn(
                words.Side(before, self.old.case.definition),
                words.Side(after, self.new.case.definition),
                since=since,
                causes=causes,
                without=self._without(causes),
                fell_due=fell_due,
                language=language,
            ),
        }

    def _status(self, came: Came) -> tuple[str, str | None]:
        outcome = self.outcome(came)
        return outcome.status.value, None if outcome.reason is None else outcome.reason.value

    def _without(self, causes: Sequence[Shift]) -> Outcome | None:
        """What it would be without the one cause that turned it."""
        if len(causes) != 1 or causes[0] is Shift.TOGETHER:
            return None
        return self.outcome(frozenset(self.causes) - {causes[0]})

    def _decided(self, outcome: Outcome, made: Recalled, language: str) -> Mapping[str, object]:
        basis, definition = outcome.basis, made.case.definition
        return {
            "by": None if basis is None else basis.kind.value,
            "figure": None if basis is None else amount(basis.figure),
            "against": None if basis is None else amount(basis.against),
            "attainment": ratio(outcome.attainment),
            "status": outcome.status.value,
            "reason": None if outcome.reason is None else outcome.reason.value,
            "sentence": words.decided(words.Side(outcome, definition), language),
        }

    def _fell_due(self, after: Outcome) -> Sequence[Mapping[str, object]]:
        """What of the items that are judged now was not due yet at the earlier judgement."""
        if after.basis is None or after.basis.kind is not BasisKind.DUE or after.items is None:
            return ()
        then = self.outcome(frozenset()).items
        case = self.new.case
        years = {year.code: year for year in case.plan.calendar.years}
        listed = {
            one.item: in_force(one, year=years[one.year])
            for one in reversed(self.new.measured.listings)
            if one.year == case.period.code or case.period.code not in years
        }
        return [
            {
                "item": one.item,
                "title": one.title,
                "title_fr": one.title_fr,
                "due": one.due,
                "done": one.share(by=case.question.until) >= 1,
            }
            for one in sorted(listed.values(), key=lambda one: (one.due or date.max, one.item))
            if one.due is not None
            and one.due <= after.items.by
            and (then is None or one.due > then.by)
        ]


def _mixed(figure: Recalled, plan: Recalled, other: Recalled) -> Measured:
    """The figure of one judgement with the listed items of another.

    How much of an item was done is the figure's, whatever the day it is held against.
    """
    until = figure.case.question.until
    shares: dict[str, Fraction] = {}
    # An item that the figure's own plan does not list was there all the same, or not.
    for measured in (other.measured, figure.measured):
        shares |= {one.item: one.share(by=until) for one in measured.listings}
    return replace(
        figure.measured,
        listings=tuple(_frozen(one, shares[one.item]) for one in plan.measured.listings),
        adopted=plan.measured.adopted,
    )


def _frozen(listing: Listing, share: Fraction) -> Listing:
    return replace(listing, levels=((date.min, share),) if share else ())
