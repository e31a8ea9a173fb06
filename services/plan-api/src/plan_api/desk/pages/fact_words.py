"""What a fact says, in words: a name and a value for each of its fields that a reader knows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from markupsafe import Markup

from plan_api.report.pages.formatting import Formatter

_DATES = (
    *("received_on", "completed_on", "on", "event_on", "implemented_on", "released_on"),
    *("reached_on", "as_on", "until"),
)
_NUMBERS = ("on_priorities", "total", "numerator", "denominator", "share")


@dataclass(frozen=True, slots=True, kw_only=True)
class FactWords:
    """Says to one reader what was stated; Members and units by their names."""

    format: Formatter
    members: Mapping[str, str]
    units: Mapping[str, str]

    def said(self, data: Mapping[str, object]) -> list[tuple[str, Markup]]:
        """Only the fields that have a name here and a value there, in the order of the names."""
        return [
            (label, self._value(name, data[name]))
            for name, label in self._labels().items()
            if data.get(name) not in (None, "", [], {})
        ]

    def _labels(self) -> Mapping[str, str]:
        _ = self.format.texts.gettext
        return {
            "title": _("Its title"),
            "deliverable": _("Which Deliverable"),
            "request": _("Which request"),
            "requests": _("Which requests"),
            "member": _("Member"),
            "topics": _("On what"),
            "instrument": _("Which tool"),
            "event": _("Which event"),
            "unit": _("Unit"),
            "quarter": _("Which quarter"),
            "indicator": _("Indicator"),
            "period": _("Period"),
            "received_on": _("Received on"),
            "completed_on": _("Completed on"),
            "implemented_on": _("Implemented on"),
            "released_on": _("Released on"),
            "reached_on": _("Reached on"),
            "event_on": _("The event is on"),
            "on": _("On which day"),
            "as_on": _("As on"),
            "until": _("Until which day"),
            "stage": _("At which stage"),
            "share": _("Level reached so far"),
            "numerator": _("So many"),
            "denominator": _("Of so many"),
            "on_priorities": _("Person-days on the priorities"),
            "total": _("Person-days in all"),
            "body": _("Decided by"),
            "evidence": _("Document"),
        }

    def _value(self, name: str, value: object) -> Markup:
        if isinstance(value, Sequence) and not isinstance(value, str):
            return Markup(", ").join(self._value(name, one) for one in value)
        said = str(value)
        if name in _DATES:
            try:
                return self.format.time_tag(date.fromisoformat(said), long=True)
            except ValueError:
                return Markup.escape(said)
        if name in _NUMBERS:
            try:
                return Markup.escape(self.format.number(Decimal(said)))
            except InvalidOperation:
                return Markup.escape(said)
        if name == "evidence":
            return self.format.document(said)
        named = {"member": self.members, "unit": self.units}.get(name, {})
        return Markup.escape(named.get(said, said))
