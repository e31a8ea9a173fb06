"""Levels in an alert's words: the figure, its target and what was expected, each in its unit."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from notifier.adapters.phrases import NARROW, Phrases
from notifier.domain.sample import Kind, Sample, Terms
from notifier.domain.subject import Subject

_SAID = {
    "en": ("at least {low}", "at most {high}", "{low} to {high}"),
    "fr": ("au moins {low}", "au plus {high}", "de {low} à {high}"),
}
_NO_BREAK = "\u00a0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """Says the levels of one sample in one language."""

    phrases: Phrases
    subject: Subject
    sample: Sample

    def figure(self) -> str | None:
        """8.2 mg/l; None where it is told as so many of so many, or as a percentage."""
        sample = self.sample
        if sample.numerator is None:
            return None
        if self.subject.unit is None and sample.denominator is not None:
            return None
        if sample.kind not in (Kind.OBSERVED, Kind.STATED):
            return None
        return self._level(Fraction(sample.numerator) / Fraction(sample.denominator or 1))

    def approved(self, terms: Terms) -> str | None:
        """At least 60 %; at most 6 mg/l; 18 °C to 22 °C; None where nothing is approved."""
        if terms.target_low is None and terms.target_high is None:
            return None
        least, most, both = _SAID[self.phrases.language]
        low = None if terms.target_low is None else self._level(terms.target_low)
        high = None if terms.target_high is None else self._level(terms.target_high)
        if low is None:
            return most.format(high=high)
        return least.format(low=low) if high is None else both.format(low=low, high=high)

    def expected(self) -> str | None:
        """At most 7.5 mg/l: where the declared path was when it was judged."""
        level = self.sample.expected_lagged
        if level is None or self.subject.direction not in ("increase", "decrease"):
            return None
        least, most, _ = _SAID[self.phrases.language]
        if self.subject.direction == "increase":
            return least.format(low=self._level(level))
        return most.format(high=self._level(level))

    def _level(self, value: Decimal | Fraction) -> str:
        unit = self.subject.unit
        if unit is None:
            plain = self.sample.kind is Kind.STATED and self.sample.denominator is None
            return self._number(value) if plain else self.phrases.percent(value)
        name = unit.fr if self.phrases.language == "fr" else unit.en
        gap = NARROW if name == "%" and self.phrases.language == "fr" else _NO_BREAK
        return f"{self._number(value)}{gap}{name}"

    def _number(self, value: Decimal | Fraction) -> str:
        hundredths = round(Fraction(value) * 100)
        return self.phrases.number(Decimal(hundredths).scaleb(-2).normalize())
