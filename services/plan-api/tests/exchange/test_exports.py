"""Tables out of a whole plan-api on a real database."""

import csv
import io
import re
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook

from tests.support.pages import FakeFigures, realistic_figures

PLAN = "wco-2019-2022"
TABLES = ("scorecard", "implementation-plan", "deliverables", "actions", "members", "units",
          "priorities", "indicators", "parts", "facts", "alerts", "then-and-now")  # fmt: skip


@pytest.fixture
def figures(api: Any) -> FakeFigures:
    """The engine, as the pages' tests know it."""
    told = realistic_figures()
    desk = api.app.state.report
    api.app.state.report = type(desk)(
        site=desk.site, book=desk.book, figures=told.seen_by, business=desk.business, demo=True
    )
    return told


def read(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


async def some_work(api: Any) -> None:
    await api.an_action(title="=cmd|' /C calc'!A0", title_fr="Directives sur le transit")
    await api.a_deliverable(action=f"{PLAN}:A-900")
    await api.a_deliverable("D-900-2", listed=False, due=None, date_certainty="not-given")
    release = {"released_on": "2020-01-31", "stage": "published"}
    await api.post(f"/deliverables/{PLAN}:D-900-1/release", release, etag='"1"')


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("language", ["en", "fr"])
async def test_every_table_is_had_in_both_forms_and_languages(
    api: Any, figures: FakeFigures, table: str, language: str
) -> None:
    await some_work(api)
    for form in ("csv", "xlsx"):
        answer = await api.get(
            f"/exports/{table}.{form}", plan=PLAN, period=figures.card.period, lang=language
        )
        assert answer.status_code == 200, answer.text
        known = f"{figures.card.period}-as-known-on-2020-02-03.{form}"
        named = f'filename="{PLAN}-{table}-{known}"'
        assert named in answer.headers["content-disposition"]
    book = load_workbook(io.BytesIO(answer.content))
    assert len(book.worksheets) == 2
    assert book.worksheets[0].max_row > 1
    ours = "ne font pas partie du Plan" if language == "fr" else "not part of the Plan"
    assert any(ours in str(row[1]) for row in book["Sources"].iter_rows(values_only=True))


async def test_the_scorecard_is_the_engine_s_line_by_line(api: Any, figures: FakeFigures) -> None:
    rows = read(await api.get("/exports/scorecard.csv", plan=PLAN, period=figures.card.period))

    assert len(rows) == 29
    by_key = {row["Key"]: row for row in rows}
    for result in figures.card.items:
        row = by_key[result.key]
        assert row["Numerator"] == ("" if result.numerator is None else format(result.numerator))
        assert (row["Share"] == "") == (result.share is None)
    beside = (
        "Needed in 30 days", "Given in 30 days, of late",
        "Forecast, at least (indicative)", "Forecast, at most (indicative)", "Measured in",
    )  # fmt: skip
    assert [by_key[f"{PLAN}:SG"][name] for name in beside] == [
        "7.702703", "4.666667", "46", "55", "",
    ]  # fmt: skip
    assert {by_key[f"{PLAN}:SP7.1"][name] for name in beside} == {""}


async def test_what_pages_and_api_count_is_what_the_files_say(
    api: Any, figures: FakeFigures
) -> None:
    await some_work(api)
    period = figures.card.period
    priorities = read(await api.get("/exports/priorities.csv", plan=PLAN, period=period))
    page = await api.client.get("/", params={"period": period, "lang": "en"})
    table = page.text.split('<table class="priorities">')[1].split("</table>")[0]
    shown = dict(re.findall(r':(PRI-\d)\b.*?<td class="numbers">([^<]*)', table, re.DOTALL))
    for row in priorities:
        said = f"{row['Released']} of {row['Planned']}" if int(row["Planned"]) else "none planned"
        assert shown[row["Priority"]].startswith(said), row
    rows = read(await api.get("/exports/deliverables.csv", plan=PLAN, period="FY2019"))
    listed = (await api.get("/deliverables", plan=PLAN, period="FY2019")).json()["items"]
    assert {(row["Deliverable"], row["State"]) for row in rows} == {
        (one["deliverable"], one["state"]) for one in listed
    }
    explained = read(await api.get("/exports/indicators.csv", plan=PLAN, period=period))
    for row in explained:
        result = figures.card.result(row["Key"])
        told = None if result is None else result.numerator
        assert row["Numerator"] == ("" if told is None else format(told))
    [fact] = read(await api.get("/exports/facts.csv", plan=PLAN))
    assert (fact["About"], fact["Id"]) == ("REQ-1", "'=1+1")
    alerts = read(await api.get("/exports/alerts.csv", plan=PLAN))
    assert {row["Id"] for row in alerts} == {one.id for one in figures.alerts}


async def test_a_scorecard_without_its_engine_is_not_an_empty_one(api: Any) -> None:
    answer = await api.get("/exports/scorecard.xlsx", plan=PLAN)

    assert answer.status_code == 503
    assert "retry-after" in answer.headers


async def test_shows_actions_with_their_deliverables_and_runs_no_title(api: Any) -> None:
    await some_work(api)

    rows = read(await api.get("/exports/implementation-plan.csv", plan=PLAN, period="FY2019"))

    assert [row["Deliverable"] for row in rows] == [f"{PLAN}:D-900-1", f"{PLAN}:D-900-2"]
    assert rows[0]["Title of the Action"] == "'=cmd|' /C calc'!A0"
    assert (rows[0]["State"], rows[0]["Released on"]) == ("released", "2020-01-31")
    assert rows[1]["In the plan"] == "false"
    assert rows[0]["Date of the plan"] == "2019-11-30"


async def test_an_action_without_deliverables_has_its_line(api: Any) -> None:
    await api.an_action()

    rows = read(await api.get("/exports/implementation-plan.csv", plan=PLAN, period="FY2019"))

    assert [(row["Action"], row["Deliverable"]) for row in rows] == [(f"{PLAN}:A-900", "")]


async def test_a_year_holds_its_own_and_the_cycle_holds_all(api: Any) -> None:
    await some_work(api)

    for period, count in (("FY2019", 2), ("FY2020", 0), ("2019-2022", 2)):
        rows = read(await api.get("/exports/deliverables.csv", plan=PLAN, period=period))
        assert len(rows) == count, period


@pytest.mark.parametrize(
    ("path", "params", "status"),
    [
        ("/exports/secrets.csv", {}, 422),
        ("/exports/units.pdf", {}, 422),
        ("/exports/units", {}, 404),
        ("/exports/units.csv", {"plan": "no-plan"}, 404),
        ("/exports/units.csv", {"period": "FY1999"}, 422),
        ("/exports/units.csv", {"bom": "perhaps"}, 422),
    ],
)
async def test_says_what_it_does_not_have(
    api: Any, path: str, params: dict[str, str], status: int
) -> None:
    answer = await api.get(path, **params)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_the_first_page_links_every_file_and_every_link_works(
    api: Any, figures: FakeFigures
) -> None:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=api.app), base_url="http://plan-api"
    ) as browser:
        page = await browser.get("/", params={"lang": "fr", "period": figures.card.period})
        links = [part.split('"')[0] for part in page.text.split('href="') if "/exports/" in part]
        found = [link for link in links if link.startswith("/api/v1/exports/")]
        assert len(found) == 2 * len(TABLES)
        for link in found:
            answer = await browser.get(link.replace("&amp;", "&"))
            assert answer.status_code == 200, link
            assert answer.headers["content-language"] == "fr"
