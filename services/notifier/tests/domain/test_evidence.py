from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.domain.evidence import chance, decimal_of, once_in

HEALTHY = Fraction(95, 100)


@pytest.mark.parametrize(
    ("due", "warning_at", "critical_at"),
    [
        (8, 5, 5),
        (10, 7, 6),
        (20, 16, 15),
        (30, 25, 24),
        (50, 44, 42),
        (100, 90, 88),
        (300, 278, 275),
    ],
)
def test_evidence_begins_where_the_table_says(due: int, warning_at: int, critical_at: int) -> None:
    def odds(done: int) -> Fraction:
        return chance(due=due, done=done, healthy=HEALTHY)

    assert odds(warning_at) < Fraction(5, 100) <= odds(warning_at + 1)
    assert odds(critical_at) < Fraction(1, 100) <= odds(critical_at + 1)


def test_the_tail_is_exact() -> None:
    assert chance(due=2, done=0, healthy=HEALTHY) == Fraction(1, 400)
    assert chance(due=2, done=1, healthy=HEALTHY) == 1 - Fraction(361, 400)
    assert chance(due=2, done=2, healthy=HEALTHY) == 1


@given(due=st.integers(1, 60), data=st.data())
def test_fewer_done_is_never_more_likely(due: int, data: st.DataObject) -> None:
    done = data.draw(st.integers(0, due - 1))

    fewer = chance(due=due, done=done, healthy=HEALTHY)
    more = chance(due=due, done=done + 1, healthy=HEALTHY)

    assert 0 < fewer < more <= 1


@pytest.mark.parametrize(("due", "done"), [(5, 6), (5, -1)])
def test_refuses_counts_that_cannot_be(due: int, done: int) -> None:
    with pytest.raises(ValueError, match="items"):
        chance(due=due, done=done, healthy=HEALTHY)


@pytest.mark.parametrize(
    ("one_in", "said"),
    [(20, 20), (99, 99), (100, 100), (662, 660), (666, 670), (1_234_567, 1_200_000)],
)
def test_odds_are_told_in_two_digits(one_in: int, said: int) -> None:
    assert once_in(Fraction(1, one_in)) == said


def test_a_probability_travels_with_six_places() -> None:
    exact = chance(due=26, done=20, healthy=HEALTHY)

    assert str(decimal_of(exact)) == "0.001511"
    assert str(decimal_of(Fraction(1))) == "1.000000"
    assert decimal_of(None) is None
