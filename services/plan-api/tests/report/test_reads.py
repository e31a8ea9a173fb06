"""The port: what the other services say, and what becomes of it when they do not."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import httpx
import pytest

from plan_api.report.model import Level, Status
from plan_api.report.reads import (
    AcknowledgementRefusedError,
    FiguresUnavailableError,
    HttpFigures,
    NothingKnownError,
)

Answer = Callable[[httpx.Request], httpx.Response]

SCORECARD = {
    "plan": "wco-2019-2022",
    "period": "FY2019",
    "label": "FY2019/20",
    "as_known_on": "2020-02-03T08:00:00Z",
    "judged_on": "2020-02-03",
    "last_fact_at": "2020-01-31T16:20:00Z",
    "items": [
        {
            "key": "wco-2019-2022:SG",
            "plan": "wco-2019-2022",
            "period": "FY2019",
            "kind": "planned",
            "status": "at-risk",
            "reason": None,
            "numerator": "23",
            "denominator": "61",
            "attainment": "0.769231",
            "overdue": [
                {"key": "wco-2019-2022:D-1-1", "title": "Guide", "due": "2019-11-30", "days": 65}
            ],
            "a_field_of_a_later_version": {"x": 1},
        }
    ],
}
ALERT = {"id": "a1", "indicator": "wco-2019-2022:SG", "period": "FY2019", "level": "critical"}


def figures_over(answer: Answer, authorization: str | None = None) -> HttpFigures:
    client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return HttpFigures(
        http=client,
        engine_url="http://engine",
        notifier_url="http://notifier",
        authorization=authorization,
    )


def saying(body: object, status: int = 200) -> Answer:
    return lambda _request: httpx.Response(status, content=json.dumps(body))


async def test_reads_a_scorecard_and_ignores_what_it_does_not_know() -> None:
    card = await figures_over(saying(SCORECARD)).scorecard(plan="wco-2019-2022", period="FY2019")

    result = card.result("wco-2019-2022:SG")
    assert result
    assert result.status is Status.AT_RISK
    assert result.numerator == Decimal(23)
    assert card.overdue[0].days == 65


async def test_asks_as_whoever_looks_at_the_page() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"items": [ALERT]})

    figures = figures_over(answer, authorization="Bearer demo-director:CB")
    alerts = await figures.open_alerts(plan="wco-2019-2022")

    assert alerts[0].level is Level.CRITICAL
    assert seen[0].headers["authorization"] == "Bearer demo-director:CB"
    assert str(seen[0].url) == (
        "http://notifier/api/v1/alerts?plan=wco-2019-2022&condition=open&limit=200"
    )


@pytest.mark.parametrize("status", [401, 403])
async def test_whoever_may_not_see_alerts_sees_the_page_without_them(status: int) -> None:
    figures = figures_over(saying({}, status=status))

    assert await figures.open_alerts(plan="wco-2019-2022") == ()
    assert await figures.notices(plan="wco-2019-2022", unit="CF", most=10) == ()
    with pytest.raises(NothingKnownError):
        await figures.alert(alert="a1")
    with pytest.raises(FiguresUnavailableError):
        await figures.scorecard(plan="wco-2019-2022", period="FY2019")


async def test_keeps_a_key_inside_its_place_in_the_address() -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.raw_path.decode())
        return httpx.Response(404)

    with pytest.raises(NothingKnownError):
        await figures_over(answer).alert(alert="../inbox?x=1#y")

    assert seen == ["/api/v1/alerts/..%2Finbox%3Fx%3D1%23y"]


@pytest.mark.parametrize("status", [404, 422])
async def test_knows_no_alert_by_an_address_that_cannot_name_one(status: int) -> None:
    with pytest.raises(NothingKnownError):
        await figures_over(saying({}, status=status)).alert(alert="1")


def refusing(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


@pytest.mark.parametrize(
    "answer",
    [
        saying({}, status=500),
        saying({}, status=403),
        saying({"items": [{"key": "x"}]}),
        saying([]),
        lambda _request: httpx.Response(200, content=b"<html>"),
        refusing,
    ],
)
async def test_calls_figures_unavailable_when_the_other_service_fails(answer: Answer) -> None:
    figures = figures_over(answer)

    with pytest.raises(FiguresUnavailableError):
        await figures.scorecard(plan="p", period="FY2019")


async def test_waits_for_a_slow_service_no_longer_than_it_says() -> None:
    async def slow(_request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(30)
        return httpx.Response(200)

    client = httpx.AsyncClient(transport=httpx.MockTransport(slow))
    figures = HttpFigures(
        http=client,
        engine_url="http://engine",
        notifier_url="http://notifier",
        timeout=timedelta(milliseconds=50),
    )

    with pytest.raises(FiguresUnavailableError):
        await figures.series(indicator="p:SG", period="FY2019")
    with pytest.raises(FiguresUnavailableError):
        await figures.acknowledge(alert="a1", comment="")


@pytest.mark.parametrize("status", [403, 404, 409, 422])
async def test_says_how_an_acknowledgement_was_refused(status: int) -> None:
    with pytest.raises(AcknowledgementRefusedError) as refused:
        await figures_over(saying({}, status=status)).acknowledge(alert="a1", comment="x")

    assert refused.value.status == status


async def test_sends_an_acknowledgement_with_its_comment() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=ALERT)

    await figures_over(answer).acknowledge(alert="a1", comment="In print.")

    assert seen[0].url.path == "/api/v1/alerts/a1/ack"
    assert json.loads(seen[0].content) == {"comment": "In print."}
