"""What can be done with the directory: register, change, look up, load the starter entries."""

import json
from collections.abc import Container, Mapping
from importlib.resources import files
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from plan_api.core.errors import InvalidFieldError, KeyTakenError, NotFoundError
from plan_api.directory.repository import Content, Directory, Entry, Kind
from shared_kit.delivery.transaction import Transaction
from shared_kit.events.plans import InstrumentRegistered, MemberRegistered, UnitRegistered

_EVENTS: Mapping[
    Kind, type[UnitRegistered] | type[MemberRegistered] | type[InstrumentRegistered]
] = {
    Kind.UNIT: UnitRegistered,
    Kind.MEMBER: MemberRegistered,
    Kind.INSTRUMENT: InstrumentRegistered,
}
_FILE_KEYS: Mapping[str, Kind] = {
    "units": Kind.UNIT,
    "members": Kind.MEMBER,
    "instruments": Kind.INSTRUMENT,
}


class Precondition(Protocol):
    """What a change demands of the version that it changes."""

    def check(self, version: int, /) -> None: ...


class EntryNotFoundError(NotFoundError):
    """The directory has no such entry."""


class OwnParentError(InvalidFieldError):
    """A unit lies below itself."""


async def register(
    tx: Transaction, *, actor: str, kind: Kind, code: str, content: Content
) -> tuple[Entry, bool]:
    """Enter something new; safe to repeat. Says whether it is new.

    Raises:
        KeyTakenError: the code stands for something else.
        InvalidFieldError: the parent unit does not exist.
    """
    entry = _made(kind, code=code, content=content, revision=1)
    directory = Directory(tx.session)
    await _check_parent(directory, entry)
    if not await directory.add(entry):
        known = await get(tx.session, kind=kind, code=code)
        if known.content != entry.content:
            raise KeyTakenError(code)
        return known, False
    _announce(tx, actor=actor, action=f"{kind}.register", entry=entry)
    return entry, True


async def change(
    tx: Transaction,
    *,
    actor: str,
    kind: Kind,
    code: str,
    content: Content,
    precondition: Precondition,
) -> Entry:
    """Replace the fields of an entry. The same fields again change nothing.

    Raises:
        EntryNotFoundError
        ChangedMeanwhileError
    """
    directory = Directory(tx.session)
    known = await directory.get(kind, code)
    if known is None:
        raise _not_found(kind, code)
    precondition.check(known.revision)
    wanted = _made(kind, code=code, content=content, revision=known.revision)
    if wanted.content == known.content:
        return known
    await _check_parent(directory, wanted)
    saved = await directory.save(wanted)
    _announce(tx, actor=actor, action=f"{kind}.change", entry=saved)
    return saved


async def get(session: AsyncSession, *, kind: Kind, code: str) -> Entry:
    """Find an entry.

    Raises:
        EntryNotFoundError
    """
    entry = await Directory(session).get(kind, code)
    if entry is None:
        raise _not_found(kind, code)
    return entry


async def load_starter(tx: Transaction) -> int:
    """Enter what the package's directory file holds and is not there yet; return how many.

    An entry that exists stays: it may have been changed since.
    """
    source = files("plan_api.directory").joinpath("data", "directory.json")
    data: dict[str, list[dict[str, Any]]] = json.loads(source.read_text("utf-8"))
    directory = Directory(tx.session)
    count = 0
    for name, kind in _FILE_KEYS.items():
        for item in data.get(name, []):
            entry = _made(kind, code=item["code"], content=item, revision=1)
            if await directory.add(entry):
                _announce(tx, actor="plan-api", action=f"{kind}.load", entry=entry)
                count += 1
    return count


def content_of(kind: Kind, *, code: str, content: Content) -> Content:
    """What is kept of the fields of an entry."""
    return _made(kind, code=code, content=content, revision=1).content


def check_parent(entry: Content, *, code: str, known: Container[str]) -> None:
    """Let a unit through whose parent is another unit that exists.

    Raises:
        InvalidFieldError
    """
    parent = entry.get("parent")
    if parent is None:
        return
    if parent == code:
        raise OwnParentError(
            "parent", "a unit does not lie below itself", "une unité n’est pas sa propre parente"
        )
    if parent not in known:
        raise InvalidFieldError(
            "parent", "this unit is not in the directory", _UNKNOWN_FR[Kind.UNIT]
        )


def _made(kind: Kind, *, code: str, content: Content, revision: int) -> Entry:
    """An entry whose content is exactly what its event can say."""
    said = {**content, "code": code, "revision": revision}
    event = _EVENTS[kind].model_validate_json(json.dumps(said))
    kept = event.model_dump(mode="json", exclude={"code", "revision"}, exclude_none=True)
    return Entry(kind=kind, code=code, revision=revision, content=kept)


def _announce(tx: Transaction, *, actor: str, action: str, entry: Entry) -> None:
    said = {**entry.content, "code": entry.code, "revision": entry.revision}
    tx.audit.add(actor=actor, action=action, key=entry.code, detail=said)
    tx.outbox.add(_EVENTS[entry.kind].model_validate_json(json.dumps(said)))


async def _check_parent(directory: Directory, entry: Entry) -> None:
    parent = entry.content.get("parent")
    known = await directory.known(Kind.UNIT, () if parent is None else [parent])
    check_parent(entry.content, code=entry.code, known=known)


_UNKNOWN_FR: Mapping[Kind, str] = {
    Kind.UNIT: "cette unité n’est pas dans le répertoire",
    Kind.MEMBER: "ce Membre n’est pas dans le répertoire",
    Kind.INSTRUMENT: "cet instrument n’est pas dans le répertoire",
}


def _not_found(kind: Kind, code: str) -> EntryNotFoundError:
    return EntryNotFoundError(
        f"the directory has no {kind} {code}", f"le répertoire n’a pas d’entrée {code}"
    )
