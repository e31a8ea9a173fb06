from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from plan_api.report.pages.formatting import Formatter
from plan_api.report.pages.texts import Language, load_catalogues

CATALOGUES = load_catalogues()


def a_formatter(language: Language = "en") -> Formatter:
    return Formatter(
        language=language,
        texts=CATALOGUES[language],
        zone=ZoneInfo("Europe/Brussels"),
        today=date(2020, 2, 3),
    )


@pytest.mark.parametrize(
    ("value", "en", "fr"),
    [
        (Decimal(0), "0", "0"),
        (Decimal("0.35"), "0.35", "0,35"),
        (Decimal("0.400000"), "0.4", "0,4"),
        (Decimal("4120.5"), "4,120.5", "4\u202f120,5"),
        (Decimal(21400000), "21,400,000", "21\u202f400\u202f000"),
        (Decimal("-1.5"), "\u22121.5", "\u22121,5"),
        (Fraction(2, 3), "0.67", "0,67"),
        (Fraction(1, 200), "0", "0"),
        (Fraction(3, 200), "0.02", "0,02"),
        (Decimal("-0.001"), "0", "0"),
    ],
)
def test_writes_numbers_as_each_language_does(value: Decimal | Fraction, en: str, fr: str) -> None:
    assert a_formatter("en").number(value) == en
    assert a_formatter("fr").number(value) == fr


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (Fraction(23, 61), "38%"),
        (Fraction(1, 200), "0%"),  # 0.5 goes to the even 0
        (Fraction(3, 200), "2%"),  # 1.5 goes to the even 2
        (Fraction(5, 200), "2%"),  # 2.5 goes to the even 2
        (Fraction(28, 25), "112%"),
        (Fraction(1234, 1), "123,400%"),
    ],
)
def test_rounds_percentages_half_even_from_exact_fractions(share: Fraction, text: str) -> None:
    assert a_formatter().percent(share) == text


def test_sets_a_narrow_space_before_the_french_percent_sign() -> None:
    assert a_formatter("fr").percent(Fraction(23, 61)) == "38\u202f%"


@pytest.mark.parametrize(
    ("day", "en", "fr"),
    [
        (date(2019, 11, 30), "30\u00a0Nov", "30\u00a0novembre"),
        (date(2020, 2, 1), "1\u00a0Feb", "1er\u00a0février"),
        (date(2019, 6, 30), "30\u00a0Jun 2019", "30\u00a0juin 2019"),
        (date(2022, 6, 30), "30\u00a0Jun 2022", "30\u00a0juin 2022"),
    ],
)
def test_says_dates_as_people_do_with_a_year_only_where_it_is_needed(
    day: date, en: str, fr: str
) -> None:
    assert a_formatter("en").day(day) == en
    assert a_formatter("fr").day(day) == fr


def test_says_a_moment_in_the_zone_of_the_plan_and_the_exact_one_to_machines() -> None:
    instant = datetime(2020, 2, 3, 8, 0, tzinfo=UTC)

    tag = a_formatter().time_tag(instant, long=True)

    assert tag == ('<time datetime="2020-02-03T08:00:00+00:00">3\u00a0February 2020, 09:00</time>')


@pytest.mark.parametrize(
    ("parts", "text"),
    [([], ""), (["A"], "A"), (["A", "B"], "A and B"), (["A", "B", "C"], "A, B and C")],
)
def test_lists_with_a_comma_and_an_and(parts: list[str], text: str) -> None:
    assert a_formatter().listed(parts) == text


def test_escapes_what_it_lists() -> None:
    assert a_formatter().listed(["<b>", "B"]) == "&lt;b&gt; and B"


def test_counts_days_late_in_singular_and_plural() -> None:
    assert a_formatter().days_late(1) == "1 day late"
    assert a_formatter("fr").days_late(65) == "65\u00a0jours de retard"
    assert a_formatter().days_late(729) == "729 days late"
    assert a_formatter().days_late(1700) == "4 years late", "nobody counts 1,700 days"


def test_marks_a_title_without_french_as_english() -> None:
    assert a_formatter("en").titled("Guide & note", "Guide et note") == "Guide &amp; note"
    assert a_formatter("fr").titled("Guide", "Recueil <b>") == "Recueil &lt;b&gt;"
    assert a_formatter("fr").titled("Guide <b>", None) == '<span lang="en">Guide &lt;b&gt;</span>'


def test_cuts_each_english_month_to_three_letters() -> None:
    said = [a_formatter("en").day(date(2019, month, 20)) for month in range(8, 13)]

    assert said == [f"20\u00a0{month}" for month in ("Aug", "Sep", "Oct", "Nov", "Dec")]
    assert a_formatter("en").long_day(date(2019, 9, 20)) == "20\u00a0September 2019"
    assert a_formatter("fr").day(date(2019, 9, 20)) == "20\u00a0septembre"
