"""What decided a status then and now, and what turned it, in English and French."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from kpi_engine.domain.basis import Basis, BasisKind
from kpi_engine.domain.definitions import Definition
from kpi_engine.domain.judging import Outcome, Reason, Status
from kpi_engine.domain.shifts import Shift
from kpi_engine.handlers.change_words import named
from kpi_engine.handlers.days import long_day
from kpi_engine.handlers.results import amount

_NARROW = "\u202f"
_CAUSES = {
    Shift.FIGURE: (
        "what is counted, corrections included",
        "ce qui est compté, corrections comprises",
    ),
    Shift.TIME: ("the time that passed", "le temps écoulé"),
    Shift.PLAN: ("what is planned or approved", "ce qui est prévu ou approuvé"),
    Shift.DEFINITION: ("the definition", "la définition"),
    Shift.TOGETHER: ("several of these at once", "plusieurs choses à la fois"),
}
_STATUS = {
    Status.ON_TRACK: ("on track", "en bonne voie"),
    Status.AT_RISK: ("at risk", "à risque"),
    Status.OFF_TRACK: ("off track", "hors trajectoire"),
    Status.NOT_JUDGED: ("not judged", "non évalué"),
}
_REASONS = {
    Reason.NOT_APPLICABLE: ("the zero is known", "le zéro est connu"),
    Reason.NO_DATA: ("no data", "pas de données"),
    Reason.NO_TARGET: ("no approved target", "pas de cible approuvée"),
    Reason.NOT_STARTED: ("nothing was due yet", "rien n’était encore attendu"),
}


class Side(NamedTuple):
    """One of the two judgements."""

    outcome: Outcome
    definition: Definition


def cause(shift: Shift, language: str) -> str:
    """What a cause is called."""
    said = _CAUSES[shift][language == "fr"]
    return said[0].upper() + said[1:]


def decided(side: Side, language: str) -> str:
    """38 of the 40 due were done: 95 %, on track."""
    french = language == "fr"
    status = _STATUS[side.outcome.status][french]
    basis, attainment = side.outcome.basis, side.outcome.attainment
    if basis is None or attainment is None:
        reason = _REASONS[side.outcome.reason or Reason.NO_DATA][french]
        return f"{status[0].upper()}{status[1:]}{_colon(french=french)}{reason}."
    said = _held(basis, side, french=french)
    return f"{said}{_colon(french=french)}{_percent(attainment, french=french)}, {status}."


def turn(
    before: Side,
    after: Side,
    *,
    since: date | None,
    causes: Sequence[Shift],
    without: Outcome | None,
    fell_due: Sequence[Mapping[str, object]],
    language: str,
) -> str:
    """What decided the status then and now, since when it stands, and what turned it."""
    french = language == "fr"
    said = [_compared(before, after, since, french=french)]
    late = [one for one in fell_due if not one["done"]]
    if late and after.outcome.status is not Status.ON_TRACK:
        said.append(_not_done(late, french=french))
    if causes:
        said.append(_because(causes, without, french=french))
    return " ".join(said)


def _compared(before: Side, after: Side, since: date | None, *, french: bool) -> str:
    old, new = before.outcome.basis, after.outcome.basis
    language = "fr" if french else "en"
    if old is None or new is None or old.kind is not new.kind or None in (old.against, new.against):
        then, now = ("Avant", "À présent") if french else ("Before", "Now")
        first, last = (decided(one, language) for one in (before, after))
        colon = _colon(french=french)
        when = f" {_stands(since, french=french)}" if since and new is not None else ""
        return f"{then}{colon}{_low(first)} {now}{colon}{_low(last)}{when}"
    against = _went(_AGAINST[new.kind][french], old.against, new.against, after, french=french)
    figure = _went(_FIGURE[new.kind][french], old.figure, new.figure, after, french=french)
    held = _held_to(after, french=french)
    when = f", {_since(since, french=french)}" if since else ""
    return f"{against}{', ' if french else '; '}{figure}{_colon(french=french)}{held}{when}."


_AGAINST = {
    BasisKind.DUE: ("What was due, grace deducted,", "Ce qui était attendu, délai déduit,"),
    BasisKind.EXPECTED: ("What was expected, grace deducted,", "L’attendu, délai déduit,"),
    BasisKind.WHOLE: ("What is planned", "Ce qui est prévu"),
    BasisKind.AHEAD: ("What was due", "Ce qui était attendu"),
    BasisKind.TARGET: ("The bound", "La borne"),
    BasisKind.PATH: ("What should be there", "Ce qui devrait être atteint"),
}
_FIGURE = {
    BasisKind.DUE: ("what is done of it", "ce qui en est fait"),
    BasisKind.EXPECTED: ("what is done", "ce qui est fait"),
    BasisKind.WHOLE: ("what is done", "ce qui est fait"),
    BasisKind.AHEAD: ("what is done", "ce qui est fait"),
    BasisKind.TARGET: ("the level", "le niveau"),
    BasisKind.PATH: ("the level", "le niveau"),
}


def _held(basis: Basis, side: Side, *, french: bool) -> str:
    figure, against = (_level(one, side, french=french) for one in (basis.figure, basis.against))
    match basis.kind:
        case BasisKind.DUE:
            return (
                f"{figure} sur {against} attendus, délai déduit, sont faits"
                if french
                else f"{figure} of {against} due, grace deducted, are done"
            )
        case BasisKind.EXPECTED:
            return (
                f"{figure} là où {against} étaient attendus, délai déduit"
                if french
                else f"{figure} where {against} were expected, grace deducted"
            )
        case BasisKind.WHOLE:
            return f"{figure} sur {against}" if french else f"{figure} of {against}"
        case BasisKind.AHEAD:
            return (
                f"{figure} avant que rien ne soit attendu"
                if french
                else f"{figure} before anything was due"
            )
        case _:
            if basis.against is None:
                return f"niveau {figure}" if french else f"level {figure}"
            return (
                f"niveau {figure}, attendu {against}"
                if french
                else f"level {figure}, held against {against}"
            )


def _held_to(side: Side, *, french: bool) -> str:
    """75 % of what is asked, below the tolerance of 90 %."""
    outcome, tolerance = side.outcome, side.definition.tolerance
    said = _percent(outcome.attainment or Fraction(0), french=french)
    if outcome.status is Status.ON_TRACK:
        bound = _percent(tolerance.on_track, french=french)
        return (
            f"{said} de ce qui est demandé, en bonne voie (dès {bound})"
            if french
            else f"{said} of what is asked, on track (from {bound})"
        )
    risk = outcome.status is Status.AT_RISK
    bound = _percent(tolerance.on_track if risk else tolerance.at_risk, french=french)
    return (
        f"{said} de ce qui est demandé, sous la tolérance de {bound}"
        if french
        else f"{said} of what is asked, below the tolerance of {bound}"
    )


def _went(
    name: str, before: Fraction | None, after: Fraction | None, side: Side, *, french: bool
) -> str:
    old, new = (_level(one, side, french=french) for one in (before, after))
    if before == after:
        return f"{name} est resté à {new}" if french else f"{name} stayed at {new}"
    if french:
        return f"{name} est passé de {old} à {new}"
    grew = (after or 0) > (before or 0)
    return f"{name} {'grew' if grew else 'fell'} from {old} to {new}"


def _not_done(late: Sequence[Mapping[str, object]], *, french: bool) -> str:
    titles = named(late, french=french)
    if french:
        many = "n’est pas fait" if len(late) == 1 else "ne sont pas faits"
        due = "échu" if len(late) == 1 else "échus"
        return f"{len(late)} {due} depuis {many}{titles}."
    return f"{len(late)} that fell due since {'is' if len(late) == 1 else 'are'} not done{titles}."


def _because(causes: Sequence[Shift], without: Outcome | None, *, french: bool) -> str:
    names = [_CAUSES[one][french] for one in causes]
    joined = _joined(names, "et" if french else "and")
    said = f"Le statut a changé par {joined}" if french else f"What turned it: {joined}"
    if without is None:
        return f"{said}."
    would = _STATUS[without.status][french]
    return (
        f"{said}{_NARROW}; sans cela, il serait «{_NARROW}{would}{_NARROW}»."
        if french
        else f"{said}; without that it would be {would}."
    )


def _joined(names: Sequence[str], word: str) -> str:
    *first, last = names
    return f"{', '.join(first)} {word} {last}" if first else last


def _stands(since: date, *, french: bool) -> str:
    said = long_day(since, french=french)
    return f"Il en est ainsi depuis le {said}." if french else f"It has been so since {said}."


def _since(since: date, *, french: bool) -> str:
    return (
        f"depuis le {long_day(since, french=french)}"
        if french
        else f"since {long_day(since, french=french)}"
    )


def _level(value: Fraction | None, side: Side, *, french: bool) -> str:
    """A share of what is observed as a percentage; a level in its own unit; else so many."""
    basis = side.outcome.basis
    if basis is not None and basis.kind is BasisKind.TARGET and side.definition.path is None:
        return _percent(value or Fraction(0), french=french)
    if basis is not None and basis.kind in (BasisKind.TARGET, BasisKind.PATH):
        return number(None if value is None else Fraction(round(value * 100), 100), french=french)
    return number(value, french=french)


def number(value: Fraction | None, *, french: bool) -> str:
    """At most 6 places, with the language's own mark before them."""
    said = format(amount(value) or Decimal(0), "f")
    return said.replace(".", ",") if french else said


def _percent(value: Fraction, *, french: bool) -> str:
    tenths = (Decimal(round(value * 1000)) / 10).normalize()
    said = format(tenths, "f")
    return f"{said.replace('.', ',')}{_NARROW}%" if french else f"{said} %"


def _colon(*, french: bool) -> str:
    return "\u00a0: " if french else ": "


def _low(said: str) -> str:
    return said[0].lower() + said[1:]
