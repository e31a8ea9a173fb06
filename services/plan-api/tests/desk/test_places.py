"""The pages of units, Actions, priorities, Members and sources."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from plan_api.report.model import CountedItem, Explanation, Notice, Side
from tests.support.page_data import a_result
from tests.support.pages import realistic_figures

PLAN = "wco-2019-2022"


async def test_shows_a_unit_what_is_late_what_comes_and_its_alerts(
    api: Any, browsing: Any, figures: Any
) -> None:
    await api.a_deliverable(title="[late]")
    await api.a_deliverable("D-900-2", title="[soon]", due="2020-02-20")
    await api.a_deliverable("D-900-3", title="[other]", unit="CB")
    figures.alerts = [replace(one, owner_unit="CF") for one in realistic_figures().alerts]

    figures.notices_of["CF"] = [
        Notice(id="n1", at=datetime(2020, 2, 3, 8, tzinfo=UTC), subject="Reminder: <2> are due")
    ]

    html = await browsing().get("/units/CF")
    listed = await browsing().get("/units?lang=fr")

    assert set(re.findall(r"\[(\w+)\]", html)) == {"late", "soon"}
    assert "1 Deliverable is overdue. 1 is due in the next 30 days." in html
    assert f"/alerts/{figures.alerts[0].id}" in html
    assert "Reminder: &lt;2&gt; are due" in html
    assert 'href="/units/CF?lang=fr"' in listed


async def test_what_is_released_leads_to_its_document_from_the_lists(
    api: Any, browsing: Any
) -> None:
    """A number as it is, an address as a link that says what it is of; none where there is none."""
    await api.an_action()
    for key, title, evidence in (
        ("D-900-1", "Guide & more", "https://documents.example/PC0587"),
        ("D-900-2", "Paper", "PC0588"),
        ("D-900-3", "Note", ""),
    ):
        await api.a_deliverable(key, action=f"{PLAN}:A-900", title=title)
        browser = browsing()
        await browser.sent(
            f"/deliverables/{PLAN}:{key}",
            "release",
            released_on="2020-01-31",
            stage="published",
            evidence=evidence,
        )

    for page in ("/units/CF", f"/actions/{PLAN}:A-900"):
        html = await browsing().get(page)
        assert (
            '<a href="https://documents.example/PC0587" rel="noreferrer">Document'
            '<span class="visually-hidden">: Guide &amp; more</span></a>' in html
        )
        assert "Document: PC0588" in html
        assert html.count("Document") == 2, page
    assert "Released last <small>3</small>" in await browsing().get("/units/CF")


async def test_shows_a_unit_without_figures(browsing: Any, figures: Any) -> None:
    figures.down = True

    html = await browsing().get("/units/CF?lang=fr")

    assert "Les alertes n’ont pas pu être lues" in html


async def test_shows_an_action_with_its_deliverables(api: Any, browsing: Any) -> None:
    await api.an_action()
    await api.a_deliverable(action=f"{PLAN}:A-900", title="[its own]")
    await api.a_deliverable("D-900-9", title="[no Action's]", priorities=[f"{PLAN}:PRI-1"])

    html = await browsing().get(f"/actions/{PLAN}:A-900")
    priority = await browsing().get(f"/priorities/{PLAN}:PRI-1?period=FY2019")

    assert "[its own]" in html
    assert "(50%)" in html
    assert "Released: 0 of 2" in priority
    in_order = (f"/actions/{PLAN}:A-900", "[its own]", "Without an Action", "[no Action&#39;s]")
    places = [priority.index(part) for part in in_order]
    assert places == sorted(places)


async def test_shows_what_came_before_the_cycle_apart_and_counts_it_nowhere(
    api: Any, browsing: Any
) -> None:
    served = [f"{PLAN}:PRI-1"]
    await api.a_deliverable(title="[in the plan]", priorities=served)
    await api.a_deliverable("D-900-2", title="[background]", listed=False, priorities=served)
    released = await api.post(
        f"/deliverables/{PLAN}:D-900-2/release",
        {"released_on": "2019-06-30", "stage": "adopted"},
        etag='"1"',
    )
    assert released.status_code == 200

    one = await browsing().get(f"/priorities/{PLAN}:PRI-1?period=FY2019")
    many = await browsing().get("/priorities?period=FY2019&lang=fr")

    assert "Released: 0 of 1<" in one
    assert one.index("Before the cycle") < one.index("[background]")
    assert one.index("[in the plan]") < one.index("Before the cycle")
    assert many.index("Avant le cycle") < many.index("[background]")


async def test_shows_what_a_member_asked_and_what_was_answered(browsing: Any, figures: Any) -> None:
    asked = CountedItem(item="REQ-2019-011", member="XA")
    figures.explained = Explanation(
        result=a_result("SP7.1"),
        denominator=Side(items=(asked, CountedItem(item="REQ-OTHER", member="XB"))),
    )

    html = await browsing().get("/members/XA")
    unseen = await browsing("member:XB").get("/members/XA", status=404)
    own = await browsing("member:XA").get("/members/XA")

    assert "REQ-2019-011" in html
    assert "REQ-2019-011" in own
    assert "REQ-OTHER" not in html
    assert "not answered yet" in html
    assert "Examplia" not in unseen
    assert "Examplia" in await browsing().get("/members")


async def test_says_that_a_member_s_record_cannot_be_read(browsing: Any, figures: Any) -> None:
    figures.down = True

    assert "could not be read" in await browsing().get("/members/XA")


async def test_names_the_texts_that_the_plan_rests_on(browsing: Any) -> None:
    html = await browsing().get("/sources")

    assert "WCO Strategic Plan 2019-2022" in html


@pytest.mark.parametrize(
    "path",
    ["/units/X", "/members/X", f"/actions/{PLAN}:A-404", f"/priorities/{PLAN}:P", "/actions/x"],
)
async def test_knows_no_page_of_what_is_not_there(browsing: Any, path: str) -> None:
    assert "This page does not exist" in await browsing().get(path, status=404)
