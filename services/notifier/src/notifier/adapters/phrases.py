"""Numbers and dates as people write them, in English and French; what the templates may call."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Literal
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_timezone_location
from babel.numbers import format_decimal

from notifier.domain.evidence import once_in
from notifier.domain.sample import Kind, Sample

Language = Literal["en", "fr"]
NARROW = "\u202f"
"""Narrow no-break space: what French sets before ; : ! ? and %, and between thousands."""

LANGUAGES: tuple[Language, ...] = ("en", "fr")
_LOCALE = {"en": "en_GB", "fr": "fr_FR"}
_A_WHILE_AGO = 300
_RARE = 1_000_000
_AMOUNT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """The small words of one language."""

    language: Language

    def filters(self) -> Mapping[str, Callable[..., str]]:
        return {
            "number": self.number,
            "percent": self.percent,
            "long_day": self.long_day,
            "instant": self.instant,
            "clock": self.clock,
            "city": self.city,
            "odds": self.odds,
        }

    def number(self, value: Decimal | int) -> str:
        text = format_decimal(value, locale=_LOCALE[self.language])
        # Some versions of the locale data use the wide no-break space.
        return text.replace("\u00a0", NARROW)

    def percent(self, value: Fraction | Decimal | int) -> str:
        exact = Fraction(value) * 100
        rounded = Decimal(round(exact * 10)) / 10
        text = self.number(rounded.normalize())
        return f"{text}{NARROW}%" if self.language == "fr" else f"{text} %"

    def long_day(self, day: date) -> str:
        """4 January 2020; 1er janvier 2020."""
        return self._first(day, format_date(day, "d MMMM y", locale=_LOCALE[self.language]))

    def short_day(self, day: date, *, seen_on: date) -> str:
        """30 Nov; with its year when that is not obvious."""
        pattern = "d MMM y" if abs((seen_on - day).days) > _A_WHILE_AGO else "d MMM"
        text = self._first(day, format_date(day, pattern, locale=_LOCALE[self.language]))
        # English months are cut to three letters everywhere, also where the locale says "Sept".
        return text.replace("Sept", "Sep") if self.language == "en" else text

    def instant(self, at: datetime, zone: ZoneInfo) -> str:
        return self.long_day(at.astimezone(zone).date())

    def clock(self, at: datetime, zone: ZoneInfo) -> str:
        local = at.astimezone(zone)
        if self.language == "fr":
            return f"{local.hour}{NARROW}h{NARROW}{local.minute:02d}"
        return f"{local.hour:02d}:{local.minute:02d}"

    def city(self, zone: ZoneInfo) -> str:
        """The place whose time it is: Brussels, Bruxelles."""
        return get_timezone_location(zone, locale=_LOCALE[self.language], return_city=True)

    def odds(self, chance: Fraction) -> str:
        """660, of "about once in 660"; beyond a million nobody can tell the difference."""
        return self.number(min(once_in(chance), _RARE))

    def measured(self, sample: Sample) -> str:
        """5 of 9; a percentage where amounts would not be read."""
        if sample.numerator is None or sample.denominator is None:
            return self.percent(sample.attainment or 0)
        if sample.kind is Kind.MILESTONES or sample.denominator >= _AMOUNT:
            return self.percent(_ratio(sample.numerator, sample.denominator))
        return self.pair(sample.numerator, sample.denominator)

    def progress(self, sample: Sample) -> str | None:
        """The whole period so far; None where `measured` has said it already."""
        whole = sample.kind in (Kind.PLANNED, Kind.MILESTONES)
        if not whole or sample.numerator is None or sample.denominator is None:
            return None
        return self.measured(sample)

    def final(self, sample: Sample) -> str:
        """What the period came to."""
        text = self.measured(sample)
        if sample.kind is not Kind.PLANNED:
            return text
        return f"{text} estimated" if self.language == "en" else f"{text} prévus"

    def pair(self, part: Decimal, whole: Decimal) -> str:
        """5 of 9; 5 sur 9."""
        word = "of" if self.language == "en" else "sur"
        return f"{self.number(part)} {word} {self.number(whole)}"

    def _first(self, day: date, text: str) -> str:
        if self.language == "fr" and day.day == 1:
            return f"1er{text.removeprefix('1')}"
        return text


def _ratio(part: Decimal, whole: Decimal) -> Fraction:
    return Fraction(part) / Fraction(whole) if whole else Fraction(0)
