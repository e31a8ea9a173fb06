"""What is said on every page: roles, periods, notices, and what is said when a page fails."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from plan_api.report.pages.formatting import Formatter
from plan_api.report.pages.texts import Texts
from shared_kit.calendar import Period, PeriodKind, PlanCalendar, UnknownPeriodError
from shared_kit.events.definitions import Said


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """Speaks to one reader, and knows the units by their titles."""

    format: Formatter
    units: Mapping[str, str] = field(default_factory=dict)

    @property
    def texts(self) -> Texts:
        return self.format.texts

    def said(self, said: Said) -> str:
        """A text of the plan in the reader's language."""
        return said.fr if self.format.language == "fr" else said.en

    def role(self, role: str) -> str:
        """Who somebody looks as in the demonstration."""
        _ = self.texts.gettext
        return {
            "member": _("Member"),
            "editor": _("Editor"),
            "director": _("Director"),
            "planning-office": _("Planning office"),
            "auditor": _("Auditor"),
            "administrator": _("Administrator"),
        }.get(role, role)

    def person(self, subject: str | None) -> str:
        """Director, Capacity Building Directorate: never a technical name where it can be said."""
        role, _, scope = (subject or "").removeprefix("demo-").partition(":")
        said = self.role(role)
        unit = self.units.get(scope)
        return f"{said}, {unit}" if unit else said

    def notice(self, notice: str, user: str) -> str:
        """What happened to what was just sent."""
        _ = self.texts.gettext
        return {
            "acknowledged": _("The alert is acknowledged; the others who were told can see it."),
            "switched": _("You now look at the pages as: %(who)s.") % {"who": self.person(user)},
            "refused": _(
                "That form could not be taken: it had been open too long or came from another "
                "site. Please send it again from this page."
            ),
            "not-allowed": _("Only the owner or the planning office can acknowledge this alert."),
            "unavailable": _(
                "The alert could not be reached just now; nothing was changed. Please try again."
            ),
            "gone": _("That alert is already closed or acknowledged."),
        }.get(notice, notice)

    def failure(self, status: int) -> tuple[str, str]:
        """What is said instead of a page: a heading, and what to do."""
        _ = self.texts.gettext
        known = {
            401: (
                _("Please sign in again"),
                _("The sign-in was not recognised. It was removed; you now read as a Member."),
            ),
            403: (
                _("This is not yours to do"),
                _(
                    "Your role does not reach this far, or the form came from another site. "
                    "The overview shows what you may see and do."
                ),
            ),
            404: (
                _("This page does not exist"),
                _(
                    "The address may be old or mistyped. Plans, objectives, indicators and alerts "
                    "are all reached from the overview."
                ),
            ),
        }
        if status in known:
            return known[status]
        if status < 500:
            return (
                _("This could not be understood"),
                _("The address or the form holds something that no page here takes."),
            )
        return (
            _("Not available just now"),
            _("Something that this page needs does not answer. Please try again in a minute."),
        )

    def period_called(self, calendar: PlanCalendar, code: str) -> str:
        """The same by its code, which a later version of the plan may not know any more."""
        try:
            return self.period(calendar, calendar.period(code))
        except UnknownPeriodError:
            return code

    def period(self, calendar: PlanCalendar, period: Period) -> str:
        """FY2019/20 in English, exercice 2019/20 in French; the cycle by its code."""
        label = calendar.label(period)
        if period.kind is PeriodKind.CYCLE:
            return self.texts.gettext("%(years)s, whole cycle") % {"years": label}
        return self.texts.gettext("FY%(years)s") % {"years": label.removeprefix("FY")}
