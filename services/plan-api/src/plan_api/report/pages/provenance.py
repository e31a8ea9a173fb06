"""Sentences on where a figure comes from: corrections, versions, and what was known before."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from markupsafe import Markup

from plan_api.report.model import Companion, Range, Result, Side
from plan_api.report.model.provenance import (
    ChangedField,
    Correction,
    DefinitionVersion,
    FactRef,
    Restatement,
    Stated,
)
from plan_api.report.pages.words import Words
from shared_kit.events.definitions import Indicator

_MOST_FIELDS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenanceWords:
    """Says to one reader who said what, when and why."""

    words: Words

    def correction(self, step: Correction) -> Markup:
        """Replaced on 20 Dec by Director, Capacity Building: the draft's date. Date: ..."""
        _ = self.words.texts.gettext
        what = self._what(step)
        if step.recorded is None:
            said = _("%(what)s by %(who)s") % {"what": what, "who": self.who(step.by, step.source)}
            told = Markup.escape(said)
        else:
            # The sentence is ours, from the catalogue.
            told = Markup(_("%(what)s on %(day)s by %(who)s")) % {  # noqa: S704
                "what": what,
                "day": self.words.format.time_tag(step.recorded),
                "who": self.who(step.by, step.source),
            }
        if not step.in_force:
            told += ", " + _("no longer holds")
        if step.reason:
            told += _(": ") + step.reason
        for field in step.changed[:_MOST_FIELDS]:
            told += "; " + self._changed(field)
        return told

    def who(self, by: str | None, source: str) -> str:
        """Somebody by role and unit, else the system that said it."""
        if by:
            return self.words.person(by)
        _ = self.words.texts.gettext
        return _("the system %(source)s") % {"source": source}

    def stated(self, one: Stated, result: Result, indicator: Indicator, *, years: bool) -> Markup:
        """155, revision 2 of 4 Nov, by the planning office: two were moved."""
        _ = self.words.texts.gettext
        number = self.words.format.number
        if one.added is not None:
            said = Markup.escape(
                _("%(count)s listed in the adopted plan, %(more)s of them new")
                % {"count": number(one.value or 0), "more": number(one.added)}
            )
        elif one.value is not None:
            said = Markup.escape(number(one.value))
        else:
            said = Markup.escape(
                self.words.span(Range(low=one.low, high=one.high), result, indicator)
            )
        if years:
            said = Markup.escape(self._label(one.period)) + _(": ") + said
        if one.effective_on is not None:
            named = _("revision %(count)s of %(day)s") if one.revision else _("of %(day)s")
            day = self.words.format.time_tag(one.effective_on, long=True)
            said += ", " + Markup(named) % {  # noqa: S704 - from the catalogue
                "count": number(one.revision or 0),
                "day": day,
            }
        if one.fact is not None and one.fact.by:
            said += ", " + _("by %(who)s") % {"who": self.words.person(one.fact.by)}
        return said + _(": ") + one.reason if one.reason else said

    def definition(self, one: DefinitionVersion) -> Markup:
        """Version 2 of the plan, from 1 July 2020; it measures otherwise than the one before."""
        _ = self.words.texts.gettext
        day = self.words.format.time_tag(one.effective_on, long=True)
        said = Markup(_("version %(count)s of the plan, from %(day)s")) % {  # noqa: S704
            "count": self.words.format.number(one.version),
            "day": day,
        }
        if one.next_on is not None:
            until = self.words.format.time_tag(one.next_on - timedelta(days=1), long=True)
            said += " " + Markup(_("to %(day)s")) % {"day": until}  # noqa: S704 - from the catalogue
        if one.changed:
            said += "; " + _("it measures or judges otherwise than the version before")
        return said

    def restated(self, one: Restatement) -> Markup:
        """20 Dec: 1 of 3 instead of 2 of 3, since a fact was corrected."""
        _ = self.words.texts.gettext
        why = (
            _("since a fact was corrected")
            if one.cause == "correction"
            else _("since facts came after the period was over")
        )
        return Markup(_("%(day)s: %(now)s instead of %(before)s, %(why)s.")) % {  # noqa: S704
            "day": self.words.format.time_tag(one.judged_on),
            "now": self._pair(one.numerator, one.denominator),
            "before": self._pair(one.numerator_before, one.denominator_before),
            "why": why,
        }

    def days_between(self, one: Restatement) -> dict[str, str]:
        """The two days between which the figure moved, for the page that says why."""
        before = min(
            one.since.astimezone(self.words.format.zone).date(), one.judged_on - timedelta(days=1)
        )
        return {"from": before.isoformat(), "to": one.judged_on.isoformat()}

    def once(self, side: Side, indicator: Indicator) -> str | None:
        """Why there are more lines than the figure says: each tool or Member counts once."""
        if side.counted is None or not side.items or side.total is None:
            return None
        if side.counted == side.total:
            return None
        _, number = self.words.texts.gettext, self.words.format.number
        numbers = {"lines": number(side.total), "count": number(side.counted)}
        aggregate = indicator.measure.aggregate if indicator.measure else ""
        if aggregate == "distinct":
            said = _("%(lines)s facts about %(count)s tools and instruments; each counts once.")
        elif aggregate == "distinct-over-interval":
            said = _("%(lines)s facts about %(count)s Members; each Member counts once.")
        else:
            return None
        return said % numbers

    def companion(self, one: Companion, named: dict[str, str]) -> str:
        """Members served in part: 2 (Brumelle and Lumbara)."""
        _, number = self.words.texts.gettext, self.words.format.number
        if one.of is not None:
            said = _("%(n)s of %(d)s") % {"n": number(one.value), "d": number(one.of)}
        else:
            said = number(one.value)
        told = [named[item] for item in one.items if item in named]
        if told:
            said += " (" + str(self.words.format.listed(told)) + ")"
        return one.label + _(": ") + said

    def corrected(self, fact: FactRef | None) -> tuple[Correction, ...]:
        return fact.corrections if fact else ()

    def _label(self, period: str) -> str:
        year = period.removeprefix("FY")
        if year == period or not year.isdigit():
            return period
        return f"{period}/{(int(year) + 1) % 100:02}"

    def _pair(self, numerator: Decimal | None, denominator: Decimal | None) -> str:
        _, number = self.words.texts.gettext, self.words.format.number
        if numerator is None:
            return _("no figure")
        if denominator is None:
            return number(numerator)
        return _("%(n)s of %(d)s") % {"n": number(numerator), "d": number(denominator)}

    def _what(self, step: Correction) -> str:
        _ = self.words.texts.gettext
        if step.corrects is not None:
            return {
                "retracted": _("The correction was taken back"),
                "validated": _("The correction was confirmed"),
                "contested": _("The correction was contested"),
            }.get(step.kind, step.kind)
        return {
            "retracted": _("Taken back"),
            "replaced": _("Replaced"),
            "validated": _("Confirmed"),
            "contested": _("Contested"),
        }.get(step.kind, step.kind)

    def _changed(self, field: ChangedField) -> Markup:
        _ = self.words.texts.gettext
        return Markup(_("%(field)s: %(after)s instead of %(before)s")) % {  # noqa: S704
            "field": self._field(field.field),
            "after": self._value(field.after),
            "before": self._value(field.before),
        }

    def _value(self, value: str | None) -> Markup:
        if value is None:
            return Markup.escape(self.words.texts.gettext("nothing"))
        try:
            return self.words.format.time_tag(date.fromisoformat(value))
        except ValueError:
            return Markup.escape(value)

    def _field(self, name: str) -> str:
        _ = self.words.texts.gettext
        if name.endswith("_on") or name == "due":
            return _("date")
        return {
            "title": _("title"),
            "member": _("Member"),
            "requests": _("requests"),
            "topics": _("topics"),
            "packages": _("packages"),
            "objectives": _("objectives"),
            "priorities": _("priorities"),
            "evidence": _("document"),
            "stage": _("stage"),
            "share": _("share reached"),
            "instrument": _("tool or instrument"),
            "numerator": _("numerator"),
            "denominator": _("denominator"),
            "total": _("total"),
            "on_priorities": _("on the priorities"),
        }.get(name, name)
