"""An open page keeps up with what happens, and leaves alone who reads or types."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from tests.support.live import figure_of, release
from tests.support.page_data import PLAN

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
]

OFFICE = {"authorization": "Bearer demo-planning-office"}
JSON = "application/cloudevents+json"
_NUMBERS = count(1)
_IS_MARKED = "one => one.closest('td').getAnimations().length > 0"


@pytest.fixture
async def client(product: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=product, headers=OFFICE, timeout=30) as made:
        yield made


@asynccontextmanager
async def open_page(browser: Browser, base: str, path: str) -> AsyncIterator[Page]:
    """A page whose stream is open."""
    context = await browser.new_context(base_url=base, reduced_motion="reduce")
    page = await context.new_page()
    try:
        async with page.expect_response(re.compile("/api/v1/stream")):
            await page.goto(path)
        yield page
    finally:
        await context.close()


async def post(client: httpx.AsyncClient) -> None:
    """Post a fact that moves SG and SO1."""
    event = release(next(_NUMBERS))
    answer = await client.post("/api/v1/events", json=event, headers={"content-type": JSON})
    assert answer.status_code == 202, answer.text


async def an_open_deliverable(client: httpx.AsyncClient) -> str:
    answer = await client.get(f"/api/v1/deliverables?plan={PLAN}&state=planned")
    kinds = {item["deliverable"]: item["kind"] for item in answer.json()["items"]}
    key = next(key for key, kind in kinds.items() if kind == "instrument")
    return f"/deliverables/{key}"


async def release_it(client: httpx.AsyncClient, path: str, body: dict[str, str]) -> None:
    """Release a Deliverable through the API, while its page is open."""
    etag = (await client.get(f"/api/v1{path}")).headers["etag"]
    answer = await client.post(f"/api/v1{path}/release", json=body, headers={"if-match": etag})
    assert answer.status_code == 200, answer.text


async def test_a_figure_changes_and_what_is_unfolded_and_focused_stays(
    browser: Browser, product: str, client: httpx.AsyncClient
) -> None:
    before = await figure_of(client)
    async with open_page(browser, product, "/") as page:
        row = page.locator(f'tr:has(a[href*="{PLAN}:SG"])')
        await expect(row.locator("b")).to_contain_text(f"{before} of 61")
        await page.locator("details.links-said summary").click()
        await row.locator("a").evaluate("one => { one.focus(); window.mine = one; }")
        top = await row.evaluate("one => one.getBoundingClientRect().top")

        await post(client)
        await expect(row.locator("b")).to_contain_text(f"{before + 1} of 61")

        assert await row.locator("a").evaluate(
            "one => one === window.mine && one === document.activeElement"
        )
        assert abs(await row.evaluate("one => one.getBoundingClientRect().top") - top) < 2
        assert await page.locator("details.links-said").evaluate("one => one.open")
        assert await row.locator("td.numbers").evaluate(_IS_MARKED)
        other = page.locator(f'tr:has(a[href*="{PLAN}:LD1"]) td.numbers')
        assert not await other.evaluate(_IS_MARKED)
        await expect(page.locator("#live")).to_have_text(re.compile("^Updated: .*SG"))


async def test_what_is_typed_stays_while_the_page_around_it_changes(
    browser: Browser, product: str, client: httpx.AsyncClient
) -> None:
    path = await an_open_deliverable(client)
    async with open_page(browser, product, path) as page:
        await page.locator("section.do details summary").first.click()
        field = page.locator("section.do details[open] input[type=text]").first
        await field.press_sequentially("WCO/2020/1")
        await field.evaluate("one => { window.mine = one; one.setSelectionRange(3, 5); }")
        top = await field.evaluate("one => one.getBoundingClientRect().top")

        await release_it(client, path, {"released_on": "2020-02-03", "stage": "published"})
        await expect(page.locator("p.headline.state")).to_contain_text("released 3 Feb")

        assert await field.evaluate(
            "one => one === window.mine && one === document.activeElement"
            " && one.selectionStart === 3 && one.selectionEnd === 5"
        )
        await expect(field).to_have_value("WCO/2020/1")
        assert abs(await field.evaluate("one => one.getBoundingClientRect().top") - top) < 40


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (f"/indicators/{PLAN}:SG", "p.headline"),
        (f"/objectives/{PLAN}:SG", "td.numbers b"),
        ("/units/SGO", f'tr:has(a[href*="{PLAN}:SG"]) td.numbers b'),
    ],
)
async def test_each_of_several_facts_reaches_the_page(
    browser: Browser, product: str, client: httpx.AsyncClient, path: str, shown: str
) -> None:
    before = await figure_of(client)
    async with open_page(browser, product, path) as page:
        figure = page.locator(shown).first
        for more in range(1, 4):
            await post(client)
            await expect(figure).to_contain_text(f"{before + more} of 61")


async def test_a_page_that_was_away_catches_up(
    browser: Browser, product: str, client: httpx.AsyncClient
) -> None:
    before = await figure_of(client)
    async with open_page(browser, product, f"/indicators/{PLAN}:SG") as page:
        await page.context.set_offline(True)
        await post(client)
        await page.context.set_offline(False)
        await post(client)

        await expect(page.locator("p.headline")).to_contain_text(f"{before + 2} of 61")
