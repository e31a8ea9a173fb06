"""From the cells of a line to the values that a JSON body would have, or to mistakes."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from plan_api.exchange.model.columns import ColumnSpec, Kind
from plan_api.exchange.model.fact_sheets import FIELDS_OF, SOURCES_OF_FUNDS
from plan_api.exchange.model.findings import LineRead, Mistake
from plan_api.exchange.model.sheets import BY_NAME
from plan_api.exchange.service.guide import Guide
from shared_kit.web.language import Bilingual
from shared_kit.web.messages import field_errors, known_codes

_FLAGS: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("yes", "y", "true", "x", "1", "oui", "o", "vrai"), True),
    **dict.fromkeys(("no", "n", "false", "0", "non", "faux"), False),
}
_SHARE: Final = re.compile(r"^(\S+?)[\s:]+([0-9]+(?:[.,][0-9]+)?)\s*(%?)$")
_DAY: Final = re.compile(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
_FLAG: Final = Bilingual(en="Write yes or no.", fr="Écrivez oui ou non.")


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


def values_of(line: LineRead, *, guide: Guide) -> dict[str, Any]:
    """The cells as a JSON body would have them."""
    wrong = []
    found: dict[str, Any] = {}
    for column in BY_NAME[line.sheet].columns:
        text = line.cells.get(column.name)
        if text is None:
            if column.required:
                wrong.append(mistake(line, column.name, guide.needed(column)))
            continue
        try:
            found[column.name] = _value(column, text, plan=guide.plan.plan)
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


def weighted_of(text: str) -> Sequence[tuple[str, str]]:
    """`PRI-5 0.5, PRI-9 0.5`: codes and weights; alone without a number it is the whole."""
    raw = re.split(r"[;\n]", text) if re.search(r"[;\n]", text) else text.split(", ")
    parts = [part for one in raw if (part := one.strip().rstrip(","))]
    found = []
    for part in parts:
        match = _SHARE.match(part)
        if match is None:
            found.append((part, "1" if len(parts) == 1 else ""))
            continue
        number = match[2].replace(",", ".")
        # A percentage is moved by two places, as text: no binary fraction comes between.
        share = f"{int(number) / 100:.2f}" if match[3] and number.isdigit() else number
        found.append((match[1], share))
    return found


def _shares(text: str, plan: str) -> list[dict[str, str]]:
    return [{"priority": _key(code, plan), "share": share} for code, share in weighted_of(text)]


def body_of(
    line: LineRead, shape: type[BaseModel], values: Mapping[str, Any], *, guide: Guide
) -> Any:
    try:
        return shape.model_validate(values)
    except ValidationError as error:
        raise LineError(mistakes=mistakes_of(line, error, guide=guide)) from error


def mistakes_of(line: LineRead, error: ValidationError, *, guide: Guide) -> Sequence[Mistake]:
    """What has not the shape of such a line; of several things in a cell, the first."""
    found: dict[str, Mistake] = {}
    for one in field_errors(error.errors(include_url=False, include_input=False)):
        said = mistake(line, column_of_field(line, one.pointer.lstrip("/")), one.message)
        found.setdefault(said.column, _guided(line, said, code=one.code, guide=guide))
    return list(found.values())


def _guided(line: LineRead, said: Mistake, *, code: str, guide: Guide) -> Mistake:
    column = column_of(line.sheet, said.column)
    if said.column not in line.cells:
        better = guide.needed(column)
    elif column.kind is Kind.SHARES:
        better = guide.shares(column)
    elif code == "string_pattern_mismatch":
        better = guide.strange(column)
    elif code in known_codes() or (column.kind is Kind.DAY and not _DAY.match(said.value)):
        better = guide.rewritten(column, Bilingual(en=said.en, fr=said.fr))
    else:
        return said
    return replace(said, en=better.en, fr=better.fr)


def column_of(sheet: str, name: str) -> ColumnSpec:
    return next(one for one in BY_NAME[sheet].columns if one.name == name)


def repaired(line: LineRead, wrong: Collection[str], *, guide: Guide) -> LineRead:
    """The line with something right in the place of what is wrong, to look at the rest of it."""
    examples = _examples_like(line)
    cells = {name: text for name, text in line.cells.items() if name not in wrong}
    for name in wrong:
        column = column_of(line.sheet, name)
        written = examples.get(name) or (column.example if column.required else "")
        if written:
            cells[name] = guide.shown(column, written)
    return replace(line, cells=cells)


def _examples_like(line: LineRead) -> Mapping[str, str]:
    """What a fact of the kind has in its columns."""
    name = line.cells.get("type", "")
    if line.sheet != "facts" or name not in FIELDS_OF:
        return {}
    return next((one for one in BY_NAME["facts"].examples() if one.get("type") == name), {})
