"""What the years of a file would hold once it is applied and adopted: estimates that do not fit."""

from collections.abc import Sequence

from plan_api.exchange.service.known import Known
from plan_api.implementation.model import ActionState, DeliverableState
from plan_api.implementation.service.counting import Shortfall, shortfalls
from plan_api.plans.model import Estimate


def foresee(known: Known, *, years: Sequence[str]) -> Sequence[Shortfall]:
    """The estimates of some years against all that would be listed in them."""
    plan = known.plan
    found: list[Shortfall] = []
    for year in plan.calendar().periods():
        if year.code not in years:
            continue
        listed = [
            one.planned
            for one in known.deliverables.values()
            if one.planned.listed
            and year.code in (one.planned.period, one.carried_to)
            and one.state is not DeliverableState.CANCELLED
        ]
        served = {one.planned.action for one in known.deliverables.values()}
        implicit = [
            one.implicit_deliverable().planned
            for one in known.actions.values()
            if one.planned.period == year.code
            and one.key not in served
            and one.state is not ActionState.CANCELLED
        ]
        estimates = {
            key: figure
            for (_, key, period), figure in known.figures.items()
            if period == year.code and isinstance(figure, Estimate)
        }
        found += shortfalls([*listed, *implicit], plan=plan, period=year, estimates=estimates)
    return found
