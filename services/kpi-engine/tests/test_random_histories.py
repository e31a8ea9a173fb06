"""Random histories: the engine, fed in any order, says what a second calculation says."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest

from kpi_engine.bootstrap import explainer_of
from kpi_engine.operations import reconcile_ledger
from kpi_engine.ports import StoredJudgement
from shared_kit.events.results import IndicatorJudged
from tests.support.engine_builders import key, the_plan
from tests.support.engine_lab import Lab, sent
from tests.support.engine_streams import Streams
from tests.support.oracle_facts import Said
from tests.support.oracle_table import figures
from tests.support.trial_history import History

TODAYS = (
    datetime(2020, 2, 3, 8, tzinfo=UTC),
    datetime(2020, 7, 30, 8, tzinfo=UTC),  # the last day of the grace of FY2019
    datetime(2020, 7, 31, 8, tzinfo=UTC),
    datetime(2021, 3, 1, 8, tzinfo=UTC),
)


def rounded(value: Fraction | None) -> Decimal | None:
    return None if value is None else Decimal(round(value * 10**6)).scaleb(-6)


def compare(
    said: Mapping[tuple[str, str], Said], found: Mapping[tuple[str, str], IndicatorJudged]
) -> None:
    for (code, period), expected in said.items():
        judged = found[key(code), period]
        got = (
            judged.numerator, judged.denominator, judged.due, judged.due_done,
            judged.attainment, judged.status, judged.reason,
        )  # fmt: skip
        wanted = (
            rounded(expected.numerator), rounded(expected.denominator), rounded(expected.due),
            rounded(expected.due_done), rounded(expected.attainment), expected.status,
            expected.reason,
        )  # fmt: skip
        assert got == wanted, f"{code} {period}"


@pytest.mark.parametrize(
    "seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.explore) for seed in range(2, 40))]
)
async def test_a_history_of_every_type_of_fact_agrees_too(lab: Lab, seed: int) -> None:
    """The one that `tests/faults/test_ten_thousand_events.py` sends through crashes, in small."""
    random = Random(seed)
    history = History(seed=seed, length=random.randrange(200, 700))
    now = TODAYS[seed % len(TODAYS)]
    lab.clock.move_to(now)
    stream = [(one.topic, one.event) for one in history.arrivals]

    while stream:
        size = random.randrange(20, 200)
        await lab.feed(*stream[:size])
        del stream[:size]
        await lab.judge()

    compare(figures(history.events, today=now.date()), await lab.figures())
    assert await lab.parked() == []


@pytest.mark.parametrize("seed", range(8))
async def test_the_engine_and_a_second_calculation_agree(lab: Lab, seed: int) -> None:
    random = Random(seed)
    now = TODAYS[seed % len(TODAYS)]
    lab.clock.move_to(now)
    history = [*Streams(seed).history(length=140), sent(the_plan(), id="plan")]
    said = figures([event for _, event in history], today=now.date())
    # In any order, some twice, in batches of any size, judged in between.
    stream = [*history, *random.sample(history, 20)]
    random.shuffle(stream)

    while stream:
        size = random.randrange(1, 40)
        await lab.feed(*stream[:size])
        del stream[:size]
        if random.random() < 0.4:
            await lab.judge()
    await lab.judge()

    compare(said, await lab.figures())
    assert await lab.parked() == []
    checked = await reconcile_ledger(lab.engine)
    assert checked is not None
    assert (checked.lost, checked.surplus, checked.findings) == (0, 0, ())
    assert (checked.figures >= 58, checked.waiting) == (True, 0)
    if seed % 2:
        return  # explaining each judgement takes longest: half of the histories will do
    explainer = explainer_of(lab.engine)
    for row in await lab.rows("SELECT id, result, offsets FROM judgement ORDER BY id"):
        judged = StoredJudgement(*row)
        assert await explainer.reproduces(judged=judged), judged.result
