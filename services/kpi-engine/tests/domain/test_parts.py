"""Which parts of a figure are too small to be shown, and what must go with them."""

from fractions import Fraction
from random import Random

import pytest

from kpi_engine.domain.parts import Cell, overlap_of, suppressed


def cell(members: int, served: int | None = None, *, code: str | None = "x") -> Cell:
    return Cell(code=code, numerator=Fraction(served or 0), members=members, served=served)


@pytest.mark.parametrize(
    ("cells", "hidden"),
    [
        ([cell(5), cell(9)], set()),
        ([cell(4), cell(9), cell(6), cell(7)], {0, 2}),  # one alone could be subtracted out
        ([cell(4), cell(1), cell(6)], {0, 1}),  # together five: no small count
        ([cell(2), cell(2), cell(6), cell(8)], {0, 1, 2}),  # together four: still small
        ([cell(0), cell(5)], set()),  # nobody is no small count
        ([cell(0), cell(4), cell(9)], {1, 2}),  # an empty row hides nothing
        ([cell(0), cell(4)], {0, 1}),  # the only one: the total is its own
        ([cell(2), cell(1)], {0, 1}),
        ([cell(12, 5), cell(10, 0), cell(7, 7)], set()),
        ([cell(12, 4), cell(10, 0), cell(7, 7)], {0, 2}),  # 4 were served
        ([cell(12, 8), cell(10, 0), cell(17, 7)], {0, 1}),  # 4 were not
        ([], set()),
    ],
)
def test_small_counts_and_what_would_give_them_away_are_hidden(
    cells: list[Cell], hidden: set[int]
) -> None:
    assert suppressed(cells) == hidden


def test_no_hidden_count_can_be_worked_out_by_subtraction() -> None:
    random = Random(11)
    tried = 0
    for _ in range(3000):
        cells = []
        for _ in range(random.randrange(1, 7)):
            members = random.choice((0, 1, 2, 3, 4, 5, 6, 9, 20))
            cells.append(cell(members, random.randrange(members + 1)))
        hidden = suppressed(cells)
        assert all(n in hidden for n, one in enumerate(cells) if one.small)
        if not hidden or len(hidden) == len(cells):
            continue
        tried += 1
        # What the total less the shown rows gives away is the sum of several, and no small one.
        members = sum(cells[n].members or 0 for n in hidden)
        served = sum(cells[n].served or 0 for n in hidden)
        assert len([n for n in hidden if cells[n].members]) > 1
        assert not any(0 < count < 5 for count in (members, served, members - served))
    assert tried > 500


def test_the_rule_without_its_second_half_would_give_one_away() -> None:
    """The control: hiding small counts alone fails what the rule guards."""
    cells = [cell(4), cell(9), cell(6)]
    naive = {n for n, one in enumerate(cells) if one.small}
    total = sum(one.members or 0 for one in cells)

    assert total - sum(cells[n].members or 0 for n in {0, 1, 2} - naive) == 4
    assert suppressed(cells) > naive


def test_the_overlap_leaves_out_what_is_of_no_part() -> None:
    cells = [
        Cell(code="a", numerator=Fraction(2), denominator=Fraction(5)),
        Cell(code=None, numerator=Fraction(1), denominator=Fraction(3)),
    ]
    total = Cell(code=None, numerator=Fraction(2), denominator=Fraction(9))

    found = overlap_of(cells, total, beside=Fraction(2))

    assert (found.numerator, found.denominator) == (Fraction(1), Fraction(1))
    assert overlap_of(cells, total).denominator is None
