"""A difference in an alert's words: the figure as shown and by the facts, and what differs."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from notifier.adapters.markup import Marks
from notifier.adapters.phrases import Phrases
from notifier.domain.difference import CheckedFigure, Difference

_SHOWN_ITEMS = 2
_DUE = {"en": "{pair} due", "fr": "{pair} attendus"}
_JUDGED = {"en": "{pair} judged", "fr": "{pair} évalués"}
_NONE = {"en": "no figure", "fr": "aucun chiffre"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Differing:
    """Says one difference in one language."""

    phrases: Phrases
    difference: Difference

    def context(self, marks: Marks) -> Mapping[str, Any]:
        """What the templates of a figure in doubt are given beside those of every alert."""
        found, language = self.difference, self.phrases.language
        named = found.items[:_SHOWN_ITEMS]
        return {
            "shown_wrongly": found.is_shown_wrongly,
            "moves_a_figure": found.moves_a_figure,
            "shown": self._said(found.shown, beside=found.rebuilt),
            "facts": self._said(found.rebuilt, beside=found.shown),
            "kept": self._said(found.live, beside=found.rebuilt),
            "lost": found.lost,
            "surplus": found.surplus,
            "differing": [
                marks.titled(item.title or item.key, item.title_fr, language) for item in named
            ],
            "differing_more": len(found.items) - len(named),
            "check": found.check,
            "checked_at": found.checked_at,
        }

    def _said(self, figure: CheckedFigure, *, beside: CheckedFigure) -> str:
        """53 of 155; where that is the same on both sides, what else it is judged by."""
        language, pair = self.phrases.language, self.phrases.pair
        if _whole(figure) == _whole(beside):
            if figure.judged is not None and figure.judged != beside.judged:
                return _JUDGED[language].format(pair=pair(*figure.judged))
            due = _due(figure)
            if due is not None and due != _due(beside):
                return _DUE[language].format(pair=pair(*due))
        if figure.numerator is None:
            return _NONE[language]
        if figure.denominator is None:
            return self.phrases.number(figure.numerator)
        return pair(figure.numerator, figure.denominator)


def _whole(figure: CheckedFigure) -> tuple[Decimal | None, Decimal | None]:
    return (figure.numerator, figure.denominator)


def _due(figure: CheckedFigure) -> tuple[Decimal, Decimal] | None:
    if figure.due is None or figure.due_done is None:
        return None
    return (figure.due_done, figure.due)
