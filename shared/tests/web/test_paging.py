"""Pages: each row once, in both directions; a cursor works only where it was given out."""

import base64
import string

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import column, select, table
from sqlalchemy.dialects import postgresql

from shared_kit.web.app import Api
from shared_kit.web.paging import Cursors, Paging
from shared_kit.web.problems import ProblemError

CURSORS = Cursors(b"k" * 32)


def paging(*, limit: int, cursor: str | None) -> Paging:
    backward, after = CURSORS.read(scope="list", cursor=cursor) if cursor else (False, None)
    return Paging(limit=limit, after=after, backward=backward, scope="list", cursors=CURSORS)


@given(
    rows=st.sets(st.tuples(st.integers(0, 5), st.text(max_size=3)), max_size=40).map(sorted),
    limit=st.integers(1, 9),
)
def test_walks_there_and_back(rows: list[tuple[int, str]], limit: int) -> None:
    there, back = [], []
    page = paging(limit=limit, cursor=None).page_of(rows, key=lambda row: row)
    assert page.prev is None
    there.append(page.items)
    while page.next:
        page = paging(limit=limit, cursor=page.next).page_of(rows, key=lambda row: row)
        there.append(page.items)
    back.append(page.items)
    while page.prev:
        page = paging(limit=limit, cursor=page.prev).page_of(rows, key=lambda row: row)
        back.append(page.items)

    assert [row for items in there for row in items] == rows
    assert [row for items in reversed(back) for row in items] == rows


async def test_walks_over_http(client: httpx.AsyncClient) -> None:
    seen, cursor = [], ""
    while True:
        answer = (await client.get(f"/api/v1/things?limit=200{cursor}")).json()
        seen += answer["items"]
        if answer["next"] is None:
            break
        cursor = f"&cursor={answer['next']}"

    assert seen == list(range(1000))


async def test_walks_by_link_there_and_back(client: httpx.AsyncClient) -> None:
    there, back, url = [], [], "/api/v1/things?stage=done&limit=200&other=a%26b+%C3%A9"
    while True:
        answer = await client.get(url)
        there.append(answer.json()["items"])
        assert ("next" in answer.links) == (answer.json()["next"] is not None)
        assert ("prev" in answer.links) == (answer.json()["prev"] is not None)
        if "next" not in answer.links:
            break
        url = answer.links["next"]["url"]
        asked = httpx.URL(url)
        assert asked.path == "/api/v1/things"
        assert dict(asked.params) == {
            "stage": "done",
            "limit": "200",
            "other": "a&b é",
            "cursor": answer.json()["next"],
        }
    while True:
        back.append(answer.json()["items"])
        if "prev" not in answer.links:
            break
        answer = await client.get(answer.links["prev"]["url"])

    assert [number for items in there for number in items] == list(range(1000))
    assert back == there[::-1]


async def test_no_link_where_there_is_no_other_page_or_it_is_too_long(
    client: httpx.AsyncClient,
) -> None:
    endless = await client.get("/api/v1/things", params={"other": "x" * 9000})
    thing = await client.get("/api/v1/things/one")

    assert endless.json()["next"]
    assert "link" not in endless.headers
    assert "link" not in thing.headers


def test_a_cursor_of_the_longest_title_is_taken_back() -> None:
    longest = ("\N{GRINNING FACE}" * 300, "k" * 160)

    cursor = CURSORS.write(scope="list", after=longest)

    assert len(cursor) <= 2000
    assert CURSORS.read(scope="list", cursor=cursor) == (False, longest)


def test_the_header_is_documented_on_lists_alone(api: Api) -> None:
    paths = api.openapi()["paths"]

    assert "Link" in paths["/api/v1/things"]["get"]["responses"]["200"]["headers"]
    assert "headers" not in paths["/api/v1/things/{key}"]["get"]["responses"]["200"]


async def test_every_change_to_a_cursor_is_refused(client: httpx.AsyncClient) -> None:
    cursor = (await client.get("/api/v1/things?limit=10")).json()["next"]
    alphabet = string.ascii_letters + string.digits + "-_"
    for place in range(len(cursor)):
        other = alphabet[(alphabet.index(cursor[place]) + 1) % 64]
        forged = cursor[:place] + other + cursor[place + 1 :]
        if base64.urlsafe_b64decode(forged + "==") == base64.urlsafe_b64decode(cursor + "=="):
            continue  # the last character has bits that stand for nothing
        answer = await client.get("/api/v1/things", params={"cursor": forged})
        assert answer.status_code == 400
        assert answer.json()["type"] == "/problems/bad-cursor"


@pytest.mark.parametrize("cursor", ["A", "=", "====", "a b", "é", "\ud7ff", "W10", "eyJhIjoxfQ"])
async def test_what_is_no_cursor_is_refused(client: httpx.AsyncClient, cursor: str) -> None:
    answer = await client.get("/api/v1/things", params={"cursor": cursor})

    assert answer.status_code == 400


async def test_a_cursor_belongs_to_its_filters(client: httpx.AsyncClient) -> None:
    cursor = (await client.get("/api/v1/things?stage=done")).json()["next"]

    same = await client.get("/api/v1/things", params={"cursor": cursor, "stage": "done"})
    shorter = await client.get(
        "/api/v1/things", params={"cursor": cursor, "stage": "done", "limit": 3, "lang": "fr"}
    )
    other = await client.get("/api/v1/things", params={"cursor": cursor, "stage": "drafted"})

    assert same.json()["items"][0] == shorter.json()["items"][0] == 50
    assert other.status_code == 400


def test_a_cursor_of_another_key_is_refused() -> None:
    cursor = Cursors(b"other").write(scope="list", after=(1,))

    with pytest.raises(ProblemError):
        CURSORS.read(scope="list", cursor=cursor)


def test_seeks_by_row_value_in_sql() -> None:
    rows = table("thing", column("day"), column("key"))
    forward = Paging(limit=3, after=(5, "k"), backward=False, scope="", cursors=CURSORS)
    backward = Paging(limit=3, after=(5, "k"), backward=True, scope="", cursors=CURSORS)

    def sql(page: Paging) -> str:
        statement = page.apply(select(rows), [rows.c.day, rows.c.key])
        dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
        compiled = statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
        return " ".join(str(compiled).split())

    assert sql(forward).endswith(
        "WHERE (thing.day, thing.key) > (5, 'k') ORDER BY thing.day ASC, thing.key ASC LIMIT 4"
    )
    assert sql(backward).endswith(
        "WHERE (thing.day, thing.key) < (5, 'k') ORDER BY thing.day DESC, thing.key DESC LIMIT 4"
    )
