"""How a level is said: in its unit, as a share or a number; its target, its path."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from plan_api.report.model import Range, Result
from plan_api.report.pages.formatting import NARROW, NO_BREAK
from plan_api.report.pages.speech import Speech
from shared_kit.events.definitions import Indicator


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels(Speech):
    """Says levels to one reader."""

    def in_unit(self, value: Decimal | Fraction, indicator: Indicator, *, share: bool) -> str:
        """8.2 mg/l; 60 %; 12: in the unit of the plan, else a share or a number."""
        if indicator.unit is None:
            return self.format.percent(Fraction(value)) if share else self.format.number(value)
        unit = self.said(indicator.unit)
        gap = NO_BREAK
        if unit == "%":
            gap = NARROW if self.format.language == "fr" else ""
        return f"{self.format.number(value)}{gap}{unit}"

    def level_of(self, result: Result, indicator: Indicator) -> str | None:
        """The figure of a result as a level; None where it is told as so many of so many."""
        if result.numerator is None or indicator.unit is None:
            return None
        return self.in_unit(level_in(result), indicator, share=False)

    def aim(self, value: Decimal | Fraction, result: Result, indicator: Indicator) -> str:
        """A target or what was expected, in the unit of the figure."""
        plain = indicator.kind == "stated" and result.denominator is None
        return self.in_unit(value, indicator, share=not plain)

    def span(self, target: Range, result: Result, indicator: Indicator) -> str:
        """At least 60 %; at most 10 days; 18 °C to 22 °C."""
        _ = self.texts.gettext
        low, high = self._ends(target, result, indicator)
        if low is None:
            return _("at most %(high)s") % {"high": high}
        if high is None:
            return _("at least %(low)s") % {"low": low}
        return _("%(low)s to %(high)s") % {"low": low, "high": high}

    def target(self, result: Result, indicator: Indicator) -> str | None:
        """The approved level or range, as a sentence."""
        if result.target is None:
            return None
        _ = self.texts.gettext
        low, high = self._ends(result.target, result, indicator)
        if low is None:
            return _("The target is at most %(high)s.") % {"high": high}
        if high is None:
            return _("The target is at least %(low)s.") % {"low": low}
        return _("The target is %(low)s to %(high)s.") % {"low": low, "high": high}

    def _ends(
        self, target: Range, result: Result, indicator: Indicator
    ) -> tuple[str | None, str | None]:
        ends = (target.low, target.high)
        low, high = (None if end is None else self.aim(end, result, indicator) for end in ends)
        return low, high

    def baseline(self, result: Result, indicator: Indicator) -> str | None:
        """Where the path began, and when."""
        if indicator.path is None or indicator.path.baseline is None:
            return None
        start = indicator.path.baseline
        return self.texts.gettext("%(level)s on %(day)s") % {
            "level": self.aim(start.value, result, indicator),
            "day": self.format.long_day(start.on),
        }

    def beside_path(self, result: Result, indicator: Indicator, *, figure: str) -> str:
        """8.2 mg/l, where at most 7.5 mg/l was expected by now."""
        _ = self.texts.gettext
        path = indicator.path
        if path is None:
            return figure
        if path.direction != "keep" and result.expected_lagged is not None:
            said = (
                _("%(figure)s, where at least %(expected)s was expected by now")
                if path.direction == "increase"
                else _("%(figure)s, where at most %(expected)s was expected by now")
            )
            expected = self.aim(result.expected_lagged, result, indicator)
            return said % {"figure": figure, "expected": expected}
        return figure


def level_in(result: Result) -> Fraction:
    """The level that a path is held against: a ratio where there is a denominator."""
    return Fraction(result.numerator or 0) / Fraction(result.denominator or 1)
