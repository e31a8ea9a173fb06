"""Facts that move one figure by one each, and that figure: for what watches an open page."""

from typing import Any

import httpx

from tests.support.page_data import PLAN


def release(number: int) -> dict[str, Any]:
    """An unlisted tool, released: SG and SO1 count one more. Each number is another tool."""
    key = f"{PLAN}:LIVE-{number}"
    return {
        "specversion": "1.0",
        "id": key,
        "source": "/live",
        "type": "org.wcoomd.strategy.deliverable.released.v1",
        "subject": key,
        "time": "2020-02-03T08:00:00Z",
        "data": {
            "deliverable": key,
            "title": f"Tool {number}",
            "period": "FY2019",
            "listed": False,
            "kind": "instrument",
            "unit": "CF",
            "objectives": [f"{PLAN}:SO1"],
            "date_certainty": "stated",
            "released_on": "2020-02-01",
            "stage": "published",
        },
    }


async def figure_of(client: httpx.AsyncClient) -> int:
    """The numerator of SG in the year of the demonstration."""
    found = (await client.get(f"/api/v1/results/{PLAN}:SG?period=FY2019")).json()
    return int(found["numerator"])
