"""What a judgement carries to judge further: pace, recent days, forecast, freshness."""

from datetime import UTC, date, datetime
from decimal import Decimal

from kpi_engine.bootstrap import explainer_of
from kpi_engine.handlers.results import says_the_same
from kpi_engine.ports import StoredJudgement
from shared_kit.events.activity import InstrumentImplemented
from shared_kit.events.results import IndicatorJudged, NoForecast
from tests.support.engine_builders import adopted, an_item, key, released, the_plan, these
from tests.support.engine_lab import Lab, sent
from tests.support.engine_tables import estimate, figure

D = date
# 3 February 2020 less 90 days: what happened on 5 November is 90 days ago, and not recent.
OLD, RECENT = D(2019, 11, 5), D(2019, 11, 6)


async def test_counts_carry_their_pace_and_forecast_and_are_made_again(lab: Lab) -> None:
    items = [an_item(n, due=D(2019, 9, 2)) for n in range(8)]
    rest = [an_item(f"later-{n}", due=D(2020, 5, 4)) for n in range(6)]
    await lab.feed(sent(the_plan(), id="p"), sent(adopted(*items, *rest), id="a"))
    days = [D(2019, 9, 2)] * 5 + [OLD, RECENT]
    await lab.feed(
        *(
            sent(released(item, on), id=f"r{n}", recorded=datetime(2020, 1, n + 1, tzinfo=UTC))
            for n, (item, on) in enumerate(zip(items, days, strict=False))
        )
    )
    await lab.judge()

    found = await lab.result(key("SG"))
    assert found.pace is not None
    # 7 of 14 are missing in 148 days; one came in the last 90 days.
    assert these(found.pace.missing, found.pace.days_left, found.pace.recent_days) == (7, 148, 90)
    assert found.pace.needed == Decimal("1.418919")
    assert found.pace.recent == Decimal("0.333333")
    assert found.forecast is not None
    # 7 of 8 that were due came; 6 are still to come, the one that is late is not awaited.
    assert these(found.forecast.method, found.no_forecast) == ("plan", None)
    assert 7 <= found.forecast.low <= found.forecast.likely <= found.forecast.high == 13
    assert found.last_fact_at == datetime(2020, 1, 7, tzinfo=UTC)
    cycle = await lab.result(key("SG"), "2019-2022")
    assert (cycle.forecast, cycle.no_forecast) == (None, NoForecast.TOO_EARLY)
    explainer = explainer_of(lab.engine)
    for row in await lab.rows("SELECT id, result, offsets FROM judgement ORDER BY id"):
        assert await explainer.reproduces(judged=StoredJudgement(*row))


async def test_tools_are_recent_by_the_first_time_that_they_were_used(lab: Lab) -> None:
    def used(tool: str, member: str, on: date) -> InstrumentImplemented:
        return InstrumentImplemented(
            instrument=tool, packages=("ECP",), member=member, implemented_on=on
        )

    facts = (
        used("A", "M1", OLD), used("A", "M2", RECENT), used("B", "M1", RECENT),
        used("C", "M1", D(2020, 2, 3)),
    )  # fmt: skip
    await lab.feed(sent(the_plan(), id="p"), sent(estimate("SP1.2", 9), id="e"))
    await lab.feed(*(sent(fact, id=f"u{n}") for n, fact in enumerate(facts)))
    await lab.judge()

    found = await lab.result(key("SP1.2"))
    assert found.pace is not None
    assert these(found.numerator, found.pace.missing) == (3, 6)
    assert found.pace.recent == Decimal("0.666667"), "two in 90 days"


async def test_a_stated_figure_has_the_moment_it_was_recorded_and_no_forecast(lab: Lab) -> None:
    stated = datetime(2020, 1, 9, 8, tzinfo=UTC)
    await lab.feed(
        sent(the_plan(), id="p"),
        sent(estimate("SP5", 9), id="e"),
        sent(figure("SP5", "4"), id="f", recorded=stated),
    )
    await lab.judge()

    found = await lab.result(key("SP5"))
    assert (found.last_fact_at, found.forecast) == (stated, None)
    assert (found.no_forecast, found.pace) == (NoForecast.STATED, None)


async def test_a_judgement_from_before_a_field_existed_is_still_said_to_be_the_same(
    lab: Lab,
) -> None:
    await lab.feed(sent(the_plan(), id="p"), sent(estimate("SP5", 40), id="e"))
    await lab.judge()
    now = await lab.result(key("SP5"))
    fields = now.model_dump(mode="json", exclude={"no_forecast", "pace"})
    before = IndicatorJudged.model_validate_json(
        IndicatorJudged.model_validate(fields | {"forecast": None}, strict=False).model_dump_json(
            exclude={"no_forecast", "pace"}
        )
    )

    assert now.forecast is not None
    assert now.pace is not None
    assert says_the_same(now, kept=before)
    assert not says_the_same(now, kept=before.model_copy(update={"numerator": Decimal(9)}))
