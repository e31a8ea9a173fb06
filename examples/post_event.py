#!/usr/bin/env python3
"""Post one fact with Python alone, wait until it counts: examples/post_event.py [ADDRESS]."""

import json
import sys
import time
from urllib.request import Request, urlopen

INDICATOR = "wco-2019-2022:LD3.2"
HEADERS = {
    "Authorization": "Bearer demo-service:source:*",
    "Content-Type": "application/json",
    # Binary mode: the attributes are headers, the body is the data.
    "ce-specversion": "1.0",
    "ce-id": "example-1",
    "ce-source": "urn:example:calendar",
    "ce-type": "org.wcoomd.strategy.invitation.received.v1",
    "ce-subject": "EX-FORUM-2020",
    "ce-time": "2020-01-13T09:00:00Z",
}
DATA = {
    "event": "EX-FORUM-2020",
    "title": "An invented forum",
    "event_on": "2020-01-29",
    "organizer_kind": "international-organization",
    "synthetic": True,
}


def post(address: str) -> dict[str, object]:
    # Compact, as every door writes it: the same id with other bytes is another fact, and parked.
    body = json.dumps(DATA, separators=(",", ":")).encode()
    request = Request(f"{address}/api/v1/events", body, HEADERS)
    with urlopen(request, timeout=30) as answer:
        return dict(json.load(answer))


def facts_behind(address: str) -> list[str]:
    """The invitations in the denominator, as the engine explains it."""
    path = f"/api/v1/results/{INDICATOR}/explain?period=FY2019"
    with urlopen(address + path, timeout=30) as answer:
        explained = json.load(answer)
    print(explained["arithmetic"])
    return [item["item"] for item in explained["denominator"]["items"]]


def main() -> None:
    address = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
    print(post(address))
    give_up = time.monotonic() + 30
    while DATA["event"] not in facts_behind(address):
        if time.monotonic() > give_up:
            sys.exit("the fact was taken and does not count yet")
        time.sleep(0.2)


if __name__ == "__main__":
    main()
