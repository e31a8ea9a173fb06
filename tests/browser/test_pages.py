"""The pages in a real browser: nothing that axe finds, nothing that scrolls sideways."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from itertools import product

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, Response, expect

from tests.support.page_data import PLAN

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

OpenPage = Callable[..., AbstractAsyncContextManager[Page]]

ALERT = "0190a1c2-0000-7000-8000-000000000001"
PATHS = {
    "overview": "/",
    "indicator": f"/indicators/{PLAN}:SG",
    "observed": f"/indicators/{PLAN}:SP7.1",
    "not-judged": f"/indicators/{PLAN}:SP7.3",
    "objective": f"/objectives/{PLAN}:SP7",
    "priorities": "/priorities",
    "start": "/start",
    "alert": f"/alerts/{ALERT}",
    "error": "/no-such-page",
}
RULES = {
    "runOnly": [
        "wcag2a",
        "wcag2aa",
        "wcag21a",
        "wcag21aa",
        "wcag22aa",
        "best-practice",
    ]
}


@pytest.mark.parametrize("name", PATHS)
@pytest.mark.parametrize(("lang", "width", "scheme"), [("en", 1280, "light"), ("fr", 360, "dark")])
async def test_axe_finds_nothing(
    open_page: OpenPage, name: str, lang: str, scheme: str, width: int
) -> None:
    path = f"{PATHS[name]}?lang={lang}"
    async with open_page(path, scheme=scheme, width=width, user="director:SGO") as page:
        await page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")

        found = await Axe().run(page, options=RULES)

    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize(("name", "lang"), list(product(PATHS, ("en", "fr"))))
async def test_nothing_scrolls_sideways(open_page: OpenPage, name: str, lang: str) -> None:
    width = 320
    async with open_page(f"{PATHS[name]}?lang={lang}", width=width, user="director:SGO") as page:
        await page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")

        wide = await page.evaluate("document.documentElement.scrollWidth")

    assert wide <= width


@pytest.mark.parametrize("name", PATHS)
async def test_the_browser_has_nothing_to_complain_about(open_page: OpenPage, name: str) -> None:
    complaints: list[str] = []
    failed: list[Response] = []
    async with open_page("/priorities") as page:
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("response", lambda response: failed.append(response))
        await page.goto(PATHS[name])

    expected = 404 if name == "error" else 200
    assert [each.url for each in failed if each.status not in (200, expected)] == []
    assert [text for text in complaints if "404" not in text] == []


@pytest.mark.parametrize("lang", ["en", "fr"])
async def test_all_boxes_of_the_map_have_the_same_size(open_page: OpenPage, lang: str) -> None:
    async with open_page(f"/?lang={lang}") as page:
        sizes = await page.evaluate(
            "[...document.querySelectorAll('.objective')].map(box => {"
            "const at = box.getBoundingClientRect(); return [at.width, at.height]})"
        )

    assert len(sizes) == 17
    assert max(width for width, _ in sizes) - min(width for width, _ in sizes) < 2
    assert max(height for _, height in sizes) - min(height for _, height in sizes) < 48


@pytest.mark.parametrize("lang", ["en", "fr"])
async def test_no_link_of_the_map_passes_under_a_box(open_page: OpenPage, lang: str) -> None:
    async with open_page(f"/?lang={lang}") as page:
        crossing = await page.evaluate(
            """() => {
              const boxes = [...document.querySelectorAll('.objective')]
                .map(box => box.getBoundingClientRect());
              return [...document.querySelectorAll('.links line')]
                .map(line => line.getBoundingClientRect())
                .filter(line => boxes.some(box => line.left < box.right && line.right > box.left
                  && line.top < box.bottom && line.bottom > box.top)).length;
            }"""
        )

    assert crossing == 0


async def test_an_alert_is_acknowledged_by_keyboard_without_script(open_page: OpenPage) -> None:
    async with open_page("/", user="director:SGO", scripts=False) as page:
        await page.get_by_text("Acknowledge", exact=True).press("Enter")
        await page.get_by_label("What is being done?").fill("It goes to the printer this week.")
        await page.get_by_role("button", name="Acknowledge the alert").press("Enter")

        await expect(page.get_by_role("status")).to_contain_text("The alert is acknowledged")
        assert "notice=acknowledged" in page.url


async def test_the_first_stop_of_the_keyboard_skips_to_the_content(open_page: OpenPage) -> None:
    async with open_page("/") as page:
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        await page.keyboard.press("Enter")

        await expect(page.locator("main")).to_be_focused()


async def test_the_demonstration_s_user_is_switched(open_page: OpenPage) -> None:
    async with open_page("/?lang=fr") as page:
        await page.get_by_label("Vous consultez en tant que").select_option("planning-office")
        await page.get_by_role("button", name="Changer").click()

        await expect(page.get_by_role("status")).to_contain_text("Bureau de la planification")
        await expect(page.get_by_label("Vous consultez en tant que")).to_have_value(
            "planning-office"
        )


async def test_prints_on_paper_without_navigation(open_page: OpenPage) -> None:
    async with open_page("/", user="director:SGO") as page:
        await page.emulate_media(media="print")

        await expect(page.locator("nav").first).to_be_hidden()
        await expect(page.locator("form").first).to_be_hidden()
        paper = await page.pdf(format="A4", prefer_css_page_size=True)

    pages = paper.count(b"/Type /Page\n") + paper.count(b"/Type /Page ")
    assert paper.startswith(b"%PDF")
    assert pages <= 6
