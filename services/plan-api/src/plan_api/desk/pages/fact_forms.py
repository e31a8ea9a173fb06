"""The forms that report what happened: requests, missions, invitations, effort, money, figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from plan_api.desk.pages.forms import Field, Form, Option, options
from plan_api.desk.pages.words import DeskWords

SOURCES: Final = ("wco-budget", "voluntary", "in-kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What can be chosen from: the directory, the plan, what is open."""

    members: Sequence[Option] = ()
    units: Sequence[Option] = ()
    missions: Sequence[Option] = ()
    indicators: Sequence[Option] = ()
    periods: Sequence[Option] = ()
    years: Sequence[Option] = ()
    quarters: Sequence[Option] = ()
    instruments: Sequence[Option] = ()
    requests: Sequence[Option] = ()
    invitations: Sequence[Option] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FactForms:
    """Makes the forms that become events."""

    words: DeskWords
    choices: Choices

    def all(self) -> Mapping[str, Form]:
        """Every form by the last part of its address."""
        made = (
            self._request(),
            self._mission(),
            self._decline(),
            self._withdraw(),
            self._invitation(),
            self._attended(),
            self._called_off(),
            self._implemented(),
            self._effort(),
            self._budget(),
            self._figure(),
            self._nothing(),
        )
        return {one.name: one for one in made}

    def _request(self) -> Form:
        _ = self.words.texts.gettext
        return self._form(
            "request",
            _("A request for support"),
            Field(name="member", label=_("Who asked?"), kind="choice", options=self._of("members")),
            self._reference("request", _("What is its reference?"), "REQ-2020-014"),
            self._topics(),
            self._day("received_on", _("When was it received?")),
            self._evidence(),
        )

    def _mission(self) -> Form:
        _ = self.words.texts.gettext
        return self._form(
            "mission",
            _("A mission that answers requests"),
            Field(
                name="deliverable",
                label=_("Which mission was it?"),
                kind="choice",
                options=self._of("missions"),
            ),
            Field(
                name="member",
                label=_("Which Member was supported?"),
                kind="choice",
                options=self._of("members"),
            ),
            Field(
                name="requests",
                label=_("Which requests does it answer?"),
                hint=_("Their references, separated by commas; none if nobody asked."),
                optional=True,
            ),
            self._topics(),
            self._day("completed_on", _("When was it completed?")),
            self._evidence(),
        )

    def _decline(self) -> Form:
        _ = self.words.texts.gettext
        return self._form(
            "decline",
            _("A refusal of a request"),
            self._known("requests", "request", _("Which request is refused?"), "REQ-2020-014"),
            self._day("on", _("When was it refused?")),
            self._evidence(),
        )

    def _withdraw(self) -> Form:
        _ = self.words.texts.gettext
        return self._form(
            "withdraw",
            _("A request that its Member takes back"),
            self._known("requests", "request", _("Which request is taken back?"), "REQ-2020-014"),
            self._day("on", _("When was it taken back?")),
            self._evidence(),
        )

    def _invitation(self) -> Form:
        _ = self.words.texts.gettext
        kinds = {
            "international-organization": _("an international organization"),
            "private-sector": _("the private sector"),
            "other": _("somebody else"),
        }
        return self._form(
            "invitation",
            _("An invitation"),
            Field(name="title", label=_("What is the event called?")),
            self._reference("event", _("What is its reference?"), "INV-2020-007"),
            Field(name="event_on", label=_("When does it take place?"), kind="date"),
            Field(
                name="organizer_kind",
                label=_("Who invites?"),
                kind="radios",
                options=options(kinds.items()),
            ),
            self._evidence(),
        )

    def _attended(self) -> Form:
        _ = self.words.texts.gettext
        return self._form(
            "attended",
            _("An event that was attended"),
            self._known("invitations", "event", _("Which invitation was it?"), "INV-2020-007"),
            self._evidence(),
        )

    def _called_off(self) -> Form:
        _ = self.words.texts.gettext
        return self._form(
            "called-off",
            _("An invitation that the organizer withdrew"),
            self._known("invitations", "event", _("Which invitation was it?"), "INV-2020-007"),
            self._evidence(),
        )

    def _implemented(self) -> Form:
        _ = self.words.texts.gettext
        return self._form(
            "implemented",
            _("A tool or instrument that a Member implemented"),
            Field(
                name="instrument",
                label=_("Which tool or instrument?"),
                kind="choice",
                options=self._of("instruments"),
            ),
            Field(
                name="member",
                label=_("Which Member implemented it?"),
                kind="choice",
                options=self._of("members"),
            ),
            self._day("implemented_on", _("When was it implemented?")),
            self._evidence(),
        )

    def _effort(self) -> Form:
        _ = self.words.texts.gettext
        return self._form(
            "effort",
            _("A quarter's staff effort"),
            Field(name="unit", label=_("Which unit?"), kind="choice", options=self._of("units")),
            Field(
                name="quarter",
                label=_("Which quarter?"),
                kind="choice",
                options=self._of("quarters"),
            ),
            Field(
                name="on_priorities",
                label=_("How many person-days went to the priorities?"),
                kind="number",
                hint=_("Work on two priorities counts once."),
            ),
            Field(name="total", label=_("How many in all, without leave?"), kind="number"),
            self._evidence(),
        )

    def _budget(self) -> Form:
        _ = self.words.texts.gettext
        named = {
            "wco-budget": (_("WCO budget to the priorities, EUR"), _("WCO budget in all, EUR")),
            "voluntary": (
                _("Voluntary contributions to the priorities, EUR"),
                _("Voluntary contributions in all, EUR"),
            ),
            "in-kind": (_("In kind to the priorities, EUR"), _("In kind in all, EUR")),
        }
        amounts = [
            Field(name=f"{source}-{part}", label=label, kind="number", optional=True)
            for source, labels in named.items()
            for part, label in zip(("priorities", "total"), labels, strict=True)
        ]
        return self._form(
            "budget",
            _("Budget figures"),
            Field(name="period", label=_("Which year?"), kind="choice", options=self._of("years")),
            Field(
                name="revision",
                label=_("Which revision is it?"),
                kind="number",
                hint=_("1 for the first; the highest counts."),
            ),
            *amounts,
            self._evidence(),
        )

    def _figure(self) -> Form:
        _ = self.words.texts.gettext
        return self._form(
            "figure",
            _("A stated figure"),
            *self._indicator(),
            Field(name="numerator", label=_("What is the figure?"), kind="number"),
            Field(name="denominator", label=_("Out of how many?"), kind="number", optional=True),
            self._day("as_on", _("On which day was it so?")),
            self._evidence(),
        )

    def _nothing(self) -> Form:
        _ = self.words.texts.gettext
        return self._form(
            "nothing",
            _("Nothing to report"),
            *self._indicator(),
            self._day("until", _("Until when was there nothing?")),
        )

    def _indicator(self) -> tuple[Field, Field]:
        _ = self.words.texts.gettext
        return (
            Field(
                name="indicator",
                label=_("Which indicator?"),
                kind="choice",
                options=self._of("indicators"),
            ),
            Field(
                name="period", label=_("Which period?"), kind="choice", options=self._of("periods")
            ),
        )

    def _topics(self) -> Field:
        _ = self.words.texts.gettext
        named = {
            "ECP": "ECP",
            "RP": "RP",
            "CEP": "CEP",
            "ODP": "ODP",
            "standards": _("standards outside any Package"),
            "people": _("people development"),
        }
        return Field(
            name="topics", label=_("On what?"), kind="checks", options=options(named.items())
        )

    def _reference(self, name: str, label: str, example: str) -> Field:
        hint = self.words.texts.gettext("For example %(example)s") % {"example": example}
        return Field(name=name, label=label, hint=hint)

    def _known(self, choice: str, name: str, label: str, example: str) -> Field:
        return replace(self._reference(name, label, example), suggestions=self._of(choice))

    def _evidence(self) -> Field:
        _ = self.words.texts.gettext
        return Field(
            name="evidence",
            label=_("Which document shows it?"),
            hint=_("A document number or a link, for example PC0587"),
            optional=True,
        )

    def _day(self, name: str, label: str) -> Field:
        today = self.words.format.today.isoformat()
        return Field(name=name, label=label, kind="date", values=(today,))

    def _of(self, name: str) -> tuple[Option, ...]:
        return tuple(getattr(self.choices, name))

    def _form(self, name: str, title: str, *fields: Field) -> Form:
        return Form(
            name=name,
            action=f"/record/{name}",
            title=title,
            button=self.words.texts.gettext("Record it"),
            fields=fields,
        )
