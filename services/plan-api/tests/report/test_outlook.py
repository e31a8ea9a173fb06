"""What it takes to the end: pace, recent window, forecast and freshness, in words."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from plan_api.report.model import Forecast, Pace, Pair, Range, Result, Status
from plan_api.report.pages.formatting import Formatter
from plan_api.report.pages.outlook import Outlook, outlook
from plan_api.report.pages.proof import ProofWords
from plan_api.report.pages.texts import Language, load_catalogues
from plan_api.report.pages.words import Words
from shared_kit.events.definitions import Indicator
from tests.support.page_data import LATE, TODAY, a_result, planned, the_plan

KINDS = {indicator.code: indicator for indicator in the_plan().indicators}
SG = planned(
    "SG",
    "23",
    "61",
    expected="28",
    due="26",
    due_done="20",
    overdue=LATE,
    window_due=Decimal(20),
    window_due_done=Decimal(15),
    pace=Pace(
        missing=Decimal(38),
        days_left=148,
        needed=Decimal("7.702703"),
        recent=Decimal("4.666667"),
        recent_days=90,
    ),
    forecast=Forecast(low=46, likely=51, high=55),
)


def said(result: Result | None, code: str = "SG", language: Language = "en") -> Outlook:
    indicator: Indicator = KINDS[code]
    formatter = Formatter(
        language=language,
        texts=load_catalogues()[language],
        zone=ZoneInfo("Europe/Brussels"),
        today=TODAY,
    )
    return outlook(result, indicator, words=Words(format=formatter), href=lambda path: path)


def test_pace_window_forecast_and_freshness_are_said() -> None:
    found = said(SG)

    assert found.pace == (
        "38 more are needed in the 148 days left: 7.7 in 30 days. The last 90 days gave 4.7 in 30."
    )
    assert found.lately == (
        "Of the 20 that fell due in the 120 days up to 4\u00a0Jan, 15 are released."
    )
    assert found.forecast == (
        "If what is still to come keeps to the pace of what fell due lately, the period ends "
        "between 46 and 55 of 61, most likely at 51."
    )
    assert found.caution == (
        "Indicative only: it is calculated from the past and promises nothing. "
        "What is more than 30 days late is taken as not coming."
    )
    assert found.freshness == (
        "The last fact that counts here was recorded on 31\u00a0Jan, 3 days before this judgement."
    )
    assert "Guide on transit guarantees" in str(found.overdue)
    assert "46 and 55" in str(found.picture)


def test_the_same_in_french() -> None:
    found = said(SG, language="fr")

    assert found.pace == (
        "Il en faut encore 38 dans les 148 jours qui restent, soit 7,7 en 30 jours. "
        "Les 90 derniers jours en ont donné 4,7 en 30 jours."
    )
    assert found.forecast is not None
    assert found.forecast.endswith("entre 46 et 55 sur 61, le plus probable étant 51.")


@pytest.mark.parametrize(
    ("days", "begins"),
    [
        (31, "38 more are needed in the 31 days left: 7.7 in 30 days. "),
        (30, "38 more are needed in the 30 days left. "),
    ],
)
def test_in_the_last_month_no_pace_of_a_month_is_said(days: int, begins: str) -> None:
    assert SG.pace is not None

    found = said(replace(SG, pace=replace(SG.pace, days_left=days)))

    assert found.pace is not None
    assert found.pace.startswith(begins)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("too-early", "less than a quarter of the period has gone"),
        ("too-few", "fewer than 8 were due so far"),
        ("stated", "the figure is stated as a whole"),
        ("period-over", None),
        ("milestones", "milestones are few and weigh differently"),
        ("observed", "nobody knows what will still come in"),
        ("level", "a level says nothing of the pace"),
        ("not-judged", "nothing yet that could be judged"),
        ("not-counted", None),
        ("a reason of a later version", None),
    ],
)
def test_where_no_forecast_is_given_it_says_why(reason: str, words: str | None) -> None:
    found = said(replace(SG, forecast=None, no_forecast=reason))

    assert (words is None) == (found.forecast is None)
    assert words is None or words in str(found.forecast)
    assert (found.caution, found.picture) == (None, None)


def test_without_dates_the_run_rate_is_said_and_nothing_of_what_is_late() -> None:
    found = said(replace(SG, forecast=Forecast(low=40, likely=40, high=40, method="run-rate")))

    assert found.forecast is not None
    assert found.forecast.startswith("If the pace of the period so far goes on")
    assert found.caution is not None
    assert "not coming" not in found.caution


def test_milestones_are_told_by_weight() -> None:
    pace = Pace(missing=Decimal("0.5"), days_left=148, needed=Decimal("0.1"), recent_days=90)

    found = said(a_result("LD3.1", kind="milestones", pace=pace), "LD3.1")

    assert found.pace == "Milestones worth 0.5 more are needed in the 148 days left."


@pytest.mark.parametrize(
    ("served", "of", "low", "words"),
    [
        (8, 15, "0.6", "Of the 15 that are judged now, 1 more would reach the target of at least"),
        (8, 21, "0.6", "Of the 21 that are judged now, 5 more would reach the target of at least"),
        (9, 15, "0.6", None),
        (0, 0, "0.6", None),
    ],
)
def test_of_what_is_observed_is_said_what_is_missing_to_the_target(
    served: int, of: int, low: str, words: str | None
) -> None:
    result = a_result(
        "SP7.1",
        kind="observed",
        status=Status.AT_RISK,
        judged=Pair(numerator=Decimal(served), denominator=Decimal(of)),
        target=Range(low=Decimal(low)),
        no_forecast="observed",
    )

    found = said(result, "SP7.1")
    french = said(result, "SP7.1", "fr")

    assert (found.pace or "").startswith(words or "")
    assert (found.pace is None) == (words is None) == (french.pace is None)
    assert words is None or "de plus" in str(french.pace)
    assert str(french.forecast).startswith("Pas de prévision")
    assert not (said(replace(result, target=None), "SP7.1").pace)


def test_where_nothing_can_be_said_there_is_no_section() -> None:
    assert not said(None)
    assert not said(a_result("SP7.1", kind="observed", no_forecast="not-counted"), "SP7.1")
    assert said(SG)


@pytest.mark.parametrize(
    ("by", "said"),
    [
        (TODAY, "3\u00a0February 2020"),
        (TODAY - timedelta(days=12), "22\u00a0January 2020, 12 days late"),
    ],
)
def test_a_report_that_is_awaited_is_late_the_day_after(by: date, said: str) -> None:
    indicator = KINDS["SG"]
    formatter = Formatter(
        language="en", texts=load_catalogues()["en"], zone=ZoneInfo("Europe/Brussels"), today=TODAY
    )
    proofs = ProofWords(words=Words(format=formatter))

    found = dict(proofs.particulars(replace(SG, next_fact_by=by), indicator))

    assert re.sub("<[^>]*>", "", found["Next report expected by"]) == said
    assert "Next report expected by" not in dict(proofs.particulars(SG, indicator))


def test_a_fact_of_the_day_itself_is_called_so() -> None:
    found = said(replace(SG, last_fact_at=datetime(2020, 2, 2, 23, 30, tzinfo=UTC)))

    assert found.freshness == (
        "The last fact that counts here was recorded on 3\u00a0Feb, the day of this judgement."
    )
