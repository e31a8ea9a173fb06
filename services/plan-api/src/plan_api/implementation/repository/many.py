"""Writes many Actions and Deliverables with one statement, for what comes in by the thousand."""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from plan_api.core.errors import ChangedMeanwhileError
from plan_api.core.history import keep
from plan_api.implementation.model import Action, Deliverable
from plan_api.implementation.repository.rows import action_values, deliverable_values
from plan_api.implementation.tables import ActionRow, DeliverableRow

_SAVE: Final = """
    UPDATE deliverable AS d
    SET state = u.state, stage = u.stage, released_on = u.released_on, body = u.body,
        evidence = u.evidence, share = u.share, reached_on = u.reached_on,
        fact_source = u.fact_source, fact_id = u.fact_id, version = d.version + 1
    FROM unnest(CAST(:keys AS text[]), CAST(:versions AS integer[]), CAST(:states AS text[]),
                CAST(:stages AS text[]), CAST(:released AS date[]), CAST(:bodies AS text[]),
                CAST(:evidences AS text[]), CAST(:shares AS numeric[]), CAST(:reached AS date[]),
                CAST(:sources AS text[]), CAST(:ids AS text[]))
         AS u(key, version, state, stage, released_on, body, evidence, share, reached_on,
              fact_source, fact_id)
    WHERE d.key = u.key AND d.version = u.version
    RETURNING d.key
"""


async def lock_actions(session: AsyncSession, keys: Collection[str]) -> None:
    """Lock some Actions: nobody completes one while Deliverables come to it."""
    if keys:
        await session.execute(
            select(ActionRow.key)
            .where(ActionRow.key.in_(sorted(keys)))
            .order_by(ActionRow.key)
            .with_for_update()
        )


async def add_actions(session: AsyncSession, actions: Sequence[Action]) -> None:
    """Insert planned Actions.

    Raises:
        ChangedMeanwhileError: somebody else has just taken a key.
    """
    if not actions:
        return
    kept = await session.scalars(
        insert(ActionRow).on_conflict_do_nothing().returning(ActionRow.key),
        [action_values(one) for one in actions],
    )
    _require_all((one.key for one in actions), set(kept))
    await keep(session, "action", [one.key for one in actions])


async def add_deliverables(
    session: AsyncSession, deliverables: Sequence[tuple[Deliverable, bytes]]
) -> None:
    """Insert planned Deliverables, each with the digest of what planned it.

    Raises:
        ChangedMeanwhileError: somebody else has just taken a key.
    """
    if not deliverables:
        return
    kept = await session.scalars(
        insert(DeliverableRow).on_conflict_do_nothing().returning(DeliverableRow.key),
        [deliverable_values(one, stated=stated) for one, stated in deliverables],
    )
    _require_all((one.key for one, _ in deliverables), set(kept))
    await keep(session, "deliverable", [one.key for one, _ in deliverables])


async def save_deliverables(session: AsyncSession, changed: Sequence[Deliverable]) -> None:
    """Write what releases and levels change, each at the version that it was read at.

    Raises:
        ChangedMeanwhileError: somebody else has just changed one.
    """
    if not changed:
        return
    kept = await session.scalars(
        text(_SAVE),
        {
            "keys": [one.key for one in changed],
            "versions": [one.version for one in changed],
            "states": [one.state.value for one in changed],
            "stages": [None if one.stage is None else one.stage.value for one in changed],
            "released": [one.released_on for one in changed],
            "bodies": [one.body for one in changed],
            "evidences": [one.evidence for one in changed],
            "shares": [one.share for one in changed],
            "reached": [one.reached_on for one in changed],
            "sources": [None if one.fact is None else one.fact.source for one in changed],
            "ids": [None if one.fact is None else one.fact.id for one in changed],
        },
    )
    _require_all((one.key for one in changed), set(kept))
    await keep(session, "deliverable", [one.key for one in changed])


def _require_all(wanted: Iterable[str], kept: set[str]) -> None:
    for key in wanted:
        if key not in kept:
            raise ChangedMeanwhileError(key)
