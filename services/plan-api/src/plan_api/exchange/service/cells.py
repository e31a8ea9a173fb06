"""From the cells of a line to the values that a JSON body would have, or to mistakes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from plan_api.exchange.model.columns import ColumnSpec, Kind
from plan_api.exchange.model.fact_sheets import FIELDS_OF, SOURCES_OF_FUNDS
from plan_api.exchange.model.findings import LineRead, Mistake
from plan_api.exchange.model.sheets import BY_NAME
from shared_kit.web.language import Bilingual
from shared_kit.web.messages import field_errors

_FLAGS: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("yes", "y", "true", "x", "1", "oui", "o", "vrai"), True),
    **dict.fromkeys(("no", "n", "false", "0", "non", "faux"), False),
}
_SHARE: Final = re.compile(r"^(\S+?)[\s:]+([0-9]+(?:[.,][0-9]+)?)\s*(%?)$")
_FLAG: Final = Bilingual(en="Write yes or no.", fr="Écrivez oui ou non.")
NEEDED: Final = Bilingual(
    en="This is needed: fill it in.", fr="Cette case est obligatoire : remplissez-la."
)
_STRANGE: Final = Bilingual(
    en="This cannot stand here: a code has letters, digits, dots and dashes, and no spaces.",
    fr="Cela ne peut figurer ici : un code a des lettres, des chiffres, des points et des tirets, "
    "sans espaces.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineError(Exception):
    mistakes: Sequence[Mistake]


def mistake(line: LineRead, column: str, said: Bilingual) -> Mistake:
    """Say of a column of a line that something is wrong there."""
    known = {one.name for one in BY_NAME[line.sheet].columns}
    name = column if column in known else BY_NAME[line.sheet].columns[0].name
    return Mistake(
        sheet=line.sheet,
        row=line.row,
        column=name,
        letter=line.letters.get(name, ""),
        value=line.cells.get(name, "")[:80],
        en=said.en,
        fr=said.fr,
    )


def column_of_field(line: LineRead, field: str) -> str:
    """The column that a field of a body, an event or a rule comes from."""
    parts = [part for part in field.split("/") if part not in ("data", "body", "path")]
    name = next((part for part in parts if not part.isdigit()), "")
    if line.sheet == "facts":
        fields = FIELDS_OF.get(line.cells.get("type", ""), {})
        return next((column for column, one in fields.items() if one == name), name)
    if line.sheet in ("estimates", "targets", "figures") and name == "key":
        return "indicator"
    if line.sheet == "budget":
        return next((f"{source}-total" for source in SOURCES_OF_FUNDS if source in parts), name)
    if line.sheet == "deliverables" and name == "key":
        return "deliverable"
    if name == "date_certainty":
        return "due" if line.sheet == "deliverables" else "end"
    return name


def values_of(line: LineRead, *, plan: str) -> dict[str, Any]:
    """The cells as a JSON body would have them."""
    wrong = []
    found: dict[str, Any] = {}
    for column in BY_NAME[line.sheet].columns:
        text = line.cells.get(column.name)
        if text is None:
            if column.required:
                wrong.append(mistake(line, column.name, NEEDED))
            continue
        try:
            found[column.name] = _value(column, text, plan=plan)
        except KeyError:
            wrong.append(mistake(line, column.name, _FLAG))
    if wrong:
        raise LineError(mistakes=wrong)
    return found


def _value(column: ColumnSpec, text: str, *, plan: str) -> Any:
    match column.kind:
        case Kind.KEY:
            return _key(text, plan)
        case Kind.KEYS:
            return [_key(part, plan) for part in parts_of(text)]
        case Kind.CODES:
            return parts_of(text)
        case Kind.SHARES:
            return _shares(text, plan)
        case Kind.FLAG:
            return _FLAGS[text.casefold()]
        case Kind.COUNT:
            return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else text
        case Kind.NUMBER:
            return text.replace(",", ".")
        case _:
            return text


def _key(text: str, plan: str) -> str:
    return text if ":" in text else f"{plan}:{text}"


def parts_of(text: str) -> list[str]:
    return [part for raw in re.split(r"[,;\n]", text) if (part := raw.strip())]


def _shares(text: str, plan: str) -> list[dict[str, str]]:
    """`PRI-5 0.5, PRI-9 0.5`; alone without a number it is the whole."""
    raw = re.split(r"[;\n]", text) if re.search(r"[;\n]", text) else text.split(", ")
    parts = [part.strip() for one in raw if (part := one.strip().rstrip(","))]
    found = []
    for part in parts:
        match = _SHARE.match(part)
        if match is None:
            found.append({"priority": _key(part, plan), "share": "1" if len(parts) == 1 else ""})
            continue
        number = match[2].replace(",", ".")
        # A percentage is moved by two places, as text: no binary fraction comes between.
        share = f"{int(number) / 100:.2f}" if match[3] and number.isdigit() else number
        found.append({"priority": _key(match[1], plan), "share": share})
    return found


def body_of(line: LineRead, shape: type[BaseModel], values: Mapping[str, Any]) -> Any:
    try:
        return shape.model_validate(values)
    except ValidationError as error:
        raise LineError(mistakes=mistakes_of(line, error)) from error


def mistakes_of(line: LineRead, error: ValidationError) -> Sequence[Mistake]:
    found = error.errors(include_url=False, include_input=False)
    return [
        mistake(
            line,
            column_of_field(line, one.pointer.lstrip("/")),
            # A pattern says nothing to whoever fills in a sheet.
            _STRANGE if one.code == "string_pattern_mismatch" else one.message,
        )
        for one in field_errors(found)
    ]
