"""Lists of Deliverables and Actions: each filter, and each order over pages, there and back."""

from typing import Any

import pytest

PLAN = "wco-2019-2022"

# Code, and what differs: ties in date and title, dates that are missing.
DELIVERABLES: list[tuple[str, dict[str, object]]] = [
    ("D-1", {"title": "Guide", "due": "2020-03-31"}),
    ("D-2", {"title": "Guide", "due": "2019-11-30", "action": f"{PLAN}:A-1"}),
    ("D-3", {"title": "Atlas of 100 % risk_profiles", "due": None}),
    ("D-4", {"title": "Étude", "title_fr": "Étude du RISQUE", "due": "2020-03-31"}),
    (
        "D-5",
        {
            "title": "guide",
            "due": None,
            "instrument": "data-model",
            "kind": "research",
        },
    ),
    (
        "D-6",
        {
            "title": "Guide",
            "due": "2019-09-30",
            "action": f"{PLAN}:A-2",
            "kind": "research",
        },
    ),
    ("D-7", {"title": "Atlas of 100 x riskXprofiles", "due": "2020-01-15"}),
]
ACTIONS: list[tuple[str, dict[str, object]]] = [
    ("A-1", {"title": "Transit", "end": "2020-03-31"}),
    ("A-2", {"title": "Transit", "end": "2020-06-30", "title_fr": "Le transit à l'échelle"}),
    ("A-3", {"title": "Analyse", "end": None}),
    ("A-4", {"title": "Transit", "end": "2020-03-31"}),
    ("A-5", {"title": "Zones", "end": "2019-07-31"}),
]


@pytest.fixture
async def full(api: Any) -> Any:
    for code, fields in ACTIONS:
        given = fields if fields["end"] else {**fields, "date_certainty": "not-given"}
        answer = await api.an_action(code, **given)
        assert answer.status_code == 201, answer.text
    for code, fields in DELIVERABLES:
        given = fields if fields["due"] else {**fields, "date_certainty": "not-given"}
        answer = await api.a_deliverable(code, **given)
        assert answer.status_code == 201, answer.text
    return api


def codes(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [
        one.get("key", one.get("deliverable")).partition(":")[2] for one in answer.json()["items"]
    ]


async def walked(api: Any, path: str, **params: str) -> list[str]:
    """All pages of two by the links, and the same backwards."""
    answer = await api.get(path, limit="2", **params)
    there = [codes(answer)]
    while "next" in answer.links:
        answer = await api.client.get(answer.links["next"]["url"])
        there.append(codes(answer))
    back = [codes(answer)]
    while "prev" in answer.links:
        answer = await api.client.get(answer.links["prev"]["url"])
        back.append(codes(answer))
    assert back == there[::-1]
    return [code for page in there for code in page]


async def test_every_order_gives_each_once_over_pages(full: Any) -> None:
    by_due = ["D-6", "D-2", "D-7", "D-1", "D-4", "D-3", "D-5"]
    last_first = ["D-1", "D-4", "D-7", "D-2", "D-6", "D-3", "D-5"]
    by_title = ["D-3", "D-7", "D-1", "D-2", "D-6", "D-5", "D-4"]

    assert await walked(full, "/deliverables") == [code for code, _ in DELIVERABLES]
    assert await walked(full, "/deliverables", sort="key") == [code for code, _ in DELIVERABLES]
    assert await walked(full, "/deliverables", sort="due") == by_due
    assert await walked(full, "/deliverables", sort="-due") == last_first
    titles = await walked(full, "/deliverables", sort="title")
    assert sorted(titles) == [code for code, _ in DELIVERABLES]
    assert [code for code in titles if code in ("D-1", "D-2", "D-6")] == ["D-1", "D-2", "D-6"]
    assert titles == by_title, "by code point in a database of ours"

    assert await walked(full, "/actions") == [code for code, _ in ACTIONS]
    assert await walked(full, "/actions", sort="due") == ["A-5", "A-1", "A-4", "A-2", "A-3"]
    assert await walked(full, "/actions", sort="-due") == ["A-2", "A-1", "A-4", "A-5", "A-3"]
    assert await walked(full, "/actions", sort="title") == ["A-3", "A-1", "A-2", "A-4", "A-5"]


async def test_every_filter_narrows_and_joins_with_an_order(full: Any) -> None:
    package = (await full.get("/instruments/data-model")).json()["packages"][0]
    for params, wanted in [
        ({"kind": "research"}, ["D-5", "D-6"]),
        ({"package": package}, ["D-5"]),
        ({"package": "NONE"}, []),
        ({"due_from": "2020-01-15"}, ["D-1", "D-4", "D-7"]),
        ({"due_to": "2020-01-15"}, ["D-2", "D-6", "D-7"]),
        ({"due_from": "2019-11-30", "due_to": "2020-01-15"}, ["D-2", "D-7"]),
        ({"due_from": "2020-01-16", "due_to": "2020-01-15"}, []),
        ({"q": "GUIDE"}, ["D-1", "D-2", "D-5", "D-6"]),
        ({"q": "étu"}, ["D-4"]),
        ({"q": "du risque"}, ["D-4"]),
        ({"q": "100 %"}, ["D-3"]),
        ({"q": "risk_p"}, ["D-3"]),
        ({"q": "/"}, []),
        ({"q": "\\"}, []),
        (
            {
                "q": "guide",
                "kind": "research",
                "due_to": "2020-01-01",
                "sort": "-due",
            },
            ["D-6"],
        ),
    ]:
        assert codes(await full.get("/deliverables", **params)) == wanted, params
    assert await walked(full, "/deliverables", sort="due", q="guide") == [
        "D-6",
        "D-2",
        "D-1",
        "D-5",
    ]
    for params, wanted in [
        ({"kind": "research"}, ["A-2"]),
        ({"kind": "instrument"}, ["A-1"]),
        ({"package": package}, []),
        ({"due_from": "2020-03-31"}, ["A-1", "A-2", "A-4"]),
        ({"due_to": "2020-03-31"}, ["A-1", "A-4", "A-5"]),
        ({"q": "TRANSIT", "sort": "-due"}, ["A-2", "A-1", "A-4"]),
        ({"q": "À l'É"}, ["A-2"]),
        ({"q": "%"}, []),
    ]:
        assert codes(await full.get("/actions", **params)) == wanted, params


async def test_due_is_the_new_date_once_it_is_approved(full: Any) -> None:
    path = f"/deliverables/{PLAN}:D-2"
    await full.post(f"{path}/reschedule", {"due": "2020-05-31"}, etag='"1"')
    before = codes(await full.get("/deliverables", sort="-due"))
    await full.post(f"{path}/approve", etag='"2"')
    after = codes(await full.get("/deliverables", sort="-due", due_from="2020-03-31"))

    assert before[0] == "D-1"
    assert after == ["D-2", "D-1", "D-4"]


async def test_a_cursor_belongs_to_its_order_and_nonsense_is_refused(full: Any) -> None:
    cursor = (await full.get("/deliverables", limit="2", sort="due")).json()["next"]

    other = await full.get("/deliverables", limit="2", sort="-due", cursor=cursor)
    assert other.status_code == 400
    twice = await full.client.get("/api/v1/deliverables?limit=2&sort=due&sort=title")
    swapped = await full.client.get(
        f"/api/v1/deliverables?sort=title&sort=due&cursor={twice.json()['next']}"
    )
    assert swapped.status_code == 400
    for params in ({"sort": "-title"}, {"due_from": "soon"}, {"q": ""}, {"q": "a\nb"}):
        assert (await full.get("/deliverables", **params)).status_code == 422
        assert (await full.get("/actions", **params)).status_code == 422
