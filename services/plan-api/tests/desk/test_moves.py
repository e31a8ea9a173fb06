"""Which figures a deed is said to have moved."""

from decimal import Decimal

from plan_api.desk.model import Figure, moves_between


def test_a_nothing_that_becomes_a_known_zero_moves_nothing() -> None:
    nothing = Figure(numerator=None, denominator=None)
    zero = Figure(numerator=Decimal(0), denominator=Decimal(0))
    one = Figure(numerator=Decimal(0), denominator=Decimal(1))

    moves = moves_between({"SG": nothing, "SP5": nothing}, {"SG": one, "SP5": zero})

    assert [move.code for move in moves] == ["SG"]
