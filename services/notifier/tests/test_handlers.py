import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from notifier.domain.episode import EpisodeClosedError
from notifier.domain.sample import Sample
from notifier.handlers.hear import AlertNotFoundError
from services.notifier.tests.builders import (
    MONDAY,
    PLAN,
    SG,
    TERMS,
    a_judgement,
    a_plan,
    a_record,
    a_sample,
    a_unit,
    counts,
)
from services.notifier.tests.conftest import Heard
from shared_kit.clock import ManualClock
from shared_kit.events.plans import PlanPublished
from shared_kit.identity import Caller, NotAllowedError, Role

DIRECTOR = Caller(subject="demo-director:SGO", role=Role.DIRECTOR, scopes=frozenset({"unit:SGO"}))
OFFICE = Caller(subject="demo-planning-office", role=Role.PLANNING_OFFICE)
STRANGER = Caller(subject="demo-director:CAP", role=Role.DIRECTOR, scopes=frozenset({"unit:CAP"}))


def on(day: int, sample: Sample, *, revision: int | None = None) -> Sample:
    return replace(sample, judged_on=MONDAY + timedelta(days=day), revision=revision or day + 1)


BAD = counts(20, 26)
GOOD = counts(26, 26, overdue=())


async def test_an_alert_is_raised_with_its_notice_its_mail_and_its_event(informed: Heard) -> None:
    await informed.samples(a_sample())

    [episode] = await informed.rows("episode")
    assert (episode["condition"], episode["level"], episode["indicator"]) == (
        "firing",
        "critical",
        SG,
    )
    [item] = await informed.rows("inbox_item")
    assert item["messages"]["en"]["subject"] == (
        "[Critical] Leadership, guidance and support (SG): 20 of 26 due are released"
    )
    assert await informed.column("delivery", "status") == ["pending"]
    [event] = await informed.rows("outbox")
    assert event["type"].endswith("alert.raised.v1")
    assert event["key"] == SG
    assert await informed.column("audit", "action") == ["alert.raised"]
    assert await informed.column("sample", "outcome") == ["evaluated"]


async def test_the_same_records_again_change_nothing(informed: Heard) -> None:
    records = [a_record(a_judgement(on(day, BAD)), offset=day) for day in range(3)]
    await informed.records(records)
    before = [await informed.rows(table) for table in ("episode", "inbox_item", "outbox")]

    await informed.records(records)
    await informed.records([*records, *reversed(records)])

    assert before == [await informed.rows(t) for t in ("episode", "inbox_item", "outbox")]


async def test_only_daily_samples_drive_the_rule_and_all_are_kept(informed: Heard) -> None:
    await informed.samples(replace(BAD, daily=False))

    assert await informed.rows("episode") == []
    assert await informed.column("sample", "outcome") == ["kept"]


async def test_a_sample_waits_for_its_definition(heard: Heard) -> None:
    await heard.samples(a_sample())
    assert await heard.rows("episode") == []
    assert await heard.column("sample", "outcome") == ["awaiting-definition"]

    await heard.events(a_unit(), a_plan())

    assert await heard.column("episode", "condition") == ["firing"]
    assert await heard.column("sample", "outcome") == ["evaluated"]
    assert len(await heard.rows("inbox_item")) == 1


async def test_a_plan_that_comes_with_its_samples_evaluates_each_once(heard: Heard) -> None:
    await heard.samples(on(0, BAD))
    heard.business.move_to(heard.business.now() + timedelta(days=1))

    await heard.events(a_judgement(on(1, BAD)), a_plan(), a_unit())

    assert await heard.column("transition", "change") == ["raised"]
    assert set(await heard.column("sample", "outcome")) == {"evaluated"}


async def test_a_lower_revision_is_recorded_and_ignored(informed: Heard) -> None:
    await informed.samples(on(3, BAD, revision=7))

    await informed.samples(on(4, GOOD, revision=5))

    assert await informed.column("sample", "outcome", "revision") == ["out-of-order", "evaluated"]
    assert await informed.column("episode", "condition") == ["firing"]


async def test_an_old_judgement_moves_the_state_and_tells_nobody(informed: Heard) -> None:
    informed.business.move_to(informed.business.now() + timedelta(days=8))

    await informed.events(a_judgement(a_sample()))

    assert await informed.column("episode", "condition") == ["firing"]
    for table in ("inbox_item", "delivery", "outbox"):
        assert await informed.rows(table) == [], table


async def test_a_judgement_of_seven_days_ago_is_still_news(informed: Heard) -> None:
    informed.business.move_to(informed.business.now() + timedelta(days=7))

    await informed.events(a_judgement(a_sample()))

    assert len(await informed.rows("inbox_item")) == 1


async def test_after_a_rebuild_the_next_sample_tells_what_still_stands(informed: Heard) -> None:
    informed.business.move_to(informed.business.now() + timedelta(days=20))
    await informed.events(a_judgement(on(0, BAD)))

    await informed.samples(on(20, BAD))
    await informed.samples(on(21, BAD))

    assert await informed.column("inbox_item", "kind") == ["raised"]


async def test_recovery_is_told_once_with_how_long_it_stood(informed: Heard) -> None:
    for day in (0, 1, 2, 16):
        await informed.samples(on(day, BAD if day == 0 else GOOD))

    assert await informed.column("inbox_item", "kind", "number") == ["raised", "recovered"]
    [_, item] = await informed.rows("inbox_item", "number")
    assert "since 3 February 2020" in item["messages"]["en"]["text"]
    types = await informed.column("outbox", "type", "seq")
    assert [name.split(".")[-2] for name in types] == ["raised", "closed"]
    assert await informed.column("episode", "close_reason") == ["recovered"]


RELEASED = replace(GOOD, daily=False)
CORRECTED = replace(GOOD, daily=False, restated=True)


async def test_a_correction_between_two_days_is_told_as_such(informed: Heard) -> None:
    await informed.samples(on(0, BAD, revision=1))

    await informed.samples(on(0, CORRECTED, revision=2))

    assert await informed.column("inbox_item", "kind", "number") == ["raised", "corrected"]
    assert await informed.column("episode", "close_reason") == ["corrected"]
    types = await informed.column("outbox", "type", "seq")
    assert types[-1].endswith("alert.closed.v1")
    assert await informed.column("sample", "outcome", "revision") == ["evaluated", "evaluated"]


async def test_a_correction_of_the_week_end_is_one_though_no_business_day_opened(
    informed: Heard,
) -> None:
    await informed.samples(on(4, BAD, revision=1))

    await informed.samples(on(5, CORRECTED, revision=2))

    assert await informed.column("episode", "close_reason") == ["corrected"]


async def test_a_correction_that_comes_with_its_daily_sample_is_read_after_it(
    informed: Heard,
) -> None:
    await informed.samples(on(0, CORRECTED, revision=2), on(0, BAD, revision=1))

    assert await informed.column("inbox_item", "kind", "number") == ["raised", "corrected"]


async def test_a_release_of_the_same_day_is_kept_and_closes_nothing(informed: Heard) -> None:
    await informed.samples(on(0, BAD, revision=1))

    await informed.samples(on(0, RELEASED, revision=2))
    await informed.samples(on(0, replace(CORRECTED, numerator=Decimal(24)), revision=3))

    assert await informed.column("inbox_item", "kind") == ["raised"]
    assert await informed.column("episode", "condition") == ["firing"]
    assert await informed.column("sample", "outcome", "revision") == [
        "evaluated",
        "kept",
        "evaluated",
    ]


async def test_a_correction_opens_nothing(informed: Heard) -> None:
    await informed.samples(replace(BAD, daily=False, restated=True))

    assert await informed.rows("episode") == []
    assert await informed.column("sample", "outcome") == ["kept"]


async def test_a_lowered_estimate_is_told_as_what_it_is(informed: Heard) -> None:
    await informed.samples(on(0, BAD))

    await informed.samples(on(1, replace(GOOD, terms=replace(TERMS, estimate=Decimal(26)))))

    [_, item] = await informed.rows("inbox_item", "number")
    assert item["kind"] == "target-amended"
    english, french = item["messages"]["en"], item["messages"]["fr"]
    assert english["subject"].endswith(": the estimate was revised from 61 to 26")
    assert "The estimate of SG was revised from 61 to 26." in english["text"]
    assert "recover" not in english["text"].lower()
    assert "L’estimation de SG a été révisée de 61 à 26." in french["text"]
    assert "rétabli" not in french["text"].lower()
    assert await informed.column("episode", "close_reason") == ["target_amended"]


async def test_a_new_title_leaves_an_alert_open(informed: Heard) -> None:
    await informed.samples(on(0, BAD))
    await informed.events(a_plan(version=2))

    await informed.samples(on(1, replace(GOOD, terms=replace(TERMS, definition_version=2))))

    assert await informed.column("episode", "condition") == ["recovering"]


async def test_an_indicator_that_leaves_the_plan_takes_its_alert_along(informed: Heard) -> None:
    await informed.samples(on(0, BAD), on(0, replace(BAD, indicator=f"{PLAN}:SO1")))

    await informed.events(a_plan(version=2, indicators=("SO1",)))
    await informed.events(a_plan(version=2, indicators=("SO1",)))

    assert await informed.column("episode", "close_reason", "indicator") == [
        "subject_retired",
        None,
    ]
    [*_, item] = await informed.rows("inbox_item", "number")
    assert item["kind"] == "subject-retired"
    assert item["messages"]["en"]["subject"] == (
        "[No longer in the plan] Leadership, guidance and support (SG): the alert is closed"
    )
    assert await informed.deliveries.deliver_some() == 3


async def test_a_version_to_come_retires_nothing_before_its_day(informed: Heard) -> None:
    await informed.samples(on(0, BAD), on(0, replace(BAD, indicator=f"{PLAN}:SO1")))

    coming = a_plan(version=2, indicators=("SO1",)).snapshot
    coming = coming.model_copy(update={"effective_on": MONDAY + timedelta(days=2)})
    await informed.events(PlanPublished(snapshot=coming))
    await informed.samples(on(1, replace(BAD, indicator=f"{PLAN}:SO1")))
    assert await informed.column("episode", "close_reason") == [None, None]

    await informed.samples(on(2, replace(BAD, indicator=f"{PLAN}:SO1")))
    assert await informed.column("episode", "close_reason", "indicator") == [
        "subject_retired",
        None,
    ]


async def test_a_changed_rule_is_told_as_what_it_is(informed: Heard) -> None:
    await informed.samples(on(0, BAD))
    async with informed.sessions() as session:
        await session.execute(
            text(
                "INSERT INTO rule SELECT id, 2, jsonb_set(jsonb_set(definition, '{min_due}', '99'),"
                " '{items,several}', '99') FROM rule"
            )
        )
        await session.commit()

    await informed.samples(on(1, replace(BAD, overdue=())))

    assert await informed.column("inbox_item", "kind", "number") == ["raised", "rule-changed"]
    assert await informed.column("episode", "rule_version", "close_reason") == [2]


async def test_a_new_alert_may_follow_a_closed_one(informed: Heard) -> None:
    await informed.samples(on(0, BAD, revision=1))
    await informed.samples(on(0, CORRECTED, revision=2))

    await informed.samples(on(1, BAD, revision=3))

    assert await informed.column("episode", "condition", "number") == ["closed", "firing"]


async def test_the_database_refuses_a_second_open_alert_of_one_key(informed: Heard) -> None:
    await informed.samples(a_sample())

    async with informed.sessions() as session:
        with pytest.raises(IntegrityError, match="uq_episode_open"):
            await session.execute(
                text(
                    "INSERT INTO episode SELECT (jsonb_populate_record(e, "
                    "jsonb_build_object('id', gen_random_uuid(), 'number', 99))).* FROM episode e"
                ).execution_options()
            )


async def test_the_end_of_the_period_is_told_though_its_last_sample_never_came(
    informed: Heard,
) -> None:
    closing = replace(BAD, closes_on=MONDAY + timedelta(days=3))
    await informed.samples(on(0, closing))

    other = a_sample(indicator=f"{PLAN}:SO1", due_done=a_sample().due, overdue=())
    other = replace(other, window_due_done=other.window_due)
    await informed.samples(on(10, other))
    assert await informed.column("inbox_item", "kind") == ["raised"], "it may still come"
    await informed.samples(on(11, other))

    assert await informed.column("inbox_item", "kind", "number") == ["raised", "period-closed"]
    await informed.samples(on(2, closing, revision=9))
    assert await informed.column("episode", "close_reason") == ["period_closed"]


async def test_the_cycle_is_silent_in_its_first_year_and_speaks_from_the_second(
    informed: Heard,
) -> None:
    cycle = replace(BAD, period="2019-2022", closes_on=date(2022, 7, 30))

    await informed.samples(replace(cycle, judged_on=date(2020, 6, 30), revision=1))
    assert await informed.column("sample", "outcome") == ["repeats-its-year"]
    await informed.samples(replace(cycle, judged_on=date(2020, 7, 1), revision=2))

    assert await informed.column("episode", "period") == ["2019-2022"]


async def test_a_period_that_the_plan_does_not_have_opens_nothing(informed: Heard) -> None:
    await informed.samples(replace(BAD, period="FY1999"))

    assert await informed.rows("episode") == []
    assert await informed.column("sample", "outcome") == ["unknown-period"]


async def test_a_broken_record_is_parked_and_the_rest_goes_on(informed: Heard) -> None:
    good = a_record(a_judgement(a_sample()), offset=2)
    broken = good._replace(value=b'{"key": 1}', offset=1)

    await informed.records([broken, good])

    assert await informed.column("parked", "code") == ["invalid-data"]
    assert len(await informed.rows("episode")) == 1


async def test_the_unit_is_told_in_its_language(heard: Heard) -> None:
    await heard.events(a_plan(), a_unit(language="fr"))

    await heard.samples(a_sample())

    assert await heard.column("inbox_item", "language") == ["fr"]


async def test_an_acknowledgement_goes_to_the_inbox_and_the_log_but_not_by_mail(
    informed: Heard,
) -> None:
    await informed.samples(a_sample())
    [alert] = await informed.column("episode", "id")

    await informed.acknowledge(DIRECTOR, alert, "The guide is with the translators.")
    await informed.acknowledge(OFFICE, alert, "Me too")

    [episode] = await informed.rows("episode")
    assert (episode["handling"], episode["acknowledged_by"]) == ("acknowledged", DIRECTOR.subject)
    assert await informed.column("inbox_item", "kind", "number") == ["raised", "acknowledged"]
    assert len(await informed.rows("delivery")) == 1
    types = await informed.column("outbox", "type", "seq")
    assert types[-1].endswith("alert.acknowledged.v1")
    assert len(types) == 2
    assert await informed.column("audit", "actor", "seq") == [
        "service:notifier",
        DIRECTOR.subject,
    ]


async def test_who_does_not_own_it_may_not_acknowledge(informed: Heard) -> None:
    await informed.samples(a_sample())
    [alert] = await informed.column("episode", "id")

    with pytest.raises(NotAllowedError):
        await informed.acknowledge(STRANGER, alert)


async def test_what_is_not_there_or_closed_cannot_be_acknowledged(informed: Heard) -> None:
    await informed.samples(on(0, BAD, revision=1))
    await informed.samples(on(0, CORRECTED, revision=2))
    [alert] = await informed.column("episode", "id")

    with pytest.raises(EpisodeClosedError):
        await informed.acknowledge(DIRECTOR, alert)
    with pytest.raises(AlertNotFoundError):
        await informed.acknowledge(DIRECTOR, uuid4())


async def test_a_shuffled_fetch_with_duplicates_comes_to_the_same_state(
    informed: Heard, heard_again: Heard
) -> None:
    course = [BAD, counts(22, 26), BAD, GOOD, counts(23, 26), GOOD, counts(19, 26)]
    samples = [
        replace(on(day, sample), indicator=f"{PLAN}:{code}")
        for day, sample in enumerate(course)
        for code in ("SG", "SO1")
    ]
    await informed.samples(*samples)
    shuffled = [*samples, *samples[::2]]
    random.Random(4).shuffle(shuffled)

    await heard_again.samples(*shuffled)

    def essence(rows: list[dict[str, object]]) -> list[tuple[object, ...]]:
        keys = ("indicator", "condition", "level", "told", "flaps", "last_revision", "seq", "since")
        return sorted(tuple(str(row[key]) for key in keys) for row in rows)

    assert essence(await informed.rows("episode")) == essence(await heard_again.rows("episode"))
    assert sorted(await informed.column("inbox_item", "id")) == sorted(
        await heard_again.column("inbox_item", "id")
    )


async def test_each_transition_that_tells_has_exactly_one_notice(informed: Heard) -> None:
    dice = random.Random(8)
    for day in range(60):
        # Spells of a few weeks, so that some recover and some come back.
        good = day // 18 % 2 == 1
        done = 26 if good else dice.choice([19, 20, 22, 25])
        await informed.samples(on(day, counts(done, 26)))

    told = [
        (row["episode_id"], row["seq"]) for row in await informed.rows("transition") if row["tells"]
    ]
    items = [(row["episode_id"], row["transition"]) for row in await informed.rows("inbox_item")]
    events = await informed.column("outbox", "event_id")
    assert sorted(told) == sorted(items)
    assert len(set(items)) == len(items) == len(set(events)) == len(events) > 2


async def test_the_mail_is_written_once_whatever_is_repeated(informed: Heard) -> None:
    await informed.samples(a_sample())

    assert await informed.deliveries.deliver_some() == 1
    [file] = sorted(informed.mail.iterdir())
    first = file.read_bytes()
    async with informed.sessions() as session:
        # As after a crash between the file and its mark.
        await session.execute(text("UPDATE delivery SET status = 'pending'"))
        await session.commit()
    assert await informed.deliveries.deliver_some() == 1

    assert [path.read_bytes() for path in informed.mail.iterdir()] == [first]
    assert await informed.column("delivery", "status") == ["written"]
    assert await informed.deliveries.deliver_some() == 0


@pytest.mark.parametrize(
    ("mailbox", "status"),
    [(None, "no-mailbox"), ("not a mailbox", "bad-mailbox"), ("a@b\u00e9.x", "bad-mailbox")],
)
async def test_a_unit_without_a_usable_mailbox_is_a_row_with_its_reason(
    heard: Heard, mailbox: str | None, status: str
) -> None:
    await heard.events(a_plan(), a_unit(mailbox=mailbox))
    await heard.samples(a_sample())

    await heard.deliveries.deliver_some()

    assert await heard.column("delivery", "status") == [status]
    assert not heard.mail.exists()


async def test_a_folder_that_cannot_be_written_is_tried_again(informed: Heard) -> None:
    informed.mail.write_text("in the way")
    await informed.samples(a_sample())

    await informed.deliveries.deliver_some()

    [delivery] = await informed.rows("delivery")
    assert (delivery["status"], delivery["attempts"]) == ("pending", 1)
    assert delivery["last_error"] == "FileExistsError"
    assert await informed.deliveries.deliver_some() == 0, "it waits for its next attempt"

    informed.mail.unlink()
    system = informed.deliveries._system
    assert isinstance(system, ManualClock)
    system.move_to(system.now() + timedelta(minutes=1))
    assert await informed.deliveries.deliver_some() == 1
    assert await informed.column("delivery", "status") == ["written"]
