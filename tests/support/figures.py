"""What the tests of the whole read and compare: figures, alerts, notices."""

from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import httpx

from tests.support.systems import System

PLAN = "wco-2019-2022"
PERIODS = ("FY2019", "2019-2022")


@dataclass(frozen=True, slots=True)
class Figure:
    """A judgement without what may differ between two runs: revision, positions, instants."""

    numerator: str | None
    denominator: str | None
    due: str | None
    due_done: str | None
    status: str
    reason: str | None


async def get(client: httpx.AsyncClient, path: str, **params: str) -> Any:
    answer = await client.get(path, params=params)
    assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:500]}"
    return answer.json()


async def figures(system: System, *, period: str = "FY2019") -> dict[str, Figure]:
    """The last judgement of each indicator, by its code."""
    scorecard = await get(system.client, f"/api/v1/scorecards/{PLAN}", period=period)
    return {
        item["key"].removeprefix(f"{PLAN}:"): Figure(
            numerator=item["numerator"],
            denominator=item["denominator"],
            due=item["due"],
            due_done=item["due_done"],
            status=item["status"],
            reason=item["reason"],
        )
        for item in scorecard["items"]
    }


def moved(before: dict[str, Figure], after: dict[str, Figure]) -> dict[str, tuple[str, str]]:
    """The indicators whose numerator is another one: code to (before, after)."""
    return {
        code: (before[code].numerator or "", figure.numerator or "")
        for code, figure in after.items()
        if before[code].numerator != figure.numerator
    }


async def open_alerts(system: System) -> list[dict[str, Any]]:
    found = await get(system.client, "/api/v1/alerts", plan=PLAN, condition="open")
    items: list[dict[str, Any]] = found["items"]
    return items


async def notices(system: System) -> list[dict[str, Any]]:
    """Every item of every unit's inbox."""
    found = await get(system.client, "/api/v1/inbox", limit="200")
    assert found["next"] is None
    items: list[dict[str, Any]] = found["items"]
    return items


def mails(system: System, *, of: str = "") -> list[str]:
    """The names of the .eml files."""
    return sorted(path.name for path in system.mail.rglob(f"*{of}.eml"))


def the_mail(system: System) -> EmailMessage:
    """The one mail that was written so far."""
    [path] = system.mail.rglob("*.eml")
    return message_from_bytes(path.read_bytes(), policy=default)


async def register_member(system: System, code: str) -> None:
    """Enter a fictional Member; who is there already stays."""
    answer = await system.client.post(
        "/api/v1/members",
        json={"code": code, "title": f"{code} (fictional)", "region": "EUROPE", "fictional": True},
    )
    assert answer.status_code in (200, 201), answer.text
