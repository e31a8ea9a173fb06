import re
from fractions import Fraction

from plan_api.report.pages.strategic_map import HALVES, Block, lay_out
from shared_kit.events.definitions import Objective, PlanSnapshot
from tests.support.page_data import the_plan


def blocks_of(plan: PlanSnapshot) -> dict[str, tuple[Block, ...]]:
    laid = lay_out(plan)
    return {band.perspective.code: band.blocks for band in (*laid.bands, *laid.across)}


def a_plan_with(count: int) -> PlanSnapshot:
    """One band of objectives without groups."""
    plan = the_plan()
    pattern = plan.objectives[1]
    objectives = tuple(pattern.model_copy(update={"code": f"X{place}"}) for place in range(count))
    return plan.model_copy(update={"objectives": objectives, "links": (), "indicators": ()})


def test_runs_from_results_down_with_organizational_capacity_across() -> None:
    laid = lay_out(the_plan())

    assert [band.perspective.code for band in laid.bands] == [
        "RESULTS",
        "MEMBERS",
        "PROCESSES",
        "LEARNING",
    ]
    assert [band.perspective.code for band in laid.across] == ["CAPACITY"]


def test_shows_each_of_the_17_objectives_once() -> None:
    plan = the_plan()

    shown = [
        objective.code
        for blocks in blocks_of(plan).values()
        for block in blocks
        for objective in block.objectives
    ]

    assert sorted(shown) == sorted(objective.code for objective in plan.objectives)
    assert len(shown) == 17


def test_gives_every_box_the_same_width() -> None:
    for blocks in blocks_of(the_plan()).values():
        for block in blocks:
            assert Fraction(block.halves, block.columns) == 2


def test_never_lets_blocks_of_a_row_overlap_or_leave_the_band() -> None:
    for plan in (the_plan(), *(a_plan_with(count) for count in range(1, 16))):
        for blocks in blocks_of(plan).values():
            for block in blocks:
                assert block.at >= 1
                assert block.at + block.halves - 1 <= HALVES
            if sum(block.halves for block in blocks) <= HALVES:
                taken = [
                    half for block in blocks for half in range(block.at, block.at + block.halves)
                ]
                assert len(taken) == len(set(taken))


def test_draws_links_between_neighbouring_bands_only_in_the_gap_between_them() -> None:
    for band in lay_out(the_plan()).bands:
        heights = [int(y) for y in re.findall(r'y[12]="(\d+)"', str(band.links))]
        assert all(0 <= y <= 56 for y in heights)


def test_leads_from_three_groups_of_processes_to_three_objectives_for_members() -> None:
    processes = next(
        band for band in lay_out(the_plan()).bands if band.perspective.code == "PROCESSES"
    )

    arrows = re.findall(r'<svg x="([\d.]+%)"', str(processes.links))

    assert arrows == ["25%", "50%", "75%"]


def test_loads_a_plan_without_links_or_groups() -> None:
    plan = a_plan_with(9).model_copy(update={"groups": ()})

    assert sum(len(block.objectives) for block in blocks_of(plan)["MEMBERS"]) == 9


def test_keeps_the_order_of_the_plan() -> None:
    shown: list[Objective] = [
        objective for block in blocks_of(the_plan())["PROCESSES"] for objective in block.objectives
    ]

    assert [objective.code for objective in shown] == [f"SP{number}" for number in range(1, 9)]
