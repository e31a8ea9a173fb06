"""A browser's client to the pages of a whole plan-api, over figures that a test can change."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import httpx
import pytest

from plan_api.report.api import desk_of
from plan_api.report.model import Result, Scorecard
from tests.support.page_data import a_scorecard
from tests.support.pages import FakeFigures

OWN = {"origin": "http://plan-api", "sec-fetch-site": "same-origin"}


@dataclass
class Judging(FakeFigures):
    """Figures that change after so many looks, as when the engine has judged again."""

    after: Scorecard | None = None
    looks: int = 0

    async def scorecard(self, *, plan: str, period: str) -> Scorecard:
        self.looks += 1
        found = await super().scorecard(plan=plan, period=period)
        return self.after if self.after is not None and self.looks > 1 else found


def plus_one(card: Scorecard, *codes: str) -> Scorecard:
    """The same scorecard with one more in the numerators of some indicators."""

    def changed(result: Result) -> Result:
        code = result.key.partition(":")[2]
        if code not in codes:
            return result
        return replace(result, numerator=(result.numerator or Decimal(0)) + 1)

    return replace(card, items=tuple(changed(one) for one in card.items))


@dataclass
class Browser:
    """Asks for pages as a browser does, and sends the forms that it finds on them."""

    client: httpx.AsyncClient
    csrf: str = ""

    async def get(self, path: str, *, status: int = 200) -> str:
        answer = await self.client.get(path)
        assert answer.status_code == status, answer.text[:3000]
        found = re.search(r'name="csrf" value="([^"]{43})"', answer.text)
        self.csrf = found[1] if found else self.csrf
        return answer.text

    async def send(self, page: str, name: str, **typed: Any) -> httpx.Response:
        """Fill in the form of that name on a page, and send it."""
        html = await self.get(page)
        form = re.search(rf'<form class="ask" id="{name}".*?</form>', html, re.S)
        assert form, f"no form {name} on {page}"
        action = re.search(r'action="([^"]+)"', form[0])
        assert action
        hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form[0]))
        return await self.client.post(action[1], data=hidden | typed, headers=OWN)

    async def sent(self, page: str, name: str, **typed: Any) -> str:
        """Send a form and follow to the page that says what came of it."""
        answer = await self.send(page, name, **typed)
        assert answer.status_code == 303, answer.text[:5000]
        return await self.get(answer.headers["location"])


Browsing = Callable[..., Browser]


@pytest.fixture
def figures() -> Judging:
    return Judging(card=a_scorecard())


@pytest.fixture
async def browsing(api: Any, figures: Judging) -> Any:
    """`browsing(user="director:CF")`: a browser of the demonstration."""
    runtime = api.app.state.runtime
    api.app.state.report = replace(desk_of(runtime), figures=figures.seen_by)
    made: list[httpx.AsyncClient] = []

    def browse(user: str = "planning-office") -> Browser:
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=api.app),
            base_url="http://plan-api",
            headers={"accept": "text/html"},
            cookies={"wcoplan_demo": user},
        )
        made.append(client)
        return Browser(client=client)

    yield browse
    for client in made:
        await client.aclose()


@pytest.fixture
def one_more() -> Callable[..., Scorecard]:
    return plus_one
