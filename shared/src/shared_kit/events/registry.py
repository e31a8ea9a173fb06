"""Every event type that something emits or reads, by its CloudEvents type."""

from collections.abc import Mapping

from shared_kit.events import activity, alerts, corrections, plans, results, work
from shared_kit.events.base import Event, type_of

_ALL: tuple[type[Event], ...] = (
    plans.PlanPublished,
    plans.ImplementationPlanAdopted,
    plans.EstimateStated,
    plans.TargetSet,
    plans.UnitRegistered,
    plans.MemberRegistered,
    plans.InstrumentRegistered,
    work.ActionPlanned,
    work.ActionStarted,
    work.ActionCompleted,
    work.ActionCancelled,
    work.DeliverablePlanned,
    work.DeliverableRescheduled,
    work.DeliverableCancelled,
    work.DeliverableReleased,
    work.MilestoneReached,
    activity.InstrumentImplemented,
    activity.SupportRequested,
    activity.SupportProvided,
    activity.SupportDeclined,
    activity.SupportWithdrawn,
    activity.InvitationReceived,
    activity.InvitationAttended,
    activity.InvitationWithdrawn,
    activity.EffortRecorded,
    activity.ResourcesAllocated,
    activity.FigureStated,
    activity.ReportingConfirmed,
    corrections.FactRetracted,
    corrections.FactReplaced,
    corrections.FactValidated,
    corrections.FactContested,
    results.IndicatorJudged,
    results.ReconciliationFailed,
    results.ReconciliationPassed,
    alerts.AlertRaised,
    alerts.AlertLevelChanged,
    alerts.AlertAcknowledged,
    alerts.AlertClosed,
)

EVENTS: Mapping[str, type[Event]] = {type_of(event): event for event in _ALL}


def _is_taken(contract: type[Event]) -> bool:
    return contract.topic == "activity" or issubclass(
        contract, corrections.Correction | work.DeliverableReleased | work.MilestoneReached
    )


TAKEN: Mapping[str, type[Event]] = {
    name: contract for name, contract in EVENTS.items() if _is_taken(contract)
}
"""What `POST /api/v1/events` takes: activity, corrections, releases and levels reached."""
