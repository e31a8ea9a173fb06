"""Names under which the demonstration answers, and those under which it does not."""

import httpx
import pytest
from starlette.responses import PlainTextResponse

from wcoplan.hosts import KnownHosts


async def status(host: str, *names: str) -> httpx.Response:
    app = KnownHosts(PlainTextResponse("served"), names=names)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        return await client.get("/", headers={"host": host, "accept-language": "fr"})


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:8000", "127.0.0.1", "127.0.0.1:8000", "[::1]", "[::1]:8000"],
)
async def test_answers_under_names_of_this_machine(host: str) -> None:
    assert (await status(host)).text == "served"


@pytest.mark.parametrize(
    "host",
    ["", "evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost.", "::1"],
)
async def test_refuses_other_names(host: str) -> None:
    answer = await status(host)

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert "WCOPLAN_HOSTS" in answer.json()["detail"]


async def test_further_names_can_be_given() -> None:
    answer = await status("plan.example:8000", "", " Plan.Example ")

    assert answer.text == "served"
