"""What a status rests on: which figures decided, and by which rule, in one sentence each."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, auto
from fractions import Fraction

from plan_api.report.model import SMALL, Result
from plan_api.report.pages.levels import Levels
from shared_kit.events.definitions import Indicator

_ROUNDED = Fraction(1, 100_000)


class Decided(Enum):
    """Which of its figures a planned indicator is judged by (`domain.md`, attainment)."""

    ITEMS = auto()
    """The items whose grace is over: so many done, of so many due."""
    EXPECTED = auto()
    """All that is done, against what was expected by the day that lies the grace back."""
    WHOLE = auto()
    """All that is done, against the whole period: where that is more, and once it is over."""
    EARLY = auto()
    """Something is done, and nothing was to be done yet."""


def decided_by(result: Result) -> Decided | None:
    """Which figures the attainment comes from; None for what is judged by a target or a path."""
    if result.kind not in ("planned", "milestones") or result.attainment is None:
        return None
    attained = Fraction(result.attainment)
    ended = result.judged_on and result.closes_on and result.judged_on > result.closes_on
    for way, done, of in (
        (Decided.ITEMS, result.due_done, result.due),
        (Decided.EXPECTED, result.numerator, result.expected_lagged),
        (Decided.WHOLE, result.numerator, result.denominator),
    ):
        if ended and way is not Decided.WHOLE:
            continue
        if of and done is not None and abs(Fraction(done) / Fraction(of) - attained) < _ROUNDED:
            return way
    return None if result.due or result.expected_lagged else Decided.EARLY


def counted_to(result: Result, indicator: Indicator) -> date | None:
    """The day up to which what is due counts: the grace before the judgement."""
    if result.due_by is not None or result.judged_on is None:
        return result.due_by
    back = result.judged_on - timedelta(days=indicator.grace_days)
    return min(back, result.period_end) if result.period_end else back


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding(Levels):
    """Says what decided to one reader."""

    def led(self, result: Result, indicator: Indicator) -> str | None:
        """20 of 26 due are released: the figures that decide, without a point at the end."""
        way = decided_by(result)
        if way is Decided.EXPECTED:
            return self._by_expected(result, indicator)
        if way is Decided.WHOLE and indicator.kind == "planned":
            return self.texts.gettext("%(n)s of the %(d)s of the whole period are done") % {
                "n": self.format.number(result.numerator or 0),
                "d": self.format.number(result.denominator or 0),
            }
        return self._by_items(result, indicator)

    def rule(self, result: Result, indicator: Indicator) -> str | None:
        """By what rule a status was found, with the grace and the tolerance in numbers."""
        if not result.is_judged or indicator.path is not None:
            return None
        if (way := decided_by(result)) is None:
            return self._held_to_target(result, indicator)
        held = {
            Decided.ITEMS: self._held_to_items,
            Decided.EXPECTED: self._held_to_expected,
            Decided.WHOLE: self._held_to_whole,
            Decided.EARLY: self._held_to_nothing,
        }[way](result, indicator)
        return f"{held} {self._lines(indicator)}"

    def grace(self, *, days: int, day: date) -> str:
        """What a date of these days does not count against anybody for."""
        return self.texts.ngettext(
            "A date counts only once its grace of %(days)s day is over: so far that is what fell "
            "due up to %(day)s.",
            "A date counts only once its grace of %(days)s days is over: so far that is what fell "
            "due up to %(day)s.",
            days,
        ) % {"days": self.format.number(days), "day": self.format.day(day)}

    def _by_items(self, result: Result, indicator: Indicator) -> str | None:
        """20 of 26 due are released."""
        number = self.format.number
        if not result.due or result.due_done is None:
            return None
        numbers = {"n": number(result.due_done), "d": number(result.due)}
        if indicator.kind == "milestones":
            said = self.texts.gettext("Milestones worth %(n)s of the %(d)s due are reached")
            return said % numbers
        if result.due == 1:
            _ = self.texts.gettext
            done = result.due_done == 1
            return _("The one that is due is released") if done else _("The one due is missing")
        return (
            self.texts.ngettext(
                "%(n)s of %(d)s due is released",
                "%(n)s of %(d)s due are released",
                int(result.due_done),
            )
            % numbers
        )

    def _by_expected(self, result: Result, indicator: Indicator) -> str | None:
        """53 are done where 47 were expected by 4 Jan: 45 of the 48 due by then, and 8 others."""
        texts, number = self.texts, self.format.number
        day = counted_to(result, indicator)
        if day is None or result.numerator is None or result.expected_lagged is None:
            return None
        numbers = {
            "n": number(result.numerator),
            "e": number(result.expected_lagged),
            "d": number(result.denominator or 0),
            "day": self.format.day(day),
        }
        if indicator.kind == "milestones":
            said = texts.gettext(
                "Milestones worth %(n)s are reached where %(e)s was expected by %(day)s"
            )
            return said % numbers
        if result.due is None:
            return (
                texts.ngettext(
                    "%(n)s of %(d)s, where %(e)s was expected by %(day)s",
                    "%(n)s of %(d)s, where %(e)s were expected by %(day)s",
                    int(result.expected_lagged),
                )
                % numbers
            )
        said = (
            texts.ngettext(
                "%(n)s is done where %(e)s were expected by %(day)s",
                "%(n)s are done where %(e)s were expected by %(day)s",
                int(result.numerator),
            )
            % numbers
        )
        among = self._among(result)
        return f"{said}{texts.gettext(': ')}{among}" if among else said

    def _among(self, result: Result) -> str | None:
        """45 of the 48 due by then, and 8 others: what the ones done are.

        Not where an estimate expects fewer than are due: two numbers for one day puzzle.
        """
        if not result.due or result.due_done is None or result.numerator is None:
            return None
        if result.due > (result.expected_lagged or 0):
            return None
        number, others = self.format.number, result.numerator - result.due_done
        numbers = {"done": number(result.due_done), "due": number(result.due)}
        if others <= 0:
            return self.texts.gettext("%(done)s of the %(due)s due by then") % numbers
        said = self.texts.ngettext(
            "%(done)s of the %(due)s due by then, and %(others)s other",
            "%(done)s of the %(due)s due by then, and %(others)s others",
            int(others),
        )
        return said % (numbers | {"others": number(others)})

    def _held_to_items(self, result: Result, indicator: Indicator) -> str:
        """Which dates count, and how much of them is done."""
        share = self._share(result.due_done, result.due)
        numbers = self._numbers(result, indicator, share)
        _ = self.texts.gettext
        if share is None:
            said = _(
                "Only what fell due up to %(day)s counts so far; later dates are still within "
                "their grace of %(grace)s days."
            )
        else:
            said = _(
                "That is %(share)s of what fell due up to %(day)s; later dates are still within "
                "their grace of %(grace)s days."
            )
        return said % numbers

    def _held_to_expected(self, result: Result, indicator: Indicator) -> str:
        share = self._share(result.numerator, result.expected_lagged)
        numbers = self._numbers(result, indicator, share)
        _ = self.texts.gettext
        if share is None:
            said = _(
                "It is held against what was expected by %(day)s, as there are %(grace)s days of "
                "grace."
            )
        else:
            said = _(
                "That is %(share)s of what was expected by %(day)s, as there are %(grace)s days "
                "of grace."
            )
        return said % numbers

    def _held_to_whole(self, result: Result, indicator: Indicator) -> str:
        share = self._share(result.numerator, result.denominator)
        numbers = self._numbers(result, indicator, share)
        _ = self.texts.gettext
        ended = result.judged_on and result.period_end and result.judged_on > result.period_end
        if share is not None:
            said = (
                _("That is %(share)s of the period, which is over.")
                if ended
                else _("That is %(share)s of the whole period already, so it decides.")
            )
        else:
            said = (
                _("The period is over: it is held against the whole of it.")
                if ended
                else _("It is held against the whole period, as so much of it is done already.")
            )
        return said % numbers

    def _held_to_nothing(self, result: Result, indicator: Indicator) -> str:
        said = self.texts.gettext(
            "Nothing was to be done by %(day)s, as there are %(grace)s days of grace; what is done "
            "is early."
        )
        return said % self._numbers(result, indicator, None)

    def _held_to_target(self, result: Result, indicator: Indicator) -> str | None:
        if indicator.kind != "observed" or result.target is None:
            return None
        _ = self.texts.gettext
        said = _("On track is from %(on)s of the target, at risk from %(risk)s.") % self._tolerance(
            indicator
        )
        if not result.judged:
            return said
        waits = _("A request counts here once it is answered or %(days)s days old.")
        return f"{waits % {'days': self.format.number(indicator.service_days)}} {said}"

    def _numbers(self, result: Result, indicator: Indicator, share: str | None) -> dict[str, str]:
        day = counted_to(result, indicator)
        return {
            "share": share or "",
            "day": self.format.day(day) if day else "",
            "grace": self.format.number(indicator.grace_days),
        }

    def _share(self, done: object, of: object) -> str | None:
        """A percentage, where so many are not too few for one."""
        exact = Fraction(str(of or 0))
        if done is None or exact < SMALL:
            return None
        return self.format.percent(Fraction(str(done)) / exact)

    def _lines(self, indicator: Indicator) -> str:
        said = self.texts.gettext("On track is from %(on)s, at risk from %(risk)s.")
        return said % self._tolerance(indicator)

    def _tolerance(self, indicator: Indicator) -> dict[str, str]:
        percent = self.format.percent
        return {
            "on": percent(Fraction(indicator.tolerance.on_track)),
            "risk": percent(Fraction(indicator.tolerance.at_risk)),
        }
