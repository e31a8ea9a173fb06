"""The forms with which a year is planned: an Action, a Deliverable, an estimate, a target."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from plan_api.desk.pages.forms import VERSION, Field, Form, Option, options
from plan_api.desk.pages.words import DeskWords
from plan_api.implementation.model import KINDS, Purpose
from shared_kit.events.definitions import Indicator

SURE: Final = ("stated", "inferred")
"""How sure a date can be that somebody types; without a date it is not given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """What a plan offers to choose from."""

    years: Sequence[Option]
    writable: Sequence[Option]
    """The units that the reader may write for."""
    units: Sequence[Option]
    objectives: Sequence[Option]
    priorities: Sequence[Option]
    packages: Sequence[Option] = ()
    instruments: Sequence[Option] = ()
    actions: Sequence[Option] = ()
    kinds: Sequence[str] = KINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanningForms:
    """Makes the forms; what is chosen or typed already stands in them."""

    words: DeskWords

    def action(self, stock: Stock, *, year: str, code: str) -> Form:
        _ = self.words.texts.gettext
        return Form(
            name="action",
            action="/yearly-plan/actions",
            title=_("Add an Action"),
            button=_("Enter the Action"),
            fields=(
                *self._titles(_("For example: Guidelines on risk profiles")),
                self._code(code, _("Free for now; your own numbering is welcome.")),
                self._choice("period", _("Which year's plan is it in?"), stock.years, year),
                self._choice("lead", _("Which unit leads?"), stock.writable, _only(stock.writable)),
                self._checks("contributors", _("Which units contribute?"), stock.units),
                self._checks(
                    "objectives",
                    _("Which objectives does it serve?"),
                    stock.objectives,
                    _("Its Deliverables serve them too, unless they say otherwise."),
                ),
                Field(
                    name="priorities",
                    label=_("Which strategic priorities does it serve, in percent?"),
                    kind="shares",
                    hint=_(
                        "Leave empty what it does not serve. What you enter adds to 100, for "
                        "example 60 and 40."
                    ),
                    options=tuple(stock.priorities),
                    optional=True,
                ),
                Field(name="start", label=_("When does it begin?"), kind="date", optional=True),
                Field(
                    name="end",
                    label=_("When does it end?"),
                    kind="date",
                    hint=_("Without Deliverables, the Action itself is due on that day."),
                    optional=True,
                ),
                self._sure(),
                self._source(),
            ),
        )

    def deliverable(self, stock: Stock, *, year: str, code: str, action: str = "") -> Form:
        return Form(
            name="deliverable",
            action="/yearly-plan/deliverables",
            title=self.words.texts.gettext("Add a Deliverable"),
            button=self.words.texts.gettext("Enter the Deliverable"),
            fields=(
                *self._what_it_is(stock, year=year, code=code, action=action),
                *self._what_it_serves(stock),
                *self._what_counts(stock),
                self._source(),
            ),
        )

    def estimate(self, key: str, *, year: str, version: int, value: str) -> Form:
        _ = self.words.texts.gettext
        return Form(
            name="estimate",
            action=f"/indicators/{key}/estimate",
            title=_("State the estimate"),
            button=_("State it"),
            fields=(
                Field(name="period", kind="hidden", values=(year,)),
                Field(name=VERSION, kind="hidden", values=(str(version),)),
                Field(
                    name="value",
                    label=_("How many are planned?"),
                    kind="number",
                    hint=_("A whole number, for example 61."),
                    values=(value,) if value else (),
                ),
                Field(
                    name="points",
                    label=_("How many by when?"),
                    kind="text",
                    hint=_(
                        "One line for each date, for example 2019-12-31: 30. The last line is the "
                        "whole. Left empty, the dates of the Deliverables say it."
                    ),
                    optional=True,
                ),
                self._why(version > 0),
            ),
        )

    def target(self, key: str, indicator: Indicator, *, year: str, version: int) -> Form:
        _ = self.words.texts.gettext
        hint = (
            _("In percent, for example 60.")
            if indicator.kind == "observed"
            else _("A number, for example 60.")
        )
        if indicator.unit is not None:
            french = self.words.format.language == "fr"
            unit = indicator.unit.fr if french else indicator.unit.en
            hint = _("In this unit: %(unit)s.") % {"unit": unit}
        direction = indicator.path.direction if indicator.path else None
        falls = direction == "decrease"
        least, most = _("At least how much?"), _("At most how much?")
        bounds = [Field(name="low", label=most if falls else least, kind="number", hint=hint)]
        if takes_range(indicator):
            only = _("Only where more is not better.")
            bounds.append(Field(name="high", label=most, kind="number", hint=only, optional=True))
        return Form(
            name="target",
            action=f"/indicators/{key}/target",
            title=_("Set the target"),
            button=_("Set it"),
            fields=(
                Field(name="period", kind="hidden", values=(year,)),
                Field(name=VERSION, kind="hidden", values=(str(version),)),
                *bounds,
                self._why(version > 0),
            ),
        )

    def adopt(self, *, year: str, seen: str, items: int) -> Form:
        texts = self.words.texts
        _ = texts.gettext
        today = self.words.format.today
        said = texts.ngettext("Adopt %(num)s Deliverable", "Adopt %(num)s Deliverables", items)
        return Form(
            name="adopt",
            action="/yearly-plan/adopt",
            title=_("Adopt the yearly plan"),
            button=said % {"num": self.words.format.number(items)},
            lead=_(
                "The dates are fixed then and stay beside every later change. Adopting cannot "
                "be undone; what is listed later joins with the next adoption."
            ),
            fields=(
                Field(name="period", kind="hidden", values=(year,)),
                Field(name=VERSION, kind="hidden", values=(seen,)),
                Field(
                    name="adopted_on",
                    label=_("On which day was it adopted?"),
                    kind="date",
                    values=(today.isoformat(),),
                ),
            ),
        )

    def _what_it_is(self, stock: Stock, *, year: str, code: str, action: str) -> tuple[Field, ...]:
        _ = self.words.texts.gettext
        listed = {"yes": _("listed in the yearly plan"), "no": _("unplanned work")}
        return (
            *self._titles(_("For example: Guide on transit guarantees")),
            self._code(code, _("Free for now; your own numbering is welcome.")),
            self._choice(
                "action",
                _("Which Action does it belong to?"),
                stock.actions,
                action,
                _("None where it stands alone."),
                optional=True,
            ),
            self._choice("period", _("Which year's plan is it in?"), stock.years, year),
            Field(
                name="listed",
                label=_("Is it planned?"),
                kind="radios",
                hint=_("Unplanned work counts once it is done, and is shown apart."),
                options=options(listed.items()),
                values=("yes",),
            ),
            self._choice("unit", _("Which unit owns it?"), stock.writable, _only(stock.writable)),
            Field(name="due", label=_("When is it due?"), kind="date", optional=True),
            self._sure(),
        )

    def _what_it_serves(self, stock: Stock) -> tuple[Field, ...]:
        _ = self.words.texts.gettext
        left = _("Left empty, those of its Action.")
        return (
            self._checks(
                "objectives", _("Which objectives does it serve?"), stock.objectives, left
            ),
            self._checks(
                "priorities", _("Which strategic priorities does it serve?"), stock.priorities, left
            ),
        )

    def _what_counts(self, stock: Stock) -> tuple[Field, ...]:
        _ = self.words.texts.gettext
        kinds = options((one, self.words.kind(one)) for one in stock.kinds)
        purposes = options((one.value, self.words.purpose(one.value)) for one in Purpose)
        return (
            self._choice("kind", _("What kind of result is it?"), kinds),
            Field(
                name="weight",
                label=_("What does the milestone weigh, in percent?"),
                kind="number",
                hint=_("Milestones only. Those of one strategy add to 100 in a year."),
                optional=True,
            ),
            self._choice(
                "instrument",
                _("Which tool or instrument is it, or does it update?"),
                stock.instruments,
                hint=_("Its Packages and tags then hold here too."),
                optional=True,
            ),
            self._checks(
                "packages",
                _("Which Packages is it part of?"),
                stock.packages,
                _("Left empty, those of the tool or instrument."),
            ),
            Field(name="uses_it", label=_("It uses IT"), kind="flag"),
            Field(name="data_analysis", label=_("It is about data analysis"), kind="flag"),
            Field(name="compendium", label=_("It is a compendium"), kind="flag"),
            Field(name="revenue_advice", label=_("It advises on revenue collection"), kind="flag"),
            self._choice(
                "purpose",
                _("What is the mission, meeting, event or workshop for?"),
                purposes,
                optional=True,
            ),
        )

    def _titles(self, example: str) -> tuple[Field, Field]:
        _ = self.words.texts.gettext
        return (
            Field(name="title", label=_("What is it called in English?"), hint=example),
            Field(name="title_fr", label=_("What is it called in French?"), optional=True),
        )

    def _code(self, code: str, hint: str) -> Field:
        label = self.words.texts.gettext("Under which code?")
        return Field(name="key", label=label, hint=hint, values=(code,))

    def _choice(
        self,
        name: str,
        label: str,
        among: Sequence[Option],
        chosen: str = "",
        hint: str = "",
        *,
        optional: bool = False,
    ) -> Field:
        return Field(
            name=name,
            label=label,
            kind="choice",
            hint=hint,
            options=tuple(among),
            values=(chosen,) if chosen else (),
            optional=optional,
        )

    def _checks(self, name: str, label: str, among: Sequence[Option], hint: str = "") -> Field:
        return Field(
            name=name, label=label, kind="checks", hint=hint, options=tuple(among), optional=True
        )

    def _sure(self) -> Field:
        _ = self.words.texts.gettext
        return Field(
            name="date_certainty",
            label=_("How sure is the date?"),
            kind="radios",
            options=options((one, self.words.certainty(one)) for one in SURE),
            values=("stated",),
        )

    def _source(self) -> Field:
        _ = self.words.texts.gettext
        return Field(
            name="source_note",
            label=_("Where is it written?"),
            hint=_("A document number or a page, for example SC0192, page 12"),
            optional=True,
        )

    def _why(self, revising: bool) -> Field:  # noqa: FBT001 - whether there is one before it
        _ = self.words.texts.gettext
        return Field(
            name="reason",
            label=_("Why is it changed?") if revising else _("Where does it come from?"),
            hint=_("For example: Implementation Plan 2019/20, annex."),
            optional=not revising,
        )


def _only(among: Sequence[Option]) -> str:
    """What need not be chosen since there is nothing else."""
    return among[0].value if len(among) == 1 else ""


def takes_range(indicator: Indicator) -> bool:
    """Whether a target may have an upper end: a path up or down leads to one level."""
    return indicator.path is None or indicator.path.direction == "keep"
