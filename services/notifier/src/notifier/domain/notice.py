"""What a notice says, before it is put into words."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from notifier.domain.difference import Difference
from notifier.domain.episode import Acknowledgement, Change, CloseReason, Episode, Transition
from notifier.domain.rule import Basis, Level
from notifier.domain.sample import Sample, Terms
from notifier.domain.subject import Subject


class NoticeKind(StrEnum):
    RAISED = "raised"
    LEVEL_UP = "level-up"
    LEVEL_DOWN = "level-down"
    ACKNOWLEDGED = "acknowledged"
    RECOVERED = "recovered"
    CORRECTED = "corrected"
    PERIOD_CLOSED = "period-closed"
    TARGET_AMENDED = "target-amended"
    RULE_CHANGED = "rule-changed"
    SUBJECT_RETIRED = "subject-retired"
    AGREES_AGAIN = "agrees-again"

    @property
    def by_mail(self) -> bool:
        """The inbox gets all; a mail comes when it gets worse or is over, as each mail says."""
        return self not in (NoticeKind.LEVEL_DOWN, NoticeKind.ACKNOWLEDGED)


_OF_CLOSING = {
    CloseReason.RECOVERED: NoticeKind.RECOVERED,
    CloseReason.CORRECTED: NoticeKind.CORRECTED,
    CloseReason.PERIOD_CLOSED: NoticeKind.PERIOD_CLOSED,
    CloseReason.TARGET_AMENDED: NoticeKind.TARGET_AMENDED,
    CloseReason.RULE_CHANGED: NoticeKind.RULE_CHANGED,
    CloseReason.SUBJECT_RETIRED: NoticeKind.SUBJECT_RETIRED,
    CloseReason.AGREES_AGAIN: NoticeKind.AGREES_AGAIN,
}
_OF_CHANGE = {
    Change.RAISED: NoticeKind.RAISED,
    Change.LEVEL_UP: NoticeKind.LEVEL_UP,
    Change.LEVEL_DOWN: NoticeKind.LEVEL_DOWN,
    Change.ACKNOWLEDGED: NoticeKind.ACKNOWLEDGED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One transition, with all that its words need.

    `synthetic` = invented work is among that of the plan; `on_track_on` is the last day
    before the deviation that was on track, None where none was.
    """

    kind: NoticeKind
    alert: UUID
    unit: str | None
    subject: Subject
    sample: Sample
    basis: Basis
    level: Level
    previous_level: Level | None
    since: date
    on: date
    chance: Fraction | None
    healthy: Fraction
    acknowledgement: Acknowledgement | None
    synthetic: bool = False
    on_track_on: date | None = None
    former: Terms | None = None
    difference: Difference | None = None

    @property
    def days(self) -> int:
        """How long the alert has stood."""
        return (self.on - self.since).days


def notice_kind(transition: Transition) -> NoticeKind | None:
    """The notice that a transition is told by; None for those that nobody is told of."""
    if not transition.tells:
        return None
    if transition.change is Change.CLOSED:
        return None if transition.close_reason is None else _OF_CLOSING[transition.close_reason]
    if transition.change is Change.TOLD_LATE:
        return NoticeKind.RAISED if transition.previous_level is None else NoticeKind.LEVEL_UP
    return _OF_CHANGE[transition.change]


def notice_of(
    *,
    kind: NoticeKind,
    episode: Episode,
    transition: Transition | None,
    subject: Subject,
    sample: Sample,
    chance: Fraction | None,
    healthy: Fraction,
    synthetic: bool = False,
    on_track_on: date | None = None,
) -> Notice:
    return Notice(
        kind=kind,
        alert=episode.id,
        unit=episode.owner_unit,
        subject=subject,
        sample=sample,
        basis=episode.basis,
        level=episode.level,
        previous_level=transition.previous_level if transition else None,
        since=episode.raised_on or episode.since,
        on=transition.on if transition else sample.judged_on,
        chance=chance,
        healthy=healthy,
        acknowledgement=episode.acknowledgement,
        synthetic=synthetic,
        on_track_on=on_track_on,
        former=transition.former if transition else None,
        difference=episode.difference,
    )
