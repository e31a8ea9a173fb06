"""The page that says why a figure moved, in words, with parts that add up."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from plan_api.report.model import FactRef
from plan_api.report.model.changes import (
    ChangedItem,
    ChangePart,
    Changes,
    FellDue,
    Shift,
    ShiftPart,
    Turn,
)
from tests.support.page_data import a_result, a_series

PAGE = "/indicators/wco-2019-2022:SG/changes?period=FY2019&from=2020-01-01"


@pytest.fixture
def told(figures: Any) -> Changes:
    after = replace(a_result("SG"), numerator=Decimal(23), denominator=Decimal(61))
    fact = FactRef(
        source="urn:x", id="r1", type="org.wcoomd.strategy.deliverable.released.v1", topic="work",
        partition=1, offset=2, recorded=after.judged_at, evidence="PC0587",
    )  # fmt: skip
    item = ChangedItem(
        item="wco-2019-2022:D-101-1", side="numerator", change=Decimal(1), title="[a guide]",
        title_fr="[un guide]", effective=date(2019, 12, 30), late=True, fact=fact,
    )  # fmt: skip
    figures.changed = Changes(
        since=replace(after, numerator=Decimal(22)),
        to=after,
        numerator_change=Decimal(1),
        denominator_change=Decimal(-3),
        ratio_change=Decimal("0.034"),
        parts=[
            ChangePart(
                cause="numerator", numerator=Decimal(1), denominator=Decimal(0), total=1,
                sentence="[counted +1]", ratio=Decimal("0.016"), items=[item],
            ),
            ChangePart(
                cause="scope", numerator=Decimal(0), denominator=Decimal(-3), total=0,
                sentence="[no recovery]", ratio=Decimal("0.018"),
            ),
        ],
        expected=Shift(
            before=Decimal(40), after=Decimal(60), change=Decimal(20),
            parts=[ShiftPart(cause="time", change=Decimal(23)),
                   ShiftPart(cause="plan", change=Decimal(-3))],
        ),
        attainment=Shift(
            before=Decimal("0.95"), after=Decimal("0.75"), change=Decimal("-0.2"),
            parts=[ShiftPart(cause="time", change=Decimal("-0.316")),
                   ShiftPart(cause="figure", change=Decimal("0.116"))],
        ),
        status=Turn(
            changed=True, sentence="[time turned it]",
            fell_due=[FellDue(item="wco-2019-2022:D-7", title="[a workshop]", title_fr="[atelier]",
                              due=date(2020, 1, 12), done=False)],
        ),
    )  # fmt: skip
    changes: Changes = figures.changed
    return changes


@pytest.mark.usefixtures("told")
async def test_says_what_it_comes_from_in_parts(browsing: Any) -> None:
    html = await browsing().get(PAGE)
    french = await browsing().get(f"{PAGE}&lang=fr")

    assert "From 22 of 61 to 23 of 61" in html
    for said in ("[counted +1]", "[no recovery]", "[a guide]", "reported later", "PC0587", "+3.4"):
        assert said in html
    assert "−3" in html
    assert "/deliverables/wco-2019-2022:D-101-1" in html
    assert "[un guide]" in french
    assert "Ce qui est prévu" in french
    assert "+3,4" in french


@pytest.mark.usefixtures("told")
async def test_says_what_moved_the_attainment_and_what_turned_the_status(browsing: Any) -> None:
    html = await browsing().get(PAGE)
    french = await browsing().get(f"{PAGE}&lang=fr")

    assert "[time turned it]" in html
    table = html[html.index('id="judged"') :].partition("</tfoot>")[0]
    rows = [re.sub(r"<[^>]+>", " ", row).split() for row in table.split("<tr>")[2:]]
    assert [row[-2:] for row in rows[:3]] == [["0", "+11.6"], ["+23", "−31.6"], ["−3", "0"]]
    assert rows[3][-2:] == ["+20", "−20"]
    assert "[a workshop]" in html
    assert 'href="/deliverables/wco-2019-2022:D-7' in html
    assert "not done" in html
    for said in ("Le temps écoulé", "Ce qui est échu entre-temps", "[atelier]", "pas fait"):
        assert said in french


async def test_says_that_nothing_moved_and_where_to_look(browsing: Any, figures: Any) -> None:
    assert "Nothing moved: " in await browsing().get(PAGE)
    assert "Why it moved" in await browsing().get("/indicators/wco-2019-2022:SG?period=FY2019")

    figures.down = True
    assert "could not be read" in await browsing().get(PAGE)


async def test_a_restated_judgement_is_marked_and_leads_to_why(browsing: Any, figures: Any) -> None:
    first, second = a_series()[:2]
    figures.judgements = (first, replace(second, restated=True))

    html = await browsing().get("/indicators/wco-2019-2022:SG?period=FY2019")

    assert html.count(">restated<") == 1
    assert f"from={first.judged_on}&amp;to={second.judged_on}" in html


@pytest.mark.usefixtures("told")
async def test_days_in_reversed_order_are_put_in_order(browsing: Any) -> None:
    html = await browsing().get(
        "/indicators/wco-2019-2022:SG/changes?period=FY2019&from=2020-01-31&to=2020-01-02"
    )

    assert 'name="from" value="2020-01-02"' in html
    assert 'name="to" value="2020-01-31"' in html
    assert "From 22 of 61 to 23 of 61" in html


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/indicators/wco-2019-2022:NONE/changes", 404),
        ("/indicators/wco-2019-2022:SG/changes?period=FY1999", 404),
        ("/indicators/wco-2019-2022:SG/changes?from=soon", 422),
        ("/indicators/wco-2019-2022:SG/changes?period=FY2019&to=0001-01-01", 200),
        ("/indicators/wco-2019-2022:SG/changes?period=FY2019&from=9999-12-31", 200),
    ],
)
async def test_an_address_of_nothing_is_said_so(browsing: Any, address: str, status: int) -> None:
    await browsing().get(address, status=status)
