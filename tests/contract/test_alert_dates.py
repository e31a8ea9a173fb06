"""The day that a page names for an alert to come is the day on which the notifier raises it.

A page says so from the notifier's published numbers; both are held against each other here, over
courses of figures in which everything happens that a course can hold.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random

import pytest

from notifier.domain.course import advance, correct
from notifier.domain.episode import Condition, Episode
from notifier.domain.rule import DEVIATION, assess
from notifier.domain.sample import Kind, OverdueItem, Sample, Terms
from notifier.domain.sample import Status as SampleStatus
from plan_api.report.model import LateItem, Result, Status
from plan_api.report.model.telling import Telling, telling_of
from tests.support.page_data import PLAN, the_plan
from tests.support.pages import RULE

GRACE = 30
CALENDAR = the_plan().calendar()
START = date(2019, 9, 2)
CLOSES = date(2020, 7, 30)
COURSES = 300


def days_from(day: date) -> Iterator[date]:
    while True:
        if CALENDAR.is_business_day(day):
            yield day
        day += timedelta(days=1)


def a_course(random: Random, days: int) -> list[Result]:
    """Judgements of one indicator, one a business day, some with another in between."""
    kind = random.choice(["planned", "planned", "planned", "observed", "milestones"])
    dated = kind == "milestones" or (kind == "planned" and random.random() < 0.8)
    standing = {"many": random.random() < 0.3, "more": random.random() < 0.5, "dated": dated}
    first = START + timedelta(days=random.randint(-60, 20))
    late = [
        LateItem(key=f"{PLAN}:D-{n}", title=f"Item {n}", due=due, days=0)
        for n, due in enumerate(
            sorted(first + timedelta(days=random.randint(0, 60)) for _ in range(3))
        )
    ]
    found: list[Result] = []
    for revision, day in zip(range(1, days + 1), days_from(START), strict=False):
        daily = not found or random.random() < 0.9
        on = day if daily else found[-1].judged_on or day
        found.append(
            a_judgement(random, kind, standing, late, on=on, revision=revision, daily=daily)
        )
    return found


def a_judgement(
    random: Random,
    kind: str,
    standing: dict[str, bool],
    late: list[LateItem],
    *,
    on: date,
    revision: int,
    daily: bool,
) -> Result:
    due = Decimal(random.randint(8, 14) if standing["many"] else random.randint(1, 7))
    done = due - random.choice([0, 0, 0, 1, min(2, int(due))])
    attained = random.choice([Decimal("0.6"), Decimal("0.8"), Decimal("0.6"), Decimal("0.95")])
    status = next(
        status
        for status, line in (
            (Status.ON_TRACK, "0.9"),
            (Status.AT_RISK, "0.75"),
            (Status.OFF_TRACK, "0"),
        )
        if attained >= Decimal(line)
    )
    if random.random() < 0.05:
        status = Status.NOT_JUDGED
    missing = [one for one in late if one.due < on][: random.choice([0, 1, 1, 2])]
    return Result(
        key=f"{PLAN}:X",
        period="FY2019",
        kind=kind,
        status=status,
        revision=revision,
        judged_on=on,
        daily=daily,
        restated=not daily and random.random() < 0.3,
        attainment=attained,
        due=due if standing["dated"] else None,
        due_done=done if standing["dated"] else None,
        expected_lagged=due + 2 if standing["more"] else due,
        overdue=tuple(replace(one, days=(on - one.due).days) for one in missing),
        closes_on=CLOSES,
    )


def the_same_on(last: Result, day: date, revision: int) -> Result:
    """As it was, a day later: only what is late grows later."""
    overdue = tuple(replace(one, days=(day - one.due).days) for one in last.overdue)
    return replace(last, judged_on=day, revision=revision, daily=True, overdue=overdue)


def as_sample(result: Result) -> Sample:
    assert result.judged_on is not None
    return Sample(
        indicator=result.key,
        plan=PLAN,
        period=result.period,
        revision=result.revision,
        judged_on=result.judged_on,
        judged_at=datetime.combine(result.judged_on, time(8), tzinfo=UTC),
        daily=result.daily,
        restated=result.restated,
        kind=Kind(result.kind),
        status=SampleStatus(result.status.value),
        terms=Terms(definition_version=1),
        closes_on=CLOSES,
        attainment=result.attainment,
        expected_lagged=result.expected_lagged,
        due=result.due,
        due_done=result.due_done,
        overdue=tuple(
            OverdueItem(key=one.key, title=one.title, due=one.due, days=one.days)
            for one in result.overdue
        ),
    )


def heard(episode: Episode | None, result: Result) -> Episode | None:
    """What the notifier makes of one more daily judgement."""
    sample = as_sample(result)
    judged = assess(sample=sample, rule=DEVIATION, grace_days=GRACE)
    step = advance(episode=episode, sample=sample, assessment=judged, rule=DEVIATION, fresh=True)
    found = step.episode
    return None if found and found.condition is Condition.CLOSED else found


def corrected(episode: Episode | None, before: Result, result: Result) -> Episode | None:
    """What it makes of a judgement between two daily ones."""
    if episode is None:
        return None
    now, then = as_sample(result), as_sample(before)
    step = correct(
        episode=episode,
        sample=now,
        assessment=assess(sample=now, rule=DEVIATION, grace_days=GRACE),
        before=assess(sample=then, rule=DEVIATION, grace_days=GRACE),
        fresh=True,
    )
    found = step.episode
    return None if found and found.condition is Condition.CLOSED else found


def is_raised(episode: Episode | None) -> bool:
    return episode is not None and episode.condition is not Condition.PENDING


def told_on(episode: Episode | None, last: Result) -> date | None:
    """The day on which the notifier raises the alert if nothing changes."""
    assert last.judged_on is not None
    days = days_from(last.judged_on + timedelta(days=1))
    for number, day in zip(range(1, 90), days, strict=False):
        episode = heard(episode, the_same_on(last, day, last.revision + number))
        if is_raised(episode):
            return day
    return None


@pytest.fixture(scope="module")
def said() -> list[tuple[Telling, date | None]]:
    """What a page says at the end of each course without an alert, and what comes of it."""
    random = Random(20200203)
    found = []
    for _ in range(COURSES):
        course = a_course(random, random.randint(1, 25))
        episode: Episode | None = None
        for before, result in pairwise([course[0], *course]):
            daily = result.daily
            episode = heard(episode, result) if daily else corrected(episode, before, result)
        if is_raised(episode):
            continue
        telling = telling_of(course, rule=RULE, grace_days=GRACE, calendar=CALENDAR)
        if telling is not None:
            found.append((telling, told_on(episode, course[-1])))
    return found


def test_the_day_that_is_said_is_the_day_on_which_it_is_raised(
    said: list[tuple[Telling, date | None]],
) -> None:
    dated = [(telling.on, came) for telling, came in said if telling.on]

    assert len(dated) > COURSES // 10
    assert [pair for pair in dated if pair[0] != pair[1]] == []


def test_items_and_lasting_are_both_met(said: list[tuple[Telling, date | None]]) -> None:
    kinds = {(telling.on is not None, len(telling.missing)) for telling, _ in said}

    assert kinds == {(False, 0), (True, 0), (True, 1), (True, 2)}


def test_the_numbers_are_those_of_the_notifier() -> None:
    assert (RULE.min_due, RULE.line, RULE.clear, RULE.window_clear, RULE.to_date_clear) == (
        DEVIATION.min_due,
        DEVIATION.warning.line,
        DEVIATION.warning.clear,
        DEVIATION.critical.window_clear,
        DEVIATION.critical.to_date_clear,
    )
    hold, items = DEVIATION.warning.hold, DEVIATION.items
    assert (RULE.hold_days, RULE.hold_samples) == (hold.days, hold.samples)
    assert (RULE.several_items, RULE.graces_of_one) == (items.several, items.graces_of_one)
