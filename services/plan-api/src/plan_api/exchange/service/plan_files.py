"""Use cases of plan files sent from a page: keep, look through, enter missing units, bring in.

Nothing of what was found is stored. A file is looked through anew whenever it is shown, so a unit
that was entered meanwhile is no longer missing, wherever it was entered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from plan_api.core.errors import NotFoundError, RefusedError
from plan_api.directory import service as directory
from plan_api.directory.repository import Kind
from plan_api.directory.schemas import UnitUpdate
from plan_api.exchange.model.plan_files import Fault, KeptFile
from plan_api.exchange.repository import PlanFiles
from plan_api.plans import service as plans
from plan_api.plans.schemas.files import plan_file_in
from plan_api.plans.service import Standing
from shared_kit.delivery.transaction import Transaction
from shared_kit.events.definitions import PlanSnapshot
from shared_kit.identity import Caller
from shared_kit.web.language import Bilingual
from shared_kit.web.messages import field_errors
from shared_kit.web.problems import FieldError, ProblemError

LARGEST: Final = 1024 * 1024
"""Bytes; as many as `POST /api/v1/plans` takes."""


class PlanFileNotFoundError(NotFoundError):
    """No plan file of that id was sent."""

    def __init__(self) -> None:
        super().__init__("no such plan file was sent", "ce fichier de plan n’a pas été envoyé")


class NotBringableError(RefusedError):
    """The file has faults, or the directory lacks units that it names."""

    def __init__(self) -> None:
        super().__init__(
            "the plan file cannot be brought in yet: its page says what is missing",
            "le fichier de plan ne peut pas encore être importé : sa page dit ce qui manque",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A plan file as it stands now. Without faults it has a plan and says what it is to ours."""

    kept: KeptFile
    faults: Sequence[Fault] = ()
    plan: PlanSnapshot | None = None
    standing: Standing | None = None

    @property
    def can_be_brought(self) -> bool:
        found = self.standing
        return (
            not self.faults
            and found is not None
            and not (found.missing or found.is_here or found.is_taken)
        )


def keep(tx: Transaction, *, caller: Caller, now: datetime, name: str, content: bytes) -> KeptFile:
    """Keep a file as it came."""
    one = KeptFile(id=uuid7(), name=name, created_at=now)
    PlanFiles(tx.session).add(one, content=content)
    tx.audit.add(actor=caller.subject, action="plan-file.receive", key=str(one.id), detail={})
    return one


async def look(session: AsyncSession, *, file_id: UUID) -> Looked:
    """Look a file through, and what it would be to the plans and units that are here.

    Raises:
        PlanFileNotFoundError
    """
    found = await PlanFiles(session).get(file_id)
    if found is None:
        raise PlanFileNotFoundError
    kept, content = found
    try:
        snapshot = plan_file_in(content)
    except ProblemError as error:
        return Looked(kept=kept, faults=_faults_of(error))
    standing = await plans.standing_of(session, snapshot=snapshot)
    return Looked(
        kept=kept,
        faults=_faults_against(snapshot, standing),
        plan=snapshot,
        standing=standing,
    )


async def bring(tx: Transaction, *, caller: Caller, now: datetime, file_id: UUID) -> PlanSnapshot:
    """Publish what the file holds; what is here already is left alone.

    Raises:
        PlanFileNotFoundError, NotBringableError
    """
    looked = await look(tx.session, file_id=file_id)
    here = looked.standing is not None and looked.standing.is_here
    if looked.plan is None or not (looked.can_be_brought or here):
        raise NotBringableError
    await plans.import_plan(tx, caller=caller, now=now, snapshot=looked.plan)
    return looked.plan


async def enter_units(
    tx: Transaction, *, caller: Caller, titles: Mapping[str, Mapping[str, str]]
) -> Mapping[str, Mapping[str, Bilingual]]:
    """Enter units that a plan names, by code; all of them or, with faults, none.

    Returns what is wrong, by code and field (`en`, `fr`); nothing where they are entered. A title
    without French gets its English.
    """
    wrong: dict[str, dict[str, Bilingual]] = {}
    bodies: dict[str, Mapping[str, Any]] = {}
    for code, title in titles.items():
        said = {"en": title["en"], "fr": title["fr"] or title["en"]}
        try:
            unit = UnitUpdate.model_validate({"title": said})
        except ValidationError as error:
            found = field_errors(error.errors(include_url=False, include_input=False))
            wrong[code] = {one.pointer.rpartition("/")[2]: one.message for one in found}
        else:
            bodies[code] = unit.model_dump(mode="json", exclude_none=True)
    if not wrong:
        for code, content in bodies.items():
            await directory.register(
                tx, actor=caller.subject, kind=Kind.UNIT, code=code, content=content
            )
    return wrong


def _faults_of(error: ProblemError) -> Sequence[Fault]:
    if error.errors:
        return [_fault(one) for one in error.errors]
    said = error.detail or error.problem.title
    return [Fault(pointer="", en=said.en, fr=said.fr)]


def _fault(error: FieldError) -> Fault:
    said = error.message
    return Fault(pointer=error.pointer.removeprefix("/body"), en=said.en, fr=said.fr)


def _faults_against(snapshot: PlanSnapshot, standing: Standing) -> Sequence[Fault]:
    before = standing.latest
    if before is None or standing.is_here:
        return ()
    if standing.is_taken:
        error = plans.PlanFileChangedError(
            snapshot.plan, version=snapshot.version, latest=before.version
        )
        return [Fault(pointer="/version", en=error.en, fr=error.fr)]
    if standing.too_early:
        return [
            Fault(
                pointer="/effective_on",
                en=f"a day not before {before.effective_on}, when version {before.version} "
                "takes effect, is expected",
                fr=f"un jour non antérieur au {before.effective_on}, entrée en vigueur de la "
                f"version {before.version}, est attendu",
            )
        ]
    return ()
