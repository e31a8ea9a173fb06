"""One line that shows how a result follows from its figures, in English and French."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from kpi_engine.domain.basis import BasisKind
from kpi_engine.domain.definitions import Definition
from kpi_engine.domain.figures import Target
from kpi_engine.domain.judging import Outcome, Reason, Status
from kpi_engine.domain.paths import Path
from kpi_engine.handlers.days import long_day
from kpi_engine.handlers.results import amount

_NARROW = "\u202f"
_FIXED = "\u00a0"
_SMALL = 5
"""Below this denominator no percentage is said (`domain.md`, decision 1)."""

_STATUS = {
    Status.ON_TRACK: ("on track", "en bonne voie"),
    Status.AT_RISK: ("at risk", "à risque"),
    Status.OFF_TRACK: ("off track", "hors trajectoire"),
    Status.NOT_JUDGED: ("not judged", "non évalué"),
}


def arithmetic(outcome: Outcome, definition: Definition, *, by: date, language: str) -> str:
    """The calculation of a judgement in one line, its numbers as the language writes them.

    `by` is the day by which things had to be done: the grace ago, at most the period's end.
    """
    line = _Line(outcome, definition, by, french=language == "fr")
    parts = line.on_path(definition.path) if definition.path is not None else line.counted()
    return f"{_NARROW if line.french else ''}; ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class _Line:
    outcome: Outcome
    definition: Definition
    by: date
    french: bool

    def counted(self) -> list[str]:
        return [self._whole(), *self._judged_by(), self._target(), self._verdict()]

    def on_path(self, path: Path) -> list[str]:
        """A level, the path and what is made of both: (30 - 40) / (25 - 40)."""
        outcome = self.outcome
        parts = []
        if outcome.numerator is not None:
            level = self._n(outcome.numerator)
            if outcome.denominator is not None:
                level = f"{level} / {self._n(outcome.denominator)} = {self._n(outcome.ratio)}"
            parts.append(self._say(f"level {level}", f"niveau {level}"))
        expected = outcome.expected_lagged
        if expected is not None:
            said = self._expected(expected) + self._formula(path, expected)
            if path.baseline is not None:
                start = self._n(path.baseline[1])
                said = self._say(f"baseline {start}, ", f"valeur de référence {start}, ") + said
            parts.append(said)
        return [*parts, self._target(), self._verdict()]

    def _whole(self) -> str:
        outcome = self.outcome
        n, d = outcome.numerator, outcome.denominator
        if n is None and d is None:
            return ""
        if n is None:
            return self._say(
                f"nothing reported, of {self._n(d)}", f"rien de déclaré, sur {self._n(d)}"
            )
        stated = self._say("stated: ", f"chiffre déclaré{_FIXED}: ") if outcome.stated else ""
        if d is None:
            return stated + self._n(n)
        return stated + self._quotient(n, d)

    def _judged_by(self) -> list[str]:
        """The quotient that decides, where that is not the whole."""
        outcome, n = self.outcome, self.outcome.numerator
        if outcome.judged is not None and outcome.judged.denominator:
            judged = self._quotient(outcome.judged.numerator, outcome.judged.denominator)
            return [
                self._say(
                    f"judged, those answered or asked long enough ago: {judged}",
                    f"évalué, demandes satisfaites ou assez anciennes{_FIXED}: {judged}",
                )
            ]
        items, lagged = outcome.items, outcome.expected_lagged
        match None if outcome.basis is None else outcome.basis.kind:
            case BasisKind.DUE if items is not None:
                return [self._items(items.done, items.due)]
            case BasisKind.EXPECTED if lagged is not None and n is not None:
                return [self._expected(lagged), self._quotient(n, lagged)]
            case BasisKind.AHEAD:
                return [
                    self._say(
                        f"nothing had to be done by {self._by}", f"rien n’était dû au {self._by}"
                    )
                ]
            case BasisKind.WHOLE if self._is_over:
                return [
                    self._say(
                        "the period is over, judged by the whole",
                        "la période est close, évalué sur l’ensemble",
                    )
                ]
            case BasisKind.WHOLE:
                first = (
                    self._items(items.done, items.due)
                    if items is not None and items.due
                    else self._expected(lagged or Fraction(0))
                )
                return [
                    first,
                    self._say("but never below the whole", "mais jamais moins que l’ensemble"),
                ]
            case _:
                return []

    def _items(self, done: Fraction, due: Fraction) -> str:
        pair = self._quotient(done, due)
        return self._say(
            f"done of what was due by {self._by}: {pair}",
            f"fait, de ce qui était dû au {self._by}{_FIXED}: {pair}",
        )

    def _expected(self, lagged: Fraction) -> str:
        value = self._n(lagged)
        return self._say(
            f"expected by {self._by}: {value}", f"attendu au {self._by}{_FIXED}: {value}"
        )

    @property
    def _is_over(self) -> bool:
        outcome = self.outcome
        return outcome.attainment == outcome.ratio and outcome.expected == outcome.denominator

    @property
    def _by(self) -> str:
        return long_day(self.by, french=self.french)

    def _formula(self, path: Path, expected: Fraction) -> str:
        """The way that the attainment was calculated; nothing where it is 0 or 1 by rule."""
        outcome, colon = self.outcome, self._colon
        level = outcome.ratio if outcome.denominator else outcome.numerator
        found = outcome.attainment
        if level is None or found is None:
            return ""
        n = self._n
        if path.baseline is not None:
            start = path.baseline[1]
            if found * (expected - start) == level - start != 0:
                return f"{colon}({n(level)} - {n(start)}) / ({n(expected)} - {n(start)})"
        if found * expected == level != 0:
            return f"{colon}{n(level)} / {n(expected)}"
        if found * level == expected != 0:
            return f"{colon}{n(expected)} / {n(level)}"
        return ""

    def _target(self) -> str:
        target = self.outcome.target
        if target is None:
            return ""
        return self._say("target ", "cible ") + self._span(target)

    def _span(self, target: Target) -> str:
        if target.low is None:
            return self._say("at most ", "au plus ") + self._level(target.high)
        if target.high is None:
            return self._say("at least ", "au moins ") + self._level(target.low)
        low, high = self._level(target.low), self._level(target.high)
        return self._say(f"{low} to {high}", f"de {low} à {high}")

    def _level(self, value: Fraction | None) -> str:
        """A share as a percentage; the level of a path as it is."""
        if value is None:
            return ""
        if self.definition.path is not None:
            return self._n(value)
        return self._percent(value)

    def _verdict(self) -> str:
        outcome, tolerance = self.outcome, self.definition.tolerance
        word = _STATUS[outcome.status][self.french]
        if outcome.attainment is None:
            return f"{word} ({self._reason()})"
        on, risk = self._percent(tolerance.on_track), self._percent(tolerance.at_risk)
        reached = self._percent(outcome.attainment)
        return self._say(
            f"reached {reached}; on track from {on}, at risk from {risk}: {word}",
            f"atteint à {reached}{_NARROW}; en bonne voie dès {on}, à risque dès {risk}"
            f"{_FIXED}: {word}",
        )

    def _reason(self) -> str:
        outcome = self.outcome
        match outcome.reason:
            case Reason.NOT_APPLICABLE:
                return self._say("the zero is known", "le zéro est connu")
            case Reason.NO_TARGET:
                return self._say("no approved target", "pas de cible approuvée")
            case Reason.NOT_STARTED if outcome.judged is not None:
                days = self.definition.service_days
                return self._say(
                    f"no request was answered or has waited {days} days",
                    f"aucune demande n’a été satisfaite ou n’attend depuis {days} jours",
                )
            case Reason.NOT_STARTED:
                return self._say(
                    f"nothing had to be done by {self._by}", f"rien n’était dû au {self._by}"
                )
            case _ if self.definition.kind in ("planned", "milestones") and (
                outcome.denominator is None
            ):
                return self._say("no estimate and no adopted plan", "ni estimation ni plan adopté")
            case _:
                return self._say(
                    "no fact, and no confirmed zero", "aucun fait, et aucun zéro confirmé"
                )

    def _quotient(self, part: Fraction, whole: Fraction) -> str:
        said = f"{self._n(part)} / {self._n(whole)}"
        return f"{said} = {self._percent(part / whole)}" if whole >= _SMALL else said

    def _percent(self, share: Fraction) -> str:
        """At most two places, half-even."""
        shown = self._n(Fraction(round(share * 10_000), 100))
        return f"{shown}{_NARROW}%" if self.french else f"{shown}%"

    def _n(self, value: Fraction | None) -> str:
        shown = amount(value)
        if shown is None:
            return ""
        whole = f"{shown:,f}"
        if not self.french:
            return whole
        return whole.replace(",", _NARROW).replace(".", ",")

    @property
    def _colon(self) -> str:
        return self._say(": ", f"{_FIXED}: ")

    def _say(self, english: str, french: str) -> str:
        return french if self.french else english
