"""What becomes of it: the states of Actions and Deliverables, and the verbs that change them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from plan_api.implementation.model.days import check_done_on
from plan_api.implementation.model.errors import (
    ActionClosedError,
    AlreadyCancelledError,
    AlreadyReachedError,
    AlreadyReleasedError,
    AlreadyThereError,
    DateError,
    MilestoneError,
    NotAMilestoneError,
    NothingProposedError,
    NotListedError,
    OpenDeliverablesError,
    SharesError,
    YearError,
)
from plan_api.implementation.model.planned import (
    MILESTONE,
    ActionPlan,
    DateCertainty,
    DeliverablePlan,
)
from shared_kit.calendar import Period

_MICRO = Decimal("0.000001")


class ActionState(StrEnum):
    PLANNED = "planned"
    STARTED = "started"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class DeliverableState(StrEnum):
    """REACHED is a milestone at 1; RELEASED is everything else that is done."""

    PLANNED = "planned"
    RELEASED = "released"
    REACHED = "reached"
    CANCELLED = "cancelled"


class Stage(StrEnum):
    """How far a released Deliverable is; a draft counts nowhere and stays planned."""

    DRAFTED = "drafted"
    ADOPTED = "adopted"
    PUBLISHED = "published"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class FactId:
    """The (source, id) under which something was announced, for corrections of it."""

    source: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A piece of work in an Implementation Plan."""

    planned: ActionPlan
    state: ActionState = ActionState.PLANNED
    started_on: date | None = None
    completed_on: date | None = None
    cancelled_on: date | None = None
    version: int = 1

    @property
    def key(self) -> str:
        return self.planned.key

    @property
    def is_open(self) -> bool:
        return self.state in (ActionState.PLANNED, ActionState.STARTED)

    def start(self, *, on: date, today: date) -> "Action":
        """Return the started Action.

        Raises:
            ActionClosedError, AlreadyThereError, DateError
        """
        self.require_open()
        if self.state is ActionState.STARTED:
            raise AlreadyThereError(
                f"{self.key} has started already", f"{self.key} a déjà commencé"
            )
        check_done_on(on, today=today, field="on")
        return replace(self, state=ActionState.STARTED, started_on=on)

    def complete(self, *, on: date, today: date, deliverables: Sequence["Deliverable"]) -> "Action":
        """Return the completed Action; `deliverables` are its own, without an implicit one.

        Raises:
            ActionClosedError, OpenDeliverablesError, DateError
        """
        self.require_open()
        still_open = [one.key for one in deliverables if one.is_open and not one.planned.implicit]
        if still_open:
            named = ", ".join(still_open[:5])
            raise OpenDeliverablesError(
                f"{len(still_open)} of its Deliverables are open: {named}",
                f"{len(still_open)} de ses livrables sont ouverts : {named}",
            )
        check_done_on(on, today=today, field="on")
        if self.started_on is not None and on < self.started_on:
            raise DateError(
                "on",
                "a date not before the start is expected",
                "une date non antérieure au début est attendue",
            )
        return replace(self, state=ActionState.COMPLETED, completed_on=on)

    def cancel(self, *, on: date, today: date) -> "Action":
        """Return the cancelled Action; its Deliverables stay due unless cancelled themselves.

        Raises:
            ActionClosedError, DateError
        """
        self.require_open()
        check_done_on(on, today=today, field="on")
        return replace(self, state=ActionState.CANCELLED, cancelled_on=on)

    def require_open(self) -> None:
        """Raise ActionClosedError where it is completed or cancelled."""
        if not self.is_open:
            raise ActionClosedError(
                f"{self.key} is {self.state}", f"{self.key} est déjà close ({self.state})"
            )

    def implicit_deliverable(self) -> "Deliverable":
        """What an Action that is adopted without Deliverables delivers: itself, at its end."""
        planned = self.planned
        return Deliverable(
            planned=DeliverablePlan(
                key=f"{planned.key}-D0",
                plan=planned.plan,
                period=planned.period,
                title=planned.title,
                title_fr=planned.title_fr,
                action=planned.key,
                listed=True,
                kind="other",
                objectives=planned.objectives,
                priorities=tuple(one.priority for one in planned.priorities),
                unit=planned.lead,
                due=planned.end,
                date_certainty=planned.date_certainty if planned.end else DateCertainty.NOT_GIVEN,
                synthetic=planned.synthetic,
                implicit=True,
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliverable:
    """A countable result with an owner and, mostly, a date."""

    planned: DeliverablePlan
    state: DeliverableState = DeliverableState.PLANNED
    stage: Stage | None = None
    released_on: date | None = None
    body: str | None = None
    evidence: str | None = None
    share: Decimal | None = None
    reached_on: date | None = None
    new_due: date | None = None
    approved_by: str | None = None
    replanned_due: date | None = None
    """The last date that was approved; a later proposal leaves it standing."""
    cancelled_on: date | None = None
    carried_to: str | None = None
    fact: FactId | None = None
    version: int = 1

    @property
    def key(self) -> str:
        return self.planned.key

    @property
    def is_open(self) -> bool:
        return self.state is DeliverableState.PLANNED

    @property
    def current_due(self) -> date | None:
        """The first date, or the last that was approved."""
        return self.replanned_due or self.planned.due

    @property
    def year(self) -> str:
        """The year that it is worked on in: its own, or the one it was carried over into."""
        return self.carried_to or self.planned.period

    def is_overdue(self, today: date) -> bool:
        """Past its date and unreleased."""
        due = self.current_due
        return self.is_open and due is not None and due < today

    def release(
        self,
        *,
        on: date,
        stage: Stage,
        today: date,
        evidence: str | None = None,
        body: str | None = None,
    ) -> "Deliverable":
        """Return the released Deliverable. A draft counts nowhere and stays planned.

        Raises:
            AlreadyReleasedError: the first release counts; correct that one instead.
            AlreadyCancelledError: what was cancelled is planned anew, not revived.
            MilestoneError: a milestone is reached, not released.
            DateError: the date lies in the future.
        """
        if self.planned.kind == MILESTONE:
            raise MilestoneError(
                f"{self.key} is a milestone: it is reached, not released",
                f"{self.key} est un jalon : il est atteint, non publié",
            )
        if self.state is DeliverableState.RELEASED:
            raise AlreadyReleasedError(
                f"{self.key} is already released", f"{self.key} est déjà publié"
            )
        self._require_not_cancelled()
        check_done_on(on, today=today, field="released_on")
        return replace(
            self,
            state=DeliverableState.PLANNED if stage is Stage.DRAFTED else DeliverableState.RELEASED,
            stage=stage,
            released_on=on,
            evidence=evidence,
            body=body,
        )

    def reach(
        self, *, share: Decimal, on: date, today: date, evidence: str | None = None
    ) -> "Deliverable":
        """Return the milestone at its new level; the latest by date counts.

        Raises:
            NotAMilestoneError, AlreadyReachedError, AlreadyCancelledError
            SharesError, DateError
        """
        if self.planned.kind != MILESTONE:
            raise NotAMilestoneError(
                f"{self.key} is no milestone: it is released, not reached",
                f"{self.key} n’est pas un jalon : il est publié, non atteint",
            )
        self._require_not_cancelled()
        if not 0 <= share <= 1:
            raise SharesError(
                "share", "a share between 0 and 1 is expected", "une part entre 0 et 1 est attendue"
            )
        check_done_on(on, today=today, field="reached_on")
        if self.reached_on == on and self.share == share:
            raise AlreadyReachedError(
                f"{self.key} is known to stand there on that date",
                f"{self.key} est déjà connu à ce niveau à cette date",
            )
        if self.reached_on is not None and on < self.reached_on:
            return self  # said late; what was reached since still counts
        done = share == 1
        return replace(
            self,
            state=DeliverableState.REACHED if done else DeliverableState.PLANNED,
            share=share.quantize(_MICRO),
            reached_on=on,
            evidence=evidence,
        )

    def reschedule(self, *, due: date) -> "Deliverable":
        """Return it with a new date proposed; the one before stays due until that is approved.

        Raises:
            AlreadyReleasedError, AlreadyCancelledError, AlreadyThereError
        """
        self._require_open()
        if due == (self.current_due if self.new_due is None else self.new_due):
            raise AlreadyThereError(
                f"{self.key} has that date already", f"{self.key} a déjà cette date"
            )
        return replace(self, new_due=due, approved_by=None)

    def approve(self, *, by: str) -> "Deliverable":
        """Return it with the proposed date approved.

        Raises:
            NothingProposedError, AlreadyReleasedError, AlreadyCancelledError
        """
        self._require_open()
        if self.new_due is None or self.approved_by is not None:
            raise NothingProposedError(
                f"no new date of {self.key} waits for an approval",
                f"aucune nouvelle date de {self.key} n’attend d’approbation",
            )
        return replace(self, approved_by=by, replanned_due=self.new_due)

    def carry_over(self, *, to: Period, due: date | None, after: Period) -> "Deliverable":
        """Return it carried over into a later year, where it is to be adopted again.

        It keeps its key and its first date, and stays due in the year that it leaves. A new date
        counts once that later year is adopted with it; without one it keeps the first.

        Raises:
            AlreadyReleasedError, AlreadyCancelledError, AlreadyThereError, YearError, DateError
        """
        self._require_open()
        if not self.planned.listed:
            raise NotListedError(
                f"{self.key} is unplanned work: it counts when it is done, whenever that is",
                f"{self.key} est un travail non prévu : il compte une fois accompli",
            )
        if to.code == self.carried_to:
            raise AlreadyThereError(
                f"{self.key} is carried over into {to.code} already",
                f"{self.key} est déjà reporté sur {to.code}",
            )
        if to.start <= after.end:
            raise YearError(
                "period",
                f"a financial year after {after.code} is expected",
                f"un exercice postérieur à {after.code} est attendu",
            )
        if due is not None and due not in to:
            raise DateError(
                "due",
                f"a date inside {to.code} is expected",
                f"une date dans {to.code} est attendue",
            )
        if due is None:
            return replace(self, carried_to=to.code)
        return replace(self, carried_to=to.code, new_due=due, approved_by=None)

    def cancel(self, *, on: date, today: date) -> "Deliverable":
        """Return it cancelled: given up, and still due.

        Raises:
            AlreadyReleasedError, AlreadyCancelledError, DateError
        """
        self._require_open()
        check_done_on(on, today=today, field="cancelled_on")
        return replace(self, state=DeliverableState.CANCELLED, cancelled_on=on)

    def reopen(self) -> "Deliverable":
        """Return it unreleased, after the fact that released or reached it was retracted."""
        return replace(
            self,
            state=DeliverableState.PLANNED,
            stage=None,
            released_on=None,
            body=None,
            evidence=None,
            share=None,
            reached_on=None,
            fact=None,
        )

    def _require_open(self) -> None:
        if self.state in (DeliverableState.RELEASED, DeliverableState.REACHED):
            raise AlreadyReleasedError(f"{self.key} is {self.state}", f"{self.key} est achevé")
        self._require_not_cancelled()

    def _require_not_cancelled(self) -> None:
        if self.state is DeliverableState.CANCELLED:
            raise AlreadyCancelledError(f"{self.key} is cancelled", f"{self.key} est annulé")
