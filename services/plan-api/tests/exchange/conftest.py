"""A browser without scripts, in front of a plan-api on a real database."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.support.form_browser import FormBrowser


@pytest.fixture
async def browser(api: Any) -> AsyncIterator[FormBrowser]:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=api.app),
        base_url="http://plan-api",
        headers={"accept": "text/html"},
        cookies={"wcoplan_demo": "planning-office"},
    ) as client:
        yield FormBrowser(client=client)
