"""The rules of Actions and Deliverables, as tables of cases."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from plan_api.core.errors import InvalidFieldError, RefusedError
from plan_api.implementation.model import (
    Action,
    ActionClosedError,
    ActionPlan,
    ActionState,
    AlreadyCancelledError,
    AlreadyReachedError,
    AlreadyReleasedError,
    AlreadyThereError,
    DateCertainty,
    DateError,
    Deliverable,
    DeliverableDraft,
    DeliverablePlan,
    DeliverableState,
    KindError,
    MilestoneError,
    NotAMilestoneError,
    NothingProposedError,
    OpenDeliverablesError,
    PriorityShare,
    SharesError,
    Stage,
    Tags,
)

TODAY = date(2020, 2, 3)
EARLIER = date(2020, 1, 15)


def an_action_plan(**fields: object) -> ActionPlan:
    plan = ActionPlan(
        key="p:A-1",
        plan="p",
        period="FY2019",
        title="Guidelines on transit",
        lead="CF",
        objectives=("p:SO3",),
        priorities=(PriorityShare(priority="p:PRI-1", share=Decimal(1)),),
        end=date(2020, 3, 31),
        date_certainty=DateCertainty.STATED,
    )
    return replace(plan, **fields)  # type: ignore[arg-type]


def an_action(**fields: object) -> Action:
    return replace(Action(planned=an_action_plan()), **fields)  # type: ignore[arg-type]


def a_plan(**fields: object) -> DeliverablePlan:
    plan = DeliverablePlan(
        key="p:D-1",
        plan="p",
        period="FY2019",
        title="Guide on transit guarantees",
        listed=True,
        kind="instrument",
        unit="CF",
        due=date(2019, 11, 30),
        date_certainty=DateCertainty.STATED,
    )
    return replace(plan, **fields)  # type: ignore[arg-type]


def a_deliverable(**fields: object) -> Deliverable:
    return replace(Deliverable(planned=a_plan()), **fields)  # type: ignore[arg-type]


def a_milestone(**fields: object) -> Deliverable:
    planned = a_plan(kind="milestone", weight=Decimal("0.5"))
    return replace(Deliverable(planned=planned), **fields)  # type: ignore[arg-type]


def a_draft(**fields: object) -> DeliverableDraft:
    draft = DeliverableDraft(
        key="p:D-1",
        plan="p",
        period="FY2019",
        title="Guide",
        listed=True,
        kind="instrument",
        unit="CF",
        date_certainty=DateCertainty.NOT_GIVEN,
    )
    return replace(draft, **fields)  # type: ignore[arg-type]


def released() -> Deliverable:
    return a_deliverable().release(on=EARLIER, stage=Stage.PUBLISHED, today=TODAY)


def cancelled() -> Deliverable:
    return a_deliverable().cancel(on=EARLIER, today=TODAY)


@pytest.mark.parametrize(
    ("stage", "state"),
    [
        (Stage.DRAFTED, DeliverableState.PLANNED),
        (Stage.ADOPTED, DeliverableState.RELEASED),
        (Stage.PUBLISHED, DeliverableState.RELEASED),
        (Stage.DONE, DeliverableState.RELEASED),
    ],
)
def test_releases_everything_but_a_draft(stage: Stage, state: DeliverableState) -> None:
    found = a_deliverable().release(on=TODAY, stage=stage, today=TODAY, evidence="PC0587")

    assert (found.state, found.stage, found.released_on) == (state, stage, TODAY)
    assert found.evidence == "PC0587"


def test_releases_a_draft_after_all() -> None:
    draft = a_deliverable().release(on=EARLIER, stage=Stage.DRAFTED, today=TODAY)

    found = draft.release(on=TODAY, stage=Stage.ADOPTED, today=TODAY)

    assert found.state is DeliverableState.RELEASED
    assert found.released_on == TODAY


Verb = Callable[[Deliverable], Deliverable]


def release(one: Deliverable) -> Deliverable:
    return one.release(on=TODAY, stage=Stage.DONE, today=TODAY)


def release_tomorrow(one: Deliverable) -> Deliverable:
    return one.release(on=date(2020, 2, 4), stage=Stage.DONE, today=TODAY)


def reach(share: str, on: date = TODAY) -> Verb:
    return lambda one: one.reach(share=Decimal(share), on=on, today=TODAY)


def reschedule(due: date = date(2020, 5, 31)) -> Verb:
    return lambda one: one.reschedule(due=due)


def approve(one: Deliverable) -> Deliverable:
    return one.approve(by="office")


def cancel(one: Deliverable) -> Deliverable:
    return one.cancel(on=TODAY, today=TODAY)


def cancel_tomorrow(one: Deliverable) -> Deliverable:
    return one.cancel(on=date(2020, 2, 4), today=TODAY)


@pytest.mark.parametrize(
    ("deliverable", "verb", "error"),
    [
        pytest.param(released(), release, AlreadyReleasedError, id="released twice"),
        pytest.param(cancelled(), release, AlreadyCancelledError, id="cancelled is not revived"),
        pytest.param(a_milestone(), release, MilestoneError, id="a milestone is reached"),
        pytest.param(a_deliverable(), release_tomorrow, DateError, id="released tomorrow"),
        pytest.param(a_deliverable(), reach("1"), NotAMilestoneError, id="no milestone"),
        pytest.param(a_milestone(), reach("1.000001"), SharesError, id="more than all"),
        pytest.param(a_milestone(), reach("-0.1"), SharesError, id="less than nothing"),
        pytest.param(a_milestone(), reach("1", date(2020, 2, 4)), DateError, id="tomorrow"),
        pytest.param(
            reach("0.5")(a_milestone()), reach("0.5"), AlreadyReachedError, id="said twice"
        ),
        pytest.param(cancel(a_milestone()), reach("1"), AlreadyCancelledError, id="given up"),
        pytest.param(released(), reschedule(), AlreadyReleasedError, id="done is not moved"),
        pytest.param(cancelled(), reschedule(), AlreadyCancelledError, id="cancelled not moved"),
        pytest.param(
            a_deliverable(), reschedule(date(2019, 11, 30)), AlreadyThereError, id="same date"
        ),
        pytest.param(
            reschedule()(a_deliverable()), reschedule(), AlreadyThereError, id="proposed twice"
        ),
        pytest.param(a_deliverable(), approve, NothingProposedError, id="nothing proposed"),
        pytest.param(
            approve(reschedule()(a_deliverable())), approve, NothingProposedError, id="twice"
        ),
        pytest.param(released(), cancel, AlreadyReleasedError, id="done is not cancelled"),
        pytest.param(cancelled(), cancel, AlreadyCancelledError, id="cancelled twice"),
        pytest.param(a_deliverable(), cancel_tomorrow, DateError, id="cancelled tomorrow"),
        pytest.param(reach("1")(a_milestone()), cancel, AlreadyReleasedError, id="reached"),
    ],
)
def test_says_no_by_name(deliverable: Deliverable, verb: Verb, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        verb(deliverable)

    assert isinstance(caught.value, RefusedError | InvalidFieldError)
    assert caught.value.en
    assert caught.value.fr
    assert caught.value.en != caught.value.fr


def test_the_latest_level_by_date_counts() -> None:
    later = reach("0.5", TODAY)(a_milestone())

    told_late = later.reach(share=Decimal("0.2"), on=EARLIER, today=TODAY)

    assert told_late == later
    assert later.is_open


def test_a_milestone_at_one_is_reached_and_may_fall_back() -> None:
    reached = reach("1", EARLIER)(a_milestone())
    fallen = reach("0.9", TODAY)(reached)

    assert reached.state is DeliverableState.REACHED
    assert not reached.is_open
    assert fallen.state is DeliverableState.PLANNED


def test_a_new_date_counts_once_it_is_approved() -> None:
    moved = a_deliverable().reschedule(due=date(2020, 5, 31))
    assert moved.current_due == date(2019, 11, 30)
    assert moved.is_overdue(TODAY)

    approved = moved.approve(by="office")
    assert approved.current_due == date(2020, 5, 31)
    assert not approved.is_overdue(TODAY)

    again = approved.reschedule(due=date(2020, 6, 15))
    assert again.current_due == date(2020, 5, 31), "what was approved stands until it is again"
    assert again.approve(by="office").current_due == date(2020, 6, 15)


@pytest.mark.parametrize(
    ("deliverable", "overdue"),
    [
        (a_deliverable(), True),
        (a_deliverable(planned=a_plan(due=TODAY)), False),
        (a_deliverable(planned=a_plan(due=None)), False),
        (released(), False),
        (cancelled(), False),
    ],
)
def test_overdue_is_past_its_date_and_unreleased(deliverable: Deliverable, overdue: bool) -> None:
    assert deliverable.is_overdue(TODAY) is overdue


def test_reopens_when_its_release_is_retracted() -> None:
    found = released().reopen()

    assert found == a_deliverable()


@pytest.mark.parametrize(
    ("plan", "error"),
    [
        (a_plan(date_certainty=DateCertainty.NOT_GIVEN), DateError),
        (a_plan(weight=Decimal("0.5")), KindError),
        (a_plan(kind="milestone"), KindError),
        (a_plan(kind="milestone", weight=Decimal(0)), SharesError),
        (a_plan(kind="milestone", weight=Decimal("1.1")), SharesError),
    ],
)
def test_refuses_a_plan_that_contradicts_itself(
    plan: DeliverablePlan, error: type[Exception]
) -> None:
    assert {type(fault) for fault in plan.faults()} == {error}


def test_inherits_from_the_action_only_where_it_states_none() -> None:
    action = an_action_plan()

    inherited = a_draft(objectives=(), priorities=None).resolved(action=action, tags=None)
    stated = a_draft(objectives=("p:SO1",), priorities=("p:PRI-2",)).resolved(
        action=action, tags=None
    )

    assert (inherited.objectives, inherited.priorities) == (("p:SO3",), ("p:PRI-1",))
    assert (stated.objectives, stated.priorities) == (("p:SO1",), ("p:PRI-2",))


def test_takes_packages_and_tags_from_the_instrument_unless_it_states_them() -> None:
    tags = Tags(packages=("CEP",), uses_it=True, data_analysis=True)

    inherited = a_draft().resolved(action=None, tags=tags)
    stated = a_draft(packages=(), uses_it=False).resolved(action=None, tags=tags)

    assert (inherited.packages, inherited.uses_it, inherited.data_analysis) == (
        ("CEP",),
        True,
        True,
    )
    assert (stated.packages, stated.uses_it, stated.data_analysis) == ((), False, True)


@pytest.mark.parametrize(
    ("plan", "error"),
    [
        (an_action_plan(start=date(2020, 4, 1)), DateError),
        (an_action_plan(date_certainty=DateCertainty.NOT_GIVEN), DateError),
        (
            an_action_plan(priorities=(PriorityShare(priority="p", share=Decimal("0.9")),)),
            SharesError,
        ),
        (
            an_action_plan(priorities=(PriorityShare(priority="p", share=Decimal(0)),)),
            SharesError,
        ),
    ],
)
def test_refuses_an_action_that_contradicts_itself(
    plan: ActionPlan, error: type[Exception]
) -> None:
    assert {type(fault) for fault in plan.faults()} == {error}


def test_thirds_add_to_one() -> None:
    third = Decimal("0.333333")
    shares = tuple(PriorityShare(priority=f"p:{n}", share=third) for n in range(3))

    assert list(an_action_plan(priorities=shares).faults()) == []


def test_an_action_is_completed_when_nothing_is_open() -> None:
    done = an_action().complete(on=TODAY, today=TODAY, deliverables=[released(), cancelled()])

    assert done.state is ActionState.COMPLETED
    assert done.completed_on == TODAY


def test_an_action_is_not_completed_while_a_deliverable_is_open() -> None:
    with pytest.raises(OpenDeliverablesError, match="p:D-1"):
        an_action().complete(on=TODAY, today=TODAY, deliverables=[a_deliverable()])


def test_the_implicit_deliverable_does_not_hold_its_action_up() -> None:
    action = an_action()
    implicit = action.implicit_deliverable()

    action.complete(on=TODAY, today=TODAY, deliverables=[implicit])

    assert implicit.planned.kind == "other"
    assert implicit.planned.due == date(2020, 3, 31)
    assert implicit.planned.objectives == ("p:SO3",)
    assert implicit.planned.priorities == ("p:PRI-1",)
    assert implicit.planned.unit == "CF"


@pytest.mark.parametrize("state", [ActionState.COMPLETED, ActionState.CANCELLED])
def test_a_closed_action_takes_no_verb(state: ActionState) -> None:
    closed = an_action(state=state)

    with pytest.raises(ActionClosedError):
        closed.start(on=TODAY, today=TODAY)
    with pytest.raises(ActionClosedError):
        closed.complete(on=TODAY, today=TODAY, deliverables=[])
    with pytest.raises(ActionClosedError):
        closed.cancel(on=TODAY, today=TODAY)


def test_an_action_starts_once_and_does_not_end_before() -> None:
    started = an_action().start(on=TODAY, today=TODAY)

    with pytest.raises(AlreadyThereError):
        started.start(on=TODAY, today=TODAY)
    with pytest.raises(DateError):
        started.complete(on=EARLIER, today=TODAY, deliverables=[])
    with pytest.raises(DateError):
        an_action().start(on=date(2020, 2, 4), today=TODAY)
