"""Numbers, dates and lists as people write them, in English and French.

Percentages come from exact fractions and are rounded half-even once, as `round` does a Fraction.
French groups thousands by narrow no-break spaces and sets one before a percent sign; English
groups by commas.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from markupsafe import Markup

from plan_api.report.pages.texts import Language, Texts

_YEAR: Final = 365

NARROW: Final = "\u202f"
NO_BREAK: Final = "\u00a0"

_GROUP: Final = {"en": ",", "fr": NARROW}
_POINT: Final = {"en": ".", "fr": ","}
_LOCALE: Final = {"en": "en_GB", "fr": "fr_FR"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Formatter:
    """Writes for one reader: a language, the plan's zone, and the day it is there."""

    language: Language
    texts: Texts
    zone: ZoneInfo
    today: date

    def number(self, value: Decimal | Fraction | int) -> str:
        """An exact value with at most two places, without empty ones."""
        exact = Fraction(value)
        hundredths = round(exact * 100)
        sign = "\u2212" if hundredths < 0 else ""
        whole, part = divmod(abs(hundredths), 100)
        grouped = f"{whole:,}".replace(",", _GROUP[self.language])
        places = f"{part:02d}".rstrip("0")
        return sign + grouped + (_POINT[self.language] + places if places else "")

    def titled(self, title: str, title_fr: str | None) -> Markup:
        """A title in the reader's language; one that has no French is marked as English."""
        if self.language == "en":
            return Markup.escape(title)
        if title_fr:
            return Markup.escape(title_fr)
        return Markup('<span lang="en">{}</span>').format(title)

    def document(self, evidence: str) -> Markup:
        """A document's number, or a link to it where it is one."""
        if evidence.startswith(("https://", "http://")):
            return Markup('<a href="{0}" rel="noreferrer">{0}</a>').format(evidence)
        return Markup.escape(evidence)

    def percent(self, share: Fraction) -> str:
        """A share as a whole percentage: 38 % in French, 38% in English."""
        whole = self.number(round(share * 100))
        return whole + (f"{NARROW}%" if self.language == "fr" else "%")

    def day(self, day: date) -> str:
        """30 Nov; with its year where that is not obvious: more than half a year away.

        In French in full: an abbreviation's point would stand before that of a sentence.
        """
        month = "MMMM" if self.language == "fr" else "MMM"
        far = abs((day - self.today).days) > 200
        return self._date(day, f"d {month} y" if far else f"d {month}")

    def long_day(self, day: date) -> str:
        """30 November 2019."""
        return self._date(day, "d MMMM y")

    def moment(self, instant: datetime) -> str:
        """3 February 2020, 09:00, in the plan's zone."""
        local = instant.astimezone(self.zone)
        clock = format_time(local, "HH:mm", locale=_LOCALE[self.language])
        return f"{self.long_day(local.date())}, {clock}"

    def full_moment(self, instant: datetime) -> Markup:
        """Monday 3 February 2020, 09:00, in the plan's zone, with the exact one for machines."""
        local = instant.astimezone(self.zone)
        weekday = format_date(local, "EEEE", locale=_LOCALE[self.language])
        return Markup('<time datetime="{}">{} {}</time>').format(
            local.isoformat(timespec="minutes"), weekday, self.moment(local)
        )

    def short_moment(self, instant: datetime) -> str:
        """3 Feb, 09:00."""
        local = instant.astimezone(self.zone)
        clock = format_time(local, "HH:mm", locale=_LOCALE[self.language])
        return f"{self.day(local.date())}, {clock}"

    def time_tag(self, when: date | datetime, *, long: bool = False) -> Markup:
        """The date as people say it, the exact one for machines."""
        if isinstance(when, datetime):
            text = self.moment(when) if long else self.short_moment(when)
        else:
            text = self.long_day(when) if long else self.day(when)
        return Markup('<time datetime="{}">{}</time>').format(when.isoformat(), text)

    def days_late(self, days: int) -> str:
        """65 days late; from two years on in whole years."""
        if days >= 2 * _YEAR:
            count = self.number(days // _YEAR)
            return self.texts.gettext("%(count)s years late") % {"count": count}
        return self.texts.ngettext("%(count)s day late", "%(count)s days late", days) % {
            "count": self.number(days)
        }

    def listed(self, parts: Sequence[str | Markup]) -> Markup:
        """A, B and C."""
        safe = [Markup.escape(part) for part in parts]
        if len(safe) < 2:
            return Markup("").join(safe)
        joint = Markup(" {} ").format(self.texts.gettext("and"))
        return Markup(", ").join(safe[:-1]) + joint + safe[-1]

    def _date(self, day: date, pattern: str) -> str:
        text = format_date(day, pattern, locale=_LOCALE[self.language])
        if self.language == "fr" and day.day == 1:
            text = text.replace("1 ", f"1er{NO_BREAK}", 1)
        # English months are cut to three letters everywhere, as in mails; CLDR's alone is "Sept".
        text = re.sub(r"\bSept\b", "Sep", text)
        # A date does not break between day and month.
        return text.replace(" ", NO_BREAK, 1)
