"""Saving: what somebody else changed in between is noticed, not overwritten."""

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from plan_api.core.errors import ChangedMeanwhileError
from plan_api.directory.repository import Directory, Kind
from plan_api.implementation.repository import Actions, Deliverables
from shared_kit.delivery.transaction import transaction

PLAN = "wco-2019-2022"


async def test_a_deliverable_that_changed_since_it_was_read_is_not_saved(api: Any) -> None:
    await api.a_deliverable()
    key = f"{PLAN}:D-900-1"
    runtime = api.app.state.runtime
    async with runtime.sessions() as session:
        deliverables = Deliverables(session)
        read = await deliverables.get(key)
        assert read is not None
        other = await api.post(f"/deliverables/{key}/reschedule", {"due": "2020-05-31"}, etag='"1"')
        assert other.status_code == 200
        cancelled = read.cancel(on=date(2020, 2, 3), today=date(2020, 2, 3))
        with pytest.raises(ChangedMeanwhileError):
            await deliverables.save(cancelled)

    assert (await api.get(f"/deliverables/{key}")).json()["new_due"] == "2020-05-31"


async def test_a_directory_entry_that_changed_since_it_was_read_is_not_saved(api: Any) -> None:
    runtime = api.app.state.runtime
    async with runtime.sessions() as session:
        directory = Directory(session)
        read = await directory.get(Kind.MEMBER, "XA")
        assert read is not None
        other = await api.put(
            "/members/XA", {"title": "Examplia again", "region": "EUROPE"}, etag='"1"'
        )
        assert other.status_code == 200
        with pytest.raises(ChangedMeanwhileError):
            await directory.save(replace(read, content={**read.content, "title": "X"}))


async def test_nobody_plans_into_an_action_that_is_being_completed(api: Any) -> None:
    await api.an_action()
    runtime = api.app.state.runtime
    async with transaction(runtime.sessions, runtime.tables, clock=runtime.business) as tx:
        assert await Actions(tx.session).get(f"{PLAN}:A-900", lock=True) is not None
        planning = asyncio.create_task(api.a_deliverable(action=f"{PLAN}:A-900"))
        done, _ = await asyncio.wait({planning}, timeout=0.5)
        assert not done

    assert (await planning).status_code == 201
