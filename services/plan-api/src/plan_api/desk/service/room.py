"""What every page of the work is written with: the plan, its frame, and who looks at it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import uuid4

from plan_api.desk.model import Deed
from plan_api.desk.pages.forms import Form
from plan_api.desk.pages.words import DeskWords
from plan_api.desk.repository import Shelf
from plan_api.report.pages.frame import Frame
from plan_api.report.pages.texts import Texts
from plan_api.report.service import PageNotFoundError, Report
from shared_kit.calendar import Period, PeriodKind
from shared_kit.events.definitions import PlanSnapshot
from shared_kit.identity import Caller, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """A plan with the frame of the page on which it is shown."""

    plan: PlanSnapshot
    frame: Frame
    units: Mapping[str, str]
    words: DeskWords


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """One request for a page of the work."""

    report: Report
    shelf: Shelf
    caller: Caller
    deed: Deed | None = None
    refused: Form | None = None
    """The form that was just refused; it takes the place of its empty twin."""
    unfolded: str = ""
    """The form that the address asks to stand open."""
    once: str = field(default_factory=lambda: str(uuid4()))
    """Marks the forms of this page: the same form of the same page sent twice is one deed."""

    @property
    def texts(self) -> Texts:
        return self.report.site.catalogues[self.report.visit.language]

    @property
    def is_past(self) -> bool:
        """Whether the page is shown as of another day: then nothing can be done on it."""
        return self.report.visit.as_of is not None

    @property
    def is_office(self) -> bool:
        return not self.is_past and self.caller.role is Role.PLANNING_OFFICE

    def writes_for(self, unit: str) -> bool:
        return not self.is_past and not self.caller.anonymous and self.caller.may_write_unit(unit)

    async def open(self, plan: PlanSnapshot) -> Open:
        frame, units = await self.report.frame_of(plan)
        return Open(plan=plan, frame=frame, units=units, words=DeskWords(frame=frame))

    async def current(self) -> Open:
        """The plan that the address names, or that of today.

        Raises:
            PageNotFoundError: there is none yet.
        """
        plan = await self.report.current_plan()
        if plan is None:
            raise PageNotFoundError("no plan")
        return await self.open(plan)

    def period(self, plan: PlanSnapshot, code: str | None) -> Period:
        return self.report.period_of(plan, code)

    def year(self, plan: PlanSnapshot, code: str | None) -> Period:
        """The financial year asked for; else that of today, the first, or the last."""
        if code:
            found = self.report.period_of(plan, code)
            if found.kind is PeriodKind.YEAR:
                return found
        calendar = plan.calendar()
        today = calendar.today(self.report.now)
        years = [one for one in calendar.periods() if one.kind is PeriodKind.YEAR]
        return calendar.year_of(today) or (years[0] if today < years[0].start else years[-1])

    def forms(self, *forms: Form | None) -> Sequence[Form]:
        """The forms of a page; the one that was refused as it was sent."""
        return [self._as_sent(one) for one in forms if one is not None]

    def _as_sent(self, form: Form) -> Form:
        if self.refused is None or self.refused.name != form.name:
            return form
        # The version is that of what now stands on the page, or a repetition could never pass.
        return self.refused.with_hidden(form)

    def write(self, template: str, opened: Open, **more: object) -> str:
        """Write a page from its template."""
        deed = self.deed
        context = opened.frame.context(
            desk=opened.words,
            units=opened.units,
            calendar=opened.plan.calendar(),
            result=None if deed is None else opened.words.moved(deed),
            refused=() if self.refused is None else (self.refused,),
            unfolded=self.unfolded,
            once=self.once,
            **{"forms": (), **more},
        )
        return self.report.render(template, context)

    def refusing(self, form: Form) -> "Room":
        return replace(self, refused=form)
