"""Words of the work: kinds, stages, states, and the sentence that says what moved."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final
from urllib.parse import parse_qsl

from markupsafe import Markup

from plan_api.desk.model import Deed, Figure, Move, Standing
from plan_api.implementation.model import Action, ActionPlan, ActionState, DeliverablePlan
from plan_api.report.model import Result
from plan_api.report.model.changes import Changes
from plan_api.report.pages.formatting import Formatter
from plan_api.report.pages.frame import Frame
from plan_api.report.pages.texts import Texts
from shared_kit.events.base import TYPE_PREFIX
from shared_kit.events.definitions import Indicator

_FEW: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskWords:
    """Says things about the work to one reader."""

    frame: Frame

    @property
    def texts(self) -> Texts:
        return self.frame.words.texts

    @property
    def format(self) -> Formatter:
        return self.frame.format

    def kind(self, kind: str) -> str:
        _ = self.texts.gettext
        return {
            "instrument": _("tool or instrument"),
            "compendium": _("compendium"),
            "advice-or-decision": _("advice or decision"),
            "research": _("research paper or analysis"),
            "joint-operation": _("joint operation"),
            "mission": _("mission"),
            "meeting": _("meeting"),
            "event": _("event"),
            "workshop": _("workshop"),
            "milestone": _("milestone"),
            "other": _("other"),
        }.get(kind, kind)

    def cause(self, cause: str) -> str:
        """What a part of a change comes from."""
        _ = self.texts.gettext
        return {
            "numerator": _("What is counted"),
            "denominator": _("What it is counted of"),
            "scope": _("What is planned"),
            "correction": _("Corrections"),
            "definition": _("Another definition"),
            "stated": _("A stated figure"),
        }.get(cause, cause)

    def shift(self, cause: str) -> str:
        """What moved an attainment, or what was expected."""
        _ = self.texts.gettext
        return {
            "figure": _("What is counted, corrections included"),
            "time": _("The time that passed"),
            "plan": _("What is planned or approved"),
            "definition": _("Another definition"),
            "together": _("Several of these at once"),
        }.get(cause, cause)

    def moved_from(self, told: Changes, indicator: Indicator) -> str:
        """From 20 of 61 to 24 of 58."""
        _ = self.texts.gettext
        before, after = (
            self.frame.words.of_total(one, indicator) or self.frame.words.status(one.status)
            for one in (told.since, told.to)
        )
        if not told.parts:
            return _("Nothing moved: %(figure)s on both days.") % {"figure": after}
        return _("From %(before)s to %(after)s") % {"before": before, "after": after}

    def percent_of(self, result: Result) -> str | None:
        """38%; nothing of fewer than five."""
        if result.numerator is None or result.denominator is None or result.denominator < _FEW:
            return None
        return self.format.percent(Fraction(result.numerator) / Fraction(result.denominator))

    def purpose(self, purpose: str) -> str:
        _ = self.texts.gettext
        return {
            "knowledge": _("to share knowledge"),
            "support": _("to support Members"),
            "governance": _("governance"),
        }.get(purpose, purpose)

    def stage(self, stage: str) -> str:
        _ = self.texts.gettext
        return {
            "drafted": _("drafted: it counts nowhere yet"),
            "adopted": _("adopted"),
            "published": _("published"),
            "done": _("done"),
        }.get(stage, stage)

    def certainty(self, certainty: str) -> str:
        _ = self.texts.gettext
        return {
            "stated": _("as stated"),
            "inferred": _("inferred by us"),
            "synthetic": _("synthetic"),
            "not-given": _("not given in the source"),
        }.get(certainty, certainty)

    def standing(self, standing: Standing) -> str:
        _ = self.texts.gettext
        return {
            Standing.OVERDUE: _("Overdue"),
            Standing.SOON: _("Due in 30 days"),
            Standing.OPEN: _("Still open"),
            Standing.DONE: _("Released or reached"),
            Standing.CANCELLED: _("Cancelled"),
            Standing.PROPOSED: _("New date to approve"),
        }[standing]

    def trace(self, action: str, detail: Mapping[str, object]) -> str:
        """What was done, as an entry of a history."""
        _ = self.texts.gettext
        match action:
            case "deliverable.release" if detail.get("stage") == "drafted":
                return _("Drafted")
            case "deliverable.reach":
                return _("Level reached")
        return {
            "action.plan": _("Entered"),
            "action.start": _("Started"),
            "action.complete": _("Completed"),
            "action.cancel": _("Cancelled"),
            "deliverable.plan": _("Entered"),
            "deliverable.release": _("Released"),
            "deliverable.reschedule": _("New date proposed"),
            "deliverable.approve": _("New date approved"),
            "deliverable.carry-over": _("Carried over"),
            "deliverable.cancel": _("Cancelled"),
            "deliverable.reopen": _("Release taken back"),
            "deliverable.correct": _("Release corrected"),
            "event.accept": _("Event taken in"),
        }.get(action, action)

    def fact(self, kind: str) -> str:
        """A type of event, as people call what it reports."""
        _ = self.texts.gettext
        return {
            "support.requested": _("Request for support"),
            "support.provided": _("Support mission"),
            "support.declined": _("Refusal of a request"),
            "support.withdrawn": _("Request taken back"),
            "invitation.received": _("Invitation"),
            "invitation.attended": _("Event attended"),
            "invitation.withdrawn": _("Invitation withdrawn"),
            "instrument.implemented": _("Tool implemented"),
            "effort.recorded": _("Staff effort"),
            "resources.allocated": _("Budget figures"),
            "figure.stated": _("Stated figure"),
            "reporting.confirmed": _("Nothing to report"),
            "deliverable.released": _("Release"),
            "milestone.reached": _("Level reached"),
        }.get(kind.removeprefix(TYPE_PREFIX).rpartition(".")[0], kind)

    def done(self, name: str) -> str:
        """What was done with a form, as the first sentence after it."""
        _ = self.texts.gettext
        return {
            "release": _("Released."),
            "draft": _("Noted as drafted: it counts once it is adopted, published or done."),
            "reach": _("The level is recorded."),
            "reschedule": _(
                "The new date is proposed. It counts once the planning office has approved it."
            ),
            "approve": _("The new date is approved and counts from now on."),
            "cancel": _("Cancelled. It stays due, and lowers no estimate."),
            "retract": _("The release is taken back; the Deliverable is open again."),
            "retracted": _("Taken back: it counts no more."),
            "add-action": _("The Action is entered. Its Deliverables can be added now."),
            "add-deliverable": _("The Deliverable is entered."),
            "start": _("The Action has started."),
            "complete": _("The Action is completed."),
            "cancel-action": _("The Action is cancelled; its Deliverables stay due."),
            "estimate": _("The estimate is stated; the first one stays beside it."),
            "target": _("The target is set."),
            "adopt": _("The yearly plan is adopted; the dates are fixed."),
            "carry-over": _("Carried over: it joins that year with its next adoption."),
        }.get(name, _("Recorded."))

    def moved(self, deed: Deed) -> Markup:
        """SG 23 → 24 of 61; SO3, SP3.1, LD2.1, LD2.2 too; and how to take it back."""
        return self._what_moved(deed) + self._undo(deed)

    def _undo(self, deed: Deed) -> Markup:
        if not deed.undo:
            return Markup("")
        path, _, query = deed.undo.partition("?")
        asked = dict(parse_qsl(query))
        return Markup(' <a href="{}">{}</a>').format(
            self.frame.visit.href(path, **asked), self.texts.gettext("Take it back by a correction")
        )

    def _what_moved(self, deed: Deed) -> Markup:
        _ = self.texts.gettext
        said = Markup.escape(self.done(deed.name))
        if deed.moves is None:
            return said + Markup(" ") + _("Its figures follow in a moment: load the page again.")
        if not deed.moves:
            return said
        first, *others = deed.moves
        sentence = Markup("{} {}").format(self._code(first, deed), self._figures(first))
        if others:
            also = Markup(", ").join(self._code(one, deed) for one in others)
            # The sentence is ours, from the catalogue.
            sentence += Markup("; ") + Markup(_("%(codes)s too")) % {"codes": also}  # noqa: S704
        return Markup("{} {}.").format(said, sentence)

    def _code(self, move: Move, deed: Deed) -> Markup:
        plan = self.frame.plan
        path = f"/indicators/{plan.plan}:{move.code}" if plan else ""
        href = self.frame.visit.href(path, period=deed.period or None)
        return Markup('<a href="{}" class="code">{}</a>').format(href, move.code)

    def _figures(self, move: Move) -> str:
        """23 → 24 of 61; 7 of 12 → 7 of 13 where the whole has moved too."""
        before, after = move.before, move.after
        if before.denominator == after.denominator:
            return f"{self._number(before)} \u2192 {self._pair(after)}"
        return f"{self._pair(before)} \u2192 {self._pair(after)}"

    def _number(self, figure: Figure) -> str:
        return self.format.number(figure.numerator or 0)

    def _pair(self, figure: Figure) -> str:
        if figure.numerator is None and figure.denominator is None:
            return self.texts.gettext("nothing")
        if figure.denominator is None:
            return self._number(figure)
        return self.texts.gettext("%(n)s of %(d)s") % {
            "n": self._number(figure),
            "d": self.format.number(figure.denominator),
        }

    def title(self, content: Mapping[str, object]) -> str:
        """The title of a directory entry in the reader's language."""
        given = content.get("title")
        if isinstance(given, Mapping):
            return str(given.get(self.format.language) or given.get("en") or "")
        french = content.get("title_fr") if self.format.language == "fr" else None
        return str(french or given or "")

    def title_of(self, planned: ActionPlan | DeliverablePlan) -> str:
        french = planned.title_fr if self.format.language == "fr" else None
        return french or planned.title

    def action_state(self, action: Action) -> Markup:
        """Started 3 Sept; completed 31 Jan; still planned."""
        _ = self.texts.gettext
        dated = {
            ActionState.STARTED: (_("Started %(day)s"), action.started_on),
            ActionState.COMPLETED: (_("Completed %(day)s"), action.completed_on),
            ActionState.CANCELLED: (_("Cancelled %(day)s"), action.cancelled_on),
        }
        said, day = dated.get(action.state, ("", None))
        if day is None:
            return Markup.escape(_("Planned"))
        # The sentence is ours, from the catalogue.
        return Markup(said) % {"day": self.format.time_tag(day)}  # noqa: S704

    def share(self, share: Decimal) -> str:
        return self.format.percent(Fraction(share))

    def link(self, evidence: str) -> Markup:
        """A document's number, or a link to it where it is one."""
        return self.format.document(evidence)

    def tags(self, planned: DeliverablePlan) -> str:
        """CEP, uses IT, data analysis."""
        _ = self.texts.gettext
        said = [
            *planned.packages,
            *([_("uses IT")] if planned.uses_it else []),
            *([_("data analysis")] if planned.data_analysis else []),
            *([_("compendium")] if planned.compendium else []),
        ]
        return ", ".join(said)

    def trace_detail(self, detail: Mapping[str, object]) -> Markup:
        """The date and the stage that an entry of a history is about."""
        for name in ("released_on", "reached_on", "due", "cancelled_on", "on"):
            if name in detail:
                try:
                    day = date.fromisoformat(str(detail[name]))
                except ValueError:
                    break
                return self.format.time_tag(day)
        return Markup("")
