"""The sheets of what is planned: Actions, Deliverables, estimates, targets."""

from typing import Final

from plan_api.exchange.model.columns import Kind, SheetSpec, column

ACTIONS: Final = SheetSpec(
    name="actions",
    en="Actions",
    fr="Actions",
    columns=(
        column("key", "Code*", "Code", Kind.KEY, example="A-017"),
        column("title", "Title*", "Intitulé", example="Guidelines on risk profiles"),
        column("title_fr", "Title in French", "Intitulé en français"),
        column("period", "Year*", "Exercice", choices="years", example="FY2019"),
        column("lead", "Lead unit*", "Unité responsable", choices="units", example="CF"),
        column("contributors", "Contributors", "Contributeurs", Kind.CODES, choices="units"),
        column("objectives", "Objectives", "Objectifs", Kind.KEYS, choices="objectives",
                example="SO3, SP3"),
        column("priorities", "Priorities and shares", "Priorités et parts", Kind.SHARES,
                choices="priorities", example="PRI-5 0.5, PRI-9 0.5"),
        column("start", "Start", "Début", Kind.DAY, example="2019-09-01"),
        column("end", "End", "Fin", Kind.DAY, example="2020-03-31"),
        column("source_note", "Source", "Source"),
    ),
)  # fmt: skip

DELIVERABLES: Final = SheetSpec(
    name="deliverables",
    en="Deliverables",
    fr="Livrables",
    columns=(
        column("deliverable", "Code*", "Code", Kind.KEY, example="D-017-2"),
        column("title", "Title*", "Intitulé", example="Guide on risk profiles"),
        column("title_fr", "Title in French", "Intitulé en français"),
        column("action", "Action", "Action", Kind.KEY, choices="actions", example="A-017"),
        column("period", "Year*", "Exercice", choices="years", example="FY2019"),
        column("kind", "Kind*", "Genre", choices="kinds", example="instrument"),
        column("unit", "Unit*", "Unité", choices="units", example="CF"),
        column("due", "Date", "Date", Kind.DAY, example="2020-03-31"),
        column("listed", "In the plan", "Prévu au plan", Kind.FLAG, choices="flags",
                example="yes"),
        column("objectives", "Objectives", "Objectifs", Kind.KEYS, choices="objectives",
                example="SO3"),
        column("priorities", "Priorities", "Priorités", Kind.KEYS, choices="priorities"),
        column("instrument", "Instrument", "Instrument", choices="instruments"),
        column("packages", "Packages", "Trains de mesures", Kind.CODES, choices="packages",
                example="CEP"),
        column("uses_it", "Uses IT", "Informatique", Kind.FLAG, choices="flags", example="yes"),
        column("data_analysis", "Data analysis", "Analyse de données", Kind.FLAG,
                choices="flags", example="yes"),
        column("compendium", "Compendium", "Recueil", Kind.FLAG, choices="flags"),
        column("purpose", "Purpose", "But", choices="purposes"),
        column("revenue_advice", "Advice on revenue", "Avis sur les recettes", Kind.FLAG,
                choices="flags"),
        column("weight", "Weight of a milestone", "Poids d’un jalon", Kind.NUMBER),
        column("source_note", "Source", "Source"),
    ),
)  # fmt: skip

ESTIMATES: Final = SheetSpec(
    name="estimates",
    en="Estimates",
    fr="Estimations",
    columns=(
        column("indicator", "Indicator*", "Indicateur", Kind.KEY, choices="indicators",
                example="SG"),
        column("period", "Period*", "Période", choices="periods", example="FY2019"),
        column("value", "Estimate*", "Estimation", Kind.COUNT, example="61"),
        column("reason", "Reason", "Motif", example="Implementation Plan 2019/20"),
    ),
)  # fmt: skip

TARGETS: Final = SheetSpec(
    name="targets",
    en="Targets",
    fr="Cibles",
    columns=(
        column("indicator", "Indicator*", "Indicateur", Kind.KEY, choices="indicators",
                example="SP7.1"),
        column("period", "Period*", "Période", choices="periods", example="FY2019"),
        column("low", "At least*", "Au moins", Kind.NUMBER, example="0.6"),
        column("high", "At most", "Au plus", Kind.NUMBER, example="0.8"),
        column("reason", "Reason", "Motif"),
    ),
)  # fmt: skip
