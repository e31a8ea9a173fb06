"""A figure in parts on the page: which tables there are, and what is said under each."""

from collections.abc import Callable
from decimal import Decimal
from zoneinfo import ZoneInfo

import httpx

from plan_api.report.model.parts import By, Part, Parted
from plan_api.report.pages.division import Division, divisions
from plan_api.report.pages.formatting import Formatter
from plan_api.report.pages.texts import Language, load_catalogues
from plan_api.report.pages.words import Words
from tests.support.page_data import PLAN, TODAY
from tests.support.pages import FakeFigures

N = Decimal


def said(*found: Parted, language: Language = "en") -> list[Division]:
    formatter = Formatter(
        language=language,
        texts=load_catalogues()[language],
        zone=ZoneInfo("Europe/Brussels"),
        today=TODAY,
    )
    return list(divisions(found, words=Words(format=formatter)))


def parted(by: By, *parts: Part, **more: object) -> Parted:
    fields: dict[str, object] = {
        "by": by,
        "available": True,
        "total": Part(numerator=N(3), denominator=N(7)),
        "parts": parts,
        **more,
    }
    return Parted(**fields)  # type: ignore[arg-type]  # a test's shorthand


def test_rows_stand_in_the_order_given_with_figure_first_and_no_percentage_of_few() -> None:
    [found] = said(
        parted(
            "unit",
            Part(code="B", title="Second", numerator=N(1), denominator=N(2), unplanned=1),
            Part(code="A", title="First", title_fr="Première", numerator=N(2), denominator=N(5)),
            Part(numerator=N(0), denominator=N(0)),
            statement="The rows add up to the total.",
            not_listed=N(1),
        ),
    )

    assert [(str(row.name), row.figure, row.percent, row.beside) for row in found.rows] == [
        ("Second", "1 of 2", None, "1 of them unplanned"),
        ("First", "2 of 5", "40%", None),
        ("Not given", "0 of 0", None, None),
    ]
    assert (found.heading, found.total.figure) == ("By unit", "3 of 7")
    assert found.notes == [
        "The rows add up to the total.",
        "1 of the estimate is not listed as an item and stands in no row.",
    ]


def test_what_has_nothing_to_tell_has_no_table() -> None:
    nothing = Part(numerator=N(3))

    assert said(parted("priority", nothing), parted("region", available=False)) == []
    [withheld] = said(parted("region", withheld=2), language="fr")
    assert (withheld.heading, list(withheld.rows)) == ("Par région", [])
    assert withheld.notes[0].startswith("Les effectifs de 1 à 4 Membres")


def test_one_part_that_is_the_whole_is_not_told_again() -> None:
    whole = Part(code="RP", title="Revenue Package", numerator=N(3), denominator=N(7))
    less = Part(code="RP", title="Revenue Package", numerator=N(3), denominator=N(5))

    assert said(parted("package", whole)) == []
    assert [one.heading for one in said(parted("package", less))] == ["By package"]
    assert len(said(parted("package", whole, whole))) == 1


def test_small_counts_are_marked_or_withheld() -> None:
    [office] = said(
        parted("region", Part(code="EUROPE", numerator=N(1), denominator=N(2), suppressed=True))
    )
    [outside] = said(
        parted(
            "region",
            Part(code="EUROPE", suppressed=True),
            Part(code="NORTH", numerator=N(6), denominator=N(6)),
            withheld=1,
        ),
        language="fr",
    )

    assert (office.rows[0].figure, office.rows[0].small) == ("1 of 2", True)
    assert office.notes[0].startswith("Marked rows tell of 1 to 4 Members")
    assert [(str(row.name), row.figure) for row in outside.rows] == [
        ("Europe", "non communiqué"),
        ("NORTH", "6 sur 6"),
    ]


def test_pairs_stand_beside_tools() -> None:
    [found] = said(
        parted("package", Part(code="ECP", title="ECP", numerator=N(4), pairs=5)), language="fr"
    )

    assert (found.rows[0].figure, found.rows[0].beside) == (
        "4",
        "5 couples d’un outil et d’un Membre",
    )


async def test_the_page_shows_the_tables_and_where_to_have_them_as_a_file(
    open_pages: Callable[..., httpx.AsyncClient], figures: FakeFigures
) -> None:
    key = f"{PLAN}:SG"
    part = Part(code="CF", title="<b>Unit</b>", title_fr="Unité", numerator=N(2), denominator=N(6))
    figures.parted[key, "unit"] = parted("unit", part, statement="They add up.")
    async with open_pages() as pages:
        shown = (await pages.get(f"/indicators/{key}?period=FY2019")).text
        french = (await pages.get(f"/indicators/{key}?period=FY2019&lang=fr")).text
        without = (await pages.get(f"/indicators/{PLAN}:SP7.3?period=FY2019")).text

    assert "&lt;b&gt;Unit&lt;/b&gt;" in shown
    assert "They add up." in shown
    assert "/api/v1/exports/parts.xlsx?plan=wco-2019-2022&amp;period=FY2019" in shown
    assert "Par unité" in french
    assert "2 sur 6" in french
    assert "exports/parts" not in without
    # Each read makes the judgement again: one a page for all dimensions.
    assert figures.divided == [key, key, f"{PLAN}:SP7.3"]
