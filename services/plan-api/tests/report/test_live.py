"""Which pages follow the stream, and from when on."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape
from importlib.resources import files
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.support.page_data import PLAN

OpenPages = Callable[..., httpx.AsyncClient]


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/", {"plan": [PLAN]}),
        (f"/indicators/{PLAN}:SG", {"plan": [PLAN], "indicator": [f"{PLAN}:SG"]}),
        (f"/objectives/{PLAN}:SP7", {"plan": [PLAN]}),
        ("/start", None),
        ("/no-such-page", None),
    ],
)
async def test_a_page_follows_what_it_shows_from_when_it_was_asked_for(
    open_pages: OpenPages, path: str, asked: dict[str, list[str]] | None
) -> None:
    before = datetime.now(UTC)
    async with open_pages() as pages:
        html = (await pages.get(path)).text

    found = re.search(r'data-stream="([^"]+)"', html)
    assert ("/static/live.js?v=" in html) == (asked is not None) == (found is not None)
    if found is not None:
        stream = urlsplit(unescape(found[1]))
        query = parse_qs(stream.query)
        [since] = query.pop("since")
        assert stream.path == "/api/v1/stream"
        assert query == asked
        assert before <= datetime.fromisoformat(since) <= datetime.now(UTC)


async def test_the_script_is_small_and_kept_by_browsers(open_pages: OpenPages) -> None:
    async with open_pages() as pages:
        html = (await pages.get("/")).text
        [address] = re.findall(r'src="(/static/[^"]+)"', html)
        answer = await pages.get(address)

    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.content == files("plan_api.report").joinpath("static", "live.js").read_bytes()
    assert len(answer.content) < 5 * 1024
