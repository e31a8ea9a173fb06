"""A figure that is not what the facts say: an alert of its own kind, from found to mended."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from notifier.domain.sample import Sample
from services.notifier.tests.builders import (
    MONDAY,
    NINE,
    PLAN,
    SG,
    SIX_OVERDUE,
    counts,
    leadership,
    planned,
)
from services.notifier.tests.conftest import Heard
from shared_kit.events.results import (
    DifferingRow,
    ReconciliationFailed,
    ReconciliationPassed,
    ShownFigure,
)
from shared_kit.identity import Caller, NotAllowedError, Role

ALL = counts(26, 26, overdue=())
"""Nothing is late: whatever is raised is no deviation."""
FEW = counts(2, 4, overdue=SIX_OVERDUE[:2])
OFFICE = Caller(subject="demo-planning-office", role=Role.PLANNING_OFFICE)
OTHER = Caller(subject="demo-director:CAP", role=Role.DIRECTOR, scopes=frozenset({"unit:CAP"}))
AS_OFFICE = {"authorization": "Bearer demo-planning-office"}


def figure(numerator: int) -> ShownFigure:
    return ShownFigure(numerator=Decimal(numerator), denominator=Decimal(61))


def failed(
    number: int = 1, *, shown: int = 22, live: int = 22, facts: int = 23, **more: Any
) -> ReconciliationFailed:
    """A check that finds one Deliverable missing from what is counted."""
    on = MONDAY + timedelta(days=number - 1)
    fields: dict[str, Any] = {
        "key": SG,
        "plan": PLAN,
        "period": "FY2019",
        "check": number,
        "checked_on": on,
        "checked_at": NINE + timedelta(days=number - 1),
        "judged_on": on,
        "revision": 1,
        "shown": figure(shown),
        "live": figure(live),
        "rebuilt": figure(facts),
        "lost": 1,
        "surplus": 0,
        "rows": (DifferingRow(lost=True, side="numerator", item=f"{PLAN}:D-1"),),
    }
    return ReconciliationFailed(**(fields | more))


def passed(number: int) -> ReconciliationPassed:
    return ReconciliationPassed(
        key=SG,
        plan=PLAN,
        period="FY2019",
        check=number,
        checked_on=MONDAY + timedelta(days=number - 1),
        checked_at=NINE + timedelta(days=number - 1),
    )


@pytest.fixture
async def run_by_sgo(informed: Heard) -> Heard:
    """SGO runs the system; a Deliverable is known by its title, a judgement was heard."""
    informed.notifier = replace(informed.notifier, operators_unit="SGO")
    await informed.events(planned(1))
    await informed.samples(ALL)
    return informed


def pass_days(heard: Heard, days: int) -> None:
    heard.business.move_to(heard.business.now() + timedelta(days=days))


async def mails(heard: Heard) -> list[str]:
    while await heard.deliveries.deliver_some():
        pass
    return [path.read_text("utf-8") for path in sorted(heard.mail.glob("*.eml"))]


async def test_a_check_that_finds_nothing_raises_nothing(run_by_sgo: Heard) -> None:
    await run_by_sgo.events(passed(1))

    assert await run_by_sgo.rows("episode") == []
    assert await run_by_sgo.rows("inbox_item") == []


async def test_one_alert_stands_for_all_checks_that_find_it_until_one_does_not(
    run_by_sgo: Heard,
) -> None:
    await run_by_sgo.events(failed(1), failed(1))
    [raised] = await run_by_sgo.rows("episode")
    assert (raised["rule"], raised["basis"], raised["level"]) == (
        "reconciliation",
        "ledger",
        "critical",
    )
    assert raised["reason_en"] == (
        "A check found that the figure is not what the facts say: 22 of 61 shown, 23 of 61 by "
        "the facts; 1 entry is missing: Guide number 1."
    )
    assert raised["reason_fr"] == (
        "Un contrôle a trouvé que le chiffre ne correspond pas aux faits\u00a0: 22 sur 61 à "
        "l’affichage, 23 sur 61 d’après les faits\u202f; 1 écriture manque\u00a0: Guide number 1."
    )
    [mail] = await mails(run_by_sgo)
    assert (
        "Subject: [Figure in doubt] Leadership, guidance and support (SG, FY2019/20): 22 of 61"
        in (mail.replace("\n ", " "))
    )

    pass_days(run_by_sgo, 1)
    await run_by_sgo.events(failed(2, facts=24))
    [standing] = await run_by_sgo.rows("episode")
    assert (standing["id"], standing["condition"]) == (raised["id"], "firing")
    assert "24 of 61 by the facts" in standing["reason_en"], "it says what was found last"
    assert len(await mails(run_by_sgo)) == 1, "nobody is told again of what stands"

    await run_by_sgo.acknowledge(OFFICE, raised["id"], "Rebuilding tonight.")
    pass_days(run_by_sgo, 1)
    await run_by_sgo.events(passed(3), passed(3))
    [closed] = await run_by_sgo.rows("episode")
    assert (closed["condition"], closed["close_reason"]) == ("closed", "agrees_again")
    assert [row["kind"] for row in await run_by_sgo.rows("inbox_item", "number")] == [
        "raised",
        "acknowledged",
        "agrees-again",
    ]
    _first, last = await mails(run_by_sgo)
    assert "[Agrees again]" in last
    assert "for 2 days" in last.replace("=\n", "").replace("\n", " ")
    types = await run_by_sgo.column("outbox", "type", "seq")
    assert [one.split(".")[-2] for one in types] == ["raised", "acknowledged", "closed"]


async def test_after_it_was_mended_the_next_drift_is_an_alert_anew(run_by_sgo: Heard) -> None:
    await run_by_sgo.events(failed(1), passed(2), failed(3))

    assert [row["condition"] for row in await run_by_sgo.rows("episode", "number")] == [
        "closed",
        "firing",
    ]


async def test_a_deviation_and_a_doubt_live_beside_each_other(run_by_sgo: Heard) -> None:
    late: Sample = replace(FEW, revision=2)
    await run_by_sgo.events(failed(1))
    await run_by_sgo.samples(late)
    rules = {row["rule"]: row for row in await run_by_sgo.rows("episode")}
    assert set(rules) == {"deviation", "reconciliation"}

    await run_by_sgo.events(passed(2))
    rules = {row["rule"]: row for row in await run_by_sgo.rows("episode")}
    assert rules["reconciliation"]["condition"] == "closed"
    assert rules["deviation"]["condition"] == "firing", "a clean check ends no deviation"


async def test_no_judgement_ends_a_doubt(run_by_sgo: Heard) -> None:
    """Neither work nor the end of the period: a wrong figure stays wrong."""
    await run_by_sgo.events(failed(1))
    over = replace(ALL, revision=9, judged_on=ALL.closes_on + timedelta(days=30))
    await run_by_sgo.samples(over)

    [doubt] = await run_by_sgo.rows("episode")
    assert doubt["condition"] == "firing"


async def test_rows_that_move_no_figure_are_a_warning_until_they_do(run_by_sgo: Heard) -> None:
    await run_by_sgo.events(failed(1, shown=23, live=23, facts=23))
    [mild] = await run_by_sgo.rows("episode")
    assert mild["level"] == "warning"
    assert "what it is counted from is not" in mild["reason_en"]
    await run_by_sgo.acknowledge(OFFICE, mild["id"])

    pass_days(run_by_sgo, 1)
    await run_by_sgo.events(failed(2, shown=23, live=22, facts=23))
    [worse] = await run_by_sgo.rows("episode")
    assert (worse["level"], worse["handling"]) == ("critical", "new")
    assert "the next judgement would show 22 of 61 instead of 23 of 61" in worse["reason_en"]


async def test_an_old_check_moves_the_state_and_the_next_one_tells(run_by_sgo: Heard) -> None:
    pass_days(run_by_sgo, 30)
    await run_by_sgo.events(failed(1))
    assert await run_by_sgo.rows("inbox_item") == []

    await run_by_sgo.events(failed(31))
    assert await run_by_sgo.column("inbox_item", "kind") == ["raised"]


async def test_where_no_unit_runs_the_system_the_planning_office_answers(informed: Heard) -> None:
    await informed.samples(ALL)
    await informed.events(failed(1))
    [alert] = await informed.rows("episode")
    assert alert["owner_unit"] is None
    assert await informed.column("inbox_item", "unit") == [None]

    with pytest.raises(NotAllowedError):
        await informed.acknowledge(OTHER, alert["id"])
    await informed.acknowledge(OFFICE, alert["id"])
    assert await informed.column("episode", "handling") == ["acknowledged"]


async def test_the_api_shows_what_differs_as_known_then(run_by_sgo: Heard) -> None:
    await run_by_sgo.events(failed(1))
    pass_days(run_by_sgo, 1)
    await run_by_sgo.events(failed(2, facts=24))
    app = run_by_sgo.api()
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://test", headers=AS_OFFICE
    ) as client:
        [alert] = (await client.get("/api/v1/alerts")).json()["items"]
        then = await client.get(f"/api/v1/alerts/{alert['id']}", params={"as_of": NINE.isoformat()})

    assert (alert["rule"], alert["basis"]) == ("reconciliation", "ledger")
    assert alert["difference"]["rebuilt"]["numerator"] == "24"
    assert alert["difference"]["items"] == [
        {"key": f"{PLAN}:D-1", "title": "Guide number 1", "title_fr": None}
    ]
    assert then.json()["difference"] is None, "what a later check says was not known"
    assert "23 of 61 by the facts" in then.json()["reason"]
    [told] = [row["data"] for row in await run_by_sgo.rows("stream_item") if row["kind"] == "alert"]
    assert '"rule":"reconciliation"' in told


async def test_each_of_its_messages_is_written_in_both_languages(run_by_sgo: Heard) -> None:
    """A template that fails would be replaced by a plain text, and noted."""
    await run_by_sgo.events(failed(1, shown=23, live=23, facts=23, surplus=2))
    [alert] = await run_by_sgo.rows("episode")
    await run_by_sgo.events(failed(2, shown=23, live=22, facts=23))
    await run_by_sgo.acknowledge(OFFICE, alert["id"], "Rebuilding.")
    await run_by_sgo.events(passed(3))

    rows = await run_by_sgo.rows("inbox_item", "number")
    assert [row["template_error"] for row in rows] == [None] * 4
    subjects = [row["messages"]["fr"]["subject"].split("]")[0] for row in rows]
    assert subjects == [
        "[Chiffre en doute",
        "[Chiffre en doute",
        "[Pris en charge",
        "[De nouveau conforme",
    ]
    assert "1 entry is missing, 2 entries are too many" in rows[0]["messages"]["en"]["text"]
    assert leadership().title.fr in rows[3]["messages"]["fr"]["text"]
