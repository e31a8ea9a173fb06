"""What is needed until period end and where a figure may end, in words and as a band."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil

from markupsafe import Markup

from plan_api.report.model import Result
from plan_api.report.pages.bullet import forecast_band
from plan_api.report.pages.words import Words
from shared_kit.events.definitions import Attended, DistinctOverInterval, Indicator

_MONTH = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """The section of one indicator; empty where nothing of it can be said."""

    pace: str | None = None
    lately: str | None = None
    overdue: Markup | None = None
    forecast: str | None = None
    caution: str | None = None
    picture: Markup | None = None
    freshness: str | None = None

    def __bool__(self) -> bool:
        return bool(self.pace or self.lately or self.forecast)


def outlook(
    result: Result | None, indicator: Indicator, *, words: Words, href: Callable[[str], str]
) -> Outlook:
    """Say what the judgement's inputs mean for whoever has to act."""
    if result is None:
        return Outlook()
    return Outlook(
        pace=_pace(result, indicator, words) or _short_of(result, indicator, words),
        lately=_lately(result, indicator, words),
        overdue=words.late_titles(result.overdue, href=href) if result.overdue else None,
        forecast=_forecast(result, words),
        caution=_caution(result, indicator, words),
        picture=_picture(result, words),
        freshness=_freshness(result, words),
    )


def _pace(result: Result, indicator: Indicator, words: Words) -> str | None:
    pace = result.pace
    if pace is None:
        return None
    texts, number = words.texts, words.format.number
    numbers = {
        "missing": number(pace.missing),
        "days": number(pace.days_left),
        "needed": number(_tenths(pace.needed)),
    }
    if indicator.kind == "milestones":
        said = texts.gettext(
            "Milestones worth %(missing)s more are needed in the %(days)s days left."
        )
        return said % numbers
    if pace.days_left <= _MONTH:
        said = texts.ngettext(
            "%(missing)s more is needed in the %(days)s days left.",
            "%(missing)s more are needed in the %(days)s days left.",
            _plural(pace.missing),
        )
    else:
        said = texts.ngettext(
            "%(missing)s more is needed in the %(days)s days left: %(needed)s in 30 days.",
            "%(missing)s more are needed in the %(days)s days left: %(needed)s in 30 days.",
            _plural(pace.missing),
        )
    # A pace of a few days, told by the month, would promise what nobody saw.
    if pace.recent is None or pace.recent_days < _MONTH:
        return said % numbers
    gave = texts.gettext("The last %(gone)s days gave %(recent)s in 30.")
    numbers |= {"gone": number(pace.recent_days), "recent": number(_tenths(pace.recent))}
    return f"{said} {gave}" % numbers


def _short_of(result: Result, indicator: Indicator, words: Words) -> str | None:
    """What is missing to the approved target of something observed, as things stand now."""
    pair, target = result.judged or result, result.target
    counts = isinstance(indicator.measure, DistinctOverInterval | Attended)
    if not counts or target is None or target.low is None or not result.is_judged:
        return None
    if pair.numerator is None or not pair.denominator:
        return None
    missing = ceil(Fraction(target.low) * Fraction(pair.denominator) - Fraction(pair.numerator))
    if missing <= 0:
        return None
    said = words.texts.ngettext(
        "Of the %(count)s that are judged now, %(missing)s more would reach the target of at "
        "least %(low)s.",
        "Of the %(count)s that are judged now, %(missing)s more would reach the target of at "
        "least %(low)s.",
        missing,
    )
    return said % {
        "count": words.format.number(pair.denominator),
        "missing": words.format.number(missing),
        "low": words.format.percent(Fraction(target.low)),
    }


def _lately(result: Result, indicator: Indicator, words: Words) -> str | None:
    done = result.window_due_done
    if indicator.kind != "planned" or not result.window_due or done is None or not result.due_by:
        return None
    if result.window_due == 1:
        alone = (
            words.texts.gettext("The one that fell due in the 120 days up to %(day)s is released.")
            if done
            else words.texts.gettext(
                "The one that fell due in the 120 days up to %(day)s is not released."
            )
        )
        return alone % {"day": words.format.day(result.due_by)}
    said = words.texts.ngettext(
        "Of the %(due)s that fell due in the 120 days up to %(day)s, %(done)s is released.",
        "Of the %(due)s that fell due in the 120 days up to %(day)s, %(done)s are released.",
        _plural(done),
    )
    return said % {
        "due": words.format.number(result.window_due),
        "done": words.format.number(done),
        "day": words.format.day(result.due_by),
    }


def _forecast(result: Result, words: Words) -> str | None:
    _ = words.texts.gettext
    found = result.forecast
    if found is None:
        return {
            "too-early": _("No forecast yet: less than a quarter of the period has gone."),
            "too-few": _("No forecast: fewer than 8 were due so far, too few to tell a pace."),
            "stated": _("No forecast: the figure is stated as a whole; its parts are not known."),
            "milestones": _(
                "No forecast: milestones are few and weigh differently; the date of each one "
                "counts."
            ),
            "observed": _(
                "No forecast: both what is counted and what it is counted of are observed, and "
                "nobody knows what will still come in."
            ),
            "level": _("No forecast: a level says nothing of the pace at which it will move."),
            "not-judged": _("No forecast: there is nothing yet that could be judged."),
        }.get(result.no_forecast or "")
    said = (
        _(
            "If what is still to come keeps to the pace of what fell due lately, the period ends "
            "between %(low)s and %(high)s of %(whole)s, most likely at %(likely)s."
        )
        if found.method == "plan"
        else _(
            "If the pace of the period so far goes on, it ends between %(low)s and %(high)s of "
            "%(whole)s, most likely at %(likely)s."
        )
    )
    number = words.format.number
    return said % {
        "low": number(found.low),
        "high": number(found.high),
        "likely": number(found.likely),
        "whole": number(result.denominator or 0),
    }


def _caution(result: Result, indicator: Indicator, words: Words) -> str | None:
    if result.forecast is None:
        return None
    _ = words.texts.gettext
    said = _("Indicative only: it is calculated from the past and promises nothing.")
    if result.forecast.method == "plan":
        late = _("What is more than %(days)s days late is taken as not coming.")
        said += " " + late % {"days": words.format.number(indicator.grace_days)}
    return said


def _picture(result: Result, words: Words) -> Markup | None:
    if result.forecast is None or result.numerator is None or not result.denominator:
        return None
    label = words.texts.gettext(
        "%(count)s so far; between %(low)s and %(high)s at the end, most likely %(likely)s"
    )
    number, found = words.format.number, result.forecast
    return forecast_band(
        so_far=result.numerator,
        low=found.low,
        likely=found.likely,
        high=found.high,
        whole=result.denominator,
        label=label
        % {
            "count": number(result.numerator),
            "low": number(found.low),
            "high": number(found.high),
            "likely": number(found.likely),
        },
    )


def _freshness(result: Result, words: Words) -> str | None:
    if result.last_fact_at is None or result.judged_on is None:
        return None
    day = result.last_fact_at.astimezone(words.format.zone).date()
    days = (result.judged_on - day).days
    said = words.texts.ngettext(
        "The last fact that counts here was recorded on %(day)s, %(days)s day before this "
        "judgement.",
        "The last fact that counts here was recorded on %(day)s, %(days)s days before this "
        "judgement.",
        days,
    )
    if days <= 0:
        said = words.texts.gettext(
            "The last fact that counts here was recorded on %(day)s, the day of this judgement."
        )
    return said % {"day": words.format.day(day), "days": words.format.number(max(days, 0))}


def _tenths(value: Decimal) -> Fraction:
    return Fraction(round(Fraction(value) * 10), 10)


def _plural(value: Decimal) -> int:
    """What a count's grammar goes by."""
    return 1 if value == 1 else int(value) if value == int(value) else 2
