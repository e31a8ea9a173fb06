"""The pages of a whole plan-api on a real database, while the other services are away."""

from typing import Any

import httpx

from tests.support.page_data import the_plan

PLAN = "wco-2019-2022"


def browser(api: Any) -> httpx.AsyncClient:
    """As the API's client, without its token."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=api.app),
        base_url="http://plan-api",
        headers={"accept": "text/html"},
    )


async def page(api: Any, path: str, **params: str) -> str:
    async with browser(api) as client:
        answer = await client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_shows_the_plan_without_figures(api: Any) -> None:
    html = await page(api, "/")

    assert "Figures unavailable" in html
    assert html.count('class="objective"') == 17
    assert html.count('<tr role="row">') == 30
    assert "Capacity Building Directorate" in html


async def test_counts_the_deliverables_of_a_priority(api: Any) -> None:
    await api.an_action()
    await api.a_deliverable(action=f"{PLAN}:A-900")
    await api.a_deliverable("D-900-2", action=f"{PLAN}:A-900", title_fr="Guide du transit")
    release = {"released_on": "2020-01-31", "stage": "published"}
    await api.post(f"/deliverables/{PLAN}:D-900-1/release", release, etag='"1"')

    english = await page(api, "/priorities")
    french = await page(api, "/priorities", lang="fr", period="2019-2022")
    next_year = await page(api, "/priorities", period="FY2020")

    assert english.count("Released: 1 of 2") == 2
    assert "65 days late" in english
    assert "Guide du transit" in french
    assert "Released: 1 of 2" not in next_year


async def test_lists_the_deliverables_that_serve_an_objective(api: Any) -> None:
    await api.a_deliverable(objectives=[f"{PLAN}:SP3"])

    html = await page(api, f"/objectives/{PLAN}:SP3")
    other = await page(api, f"/objectives/{PLAN}:SP4")

    assert "Guide on transit guarantees" in html
    assert "Guide on transit guarantees" not in other


async def test_has_a_page_for_every_objective_and_every_indicator(api: Any) -> None:
    plan = the_plan()
    for objective in plan.objectives:
        html = await page(api, f"/objectives/{PLAN}:{objective.code}", lang="fr")
        assert objective.title.fr.replace("'", "&#39;") in html
    for indicator in plan.indicators:
        html = await page(api, f"/indicators/{PLAN}:{indicator.code}")
        assert indicator.definition.en.replace("'", "&#39;") in html


async def test_answers_a_browser_s_mistakes_by_pages_and_a_program_s_by_problems(api: Any) -> None:
    async with browser(api) as client:
        for method, path, status in [
            ("GET", "/nowhere", 404),
            ("PUT", "/priorities", 405),
            ("GET", f"/indicators/{PLAN}:X9", 404),
            ("POST", "/demo/user", 422),
        ]:
            answer = await client.request(method, path, headers={"sec-fetch-site": "same-origin"})
            assert answer.status_code == status, path
            assert answer.headers["content-type"].startswith("text/html"), path
            assert "Strategic Plan 2019-2022" in answer.text
        program = await client.get("/api/v1/nowhere")
    assert program.headers["content-type"] == "application/problem+json"
