"""Actions and Deliverables from and to their rows; the mapping is written out."""

from decimal import Decimal

from sqlalchemy import ColumnElement, or_, select

from plan_api.implementation.model import (
    Action,
    ActionPlan,
    ActionState,
    DateCertainty,
    Deliverable,
    DeliverablePlan,
    DeliverableState,
    FactId,
    PriorityShare,
    Purpose,
    Stage,
)
from plan_api.implementation.tables import ActionRow, CarriedOverRow, DeliverableRow


def action_values(action: Action) -> dict[str, object]:
    """The columns of a planned Action."""
    planned = action.planned
    return {
        "key": planned.key,
        "plan": planned.plan,
        "period": planned.period,
        "title": planned.title,
        "title_fr": planned.title_fr,
        "lead": planned.lead,
        "contributors": list(planned.contributors),
        "objectives": list(planned.objectives),
        "priorities": [
            {"priority": one.priority, "share": format(one.share, "f")}
            for one in planned.priorities
        ],
        "start": planned.start,
        "end": planned.end,
        "date_certainty": planned.date_certainty.value,
        "synthetic": planned.synthetic,
        "source_note": planned.source_note,
        "state": action.state.value,
        "version": action.version,
    }


def deliverable_values(deliverable: Deliverable, *, stated: bytes | None) -> dict[str, object]:
    """The columns of a planned Deliverable."""
    planned = deliverable.planned
    return {
        "key": planned.key,
        "plan": planned.plan,
        "period": planned.period,
        "title": planned.title,
        "title_fr": planned.title_fr,
        "action": planned.action,
        "listed": planned.listed,
        "kind": planned.kind,
        "objectives": list(planned.objectives),
        "priorities": list(planned.priorities),
        "unit": planned.unit,
        "due": planned.due,
        "date_certainty": planned.date_certainty.value,
        "instrument": planned.instrument,
        "packages": list(planned.packages),
        "uses_it": planned.uses_it,
        "data_analysis": planned.data_analysis,
        "compendium": planned.compendium,
        "purpose": None if planned.purpose is None else planned.purpose.value,
        "revenue_advice": planned.revenue_advice,
        "weight": planned.weight,
        "synthetic": planned.synthetic,
        "source_note": planned.source_note,
        "implicit": planned.implicit,
        "stated": stated,
        "state": deliverable.state.value,
        "current_due": deliverable.current_due,
        "version": deliverable.version,
    }


def to_action(row: ActionRow) -> Action:
    return Action(
        planned=ActionPlan(
            key=row.key,
            plan=row.plan,
            period=row.period,
            title=row.title,
            title_fr=row.title_fr,
            lead=row.lead,
            contributors=tuple(row.contributors),
            objectives=tuple(row.objectives),
            priorities=tuple(
                PriorityShare(priority=one["priority"], share=Decimal(one["share"]))
                for one in row.priorities
            ),
            start=row.start,
            end=row.end,
            date_certainty=DateCertainty(row.date_certainty),
            synthetic=row.synthetic,
            source_note=row.source_note,
        ),
        state=ActionState(row.state),
        started_on=row.started_on,
        completed_on=row.completed_on,
        cancelled_on=row.cancelled_on,
        version=row.version,
    )


def to_deliverable(row: DeliverableRow) -> Deliverable:
    return Deliverable(
        planned=DeliverablePlan(
            key=row.key,
            plan=row.plan,
            period=row.period,
            title=row.title,
            title_fr=row.title_fr,
            action=row.action,
            listed=row.listed,
            kind=row.kind,
            objectives=tuple(row.objectives),
            priorities=tuple(row.priorities),
            unit=row.unit,
            due=row.due,
            date_certainty=DateCertainty(row.date_certainty),
            instrument=row.instrument,
            packages=tuple(row.packages),
            uses_it=row.uses_it,
            data_analysis=row.data_analysis,
            compendium=row.compendium,
            purpose=None if row.purpose is None else Purpose(row.purpose),
            revenue_advice=row.revenue_advice,
            weight=row.weight,
            synthetic=row.synthetic,
            source_note=row.source_note,
            implicit=row.implicit,
        ),
        state=DeliverableState(row.state),
        stage=None if row.stage is None else Stage(row.stage),
        released_on=row.released_on,
        body=row.body,
        evidence=row.evidence,
        share=row.share,
        reached_on=row.reached_on,
        new_due=row.new_due,
        approved_by=row.approved_by,
        replanned_due=row.current_due if row.current_due != row.due else None,
        cancelled_on=row.cancelled_on,
        carried_to=row.carried_to,
        fact=None
        if row.fact_source is None or row.fact_id is None
        else FactId(source=row.fact_source, id=row.fact_id),
        version=row.version,
    )


def in_year(period: str) -> ColumnElement[bool]:
    """Whether a Deliverable is planned in a year, or was carried over into it."""
    carried = select(CarriedOverRow.deliverable).where(CarriedOverRow.period == period)
    return or_(DeliverableRow.period == period, DeliverableRow.key.in_(carried))
