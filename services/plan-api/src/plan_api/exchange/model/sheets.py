"""The sheets of the spreadsheet that comes in: their columns, in both languages, with examples."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What a cell of a column holds."""

    TEXT = "text"
    KEY = "key"
    KEYS = "keys"
    CODES = "codes"
    SHARES = "shares"
    DAY = "day"
    NUMBER = "number"
    COUNT = "count"
    FLAG = "flag"


MANY: Final = frozenset({Kind.KEYS, Kind.CODES, Kind.SHARES})
"""Several values in a cell, with commas between them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnSpec:
    """A column: its headings, what it holds, and where its drop-down list comes from."""

    name: str
    en: str
    fr: str
    kind: Kind = Kind.TEXT
    required: bool = False
    choices: str | None = None
    example: str = ""

    def heading(self, *, french: bool) -> str:
        return (self.fr if french else self.en) + (" *" if self.required else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetSpec:
    name: str
    en: str
    fr: str
    columns: Sequence[ColumnSpec]

    def title(self, *, french: bool) -> str:
        return self.fr if french else self.en


def _column(
    name: str,
    en: str,
    fr: str,
    kind: Kind = Kind.TEXT,
    *,
    choices: str | None = None,
    example: str = "",
) -> ColumnSpec:
    """A heading that ends with a star is required."""
    return ColumnSpec(
        name=name,
        en=en.removesuffix("*"),
        fr=fr.removesuffix("*"),
        kind=kind,
        required=en.endswith("*"),
        choices=choices,
        example=example,
    )


ACTIONS: Final = SheetSpec(
    name="actions",
    en="Actions",
    fr="Actions",
    columns=(
        _column("key", "Code*", "Code", Kind.KEY, example="A-017"),
        _column("title", "Title*", "Intitulé", example="Guidelines on risk profiles"),
        _column("title_fr", "Title in French", "Intitulé en français"),
        _column("period", "Year*", "Exercice", choices="years", example="FY2019"),
        _column("lead", "Lead unit*", "Unité responsable", choices="units", example="CF"),
        _column("contributors", "Contributors", "Contributeurs", Kind.CODES, choices="units"),
        _column("objectives", "Objectives", "Objectifs", Kind.KEYS, choices="objectives",
                example="SO3, SP3"),
        _column("priorities", "Priorities and shares", "Priorités et parts", Kind.SHARES,
                choices="priorities", example="PRI-5 0.5, PRI-9 0.5"),
        _column("start", "Start", "Début", Kind.DAY, example="2019-09-01"),
        _column("end", "End", "Fin", Kind.DAY, example="2020-03-31"),
        _column("source_note", "Source", "Source"),
    ),
)  # fmt: skip

DELIVERABLES: Final = SheetSpec(
    name="deliverables",
    en="Deliverables",
    fr="Livrables",
    columns=(
        _column("deliverable", "Code*", "Code", Kind.KEY, example="D-017-2"),
        _column("title", "Title*", "Intitulé", example="Guide on risk profiles"),
        _column("title_fr", "Title in French", "Intitulé en français"),
        _column("action", "Action", "Action", Kind.KEY, choices="actions", example="A-017"),
        _column("period", "Year*", "Exercice", choices="years", example="FY2019"),
        _column("kind", "Kind*", "Genre", choices="kinds", example="instrument"),
        _column("unit", "Unit*", "Unité", choices="units", example="CF"),
        _column("due", "Date", "Date", Kind.DAY, example="2020-03-31"),
        _column("listed", "In the plan", "Prévu au plan", Kind.FLAG, choices="flags",
                example="yes"),
        _column("objectives", "Objectives", "Objectifs", Kind.KEYS, choices="objectives",
                example="SO3"),
        _column("priorities", "Priorities", "Priorités", Kind.KEYS, choices="priorities"),
        _column("instrument", "Instrument", "Instrument", choices="instruments"),
        _column("packages", "Packages", "Trains de mesures", Kind.CODES, choices="packages",
                example="CEP"),
        _column("uses_it", "Uses IT", "Informatique", Kind.FLAG, choices="flags", example="yes"),
        _column("data_analysis", "Data analysis", "Analyse de données", Kind.FLAG,
                choices="flags", example="yes"),
        _column("compendium", "Compendium", "Recueil", Kind.FLAG, choices="flags"),
        _column("purpose", "Purpose", "But", choices="purposes"),
        _column("revenue_advice", "Advice on revenue", "Avis sur les recettes", Kind.FLAG,
                choices="flags"),
        _column("weight", "Weight of a milestone", "Poids d'un jalon", Kind.NUMBER),
        _column("source_note", "Source", "Source"),
    ),
)  # fmt: skip

ESTIMATES: Final = SheetSpec(
    name="estimates",
    en="Estimates",
    fr="Estimations",
    columns=(
        _column("indicator", "Indicator*", "Indicateur", Kind.KEY, choices="indicators",
                example="SG"),
        _column("period", "Period*", "Période", choices="periods", example="FY2019"),
        _column("value", "Estimate*", "Estimation", Kind.COUNT, example="61"),
        _column("reason", "Reason", "Motif", example="Implementation Plan 2019/20"),
    ),
)  # fmt: skip

TARGETS: Final = SheetSpec(
    name="targets",
    en="Targets",
    fr="Cibles",
    columns=(
        _column("indicator", "Indicator*", "Indicateur", Kind.KEY, choices="indicators",
                example="SP7.1"),
        _column("period", "Period*", "Période", choices="periods", example="FY2019"),
        _column("low", "At least*", "Au moins", Kind.NUMBER, example="0.6"),
        _column("high", "At most", "Au plus", Kind.NUMBER, example="0.8"),
        _column("reason", "Reason", "Motif"),
    ),
)  # fmt: skip

FACTS: Final = SheetSpec(
    name="facts",
    en="Facts",
    fr="Faits",
    columns=(
        _column("type", "What happened*", "Ce qui est arrivé", choices="types",
                example="support.requested"),
        _column("on", "Date", "Date", Kind.DAY, example="2019-09-12"),
        _column("deliverable", "Deliverable", "Livrable", Kind.KEY),
        _column("stage", "Stage", "Stade", choices="stages"),
        _column("share", "Level of a milestone", "Niveau d'un jalon", Kind.NUMBER),
        _column("member", "Member", "Membre", choices="members"),
        _column("request", "Request", "Demande", example="REQ-1"),
        _column("topics", "Topics", "Sujets", Kind.CODES, choices="topics", example="CEP"),
        _column("instrument", "Instrument", "Instrument", choices="instruments"),
        _column("event", "Event", "Événement"),
        _column("title", "Title of the event", "Intitulé de l'événement"),
        _column("organizer_kind", "Organizer", "Organisateur", choices="organizers"),
        _column("unit", "Unit", "Unité", choices="units"),
        _column("quarter", "Quarter", "Trimestre"),
        _column("on_priorities", "Person-days on priorities", "Jours-personnes aux priorités",
                Kind.NUMBER),
        _column("total", "Person-days in all", "Jours-personnes en tout", Kind.NUMBER),
        _column("indicator", "Indicator", "Indicateur", Kind.KEY, choices="indicators"),
        _column("period", "Period", "Période", choices="periods"),
        _column("evidence", "Evidence", "Justificatif"),
        _column("number", "Own number", "Numéro propre"),
    ),
)  # fmt: skip

FIGURES: Final = SheetSpec(
    name="figures",
    en="Stated figures",
    fr="Chiffres déclarés",
    columns=(
        _column("indicator", "Indicator*", "Indicateur", Kind.KEY, choices="indicators",
                example="LD3.2"),
        _column("period", "Period*", "Période", choices="periods", example="FY2019"),
        _column("numerator", "Numerator*", "Numérateur", Kind.NUMBER, example="18"),
        _column("denominator", "Denominator", "Dénominateur", Kind.NUMBER, example="24"),
        _column("as_on", "As on*", "Au", Kind.DAY, example="2020-01-31"),
        _column("evidence", "Evidence", "Justificatif", example="Survey of 2019"),
    ),
)  # fmt: skip

SHEETS: Final = (ACTIONS, DELIVERABLES, ESTIMATES, TARGETS, FACTS, FIGURES)
BY_NAME: Final[Mapping[str, SheetSpec]] = {sheet.name: sheet for sheet in SHEETS}

FIELDS_OF: Final[Mapping[str, Mapping[str, str]]] = {
    "deliverable.released": {"deliverable": "deliverable", "on": "released_on", "stage": "stage"},
    "milestone.reached": {"deliverable": "deliverable", "on": "reached_on", "share": "share"},
    "instrument.implemented": {
        "instrument": "instrument", "member": "member", "on": "implemented_on",
    },
    "support.requested": {
        "request": "request", "member": "member", "topics": "topics", "on": "received_on",
    },
    "support.provided": {
        "deliverable": "deliverable", "member": "member", "request": "requests",
        "topics": "topics", "on": "completed_on",
    },
    "support.declined": {"request": "request", "on": "on"},
    "support.withdrawn": {"request": "request", "on": "on"},
    "invitation.received": {
        "event": "event", "title": "title", "on": "event_on", "organizer_kind": "organizer_kind",
    },
    "invitation.attended": {"event": "event"},
    "invitation.withdrawn": {"event": "event"},
    "effort.recorded": {
        "unit": "unit", "quarter": "quarter", "on_priorities": "on_priorities", "total": "total",
    },
    "reporting.confirmed": {"indicator": "indicator", "period": "period", "on": "until"},
}  # fmt: skip
"""Which columns of the facts make which fields of their events."""

WORK: Final = frozenset({"deliverable.released", "milestone.reached"})
"""Facts that say something of a planned Deliverable, and take its planned fields with them."""
