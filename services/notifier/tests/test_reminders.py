"""Units are reminded of a date once, on the right business day, and of nothing that is over."""

from datetime import date, timedelta
from decimal import Decimal
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from services.notifier.tests.builders import (
    IN_TWO_WEEKS,
    MONDAY,
    PLAN,
    SUNDAY,
    a_plan,
    a_record,
    a_unit,
    planned,
    planned_fields,
)
from services.notifier.tests.conftest import Heard
from shared_kit.events.base import Event
from shared_kit.events.corrections import FactReplaced, FactRetracted
from shared_kit.events.definitions import PlanSnapshot
from shared_kit.events.plans import PlanPublished
from shared_kit.events.work import (
    DeliverableCancelled,
    DeliverableReleased,
    DeliverableRescheduled,
    MilestoneReached,
    Stage,
)

GUIDE = f"{PLAN}:D-1"


def released(number: int = 1, *, stage: Stage = Stage.PUBLISHED) -> DeliverableReleased:
    return DeliverableReleased(**planned_fields(number), released_on=SUNDAY, stage=stage)


def moved(to: date, *, approved: bool = True, number: int = 1) -> DeliverableRescheduled:
    return DeliverableRescheduled(
        deliverable=f"{PLAN}:D-{number}",
        period="FY2019",
        due=to,
        approved_by="demo-planning-office" if approved else None,
    )


def with_days(days: int, **cycle: Any) -> PlanPublished:
    snapshot = a_plan().snapshot.model_dump()
    snapshot = {**snapshot, "reminder_days": days, "cycle": {**snapshot["cycle"], **cycle}}
    return PlanPublished(snapshot=PlanSnapshot.model_validate(snapshot))


async def correct(heard: Heard, correction: FactRetracted | FactReplaced) -> None:
    await heard.records([a_record(correction, offset=99, corrects=GUIDE)])


async def subjects(heard: Heard, language: str = "en") -> list[str]:
    return [
        messages[language]["subject"]
        for messages in await heard.column("inbox_item", "messages", "number")
    ]


async def test_a_unit_is_reminded_once_two_weeks_before(heard: Heard) -> None:
    await heard.on_sunday(planned())

    assert await heard.remind(SUNDAY) == 0  # no business day
    assert await heard.remind(MONDAY) == 1
    assert await heard.remind(MONDAY) == 0
    for day in range(1, 30):
        await heard.remind(MONDAY + timedelta(days=day))

    [item] = await heard.rows("inbox_item")
    assert (item["kind"], item["unit"], item["episode_id"]) == ("reminder", "SGO", None)
    assert await subjects(heard) == ["[Reminder] Guide number 1: due 17 February 2020"]
    assert await subjects(heard, "fr") == [
        "[Rappel] Guide number 1\u202f: échéance le 17 février 2020"
    ]
    await heard.deliveries.deliver_some()
    [file] = heard.mail.iterdir()
    assert file.name == f"2020-02-03-{item['id']}-reminder.eml"
    mail = message_from_bytes(file.read_bytes(), policy=default)
    assert mail["to"].addresses[0].addr_spec == "sgo@wco.example"
    assert mail["references"] is None
    assert await heard.rows("outbox") == []  # it is no alert


async def test_the_mail_lists_all_that_a_unit_owes_on_that_day(heard: Heard) -> None:
    soon = MONDAY + timedelta(days=1)
    await heard.on_sunday(
        planned(1, title_fr="Guide sur le transit", synthetic=True),
        planned(2, due=soon, title="<Workshop> & more"),
        planned(3, due=MONDAY),
        planned(4, unit="CAP"),
        planned(5, due=IN_TWO_WEEKS + timedelta(days=1)),
        planned(6, due=SUNDAY),
        planned(7, due=None),
    )

    await heard.remind(MONDAY)

    other, mine = await heard.rows("inbox_item", "unit")
    assert other["unit"] == "CAP"
    assert mine["messages"]["en"]["subject"] == (
        "[Reminder] 3 Deliverables are due by 17 February 2020"
    )
    assert mine["messages"]["en"]["text"].splitlines() == [
        "Demonstration, not a WCO publication; synthetic data.",
        "Secretary General’s Office: 3 Deliverables are due in the next 14 days and not done yet.",
        "• Guide number 3: 3 February 2020, today",
        "• <Workshop> & more: 4 February 2020, tomorrow",
        "• Guide number 1: 17 February 2020, in 14 days",
        "Please release what is done, or propose a new date: [Open SGO]",
        "You get this because your unit owns these Deliverables. There is no further reminder of "
        "these dates; a new date, once approved, has its own.",
        "As known on 3 February 2020, 09:00 Brussels.",
        "",
        "[Open SGO] http://127.0.0.1:8000/units/SGO?lang=en",
    ]
    assert mine["messages"]["fr"]["text"].splitlines()[:7] == [
        "Démonstration, et non une publication de l’OMD\u202f; données synthétiques.",
        "Bureau du Secrétaire général\u202f: 3 livrables arrivent à échéance dans les "
        "14 prochains jours et ne sont pas encore réalisés.",
        "• Guide number 3\u202f: 3 février 2020, aujourd’hui",
        "• <Workshop> & more\u202f: 4 février 2020, demain",
        "• Guide sur le transit\u202f: 17 février 2020, dans 14 jours",
        "Merci d’enregistrer ce qui est fait, ou de proposer une nouvelle date\u202f: [Ouvrir SGO]",
        "Vous recevez ce message parce que votre unité est responsable de ces livrables. "
        "Ces dates ne feront pas l’objet d’un autre rappel\u202f; une nouvelle date, une fois "
        "approuvée, aura le sien.",
    ]
    html = mine["messages"]["fr"]["html"]
    assert '<span lang="en">&lt;Workshop&gt; &amp; more</span></a>' in html
    assert ">Guide sur le transit</a>" in html
    assert html.count("<li>") == 3


@pytest.mark.parametrize(
    "meanwhile",
    [
        [released()],
        [DeliverableCancelled(deliverable=GUIDE, cancelled_on=SUNDAY)],
        [moved(IN_TWO_WEEKS + timedelta(days=90))],
        [released(stage=Stage.DRAFTED), released()],
    ],
    ids=["released", "cancelled", "moved", "drafted, then published"],
)
async def test_nothing_is_said_of_what_is_over(heard: Heard, meanwhile: list[Event]) -> None:
    await heard.on_sunday(planned(), *meanwhile)

    await heard.remind(MONDAY)

    assert await heard.rows("inbox_item") == []


@pytest.mark.parametrize(
    "meanwhile",
    [
        [released(stage=Stage.DRAFTED)],
        [moved(IN_TWO_WEEKS + timedelta(days=90), approved=False)],
        [planned()],
    ],
    ids=["drafted only", "a new date only proposed", "planned twice"],
)
async def test_what_changes_nothing_is_reminded_of(heard: Heard, meanwhile: list[Event]) -> None:
    await heard.on_sunday(planned(), *meanwhile)

    await heard.remind(MONDAY)

    assert len(await heard.rows("inbox_item")) == 1


async def test_a_new_date_is_reminded_of_anew_and_an_old_one_never_again(heard: Heard) -> None:
    await heard.on_sunday(planned())
    await heard.remind(MONDAY)
    later = MONDAY + timedelta(days=28)

    await heard.events(moved(later, approved=False), moved(later))
    await heard.remind(MONDAY + timedelta(days=1))
    assert len(await subjects(heard)) == 1
    await heard.remind(MONDAY + timedelta(days=14))
    assert (await subjects(heard))[1:] == ["[Reminder] Guide number 1: due 2 March 2020"]

    await heard.events(moved(IN_TWO_WEEKS + timedelta(days=1)), moved(later))
    await heard.remind(MONDAY + timedelta(days=15))
    assert len(await subjects(heard)) == 2
    assert await heard.column("reminder", "due", "due") == [IN_TWO_WEEKS, later]


async def test_what_is_carried_over_is_reminded_of_by_the_date_it_goes_to(heard: Heard) -> None:
    later = MONDAY + timedelta(days=28)
    await heard.on_sunday(planned(), moved(MONDAY + timedelta(days=21)), planned(due=later))

    for day in range(28):
        await heard.remind(MONDAY + timedelta(days=day))

    assert await heard.column("reminder", "due") == [later]


async def test_a_retracted_release_leaves_a_date_to_keep(heard: Heard) -> None:
    await heard.on_sunday(planned())
    await heard.records([a_record(released(), offset=50, id="r1")])
    await correct(heard, FactRetracted(source="/test", id="r1"))
    await heard.records([a_record(released(), offset=51, id="r1")])  # said again, still retracted

    await heard.remind(MONDAY)

    assert len(await heard.rows("inbox_item")) == 1


async def test_a_replaced_release_is_what_it_is_now_said_to_be(heard: Heard) -> None:
    await heard.on_sunday(planned())
    await heard.records([a_record(released(), offset=50, id="r1")])
    draft = released(stage=Stage.DRAFTED).model_dump(mode="json")
    await correct(heard, FactReplaced(source="/test", id="r1", data=draft))

    await heard.remind(MONDAY)

    assert len(await heard.rows("inbox_item")) == 1


async def test_a_milestone_is_done_at_its_latest_level(heard: Heard) -> None:
    def reached(share: str, on: date, number: int) -> MilestoneReached:
        return MilestoneReached(
            **planned_fields(number, kind="milestone"), share=Decimal(share), reached_on=on
        )

    before = SUNDAY - timedelta(days=9)
    await heard.on_sunday(
        *(planned(number, kind="milestone") for number in (1, 2, 3)),
        reached("0.5", SUNDAY, 1),
        reached("1", SUNDAY, 2),
        reached("0.4", before, 2),
        reached("1", before, 3),
        reached("0.8", SUNDAY, 3),
    )

    await heard.remind(MONDAY)

    assert await heard.column("reminder", "deliverable") == [f"{PLAN}:D-1", f"{PLAN}:D-3"]


@pytest.mark.parametrize(
    ("due", "day"),
    [
        (date(2020, 2, 21), date(2020, 2, 7)),  # a Friday
        (date(2020, 2, 22), date(2020, 2, 10)),  # two weeks before: a Saturday
        (date(2020, 2, 23), date(2020, 2, 10)),
        (date(2020, 2, 24), date(2020, 2, 11)),  # two weeks before: a holiday
    ],
)
async def test_a_day_off_puts_the_reminder_on_the_next_business_day(
    heard: Heard, due: date, day: date
) -> None:
    heard.business.move_to(heard.business.now() - timedelta(days=1))
    closed = date(2020, 2, 10) if due == date(2020, 2, 24) else date(2020, 2, 12)
    await heard.events(with_days(14, holidays=(closed,)), a_unit(), planned(due=due))

    for after in range(14):
        await heard.remind(MONDAY + timedelta(days=after))

    [at] = await heard.column("inbox_item", "at")
    assert at.date() == day


@pytest.mark.parametrize(("days", "told"), [(0, 0), (13, 0), (14, 1), (30, 1)])
async def test_the_plan_says_how_many_days_before(heard: Heard, days: int, told: int) -> None:
    heard.business.move_to(heard.business.now() - timedelta(days=1))
    await heard.events(with_days(days), a_unit(), planned())

    await heard.remind(MONDAY)

    assert len(await heard.rows("inbox_item")) == told


async def test_after_downtime_only_today_is_looked_through_and_nothing_past(heard: Heard) -> None:
    await heard.on_sunday(planned(1), planned(2, due=IN_TWO_WEEKS + timedelta(days=20)))

    await heard.remind(IN_TWO_WEEKS + timedelta(days=10))

    assert await heard.column("reminder", "deliverable") == [f"{PLAN}:D-2"]


async def test_a_plan_of_today_is_looked_through_from_tomorrow_on(heard: Heard) -> None:
    await heard.events(a_plan(), a_unit(), planned())

    assert await heard.remind(MONDAY) == 0
    assert await heard.remind(MONDAY + timedelta(days=1)) == 1
    assert len(await heard.rows("inbox_item")) == 1


async def test_a_unit_without_a_mailbox_finds_it_in_the_inbox(heard: Heard) -> None:
    await heard.on_sunday(planned(unit="NEW"))
    await heard.remind(MONDAY)
    await heard.deliveries.deliver_some()

    assert await heard.column("delivery", "status") == ["no-mailbox"]
    assert not heard.mail.exists()


async def test_the_database_refuses_a_second_reminder_of_a_date(heard: Heard) -> None:
    await heard.on_sunday(planned())
    await heard.remind(MONDAY)
    [row] = await heard.rows("reminder")

    again = text("INSERT INTO reminder VALUES (:deliverable, :due, :inbox_item_id)")
    async with heard.sessions() as session:
        with pytest.raises(IntegrityError):
            await session.execute(again, row)


async def test_thousands_of_deliverables_in_one_fetch(heard: Heard) -> None:
    await heard.on_sunday(*(planned(number) for number in range(2500)))
    await heard.remind(MONDAY)

    assert len(await heard.rows("inbox_item")) == 1
    assert len(await heard.rows("reminder")) == 2500
