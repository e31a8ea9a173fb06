"""The pages of imports: without a script, with what was typed kept, and to be left meanwhile."""

from typing import Any

import httpx
import pytest

from tests.support.books import ACTION, DELIVERABLE, WHOLE, a_book
from tests.support.form_browser import OWN, FormBrowser

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def upload(browser: FormBrowser, content: bytes, name: str = "plan.xlsx") -> httpx.Response:
    return await browser.upload("/imports", content, name=name, kind=XLSX)


async def work(api: Any) -> None:
    while await api.app.state.importer.step():
        pass


async def test_a_file_is_sent_checked_and_applied_with_forms_alone(
    api: Any, browser: FormBrowser
) -> None:
    sent = await upload(browser, a_book(WHOLE))
    assert sent.status_code == 303
    path = sent.headers["location"]

    waiting = await browser.get(path)
    await work(api)
    read = await browser.get(path)
    asked = await browser.send(f"{path}/apply")
    applying = await browser.get(path)
    await work(api)
    done = await browser.get(path)

    assert 'http-equiv="refresh"' in waiting
    assert "being read" in waiting
    assert 'http-equiv="refresh"' not in read
    assert "Apply 7 lines" in read
    assert asked.status_code == 303
    assert "<progress" in applying
    assert "0 of 7" in applying
    assert "7 lines are in" in done
    assert 'http-equiv="refresh"' not in done
    assert len(await api.sent("released")) == 1
    assert "plan.xlsx" in await browser.get("/imports")


async def test_mistakes_stand_by_their_cells_in_both_languages(
    api: Any, browser: FormBrowser
) -> None:
    line = {**ACTION, "Lead unit": "<b>XX</b>"}
    sent = await upload(browser, a_book({"Actions": [line]}))
    await work(api)

    english = await browser.get(sent.headers["location"])
    french = await browser.get(f"{sent.headers['location']}?lang=fr")

    assert "is not among the units of the directory. Choose from" in english
    assert "&lt;b&gt;XX&lt;/b&gt;" in english
    assert ">D2</th>" in english
    assert "ne figure pas parmi les unités du répertoire. Choisissez parmi" in french
    assert "/apply" not in english


async def test_what_hangs_on_a_mistake_is_one_quiet_line(api: Any, browser: FormBrowser) -> None:
    lines = [{**DELIVERABLE, "Code": f"D-{number}"} for number in range(3)]
    book = a_book({"Actions": [{**ACTION, "Lead unit": "XX"}], "Deliverables": lines})
    sent = await upload(browser, book)
    await work(api)

    english = await browser.get(sent.headers["location"])
    french = await browser.get(f"{sent.headers['location']}?lang=fr")

    assert "1 mistake: mend it in the file" in english
    assert "3 lines wait for the Action A-017: line 2 of the sheet Actions" in english
    assert "3 lignes attendent l’action A-017" in french


async def test_a_preview_foretells_an_estimate_that_nothing_listed_serves(
    api: Any, browser: FormBrowser
) -> None:
    workshop = {**DELIVERABLE, "Kind": "workshop", "Action": None}
    estimate = {"Indicator": "SP6.2", "Period": "FY2019", "Estimate": 2}
    book = a_book({"Deliverables": [workshop], "Estimates": [estimate]})
    sent = await upload(browser, book)
    await work(api)

    english = await browser.get(sent.headers["location"])
    french = await browser.get(f"{sent.headers['location']}?lang=fr")

    assert "SP6.2: the estimate for FY2019/20 says 2, and no listed Deliverable counts" in english
    assert "One field is missing in: D-017-2 Guide on risk profiles" in english
    assert "Apply 2 lines" in english
    assert "aucun livrable inscrit ne compte" in french
    read = await api.client.get(f"/api/v1{sent.headers['location']}")
    assert [one["near"] for one in read.json()["shortfalls"]] == [["D-017-2"]]


async def test_a_form_without_a_file_says_what_to_choose(browser: FormBrowser) -> None:
    answer = await upload(browser, b"", name="")

    assert answer.status_code == 422
    assert "Choose a file that ends in .xlsx" in answer.text
    assert 'aria-invalid="true"' in answer.text


async def test_a_form_of_another_site_or_without_a_token_is_refused(browser: FormBrowser) -> None:
    await browser.get("/imports")
    file = {"file": ("plan.xlsx", a_book(WHOLE), XLSX)}
    for data, headers in (({}, OWN), ({"csrf": browser.token}, {"origin": "https://evil.example"})):
        answer = await browser.client.post("/imports", data=data, files=file, headers=headers)
        assert answer.status_code == 403


async def test_a_member_reads_the_page_and_is_offered_no_form(
    api: Any, browser: FormBrowser
) -> None:
    sent = await upload(browser, a_book(WHOLE))
    browser.client.cookies.set("wcoplan_demo", "member")

    page = await browser.get("/imports")

    assert 'type="file"' not in page
    assert "plan.xlsx" not in page
    await browser.get(sent.headers["location"], status=403)
    assert api.app is not None


async def test_a_page_full_of_mistakes_stays_small(api: Any, browser: FormBrowser) -> None:
    lines = [{**ACTION, "Code": f"A-{number}", "Lead unit": "X" * 60} for number in range(2000)]
    sent = await upload(browser, a_book({"Actions": lines}))
    await work(api)

    page = await browser.get(f"{sent.headers['location']}?lang=fr")

    assert len(page.encode()) < 150_000
    assert "2\u202f000 erreurs" in page


async def test_what_a_name_holds_is_shown_and_not_run(api: Any, browser: FormBrowser) -> None:
    sent = await upload(browser, a_book(WHOLE), name="../../<script>alert(1)</script>.xlsx")
    await work(api)

    page = await browser.get(sent.headers["location"])

    assert "<script" not in page
    assert "script&gt;.xlsx" in page


@pytest.mark.parametrize("path", ["/imports/7", "/imports/00000000-0000-0000-0000-000000000000"])
async def test_an_import_that_is_not_there_is_a_page_that_says_so(
    browser: FormBrowser, path: str
) -> None:
    await browser.get(path, status=422 if path.endswith("7") else 404)


async def test_a_newcomer_without_a_cookie_opens_the_address_of_an_import(
    api: Any, browser: FormBrowser
) -> None:
    path = (await upload(browser, a_book(WHOLE))).headers["location"]
    await work(api)
    browser.client.cookies.clear()

    assert "plan.xlsx" in await browser.get(path)
