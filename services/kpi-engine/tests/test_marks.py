"""What a fact moves beyond the indicators that count it: each is judged again, whoever is told."""

import pytest

from shared_kit.events.corrections import FactRetracted
from tests.support.engine_builders import an_item, key, released, the_plan
from tests.support.engine_cases import D
from tests.support.engine_lab import SOURCE, Lab, sent

# One Deliverable that nobody planned, told under one objective and, released earlier, another.
LATER = sent(released(an_item(1, objectives=("SO1",), listed=False), D(2019, 11, 1)), id="later")
EARLIER = sent(released(an_item(1, objectives=("SO2",), listed=False), D(2019, 10, 1)), id="early")


async def counted(lab: Lab) -> tuple[int, int]:
    """The numerators of SO1 and SO2, judged by what is marked alone."""
    await lab.judge()
    found = [await lab.result(key(code)) for code in ("SO1", "SO2")]
    return int(found[0].numerator or 0), int(found[1].numerator or 0)


@pytest.fixture
async def told(lab: Lab) -> Lab:
    await lab.feed(sent(the_plan(), id="plan"), LATER)
    assert await counted(lab) == (1, 0)
    await lab.feed(EARLIER)
    return lab


async def test_an_earlier_release_takes_its_item_out_of_where_it_counted(told: Lab) -> None:
    assert await counted(told) == (0, 1)


async def test_an_earlier_release_that_is_retracted_gives_its_item_back(told: Lab) -> None:
    await counted(told)
    gone = sent(
        FactRetracted(source=SOURCE, id="early"), id="gone", topic="work", subject=key("D-1")
    )

    await told.feed(gone)

    assert await counted(told) == (1, 0)
