"""From a line of a sheet to what a REST body would say, or to mistakes with their cells."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid5

from pydantic import BaseModel, ValidationError

from plan_api.exchange.model.findings import LineRead, Mistake
from plan_api.exchange.model.sheets import BY_NAME, FIELDS_OF, WORK, ColumnSpec, Kind
from plan_api.implementation.model import ActionPlan, DeliverableDraft
from plan_api.implementation.schemas.actions import ActionCreate
from plan_api.implementation.schemas.deliverables import (
    DeliverableCreate,
    ReachBody,
    ReleaseBody,
)
from plan_api.plans.model import Estimate, Target
from plan_api.plans.schemas.figures import EstimateCreate, TargetCreate
from shared_kit.events import codec
from shared_kit.events.base import TYPE_PREFIX, Event
from shared_kit.events.envelope import CloudEvent, InvalidEventError
from shared_kit.web.language import Bilingual
from shared_kit.web.messages import field_errors

SOURCE: Final = "urn:wcoplan:spreadsheet"
"""CloudEvents source of the facts that come in this way."""

_NAMESPACE: Final = UUID("5b0a4a0e-4f4e-5d0e-9d55-6f0b8f0b9c1d")
_FLAGS: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("yes", "y", "true", "x", "1", "oui", "o", "vrai"), True),
    **dict.fromkeys(("no", "n", "false", "0", "non", "faux"), False),
}
_SHARE: Final = re.compile(r"^(\S+?)[\s:]+([0-9]+(?:[.,][0-9]+)?)\s*(%?)$")
_FLAG: Final = Bilingual(en="Write yes or no.", fr="Écrivez oui ou non.")
_NEEDED: Final = Bilingual(
    en="This is needed: fill it in.", fr="Cette case est obligatoire : remplissez-la."
)
_UNKNOWN_TYPE: Final = Bilingual(
    en="Nothing of this kind can be reported: choose from the list.",
    fr="Rien de ce genre ne peut être déclaré : choisissez dans la liste.",
)
_STRANGE: Final = Bilingual(
    en="This cannot stand here: a code has letters, digits, dots and dashes, and no spaces.",
    fr="Cela ne peut figurer ici : un code a des lettres, des chiffres, des points et des tirets, "
    "sans espaces.",
)
_UNUSED: Final = Bilingual(
    en="This says nothing about such a fact: empty the cell.",
    fr="Cela ne concerne pas un tel fait : videz la case.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A fact of a line. One on a Deliverable gets its planned fields when it is applied."""

    name: str
    event: CloudEvent
    payload: Event | None
    deliverable: str | None
    body: ReleaseBody | ReachBody | None = None


Said = ActionPlan | DeliverableDraft | Estimate | Target | Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line, and what it says."""

    line: LineRead
    said: Said


@dataclass(frozen=True, slots=True, kw_only=True)
class LineError(Exception):
    mistakes: Sequence[Mistake]


def parse(lines: Sequence[LineRead], *, plan: str) -> Sequence[Entry | Sequence[Mistake]]:
    """Read some lines; each becomes an entry, or the mistakes that are in it."""
    found: list[Entry | Sequence[Mistake]] = []
    for line in lines:
        try:
            found.append(Entry(line=line, said=_READERS[line.sheet](line, plan)))
        except LineError as error:
            found.append(error.mistakes)
    return found


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
    if line.sheet == "deliverables" and name == "key":
        return "deliverable"
    if name == "date_certainty":
        return "due" if line.sheet == "deliverables" else "end"
    return name


def _values(line: LineRead, *, plan: str) -> dict[str, Any]:
    """The cells as a JSON body would have them."""
    wrong = []
    found: dict[str, Any] = {}
    for column in BY_NAME[line.sheet].columns:
        text = line.cells.get(column.name)
        if text is None:
            if column.required:
                wrong.append(mistake(line, column.name, _NEEDED))
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
            return [_key(part, plan) for part in _parts(text)]
        case Kind.CODES:
            return _parts(text)
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


def _parts(text: str) -> list[str]:
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


def _body(line: LineRead, shape: type[BaseModel], values: Mapping[str, Any]) -> Any:
    try:
        return shape.model_validate(values)
    except ValidationError as error:
        raise LineError(mistakes=_mistakes(line, error)) from error


def _mistakes(line: LineRead, error: ValidationError) -> Sequence[Mistake]:
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


def _certain(values: dict[str, Any], *days: str) -> dict[str, Any]:
    given = any(day in values for day in days)
    return {**values, "date_certainty": "stated" if given else "not-given"}


def _action(line: LineRead, plan: str) -> ActionPlan:
    values = _certain(_values(line, plan=plan), "start", "end")
    body: ActionCreate = _body(line, ActionCreate, {**values, "plan": plan})
    return body.planned()


def _deliverable(line: LineRead, plan: str) -> DeliverableDraft:
    values = _certain(_values(line, plan=plan), "due")
    values.setdefault("listed", True)
    body: DeliverableCreate = _body(line, DeliverableCreate, {**values, "plan": plan})
    return body.draft()


def _estimate(line: LineRead, plan: str) -> Estimate:
    values = _values(line, plan=plan)
    indicator = values.pop("indicator")
    body: EstimateCreate = _body(line, EstimateCreate, values)
    return body.estimate(indicator=indicator)


def _target(line: LineRead, plan: str) -> Target:
    values = _values(line, plan=plan)
    indicator = values.pop("indicator")
    body: TargetCreate = _body(line, TargetCreate, values)
    return body.target(indicator=indicator)


def _figure(line: LineRead, plan: str) -> Fact:
    return _event(line, "figure.stated", _values(line, plan=plan))


def _fact(line: LineRead, plan: str) -> Fact:
    values = _values(line, plan=plan)
    name = values.pop("type").removeprefix(TYPE_PREFIX).removesuffix(".v1")
    fields = FIELDS_OF.get(name)
    if fields is None:
        raise LineError(mistakes=[mistake(line, "type", _UNKNOWN_TYPE)])
    number, evidence = values.pop("number", None), values.pop("evidence", None)
    strange = [mistake(line, column, _UNUSED) for column in values if column not in fields]
    if strange:
        raise LineError(mistakes=strange)
    data = {fields[column]: value for column, value in values.items()}
    if "requests" in data:
        data["requests"] = _parts(data["requests"])
    if name == "effort.recorded":
        data["plan"] = plan
    if evidence is not None:
        data["evidence"] = evidence
    if name not in WORK:
        return _event(line, name, data, number=number)
    if "deliverable" not in data:
        raise LineError(mistakes=[mistake(line, "deliverable", _NEEDED)])
    deliverable = data["deliverable"]
    rest = {field: value for field, value in data.items() if field != "deliverable"}
    shape = ReleaseBody if name == "deliverable.released" else ReachBody
    return Fact(
        name=name,
        event=_cloud_event(name, data, number=number),
        payload=None,
        deliverable=deliverable,
        body=_body(line, shape, rest),
    )


def _event(
    line: LineRead, name: str, data: Mapping[str, Any], *, number: str | None = None
) -> Fact:
    event = _cloud_event(name, data, number=number)
    try:
        payload = codec.read(event)
    except InvalidEventError as error:
        raise LineError(mistakes=mistakes_of_event(line, error)) from error
    return Fact(name=name, event=event, payload=payload, deliverable=data.get("deliverable"))


def mistakes_of_event(line: LineRead, error: InvalidEventError) -> Sequence[Mistake]:
    """Where an event's contract is broken."""
    if isinstance(error.__cause__, ValidationError):
        return _mistakes(line, error.__cause__)
    said = Bilingual(en=error.message[:200], fr="L'événement est inutilisable.")
    return [mistake(line, column_of_field(line, error.errors[0][0] if error.errors else ""), said)]


def _cloud_event(name: str, data: Mapping[str, Any], *, number: str | None) -> CloudEvent:
    """The id comes from what the line says: the same line is the same fact, wherever it stands."""
    said = json.dumps([name, data, number], sort_keys=True, ensure_ascii=False)
    return CloudEvent(
        id=str(uuid5(_NAMESPACE, said)),
        source=SOURCE,
        type=f"{TYPE_PREFIX}{name}.v1",
        data=json.dumps(data, ensure_ascii=False).encode(),
    )


_READERS: Final[Mapping[str, Callable[[LineRead, str], Said]]] = {
    "actions": _action,
    "deliverables": _deliverable,
    "estimates": _estimate,
    "targets": _target,
    "facts": _fact,
    "figures": _figure,
}
