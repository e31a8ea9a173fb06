"""The four hard shapes end to end: ingest, judge, figures."""

from datetime import date
from decimal import Decimal

from shared_kit.events.activity import (
    ResourcesAllocated,
    SourceAmounts,
    SupportProvided,
    SupportRequested,
)
from shared_kit.events.definitions import Count
from shared_kit.events.plans import EstimateStated, TargetSet
from tests.support.engine_builders import (
    adopted,
    an_item,
    key,
    reached,
    released,
    the_plan,
    the_snapshot,
    these,
)
from tests.support.engine_lab import Lab, sent

D = date


async def test_a_planned_count_is_judged_by_its_due_items(lab: Lab) -> None:
    items = [an_item(n, due=D(2019, 11, 30), title_fr=f"Élément {n}") for n in range(4)]

    await lab.feed(sent(the_plan(), id="p"), sent(adopted(*items), id="a"))
    await lab.feed(*(sent(released(items[n], D(2019, 11, 1)), id=f"r{n}") for n in range(3)))
    await lab.judge()

    sg = await lab.result(key("SG"))
    assert these(sg.numerator, sg.denominator) == (3, 4)
    assert these(sg.due, sg.due_done, sg.due_by) == (4, 3, D(2020, 1, 4))
    assert sg.attainment == Decimal("0.75")
    assert sg.status == "at-risk"
    assert [(one.title, one.title_fr, one.days) for one in sg.overdue] == [
        ("Item 3", "Élément 3", 65)
    ]


async def test_requests_are_open_over_an_interval(lab: Lab) -> None:
    await lab.feed(sent(the_plan(), id="p"))
    await lab.feed(
        *(
            sent(
                SupportRequested(
                    request=f"REQ-{m}", member=m, topics=("ECP",), received_on=D(2019, 5, 1)
                ),
                id=f"q{m}",
            )
            for m in ("AA", "BB", "CC")
        ),
        sent(
            SupportProvided(
                deliverable=key("D-1"),
                member="AA",
                requests=("REQ-AA",),
                topics=("ECP",),
                completed_on=D(2019, 9, 1),
            ),
            id="m",
        ),
        sent(
            TargetSet(indicator=key("SP7.1"), period="FY2019", low=Decimal("0.5"), revision=1),
            id="t",
        ),
    )
    await lab.judge()

    found = await lab.result(key("SP7.1"))
    assert these(found.numerator, found.denominator) == (1, 3)
    assert found.judged is not None
    assert these(found.judged.numerator, found.judged.denominator) == (1, 3)
    assert found.status == "off-track"


async def test_milestones_weigh(lab: Lab) -> None:
    first = an_item(1, kind="milestone", objectives=("LD3",), due=D(2019, 12, 1), weight="0.4")
    second = an_item(2, kind="milestone", objectives=("LD3",), due=D(2020, 5, 1), weight="0.6")

    await lab.feed(sent(reached(first, "0.5", D(2019, 11, 1)), id="m1"))
    await lab.feed(sent(the_plan(), id="p"), sent(adopted(first, second), id="a"))
    await lab.judge()

    found = await lab.result(key("LD3.1"))
    assert these(found.numerator, found.denominator) == (Decimal("0.2"), 1)
    assert (found.due, found.due_done) == (Decimal("0.4"), Decimal("0.2"))
    assert found.attainment == Decimal("0.5")


async def test_the_highest_revision_of_a_budget_counts(lab: Lab) -> None:
    def budget(revision: int, priorities: str) -> ResourcesAllocated:
        return ResourcesAllocated(
            plan="wco-2019-2022",
            period="FY2019",
            revision=revision,
            by_source={
                "wco-budget": SourceAmounts(priorities=Decimal(priorities), total=Decimal(1000)),
                "in-kind": SourceAmounts(priorities=Decimal(5), total=Decimal(5)),
            },
        )

    await lab.feed(
        sent(budget(2, "400"), id="b2"), sent(budget(1, "300"), id="b1"), sent(the_plan(), id="p")
    )
    await lab.feed(
        sent(EstimateStated(indicator=key("SG"), period="FY2019", value=61, revision=1), id="e")
    )
    await lab.judge()

    found = await lab.result(key("ORG2.1"))
    assert these(found.numerator, found.denominator, found.ratio) == (400, 1000, Decimal("0.4"))
    assert found.reason == "no-target"
    assert (await lab.result(key("ORG2.1"), "2019-2022")).numerator == 400
    assert (await lab.result(key("SG"))).denominator == 61


async def test_so1_keeps_its_first_estimate_and_sg_takes_the_latest(lab: Lab) -> None:
    first = [an_item(n, due=D(2019, 11, 30)) for n in range(2)]
    await lab.feed(
        sent(the_plan(), id="p"),
        sent(adopted(*first), id="a1"),
        sent(adopted(*first, an_item(2, due=D(2020, 3, 1)), revision=2), id="a2"),
        sent(EstimateStated(indicator=key("SO2"), period="FY2019", value=9, revision=1), id="e1"),
        sent(EstimateStated(indicator=key("SO2"), period="FY2019", value=6, revision=2), id="e2"),
    )
    await lab.judge()

    found = await lab.figures()
    said = {
        code: (found[key(code), period].denominator, found[key(code), period].first_estimate)
        for code in ("SG", "SO1", "SO2")
        for period in ("FY2019", "2019-2022")
    }
    assert these(*said.values()) == ((3, 2), (2, 2), (9, 9))


async def test_how_an_estimate_is_taken_makes_no_contribution_anew(lab: Lab) -> None:
    await lab.feed(sent(the_plan(), id="p"))
    before = await lab.rows("SELECT id FROM measure ORDER BY id")
    plan = the_plan(
        version=2,
        indicators=tuple(
            one.model_copy(
                update={"measure": one.measure.model_copy(update={"initially_estimated": False})}
            )
            if isinstance(one.measure, Count)
            else one
            for one in the_snapshot().indicators
        ),
    )

    await lab.feed(sent(plan, id="p2"), sent(adopted(an_item(1)), id="a1"))
    await lab.feed(sent(adopted(an_item(1), an_item(2), revision=2), id="a2"))
    await lab.judge()

    assert await lab.rows("SELECT id FROM measure ORDER BY id") == before
    assert (await lab.result(key("SO1"))).denominator == 2
