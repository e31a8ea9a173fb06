"""What has no alert yet says when one will be sent, to those who see alerts."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import httpx
import pytest

from plan_api.report.model import LateItem, Pair, Range, Result, Status
from plan_api.report.reads import FiguresUnavailableError, HttpFigures, NothingKnownError
from tests.support.page_data import PLAN, a_result, a_scorecard, an_alert, planned
from tests.support.pages import RULE, FakeFigures

OpenPages = Callable[..., httpx.AsyncClient]
SP72, LD1, SG = (f"{PLAN}:{code}" for code in ("SP7.2", "LD1", "SG"))
RULES = [
    {
        "id": "deviation",
        "version": version,
        "min_due": 8,
        "warning": {
            "line": "9/10", "alpha": "1/20", "clear": "93/100", "hold_days": hold,
            "hold_samples": 2,
        },
        "critical": {"window_clear": "83/100", "to_date_clear": "39/50", "alpha": "1/100"},
        "items": {"several": 2, "graces_of_one": 2},
    }
    for version, hold in ((2, 14), (1, 7))
]  # fmt: skip


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace(" .", ".")


def late_since(*days: date) -> list[Result]:
    asked = {"judged": Pair(numerator=Decimal(1), denominator=Decimal(3))}
    return [
        a_result(
            "SP7.2", Status.OFF_TRACK, kind="observed", numerator=Decimal(1), revision=number,
            denominator=Decimal(5), target=Range(low=Decimal("0.5")), judged_on=day,
            attainment=Decimal("0.666667"), **asked,
        )
        for number, day in enumerate(days, start=1)
    ]  # fmt: skip


@pytest.fixture
def waiting() -> FakeFigures:
    """SP7.2 is off track since 27 January, LD1 misses one paper, of SG so few may be chance."""
    paper = LateItem(key=f"{PLAN}:D-1", title="Working paper", due=date(2019, 12, 10), days=55)
    lasting = late_since(date(2020, 1, 27), date(2020, 1, 28), date(2020, 2, 3))
    off = {"status": Status.OFF_TRACK, "expected_lagged": Decimal(3)}
    ld1 = planned("LD1", "2", "6", expected="3", due="3", due_done="2", overdue=(paper,), **off)
    sg = planned("SG", "23", "61", expected="28", due="26", due_done="20", **off)
    return FakeFigures(
        card=a_scorecard(lasting[-1], ld1, sg), judgements=[*lasting, ld1, sg]
    )  # fmt: skip


async def test_the_first_page_and_the_indicator_s_own_name_the_day(
    open_pages: OpenPages, waiting: FakeFigures
) -> None:
    async with open_pages(told=waiting, user="planning-office") as pages:
        front = words((await pages.get("/?lang=en")).text)
        own = words((await pages.get(f"/indicators/{SP72}?lang=en")).text)
        french = words((await pages.get(f"/indicators/{LD1}?lang=fr")).text)

    lasting = "No alert yet: one is sent on 10 Feb if it stays so until then."
    assert lasting in front
    assert lasting in own
    assert "No alert yet: one is sent on 10 Feb if Working paper is still missing then." in front
    assert "one is sent once less than 90% of what is due is done, too little for chance" in front
    assert "elle part le 10 février si l’élément suivant manque encore" in french


async def test_it_is_not_said_of_the_past_nor_to_those_who_see_no_alerts(
    open_pages: OpenPages, waiting: FakeFigures
) -> None:
    for user, query in (("member", ""), ("planning-office", "&as_of=2020-02-02")):
        async with open_pages(told=waiting, user=user) as pages:
            front = (await pages.get(f"/?lang=en{query}")).text
            own = (await pages.get(f"/indicators/{SP72}?lang=en{query}")).text
        assert "No alert yet" not in front + own, user


async def test_what_has_an_alert_is_not_promised_another(
    open_pages: OpenPages, waiting: FakeFigures
) -> None:
    told = replace(waiting, alerts=[an_alert("SP7.2")])
    async with open_pages(told=told, user="planning-office") as pages:
        own = (await pages.get(f"/indicators/{SP72}")).text

    assert "No alert yet" not in own


async def test_reads_the_newest_version_of_the_notifier_s_rule() -> None:
    rule = await figures_answering(RULES).alert_rule()

    assert rule == RULE
    assert rule.clear == Fraction(93, 100)


async def test_a_rule_that_is_missing_or_makes_no_sense_costs_one_sentence_only() -> None:
    with pytest.raises(NothingKnownError):
        await figures_answering([]).alert_rule()
    with pytest.raises(FiguresUnavailableError):
        await figures_answering([RULES[0] | {"critical": {}}]).alert_rule()


def figures_answering(body: object) -> HttpFigures:
    transport = httpx.MockTransport(lambda _request: httpx.Response(200, json=body))
    return HttpFigures(
        http=httpx.AsyncClient(transport=transport),
        engine_url="http://engine",
        notifier_url="http://notifier",
    )
