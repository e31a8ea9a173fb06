"""What a status rests on, in words: the figures that decide lead, the rule is named with them."""

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from plan_api.report.model import Pair, Range, Result, Status
from plan_api.report.pages.formatting import Formatter
from plan_api.report.pages.texts import Language, load_catalogues
from plan_api.report.pages.words import Words
from shared_kit.events.definitions import Indicator
from tests.support.page_data import TODAY, a_result, planned, the_plan

N = Decimal
INDICATORS = {one.code: one for one in the_plan().indicators}


def words(language: Language = "en") -> Words:
    return Words(
        format=Formatter(
            language=language,
            texts=load_catalogues()[language],
            zone=ZoneInfo("Europe/Brussels"),
            today=TODAY,
        )
    )


def sg(done: str, of: str, **more: object) -> Result:
    values: dict[str, object] = {"numerator": N(done), "denominator": N(of), "estimate": N(of)}
    return a_result("SG", **(values | more))  # type: ignore[arg-type]  # a test's shorthand


def said(result: Result, language: Language = "en") -> str:
    indicator: Indicator = INDICATORS[result.key.partition(":")[2]]
    found = words(language)
    return f"{found.verdict(result, indicator)} {found.rule(result, indicator)}"


def test_items_whose_grace_is_over_decide_and_the_grace_is_named() -> None:
    result = planned("SG", "23", "61", expected="28", due="26", due_done="20")

    assert said(result) == (
        "20 of 26 due are released. That is 77% of what fell due up to 4\u00a0Jan; later dates are "
        "still within their grace of 30 days. On track is from 90%, at risk from 75%."
    )
    assert "délai de grâce de 30 jours" in said(result, "fr")


def test_no_percentage_is_made_of_fewer_than_5() -> None:
    result = planned("LD1", "2", "6", expected="3", due="3", due_done="2")

    assert said(result).startswith("2 of 3 due are released. Only what fell due up to 4\u00a0Jan")
    assert "67%" not in said(result)


def test_what_was_expected_leads_where_it_decides_and_the_due_ones_are_among_it() -> None:
    result = sg(
        "2", "8", expected_lagged=N(3), due=N(3), due_done=N(1), attainment=N("0.666667"),
        status=Status.OFF_TRACK,
    )  # fmt: skip

    sentence = "2 are done where 3 were expected by 4\u00a0Jan: 1 of the 3 due by then, and 1 other"
    assert words().headline(result, INDICATORS["SG"]) == sentence
    assert said(result).startswith(f"{sentence}. It is held against what was expected by")
    assert words().judged_by(result, INDICATORS["SG"]) == "2 where 3 expected by 4\u00a0Jan"
    assert "due" not in words().around(result, INDICATORS["SG"])


def test_two_numbers_for_one_day_are_not_told_beside_each_other() -> None:
    result = sg(
        "53", "155", expected_lagged=N(47), due=N(48), due_done=N(45), attainment=N("1.127660")
    )

    assert said(result).startswith(
        "53 are done where 47 were expected by 4\u00a0Jan. That is 113% of what was expected"
    )


def test_tools_that_have_no_dates_are_held_against_the_day_that_lies_the_grace_back() -> None:
    result = a_result(
        "SP3.2", Status.OFF_TRACK, numerator=N(2), denominator=N(7), expected=N(4),
        expected_lagged=N(3), attainment=N("0.666667"), due_by=None,
    )  # fmt: skip

    assert said(result).startswith("2 of 7, where 3 were expected by 4\u00a0Jan.")


@pytest.mark.parametrize(
    ("on", "says"),
    [
        (TODAY, "That is 85% of the whole period already, so it decides."),
        (date(2020, 7, 20), "That is 85% of the period, which is over."),
        (date(2020, 8, 3), "That is 85% of the period, which is over."),
    ],
)
def test_the_whole_period_is_named_where_it_decides(on: date, says: str) -> None:
    result = sg("17", "20", due=N(4), due_done=N(3), attainment=N("0.85"), judged_on=on)

    assert "17 of the 20 of the whole period are done" in said(result)
    assert says in said(result)


def test_work_before_anything_is_due_is_called_early() -> None:
    result = sg("1", "8", expected_lagged=N(0), due=N(0), due_done=N(0), attainment=N(1))

    assert "Nothing was to be done by 4\u00a0Jan" in said(result)


def test_an_observed_figure_names_its_service_time_and_its_target() -> None:
    result = a_result(
        "SP7.2", Status.OFF_TRACK, kind="observed", numerator=N(1), denominator=N(5),
        judged=Pair(numerator=N(1), denominator=N(3)), target=Range(low=N("0.5")),
        attainment=N("0.666667"),
    )  # fmt: skip

    assert said(result) == (
        "1 of the 3 Members due an answer are supported. The target is at least 50%. A request "
        "counts here once it is answered or 180 days old. On track is from 90% of the target, at "
        "risk from 75%."
    )


def test_milestones_are_told_by_weight() -> None:
    result = planned(
        "LD3.1", "0.2", "1", expected="0.4", due="0.2", due_done="0.2", kind="milestones",
        expected_lagged=N("0.4"),
    )  # fmt: skip

    assert "Milestones worth 0.2 of the 0.2 due are reached" in said(result)


def test_one_item_is_not_counted_of_one() -> None:
    done, missing = (
        planned("LD1", done, "6", expected="3", due="1", due_done=done) for done in ("1", "0")
    )

    assert words().headline(done, INDICATORS["LD1"]) == "The one that is due is released"
    assert words().headline(missing, INDICATORS["LD1"]) == "The one due is missing"
    assert words("fr").headline(done, INDICATORS["LD1"]) == "Le seul livrable attendu est diffusé"
