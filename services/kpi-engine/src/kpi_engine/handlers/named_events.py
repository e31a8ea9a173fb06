"""What the events say that have a meaning of their own: items, requests, invitations, statements.

Pure: the same event and definitions always give the same drafts.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from kpi_engine.domain.conditions import broken_way
from kpi_engine.domain.days import financial_year_end
from kpi_engine.domain.definitions import CountMeasure, MilestonesMeasure
from kpi_engine.handlers.fields import FieldSets
from kpi_engine.handlers.measure_index import Known, MeasureIndex, implied_topics
from kpi_engine.ports import Draft, Side
from shared_kit.events import activity, plans, work
from shared_kit.events.base import Event, plan_of


class NamedEvents:
    """Makes the drafts of events by their type."""

    def __init__(self, index: MeasureIndex) -> None:
        self._index = index
        self._handlers: Mapping[str, Callable[[Any], list[Draft]]] = {
            "deliverable.rescheduled": self._rescheduled,
            "deliverable.cancelled": self._cancelled,
            "milestone.reached": self._reached,
            "support.requested": self._requested,
            "support.provided": self._provided,
            "support.declined": self._declined,
            "support.withdrawn": self._withdrawn,
            "invitation.received": self._received,
            "invitation.attended": self._attended,
            "invitation.withdrawn": self._called_off,
            "figure.stated": self._figure,
            "reporting.confirmed": self._confirmed,
            "implementation-plan.adopted": self._adopted,
            "estimate.stated": self._estimate,
            "target.set": self._target,
        }

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._handlers)

    def drafts(self, event: Event) -> list[Draft]:
        """What the event contributes; nothing where its type has no meaning of its own."""
        handler = self._handlers.get(event.name)
        return [] if handler is None else handler(event)

    def _adopted(self, event: plans.ImplementationPlanAdopted) -> list[Draft]:
        plan = self._index.plans.get(event.plan)
        if plan is None:
            return []
        place: dict[str, Any] = {
            "period": event.period,
            "until": event.adopted_on,
            "place": event.revision,
        }
        drafts = [Draft((plan.id,), Side.ADOPTED, event.period, **place)]
        released = plan.counts.get("deliverable.released", ())
        for item in event.deliverables:
            if not item.listed:
                continue
            fields = FieldSets(item)
            listing: list[Known[CountMeasure] | Known[MilestonesMeasure]] = [
                *released,
                *plan.milestones,
            ]
            measures = [
                known.id
                for known in listing
                if broken_way(ways=known.measure.ways, fields=fields) is None
            ]
            drafts.append(
                Draft(
                    (plan.id, *measures),
                    Side.PLANNED,
                    item.deliverable,
                    amount=item.weight,
                    effective=item.due,
                    title=item.title,
                    title_fr=item.title_fr,
                    **place,
                )
            )
        return drafts

    def _item(self, key: str, side: Side, **rest: Any) -> list[Draft]:
        plan = self._index.plans.get(plan_of(key))
        return [] if plan is None else [Draft((plan.id,), side, key, **rest)]

    def _rescheduled(self, event: work.DeliverableRescheduled) -> list[Draft]:
        return self._item(
            event.deliverable,
            Side.RESCHEDULED,
            effective=event.due,
            listed=event.approved_by is not None,
            period=event.period,
        )

    def _cancelled(self, event: work.DeliverableCancelled) -> list[Draft]:
        return self._item(event.deliverable, Side.CANCELLED, effective=event.cancelled_on)

    def _reached(self, event: work.MilestoneReached) -> list[Draft]:
        return self._item(
            event.deliverable,
            Side.REACHED,
            amount=event.share,
            effective=event.reached_on,
            listed=event.listed,
        )

    def _estimate(self, event: plans.EstimateStated) -> list[Draft]:
        points = "".join(f"{p.on.isoformat()}={p.value};" for p in event.points or ())
        return self._item(
            event.indicator,
            Side.ESTIMATE,
            amount=Decimal(event.value),
            counted=points or None,
            period=event.period,
            place=event.revision,
        )

    def _target(self, event: plans.TargetSet) -> list[Draft]:
        return self._item(
            event.indicator,
            Side.TARGET,
            amount=event.low,
            whole=event.high,
            period=event.period,
            place=event.revision,
        )

    def _figure(self, event: activity.FigureStated) -> list[Draft]:
        return self._item(
            event.indicator,
            Side.FIGURE,
            amount=event.numerator,
            whole=event.denominator,
            period=event.period,
            effective=event.as_on,
        )

    def _confirmed(self, event: activity.ReportingConfirmed) -> list[Draft]:
        return self._item(event.indicator, Side.CONFIRMED, period=event.period, until=event.until)

    def _requested(self, event: activity.SupportRequested) -> list[Draft]:
        return [
            Draft(
                measures,
                Side.REQUEST,
                event.request,
                counted=topic,
                member=event.member,
                effective=event.received_on,
            )
            for topic in implied_topics(event.topics)
            if (measures := self._index.on_topic(topic))
        ]

    def _provided(self, event: activity.SupportProvided) -> list[Draft]:
        return [
            Draft(
                measures,
                Side.MISSION,
                request,
                counted=topic,
                member=event.member,
                effective=event.completed_on,
                title=event.deliverable,
            )
            for topic in implied_topics(event.topics)
            if (measures := self._index.on_topic(topic))
            # Without a request it answers nothing, but its Member was supported.
            for request in dict.fromkeys(event.requests or ("",))
        ]

    def _declined(self, event: activity.SupportDeclined) -> list[Draft]:
        return [
            Draft(
                tuple(known.id for known in plan.intervals),
                Side.DECLINED,
                event.request,
                effective=event.on,
                until=financial_year_end(calendar=plan.calendar, day=event.on),
            )
            for plan in self._index.plans.values()
            if plan.intervals
        ]

    def _withdrawn(self, event: activity.SupportWithdrawn) -> list[Draft]:
        measures = self._index.with_requests()
        if not measures:
            return []
        return [Draft(measures, Side.WITHDRAWN, event.request, effective=event.on)]

    def _received(self, event: activity.InvitationReceived) -> list[Draft]:
        fields = FieldSets(event)
        measures = tuple(
            known.id
            for plan in self._index.plans.values()
            for known in plan.attended
            if broken_way(ways=known.measure.ways, fields=fields) is None
        )
        # Also where no measure takes it: another invitation to the event may be the latest.
        others = tuple(
            known.id
            for plan in self._index.plans.values()
            for known in plan.attended
            if known.id not in measures
        )
        return [
            Draft(
                group,
                Side.INVITED,
                event.event,
                effective=event.event_on,
                title=event.title,
                listed=passes,
            )
            for group, passes in ((measures, True), (others, False))
            if group
        ]

    def _to_events(self, item: str, side: Side) -> list[Draft]:
        measures = self._index.with_invitations()
        return [Draft(measures, side, item)] if measures else []

    def _attended(self, event: activity.InvitationAttended) -> list[Draft]:
        return self._to_events(event.event, Side.ATTENDED)

    def _called_off(self, event: activity.InvitationWithdrawn) -> list[Draft]:
        return self._to_events(event.event, Side.CALLED_OFF)
