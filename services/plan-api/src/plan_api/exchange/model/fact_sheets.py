"""The sheets of what happened, and which of their columns make which fields of which event."""

from collections.abc import Mapping
from typing import Final

from plan_api.exchange.model.columns import Kind, SheetSpec, column

FACTS: Final = SheetSpec(
    name="facts",
    en="Facts",
    fr="Faits",
    columns=(
        column("type", "What happened*", "Ce qui est arrivé", choices="types",
               example="support.requested"),
        column("on", "Date", "Date", Kind.DAY, example="2019-09-12"),
        column("deliverable", "Deliverable", "Livrable", Kind.KEY),
        column("stage", "Stage", "Stade", choices="stages"),
        column("share", "Level of a milestone", "Niveau d’un jalon", Kind.NUMBER),
        column("member", "Member", "Membre", choices="members", example="X1"),
        column("request", "Request", "Demande", example="REQ-1"),
        column("topics", "Topics", "Sujets", Kind.CODES, choices="topics", example="CEP"),
        column("instrument", "Instrument", "Instrument", choices="instruments"),
        column("event", "Event", "Événement"),
        column("title", "Title of the event", "Intitulé de l’événement"),
        column("organizer_kind", "Organizer", "Organisateur", choices="organizers"),
        column("unit", "Unit", "Unité", choices="units"),
        column("quarter", "Quarter", "Trimestre", choices="quarters"),
        column("on_priorities", "Person-days on priorities", "Jours-personnes aux priorités",
               Kind.NUMBER),
        column("total", "Person-days in all", "Jours-personnes en tout", Kind.NUMBER),
        column("indicator", "Indicator", "Indicateur", Kind.KEY, choices="indicators"),
        column("period", "Period", "Période", choices="periods"),
        column("evidence", "Evidence", "Justificatif"),
        column("number", "Own number", "Numéro propre"),
    ),
    more=(
        {"type": "deliverable.released", "on": "2020-01-31", "deliverable": "D-017-2",
         "stage": "published", "evidence": "Document X-1"},
        {"type": "milestone.reached", "on": "2020-01-31", "deliverable": "D-017-3",
         "share": "0.5"},
        {"type": "instrument.implemented", "on": "2020-01-15", "instrument": "RISK-PROFILES",
         "member": "X1"},
        {"type": "support.provided", "on": "2020-01-20", "deliverable": "D-017-4",
         "member": "X1", "request": "REQ-1", "topics": "CEP"},
        {"type": "support.declined", "on": "2019-10-01", "request": "REQ-2"},
        {"type": "support.withdrawn", "on": "2019-10-01", "request": "REQ-3"},
        {"type": "invitation.received", "on": "2019-12-03", "event": "INV-7",
         "title": "Conference on data", "organizer_kind": "private-sector"},
        {"type": "invitation.attended", "event": "INV-7"},
        {"type": "invitation.withdrawn", "event": "INV-8"},
        {"type": "effort.recorded", "unit": "CF", "quarter": "FY2019-Q2",
         "on_priorities": "310", "total": "640"},
        {"type": "reporting.confirmed", "on": "2020-01-31", "indicator": "LD3.2",
         "period": "FY2019"},
    ),
)  # fmt: skip

BUDGET: Final = SheetSpec(
    name="budget",
    en="Budget",
    fr="Budget",
    columns=(
        column("period", "Year*", "Exercice", choices="years", example="FY2019"),
        column("revision", "Revision*", "Révision", Kind.COUNT, example="1"),
        column("wco-budget-priorities", "Own budget, to priorities",
               "Budget propre, aux priorités", Kind.NUMBER, example="9200000"),
        column("wco-budget-total", "Own budget, in all", "Budget propre, en tout", Kind.NUMBER,
               example="19500000"),
        column("voluntary-priorities", "Voluntary contributions, to priorities",
               "Contributions volontaires, aux priorités", Kind.NUMBER, example="3100000"),
        column("voluntary-total", "Voluntary contributions, in all",
               "Contributions volontaires, en tout", Kind.NUMBER, example="4400000"),
        column("in-kind-priorities", "In kind, to priorities", "En nature, aux priorités",
               Kind.NUMBER),
        column("in-kind-total", "In kind, in all", "En nature, en tout", Kind.NUMBER),
        column("evidence", "Evidence", "Justificatif", example="Budget 2019/20"),
    ),
)  # fmt: skip

CORRECTIONS: Final = SheetSpec(
    name="corrections",
    en="Corrections",
    fr="Corrections",
    columns=(
        column("type", "What is said of the fact*", "Ce qui est dit du fait",
               choices="corrections", example="fact.contested"),
        column("source", "Source of the fact*", "Source du fait",
               example="urn:wcoplan:spreadsheet"),
        column("id", "Id of the fact*", "Identifiant du fait",
               example="01900000-0000-7000-8000-000000000001"),
        column("reason", "Reason", "Motif", example="Counted twice"),
    ),
)  # fmt: skip

FIGURES: Final = SheetSpec(
    name="figures",
    en="Stated figures",
    fr="Chiffres déclarés",
    columns=(
        column("indicator", "Indicator*", "Indicateur", Kind.KEY, choices="indicators",
               example="LD3.2"),
        column("period", "Period*", "Période", choices="periods", example="FY2019"),
        column("numerator", "Numerator*", "Numérateur", Kind.NUMBER, example="18"),
        column("denominator", "Denominator", "Dénominateur", Kind.NUMBER, example="24"),
        column("as_on", "As on*", "Au", Kind.DAY, example="2020-01-31"),
        column("evidence", "Evidence", "Justificatif", example="Survey of 2019"),
    ),
)  # fmt: skip

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

SOURCES_OF_FUNDS: Final = ("wco-budget", "voluntary", "in-kind")

CORRECTING: Final = ("fact.retracted", "fact.validated", "fact.contested")
"""What a line can say of a fact. A replacement says all of it anew: that is a form's, or REST's."""

IMPLEMENTED: Final = "instrument.implemented"

WORK: Final = frozenset({"deliverable.released", "milestone.reached"})
"""Facts that say something of a planned Deliverable, and take its planned fields with them."""
