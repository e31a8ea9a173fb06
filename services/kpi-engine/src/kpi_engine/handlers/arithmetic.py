"""One line that shows how a result follows from its figures, in English and French."""

from fractions import Fraction

from kpi_engine.domain.definitions import Definition
from kpi_engine.domain.figures import Target
from kpi_engine.domain.judging import Outcome, Reason, Status
from kpi_engine.domain.paths import Path
from kpi_engine.handlers.results import amount, ratio

_REASONS = {
    Reason.NOT_APPLICABLE: ("not applicable: the zero is known", "sans objet : le zéro est connu"),
    Reason.NO_DATA: ("no data", "pas de données"),
    Reason.NO_TARGET: ("no approved target", "pas de cible approuvée"),
    Reason.NOT_STARTED: (
        "nothing that is due has passed its grace yet",
        "rien de ce qui est attendu n’a encore passé son délai de grâce",
    ),
}

_FRENCH = {
    Status.ON_TRACK: "en bonne voie",
    Status.AT_RISK: "à risque",
    Status.OFF_TRACK: "hors trajectoire",
    Status.NOT_JUDGED: "non évalué",
}


def arithmetic(outcome: Outcome, definition: Definition, *, language: str) -> str:
    """The calculation of a judgement in one line."""
    french = language == "fr"
    if definition.path is not None:
        return _on_path(outcome, definition, definition.path, french=french)
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
            f"attendu, délai déduit : {_n(outcome.expected_lagged)}"
            if french
            else f"expected, less the grace: {_n(outcome.expected_lagged)}"
        )
    if outcome.judged is not None:
        pair = f"{_n(outcome.judged.numerator)} / {_n(outcome.judged.denominator)}"
        parts.append(f"jugé : {pair}" if french else f"judged: {pair}")
    if outcome.target is not None:
        parts.append(_target(outcome.target, french=french))
    parts.append(_verdict(outcome, definition, french=french))
    return "; ".join(parts)


def _on_path(outcome: Outcome, definition: Definition, path: Path, *, french: bool) -> str:
    """A level, the path and what is made of both: (30 - 40) / (25 - 40)."""
    parts = []
    if outcome.numerator is not None:
        level = _n(outcome.numerator)
        if outcome.denominator is not None:
            level = f"{level} / {_n(outcome.denominator)} = {_n(outcome.ratio)}"
        parts.append(f"niveau {level}" if french else f"level {level}")
    expected = outcome.expected_lagged
    if expected is not None:
        word = "attendu, délai déduit : " if french else "expected, less the grace: "
        said = f"{word}{_n(expected)}"
        if path.baseline is not None:
            start = _n(path.baseline[1])
            said = (f"valeur de référence {start}, " if french else f"baseline {start}, ") + said
        parts.append(said + _formula(outcome, path, expected))
    if outcome.target is not None:
        parts.append(_target(outcome.target, french=french))
    parts.append(_verdict(outcome, definition, french=french))
    return "; ".join(parts)


def _formula(outcome: Outcome, path: Path, expected: Fraction) -> str:
    """The way that the attainment was calculated; nothing where it is 0 or 1 by rule."""
    level = outcome.ratio if outcome.denominator else outcome.numerator
    found = outcome.attainment
    if level is None or found is None:
        return ""
    if path.baseline is not None:
        start = path.baseline[1]
        if found * (expected - start) == level - start != 0:
            return f": ({_n(level)} - {_n(start)}) / ({_n(expected)} - {_n(start)})"
    if found * expected == level != 0:
        return f": {_n(level)} / {_n(expected)}"
    if found * level == expected != 0:
        return f": {_n(expected)} / {_n(level)}"
    return ""


def _target(target: Target, *, french: bool) -> str:
    if target.low is None:
        span = f"au plus {_n(target.high)}" if french else f"at most {_n(target.high)}"
    elif target.high is None:
        span = f"au moins {_n(target.low)}" if french else f"at least {_n(target.low)}"
    else:
        span = f"{_n(target.low)} - {_n(target.high)}"
    return f"cible {span}" if french else f"target {span}"


def _verdict(outcome: Outcome, definition: Definition, *, french: bool) -> str:
    if outcome.attainment is None:
        reason = _REASONS[outcome.reason or Reason.NO_DATA]
        return f"non évalué ({reason[1]})" if french else f"not judged ({reason[0]})"
    bounds = f"{_n(definition.tolerance.on_track)} / {_n(definition.tolerance.at_risk)}"
    if french:
        return f"atteinte {ratio(outcome.attainment)}, seuils {bounds} : {_FRENCH[outcome.status]}"
    return f"attainment {ratio(outcome.attainment)}, bounds {bounds}: {outcome.status}"


def _n(value: Fraction | None) -> str:
    shown = amount(value)
    return "?" if shown is None else format(shown, "f")
