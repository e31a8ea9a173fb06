"""Units, Members and instruments over HTTP."""

import asyncio
from typing import Any

import pytest

UNIT = {
    "code": "DATA",
    "title": {"en": "Data office", "fr": "Bureau des données", "ours": True},
    "parent": "SGO",
    "language": "fr",
}
MEMBER = {"code": "XB", "title": "Borduria", "region": "EUROPE", "fictional": True}
INSTRUMENT = {"code": "guide", "title": "Guide", "packages": ["CEP"], "uses_it": True}


@pytest.mark.parametrize(
    ("path", "body", "name"),
    [
        ("/units", UNIT, "unit.registered"),
        ("/members", MEMBER, "member.registered"),
        ("/instruments", INSTRUMENT, "instrument.registered"),
    ],
)
async def test_registers_once_and_says_so(
    api: Any, path: str, body: dict[str, Any], name: str
) -> None:
    before = len(await api.sent(name))
    answer = await api.post(path, body)
    again = await api.post(path, body)
    other = await api.post(
        path,
        body
        | {"title": f"{MEMBER['title']}!" if path != "/units" else {"en": "Other", "fr": "Autre"}},
    )

    assert (answer.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert answer.headers["location"] == f"/api/v1{path}/{body['code']}"
    read = await api.get(f"{path}/{body['code']}")
    assert read.json() == answer.json() == again.json()
    assert read.headers["etag"] == '"1"'
    sent = (await api.sent(name))[before:]
    assert [(one.topic, one.event.subject, one.said.revision) for one in sent] == [
        ("plan", body["code"], 1)
    ]
    same = await api.client.get(f"/api/v1{path}/{body['code']}", headers={"if-none-match": '"1"'})
    assert same.status_code == 304


async def test_changes_with_the_version_it_read(api: Any) -> None:
    await api.post("/members", MEMBER)
    wanted = {"title": "Kingdom of Borduria", "region": "EUROPE", "accession": "1990-01-01"}

    changed = await api.put("/members/XB", wanted, etag='"1"')
    stale = await api.put("/members/XB", wanted | {"title": "X"}, etag='"1"')
    without = await api.client.put("/api/v1/members/XB", json=wanted)
    same = await api.put("/members/XB", wanted, etag='"2"')

    assert (changed.status_code, stale.status_code, without.status_code) == (200, 412, 428)
    assert (changed.headers["etag"], same.headers["etag"]) == ('"2"', '"2"')
    sent = [one for one in await api.sent("member.registered") if one.key == "XB"]
    assert [one.said.revision for one in sent] == [1, 2]
    assert str(sent[1].said.accession) == "1990-01-01"
    assert sent[1].said.fictional is False


async def test_of_many_changes_at_once_one_wins(api: Any) -> None:
    await api.post("/members", MEMBER)
    answers = await asyncio.gather(
        *(
            api.put("/members/XB", {"title": f"B{n}", "region": "EUROPE"}, etag='"1"')
            for n in range(6)
        )
    )

    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 5


async def test_filters_and_pages(api: Any) -> None:
    for number in range(5):
        await api.post("/instruments", INSTRUMENT | {"code": f"zz-{number}", "packages": ["QQ"]})

    first = (await api.get("/instruments", package="QQ", limit="3")).json()
    rest = (await api.get("/instruments", package="QQ", limit="3", cursor=first["next"])).json()
    none = (await api.get("/instruments", package="QQ", data_analysis="true")).json()

    assert [one["code"] for one in first["items"]] == ["zz-0", "zz-1", "zz-2"]
    assert [one["code"] for one in rest["items"]] == ["zz-3", "zz-4"]
    assert rest["next"] is None
    assert none["items"] == []
    wrong = await api.get("/instruments", package="CEP", cursor=first["next"])
    assert wrong.status_code == 400
    units = (await api.get("/units", parent="SGO")).json()["items"]
    assert units
    assert {one["parent"] for one in units} == {"SGO"}


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("/units", UNIT | {"parent": "NOBODY"}, "/body/parent"),
        ("/units", UNIT | {"parent": "DATA"}, "/body/parent"),
        ("/units", UNIT | {"title": {"en": "only"}}, "/body/title/fr"),
        ("/members", MEMBER | {"code": "a b"}, "/body/code"),
        ("/members", MEMBER | {"accession": "1990-02-30"}, "/body/accession"),
        ("/members", MEMBER | {"extra": 1}, "/body/extra"),
        ("/instruments", INSTRUMENT | {"packages": ["A\x00"]}, "/body/packages/0"),
    ],
)
async def test_names_the_field_that_is_wrong(
    api: Any, path: str, body: dict[str, Any], pointer: str
) -> None:
    answer = await api.post(path, body)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize("role", ["member", "editor:CF", "director:CF", "auditor"])
async def test_the_directory_is_the_planning_offices(api: Any, role: str) -> None:
    answer = await api.post("/members", MEMBER, authorization=f"Bearer demo-{role}")

    assert answer.status_code == 403


async def test_what_is_not_there_is_404(api: Any) -> None:
    assert (await api.get("/members/NOBODY")).status_code == 404
    assert (
        await api.put("/members/NOBODY", {"title": "x", "region": "y"}, etag="*")
    ).status_code == 404
