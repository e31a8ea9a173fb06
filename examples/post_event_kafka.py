#!/usr/bin/env python3
"""Post one fact straight to Kafka: examples/post_event_kafka.py [BOOTSTRAP [TOPIC]]."""

import asyncio
import json
import sys

from aiokafka import AIOKafkaProducer

HEADERS = {
    # Binary mode: the attributes are headers, the value is the data.
    "content-type": "application/json",
    "ce_specversion": "1.0",
    "ce_id": "example-1",
    "ce_source": "urn:example:calendar",
    "ce_type": "org.wcoomd.strategy.invitation.received.v1",
    "ce_subject": "EX-FORUM-2020",
    "ce_time": "2020-01-13T09:00:00Z",
}
DATA = {
    "event": "EX-FORUM-2020",
    "title": "An invented forum",
    "event_on": "2020-01-29",
    "organizer_kind": "international-organization",
    "synthetic": True,
}


async def main(bootstrap: str = "127.0.0.1:9092", topic: str = "strategy.activity") -> None:
    async with AIOKafkaProducer(
        bootstrap_servers=bootstrap, acks="all", enable_idempotence=True
    ) as producer:
        written = await producer.send_and_wait(
            topic,
            key=HEADERS["ce_subject"].encode(),  # the subject: what keeps the order of its facts
            # Compact, as every door writes it: the same id with other bytes is parked.
            value=json.dumps(DATA, separators=(",", ":")).encode(),
            headers=[(name, value.encode()) for name, value in HEADERS.items()],
        )
    print(f"{written.topic}, partition {written.partition}, offset {written.offset}")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
