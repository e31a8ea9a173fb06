"""Sentences on the page of an indicator: what surrounds its figure, and its alert's life."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from markupsafe import Markup

from plan_api.report.model import AlertStep, CountedItem, LeftOut, Range, Result, Version
from plan_api.report.model.changes import ChangedItem
from plan_api.report.pages.deciding import counted_to
from plan_api.report.pages.due import DueRow, DueState
from plan_api.report.pages.words import Words
from shared_kit.events.definitions import Indicator


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofWords:
    """Says the particulars of a figure to one reader."""

    words: Words

    def particulars(self, result: Result, indicator: Indicator) -> list[tuple[str, Markup]]:
        """Name and value, only of what is known."""
        _ = self.words.texts.gettext
        number = self.words.format.number
        of = _("%(n)s of %(d)s")
        found: list[tuple[str, str | Markup]] = []
        if result.due is not None and result.due_done is not None and result.due:
            pair = of % {"n": number(result.due_done), "d": number(result.due)}
            if result.due_by:
                label = _("Done, of what was due by %(day)s")
                found.append((label % {"day": self.words.format.day(result.due_by)}, pair))
            else:
                found.append((_("Done, of what was due"), pair))
        if result.judged:
            pair = of % {
                "n": number(result.judged.numerator),
                "d": number(result.judged.denominator),
            }
            found.append((_("Judged by: those answered or asked long enough ago"), pair))
        if result.expected is not None:
            found.append((_("Expected by now"), self._aim(result.expected, result, indicator)))
        if result.expected_lagged is not None and result.expected_lagged != result.expected:
            label = _("Expected by the day that counts")
            if counted := counted_to(result, indicator):
                label = _("Expected by %(day)s") % {"day": self.words.format.day(counted)}
            found.append((label, self._aim(result.expected_lagged, result, indicator)))
        if baseline := self.words.baseline(result, indicator):
            found.append((_("Baseline"), baseline))
        if result.estimate is not None:
            found.append((_("Estimate"), self._estimate(result)))
        if target := self.words.target(result, indicator):
            found.append((_("Target"), target))
        if result.unplanned:
            found.append((_("Done without being planned"), number(result.unplanned)))
        if self.words.rule(result, indicator) is None:
            found.append((_("Tolerance"), self._tolerance(indicator)))
        if result.closes_on:
            day = self.words.format.time_tag(result.closes_on, long=True)
            found.append((_("Will be judged until"), day))
        if result.last_fact_at:
            found.append((_("Last fact"), self.words.format.time_tag(result.last_fact_at)))
        if result.next_fact_by and result.judged_on:
            found.append((_("Next report expected by"), self._awaited(result)))
        return [(name, Markup.escape(value)) for name, value in found]

    def listed(self, rows: Sequence[DueRow], result: Result, indicator: Indicator) -> str:
        """Why so many are listed where another number is estimated, and how the rest is judged."""
        texts, number = self.words.texts, self.words.format.number
        dated = sum(row.item.due is not None for row in rows)
        estimate = result.estimate
        numbers = {
            "listed": number(len(rows)),
            "dates": self._dates(dated, of=len(rows)),
            "estimate": number(estimate or 0),
        }
        if indicator.kind == "milestones" or estimate is None:
            said = texts.ngettext(
                "%(listed)s is listed in the adopted plan, %(dates)s.",
                "%(listed)s are listed in the adopted plan, %(dates)s.",
                len(rows),
            )
        elif estimate > len(rows):
            numbers["rest"] = number(estimate - len(rows))
            said = texts.ngettext(
                "%(estimate)s are estimated; %(listed)s of them is listed by name in the "
                "adopted plan, %(dates)s. The others, %(rest)s, have no name yet.",
                "%(estimate)s are estimated; %(listed)s of them are listed by name in the "
                "adopted plan, %(dates)s. The others, %(rest)s, have no name yet.",
                len(rows),
            )
        elif estimate < len(rows):
            said = texts.ngettext(
                "%(estimate)s is estimated, and %(listed)s are listed in the adopted plan, "
                "%(dates)s.",
                "%(estimate)s are estimated, and %(listed)s are listed in the adopted plan, "
                "%(dates)s.",
                int(estimate),
            )
        else:
            said = texts.ngettext(
                "The one that is estimated is listed by name, %(dates)s.",
                "All %(estimate)s estimated are listed by name, %(dates)s.",
                len(rows),
            )
        if dated < (estimate or len(rows)) and indicator.kind == "planned":
            evenly = texts.gettext(
                "Where the estimate states steps, they say what is expected; otherwise what has "
                "no date is expected evenly over the period."
            )
            said = f"{said} {evenly}"
        return said % numbers

    def _dates(self, dated: int, *, of: int) -> str:
        """5 with a date; each with a date: how many of those listed have one."""
        texts = self.words.texts
        if dated == of:
            return texts.ngettext("with a date", "each with a date", of)
        if dated == 0:
            return texts.ngettext("without a date", "none with a date", of)
        return texts.gettext("%(dated)s with a date") % {"dated": self.words.format.number(dated)}

    def page_of(self, item: CountedItem | LeftOut | ChangedItem) -> str | None:
        """The page of a Deliverable that was counted or left out; other things have none."""
        kind = item.fact.type if item.fact else ""
        own = any(f".{name}." in kind for name in ("deliverable", "milestone"))
        return f"/deliverables/{item.item}" if own else None

    def due_state(self, row: DueRow) -> Markup:
        """Done 12 Dec, 10 days late; overdue, 65 days late; to come."""
        said = self._became(row.state, row.item.done_on, row.days)
        _ = self.words.texts.gettext
        if row.item.cancelled_on and row.item.done_on is None:
            said += _("; ") + self._dated(_("cancelled %(day)s"), row.item.cancelled_on)
        if row.item.replanned:
            said += _("; ") + self._dated(_("re-planned to %(day)s"), row.item.replanned)
        return said

    def _dated(self, said: str, day: date) -> Markup:
        # The sentence is ours, from the catalogue.
        return Markup(said) % {"day": self.words.format.time_tag(day)}  # noqa: S704

    def _became(self, state: DueState, done_on: date | None, days: int) -> Markup:
        _ = self.words.texts.gettext
        late = self.words.format.days_late(days) if days else ""
        if state is DueState.DONE and done_on:
            day = self.words.format.time_tag(done_on)
            said = _("done %(day)s, %(late)s") if days else _("done %(day)s")
            return Markup(said) % {"day": day, "late": late}  # noqa: S704 - from the catalogue
        if state is DueState.OVERDUE:
            return Markup.escape(_("overdue, %(late)s") % {"late": late})
        return Markup.escape(_("to come"))

    def _awaited(self, result: Result) -> Markup:
        """3 March 2020; 3 March 2020, 12 days late."""
        by, on = result.next_fact_by, result.judged_on
        if by is None or on is None:
            return Markup("")
        said = self.words.format.time_tag(by, long=True)
        late = (on - by).days
        return said + f", {self.words.format.days_late(late)}" if late > 0 else said

    def _aim(self, value: Decimal, result: Result, indicator: Indicator) -> str:
        """A level in its unit on a path; else so many."""
        if indicator.path is None:
            return self.words.format.number(value)
        return self.words.aim(value, result, indicator)

    def version(self, version: Version, result: Result, indicator: Indicator) -> str:
        """61, revision 2 (first 58): two items moved to next year."""
        _ = self.words.texts.gettext
        number = self.words.format.number
        if version.value is not None:
            said = number(version.value)
        elif version.low is not None or version.high is not None:
            said = self.words.span(Range(low=version.low, high=version.high), result, indicator)
        else:
            said = _("none yet")
        if version.revision:
            said += ", " + _("revision %(count)s") % {"count": number(version.revision)}
        if version.stated is not None:
            said += ", " + (_("stated") if version.stated else _("counted from the adopted plan"))
        if version.first is not None and version.first != version.value:
            said += " (" + _("first %(count)s") % {"count": number(version.first)} + ")"
        return f"{said}: {version.reason}" if version.reason else said

    def step(self, step: AlertStep) -> str:
        """What happened to an alert."""
        _ = self.words.texts.gettext
        level = self.words.level(step.level) if step.level else ""
        match step.kind.removeprefix("alert."):
            case "raised":
                return _("Raised: %(level)s") % {"level": level} if level else _("Raised")
            case "level-changed":
                return _("Now: %(level)s") % {"level": level} if level else _("Level changed")
            case "acknowledged":
                return _("Acknowledged by %(who)s") % {"who": self.words.person(step.by)}
            case "closed":
                return self._closed(step.close_reason)
            case "watched":
                return _("Seen for the first time; it has to last before anybody is told")
            case "told":
                return _("Told only now: the figures had been too old")
            case "recovering":
                return _("Recovering; it has to last")
            case "relapsed":
                return _("Back again")
            case other:
                return other

    def told(self, step: AlertStep) -> str | None:
        """Who was told of it, and how."""
        if step.told is None:
            return None
        _ = self.words.texts.gettext
        unit = self.words.units.get(step.told.unit or "", step.told.unit or "")
        said = _("Told: %(unit)s") % {"unit": unit} if unit else _("Told: everybody")
        return said + ", " + _("by mail too") if step.told.mail == "written" else said

    def _closed(self, reason: str | None) -> str:
        _ = self.words.texts.gettext
        return {
            "recovered": _("Closed: recovered"),
            "corrected": _("Closed: the facts were corrected"),
            "period_closed": _("Closed: the period is over"),
            "target_amended": _("Closed: what it is held against was amended"),
            "rule_changed": _("Closed: the alert rule was changed"),
            "subject_retired": _("Closed: no longer in the plan"),
            "agrees_again": _("Closed: the figure is what the facts say again"),
            "transient": _("Closed: it did not last"),
        }.get(reason or "", _("Closed"))

    def _estimate(self, result: Result) -> str:
        number = self.words.format.number
        said = number(result.estimate or 0)
        if result.first_estimate is not None and result.first_estimate != result.estimate:
            first = self.words.texts.gettext("first %(count)s")
            said += " (" + first % {"count": number(result.first_estimate)} + ")"
        return said

    def _tolerance(self, indicator: Indicator) -> str:
        _ = self.words.texts.gettext
        percent = self.words.format.percent
        said = (
            _("on track from %(on)s of the target, at risk from %(risk)s")
            if indicator.kind == "observed"
            else _("on track from %(on)s of what was due, at risk from %(risk)s")
        )
        return said % {
            "on": percent(Fraction(indicator.tolerance.on_track)),
            "risk": percent(Fraction(indicator.tolerance.at_risk)),
        }
