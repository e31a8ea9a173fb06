"""From a line of a sheet to what a REST body would say, or to mistakes with their cells."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID, uuid5

from pydantic import ValidationError

from plan_api.directory.repository import Kind as EntryKind
from plan_api.directory.schemas import InstrumentCreate, MemberCreate, UnitCreate
from plan_api.exchange.model.fact_sheets import (
    CORRECTING,
    FIELDS_OF,
    IMPLEMENTED,
    SOURCES_OF_FUNDS,
    WORK,
)
from plan_api.exchange.model.findings import LineRead, Mistake
from plan_api.exchange.service.cells import (
    LineError,
    body_of,
    column_of,
    column_of_field,
    mistake,
    mistakes_of,
    parts_of,
    repaired,
    values_of,
)
from plan_api.exchange.service.guide import Guide
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

SOURCE: Final = "urn:wcoplan:spreadsheet"
"""CloudEvents source of the facts that come in this way."""

_NAMESPACE: Final = UUID("5b0a4a0e-4f4e-5d0e-9d55-6f0b8f0b9c1d")
_READINGS: Final = 4
"""Cells that are missing, then shapes, then rules of an event: each shows what the next hides."""

_UNKNOWN_TYPE: Final = Bilingual(
    en="Nothing of this kind can be reported: choose from the list.",
    fr="Rien de ce genre ne peut être déclaré : choisissez dans la liste.",
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A new entry of the directory."""

    kind: EntryKind
    code: str
    content: Mapping[str, Any]


Said = Registration | ActionPlan | DeliverableDraft | Estimate | Target | Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line, and what it says."""

    line: LineRead
    said: Said


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What a line says, as far as it can be read, and what is wrong in its cells.

    In an entry beside mistakes something right stands in their place, so that the rest of the
    line can be looked at; it is None where even that says nothing.
    """

    line: LineRead
    entry: Entry | None
    mistakes: Sequence[Mistake] = ()


def parse(lines: Sequence[LineRead], *, guide: Guide) -> Sequence[Parsed]:
    """Read some lines, each with all that has the wrong shape in it."""
    return [_parsed(line, guide=guide) for line in lines]


def _parsed(line: LineRead, *, guide: Guide) -> Parsed:
    mistakes: dict[str, Mistake] = {}
    tried = line
    for _ in range(_READINGS):
        try:
            said = _READERS[line.sheet](tried, guide)
        except LineError as error:
            for one in error.mistakes:
                value = line.cells.get(one.column, "")[:80]
                mistakes.setdefault(one.column, replace(one, value=value))
            tried = repaired(line, mistakes.keys(), guide=guide)
        else:
            entry = Entry(line=line, said=said)
            return Parsed(line=line, entry=entry, mistakes=list(mistakes.values()))
    return Parsed(line=line, entry=None, mistakes=list(mistakes.values()))


def _certain(values: dict[str, Any], *days: str) -> dict[str, Any]:
    given = any(day in values for day in days)
    return {**values, "date_certainty": "stated" if given else "not-given"}


def _unit(line: LineRead, guide: Guide) -> Registration:
    values = values_of(line, guide=guide)
    title = values.pop("title")
    # Without a French name the other one stands for both.
    values["title"] = {"en": title, "fr": values.pop("title_fr", title), "ours": True}
    return _registration(line, EntryKind.UNIT, UnitCreate, values, guide=guide)


def _member(line: LineRead, guide: Guide) -> Registration:
    values = values_of(line, guide=guide)
    return _registration(line, EntryKind.MEMBER, MemberCreate, values, guide=guide)


def _instrument(line: LineRead, guide: Guide) -> Registration:
    values = values_of(line, guide=guide)
    return _registration(line, EntryKind.INSTRUMENT, InstrumentCreate, values, guide=guide)


def _registration(
    line: LineRead,
    kind: EntryKind,
    shape: type[UnitCreate] | type[MemberCreate] | type[InstrumentCreate],
    values: Mapping[str, Any],
    *,
    guide: Guide,
) -> Registration:
    body: UnitCreate | MemberCreate | InstrumentCreate = body_of(line, shape, values, guide=guide)
    content = body.model_dump(mode="json", exclude={"code"})
    return Registration(kind=kind, code=body.code, content=content)


def _action(line: LineRead, guide: Guide) -> ActionPlan:
    values = _certain(values_of(line, guide=guide), "start", "end")
    values["plan"] = guide.plan.plan
    body: ActionCreate = body_of(line, ActionCreate, values, guide=guide)
    return body.planned()


def _deliverable(line: LineRead, guide: Guide) -> DeliverableDraft:
    values = _certain(values_of(line, guide=guide), "due")
    values.setdefault("listed", True)
    values["plan"] = guide.plan.plan
    body: DeliverableCreate = body_of(line, DeliverableCreate, values, guide=guide)
    return body.draft()


def _estimate(line: LineRead, guide: Guide) -> Estimate:
    values = values_of(line, guide=guide)
    indicator = values.pop("indicator")
    body: EstimateCreate = body_of(line, EstimateCreate, values, guide=guide)
    return body.estimate(indicator=indicator)


def _target(line: LineRead, guide: Guide) -> Target:
    values = values_of(line, guide=guide)
    indicator = values.pop("indicator")
    body: TargetCreate = body_of(line, TargetCreate, values, guide=guide)
    return body.target(indicator=indicator)


def _figure(line: LineRead, guide: Guide) -> Fact:
    return _event(line, "figure.stated", values_of(line, guide=guide), guide=guide)


def _budget(line: LineRead, guide: Guide) -> Fact:
    values = values_of(line, guide=guide)
    amounts: dict[str, dict[str, str]] = {}
    for source in SOURCES_OF_FUNDS:
        given = {part: values.pop(f"{source}-{part}", None) for part in ("priorities", "total")}
        if any(amount is not None for amount in given.values()):
            amounts[source] = {part: amount or "0" for part, amount in given.items()}
    if not amounts:
        total = "wco-budget-total"
        said = guide.needed(column_of("budget", total))
        raise LineError(mistakes=[mistake(line, total, said)])
    data = {**values, "plan": guide.plan.plan, "by_source": amounts}
    return _event(line, "resources.allocated", data, guide=guide)


def _correction(line: LineRead, guide: Guide) -> Fact:
    values = values_of(line, guide=guide)
    name = values.pop("type").removeprefix(TYPE_PREFIX).removesuffix(".v1")
    if name not in CORRECTING:
        raise LineError(mistakes=[mistake(line, "type", _UNKNOWN_TYPE)])
    return _event(line, name, values, guide=guide)


def _fact(line: LineRead, guide: Guide) -> Fact:
    values = values_of(line, guide=guide)
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
        data["requests"] = parts_of(data["requests"])
    if name == "effort.recorded":
        data["plan"] = guide.plan.plan
    if evidence is not None:
        data["evidence"] = evidence
    if name == IMPLEMENTED:
        # Its Packages are the directory's, filled in when that is looked at.
        return _event(line, name, data, guide=guide, number=number, unsaid={"packages": []})
    if name not in WORK:
        return _event(line, name, data, guide=guide, number=number)
    if "deliverable" not in data:
        said = guide.needed(column_of("facts", "deliverable"))
        raise LineError(mistakes=[mistake(line, "deliverable", said)])
    deliverable = data["deliverable"]
    rest = {field: value for field, value in data.items() if field != "deliverable"}
    shape = ReleaseBody if name == "deliverable.released" else ReachBody
    return Fact(
        name=name,
        event=_cloud_event(name, data, number=number),
        payload=None,
        deliverable=deliverable,
        body=body_of(line, shape, rest, guide=guide),
    )


def _event(
    line: LineRead,
    name: str,
    data: Mapping[str, Any],
    *,
    guide: Guide,
    number: str | None = None,
    unsaid: Mapping[str, Any] | None = None,
) -> Fact:
    event = _cloud_event(name, data, number=number)
    try:
        payload = codec.read(with_data(event, {**data, **(unsaid or {})}))
    except InvalidEventError as error:
        raise LineError(mistakes=mistakes_of_event(line, error, guide=guide)) from error
    return Fact(name=name, event=event, payload=payload, deliverable=data.get("deliverable"))


def mistakes_of_event(
    line: LineRead, error: InvalidEventError, *, guide: Guide
) -> Sequence[Mistake]:
    """Where an event's contract is broken."""
    if isinstance(error.__cause__, ValidationError):
        return mistakes_of(line, error.__cause__, guide=guide)
    said = Bilingual(en=error.message[:200], fr="L’événement est inutilisable.")
    return [mistake(line, column_of_field(line, error.errors[0][0] if error.errors else ""), said)]


def with_data(event: CloudEvent, data: Mapping[str, Any]) -> CloudEvent:
    """The event with all that is to be said; its id stays that of the line."""
    return replace(event, data=json.dumps(data, ensure_ascii=False).encode())


def _cloud_event(name: str, data: Mapping[str, Any], *, number: str | None) -> CloudEvent:
    """The id comes from what the line says: the same line is the same fact, wherever it stands."""
    said = json.dumps([name, data, number], sort_keys=True, ensure_ascii=False)
    return CloudEvent(
        id=str(uuid5(_NAMESPACE, said)),
        source=SOURCE,
        type=f"{TYPE_PREFIX}{name}.v1",
        data=json.dumps(data, ensure_ascii=False).encode(),
    )


_READERS: Final[Mapping[str, Callable[[LineRead, Guide], Said]]] = {
    "units": _unit,
    "members": _member,
    "instruments": _instrument,
    "actions": _action,
    "deliverables": _deliverable,
    "estimates": _estimate,
    "targets": _target,
    "facts": _fact,
    "budget": _budget,
    "figures": _figure,
    "corrections": _correction,
}
