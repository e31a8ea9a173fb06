"""The sheets of the directory: units, Members, tools and instruments."""

from typing import Final

from plan_api.exchange.model.columns import Kind, SheetSpec, column

UNITS: Final = SheetSpec(
    name="units",
    en="Units",
    fr="Unités",
    columns=(
        column("code", "Code*", "Code", example="NEW-UNIT"),
        column("title", "Name*", "Nom", example="Directorate of Examples"),
        column("title_fr", "Name in French", "Nom en français", example="Direction des exemples"),
        column("parent", "Part of", "Relève de", choices="units"),
        column("mailbox", "Mailbox", "Adresse électronique", example="unit@example.org"),
        column("language", "Language of its notices", "Langue de ses avis", choices="languages",
               example="en"),
    ),
)  # fmt: skip

MEMBERS: Final = SheetSpec(
    name="members",
    en="Members",
    fr="Membres",
    columns=(
        column("code", "Code*", "Code", example="X1"),
        column("title", "Name*", "Nom", example="Republic of Examplia"),
        column("region", "Region*", "Région", choices="regions", example="EUROPE"),
        column("iso_code", "ISO code", "Code ISO"),
        column("accession", "Member since", "Membre depuis", Kind.DAY, example="1998-05-04"),
        column("fictional", "Fictional", "Fictif", Kind.FLAG, choices="flags", example="yes"),
    ),
)  # fmt: skip

INSTRUMENTS: Final = SheetSpec(
    name="instruments",
    en="Instruments",
    fr="Instruments",
    columns=(
        column("code", "Code*", "Code", example="RISK-PROFILES"),
        column("title", "Title*", "Intitulé", example="Guidelines on risk profiles"),
        column("packages", "Packages", "Trains de mesures", Kind.CODES, choices="packages",
               example="CEP"),
        column("uses_it", "Uses IT", "Informatique", Kind.FLAG, choices="flags", example="yes"),
        column("data_analysis", "Data analysis", "Analyse de données", Kind.FLAG,
               choices="flags", example="yes"),
        column("compendium", "Compendium", "Recueil", Kind.FLAG, choices="flags", example="no"),
    ),
)  # fmt: skip
