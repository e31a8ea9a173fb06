"""Ingest: each fact once, whatever comes twice, late, wrong or out of order."""

import asyncio
from datetime import date, timedelta

import pytest

from kpi_engine.operations import replay_ledger
from shared_kit.delivery import crashpoints
from shared_kit.delivery.errors import FencedError
from shared_kit.events.activity import SupportProvided, SupportRequested
from shared_kit.events.corrections import (
    FactContested,
    FactReplaced,
    FactRetracted,
)
from shared_kit.events.envelope import CloudEvent
from shared_kit.events.plans import EstimateStated, PlanPublished
from shared_kit.events.work import Stage
from shared_kit.messaging.log import Record
from tests.support.engine_builders import (
    adopted,
    an_item,
    as_json,
    key,
    reached,
    released,
    the_plan,
    the_snapshot,
    these,
)
from tests.support.engine_lab import NOW, SOURCE, Lab, sent

D = date
ITEM = an_item(1, due=D(2019, 11, 30))
OTHER = an_item(2, due=D(2019, 11, 30))
PLAN = [sent(the_plan(), id="p"), sent(adopted(ITEM, OTHER), id="a")]
OCCASION = {"revision", "judged_at", "daily", "restated"}
RELEASE = sent(released(ITEM, D(2019, 11, 1)), id="r")


def corrects(
    id: str, event: FactRetracted | FactReplaced | FactContested
) -> tuple[str, CloudEvent]:
    return sent(event, id=id, topic="work", subject=ITEM["deliverable"])


def retracts(own: str, target: str) -> tuple[str, CloudEvent]:
    return corrects(own, FactRetracted(source=SOURCE, id=target))


async def numerators(lab: Lab, code: str = "SG") -> tuple[object, object]:
    await lab.judge()
    found = await lab.figures()
    return found[key(code), "FY2019"].numerator, found[key(code), "2019-2022"].numerator


async def test_a_fact_that_comes_twice_counts_once(lab: Lab) -> None:
    await lab.feed(*PLAN, RELEASE, RELEASE)
    await lab.feed(RELEASE)

    assert await numerators(lab) == (1, 1)
    assert await lab.parked() == []
    assert lab.engine.metrics.value("duplicates_total") == 2


@pytest.mark.parametrize("together", [True, False])
async def test_the_same_id_with_another_content_is_parked(lab: Lab, together: bool) -> None:
    contradiction = sent(released(OTHER, D(2019, 11, 1)), id="r")
    await lab.feed(*PLAN)

    if together:
        await lab.feed(RELEASE, contradiction)
    else:
        await lab.feed(RELEASE)
        await lab.feed(contradiction)

    assert await numerators(lab) == (1, 1)
    assert [code for code, _ in await lab.parked()] == ["contradiction"]


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (sent(released(ITEM, D(2019, 11, 1)), id="x", topic="activity"), "wrong-topic"),
        (
            sent(released(ITEM, D(2019, 11, 1)), id="x", time=NOW + timedelta(hours=24, seconds=1)),
            "in-the-future",
        ),
        (
            sent(
                released(ITEM, D(2019, 11, 1)),
                id="x",
                time=NOW,
                recorded=NOW + timedelta(hours=24, seconds=1),
            ),
            "in-the-future",
        ),
    ],
    ids=["topic", "time", "recorded"],
)
async def test_what_can_never_be_used_is_parked(
    lab: Lab, event: tuple[str, CloudEvent], code: str
) -> None:
    await lab.feed(*PLAN, RELEASE, event)

    assert [found for found, _ in await lab.parked()] == [code]
    assert await numerators(lab) == (1, 1)


async def test_a_day_ahead_is_still_taken(lab: Lab) -> None:
    await lab.feed(
        *PLAN, sent(released(ITEM, D(2020, 2, 3)), id="x", time=NOW + timedelta(hours=24))
    )

    assert await lab.parked() == []


async def test_recorded_time_is_stamped_where_it_is_absent(lab: Lab) -> None:
    [record] = lab.records([RELEASE])
    bare = tuple(h for h in record.headers if h[0] not in ("ce_recordedtime", "ce_time"))

    await lab.apply([Record(*record[:5], bare, record.timestamp)])

    [(stated, recorded)] = await lab.rows("SELECT stated, recorded FROM fact")
    assert stated == recorded == NOW


async def test_facts_wait_for_their_definition(lab: Lab) -> None:
    await lab.feed(RELEASE)
    await lab.feed(PLAN[1])
    assert await lab.judge() == 0

    await lab.feed(PLAN[0])

    assert await numerators(lab) == (1, 1)
    assert (await lab.result(key("SG"))).due_done == 1


async def test_a_draft_counts_nowhere_and_an_item_once(lab: Lab) -> None:
    await lab.feed(
        *PLAN,
        sent(released(OTHER, D(2019, 9, 1), stage=Stage.DRAFTED), id="d"),
        RELEASE,
        sent(released(ITEM, D(2019, 12, 1), stage=Stage.ADOPTED), id="again"),
    )

    assert await numerators(lab) == (1, 1)


@pytest.mark.parametrize(
    ("on", "figures"),
    [
        (D(2019, 6, 30), (0, 0)),
        (D(2019, 7, 1), (1, 1)),
        (D(2020, 2, 3), (1, 1)),
        (D(2020, 2, 4), (0, 0)),
    ],
    ids=["before the cycle", "its first day", "today", "tomorrow"],
)
async def test_a_fact_counts_in_its_period_and_not_before_its_date(
    lab: Lab, on: date, figures: tuple[int, int]
) -> None:
    await lab.feed(*PLAN, sent(released(ITEM, on), id="r"))

    assert await numerators(lab) == figures


async def test_a_retraction_and_its_retraction_leave_what_was(lab: Lab) -> None:
    await lab.feed(*PLAN, RELEASE)
    await lab.judge()
    original = (await lab.result(key("SG"))).model_dump(exclude=OCCASION)

    await lab.feed(retracts("c1", "r"))
    assert await numerators(lab) == (0, 0)
    await lab.feed(retracts("c2", "c1"))
    assert await numerators(lab) == (1, 1)

    again = (await lab.result(key("SG"))).model_dump(exclude=OCCASION)
    assert again == original
    report = await replay_ledger(lab.engine)
    assert (report["missing"], report["surplus"]) == (0, 0)


async def restated(lab: Lab, code: str = "SG") -> list[bool]:
    await lab.judge()
    return [
        one.restated
        for one in await lab.judgements()
        if (one.key, one.period) == (key(code), "FY2019")
    ]


async def test_a_judgement_says_that_a_correction_was_among_its_causes(lab: Lab) -> None:
    await lab.feed(*PLAN)
    assert await restated(lab) == [False]
    await lab.feed(RELEASE)
    assert await restated(lab) == [False, False], "a release restates nothing"

    await lab.feed(retracts("c1", "r"))
    assert await restated(lab) == [False, False, True]
    await lab.feed(sent(released(OTHER, D(2019, 11, 2)), id="r2"))
    assert await restated(lab) == [False, False, True, False], "it is said once"
    await lab.feed(retracts("c2", "c1"), sent(released(OTHER, D(2019, 11, 1)), id="r3"))
    assert (await restated(lab))[-1] is True


async def test_what_was_not_known_before_is_not_restated(lab: Lab) -> None:
    await lab.feed(*PLAN, retracts("c1", "r"))
    await lab.feed(RELEASE, sent(released(OTHER, D(2019, 11, 2)), id="r2"), retracts("c2", "r2"))
    await lab.feed(sent(released(OTHER, D(2019, 11, 3)), id="r3"))

    assert set(await restated(lab)) == {False}


async def test_a_contested_fact_restates_nothing(lab: Lab) -> None:
    await lab.feed(*PLAN, RELEASE)
    await lab.feed(
        corrects("c", FactContested(source=SOURCE, id="r")),
        sent(released(OTHER, D(2019, 11, 2)), id="r2"),
    )

    assert set(await restated(lab)) == {False}


async def test_a_new_title_leaves_the_digest_of_a_definition(lab: Lab) -> None:
    snapshot = the_snapshot()
    first, *rest = snapshot.indicators
    renamed = first.model_copy(update={"title": rest[0].title})
    judged_otherwise = first.model_copy(update={"grace_days": 31})

    async def digest(version: int, indicator: object) -> str | None:
        changed = snapshot.model_copy(update={"version": version, "indicators": (indicator, *rest)})
        await lab.feed(sent(PlanPublished(snapshot=changed), id=f"p{version}"))
        await lab.judge()
        return (await lab.result(f"{snapshot.plan}:{first.code}")).definition_digest

    before = await digest(1, first)
    assert before is not None
    assert await digest(2, renamed) == before
    assert await digest(3, judged_otherwise) != before


async def test_a_correction_may_come_before_its_fact(lab: Lab) -> None:
    moved = as_json(released(ITEM, D(2019, 12, 24)).model_dump_json())
    await lab.feed(*PLAN, corrects("c", FactReplaced(source=SOURCE, id="r", data=moved)))
    await lab.feed(RELEASE)
    await lab.judge()

    [(effective, count)] = await lab.rows(
        "SELECT min(c.effective), count(*) FROM contribution c JOIN fact f ON f.seq = c.fact"
        " WHERE f.event_id = 'r' AND side = 1 AND measure = (SELECT id FROM measure"
        " WHERE indicator = :key)",
        key=key("SG"),
    )
    assert (effective, count) == (D(2019, 12, 24), 1)


async def test_a_replacement_moves_a_fact_between_indicators(lab: Lab) -> None:
    wrong = an_item(3, objectives=("SO1",), listed=False)
    right = {**wrong, "objectives": (key("SO2"),)}
    await lab.feed(*PLAN, sent(released(wrong, D(2019, 11, 1)), id="w"))
    assert await numerators(lab, "SO1") == (1, 1)

    data = as_json(released(right, D(2019, 11, 1)).model_dump_json())
    await lab.feed(corrects("c", FactReplaced(source=SOURCE, id="w", data=data)))

    assert await numerators(lab, "SO1") == (0, 0)
    assert await numerators(lab, "SO2") == (1, 1)


@pytest.mark.parametrize("known", [True, False], ids=["known", "to come"])
async def test_a_replacement_that_breaks_the_contract_changes_nothing(
    lab: Lab, known: bool
) -> None:
    broken = corrects("c", FactReplaced(source=SOURCE, id="r", data={"deliverable": 1}))
    order = [RELEASE, broken] if known else [broken, RELEASE]
    await lab.feed(*PLAN)
    for event in order:
        await lab.feed(event)

    assert await numerators(lab) == (1, 1)
    assert [code for code, _ in await lab.parked()] == (["invalid-data"] if known else [])


async def test_contested_facts_count(lab: Lab) -> None:
    await lab.feed(*PLAN, RELEASE, corrects("c", FactContested(source=SOURCE, id="r")))

    assert await numerators(lab) == (1, 1)


async def test_the_first_adoption_fixes_a_date_and_later_ones_add(lab: Lab) -> None:
    moved = {**ITEM, "due": D(2020, 5, 1)}
    added = an_item(9, due=D(2019, 12, 1))
    await lab.feed(sent(adopted(moved, added, revision=2), id="a2"), *PLAN)
    await lab.judge()

    found = await lab.result(key("SG"))
    assert these(found.denominator, found.due) == (3, 3)
    assert {one.due for one in found.overdue} == {D(2019, 11, 30), D(2019, 12, 1)}


async def test_a_plan_version_counts_from_its_effective_date(lab: Lab) -> None:
    strict = [
        one.model_copy(update={"grace_days": 0}) if one.code == "SG" else one
        for one in the_snapshot().indicators
    ]
    second = the_plan(version=2, effective_on=D(2020, 2, 4), indicators=tuple(strict))
    late = an_item(5, due=D(2020, 2, 1))
    await lab.feed(*PLAN, sent(adopted(late, revision=2), id="a2"), sent(second, id="p2"))
    await lab.judge()
    before = await lab.result(key("SG"))

    lab.clock.move_to(NOW + timedelta(days=1))
    await lab.open_day()
    await lab.judge()

    after = await lab.result(key("SG"))
    assert these(before.definition_version, before.due) == (1, 2)
    assert these(after.definition_version, after.due) == (2, 3)


async def test_a_retracted_plan_version_and_its_return_keep_all_facts(lab: Lab) -> None:
    await lab.feed(*PLAN)
    await lab.feed(retracts("c1", "p"))
    await lab.feed(RELEASE)
    await lab.feed(retracts("c2", "c1"))

    assert await numerators(lab) == (1, 1)
    report = await replay_ledger(lab.engine)
    assert (report["missing"], report["surplus"]) == (0, 0)


async def test_two_fetches_of_one_batch_have_one_effect(lab: Lab) -> None:
    await lab.feed(*PLAN)
    records = lab.records([RELEASE, sent(released(OTHER, D(2019, 11, 2)), id="r2")])

    outcomes = await asyncio.gather(*(lab.apply(records) for _ in range(3)), return_exceptions=True)

    assert outcomes.count(None) >= 1
    assert all(one is None or isinstance(one, FencedError) for one in outcomes)
    assert await numerators(lab) == (2, 2)


async def test_a_milestone_stands_at_its_latest_level(lab: Lab) -> None:
    item = an_item("M1", kind="milestone", objectives=("LD3",), due=D(2019, 12, 1), weight="1")
    await lab.feed(sent(the_plan(), id="p"), sent(adopted(item), id="a"))
    await lab.feed(
        sent(reached(item, "0.75", D(2020, 1, 10)), id="m2"),
        sent(reached(item, "0.5", D(2019, 11, 1)), id="m1"),
    )

    await lab.judge()
    assert str((await lab.result(key("LD3.1"))).numerator) == "0.75"


async def test_a_request_from_before_the_cycle_is_open_until_it_is_answered(lab: Lab) -> None:
    asked = SupportRequested(
        request="REQ-1", member="AA", topics=("ECP",), received_on=D(2018, 5, 1)
    )
    answer = SupportProvided(
        deliverable=key("D-1"),
        member="AA",
        requests=("REQ-1",),
        topics=("ECP",),
        completed_on=D(2019, 6, 30),
    )
    await lab.feed(sent(the_plan(), id="p"), sent(asked, id="q"))
    await lab.judge()
    assert (await lab.result(key("SP7.1"))).denominator == 1

    await lab.feed(sent(answer, id="m"))
    await lab.judge()

    found = await lab.result(key("SP7.1"))
    assert (found.denominator, found.reason) == (None, "no-data")


async def test_a_revised_estimate_keeps_the_first_beside_it(lab: Lab) -> None:
    def estimate(value: int, revision: int) -> EstimateStated:
        return EstimateStated(indicator=key("SG"), period="FY2019", value=value, revision=revision)

    await lab.feed(sent(estimate(50, 2), id="e2"), *PLAN, sent(estimate(61, 1), id="e1"))
    await lab.judge()

    found = await lab.result(key("SG"))
    assert these(found.denominator, found.first_estimate) == (50, 61)


async def test_ingest_and_judging_pass_their_crash_points(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed: list[str] = []
    monkeypatch.setattr(crashpoints, "reach", passed.append)

    await lab.feed(*PLAN)
    await lab.judge()

    assert [name for name in dict.fromkeys(passed) if name.startswith("engine-")] == [
        "engine-after-facts",
        "engine-after-judge",
        "engine-judge-before-commit",
        "engine-judge-after-commit",
    ]


async def test_a_late_fact_that_changes_a_closed_period_is_noted(lab: Lab) -> None:
    lab.clock.move_to(NOW.replace(month=9))
    await lab.feed(*PLAN)
    await lab.judge()
    assert lab.engine.metrics.value("restated_total") == 0

    await lab.feed(RELEASE)
    await lab.judge()

    noted = await lab.rows("SELECT key FROM audit WHERE action = 'result.restated' ORDER BY key")
    assert key("SG") + ":FY2019" in {row[0] for row in noted}
    assert not any(row[0].endswith("2019-2022") for row in noted)
    assert lab.engine.metrics.value("restated_total") == len(noted)
