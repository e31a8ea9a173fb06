"""The day: time alone causes judgements, each business day once."""

from datetime import UTC, date, datetime

from shared_kit.events.codec import from_kafka, read
from shared_kit.events.results import IndicatorJudged
from shared_kit.messaging.headers import unpack
from tests.support.engine_builders import adopted, an_item, key, the_plan, these
from tests.support.engine_lab import Lab, sent

D = date
ITEM = an_item(1, due=D(2020, 1, 3))
SUNDAY = datetime(2020, 2, 2, 12, tzinfo=UTC)
MONDAY = datetime(2020, 2, 3, 8, tzinfo=UTC)


async def loaded(lab: Lab, at: datetime = SUNDAY) -> None:
    lab.clock.move_to(at)
    await lab.feed(sent(the_plan(), id="p"), sent(adopted(ITEM), id="a"))
    await lab.judge()


async def daily(lab: Lab) -> list[IndicatorJudged]:
    return [one for one in await lab.judgements() if one.daily]


async def test_a_day_opens_once_and_judges_every_open_period(lab: Lab) -> None:
    await loaded(lab)
    lab.clock.move_to(MONDAY)

    await lab.open_day()
    await lab.open_day()
    await lab.judge()

    found = await daily(lab)
    assert len(found) == 2 * 29
    assert {one.judged_on for one in found} == {D(2020, 2, 3)}


async def test_a_plan_that_becomes_known_today_is_told_tomorrow(lab: Lab) -> None:
    await loaded(lab, MONDAY)

    await lab.open_day()
    await lab.judge()
    assert await daily(lab) == []

    lab.clock.move_to(MONDAY.replace(day=4))
    await lab.open_day()
    await lab.judge()
    assert len(await daily(lab)) == 58


async def test_closed_days_open_nothing_and_after_downtime_only_today_does(lab: Lab) -> None:
    await loaded(lab, MONDAY)
    lab.clock.move_to(datetime(2020, 2, 8, 12, tzinfo=UTC))  # a Saturday
    await lab.open_day()
    assert await lab.judge() == 0

    lab.clock.move_to(datetime(2020, 3, 2, 12, tzinfo=UTC))
    await lab.open_day()
    await lab.judge()

    assert {one.judged_on for one in await daily(lab)} == {D(2020, 3, 2)}


async def test_time_alone_makes_an_item_late(lab: Lab) -> None:
    lab.clock.move_to(MONDAY)
    await lab.feed(sent(the_plan(), id="p"), sent(adopted(an_item(1, due=D(2020, 1, 5))), id="a"))
    await lab.judge()
    found = await lab.result(key("SG"))
    assert these(found.due, found.status, [one.days for one in found.overdue]) == (
        0,
        "not-judged",
        [29],
    )

    lab.clock.move_to(MONDAY.replace(day=4))
    await lab.open_day()
    await lab.judge()

    found = await lab.result(key("SG"))
    assert these(found.due, found.status, [one.days for one in found.overdue]) == (
        1,
        "off-track",
        [30],
    )


async def test_a_closed_period_is_judged_once_more_when_its_grace_is_over(lab: Lab) -> None:
    await loaded(lab, datetime(2020, 7, 29, 8, tzinfo=UTC))

    for day in (30, 31):
        lab.clock.move_to(datetime(2020, 7, day, 8, tzinfo=UTC))
        await lab.open_day()
        await lab.judge()
    lab.clock.move_to(datetime(2020, 8, 3, 8, tzinfo=UTC))
    await lab.open_day()
    await lab.judge()

    days = [
        (one.judged_on, one.closes_on)
        for one in await daily(lab)
        if (one.key, one.period) == (key("SG"), "FY2019")
    ]
    assert days == [(D(2020, 7, 30), D(2020, 7, 30)), (D(2020, 7, 31), D(2020, 7, 30))]


async def test_a_judgement_is_announced_as_it_is_kept(lab: Lab) -> None:
    await loaded(lab)
    kept = {(one.key, one.period, one.revision): one for one in await lab.judgements()}

    rows = await lab.rows(
        "SELECT key, event_id, value, headers FROM outbox WHERE topic = 'results' ORDER BY seq"
    )
    said = [(row[0], row[1], read(from_kafka(row[2], unpack(row[3])))) for row in rows]
    assert len(said) == len(kept)
    assert len({event_id for _, event_id, _ in said}) == len(kept)
    for own, _, event in said:
        assert isinstance(event, IndicatorJudged)
        assert own == event.key
        assert kept[event.key, event.period, event.revision] == event


async def test_what_says_nothing_new_is_neither_kept_nor_announced(lab: Lab) -> None:
    await loaded(lab)
    before = len(await lab.judgements())

    await lab.feed(sent(the_plan(), id="p-again"))
    assert await lab.judge() > 0

    assert len(await lab.judgements()) == before


async def test_revisions_rise_by_one(lab: Lab) -> None:
    await loaded(lab)
    for number in range(3):
        lab.clock.move_to(datetime(2020, 2, 3 + number, 8, tzinfo=UTC))
        await lab.open_day()
        await lab.judge()

    found = [
        one.revision
        for one in await lab.judgements()
        if (one.key, one.period) == (key("SG"), "2019-2022")
    ]
    assert found == [1, 2, 3, 4]
