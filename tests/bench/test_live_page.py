"""From the POST of a fact to the figure on an open page, in Chromium, on both logs.

One clock, the browser's: the page posts the fact itself and waits until its headline shows the
next number. The limit beside it, measured in the same run and in turns, is what nobody can beat
who reloads by hand: the POST alone, and the same page read once when all has settled.
"""

import asyncio
import os
import statistics
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright

from tests.conftest import StartGateway, StartSystem
from tests.support.live import figure_of, release
from tests.support.page_data import PLAN
from tests.support.systems import System
from wcoplan import starter
from wcoplan.folder import SHOWN_AT

pytestmark = [pytest.mark.bench, pytest.mark.timeout(3600)]

POSTS = int(os.environ.get("WCOPLAN_BENCH_POSTS", "100"))
PAGE = f"/indicators/{PLAN}:SG"

_POST_AND_SEE = """async ({ event, wanted }) => {
  const shown = () => document.querySelector("p.headline").textContent.includes(wanted);
  const began = performance.now();
  const seen = new Promise((done) => {
    const look = () => shown() && done(performance.now() - began);
    new MutationObserver(look).observe(document.getElementById("main"),
      { subtree: true, childList: true, characterData: true });
  });
  const answer = await fetch("/api/v1/events", {
    method: "POST",
    headers: {
      "content-type": "application/cloudevents+json",
      authorization: "Bearer demo-planning-office",
    },
    body: JSON.stringify(event),
  });
  if (answer.status !== 202) throw new Error(await answer.text());
  const posted = performance.now() - began;
  return { posted, seen: await seen };
}"""
_READ = """async () => {
  const began = performance.now();
  const text = await (await fetch(location.href)).text();
  new DOMParser().parseFromString(text, "text/html");
  return performance.now() - began;
}"""


@pytest.mark.parametrize("kind", ["embedded", "kafka"])
async def test_the_time_from_a_posted_fact_to_the_figure_on_an_open_page(
    kind: str, start_system: StartSystem, start_gateway: StartGateway, chromium: Path
) -> None:
    async with AsyncExitStack() as stack:
        system: System = await stack.enter_async_context(start_system(kind))
        await starter.load(system.client)
        await system.move_to(SHOWN_AT)
        if kind == "kafka":
            backends = {name: f"127.0.0.1:{port}" for name, port in system.ports.items()}
            address = await asyncio.to_thread(start_gateway, backends)
        else:
            address = f"http://127.0.0.1:{system.ports['all']}"
        playwright = await stack.enter_async_context(async_playwright())
        browser = await playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox"] if os.geteuid() == 0 else []
        )
        stack.push_async_callback(browser.close)
        page = await browser.new_page(base_url=address)
        await page.goto(PAGE)
        await page.wait_for_timeout(1000)
        live, limit = await _measured(page, system)
    print(f"\n{kind}, {POSTS} posts: {_spread('figure shown', live)}, {_spread('limit', limit)}")
    ratios = [shown / least for shown, least in zip(live, limit, strict=True)]
    print(f"figure shown / limit: median {statistics.median(ratios):.2f}, load {os.getloadavg()}")


async def _measured(page: Page, system: System) -> tuple[list[float], list[float]]:
    live, limit = [], []
    before = await figure_of(system.client)
    for number in range(1, POSTS + 1):
        found = await page.evaluate(
            _POST_AND_SEE, {"event": release(number), "wanted": f"{before + number} of 61"}
        )
        await system.settle()
        read = await page.evaluate(_READ)
        live.append(found["seen"])
        limit.append(found["posted"] + read)
    assert await figure_of(system.client) == before + POSTS
    return live, limit


def _spread(name: str, values: list[float]) -> str:
    ordered = sorted(values)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return f"{name} p50 {statistics.median(ordered):.0f} ms, p95 {p95:.0f} ms"
