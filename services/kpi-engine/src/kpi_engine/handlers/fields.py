"""Reading a fact by the names that measures use: sets, dates, amounts at a path."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import Enum

from kpi_engine.domain.conditions import Values
from shared_kit.events.base import Event, Part

_EMPTY: Values = frozenset()
_TRUE: Values = frozenset({"true"})
_FALSE: Values = frozenset({"false"})

_DATE_FIELDS: Mapping[str, str] = {
    "deliverable.released": "released_on",
    "deliverable.cancelled": "cancelled_on",
    "milestone.reached": "reached_on",
    "instrument.implemented": "implemented_on",
    "support.requested": "received_on",
    "support.provided": "completed_on",
    "support.declined": "on",
    "support.withdrawn": "on",
    "invitation.received": "event_on",
    "figure.stated": "as_on",
    "implementation-plan.adopted": "adopted_on",
    "action.started": "on",
    "action.completed": "on",
    "action.cancelled": "on",
}


class FieldSets(dict[str, Values]):
    """The fields of a payload as sets, made when first asked for."""

    def __init__(self, payload: Part) -> None:
        super().__init__()
        self._payload = payload

    def __missing__(self, name: str) -> Values:
        values = _as_set(getattr(self._payload, name, None))
        self[name] = values
        return values


def _as_set(value: object) -> Values:
    if value is None:
        return _EMPTY
    if value is True:
        return _TRUE
    if value is False:
        return _FALSE
    if isinstance(value, tuple):
        return frozenset(_text(one) for one in value)
    return frozenset((_text(value),))


def _text(value: object) -> str:
    return str(value.value) if isinstance(value, Enum) else str(value)


def effective_date(event: Event) -> date | None:
    """The business date of a fact that has one of its own."""
    name = _DATE_FIELDS.get(event.name)
    if name is None:
        return None
    value = getattr(event, name)
    return value if isinstance(value, date) else None


def amount_at(event: Event, path: str) -> Decimal:
    """The amount at a path such as `by_source.wco-budget.total`; what is not there is nothing."""
    found: object = event
    for step in path.split("."):
        found = found.get(step) if isinstance(found, Mapping) else getattr(found, step, None)
    return found if isinstance(found, Decimal) else Decimal(0)
