"""A browser on the pages: one Chromium and one server for all tests of this folder."""

import asyncio
import os
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Literal

import httpx
import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Browser, Page, async_playwright

from shared_kit.testing.processes import ServiceProcess, free_port
from tests.support.page_data import PLAN
from tests.support.pages import an_app

OFFICE = {"authorization": "Bearer demo-planning-office"}

Scheme = Literal["light", "dark"]
OpenPage = Callable[..., AbstractAsyncContextManager[Page]]


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """The pages over fakes, served in a thread of their own."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(an_app(), log_level="critical", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(
        target=lambda: asyncio.run(server.serve(sockets=[listening])), daemon=True
    )
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=10)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: Path) -> AsyncIterator[Browser]:
    """Started once: starting costs more than most of what is asked of it."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox"] if os.geteuid() == 0 else []
        )
        yield browser
        await browser.close()


@pytest.fixture
def open_page(browser: Browser, address: str) -> OpenPage:
    """`async with open_page("/", width=360, scheme="dark", user="director:SGO") as page`."""

    @asynccontextmanager
    async def open_(
        path: str,
        *,
        width: int = 1280,
        scheme: Scheme = "light",
        user: str | None = None,
        scripts: bool = True,
    ) -> AsyncIterator[Page]:
        context = await browser.new_context(
            base_url=address,
            viewport={"width": width, "height": 800},
            color_scheme=scheme,
            java_script_enabled=scripts,
        )
        if user:
            await context.add_cookies([{"name": "wcoplan_demo", "value": user, "url": address}])
        page = await context.new_page()
        await page.goto(path)
        try:
            yield page
        finally:
            await context.close()

    return open_


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The demonstration as `wcoplan up` serves it, for all tests of this folder."""
    home, port = tmp_path_factory.mktemp("product"), free_port()
    process = ServiceProcess(
        name="all",
        command=[
            *(sys.executable, "-m", "wcoplan.main", "up", "--small"),
            *("--port", str(port), "--home", str(home / "var")),
        ],
        environment={},
        log=home / "log",
    )
    process.start()
    try:
        base = f"http://127.0.0.1:{port}"
        process.wait_ready(f"{base}/readyz", within=timedelta(seconds=90))
        _wait_for_the_alert(base)
        yield base
    finally:
        if process.is_running():
            process.terminate()


def _wait_for_the_alert(base: str) -> None:
    """The demonstration is whole once its alert is raised: that comes last."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        if httpx.get(f"{base}/api/v1/alerts?plan={PLAN}", headers=OFFICE).json()["items"]:
            return
        time.sleep(0.1)
    pytest.fail("the demonstration raised no alert")
