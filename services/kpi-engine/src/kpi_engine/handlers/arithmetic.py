"""One line that shows how a result follows from its figures, in English and French."""

from fractions import Fraction

from kpi_engine.domain.definitions import Definition
from kpi_engine.domain.judging import Outcome, Reason
from kpi_engine.handlers.results import amount, ratio

_REASONS = {
    Reason.NOT_APPLICABLE: ("not applicable: the zero is known", "sans objet : le zéro est connu"),
    Reason.NO_DATA: ("no data", "pas de données"),
    Reason.NO_TARGET: ("no approved target", "pas de cible approuvée"),
    Reason.NOT_STARTED: ("nothing was due yet", "rien n'était encore dû"),
}


def arithmetic(outcome: Outcome, definition: Definition, *, language: str) -> str:
    """The calculation of a judgement in one line."""
    french = language == "fr"
    parts = []
    if outcome.numerator is not None or outcome.denominator is not None:
        whole = f"{_n(outcome.numerator)} / {_n(outcome.denominator)}"
        shown = ratio(outcome.ratio)
        parts.append(whole if shown is None else f"{whole} = {shown}")
    items = outcome.items
    if items is not None and items.due:
        parts.append(
            f"{_n(items.done)} faits sur {_n(items.due)} dus au {items.by.isoformat()}"
            if french
            else f"{_n(items.done)} done of {_n(items.due)} due by {items.by.isoformat()}"
        )
    elif outcome.expected_lagged is not None:
        parts.append(
            f"attendu, délai déduit : {_n(outcome.expected_lagged)}"
            if french
            else f"expected, less the grace: {_n(outcome.expected_lagged)}"
        )
    if outcome.judged is not None:
        pair = f"{_n(outcome.judged.numerator)} / {_n(outcome.judged.denominator)}"
        parts.append(f"jugé : {pair}" if french else f"judged: {pair}")
    if outcome.target is not None:
        high = "" if outcome.target.high is None else f" - {_n(outcome.target.high)}"
        span = f"{_n(outcome.target.low)}{high}"
        parts.append(f"cible {span}" if french else f"target {span}")
    parts.append(_verdict(outcome, definition, french=french))
    return "; ".join(parts)


def _verdict(outcome: Outcome, definition: Definition, *, french: bool) -> str:
    if outcome.attainment is None:
        reason = _REASONS[outcome.reason or Reason.NO_DATA]
        return f"non jugé ({reason[1]})" if french else f"not judged ({reason[0]})"
    bounds = f"{_n(definition.tolerance.on_track)} / {_n(definition.tolerance.at_risk)}"
    if french:
        return f"atteinte {ratio(outcome.attainment)}, seuils {bounds} : {outcome.status}"
    return f"attainment {ratio(outcome.attainment)}, bounds {bounds}: {outcome.status}"


def _n(value: Fraction | None) -> str:
    shown = amount(value)
    return "?" if shown is None else format(shown, "f")
