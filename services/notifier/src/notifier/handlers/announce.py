"""Says on the topic `alerts` what became of an episode."""

from datetime import datetime

from notifier.domain.episode import Change, Episode, Transition
from notifier.domain.evidence import decimal_of
from notifier.domain.sample import Sample
from notifier.ports.stores import Shown
from notifier.ports.stream import AlertNews, NewItem
from shared_kit.events.alerts import (
    AlertAcknowledged,
    AlertClosed,
    AlertEvent,
    AlertLevelChanged,
    AlertRaised,
    CloseReason,
    Level,
)
from shared_kit.events.results import OverdueItem, Status

_LISTED = 500
"""An event has to fit its topic; the API lists them all."""


def alert_event(
    *, episode: Episode, transition: Transition, sample: Sample, shown: Shown, at: datetime
) -> AlertEvent:
    """The event of a transition that is told; the figures are those of its sample."""
    common = AlertRaised(
        episode=str(episode.id),
        indicator=episode.indicator,
        period=episode.period,
        rule=episode.rule,
        level=Level(transition.level),
        reason=shown.reason_en,
        reason_fr=shown.reason_fr,
        owner_unit=episode.owner_unit,
        status=Status(sample.status),
        revision=sample.revision,
        judged_on=sample.judged_on,
        numerator=sample.numerator,
        denominator=sample.denominator,
        due=sample.due,
        due_done=sample.due_done,
        attainment=sample.attainment,
        evidence_p=decimal_of(shown.chance),
        overdue=tuple(
            OverdueItem(
                key=item.key,
                title=item.title,
                title_fr=item.title_fr,
                due=item.due,
                days=item.days,
            )
            for item in sample.overdue[:_LISTED]
        ),
        at=at,
        synthetic=sample.synthetic,
    )
    fields = {name: getattr(common, name) for name in AlertEvent.model_fields}
    if transition.change is Change.ACKNOWLEDGED and episode.acknowledgement is not None:
        return AlertAcknowledged(
            **fields, by=episode.acknowledgement.by, comment=episode.acknowledgement.comment
        )
    if transition.change is Change.CLOSED and transition.close_reason is not None:
        return AlertClosed(**fields, close_reason=CloseReason(transition.close_reason))
    if transition.previous_level is not None:
        return AlertLevelChanged(**fields, previous_level=Level(transition.previous_level))
    return common


def alert_news(*, episode: Episode, transition: Transition, at: datetime) -> NewItem:
    """What the stream tells of a transition."""
    return NewItem(
        kind="alert",
        secretariat=True,
        news=AlertNews(
            plan=episode.plan,
            indicator=episode.indicator,
            period=episode.period,
            alert=str(episode.id),
            rule=episode.rule,
            change=transition.change.value,
            level=transition.level.value,
            at=at,
        ),
    )
