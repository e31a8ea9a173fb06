"""The two forms: taken from our own pages only, answered by a page that says what happened."""

import re
from collections.abc import Callable

import httpx
import pytest

from tests.support.pages import FakeFigures

OpenPages = Callable[..., httpx.AsyncClient]

ALERT = "0190a1c2-0000-7000-8000-000000000001"
ACK = f"/alerts/{ALERT}/ack"
OWN = {"origin": "http://pages.test", "sec-fetch-site": "same-origin"}


async def token_of(pages: httpx.AsyncClient, path: str = "/") -> str:
    html = (await pages.get(path)).text
    found = re.search(r'name="csrf" value="([^"]{43})"', html)
    assert found
    return found[1]


async def test_acknowledges_in_the_reader_s_name_and_says_so(
    open_pages: OpenPages, figures: FakeFigures
) -> None:
    async with open_pages(user="director:SGO") as pages:
        form = {"csrf": await token_of(pages), "comment": " In print.\r\n ", "back": "/?lang=fr"}
        answer = await pages.post(ACK, data=form, headers=OWN)
        after = await pages.get(answer.headers["location"])

    assert answer.status_code == 303
    assert answer.headers["location"] == "/?lang=fr&notice=acknowledged"
    assert figures.acknowledged == [(ALERT, "In print.", "Bearer demo-director:SGO")]
    assert "L’alerte est prise en compte" in after.text


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://elsewhere.test"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site", "origin": "http://pages.test"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
    ],
)
async def test_refuses_a_form_of_another_site(
    open_pages: OpenPages, figures: FakeFigures, headers: dict[str, str]
) -> None:
    async with open_pages(user="director:SGO") as pages:
        form = {"csrf": await token_of(pages)}
        answer = await pages.post(ACK, data=form, headers=headers)

    assert answer.status_code == 403
    assert "This is not yours to do" in answer.text
    assert not figures.acknowledged


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "é" * 43])
async def test_refuses_a_form_without_this_browser_s_token(
    open_pages: OpenPages, figures: FakeFigures, token: str
) -> None:
    async with open_pages(user="director:SGO") as pages:
        await token_of(pages)
        answer = await pages.post(ACK, data={"csrf": token}, headers=OWN)

    assert answer.status_code == 403
    assert not figures.acknowledged


async def test_refuses_a_token_without_its_cookie(
    open_pages: OpenPages, figures: FakeFigures
) -> None:
    async with open_pages(user="director:SGO") as pages:
        token = await token_of(pages)
        pages.cookies.delete("wcoplan_csrf")
        answer = await pages.post(ACK, data={"csrf": token}, headers=OWN)

    assert answer.status_code == 403
    assert not figures.acknowledged


@pytest.mark.parametrize(("user", "status"), [("member", 403), ("auditor", 403)])
async def test_lets_nobody_acknowledge_who_does_not_write_for_a_unit(
    open_pages: OpenPages, figures: FakeFigures, user: str, status: int
) -> None:
    async with open_pages(user=user) as pages:
        answer = await pages.post(ACK, data={"csrf": await token_of(pages)}, headers=OWN)

    assert answer.status_code == status
    assert not figures.acknowledged


@pytest.mark.parametrize(
    ("refuses", "down", "notice"),
    [
        (403, False, "not-allowed"),
        (404, False, "gone"),
        (409, False, "gone"),
        (422, False, "refused"),
        (None, True, "unavailable"),
    ],
)
async def test_says_why_an_alert_was_not_acknowledged(
    open_pages: OpenPages, refuses: int | None, down: bool, notice: str
) -> None:
    told = FakeFigures(refuses=refuses, down=down)

    async with open_pages(user="director:SGO", told=told) as pages:
        form = {"csrf": await token_of(pages), "back": "/priorities"}
        answer = await pages.post(ACK, data=form, headers=OWN)
        after = await pages.get(answer.headers["location"])

    assert answer.headers["location"] == f"/priorities?notice={notice}"
    assert 'role="status"' in after.text


@pytest.mark.parametrize(
    "back",
    [
        "//evil.test/",
        "https://evil.test/",
        "/\\evil.test",
        "javascript:alert(1)",
        "evil",
        "",
        "/%0d%0aset-cookie:x",
        "/ x",
        "/\nx",
    ],
)
async def test_never_leads_to_another_site(open_pages: OpenPages, back: str) -> None:
    async with open_pages(user="director:SGO") as pages:
        form = {"csrf": await token_of(pages), "back": back}
        answer = await pages.post(ACK, data=form, headers=OWN)

    assert answer.status_code == 303
    location = answer.headers["location"]
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))
    assert "\n" not in location


async def test_switches_the_demonstration_s_user_and_back(open_pages: OpenPages) -> None:
    async with open_pages() as pages:
        form = {"csrf": await token_of(pages), "user": "director:CB", "back": "/"}
        switched = await pages.post("/demo/user", data=form, headers=OWN)
        pages.cookies.set("wcoplan_demo", "director:CB")
        page = await pages.get("/")
        form["user"] = "member"
        back = await pages.post("/demo/user", data=form, headers=OWN)

    cookie = switched.headers["set-cookie"].lower()
    assert "wcoplan_demo=" in cookie
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert '<option value="director:CB" selected>' in page.text
    assert "wcoplan_demo=member" in back.headers["set-cookie"]


async def test_shows_a_newcomer_what_the_planning_office_can_do(
    open_pages: OpenPages, figures: FakeFigures
) -> None:
    async with open_pages() as pages:
        page = await pages.get("/")
        nobody = await pages.post(ACK, data={"csrf": "x"}, headers={"cookie": "", **OWN})

    assert "<textarea" in page.text
    assert "wcoplan_demo=planning-office" in str(page.headers.get_list("set-cookie"))
    assert nobody.status_code in (401, 403)
    assert not figures.acknowledged


@pytest.mark.parametrize("user", ["king", "director:<x>", "x" * 300])
async def test_refuses_a_user_that_the_demonstration_does_not_have(
    open_pages: OpenPages, user: str
) -> None:
    async with open_pages() as pages:
        form = {"csrf": await token_of(pages), "user": user}
        answer = await pages.post("/demo/user", data=form, headers=OWN)

    assert answer.status_code in (401, 422)


async def test_reads_as_the_public_with_a_sign_in_that_means_nothing_any_more(
    open_pages: OpenPages, figures: FakeFigures
) -> None:
    async with open_pages(user="king") as pages:
        answer = await pages.get("/")

    assert answer.status_code == 200
    assert figures.authorization is None
    assert '<option value="member" selected>' in answer.text


async def test_forgets_a_token_that_means_nothing_any_more(open_pages: OpenPages) -> None:
    async with open_pages() as pages:
        answer = await pages.get("/", headers={"authorization": "Bearer demo-king"})

    assert answer.status_code == 401
    assert "Please sign in again" in answer.text


async def test_offers_the_form_to_those_alone_who_may_use_it(open_pages: OpenPages) -> None:
    offered = {}
    for user in ("member", "director:SGO", "director:CB", "planning-office"):
        async with open_pages(user=user) as pages:
            offered[user] = "<textarea" in (await pages.get("/")).text

    assert offered == {
        "member": False,
        "director:SGO": True,
        "director:CB": False,
        "planning-office": True,
    }
