"""The rules of Actions and Deliverables: what may be planned, done, moved and given up."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from plan_api.core.errors import InvalidFieldError, RefusedError

MILESTONE = "milestone"
KINDS = (
    "instrument",
    "compendium",
    "advice-or-decision",
    "research",
    "joint-operation",
    "mission",
    "meeting",
    "event",
    "workshop",
    MILESTONE,
    "other",
)
"""Known to every plan; a plan may name more."""

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


class Purpose(StrEnum):
    KNOWLEDGE = "knowledge"
    SUPPORT = "support"
    GOVERNANCE = "governance"


class DateCertainty(StrEnum):
    STATED = "stated"
    INFERRED = "inferred"
    SYNTHETIC = "synthetic"
    NOT_GIVEN = "not-given"


class AlreadyReleasedError(RefusedError):
    """The first release counts; correct that one instead."""


class AlreadyReachedError(RefusedError):
    """The milestone is known to stand there on that date."""


class AlreadyCancelledError(RefusedError):
    """What was cancelled is planned anew, not revived."""


class AlreadyThereError(RefusedError):
    """The change that is asked for has been made."""


class NotAMilestoneError(RefusedError):
    """Only milestones are reached; everything else is released."""


class MilestoneError(RefusedError):
    """Milestones are reached; everything else is released."""


class NothingProposedError(RefusedError):
    """There is no new date that waits for an approval."""


class ActionClosedError(RefusedError):
    """The Action is completed or cancelled."""


class OpenDeliverablesError(RefusedError):
    """An Action is completed when all its Deliverables are released, reached or cancelled."""


class DateError(InvalidFieldError):
    """A date lies where it cannot."""


class SharesError(InvalidFieldError):
    """Shares lie between 0 and 1, and those of an Action add to 1."""


class KindError(InvalidFieldError):
    """The kind of Deliverable does not go with another field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityShare:
    """An Action's share in a priority."""

    priority: str
    share: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionPlan:
    """An Action as it was planned; verbs never change it."""

    key: str
    plan: str
    period: str
    title: str
    title_fr: str | None = None
    lead: str
    contributors: tuple[str, ...] = ()
    objectives: tuple[str, ...] = ()
    priorities: tuple[PriorityShare, ...] = ()
    start: date | None = None
    end: date | None = None
    date_certainty: DateCertainty
    synthetic: bool = False
    source_note: str | None = None

    def check(self) -> None:
        """Let a plan through that is consistent in itself.

        Raises:
            DateError, SharesError
        """
        if self.start is not None and self.end is not None and self.end < self.start:
            raise DateError(
                "end",
                "an end not before `start` is expected",
                "une fin non antérieure à `start` est attendue",
            )
        if self.date_certainty is DateCertainty.NOT_GIVEN and (self.start or self.end):
            raise _certainty_error()
        _check_shares(self.priorities)


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
class Tags:
    """What an instrument gives to the Deliverables that name it."""

    packages: tuple[str, ...] = ()
    uses_it: bool = False
    data_analysis: bool = False
    compendium: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverablePlan:
    """A Deliverable as it was planned, with all that it inherits; verbs never change it."""

    key: str
    plan: str
    period: str
    title: str
    title_fr: str | None = None
    action: str | None = None
    listed: bool
    kind: str
    objectives: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    unit: str
    due: date | None = None
    date_certainty: DateCertainty
    instrument: str | None = None
    packages: tuple[str, ...] = ()
    uses_it: bool = False
    data_analysis: bool = False
    compendium: bool = False
    purpose: Purpose | None = None
    revenue_advice: bool = False
    weight: Decimal | None = None
    synthetic: bool = False
    source_note: str | None = None
    implicit: bool = False

    def check(self) -> None:
        """Let a plan through that is consistent in itself.

        Raises:
            DateError, KindError, SharesError
        """
        if self.date_certainty is DateCertainty.NOT_GIVEN and self.due is not None:
            raise _certainty_error()
        if self.kind != MILESTONE and self.weight is not None:
            raise KindError("weight", "only a milestone has a weight", "seul un jalon a un poids")
        if self.kind == MILESTONE and self.listed and self.weight is None:
            raise KindError("weight", "a milestone has a weight", "un jalon a un poids")
        if self.weight is not None and not 0 < self.weight <= 1:
            raise SharesError(
                "weight", "above 0 and at most 1 is expected", "entre 0 exclu et 1 est attendu"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverableDraft:
    """A Deliverable as a caller states it: None is "as the Action or the instrument says"."""

    key: str
    plan: str
    period: str
    title: str
    title_fr: str | None = None
    action: str | None = None
    listed: bool
    kind: str
    objectives: tuple[str, ...] | None = None
    priorities: tuple[str, ...] | None = None
    unit: str
    due: date | None = None
    date_certainty: DateCertainty
    instrument: str | None = None
    packages: tuple[str, ...] | None = None
    uses_it: bool | None = None
    data_analysis: bool | None = None
    compendium: bool | None = None
    purpose: Purpose | None = None
    revenue_advice: bool = False
    weight: Decimal | None = None
    synthetic: bool = False
    source_note: str | None = None

    def resolved(self, *, action: ActionPlan | None, tags: Tags | None) -> DeliverablePlan:
        """Fill in what is inherited, so that nobody has to infer anything later."""
        tags = tags or Tags()
        objectives = self.objectives or (action.objectives if action else ())
        inherited = tuple(one.priority for one in action.priorities) if action else ()
        return DeliverablePlan(
            key=self.key,
            plan=self.plan,
            period=self.period,
            title=self.title,
            title_fr=self.title_fr,
            action=self.action,
            listed=self.listed,
            kind=self.kind,
            objectives=objectives,
            priorities=self.priorities or inherited,
            unit=self.unit,
            due=self.due,
            date_certainty=self.date_certainty,
            instrument=self.instrument,
            packages=tags.packages if self.packages is None else self.packages,
            uses_it=tags.uses_it if self.uses_it is None else self.uses_it,
            data_analysis=tags.data_analysis if self.data_analysis is None else self.data_analysis,
            compendium=tags.compendium if self.compendium is None else self.compendium,
            purpose=self.purpose,
            revenue_advice=self.revenue_advice,
            weight=self.weight,
            synthetic=self.synthetic,
            source_note=self.source_note,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FactId:
    """The (source, id) under which something was announced, for corrections of it."""

    source: str
    id: str


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
    cancelled_on: date | None = None
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
        """The first date, or the new one once it is approved."""
        return self.new_due if self.approved_by is not None else self.planned.due

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
                f"{self.key} est un jalon : il est atteint, non publié",
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
                f"{self.key} n'est pas un jalon : il est publié, non atteint",
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
        """Return it with a new date proposed; the first stays due until that is approved.

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
                f"aucune nouvelle date de {self.key} n'attend d'approbation",
            )
        return replace(self, approved_by=by)

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


def check_done_on(on: date, *, today: date, field: str) -> None:
    """What is done lies not in the future.

    Raises:
        DateError
    """
    if on > today:
        raise DateError(
            field,
            f"a date not after {today} is expected",
            f"une date non postérieure au {today} est attendue",
        )


def _check_shares(shares: Sequence[PriorityShare]) -> None:
    for place, one in enumerate(shares):
        if not 0 < one.share <= 1:
            raise SharesError(
                f"priorities/{place}/share",
                "above 0 and at most 1 is expected",
                "entre 0 exclu et 1 est attendu",
            )
    # Thirds do not add to 1 in six places.
    if shares and abs(sum((one.share for one in shares), Decimal(-1))) > _MICRO * len(shares):
        raise SharesError("priorities", "the shares add to 1", "la somme des parts est égale à 1")


def _certainty_error() -> DateError:
    return DateError(
        "date_certainty",
        "a date that is given is stated, inferred or synthetic",
        "une date donnée est `stated`, `inferred` ou `synthetic`",
    )
