"""What a check found, from the wire to the domain and to a row and back."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from notifier.domain.difference import CheckedFigure, Difference, DifferingItem
from notifier.ports.stores import Checked
from shared_kit.events.results import ReconciliationFailed, ReconciliationPassed, ShownFigure


def checked(event: ReconciliationFailed | ReconciliationPassed) -> Checked:
    """What is heard of a check."""
    return Checked(
        indicator=event.key,
        plan=event.plan,
        period=event.period,
        check=event.check,
        on=event.checked_on,
        difference=_said(event) if isinstance(event, ReconciliationFailed) else None,
    )


def _said(event: ReconciliationFailed) -> Difference:
    return Difference(
        check=event.check,
        checked_at=event.checked_at,
        revision=event.revision,
        shown=_figure(event.shown),
        live=_figure(event.live),
        rebuilt=_figure(event.rebuilt),
        lost=event.lost,
        surplus=event.surplus,
        items=tuple(
            DifferingItem(key=key) for key in dict.fromkeys(row.item for row in event.rows)
        ),
    )


def _figure(said: ShownFigure) -> CheckedFigure:
    pair = said.judged
    return CheckedFigure(
        numerator=said.numerator,
        denominator=said.denominator,
        judged=None if pair is None else (pair.numerator, pair.denominator),
        due=said.due,
        due_done=said.due_done,
    )


def packed(difference: Difference) -> dict[str, Any]:
    """As it is kept beside its alert: decimals as text."""
    return {
        "check": difference.check,
        "checked_at": difference.checked_at.isoformat(),
        "revision": difference.revision,
        "shown": _packed(difference.shown),
        "live": _packed(difference.live),
        "rebuilt": _packed(difference.rebuilt),
        "lost": difference.lost,
        "surplus": difference.surplus,
        "items": [
            {"key": item.key, "title": item.title, "title_fr": item.title_fr}
            for item in difference.items
        ],
    }


def difference_of(row: Mapping[str, Any]) -> Difference:
    """Read it back."""
    return Difference(
        check=row["check"],
        checked_at=datetime.fromisoformat(row["checked_at"]),
        revision=row["revision"],
        shown=_read(row["shown"]),
        live=_read(row["live"]),
        rebuilt=_read(row["rebuilt"]),
        lost=row["lost"],
        surplus=row["surplus"],
        items=tuple(DifferingItem(**item) for item in row["items"]),
    )


def difference_read(row: Mapping[str, Any]) -> dict[str, Any]:
    """As the API shows it."""
    figures = {name: _shown(row[name]) for name in ("shown", "live", "rebuilt")}
    return {**row, **figures}


def _shown(figure: Mapping[str, Any]) -> dict[str, Any]:
    judged = figure["judged"] or (None, None)
    return {**figure, "judged_numerator": judged[0], "judged_denominator": judged[1]}


def _packed(figure: CheckedFigure) -> dict[str, Any]:
    return {
        "numerator": _text(figure.numerator),
        "denominator": _text(figure.denominator),
        "judged": None if figure.judged is None else [_text(part) for part in figure.judged],
        "due": _text(figure.due),
        "due_done": _text(figure.due_done),
    }


def _read(row: Mapping[str, Any]) -> CheckedFigure:
    judged = row["judged"]
    return CheckedFigure(
        numerator=_decimal(row["numerator"]),
        denominator=_decimal(row["denominator"]),
        judged=None if judged is None else (Decimal(judged[0]), Decimal(judged[1])),
        due=_decimal(row["due"]),
        due_done=_decimal(row["due_done"]),
    )


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def _decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)
