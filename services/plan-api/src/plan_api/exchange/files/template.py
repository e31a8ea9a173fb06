"""Writes the template: a sheet a kind of entry, with examples and the plan's codes to choose."""

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from plan_api.exchange.files.incoming import EXAMPLE
from plan_api.exchange.files.workbook import OPTIONS
from plan_api.exchange.model.columns import MANY, ColumnSpec, Kind, SheetSpec
from plan_api.exchange.model.sheets import SHEETS
from shared_kit.web.language import Bilingual

Shown = Callable[[ColumnSpec, str], str]

_LAST_ROW: Final = 5_000
_CODES: Final = ("Codes", "Codes")
_NAMES: Final = (("in English", "in French"), ("en anglais", "en français"))
_LISTS: Final[Mapping[str, tuple[str, str]]] = {
    "actions": ("Actions", "Actions"),
    "corrections": ("What is said of a fact", "Ce qui est dit d’un fait"),
    "flags": ("Yes or no", "Oui ou non"),
    "indicators": ("Indicators", "Indicateurs"),
    "instruments": ("Instruments", "Instruments"),
    "kinds": ("Kinds", "Genres"),
    "languages": ("Languages", "Langues"),
    "members": ("Members", "Membres"),
    "objectives": ("Objectives", "Objectifs"),
    "organizers": ("Organizers", "Organisateurs"),
    "packages": ("Packages", "Trains de mesures"),
    "periods": ("Periods", "Périodes"),
    "priorities": ("Priorities", "Priorités"),
    "purposes": ("Purposes", "Buts"),
    "quarters": ("Quarters", "Trimestres"),
    "regions": ("Regions", "Régions"),
    "stages": ("Stages", "Stades"),
    "topics": ("Topics", "Sujets"),
    "types": ("What happened", "Ce qui est arrivé"),
    "units": ("Units", "Unités"),
    "years": ("Years", "Exercices"),
}
_READ_ME: Final = ("Read me", "Mode d’emploi")
_GUIDE: Final = (
    (
        "Each sheet is for one kind of thing; leave out the sheets that you do not need.",
        "Write one line for each unit, Action, Deliverable, estimate, target, fact and so on.",
        "Columns with a star are needed. Lines that begin with # are examples and are not read.",
        "Codes may be short (A-017) or whole. Several values in a cell have commas between them.",
        "A milestone needs a weight. Dates are written as 2020-03-31.",
        "Of the facts, each kind has an example that shows which of the columns it needs.",
        "An entry of the directory and an Action come above what names them.",
        "The sheet Codes, the last one, has every code with its name in both languages.",
        "Send the file on the page Imports: it is checked first, and applied all or not at all.",
        "The same file may be sent again: what is known already is not entered twice.",
        "Two facts that are alike in every cell are one fact, unless their own numbers differ.",
    ),
    (
        "Chaque feuille est pour un genre de choses ; laissez vides celles qui ne servent pas.",
        "Écrivez une ligne par unité, action, livrable, estimation, cible, fait, etc.",
        "Les colonnes à astérisque sont obligatoires. Une ligne qui commence par # est un exemple.",
        "Un code peut être court (A-017) ou entier. Séparez plusieurs valeurs par des virgules.",
        "Un jalon a un poids. Les dates s’écrivent 2020-03-31.",
        "Parmi les faits, chaque genre a un exemple qui montre les colonnes dont il a besoin.",
        "Une unité ou une action vient avant ce qui la nomme.",
        "La dernière feuille, Codes, donne chaque code avec son nom dans les deux langues.",
        "Déposez le fichier à la page Importations : il est vérifié, puis appliqué en bloc.",
        "Le même fichier peut être déposé à nouveau : rien n’est saisi deux fois.",
        "Deux faits identiques en tout ne font qu’un, sauf si leurs numéros propres diffèrent.",
    ),
)


def write(
    *,
    codes: Mapping[str, Mapping[str, Bilingual | None]],
    shown: Shown,
    french: bool,
    made_at: datetime,
) -> bytes:
    """The template as a file, in one language; the reader knows both.

    `shown` makes of an example of a cell one with codes that the plan has.
    """
    file = io.BytesIO()
    # Lists are written column by column, which constant memory does not allow.
    with Workbook(file, {**OPTIONS, "constant_memory": False}) as book:
        book.set_properties({"created": made_at.astimezone(UTC)})
        _guide(book, french=french)
        sheets = [(spec, book.add_worksheet(spec.title(french=french))) for spec in SHEETS]
        places = _codes(book, codes, french=french)
        for spec, sheet in sheets:
            lines = [
                {one.name: shown(one, line[one.name]) for one in spec.columns if line.get(one.name)}
                for line in spec.examples()
            ]
            _sheet(book, sheet, spec, lines, places=places, french=french)
    return file.getvalue()


def _guide(book: Any, *, french: bool) -> None:
    sheet = book.add_worksheet(_READ_ME[french])
    sheet.set_column(0, 0, 100)
    for row, line in enumerate(_GUIDE[french]):
        sheet.write_string(row, 0, line)


def _codes(
    book: Any, codes: Mapping[str, Mapping[str, Bilingual | None]], *, french: bool
) -> Mapping[str, str]:
    """Write the lists, each code with its names beside it, and say where each list lies."""
    sheet: Worksheet = book.add_worksheet(_CODES[french])
    heading = book.add_format({"bold": True, "bottom": 1})
    sheet.freeze_panes(1, 0)
    places = {}
    place = 0
    for name, values in sorted(codes.items()):
        title = _LISTS[name][french]
        named = any(values.values())
        sheet.set_column(place, place, 18)
        sheet.write_string(0, place, title, heading)
        if named:
            sheet.set_column(place + 1, place + 2, 44)
            for column, part in enumerate(_NAMES[french], 1):
                sheet.write_string(0, place + column, f"{title}, {part}", heading)
        for row, (code, said) in enumerate(values.items(), 1):
            # Yes and no are written as they are said.
            shown = said.fr if french and said is not None and name == "flags" else code
            sheet.write_string(row, place, shown)
            if said is not None:
                sheet.write_string(row, place + 1, said.en)
                sheet.write_string(row, place + 2, said.fr)
        letter = xl_col_to_name(place)
        if values:
            places[name] = f"={sheet.get_name()}!${letter}$2:${letter}${len(values) + 1}"
        place += 3 if named else 1
    return places


def _sheet(
    book: Any,
    sheet: Worksheet,
    spec: SheetSpec,
    lines: Sequence[Mapping[str, str]],
    *,
    places: Mapping[str, str],
    french: bool,
) -> None:
    heading = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
    grey = book.add_format({"italic": True, "font_color": "#666666"})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    text = book.add_format({"num_format": "@"})
    sheet.freeze_panes(1, 1)
    for place, column in enumerate(spec.columns):
        form = day if column.kind is Kind.DAY else text if column.kind is Kind.KEY else None
        sheet.set_column(place, place, 40 if "title" in column.name else 18, form)
        sheet.write_string(0, place, column.heading(french=french), heading)
        _validate(sheet, place, column, places, french=french, first=len(lines) + 1)
        for row, line in enumerate(lines, 1):
            example = (EXAMPLE if place == 0 else "") + line.get(column.name, "")
            if example:
                sheet.write_string(row, place, example, grey)


def _validate(
    sheet: Worksheet,
    place: int,
    column: ColumnSpec,
    places: Mapping[str, str],
    *,
    french: bool,
    first: int,
) -> None:
    if column.choices is None or column.choices not in places:
        return
    many = column.kind in MANY
    rule: dict[str, Any] = {
        "validate": "list",
        "source": places[column.choices],
        # Whole keys, several codes and codes entered since are right as well.
        "show_error": not many and column.kind is not Kind.KEY,
        "error_title": "Codes",
        "error_message": "Choisissez dans la liste." if french else "Choose from the list.",
    }
    if many:
        rule["input_title"] = column.heading(french=french)[:32]
        rule["input_message"] = (
            "Plusieurs valeurs : séparez-les par des virgules."
            if french
            else "Several values: put commas between them."
        )
    sheet.data_validation(first, place, _LAST_ROW, place, rule)
