"""Conditions of a measure at their edges; and what leaves a measure as it was."""

import json
from datetime import date
from decimal import Decimal
from fractions import Fraction
from hashlib import blake2b

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_engine.domain.conditions import Bound, Condition
from kpi_engine.handlers.compiling import measure_content
from shared_kit.events.definitions import Count
from tests.support.engine_builders import the_snapshot

D, F = date, Fraction


def condition(**said: Bound | bool | frozenset[str] | None) -> Condition:
    nothing: frozenset[str] = frozenset()
    fields = {"any_of": nothing, "none_of": nothing, "not_only": nothing, **said}
    return Condition(field="f", why="w", why_fr="p", **fields)  # type: ignore[arg-type]  # typed above


@pytest.mark.parametrize(
    ("value", "holds"),
    [("2019-12-31", False), ("2020-01-01", True), ("2020-02-01", True), ("2020-02-02", False)],
)
def test_both_ends_of_a_range_of_dates_belong_to_it(value: str, holds: bool) -> None:
    asked = condition(at_least=D(2020, 1, 1), at_most=D(2020, 2, 1))

    assert asked.holds(frozenset({value})) is holds


@pytest.mark.parametrize(
    ("value", "holds"),
    [("0.249999", False), ("0.25", True), ("0.250000", True), ("9", True), ("1E+1", True)],
)
def test_numbers_are_compared_exactly_however_they_are_written(value: str, holds: bool) -> None:
    assert condition(at_least=F(1, 4)).holds(frozenset({value})) is holds


@pytest.mark.parametrize("values", [(), ("soon",), ("7",), ("2020-01-01", "soon")])
def test_what_is_not_given_or_of_another_type_is_in_no_range(values: tuple[str, ...]) -> None:
    assert not condition(at_least=D(2000, 1, 1)).holds(frozenset(values))
    assert not condition(at_most=D(2100, 1, 1)).holds(frozenset(values))


def test_presence_asks_only_whether_something_is_given() -> None:
    some, none = frozenset({"x"}), frozenset[str]()

    assert (condition(present=True).holds(some), condition(present=True).holds(none)) == (
        True,
        False,
    )
    assert (condition(present=False).holds(some), condition(present=False).holds(none)) == (
        False,
        True,
    )


@given(
    st.decimals(-99, 99, places=3), st.decimals(-99, 99, places=3), st.decimals(-99, 99, places=3)
)
def test_a_range_is_both_of_its_ends_together(low: Decimal, high: Decimal, value: Decimal) -> None:
    values = frozenset({str(value)})
    both = condition(at_least=F(low), at_most=F(high)).holds(values)

    assert both is (low <= value <= high)
    assert both is (
        condition(at_least=F(low)).holds(values) and condition(at_most=F(high)).holds(values)
    )


def test_a_measure_that_says_nothing_new_keeps_what_it_has_counted() -> None:
    # The content as it was before there were `present`, `at_least` and `at_most`.
    cycle = the_snapshot().cycle
    later = {"present", "at_least", "at_most"}
    looked_at = 0
    for indicator in the_snapshot().indicators:
        measure = indicator.measure
        if not isinstance(measure, Count):
            continue
        said = json.loads(measure.model_dump_json(exclude={"split_by", "initially_estimated"}))
        for name in ("where", "also_where", "released"):
            said[name] = [
                {field: value for field, value in one.items() if field not in later}
                for one in said[name]
            ]
            looked_at += len(said[name])
        before = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
        digest = blake2b(f"{cycle.year_start_month}|{before}".encode(), digest_size=16).digest()
        assert measure_content(measure, cycle) == digest, indicator.code
    assert looked_at > 20
