"""Sentences about results: what stands where, why, and what it is counted from."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from markupsafe import Markup

from plan_api.report.model import Alert, LateItem, Level, Result, Scorecard, Status, StatusReason
from plan_api.report.model.telling import Telling
from plan_api.report.pages.deciding import Decided, Deciding, counted_to, decided_by
from shared_kit.events.definitions import Indicator

SHOWN_TITLES = 2
"""Titles named in one sentence; the rest is counted and listed below."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words(Deciding):
    """Says things about results to one reader."""

    def short(self, indicator: Indicator) -> str:
        """What an indicator counts, in a few words, as a line of its own begins."""
        text = self.said(indicator.short)
        return text[:1].upper() + text[1:]

    def status(self, status: Status) -> str:
        _ = self.texts.gettext
        return {
            Status.ON_TRACK: _("On track"),
            Status.AT_RISK: _("At risk"),
            Status.OFF_TRACK: _("Off track"),
            Status.NOT_JUDGED: _("Not judged"),
        }[status]

    def counted(self, status: Status, count: int) -> str:
        """2 on track, 1 off track: as said in the middle of a line."""
        _ = self.texts.gettext
        words = {
            Status.ON_TRACK: _("%(count)s on track"),
            Status.AT_RISK: _("%(count)s at risk"),
            Status.OFF_TRACK: _("%(count)s off track"),
            Status.NOT_JUDGED: _("%(count)s not judged"),
        }
        return words[status] % {"count": self.format.number(count)}

    def level(self, level: Level) -> str:
        _ = self.texts.gettext
        return {Level.WARNING: _("Warning"), Level.CRITICAL: _("Critical")}[level]

    def why_not(self, result: Result, indicator: Indicator) -> str:
        """Why there is no judgement: a reason, never "n/a"."""
        _ = self.texts.gettext
        aggregate = indicator.measure.aggregate if indicator.measure else ""
        match result.reason:
            case StatusReason.NOT_APPLICABLE:
                if result.denominator == 0 and indicator.kind == "planned":
                    return _("none is estimated for this period")
                if result.denominator == 0 and indicator.kind == "milestones":
                    return _("no milestone is planned for this period")
                return {
                    "distinct-over-interval": _("no requests received"),
                    "attended": _("no invitations received"),
                }.get(aggregate, _("nothing to count, as confirmed"))
            case StatusReason.NO_TARGET:
                return _("no target approved yet")
            case StatusReason.NOT_STARTED:
                if aggregate == "distinct-over-interval":
                    return _("all requests are still within the service time")
                return _("nothing that is due has passed its grace yet")
            case StatusReason.NO_DATA if result.denominator is None:
                return {
                    "planned": _("no estimate adopted yet"),
                    "milestones": _("no milestone adopted yet"),
                }.get(indicator.kind, _("nothing reported yet"))
            case _:
                return _("nothing reported yet")

    def of_total(self, result: Result, indicator: Indicator) -> str | None:
        """23 of 61; only the first part where nothing stands below the line.

        Nothing at all of nothing: the reason stands for it.
        """
        if result.numerator is None or result.denominator == 0:
            return None
        if level := self.level_of(result, indicator):
            return level
        scale = _scale(result, indicator)
        numerator = self.format.number(Fraction(result.numerator) / scale)
        if result.denominator is None:
            return numerator
        return self.texts.gettext("%(n)s of %(d)s") % {
            "n": numerator,
            "d": self.format.number(Fraction(result.denominator) / scale),
        }

    def part(self, value: Decimal | None, result: Result, indicator: Indicator) -> str:
        """One amount of a result, in the unit of its figure."""
        if indicator.path is not None and value is not None:
            return self.aim(value, result, indicator)
        return self.format.number(Fraction(value or 0) / _scale(result, indicator))

    def unit(self, result: Result, indicator: Indicator) -> str:
        """What is counted where it is no plain count: person-days, million EUR."""
        _ = self.texts.gettext
        match indicator.unit_of_measure:
            case "EUR":
                return _("million EUR") if _scale(result, indicator) > 1 else "EUR"
            case "person-days":
                return _("person-days")
            case "share":
                return _("by weight")
            case _:
                return ""

    def percent(self, result: Result) -> str | None:
        """The percentage that may stand beside a figure; None below a denominator of 5."""
        return None if result.share is None else self.format.percent(result.share)

    def basis(self, result: Result, indicator: Indicator) -> str:
        """What the denominator is: estimated, asked, invited ..."""
        _ = self.texts.gettext
        aggregate = indicator.measure.aggregate if indicator.measure else ""
        return {
            "count": _("estimated"),
            "distinct": _("estimated"),
            "milestones": _("by weight"),
            "distinct-over-interval": _("Members that asked"),
            "attended": _("invitations"),
            "latest-sum": _("in total"),
        }.get(aggregate, _("as stated") if result.denominator is not None else "")

    def headline(self, result: Result, indicator: Indicator) -> str:
        """The one thing to know about a figure that needs attention."""
        _ = self.texts.gettext
        number = self.format.number
        if led := self.led(result, indicator):
            return led
        if indicator.path is not None and (figure := self.of_total(result, indicator)):
            return self.beside_path(result, indicator, figure=figure)
        if result.numerator is None or result.denominator is None:
            return self.status(result.status)
        aggregate = indicator.measure.aggregate if indicator.measure else ""
        shown = result.judged or result
        numbers = {"n": number(shown.numerator or 0), "d": number(shown.denominator or 0)}
        if aggregate == "distinct-over-interval":
            if result.judged:
                return _("%(n)s of the %(d)s Members due an answer are supported") % numbers
            return _("%(n)s of %(d)s Members that asked are supported") % numbers
        if aggregate == "attended":
            return _("%(n)s of %(d)s invitations are attended") % numbers
        if result.expected is not None:
            numbers["e"] = number(result.expected)
            return _("%(n)s of %(d)s, where %(e)s were expected by now") % numbers
        return self.of_total(result, indicator) or self.status(result.status)

    def verdict(self, result: Result, indicator: Indicator) -> str:
        """What a status rests on, in one or two sentences."""
        parts = []
        target = self.target(result, indicator)
        if result.due or result.judged or target or decided_by(result):
            headline = self.headline(result, indicator)
            # The figure itself stands right above.
            if headline != self.of_total(result, indicator):
                parts.append(headline + ".")
        if target:
            parts.append(target)
        return " ".join(parts)

    def key(self, result: Result) -> str:
        """How to read the bullet graph of a result."""
        _ = self.texts.gettext
        if result.expected is not None:
            return _("Bar: so far. Tick: expected by now. End of the line: the whole.")
        if result.target is not None and result.judged is None:
            return _("Bar: so far. Shaded: the target. End of the line: the whole.")
        return _("Bar: so far. End of the line: the whole.")

    def judged_by(self, result: Result, indicator: Indicator) -> str | None:
        """20 of 26 due; 2 of 4 due an answer: the pair that a status in a table rests on."""
        _ = self.texts.gettext
        number = self.format.number
        if result.judged:
            pair = result.judged
            numbers = {"n": number(pair.numerator), "d": number(pair.denominator)}
            return _("judged by %(n)s of %(d)s due an answer") % numbers
        way, day = decided_by(result), counted_to(result, indicator)
        if way is Decided.EXPECTED and day:
            return _("%(n)s where %(e)s expected by %(day)s") % {
                "n": number(result.numerator or 0),
                "e": number(result.expected_lagged or 0),
                "day": self.format.day(day),
            }
        if way is not Decided.WHOLE and result.due and result.due_done is not None:
            return _("%(n)s of %(d)s due") % {
                "n": number(result.due_done),
                "d": number(result.due),
            }
        return None

    def late_titles(self, items: tuple[LateItem, ...], *, href: Callable[[str], str]) -> Markup:
        """Guide on transit guarantees (30 Nov, 65 days late), Workshop ... and 4 more."""
        shown: list[str | Markup] = [
            Markup('<a href="{}">{}</a> ({}, {})').format(
                href(f"/deliverables/{item.key}"),
                self.format.titled(item.title, item.title_fr),
                self.format.time_tag(item.due),
                self.format.days_late(item.days),
            )
            for item in items[:SHOWN_TITLES]
        ]
        rest = len(items) - len(shown)
        if rest:
            more = self.texts.gettext("%(count)s more")
            shown.append(more % {"count": self.format.number(rest)})
        return self.format.listed(shown)

    def picture(self, result: Result, indicator: Indicator) -> str:
        """What a bullet graph shows, for those who listen."""
        _ = self.texts.gettext
        said = f"{self.of_total(result, indicator)} {self.basis(result, indicator)}"
        if result.expected is None:
            return said
        expected = self.format.number(result.expected)
        return said + "; " + _("%(count)s expected by now") % {"count": expected}

    def acknowledgement(self, alert: Alert) -> Markup | None:
        """Who took note, and when."""
        if not alert.is_acknowledged or alert.acknowledged_at is None:
            return None
        return Markup(self.texts.gettext("Acknowledged by %(who)s, %(when)s.")) % {  # noqa: S704
            "who": self.person(alert.acknowledged_by),
            "when": self.format.time_tag(alert.acknowledged_at),
        }

    def lead(self, scorecard: Scorecard, *, late: int) -> Markup:
        """The first sentence of the first page; `late` as many as its list names."""
        attention, judged = len(scorecard.attention), len(scorecard.judged)
        if not judged:
            return Markup.escape(self.texts.gettext("No indicator is judged yet."))
        number = self.format.number
        parts: list[str | Markup] = [
            self.texts.ngettext(
                "%(n)s of %(m)s judged indicators needs attention",
                "%(n)s of %(m)s judged indicators need attention",
                attention,
            )
            % {"n": number(attention), "m": number(judged)},
            self.texts.ngettext(
                "%(k)s Deliverable is overdue", "%(k)s Deliverables are overdue", late
            )
            % {"k": number(late)},
        ]
        if scorecard.last_fact_at:
            said = Markup(self.texts.gettext("the last fact came on %(when)s"))  # noqa: S704
            parts.append(said % {"when": self.format.time_tag(scorecard.last_fact_at)})
        return Markup(", ").join(parts) + "."

    def around(self, result: Result, indicator: Indicator) -> Markup:
        """The figure around the headline: the whole period, the target."""
        _ = self.texts.gettext
        parts: list[str | Markup] = []
        total = self.of_total(result, indicator)
        if total and result.due:
            whole = f"{total} {self.basis(result, indicator)}"
            percent = self.percent(result)
            parts.append(
                _("Whole period: %(figure)s (%(percent)s).") % {"figure": whole, "percent": percent}
                if percent
                else _("Whole period: %(figure)s.") % {"figure": whole}
            )
        if target := self.target(result, indicator):
            parts.append(target)
        return Markup(" ").join(Markup.escape(part) for part in parts)

    def alert_since(self, alert: Alert) -> Markup:
        """Critical alert since 3 Feb."""
        _ = self.texts.gettext
        said = {
            Level.WARNING: _("Warning since %(when)s"),
            Level.CRITICAL: _("Critical alert since %(when)s"),
        }[alert.level]
        if alert.is_doubt:
            said = _("Figure in doubt since %(when)s")
        if alert.raised_at is None:
            return Markup.escape(self.level(alert.level))
        day = alert.raised_at.astimezone(self.format.zone).date()
        return Markup(said) % {"when": self.format.time_tag(day)}  # noqa: S704

    def alert_to_come(self, telling: Telling) -> Markup:
        """An alert is sent on 10 Feb if it stays so: of what has none yet."""
        texts, rule = self.texts, telling.rule
        if telling.on is None:
            said = texts.gettext(
                "No alert yet: one is sent once less than %(line)s of what is due is done, too "
                "little for chance, for %(days)s days."
            )
            days = self.format.number(rule.hold_days)
            return Markup.escape(said % {"line": self.format.percent(rule.line), "days": days})
        day = self.format.time_tag(telling.on)
        if not telling.missing:
            said = texts.gettext("No alert yet: one is sent on %(day)s if it stays so until then.")
            return Markup(said) % {"day": day}  # noqa: S704 - from the catalogue
        titles = [self.format.titled(one.title, one.title_fr) for one in telling.missing]
        said = texts.ngettext(
            "No alert yet: one is sent on %(day)s if %(titles)s is still missing then.",
            "No alert yet: one is sent on %(day)s if %(titles)s are still missing then.",
            len(titles),
        )
        return Markup(said) % {"day": day, "titles": self.format.listed(titles)}  # noqa: S704

    def alert_heading(self, alert: Alert) -> str:
        """Critical alert, acknowledged."""
        _ = self.texts.gettext
        said = {Level.WARNING: _("Warning"), Level.CRITICAL: _("Critical alert")}[alert.level]
        if alert.is_doubt:
            said = _("Figure in doubt")
        if not alert.is_open:
            return said + ", " + _("closed")
        return said + ", " + (_("acknowledged") if alert.is_acknowledged else _("open"))


def _scale(result: Result, indicator: Indicator) -> int:
    """Amounts of money from a million on are said in millions; the proof has them whole."""
    top = max(result.numerator or Decimal(0), result.denominator or Decimal(0))
    return 1_000_000 if indicator.unit_of_measure == "EUR" and top >= 1_000_000 else 1
