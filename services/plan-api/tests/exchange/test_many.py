"""Thousands of lines: some statements for each part of a file, and the same file twice is once."""

import time
from typing import Any

import pytest
from sqlalchemy import event

from tests.support.books import REQUEST, a_book, many

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def work(api: Any) -> None:
    while await api.app.state.importer.step():
        pass


async def read(api: Any, content: bytes) -> str:
    sent = await api.client.post(
        "/api/v1/imports",
        content=content,
        params={"plan": "wco-2019-2022"},
        headers={"content-type": XLSX},
    )
    await work(api)
    path: str = sent.headers["location"]
    found = (await api.client.get(path)).json()
    assert found["can_be_applied"], found["mistakes"]
    return path


async def apply(api: Any, path: str) -> Any:
    await api.client.post(f"{path}/apply")
    await work(api)
    done = (await api.client.get(path)).json()
    assert done["state"] == "applied", done["mistakes"]
    return done


@pytest.mark.slow
async def test_a_thousand_lines_take_a_hundred_statements_and_count_once(api: Any) -> None:
    requests = [{**REQUEST, "Request": f"R-{number}"} for number in range(200)]
    sheets = many(1000)
    content = a_book({**sheets, "Facts": [*sheets["Facts"], *requests]})
    path = await read(api, content)
    statements: list[str] = []
    engine = api.app.state.runtime.sessions.kw["bind"].sync_engine
    event.listen(
        engine, "before_cursor_execute", lambda *told: statements.append(told[2].split()[0])
    )

    await apply(api, path)

    # Progress and the plan's figures take most of them; one a line would be 1,200 and more.
    assert len(statements) < 250, statements
    assert len(await api.sent("released")) == 500
    assert len(await api.sent("requested")) == 200
    before = await api.rows("SELECT count(*) FROM outbox")
    again = await apply(api, await read(api, content))
    assert [(one["new"], one["known"]) for one in again["sheets"]] == [(0, 500), (0, 700)]
    assert await api.rows("SELECT count(*) FROM outbox") == before


@pytest.mark.bench
@pytest.mark.timeout(300)
async def test_ten_thousand_lines_are_read_and_applied_in_seconds(api: Any) -> None:
    content = a_book(many(10_000))
    for name in ("new", "the same again"):
        begun = time.perf_counter()
        path = await read(api, content)
        preview = time.perf_counter() - begun
        begun = time.perf_counter()
        await apply(api, path)
        print(f"\n{name}: checked {preview:.1f} s, applied {time.perf_counter() - begun:.1f} s")
