"""A reader of the pages: a client to them, over fakes that a test can change first."""

from collections.abc import Callable

import httpx
import pytest

from tests.support.pages import FakeBook, FakeFigures, an_app, realistic_figures

OpenPages = Callable[..., httpx.AsyncClient]


@pytest.fixture
def figures() -> FakeFigures:
    return realistic_figures()


@pytest.fixture
def open_pages(figures: FakeFigures) -> OpenPages:
    """`async with open_pages(user="director:SGO") as pages`: asks for pages as a browser does."""

    def open_(
        *, user: str | None = None, book: FakeBook | None = None, told: FakeFigures | None = None
    ) -> httpx.AsyncClient:
        app = an_app(book=book, figures=told or figures)
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app),
            base_url="http://pages.test",
            headers={"accept": "text/html"},
            cookies={"wcoplan_demo": user} if user else None,
        )

    return open_
