"""What stands around every page: the banner, the masthead, the switches, the foot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final, Literal
from urllib.parse import quote, urlencode

from plan_api.report.pages.doubt import DoubtWords
from plan_api.report.pages.formatting import Formatter
from plan_api.report.pages.proof import ProofWords
from plan_api.report.pages.provenance import ProvenanceWords
from plan_api.report.pages.texts import Language
from plan_api.report.pages.words import Words
from plan_api.report.pages.work import WorkWords
from shared_kit.events.definitions import PlanSnapshot

ONLY_NOW: Final = ("/record", "/corrections", "/imports", "/start", "/docs", "/then-and-now")
"""Pages to do something on, or with days of their own: no day is kept in their links."""

Notice = Literal["acknowledged", "switched", "refused", "not-allowed", "unavailable", "gone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoUser:
    """One choice of the demonstration's switcher: what the cookie says, what people read."""

    value: str
    role: str
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownClock:
    """What the business clock showed when the page was asked for, where it is not the machine's."""

    at: datetime
    ticks: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request for a page, as far as pages need to know it."""

    path: str
    language: Language
    chosen: bool = False
    query: Mapping[str, str] = field(default_factory=dict)
    notice: Notice | None = None
    csrf: str = ""
    secure: bool = False
    demo: bool = True
    user: str = ""
    units: frozenset[str] = frozenset()
    acknowledges: Literal["none", "own", "all"] = "none"
    newcomer: bool = False
    clock: ShownClock | None = None
    plan: str | None = None
    """The plan that is looked at, where it is not the one of the first page."""
    as_of: date | None = None
    """The day as of which everything is shown; None is now. Kept in every link of the page."""
    as_of_said: str = ""
    """What the address says of that day, also where it is none."""
    arrived: datetime | None = None
    """By the machine's clock, before anything was read: what came later is not on the page."""

    def href(self, path: str, **query: str | None) -> str:
        """A link that keeps the reader's language, plan and day, once chosen."""
        kept = {name: value for name, value in query.items() if value}
        if self.plan:
            kept.setdefault("plan", self.plan)
        if self.as_of and not path.startswith(ONLY_NOW):
            kept.setdefault("as_of", self.as_of.isoformat())
        if self.chosen:
            kept.setdefault("lang", self.language)
        return quote(path, safe="/:-._~") + (f"?{urlencode(kept)}" if kept else "")

    @property
    def today_here(self) -> str:
        """The address of the same page as it stands now."""
        return replace(self, as_of=None).here()

    def of_plan(self, plan: str | None) -> str:
        """The first page of another plan; None is the one that is shown without being asked."""
        return replace(self, plan=plan).href("/")

    def here(self, **changes: str) -> str:
        """The address of the same page with other parameters."""
        kept = {**self.query, **changes}
        if self.plan and "plan" not in changes:
            kept["plan"] = self.plan
        if self.as_of:
            kept.setdefault("as_of", self.as_of.isoformat())
        return quote(self.path, safe="/:-._~") + (f"?{urlencode(kept)}" if kept else "")

    def stream(self, *, plan: str, indicator: str | None = None) -> str:
        """What tells an open page that it is out of date, from the moment it was asked for."""
        since = self.arrived.isoformat() if self.arrived else None
        asked = {"plan": plan, "indicator": indicator, "since": since}
        given = {name: value for name, value in asked.items() if value}
        return f"/api/v1/stream?{urlencode(given)}"

    @property
    def expects_alerts(self) -> bool:
        """Whether it is said when an alert will be sent: to the Secretariat, and of today."""
        return self.as_of is None and self.acknowledges != "none"

    def may_acknowledge(self, unit: str | None) -> bool:
        return self.acknowledges == "all" or (self.acknowledges == "own" and unit in self.units)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The same on every page."""

    visit: Visit
    plan: PlanSnapshot | None
    format: Formatter
    words: Words
    users: Sequence[DemoUser] = ()
    synthetic: bool = False
    """Whether invented work is among that of the plan."""
    packaged: bool = False
    """Whether the plan came with the product, and is nobody's own."""
    plans: Sequence[PlanSnapshot] = ()
    """All that can be looked at, the one of the first page first."""
    latest: date | None = None
    """Today, also where another day is shown."""

    @property
    def language(self) -> Language:
        return self.visit.language

    def context(self, **more: object) -> dict[str, object]:
        """The names that every template knows, and those of this page."""
        return {
            "frame": self,
            "visit": self.visit,
            "plan": self.plan,
            "words": self.words,
            "works": WorkWords(format=self.format),
            "proofs": ProofWords(words=self.words),
            "doubts": DoubtWords(format=self.format),
            "provenance": ProvenanceWords(words=self.words),
            "fmt": self.format,
            "href": self.visit.href,
            "today": self.format.today,
            "latest": self.latest,
            **more,
        }
