"""Facts for the measurements: requests and missions, deterministic, 2 % sent twice."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from importlib.resources import files

from shared_kit.events.activity import SupportProvided, SupportRequested, Topic
from shared_kit.events.base import Event, type_of
from shared_kit.events.codec import to_kafka
from shared_kit.events.definitions import PlanSnapshot
from shared_kit.events.envelope import CloudEvent
from shared_kit.events.plans import PlanPublished
from shared_kit.messaging.log import Message

SEED = 7
MEMBERS = 183
TOPICS: tuple[Topic, ...] = ("ECP", "RP", "CEP", "ODP", "standards", "people")
FIRST = date(2019, 7, 1)
DAYS = 215


def plan_message() -> Message:
    """The plan 2019-2022 with its 29 indicators, as plan-api publishes it."""
    raw = files("plan_api.plans").joinpath("data", "wco-2019-2022.json").read_bytes()
    return message(PlanPublished(snapshot=PlanSnapshot.model_validate_json(raw)), "plan-1")


def messages(count: int, *, duplicates: float = 0.02) -> Iterator[Message]:
    """`count` messages of which about `duplicates` repeat an earlier (source, id)."""
    dice = random.Random(SEED)
    recent: list[Message] = []
    for number in range(count):
        if recent and dice.random() < duplicates:
            yield recent[dice.randrange(len(recent))]
            continue
        made = message(_fact(dice, number), f"e-{number}")
        recent = [*recent[-999:], made] if number % 50 == 0 else recent
        yield made


def message(event: Event, event_id: str) -> Message:
    cloud = CloudEvent(
        id=event_id,
        source="https://bench.example/facts",
        type=type_of(type(event)),
        subject=event.subject,
        data=event.model_dump_json(exclude_none=True).encode(),
    )
    value, headers = to_kafka(cloud)
    return Message(
        topic=event.topic, key=event.partition_key, value=value or b"", headers=tuple(headers)
    )


def _fact(dice: random.Random, number: int) -> Event:
    on = FIRST + timedelta(days=dice.randrange(DAYS))
    topics = tuple(dice.sample(TOPICS, dice.choice((1, 1, 2))))
    if number % 4 == 3:
        return SupportProvided(
            deliverable=f"wco-2019-2022:D-{number}",
            member=f"M{dice.randrange(MEMBERS):03d}",
            requests=(f"R-{dice.randrange(number)}",),
            topics=topics,
            completed_on=on,
        )
    return SupportRequested(
        request=f"R-{number}",
        member=f"M{dice.randrange(MEMBERS):03d}",
        topics=topics,
        received_on=on,
    )


def distinct(count: int) -> int:
    """How many different events `messages(count)` holds."""
    return len({dict(it.headers)["ce_id"] for it in messages(count)})
