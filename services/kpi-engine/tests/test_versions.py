"""An indicator is measured with the definition in force at the earlier of as-of and period end."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from kpi_engine.bootstrap import explainer_of
from kpi_engine.domain.definitions import Plan
from kpi_engine.handlers.compiling import compile_plans, measure_keys
from kpi_engine.handlers.judge import case_on
from kpi_engine.ports import StoredJudgement
from shared_kit.events.definitions import Condition, Count, PlanSnapshot, Said, Tolerance
from tests.support.engine_builders import (
    PLAN,
    adopted,
    an_item,
    key,
    released,
    the_plan,
    the_snapshot,
    these,
)
from tests.support.engine_lab import Lab, sent

D = date
MID_YEAR, NEXT_YEAR = D(2020, 1, 6), D(2020, 7, 1)
WHY = Said(en="It is no workshop.", fr="Ce n’est pas un atelier.")


def version(number: int, effective_on: date, **changes: Any) -> PlanSnapshot:
    """The plan with another SG."""
    indicators = tuple(
        one.model_copy(update=changes) if one.code == "SG" else one
        for one in the_snapshot().indicators
    )
    return the_snapshot().model_copy(
        update={"version": number, "effective_on": effective_on, "indicators": indicators}
    )


WORKSHOPS = Count(where=(Condition(field="kind", any_of=("workshop",), why=WHY),))
STRICT = Tolerance.model_validate_json('{"on_track": "0.99", "at_risk": "0.98"}')
SECOND = version(2, MID_YEAR, measure=WORKSHOPS, grace_days=10)
THIRD = version(3, NEXT_YEAR, tolerance=STRICT)


def compiled(*snapshots: PlanSnapshot) -> Plan:
    ids = {one: number for number, one in enumerate(measure_keys(snapshots))}
    return compile_plans(snapshots, ids=ids)[PLAN]


@pytest.mark.parametrize(
    ("period", "as_of", "expected"),
    [
        ("FY2019", D(2020, 1, 5), 1),
        ("FY2019", D(2020, 1, 6), 2),
        ("FY2019", D(2020, 6, 30), 2),
        ("FY2019", D(2020, 7, 1), 2),
        ("FY2019", D(2022, 1, 1), 2),
        ("FY2020", D(2020, 7, 1), 3),
        ("2019-2022", D(2020, 6, 30), 2),
        ("2019-2022", D(2020, 7, 1), 3),
        ("2019-2022", D(2023, 1, 1), 3),
    ],
)
def test_the_earlier_of_as_of_and_period_end_chooses_the_version(
    period: str, as_of: date, expected: int
) -> None:
    # Whichever was published first, the day of effect decides.
    plan = compiled(THIRD, the_snapshot(), SECOND)

    case = case_on(plan, key("SG"), period, as_of)

    assert case is not None
    assert case.definition.version == expected
    assert case.question.measure_id == case.definition.measure_id


def test_what_a_later_version_leaves_out_stays_defined_for_what_was_over_before() -> None:
    without = the_snapshot().model_copy(
        update={"version": 2, "effective_on": NEXT_YEAR, "indicators": ()}
    )
    plan = compiled(the_snapshot(), without)

    assert case_on(plan, key("SG"), "FY2019", D(2021, 3, 1)) is not None
    assert case_on(plan, key("SG"), "FY2020", D(2021, 3, 1)) is None
    assert case_on(plan, key("SG"), "2019-2022", D(2020, 6, 30)) is not None
    assert case_on(plan, key("SG"), "2019-2022", D(2020, 7, 1)) is None


async def judged_on(lab: Lab, day: date) -> None:
    lab.clock.move_to(datetime.combine(day, time(8), tzinfo=UTC))
    await lab.open_day()
    await lab.judge()


async def test_a_version_in_the_middle_of_a_year_changes_the_figure_from_its_day_on(
    lab: Lab,
) -> None:
    guide = an_item(1, due=D(2019, 9, 2))
    workshop = an_item(2, due=D(2019, 12, 16), kind="workshop")
    begun = datetime(2019, 12, 17, 8, tzinfo=UTC)
    lab.clock.move_to(begun)
    await lab.feed(
        sent(the_plan(), id="p1", time=begun),
        sent(adopted(guide, workshop), id="a", time=begun),
        sent(released(guide, D(2019, 9, 2)), id="r", time=begun),
    )
    # Known since December, in force later: it changes nothing before its day.
    for number, one in ((2, SECOND), (3, THIRD)):
        await lab.feed(sent(the_plan(**dict(one)), id=f"p{number}", time=begun))
    await lab.judge()
    for day in (D(2019, 12, 18), D(2020, 1, 6), D(2020, 6, 30)):
        await judged_on(lab, day)
    # After the year's end the third version is in force, and the year keeps its second.
    await judged_on(lab, D(2020, 7, 1))

    found = {
        (one.judged_on, one.period): one
        for one in await lab.judgements()
        if one.key == key("SG") and one.daily
    }
    before, after = found[D(2019, 12, 18), "FY2019"], found[D(2020, 1, 6), "FY2019"]
    # The workshop is within the first version's grace of 30 days, and beyond the second's of 10.
    assert these(before.definition_version, before.numerator, before.denominator) == (1, 1, 2)
    assert these(before.due, before.due_done, before.status) == (1, 1, "on-track")
    assert these(after.definition_version, after.numerator, after.denominator) == (2, 0, 1)
    assert these(after.due, after.due_done, after.status) == (1, 0, "off-track")
    assert found[D(2020, 7, 1), "FY2019"].definition_version == 2
    assert found[D(2020, 7, 1), "2019-2022"].definition_version == 3
    assert found[D(2020, 7, 1), "2019-2022"].denominator == 2, "both count again"
    assert before.definition_digest != after.definition_digest
    explainer = explainer_of(lab.engine)
    for row in await lab.rows(
        "SELECT id, result, offsets FROM judgement WHERE indicator = :key ORDER BY id",
        key=key("SG"),
    ):
        assert await explainer.reproduces(judged=StoredJudgement(*row))
