"""Says what happened: the events of Actions and Deliverables, self-contained."""

from dataclasses import replace

from plan_api.core import facts
from plan_api.core.rights import of_unit
from plan_api.implementation.model import Action, Deliverable, FactId
from shared_kit.delivery.transaction import Transaction
from shared_kit.events.base import DateCertainty, Event
from shared_kit.events.envelope import CloudEvent
from shared_kit.events.work import (
    ActionPlanned,
    DeliverablePlanned,
    DeliverableReleased,
    MilestoneReached,
    PlannedFields,
    PriorityShare,
    Purpose,
)

_OF_A_UNIT = (DeliverablePlanned, DeliverableReleased, MilestoneReached)


def planned_fields(deliverable: Deliverable) -> PlannedFields:
    """All that a measure may filter on."""
    planned = deliverable.planned
    return PlannedFields(
        deliverable=planned.key,
        title=planned.title,
        title_fr=planned.title_fr,
        action=planned.action,
        period=planned.period,
        listed=planned.listed,
        kind=planned.kind,
        objectives=planned.objectives,
        priorities=planned.priorities,
        unit=planned.unit,
        due=planned.due,
        date_certainty=DateCertainty(planned.date_certainty.value),
        instrument=planned.instrument,
        packages=planned.packages,
        uses_it=planned.uses_it,
        data_analysis=planned.data_analysis,
        compendium=planned.compendium,
        purpose=None if planned.purpose is None else Purpose(planned.purpose.value),
        revenue_advice=planned.revenue_advice,
        weight=planned.weight,
    )


def deliverable_planned(deliverable: Deliverable) -> DeliverablePlanned:
    return DeliverablePlanned(
        **dict(planned_fields(deliverable)), synthetic=deliverable.planned.synthetic
    )


def action_planned(action: Action) -> ActionPlanned:
    planned = action.planned
    return ActionPlanned(
        action=planned.key,
        title=planned.title,
        title_fr=planned.title_fr,
        period=planned.period,
        lead=planned.lead,
        contributors=planned.contributors,
        objectives=planned.objectives,
        priorities=tuple(
            PriorityShare(priority=one.priority, share=one.share) for one in planned.priorities
        ),
        start=planned.start,
        end=planned.end,
        date_certainty=DateCertainty(planned.date_certainty.value),
        synthetic=planned.synthetic,
    )


async def announce(
    tx: Transaction, event: Event, *, stated: CloudEvent | None = None, reporter: str = ""
) -> FactId:
    """Put an event into the outbox and remember where it lies, for corrections.

    `stated` is the CloudEvent in which somebody else said so: its id, source and time are kept,
    its data are replaced by the resolved ones.
    """
    topic, key = event.topic, event.partition_key
    demands = of_unit(event.unit) if isinstance(event, _OF_A_UNIT) else ""
    if stated is None:
        made = tx.outbox.add(event)
        said = facts.Remembered(
            event=made, topic=topic, key=key, demands=demands, reporter=reporter
        )
        await facts.remember(tx.session, [said])
        return FactId(source=made.source, id=made.id)
    resolved = replace(
        stated,
        subject=event.subject,
        data=event.model_dump_json(exclude_none=True).encode(),
        datacontenttype="application/json",
    )
    tx.outbox.add_cloud_event(resolved, topic=topic, key=key)
    await facts.place(tx.session, resolved, key=key, demands=demands)
    return FactId(source=stated.source, id=stated.id)
