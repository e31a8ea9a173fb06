"""A figure in doubt, in words: what is shown, what the facts say, and what is counted wrongly."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from plan_api.report.model.doubt import CheckedFigure, Difference
from plan_api.report.pages.formatting import Formatter

_Pair = tuple[Decimal | None, Decimal | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtRow:
    """One line of the comparison: a count as shown, as kept, by the facts."""

    name: str
    shown: str
    kept: str
    facts: str
    differs: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtWords:
    """Says to one reader what a check found."""

    format: Formatter

    def rows(self, found: Difference) -> tuple[DoubtRow, ...]:
        """The whole first; what is due or judged only where there is such a figure."""
        _ = self.format.texts.gettext
        sides: tuple[tuple[str, Callable[[CheckedFigure], _Pair]], ...] = (
            (_("The figure"), lambda one: (one.numerator, one.denominator)),
            (_("Done, of what was due"), lambda one: (one.due_done, one.due)),
            (
                _("Judged by: those answered or asked long enough ago"),
                lambda one: (one.judged_numerator, one.judged_denominator),
            ),
        )
        three = (found.shown, found.live, found.rebuilt)
        rows = []
        for name, side in sides:
            pairs = [side(one) for one in three]
            if name == sides[0][0] or any(pair[0] is not None for pair in pairs):
                shown, kept, facts = (self._pair(*pair) for pair in pairs)
                rows.append(
                    DoubtRow(
                        name=name, shown=shown, kept=kept, facts=facts, differs=len(set(pairs)) > 1
                    )
                )
        return tuple(rows)

    def entries(self, found: Difference) -> str:
        """1 entry is missing, 2 entries are too many; empty where only figures differ."""
        texts, number = self.format.texts, self.format.number
        said = []
        if found.lost:
            missing = texts.ngettext(
                "%(n)s entry is missing", "%(n)s entries are missing", found.lost
            )
            said.append(missing % {"n": number(found.lost)})
        if found.surplus:
            many = texts.ngettext(
                "%(n)s entry is too many", "%(n)s entries are too many", found.surplus
            )
            said.append(many % {"n": number(found.surplus)})
        return ", ".join(said)

    def _pair(self, part: Decimal | None, whole: Decimal | None) -> str:
        _ = self.format.texts.gettext
        if part is None:
            return _("no figure")
        if whole is None:
            return self.format.number(part)
        return _("%(n)s of %(d)s") % {
            "n": self.format.number(part),
            "d": self.format.number(whole),
        }
