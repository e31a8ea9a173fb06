"""What the pages of plan files show: the form, the faults by place, the preview, what is next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from plan_api.exchange.model.plan_files import Fault, KeptFile
from plan_api.plans.service import Standing
from plan_api.report.pages.frame import Frame
from shared_kit.events.definitions import PlanSnapshot
from shared_kit.web.language import Bilingual

FAULTS_SHOWN: Final = 200
SHOWN: Final = 100
"""So many objectives, indicators and priorities of a preview: the page stays small."""

FIELDS: Final = (
    ("plan, version, effective_on", "what"),
    ("organization, title, mission, vision, values", "said"),
    ("cycle", "cycle"),
    ("perspectives, groups, objectives, links", "map"),
    ("indicators", "indicators"),
    ("priorities, packages", "across"),
    ("deliverable_kinds", "kinds"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFileWords:
    """Says things about plan files to one reader."""

    frame: Frame

    def message(self, said: Bilingual | Fault) -> str:
        return said.fr if self.frame.language == "fr" else said.en

    def heading(self, *, faults: Sequence[Fault], standing: Standing | None) -> str:
        _ = self.frame.format.texts.gettext
        if faults or standing is None:
            return _("not a plan yet")
        if standing.is_here:
            return _("is in")
        return _("units are missing") if standing.missing else _("ready to be brought in")

    def kind(self, kind: str) -> str:
        _ = self.frame.format.texts.gettext
        return {
            "planned": _("by its estimate and what is due"),
            "observed": _("by a target"),
            "milestones": _("by milestones"),
            "stated": _("by stated figures and a target"),
        }[kind]

    def field(self, name: str) -> str:
        _ = self.frame.format.texts.gettext
        return {
            "what": _("The code begins every key. A change is a higher version."),
            "said": _(
                "Texts, each as en and fr, with its source; ours says that it was read nowhere."
            ),
            "cycle": _(
                "First and last day, the month in which a year begins, the time zone, holidays. "
                "The financial years are made of it."
            ),
            "map": _("The Strategic Map; an objective names its perspective."),
            "indicators": _(
                "Objective, title, what is counted, how it is judged, the unit that owns it, "
                "from which share on it is on track or at risk."
            ),
            "across": _("What cuts across the objectives; families of tools."),
            "kinds": _("Kinds of Deliverable beyond instrument, mission, workshop and so on."),
        }[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitField:
    """A unit that the directory has not: what was typed for it, and what is wrong with that."""

    code: str
    indicators: Sequence[str]
    en: str = ""
    fr: str = ""
    faults: Mapping[str, Bilingual] = field(default_factory=dict)


Missing = Literal["none", "too-large"]


def plan_files_page(
    *, frame: Frame, latest: Sequence[KeptFile], may_send: bool, missing: Missing | None = None
) -> dict[str, object]:
    """The form, how such a file is written, and what was sent last."""
    return frame.context(
        latest=latest,
        may_send=may_send,
        missing=missing,
        fields=FIELDS,
        says=PlanFileWords(frame=frame),
    )


def plan_file_page(
    *,
    frame: Frame,
    kept: KeptFile,
    faults: Sequence[Fault],
    found: PlanSnapshot | None,
    standing: Standing | None,
    may_bring: bool,
    typed: Mapping[str, Mapping[str, str]] | None = None,
    wrong: Mapping[str, Mapping[str, Bilingual]] | None = None,
) -> dict[str, object]:
    """One file as it stands now; `typed` and `wrong` are of a refused form of units."""
    says = PlanFileWords(frame=frame)
    units = (
        ()
        if found is None or standing is None or faults
        else _units(found, standing, typed=typed or {}, wrong=wrong or {})
    )
    is_here = not faults and standing is not None and standing.is_here
    return frame.context(
        kept=kept,
        heading=says.heading(faults=faults, standing=standing),
        faults=faults[:FAULTS_SHOWN],
        count=len(faults),
        may_bring=may_bring,
        found=found,
        standing=standing,
        years=[] if found is None or faults else found.calendar().years,
        ended=found is not None and found.cycle.end < frame.format.today,
        is_here=is_here,
        can_be_brought=found is not None and not (faults or units or is_here),
        units=units,
        shown=SHOWN,
        says=says,
    )


def _units(
    plan: PlanSnapshot,
    standing: Standing,
    *,
    typed: Mapping[str, Mapping[str, str]],
    wrong: Mapping[str, Mapping[str, Bilingual]],
) -> Sequence[UnitField]:
    return [
        UnitField(
            code=code,
            indicators=[plan.indicators[place].code for place in places],
            en=typed.get(code, {}).get("en", ""),
            fr=typed.get(code, {}).get("fr", ""),
            faults=wrong.get(code, {}),
        )
        for code, places in standing.missing.items()
    ]
