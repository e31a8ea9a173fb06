"""The page that takes a fact back: what it said in words, and what that moves."""

import re
from html import unescape
from typing import Any

from plan_api.report.model.fact import WholeFact

PLAN = "wco-2019-2022"
REQUEST = {
    "member": "XA",
    "request": "REQ-1",
    "topics": ["CEP", "people"],
    "received_on": "2019-09-12",
    "evidence": "19NL0311",
}


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


async def the_page(api: Any, browser: Any) -> str:
    """Report a request, and follow the link that takes it back."""
    await browser.sent("/record/request", "request", **REQUEST)
    html = await browser.get("/record")
    [link] = re.findall(r'href="(/corrections\?[^"]+)"', html)
    return unescape(link)


async def test_says_what_the_fact_said_and_what_taking_it_back_moves(
    api: Any, browsing: Any, figures: Any
) -> None:
    browser = browsing()
    link = await the_page(api, browser)
    figures.whole_fact = WholeFact(
        data={**REQUEST, "synthetic": True, "unheard-of": 1, "on": None},
        counts_in=(f"{PLAN}:SP7.3", f"{PLAN}:SP8"),
    )

    english = words(await browser.get(link))
    french = words(await browser.get(f"{link}&lang=fr"))

    assert "What it says Which request REQ-1" in english
    assert "On what CEP, people" in english
    assert "Received on 12 September 2019" in english
    assert "Document 19NL0311" in english
    assert "unheard-of" not in english
    assert "What taking it back moves SP7.3" in english
    assert english.index("SP8") < english.index("Why?")
    assert "Reçu le 12 septembre 2019" in french


async def test_without_the_engine_it_can_still_be_taken_back(
    api: Any, browsing: Any, figures: Any
) -> None:
    browser = browsing()
    link = await the_page(api, browser)
    figures.whole_fact = None

    html = await browser.get(link)

    assert "What it says" not in html
    assert "Take it back" in html


async def test_a_fact_that_counts_nowhere_says_so(api: Any, browsing: Any, figures: Any) -> None:
    browser = browsing()
    link = await the_page(api, browser)
    figures.whole_fact = WholeFact(data=REQUEST)

    assert "No indicator counts it." in await browser.get(link)
