"""A year judged each business day, a few hundred times over with a fixed seed.

The research behind the rule's numbers: items due evenly over a year, 97 % of them done in the end
with a lateness of ten days on average; a failing plan does 70 % from day 120 on. What the item
rule says in the first weeks is no statistics, and is told apart.
"""

import random
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest

from notifier.domain.course import advance
from notifier.domain.episode import (
    Change,
    Episode,
)
from notifier.domain.rule import DEVIATION, Basis, assess
from notifier.domain.sample import OverdueItem
from services.notifier.tests.builders import a_sample

YEAR_BEGINS = date(2019, 7, 1)
GRACE, WINDOW = 30, 120
RUNS = 200


def a_year(
    *, items: int, chance_random: random.Random, falls_to: float | None
) -> list[tuple[int, float]]:
    """Due day and done day (infinite: never) of each item."""
    plan = []
    for number in range(items):
        due = int((number + 0.5) * 365 / items)
        healthy = 0.97 if falls_to is None or due < 120 else falls_to
        done = due + chance_random.expovariate(1 / 10)
        plan.append((due, done if chance_random.random() < healthy else float("inf")))
    return plan


def first_alarm(plan: list[tuple[int, float]]) -> Basis | None:
    """What raised the first alert of the evidence; single items are reported by `ITEMS`."""
    episode: Episode | None = None
    only_items: Basis | None = None
    for day in range(GRACE, 365 + GRACE):
        today = YEAR_BEGINS + timedelta(days=day)
        if today.weekday() > 4:
            continue
        due = [(d, done) for d, done in plan if d <= day - GRACE]
        recent = [(d, done) for d, done in due if d > day - GRACE - WINDOW]
        done, recent_done = _done(due, day), _done(recent, day)
        late = [d for d, when in plan if d < day and when > day]
        sample = a_sample(
            judged_on=today,
            revision=day,
            due=Decimal(len(due)),
            due_done=Decimal(done),
            window_due=Decimal(len(recent)),
            window_due_done=Decimal(recent_done),
            attainment=Decimal(done) / len(due) if due else None,
            overdue=tuple(
                OverdueItem(key=f"p:D-{d}", title="x", due=today, days=day - d) for d in late
            ),
        )
        step = advance(
            episode=episode if episode and episode.open else None,
            sample=sample,
            assessment=assess(sample=sample, rule=DEVIATION, grace_days=GRACE),
            rule=DEVIATION,
            fresh=True,
        )
        episode = step.episode or episode
        for transition in step.transitions:
            if transition.change in (Change.RAISED, Change.LEVEL_UP) and episode:
                if episode.basis is not Basis.ITEMS:
                    return episode.basis
                only_items = Basis.ITEMS
    return only_items


def _done(items: list[tuple[int, float]], day: int) -> int:
    return sum(1 for _, done in items if done <= day)


def rates(*, items: int, falls_to: float | None) -> Counter[Basis | None]:
    dice = random.Random(20_190_701 + items)
    return Counter(
        first_alarm(a_year(items=items, chance_random=dice, falls_to=falls_to)) for _ in range(RUNS)
    )


def by_evidence(found: Counter[Basis | None]) -> float:
    return (found[Basis.TO_DATE] + found[Basis.WINDOW]) / RUNS


@pytest.mark.slow
@pytest.mark.parametrize("items", [30, 100])
def test_a_healthy_plan_raises_at_most_five_in_a_hundred_years(items: int) -> None:
    found = rates(items=items, falls_to=None)

    print(items, dict(found))
    assert by_evidence(found) <= 0.05


@pytest.mark.slow
@pytest.mark.parametrize(("items", "at_least"), [(12, 0.0), (30, 0.75), (100, 0.95)])
def test_a_fall_to_seventy_percent_is_found(items: int, at_least: float) -> None:
    found = rates(items=items, falls_to=0.70)

    print(items, dict(found))
    assert by_evidence(found) >= at_least
