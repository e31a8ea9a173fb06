"""Each part of a change in one sentence, in English and French."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from kpi_engine.domain.changes import Cause, Moved
from kpi_engine.handlers.results import amount

_TWO = 2
MOST_NAMED = 3
"""So many items are named in a sentence; the others are counted."""


def sentence_of(
    moved: Moved,
    *,
    items: Sequence[Mapping[str, object]],
    late: int,
    version: int,
    language: str,
) -> str:
    """What a cause did to the numerator and to the denominator, in words.

    `items` are those that show it; `late` is how many of its facts were told after the earlier
    judgement of what had happened by then.
    """
    french = language == "fr"
    said = _SAID[moved.cause](moved, items, version)[french]
    if not late:
        return said
    return f"{said} {_late(late)[french]}"


_Items = Sequence[Mapping[str, object]]


def _numerator(moved: Moved, _items: _Items, _version: int) -> tuple[str, str]:
    more = _signed(moved.numerator)
    return (f"What is counted: {more}.", f"Ce qui est compté : {more}.")


def _denominator(moved: Moved, _items: _Items, _version: int) -> tuple[str, str]:
    more = _signed(moved.denominator)
    return (f"What it is counted of: {more}.", f"Ce sur quoi on compte : {more}.")


def _scope(moved: Moved, items: _Items, _version: int) -> tuple[str, str]:
    """2 fewer are planned (“Guide”, “Workshop”). Of what came and went both."""
    more, fewer = ([one for one in items if _changed(one) * sign > 0] for sign in (1, -1))
    if more and fewer:
        english = f"{len(more)} added{named(more, french=False)}; "
        english += f"{len(fewer)} taken out{named(fewer, french=False)}"
        french = f"{len(more)} en plus{named(more, french=True)} ; "
        french += f"{len(fewer)} en moins{named(fewer, french=True)}"
    else:
        much, many = abs(moved.denominator), f"{_n(abs(moved.denominator))}"
        grown = moved.denominator > 0
        english = f"{many} {'more' if grown else 'fewer'} {'is' if much == 1 else 'are'} planned"
        english += named(items, french=False)
        french = f"{many} de {'plus' if grown else 'moins'} "
        french += f"{'est prévu' if much < _TWO else 'sont prévus'}{named(items, french=True)}"
    english, french = f"Re-planned: {english}.", f"Replanifié : {french}."
    if moved.denominator < 0:
        english += " That is no recovery."
        french += " Ce n’est pas un redressement."
    return english, french


def _changed(item: Mapping[str, object]) -> Decimal:
    change = item["change"]
    return change if isinstance(change, Decimal) else Decimal(0)


def named(items: _Items, *, french: bool) -> str:
    """(“Guide”, “Workshop” and 4 more); nothing where no item shows it."""
    titles = [
        str((one["title_fr"] if french else None) or one["title"] or one["item"]) for one in items
    ]
    if not titles:
        return ""
    shown = [f"«\u202f{one}\u202f»" if french else f"“{one}”" for one in titles[:MOST_NAMED]]
    left = len(titles) - len(shown)
    said = ", ".join(shown)
    if left:
        said += f" et {left} de plus" if french else f" and {left} more"
    return f" ({said})"


def _correction(moved: Moved, _items: _Items, _version: int) -> tuple[str, str]:
    return (
        f"Facts were corrected: {_both(moved, french=False)}.",
        f"Des faits ont été corrigés : {_both(moved, french=True)}.",
    )


def _definition(moved: Moved, _items: _Items, version: int) -> tuple[str, str]:
    return (
        f"Version {version} of the plan counts differently: {_both(moved, french=False)}.",
        f"La version {version} du plan compte autrement : {_both(moved, french=True)}.",
    )


def _stated(moved: Moved, _items: _Items, _version: int) -> tuple[str, str]:
    return (
        "A figure was stated, or no longer stands, in place of what is counted: "
        f"{_both(moved, french=False)}.",
        "Un chiffre a été déclaré, ou ne vaut plus, à la place de ce qui est compté : "
        f"{_both(moved, french=True)}.",
    )


_SAID = {
    Cause.NUMERATOR: _numerator,
    Cause.DENOMINATOR: _denominator,
    Cause.SCOPE: _scope,
    Cause.CORRECTION: _correction,
    Cause.DEFINITION: _definition,
    Cause.STATED: _stated,
}


def _late(count: int) -> tuple[str, str]:
    if count == 1:
        return (
            "One of them had happened by then and was reported later.",
            "L’un d’eux avait déjà eu lieu et n’a été signalé que plus tard.",
        )
    return (
        f"{count} of them had happened by then and were reported later.",
        f"{count} d’entre eux avaient déjà eu lieu et n’ont été signalés que plus tard.",
    )


def _both(moved: Moved, *, french: bool) -> str:
    top, bottom = ("numérateur", "dénominateur") if french else ("numerator", "denominator")
    said = [
        f"{name} {_signed(value)}"
        for name, value in ((top, moved.numerator), (bottom, moved.denominator))
        if value
    ]
    return ", ".join(said) or ("rien en tout" if french else "nothing in all")


def _signed(value: Fraction) -> str:
    sign = "+" if value > 0 else "−" if value < 0 else "±"
    return f"{sign}{_n(abs(value))}"


def _n(value: Fraction) -> str:
    return format(amount(value) or 0, "f")
