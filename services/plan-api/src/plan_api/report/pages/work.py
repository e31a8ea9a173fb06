"""Deliverables on the pages: how many are released, and what stands beside each title."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from markupsafe import Markup

from plan_api.implementation.model import Deliverable, DeliverableState
from plan_api.report.pages.formatting import Formatter
from shared_kit.calendar import Period

AHEAD: Final = timedelta(days=30)
"""How far ahead a page looks."""

_DONE = (DeliverableState.RELEASED, DeliverableState.REACHED)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkCount:
    """Deliverables of a priority or an objective: released, of those planned."""

    released: int = 0
    planned: int = 0
    unplanned: int = 0


NO_WORK = WorkCount()


def split(
    deliverables: Iterable[Deliverable], *, begins: date
) -> tuple[list[Deliverable], list[Deliverable]]:
    """The Deliverables of a plan, and what was released before its first day: background."""
    found: tuple[list[Deliverable], list[Deliverable]] = ([], [])
    for one in deliverables:
        before = one.released_on is not None and one.released_on < begins
        found[before].append(one)
    return found


def count(deliverables: Iterable[Deliverable], *, until: date) -> WorkCount:
    """Unplanned work is counted apart: it never makes the planned look further than they are.

    What was released after `until`, the end of the period that is looked at, is not done in it:
    so what was carried over is done in the later year alone.
    """
    found = list(deliverables)
    listed = [one for one in found if one.planned.listed]
    return WorkCount(
        released=sum(_is_done(one, until) for one in listed),
        planned=len(listed),
        unplanned=sum(_is_done(one, until) for one in found if not one.planned.listed),
    )


def _is_done(deliverable: Deliverable, until: date) -> bool:
    day = deliverable.released_on or deliverable.reached_on
    return deliverable.state in _DONE and (day is None or day <= until)


def moved_beyond(
    deliverables: Iterable[Deliverable], *, period: Period, today: date
) -> list[Deliverable]:
    """Open ones whose first date has passed and whose new one lies after the period.

    They are not late, but for the figures of the period they stay due.
    """
    return _by_date(
        one
        for one in deliverables
        if one.is_open
        and one.planned.due is not None
        and one.planned.due < today
        and one.planned.due in period
        and one.current_due is not None
        and one.current_due > max(period.end, today - timedelta(days=1))
    )


def by_priority(deliverables: Sequence[Deliverable]) -> Mapping[str, Sequence[Deliverable]]:
    """The Deliverables of each priority, by its key."""
    found: dict[str, list[Deliverable]] = {}
    for one in deliverables:
        for priority in one.planned.priorities:
            found.setdefault(priority, []).append(one)
    return found


def overdue(deliverables: Iterable[Deliverable], *, today: date) -> list[Deliverable]:
    """Past their dates and unreleased, the latest first."""
    return _by_date(one for one in deliverables if one.is_overdue(today))


def soon(deliverables: Iterable[Deliverable], *, today: date) -> list[Deliverable]:
    """Open and due from today on, in the days that a page looks ahead; the next first."""
    return _by_date(
        one
        for one in deliverables
        if one.is_open and one.current_due is not None and today <= one.current_due <= today + AHEAD
    )


def _by_date(deliverables: Iterable[Deliverable]) -> list[Deliverable]:
    return sorted(deliverables, key=lambda one: (one.current_due or date.max, one.key))


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkWords:
    """Says things about Deliverables to one reader."""

    format: Formatter

    def released_of(self, work: WorkCount) -> str:
        """3 of 7; a Deliverable outside the plan is said apart."""
        _ = self.format.texts.gettext
        said = (
            _("%(n)s of %(d)s")
            % {"n": self.format.number(work.released), "d": self.format.number(work.planned)}
            if work.planned
            else _("none planned")
        )
        if work.unplanned:
            said += ", " + _("%(count)s unplanned") % {"count": self.format.number(work.unplanned)}
        return said

    def title_of(self, deliverable: Deliverable) -> str:
        planned = deliverable.planned
        return (
            (planned.title_fr or planned.title) if self.format.language == "fr" else planned.title
        )

    def titled(self, deliverable: Deliverable) -> Markup:
        """The title for the page; one that has no French is marked as English."""
        return self.format.titled(deliverable.planned.title, deliverable.planned.title_fr)

    def document_of(self, deliverable: Deliverable) -> Markup:
        """Its document in a row of a list: the number, or a short link that says what it is of."""
        _ = self.format.texts.gettext
        evidence = deliverable.evidence or ""
        if not evidence.startswith(("https://", "http://")):
            said = _("Document: %(number)s") % {"number": evidence}
            return Markup.escape(said) if evidence else Markup("")
        label = _("Document")
        return Markup(
            '<a href="{}" rel="noreferrer">{}<span class="visually-hidden">: {}</span></a>'
        ).format(evidence, label, self.titled(deliverable))

    def state_of(self, deliverable: Deliverable) -> Markup:
        """Released 12 Dec; 65 days late, due 30 Nov; due 30 Apr; no date given."""
        _ = self.format.texts.gettext
        when = self.format.time_tag
        done = deliverable.released_on or deliverable.reached_on
        match deliverable.state:
            case DeliverableState.RELEASED if done:
                return self._with(_("released %(day)s"), day=when(done))
            case DeliverableState.REACHED if done:
                return self._with(_("reached %(day)s"), day=when(done))
            case DeliverableState.CANCELLED:
                return Markup.escape(_("cancelled"))
        due = deliverable.current_due
        if due is None:
            return Markup.escape(_("no date given"))
        if due < self.format.today:
            late = self.format.days_late((self.format.today - due).days)
            return self._with(_("due %(day)s, %(late)s"), day=when(due), late=late)
        return self._with(_("due %(day)s"), day=when(due))

    @staticmethod
    def _with(said: str, **values: object) -> Markup:
        # The sentence is ours, from the catalogue; what is put into it is escaped.
        return Markup(said) % values  # noqa: S704
