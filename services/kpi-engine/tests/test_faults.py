"""Figures that nobody thought of: one indicator waits for a while, all others are judged."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import cast

from kpi_engine.adapters.bench import SqlBench
from kpi_engine.domain.figures import Measured, Statements
from kpi_engine.handlers.judge import Judging
from kpi_engine.handlers.results import amount, ratio
from kpi_engine.ports import Bench, Question
from tests.support.engine_builders import key, the_plan
from tests.support.engine_lab import Lab, sent


class Broken:
    """A bench whose answer for one indicator cannot be judged."""

    def __init__(self, bench: Bench, *, indicator: str) -> None:
        self._bench = bench
        self._indicator = indicator

    async def measure(self, questions: Sequence[Question]) -> Sequence[tuple[Measured, Statements]]:
        answers = await self._bench.measure(questions)
        bad = replace(Measured(), last_fact_at=cast(None, "no time"))
        return [
            (bad if question.indicator == self._indicator else measured, said)
            for question, (measured, said) in zip(questions, answers, strict=True)
        ]


def test_a_figure_beyond_the_digits_of_a_decimal_is_shown_as_the_largest() -> None:
    huge = Fraction(10**30)

    assert ratio(huge) == Decimal("999999999999999999.999999")
    assert amount(-huge) == Decimal("-999999999999999999.999999")


async def test_what_cannot_be_judged_waits_and_holds_up_nobody(lab: Lab) -> None:
    whole = lab.engine.judging
    broken: Judging = replace(
        whole, bench=lambda tx: Broken(SqlBench(tx.session), indicator=key("SP5"))
    )
    await lab.feed(sent(the_plan(), id="p"))

    async def judge_by(judging: Judging) -> None:
        while True:
            async with lab.engine.transact(judging=True) as tx:
                if not await judging(tx):
                    return

    await judge_by(broken)

    assert {one.key for one in await lab.judgements()} >= {key("SG"), key("SP7.1")}
    left = await lab.rows("SELECT DISTINCT indicator FROM mark")
    assert [row[0] for row in left] == [key("SP5")]
    failed = lab.engine.metrics.value("judge_failed_total")
    assert failed > 0
    await judge_by(broken)
    assert lab.engine.metrics.value("judge_failed_total") == failed

    await judge_by(replace(whole, aside=type(whole.aside)()))
    assert await lab.rows("SELECT 1 FROM mark") == []
    assert key("SP5") in {one.key for one in await lab.judgements()}
