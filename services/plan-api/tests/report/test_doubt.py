"""A figure that is not what the facts say: how the pages tell it."""

import re
from collections.abc import Callable
from decimal import Decimal
from html import unescape

import httpx

from plan_api.report.model import AlertFigures, Status
from plan_api.report.model.doubt import CheckedFigure, Difference, DifferingItem
from tests.support.page_data import PLAN, a_scorecard, an_alert, planned
from tests.support.pages import FakeFigures

OpenPages = Callable[..., httpx.AsyncClient]


def words_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


async def test_a_figure_in_doubt_is_no_deviation_and_stands_first(open_pages: OpenPages) -> None:
    """Of another period too; the alert of the indicator itself is told beside it, not by it."""
    doubt = an_alert(
        "SG",
        id="0190a1c2-0000-7000-8000-000000000009",
        rule="reconciliation",
        period="2019-2022",
        reason="A check found that the figure is not what the facts say.",
        reason_fr="Un contrôle a trouvé que le chiffre ne correspond pas aux faits.",
        figures=AlertFigures(),
        difference=Difference(
            check=12,
            shown=CheckedFigure(numerator=Decimal(52), denominator=Decimal(155)),
            live=CheckedFigure(numerator=Decimal(52), denominator=Decimal(155)),
            rebuilt=CheckedFigure(numerator=Decimal(53), denominator=Decimal(155)),
            lost=1,
            items=(DifferingItem(key=f"{PLAN}:D-1", title="Guide on transit"),),
        ),
    )
    well = planned(
        "SG", "52", "155", expected="50", due="50", due_done="50", status=Status.ON_TRACK
    )
    told = FakeFigures(card=a_scorecard(well), alerts=(doubt,))
    path = f"/alerts/{doubt.id}"

    async with open_pages(told=told, user="director:CAP") as pages:
        first = words_of((await pages.get("/")).text)
        page = (await pages.get(path)).text
        french = words_of((await pages.get(path, params={"lang": "fr"})).text)
    async with open_pages(told=told, user="director:SGO") as pages:
        theirs = (await pages.get(path)).text

    assert "Figures in doubt" in first
    assert "Figure in doubt since" in first
    assert "Nothing does: no indicator is at risk or off track." in first
    text = words_of(page)
    assert "Figure in doubt, open" in text
    assert "Told: Secretary General" in text
    assert "The figure 52 of 155 52 of 155 53 of 155" in text
    assert "1 entry is missing: Guide on transit" in text
    assert "about once in" not in text
    assert ("<textarea" in page, "<textarea" in theirs) == (False, True)
    assert "1 écriture manque" in french
