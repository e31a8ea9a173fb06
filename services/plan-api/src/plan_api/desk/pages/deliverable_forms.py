"""The forms on the page of a Deliverable: release, reach, move, approve, cancel, take back."""

from dataclasses import dataclass
from datetime import date

from plan_api.desk.pages.forms import VERSION, Field, Form, Option, options
from plan_api.desk.pages.words import DeskWords
from plan_api.implementation.model import MILESTONE, Deliverable, DeliverableState


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverableForms:
    """Makes the forms that a Deliverable can take in its present state."""

    words: DeskWords
    deliverable: Deliverable
    years: tuple[Option, ...] = ()
    """Those that it can be carried over into."""

    def named(self, name: str) -> Form:
        """A form by the last part of its address."""
        return {
            "release": self.release,
            "reach": self.reach,
            "reschedule": self.reschedule,
            "approve": self.approve,
            "carry-over": self.carry_over,
            "cancel": self.cancel,
            "retract": self.retract,
        }[name]()

    def offered(self, *, writes: bool, office: bool) -> list[str]:
        """The names of what the reader may do now."""
        one = self.deliverable
        names: list[str] = []
        if not writes:
            return names
        if one.is_open:
            names.append("reach" if one.planned.kind == MILESTONE else "release")
            # What is carried over is approved by the adoption of its new year.
            waits = one.new_due is not None and one.approved_by is None and one.carried_to is None
            if waits and office:
                names.append("approve")
            names.append("reschedule")
            names += ["carry-over"] if self.years and one.planned.listed else []
            names.append("cancel")
        elif one.fact is not None and one.state is not DeliverableState.CANCELLED:
            names.append("retract")
        return names

    def release(self) -> Form:
        _ = self.words.texts.gettext
        stages = ("published", "adopted", "done", "drafted")
        return self._form(
            "release",
            title=_("Release"),
            button=_("Release the Deliverable"),
            fields=(
                self._day("released_on", _("When was it released?")),
                Field(
                    name="stage",
                    label=_("How far is it?"),
                    kind="radios",
                    options=options((one, self.words.stage(one)) for one in stages),
                ),
                Field(
                    name="body",
                    label=_("Which body adopted it?"),
                    hint=_("For example: Permanent Technical Committee"),
                    optional=True,
                ),
                self._evidence(),
            ),
        )

    def reach(self) -> Form:
        _ = self.words.texts.gettext
        return self._form(
            "reach",
            title=_("Say how far it is"),
            button=_("Record the level"),
            fields=(
                Field(
                    name="share",
                    label=_("How much of it is reached, in percent?"),
                    kind="number",
                    hint=_("100 when the milestone is reached; 50 for half of it."),
                ),
                self._day("reached_on", _("When was that level reached?")),
                self._evidence(),
            ),
        )

    def reschedule(self) -> Form:
        _ = self.words.texts.gettext
        return self._form(
            "reschedule",
            title=_("Propose another date"),
            button=_("Propose the date"),
            lead=_(
                "The first date stays beside it. The new one counts once the planning office has "
                "approved it."
            ),
            fields=(
                Field(
                    name="due",
                    label=_("What is the new date?"),
                    kind="date",
                    values=_said(self.deliverable.new_due),
                ),
            ),
        )

    def carry_over(self) -> Form:
        _ = self.words.texts.gettext
        return self._form(
            "carry-over",
            title=_("Carry over"),
            button=_("Carry it over"),
            lead=_(
                "It stays due in the year that it leaves, with its first date, and is adopted "
                "again with the later one."
            ),
            fields=(
                Field(
                    name="period",
                    label=_("Into which year?"),
                    kind="choice",
                    options=self.years,
                    values=(self.years[0].value,) if self.years else (),
                ),
                Field(
                    name="due",
                    label=_("When is it due there?"),
                    kind="date",
                    hint=_("Left empty, it keeps its first date and is late from the first day."),
                    optional=True,
                ),
            ),
        )

    def approve(self) -> Form:
        _ = self.words.texts.gettext
        due = self.deliverable.new_due
        day = self.words.format.long_day(due) if due else ""
        return self._form(
            "approve",
            title=_("Approve the new date"),
            button=_("Approve %(day)s") % {"day": day},
            lead=_("From then on it is due on that day; the first date stays beside it."),
        )

    def cancel(self) -> Form:
        _ = self.words.texts.gettext
        return self._form(
            "cancel",
            title=_("Cancel"),
            button=_("Cancel the Deliverable"),
            lead=_(
                "It stays due and lowers no estimate, and cannot be revived: what comes back is "
                "planned anew."
            ),
            fields=(self._day("cancelled_on", _("When was it given up?")),),
        )

    def retract(self) -> Form:
        _ = self.words.texts.gettext
        return self._form(
            "retract",
            title=_("Take the release back"),
            button=_("Take it back"),
            lead=_(
                "A correction: the Deliverable is open again and counts no more. What was said "
                "stays in the record."
            ),
            fields=(
                Field(
                    name="reason",
                    label=_("Why?"),
                    hint=_("For example: the date was that of the draft."),
                ),
            ),
        )

    def _form(
        self,
        name: str,
        *,
        title: str,
        button: str,
        lead: str = "",
        fields: tuple[Field, ...] = (),
    ) -> Form:
        one = self.deliverable
        version = Field(name=VERSION, kind="hidden", values=(str(one.version),))
        return Form(
            name=name,
            action=f"/deliverables/{one.key}/{name}",
            title=title,
            button=button,
            lead=lead,
            fields=(version, *fields),
        )

    def _day(self, name: str, label: str) -> Field:
        today = self.words.format.today
        return Field(name=name, label=label, kind="date", values=_said(today))

    def _evidence(self) -> Field:
        _ = self.words.texts.gettext
        return Field(
            name="evidence",
            label=_("Which document shows it?"),
            hint=_("A document number or a link, for example PC0587"),
            optional=True,
        )


def _said(day: date | None) -> tuple[str, ...]:
    return (day.isoformat(),) if day else ()
