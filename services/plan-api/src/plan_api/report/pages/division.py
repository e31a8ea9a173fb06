"""A figure in parts, as tables: by region, unit, package and priority."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from markupsafe import Markup

from plan_api.report.model import SMALL
from plan_api.report.model.parts import By, Part, Parted
from plan_api.report.pages.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line: what it is called and its figure in words."""

    name: Markup
    figure: str
    percent: str | None = None
    beside: str | None = None
    small: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """One table, with what is to be said under it."""

    by: By
    heading: str
    rows: Sequence[Row]
    total: Row
    notes: Sequence[str]


def divisions(found: Sequence[Parted], *, words: Words) -> Sequence[Division]:
    """One table for each dimension that has something to tell; one part alone is the whole."""
    return [_division(one, words) for one in found if one.told and not _says_the_whole_again(one)]


def _says_the_whole_again(found: Parted) -> bool:
    if found.withheld or len(found.parts) != 1:
        return False
    part, total = found.parts[0], found.total
    return (part.numerator, part.denominator) == (total.numerator, total.denominator)


def _division(found: Parted, words: Words) -> Division:
    _ = words.texts.gettext
    headings: dict[By, str] = {
        "region": _("By region"),
        "unit": _("By unit"),
        "package": _("By package"),
        "priority": _("By priority"),
    }
    return Division(
        by=found.by,
        heading=headings[found.by],
        rows=[_row(one, _name(one, words), words) for one in found.parts],
        total=_row(found.total, Markup.escape(_("All together, counted by itself")), words),
        notes=_notes(found, words),
    )


def _name(part: Part, words: Words) -> Markup:
    if part.code is None:
        return Markup.escape(words.texts.gettext("Not given"))
    if part.title is None:
        return Markup.escape(_region(part.code, words))
    return words.format.titled(part.title, part.title_fr)


def _region(code: str, words: Words) -> str:
    """The six regions by name; another organization's by its own code."""
    _ = words.texts.gettext
    names = {
        "AMERICAS": _("South America, North America, Central America and the Caribbean"),
        "EUROPE": _("Europe"),
        "ESA": _("East and Southern Africa"),
        "MENA": _("North of Africa, Near and Middle East"),
        "WCA": _("West and Central Africa"),
        "ASIA-PACIFIC": _(
            "Far East, South and South East Asia, Australasia and the Pacific Islands"
        ),
    }
    return names.get(code.upper(), code)


def _row(part: Part, name: Markup, words: Words) -> Row:
    _, number = words.texts.gettext, words.format.number
    if part.numerator is None:
        return Row(name=name, figure=_("withheld") if part.suppressed else "–", small=True)
    figure, percent = number(part.numerator), None
    if part.denominator is not None:
        figure = _("%(n)s of %(d)s") % {"n": figure, "d": number(part.denominator)}
        if part.denominator >= SMALL:
            percent = words.format.percent(Fraction(part.numerator) / Fraction(part.denominator))
    return Row(
        name=name, figure=figure, percent=percent, beside=_beside(part, words),
        small=part.suppressed,
    )  # fmt: skip


def _beside(part: Part, words: Words) -> str | None:
    texts, number = words.texts, words.format.number
    if part.pairs is not None and part.pairs != part.numerator:
        return texts.ngettext(
            "%(count)s pair of a tool and a Member",
            "%(count)s pairs of a tool and a Member",
            part.pairs,
        ) % {"count": number(part.pairs)}
    if part.unplanned:
        return texts.ngettext(
            "%(count)s of them unplanned", "%(count)s of them unplanned", part.unplanned
        ) % {"count": number(part.unplanned)}
    return None


def _notes(found: Parted, words: Words) -> Sequence[str]:
    texts, number = words.texts, words.format.number
    _ = texts.gettext
    notes = [said for said in (found.statement, found.denominator_reason) if said]
    if found.not_listed:
        notes.append(
            texts.ngettext(
                "%(count)s of the estimate is not listed as an item and stands in no row.",
                "%(count)s of the estimate are not listed as items and stand in no row.",
                _plural(found.not_listed),
            )
            % {"count": number(found.not_listed)}
        )
    if found.withheld:
        notes.append(
            _(
                "Counts of 1 to 4 Members, and what would give them away by subtraction, are"
                " shown to the Secretariat alone."
            )
        )
    elif any(one.suppressed for one in found.parts):
        notes.append(
            _(
                "Marked rows tell of 1 to 4 Members, or would give such a count away: for the"
                " Secretariat alone, not to be passed on."
            )
        )
    return notes


def _plural(value: Decimal) -> int:
    return int(value) if value == int(value) else 2
