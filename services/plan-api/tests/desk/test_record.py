"""The forms that report what happened become the events that could have been posted."""

from typing import Any

import pytest

PLAN = "wco-2019-2022"

REQUEST = {
    "member": "XA",
    "request": "REQ-1",
    "topics": ["CEP", "people"],
    "received_on": "2019-09-12",
    "evidence": "19NL0311",
}
FACTS: list[tuple[str, dict[str, Any], str]] = [
    ("request", REQUEST, "support.requested"),
    (
        "mission",
        {
            "deliverable": f"{PLAN}:D-900-1",
            "member": "XA",
            "requests": "REQ-1, REQ-2",
            "topics": ["CEP"],
            "completed_on": "2020-01-15",
        },
        "support.provided",
    ),
    ("decline", {"request": "REQ-1", "on": "2020-01-15"}, "support.declined"),
    (
        "invitation",
        {
            "title": "A forum",
            "event": "INV-1",
            "event_on": "2020-01-20",
            "organizer_kind": "private-sector",
        },
        "invitation.received",
    ),
    ("attended", {"event": "INV-1"}, "invitation.attended"),
    (
        "effort",
        {"unit": "CF", "quarter": "FY2019-Q1", "on_priorities": "1 120,5", "total": "2000"},
        "effort.recorded",
    ),
    (
        "budget",
        {
            "period": "FY2019",
            "revision": "1",
            "wco-budget-priorities": "5",
            "wco-budget-total": "9",
        },
        "resources.allocated",
    ),
    (
        "figure",
        {
            "indicator": f"{PLAN}:SP1.2",
            "period": "FY2019",
            "numerator": "3",
            "denominator": "",
            "as_on": "2020-01-31",
        },
        "figure.stated",
    ),
    (
        "nothing",
        {"indicator": f"{PLAN}:SP7.1", "period": "FY2019", "until": "2020-01-31"},
        "reporting.confirmed",
    ),
]


@pytest.mark.parametrize(("name", "typed", "event"), FACTS, ids=[one[0] for one in FACTS])
async def test_records_a_fact_once_as_if_it_had_been_posted(
    api: Any, browsing: Any, figures: Any, name: str, typed: dict[str, Any], event: str
) -> None:
    await api.a_deliverable(kind="mission")
    figures.down = True  # nobody waits for figures here
    user = {"budget": "planning-office", "nothing": "director:CB"}.get(name, "director:CF")
    browser = browsing(user)

    html = await browser.sent(f"/record/{name}", name, **typed)

    sent = await api.sent(event)
    assert "Recorded." in html
    assert len(sent) == 1
    audit = await api.rows("SELECT actor FROM audit WHERE action = 'event.accept'")
    assert [row[0] for row in audit] == [f"demo-{user}"]


async def test_keeps_what_was_typed_and_says_what_is_missing(api: Any, browsing: Any) -> None:
    answer = await browsing("director:CF").send(
        "/record/request?lang=fr", "request", **(REQUEST | {"topics": [], "request": "Nº 1"})
    )

    assert answer.status_code == 422
    assert "Choisissez-en au moins un." in answer.text
    assert 'value="19NL0311"' in answer.text
    assert 'value="XA" selected' in answer.text
    assert not await api.sent("support.requested")


async def test_refuses_effort_of_another_unit(api: Any, browsing: Any) -> None:
    typed = {"unit": "CB", "quarter": "FY2019-Q1", "on_priorities": "1", "total": "2"}

    answer = await browsing("director:CF").send("/record/effort", "effort", **typed)

    assert answer.status_code == 403
    assert not await api.sent("effort.recorded")


async def test_offers_what_is_the_reader_s_to_report(browsing: Any) -> None:
    director = browsing("director:CF")

    figure = await director.get("/record/figure")

    assert f'value="{PLAN}:SP1.2"' in figure
    assert f'value="{PLAN}:SP7.1"' not in figure
    assert "/record/budget" not in await director.get("/record")
    assert "/record/budget" in await browsing().get("/record")


async def test_shows_members_no_form(browsing: Any) -> None:
    html = await browsing("member").get("/record/request")

    assert '<form class="ask"' not in html
    assert "/record/request" in await browsing().get("/record")
    assert "This page does not exist" in await browsing().get("/record/x", status=404)
