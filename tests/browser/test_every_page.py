"""Every page of the product over the starter data: a new page is tested by itself.

English in light on a wide page and French in dark on a phone's, each then in the other colours:
loaded twice, looked at in all four ways. All in one test, so that one application serves it.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Locator, Page, expect

from tests.support.page_data import PLAN
from tests.support.site_map import addresses, page_routes

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(400),
    pytest.mark.asyncio(loop_scope="session"),
]

HEAVIEST = 150_000
PHONE, DESK = 360, 1280
VARIED = (
    f"/indicators/{PLAN}:SP7.1",
    f"/indicators/{PLAN}:LD3.1",
    f"/indicators/{PLAN}:SP1.2",
    f"/indicators/{PLAN}:ORG2.1?period={PLAN.removeprefix('wco-')}",
    "/?period=FY2020",
    "/deliverables?state=overdue",
    "/no-such-page",
)
RIVERS = Path(__file__).parents[2] / "docs" / "examples" / "rivers-2019-2022.json"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
IN_FULL = {"runOnly": TAGS, "resultTypes": ["violations"]}
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FAULTS = """async options => (await axe.run(document, options)).violations.map(
  one => `${one.id}: ${one.help}: ${one.nodes[0].html.slice(0, 200)}`)"""
OFFICE = {"authorization": "Bearer demo-planning-office"}


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a page, and how it was looked at."""

    page: str
    seen: str
    what: str


@dataclass(slots=True)
class Round:
    """One browser page that goes from page to page and notes what it finds."""

    page: Page
    findings: list[Finding] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    async def look(self, address: str, *, lang: str, scheme: Literal["light", "dark"]) -> None:
        width = DESK if lang == "en" else PHONE
        await self.page.set_viewport_size({"width": width, "height": 800})
        await self.page.emulate_media(color_scheme=scheme)
        self.complaints.clear()
        await self.page.goto(f"{address}{'&' if '?' in address else '?'}lang={lang}")
        await self.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        await self.page.evaluate(Axe().axe_script)
        seen = f"{lang}, {scheme}, {width} px"
        self._note(address, seen, *await self._weighed())
        self._note(address, seen, *await self._faults(IN_FULL))
        other: Literal["light", "dark"] = "dark" if scheme == "light" else "light"
        await self.page.emulate_media(color_scheme=other)
        self._note(address, f"{lang}, {other}", *await self._faults(COLOURS))
        await self.page.set_viewport_size({"width": PHONE, "height": 800})
        wide = await self.page.evaluate("document.documentElement.scrollWidth")
        if wide > PHONE:
            self._note(address, lang, f"{wide} px wide on a phone of {PHONE}")
        expected = "404" if address == "/no-such-page" else "\0"
        self._note(address, lang, *(text for text in self.complaints if expected not in text))

    async def _faults(self, options: dict[str, Any]) -> list[str]:
        found: list[str] = await self.page.evaluate(_FAULTS, options)
        return found

    async def _weighed(self) -> list[str]:
        sent = await self.page.evaluate(
            "['navigation', 'resource'].flatMap(kind => performance.getEntriesByType(kind))"
            ".reduce((sum, entry) => sum + entry.encodedBodySize, 0)"
        )
        return [f"{sent} bytes"] if sent > HEAVIEST else []

    def _note(self, address: str, seen: str, *what: str) -> None:
        self.findings += [Finding(address, seen, one) for one in what]


@asynccontextmanager
async def a_page(browser: Browser, base: str, *, scripts: bool = True) -> AsyncIterator[Page]:
    context = await browser.new_context(base_url=base, java_script_enabled=scripts)
    try:
        yield await context.new_page()
    finally:
        await context.close()


async def test_no_page_has_a_fault_in_either_language_light_or_dark(
    browser: Browser, product: str
) -> None:
    routes = page_routes()
    async with httpx.AsyncClient(base_url=product, headers=OFFICE, timeout=30) as client:
        template = await client.get("/api/v1/imports/template.xlsx")
        sent = await client.post(
            "/api/v1/imports", content=template.content, headers={"content-type": XLSX}
        )
        assert sent.status_code < 300, sent.text
        await _send_a_plan_file(client)
        found = await addresses(client, routes)

    assert [route.path for route in routes if route.path not in found] == [], "no link leads there"
    async with a_page(browser, product) as page:
        walk = Round(page)
        page.on("console", lambda one: walk.complaints.append(one.text))
        page.on("pageerror", lambda error: walk.complaints.append(str(error)))
        for address in (*found.values(), *VARIED):
            await walk.look(address, lang="en", scheme="light")
            await walk.look(address, lang="fr", scheme="dark")

    assert walk.findings == []


async def _send_a_plan_file(client: httpx.AsyncClient) -> None:
    """The page of a plan file is there once one was sent."""
    page = await client.get("/plan-files", headers={"accept": "text/html"})
    token = re.search(r'name="csrf" value="([^"]{43})"', page.text)
    assert token is not None
    sent = await client.post(
        "/plan-files",
        data={"csrf": token[1]},
        files={"file": ("rivers.json", RIVERS.read_bytes(), "application/json")},
        headers={"sec-fetch-site": "same-origin"},
    )
    assert sent.status_code == 303, sent.text


async def test_the_keyboard_is_enough_and_no_script_is_needed(
    browser: Browser, product: str
) -> None:
    async with a_page(browser, product, scripts=False) as page:
        await page.goto("/")
        await _tab_to(page, page.get_by_role("link", name=re.compile("^Release")).first)
        await page.keyboard.press("Enter")
        await _tab_to(page, page.get_by_label("published"))
        await page.keyboard.press("Space")
        await _tab_to(page, page.get_by_role("button", name="Release the Deliverable"))
        await page.keyboard.press("Enter")
        said = page.get_by_role("status")
        await expect(said).to_contain_text(re.compile(r"Released\. SG \d+ → \d+ of 61"))
        before, after = re.findall(r"\d+", await said.inner_text())[:2]
        assert int(after) == int(before) + 1

        await page.goto("/")
        await _tab_to(page, page.get_by_text("Acknowledge", exact=True))
        await page.keyboard.press("Enter")
        await _tab_to(page, page.get_by_label("What is being done?"))
        await page.keyboard.type("It goes to the printer this week.")
        await _tab_to(page, page.get_by_role("button", name="Acknowledge the alert"))
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("status")).to_contain_text("The alert is acknowledged")


async def _tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until the thing has the focus, as somebody without a mouse does."""
    for _ in range(150):
        await page.keyboard.press("Tab")
        if await wanted.evaluate("one => one === document.activeElement"):
            return
    pytest.fail(f"the keyboard does not reach {wanted}")
