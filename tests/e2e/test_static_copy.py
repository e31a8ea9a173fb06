"""A copy of the pages is a folder that works anywhere: its links stay inside and lead somewhere."""

import asyncio
import os
import re
import sys
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import httpx
import pytest
from playwright.async_api import async_playwright

from tests.support.systems import System, one_process
from wcoplan import plan_files
from wcoplan.folder import LOADED_AT, SHOWN_AT
from wcoplan.static_copy import MARK, Address, CopyError, Lines, copy, rewritten, write

FILE = Path(__file__).parents[2] / "docs" / "examples" / "rivers-2019-2022.json"
PLAN = "rivers-2019-2022"
SAMPLE = 20
ADDRESSES = re.compile(r'\s(?:href|src|action)="([^"]*)"')


def tree(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


async def some_rivers(system: System) -> None:
    """A small plan with a Deliverable that is late and one that is released."""
    client = system.client
    for code in ("RIV", "LAB"):
        title = {"en": f"Unit {code}", "fr": f"Unité {code}"}
        await client.post("/api/v1/units", json={"code": code, "title": title})
    await plan_files.bring(client, FILE.read_bytes())
    for code, due in (("D-1", "2019-06-01"), ("D-2", "2019-11-01")):
        await client.post("/api/v1/deliverables", json={
            "deliverable": f"{PLAN}:{code}", "title": f"Clean-up <{code}> & more", "plan": PLAN,
            "period": "FY2019", "listed": True, "kind": "clean-up", "unit": "RIV",
            "objectives": [f"{PLAN}:CLEAN"], "due": due, "date_certainty": "stated",
        })  # fmt: skip
    await client.post(f"/api/v1/implementation-plans/{PLAN}/FY2019/adopt", json={})
    released = await client.post(
        f"/api/v1/deliverables/{PLAN}:D-1/release",
        json={"released_on": "2019-06-01", "stage": "done"},
        headers={"if-match": '"1"'},
    )
    assert released.status_code == 200, released.text
    await system.move_to(SHOWN_AT)


def every_link_leads_to_a_file_inside(folder: Path) -> int:
    count = 0
    for page in folder.rglob("*.html"):
        text = page.read_text("utf-8")
        assert "<form" not in text, page
        assert "csrf" not in text, page
        assert not re.search(r">(?:Imports|Importations)<|View as|Vous consultez", text), page
        assert "Use it for your own plan" not in text, page
        assert "127.0.0.1" not in text, page
        for address in map(unescape, ADDRESSES.findall(text)):
            if address.startswith("#"):
                continue
            assert not address.startswith("/"), f"{page}: {address}"
            assert "://" not in address, f"{page}: {address}"
            target = (page.parent / unquote(address.partition("#")[0])).resolve()
            assert target.is_file(), f"{page}: {address}"
            assert target.is_relative_to(folder.resolve())
            count += 1
    return count


async def opened_from_the_folder(folder: Path, chromium: Path) -> str:
    """Where some clicks lead in a browser that has the folder alone."""
    failed: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox"] if os.geteuid() == 0 else []
        )
        page = await browser.new_page()
        page.on("requestfailed", lambda request: failed.append(request.url))
        await page.goto((folder / "index.html").as_uri())
        colour = await page.evaluate("getComputedStyle(document.querySelector('.banner')).display")
        assert colour == "flex", "the style is there"
        await page.get_by_role("link", name="Français").click()
        await page.get_by_role("link", name="Livrables", exact=True).click()
        await page.get_by_role("link", name="Clean-up <D-1> & more").click()
        heading = await page.locator("h1").inner_text()
        await browser.close()
    assert failed == []
    return heading


def test_progress_that_is_kept_is_a_line_every_some_seconds() -> None:
    moments = iter([0.0, 1.0, 4.9, 5.0, 6.0, 9.9, 10.1])
    lines = Lines(clock=lambda: next(moments))

    assert [lines.is_time() for _ in range(6)] == [False, False, True, False, False, True]


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.timeout(300)
async def test_the_pages_become_a_folder_that_needs_no_server(
    tmp_path: Path, chromium: Path
) -> None:
    async with one_process(
        home=tmp_path / "home", start_at=LOADED_AT, choice="--no-plan"
    ) as system:
        await some_rivers(system)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "wcoplan.main", "export", "--html", str(tmp_path / "a copy")),
            *("--url", str(system.client.base_url)),
            stderr=asyncio.subprocess.PIPE,
        )
        _, said = await process.communicate()
        assert process.returncode == 0, said.decode()
        # As the command asks: without a token.
        async with httpx.AsyncClient(base_url=system.client.base_url, timeout=60) as client:
            again = await copy(client, most=SAMPLE)

    folder = tmp_path / "a copy"
    files = tree(folder)
    del files[MARK]
    assert len(again.files) == SAMPLE
    other = [place for place, content in again.files.items() if content != files[place]]
    assert other == [], "the same state gives the same copy"
    assert every_link_leads_to_a_file_inside(folder) > 1000
    for place, words in (
        ("index.html", ("A copy for reading", "2020, 08:00. Nothing can be entered")),
        ("fr/index.html", ("Copie pour lecture", "2020")),
        (f"indicators/{PLAN}~3aCLEAN.1_period_FY2019.html", ("1 of", "Clean-up &lt;D-2&gt;")),
    ):
        text = files[place].decode()
        for said_there in words:
            assert said_there in text, f"{place}: {said_there}"
    assert await opened_from_the_folder(folder, chromium) == "Clean-up <D-1> & more"


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_text("mine")

    with pytest.raises(CopyError, match="holds something else"):
        write_nothing(tmp_path)

    assert (tmp_path / "own.txt").read_text() == "mine"


def test_a_copy_is_made_anew_in_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    write_nothing(folder)
    (folder / "old.html").touch()

    write_nothing(folder)

    assert [path.name for path in folder.iterdir()] == [MARK]


def write_nothing(folder: Path) -> None:
    from wcoplan.static_copy import Copy

    write(Copy(), folder)


def test_a_form_is_a_sentence_and_a_link_to_what_is_not_there_is_its_words() -> None:
    html = (
        '<header class="masthead"></header><form class="switcher">x</form><a href="/docs">Data</a>'
        '<form method="post" action="/x">y</form><a href="/units?lang=fr#u">U</a>'
        '<a href="https://example.org/">Out</a>'
    )

    copied, named = rewritten(html, Address("en", "/units/CF"), known="3 February")

    assert "<form" not in copied
    assert "This can be done in the running system" in copied
    assert ">Data</a>" in copied
    assert "/docs" not in copied
    assert 'href="../fr/units.html#u"' in copied
    assert 'href="https://example.org/"' in copied
    assert named == [Address("fr", "/units")]


def test_no_two_addresses_have_one_place() -> None:
    addresses = [
        Address(language, path, query)
        for language in ("en", "fr")
        for path in ("/", "/a", "/a:b", "/a~3ab", "/a/b", "/a_b", "/index")
        for query in ("", "p=1", "p=1&q=2", "p=1_q", "p_1=q")
    ]

    places = {address.place for address in addresses}

    # "/" and "/index" alone may meet: there is no page of that name.
    assert len(places) == len(addresses) - 10
    assert all(re.fullmatch(r"[A-Za-z0-9._~/-]+", place) for place in places)
