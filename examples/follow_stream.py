#!/usr/bin/env python3
"""Follow results and alerts as they come: examples/follow_stream.py [ADDRESS [COUNT]].

After a cut the last id is sent along, so that nothing is missed or told twice.
"""

import json
import sys
import time
from collections.abc import Iterator
from urllib.error import URLError
from urllib.request import Request, urlopen

PLAN = "wco-2019-2022"


def events(address: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The name and the data of each event, for ever."""
    last = ""
    while True:
        headers = {"Authorization": "Bearer demo-planning-office", "Last-Event-ID": last}
        request = Request(f"{address}/api/v1/stream?plan={PLAN}", headers=headers)
        try:
            with urlopen(request, timeout=60) as lines:
                name = data = ""
                for line in lines:
                    field, _, value = line.decode().rstrip("\n").partition(": ")
                    if field == "event":
                        name = value
                    elif field == "data":
                        data = value
                    elif field == "id":
                        last = value
                    elif not field and data:  # an empty line ends an event
                        yield name, json.loads(data)
                        name = data = ""
        except (URLError, TimeoutError, ConnectionError) as error:
            print(f"cut: {error}", file=sys.stderr)
        time.sleep(1)


def main() -> None:
    address = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
    left = int(sys.argv[2]) if len(sys.argv) > 2 else -1
    for name, said in events(address):
        shown = f"{said.get('numerator')} of {said.get('denominator')}, {said.get('status')}"
        what = shown if name == "result" else str(said.get("change"))
        print(name, said.get("indicator"), said.get("period"), what, flush=True)
        left -= 1
        if left == 0:
            return


if __name__ == "__main__":
    main()
