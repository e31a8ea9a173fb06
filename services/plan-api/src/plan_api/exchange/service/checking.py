"""Checks lines one by one, in the order in which they will be applied.

What hangs on a line with a mistake has none for that: it waits. Its own mistakes are said at once.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from plan_api.core.errors import InvalidFieldError, KeyTakenError, PlanApiError
from plan_api.events.service.references import References
from plan_api.exchange.model.columns import ColumnSpec, Kind
from plan_api.exchange.model.fact_sheets import WORK
from plan_api.exchange.model.findings import LineRead, Mistake
from plan_api.exchange.model.sheets import BY_NAME
from plan_api.exchange.service.cells import (
    column_of,
    column_of_field,
    mistake,
    parts_of,
    weighted_of,
)
from plan_api.exchange.service.faults import enter, faults_of, resolved
from plan_api.exchange.service.guide import Guide
from plan_api.exchange.service.known import Broken, Known, Named, code_of
from plan_api.exchange.service.lines import Entry, Parsed
from plan_api.implementation.model import Action, ActionPlan, Deliverable, DeliverableDraft
from plan_api.implementation.repository import digest_of
from shared_kit.events.base import TYPE_PREFIX
from shared_kit.web.language import Bilingual

NOT_YOURS = Bilingual(
    en="You may not write for this unit: ask its editor or the planning office.",
    fr="Vous ne pouvez pas écrire pour cette unité : demandez au bureau de la planification.",
)
_NAMING: Final[Mapping[str, str]] = {
    "units": "code", "members": "code", "instruments": "code", "actions": "key",
    "deliverables": "deliverable",
}  # fmt: skip
"""The sheets whose lines others name, and the column with the name."""

_KEYED: Final = frozenset({"actions", "deliverables"})

_TAKEN: Final = Bilingual(
    en="This is there already and says something else: change it on its page, or give the line "
    "another code.",
    fr="Ceci existe déjà et dit autre chose : modifiez-le sur sa page, ou donnez un autre code à "
    "la ligne.",
)

_FREE: Final = frozenset({"flags", "regions", "languages", "corrections", "types", "quarters"})
"""Lists that offer, or whose columns say themselves what else is wrong."""

_HANGS_ON: Final[Mapping[str, tuple[str, ...]]] = {
    "due": ("period",),
    "weight": ("kind",),
    "low": ("indicator",),
    "high": ("indicator", "low"),
}
"""Columns whose rules mean nothing while others are wrong."""

_INHERITED: Final[Mapping[str, str]] = {
    "objectives": "action", "priorities": "action", "packages": "instrument",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """An entry that may come in, and whether it says something new."""

    entry: Entry
    new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a look at a line gives: its own mistakes, and the broken line that it waits for."""

    line: LineRead
    new: bool
    mistakes: Sequence[Mistake] = ()
    waits_for: Broken | None = None


def look_at(lines: Sequence[Parsed], *, known: Known, references: References) -> Sequence[Found]:
    """Find all that is wrong in some lines; what they enter is known from then on."""
    return [_look_at(one, known=known, references=references) for one in lines]


def check_one(entry: Entry, *, known: Known, references: References) -> Checked | Mistake:
    """Check an entry that is to come in; what it enters is known from then on."""
    for fault in faults_of(entry.said, known=known, references=references):
        return mistake_of(entry.line, fault, guide=known.guide)
    return Checked(entry=entry, new=enter(entry.said, known=known))


def mistake_of(line: LineRead, error: Exception, *, guide: Guide) -> Mistake:
    """What a refusal means for a line."""
    match error:
        case InvalidFieldError():
            said = Bilingual(en=_sentence(error.en), fr=_sentence(error.fr))
            found = mistake(line, column_of_field(line, error.field), said)
            column = column_of(line.sheet, found.column)
            if column.kind is not Kind.SHARES:
                return found
            better = guide.shares(column)
            return replace(found, en=f"{said.en} {better.en}", fr=f"{said.fr} {better.fr}")
        case KeyTakenError():
            return mistake(line, _NAMING.get(line.sheet, ""), _TAKEN)
        case PlanApiError():
            column_name = {"deliverables": "action", "facts": "deliverable"}.get(line.sheet, "")
            said = Bilingual(en=_sentence(error.en), fr=_sentence(error.fr))
            return mistake(line, column_name, said)
        case _:
            names = ("lead",) if line.sheet == "actions" else ("unit", "deliverable")
            return mistake(line, next((one for one in names if one in line.cells), ""), NOT_YOURS)


def _look_at(parsed: Parsed, *, known: Known, references: References) -> Found:
    line = parsed.line
    waits = _waits(line, known)
    wrong = {one.column: one for one in parsed.mistakes}
    for column, written in _unknown_codes(line, known, beside=waits.keys()):
        # A code that is no code is best told by those that are.
        wrong[column.name] = mistake(line, column.name, known.guide.unknown(column, written))
    for fault in _faults(parsed, known=known, references=references):
        said = mistake_of(line, fault, guide=known.guide)
        if not _hidden(said.column, line=line, wrong=wrong.keys(), waits=waits):
            wrong.setdefault(said.column, said)
    cause = next(iter(waits.values()), None)
    if parsed.entry is None or wrong or cause:
        _note(parsed, known=known, wrong=frozenset(wrong), cause=cause)
        order = [one.name for one in BY_NAME[line.sheet].columns]
        mistakes = sorted(wrong.values(), key=lambda one: order.index(one.column))
        return Found(line=line, new=False, mistakes=mistakes, waits_for=cause)
    new = enter(parsed.entry.said, known=known)
    named = _named(line, known)
    if named is not None:
        # An earlier line for the same thing may be broken; this one stands for it.
        known.broken.pop(named, None)
        known.waiting.pop(named, None)
    return Found(line=line, new=new)


def _faults(parsed: Parsed, *, known: Known, references: References) -> Sequence[Exception]:
    if parsed.entry is None:
        return []
    faults = list(faults_of(parsed.entry.said, known=known, references=references))
    named = ("deliverables", _key(parsed.line.cells.get("deliverable", ""), known))
    if parsed.line.sheet == "facts" and named in known.broken:
        # What stands in for a broken Deliverable may be another kind of thing.
        return [one for one in faults if isinstance(one, InvalidFieldError)]
    return faults


def _waits(line: LineRead, known: Known) -> Mapping[str, Broken]:
    """The columns that name something broken, with the line at which it broke."""
    found: dict[str, Broken] = {}
    if not known.broken and not known.waiting:
        return found
    for column in BY_NAME[line.sheet].columns:
        in_facts = line.sheet == "facts" and column.name == "deliverable"
        sheet = "deliverables" if in_facts else column.choices
        if sheet is None or sheet not in _NAMING or column.name not in line.cells:
            continue
        for written in _codes(line, column):
            named = (sheet, _key(written, known) if sheet in _KEYED else written)
            cause = known.broken.get(named) or known.waiting.get(named)
            if cause is not None:
                found.setdefault(column.name, cause)
    return found


def _unknown_codes(
    line: LineRead, known: Known, *, beside: Collection[str]
) -> Iterator[tuple[ColumnSpec, Sequence[str]]]:
    """The cells with codes that are not on their column's list."""
    if line.sheet == "instruments":
        # The directory serves several plans, each with Packages of its own.
        return
    elsewhere = _is_of_another_plan(line, known)
    for column in BY_NAME[line.sheet].columns:
        name = "deliverables" if _is_done(line, column) else column.choices
        if name is None or name in _FREE or column.name in beside or column.name not in line.cells:
            continue
        if elsewhere and name in ("indicators", "periods"):
            continue
        prefix = f"{known.plan.plan}:"
        offered = known.guide.codes[name]
        unknown = [one for one in _codes(line, column) if one.removeprefix(prefix) not in offered]
        if unknown:
            yield column, unknown


def _is_of_another_plan(line: LineRead, known: Known) -> bool:
    """Figures and facts may name another plan; the rules look it up."""
    plan, colon, _ = line.cells.get("indicator", "").partition(":")
    return line.sheet in ("facts", "figures") and bool(colon) and plan != known.plan.plan


def _is_done(line: LineRead, column: ColumnSpec) -> bool:
    """Only what releases a Deliverable must know it: a mission may be planned elsewhere."""
    return (
        line.sheet == "facts"
        and column.name == "deliverable"
        and line.cells.get("type", "").removeprefix(TYPE_PREFIX).removesuffix(".v1") in WORK
    )


def _codes(line: LineRead, column: ColumnSpec) -> Sequence[str]:
    text = line.cells[column.name]
    match column.kind:
        case Kind.KEYS | Kind.CODES:
            return parts_of(text)
        case Kind.SHARES:
            return [code.split()[0] for code, _ in weighted_of(text)]
        case _:
            return [text]


def _hidden(
    column: str, *, line: LineRead, wrong: Collection[str], waits: Mapping[str, Broken]
) -> bool:
    """Whether a rule speaks of what is wrong already, or of what another column would bring."""
    off = {*wrong, *waits}
    if column in off or any(one in off for one in _HANGS_ON.get(column, ())):
        return True
    if column == "period" and "action" in waits:
        # The year of a broken Action can be right.
        return "period" in waits["action"].columns
    return column not in line.cells and _INHERITED.get(column) in off


def _note(parsed: Parsed, *, known: Known, wrong: frozenset[str], cause: Broken | None) -> None:
    """Let those that name what this line enters wait for it, or for what it waits for."""
    named = _named(parsed.line, known)
    if named is None or _stands(named, known):
        return
    if wrong:
        row, sheet = parsed.line.row, parsed.line.sheet
        known.broken[named] = Broken(sheet=sheet, row=row, code=code_of(named[1]), columns=wrong)
    elif cause is not None:
        known.waiting[named] = cause
    match parsed.entry and parsed.entry.said:
        case ActionPlan() as planned:
            known.actions[planned.key] = Action(planned=planned)
        case DeliverableDraft() as draft:
            known.deliverables[draft.key] = Deliverable(planned=resolved(draft, known))
            known.stated[draft.key] = digest_of(draft)
        case _:
            pass


def _stands(named: Named, known: Known) -> bool:
    """Whether something of that name is there, whatever a line wants to make of it."""
    sheet, code = named
    if named in known.broken or named in known.waiting:
        return False
    if sheet in _KEYED:
        return code in (known.actions if sheet == "actions" else known.deliverables)
    return code in known.guide.codes[sheet]


def _named(line: LineRead, known: Known) -> Named | None:
    column = _NAMING.get(line.sheet)
    written = line.cells.get(column, "") if column else ""
    if not written:
        return None
    return line.sheet, _key(written, known) if line.sheet in _KEYED else written


def _key(written: str, known: Known) -> str:
    return written if ":" in written else f"{known.plan.plan}:{written}"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"
