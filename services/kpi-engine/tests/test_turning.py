"""What moved an attainment and turned a status: the figure, time, the plan, the definition."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import httpx
import pytest

from kpi_engine.bootstrap import make_api
from kpi_engine.domain.shifts import Came, Shift, divided, turned_by
from shared_kit.events.base import Event
from shared_kit.events.corrections import FactRetracted
from shared_kit.events.plans import TargetSet
from shared_kit.events.work import DeliverableRescheduled
from tests.support.engine_builders import adopted, an_item, key, released, the_plan, the_snapshot
from tests.support.engine_lab import SOURCE, Lab, sent

D = date
FIRST = datetime(2020, 1, 10, 8, tzinfo=UTC)
EARLY = [an_item(n, due=D(2019, 11, 30)) for n in range(4)]
LATE = [an_item(n, due=D(2020, 1, 20), title_fr=f"Objet {n}") for n in range(4, 7)]


@pytest.fixture
async def client(lab: Lab) -> AsyncIterator[httpx.AsyncClient]:
    """Four items due and done, three due on 20 January; judged on the 10th."""
    lab.clock.move_to(FIRST)
    await tell(lab, FIRST, the_plan(), adopted(*EARLY, *LATE))
    await tell(lab, FIRST, *(released(item, D(2019, 11, 20)) for item in EARLY))
    transport = httpx.ASGITransport(app=make_api(lab.engine))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as found:
        yield found


async def tell(lab: Lab, at: datetime, *events: Event | tuple[str, Any]) -> None:
    """What is told on a day, which begins."""
    lab.clock.move_to(at)
    await lab.feed(
        *(
            event
            if isinstance(event, tuple)
            else sent(event, id=f"{at:%m%d%H}-{n}-{type(event).__name__}", time=at)
            for n, event in enumerate(events)
        )
    )
    await lab.open_day()
    await lab.judge()
    lab.clock.move_to(at + timedelta(hours=3))


async def changes(client: httpx.AsyncClient, since: str, to: str, **asked: str) -> Any:
    params = {"from": since, "to": to, "period": "FY2019", **asked}
    answer = await client.get(f"/api/v1/results/{key('SG')}/changes", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def parts(shift: Any) -> dict[str, str]:
    """By cause; they add up to the whole, as shown and as fractions."""
    change = Decimal(shift["after"]) - Decimal(shift["before"])
    assert Decimal(shift["change"]) == change
    assert sum(Decimal(one["change"]) for one in shift["parts"]) == change
    exact = sum(Fraction(one["exact"]) for one in shift["parts"])
    assert abs(exact - Fraction(change)) <= Fraction(1, 10**6)
    return {one["cause"]: one["exact"] for one in shift["parts"]}


def plain(said: str) -> str:
    return said.replace("\u202f", " ").replace("\u00a0", " ")


async def test_what_fell_due_with_time_turns_a_status_and_is_told_apart_from_what_is_done(
    client: httpx.AsyncClient, lab: Lab
) -> None:
    await tell(lab, datetime(2020, 2, 24, 8, tzinfo=UTC))
    await tell(lab, datetime(2020, 2, 25, 8, tzinfo=UTC), released(LATE[0], D(2020, 2, 25)))

    time_alone = await changes(client, "2020-01-10", "2020-02-24")
    both = await changes(client, "2020-01-10", "2020-02-25")
    french = await changes(client, "2020-01-10", "2020-02-25", lang="fr")
    same = await changes(client, "2020-02-24", "2020-02-25")

    assert time_alone["parts"] == []  # the ratio is the same: 4 of 7
    assert parts(time_alone["attainment"]) == {"time": "-3/7"}
    assert parts(time_alone["expected"]) == {"time": "3"}
    status = time_alone["status"]
    assert (status["before"]["status"], status["after"]["status"]) == ("on-track", "off-track")
    assert [status["after"][one] for one in ("by", "figure", "against")] == ["due", "4", "7"]
    assert (status["turned_by"], status["since"]) == (["time"], "2020-02-24")
    assert status["sentence"] == (
        "What was due, grace deducted, grew from 4 to 7; what is done of it stayed at 4:"
        " 57.1 % of what is asked, below the tolerance of 75 %, since 24 February 2020."
        " 3 that fell due since are not done (“Item 4”, “Item 5”, “Item 6”)."
        " What turned it: the time that passed; without that it would be on track."
    )
    # Of the released one each order says the same: it was not due, so only with time it counts.
    assert set(parts(both["attainment"])) == {"figure", "time"}
    assert both["status"]["turned_by"] == ["time"]
    assert [one["done"] for one in both["status"]["fell_due"]] == [True, False, False]
    assert plain(french["status"]["sentence"]) == (
        "Ce qui était attendu, délai déduit, est passé de 4 à 7, ce qui en est fait est passé de"
        " 4 à 5 : 71,4 % de ce qui est demandé, sous la tolérance de 75 %,"
        " depuis le 24 février 2020."
        " 2 échus depuis ne sont pas faits (« Objet 5 », « Objet 6 »)."
        " Le statut a changé par le temps écoulé ; sans cela, il serait « en bonne voie »."
    )
    assert parts(same["attainment"]) == {"figure": "1/7"}
    assert (same["status"]["changed"], same["status"]["turned_by"]) == (False, [])


async def test_what_was_replanned_and_what_was_corrected_turn_a_status(
    client: httpx.AsyncClient, lab: Lab
) -> None:
    await tell(lab, datetime(2020, 2, 24, 8, tzinfo=UTC))
    moved = [
        DeliverableRescheduled(
            deliverable=item["deliverable"], period="FY2019", due=D(2020, 6, 1), approved_by="po"
        )
        for item in LATE
    ]
    await tell(lab, datetime(2020, 2, 25, 8, tzinfo=UTC), *moved)
    gone = sent(
        FactRetracted(source=SOURCE, id="011008-0-DeliverableReleased"),
        id="gone",
        time=datetime(2020, 2, 26, 8, tzinfo=UTC),
        subject=key("D-0"),
        topic="work",
    )
    await tell(lab, datetime(2020, 2, 26, 8, tzinfo=UTC), gone)

    replanned = await changes(client, "2020-02-24", "2020-02-25")
    corrected = await changes(client, "2020-02-25", "2020-02-26")
    nothing = await changes(client, "2020-01-10", "2020-02-25")

    assert parts(replanned["attainment"]) == {"plan": "3/7"}
    assert parts(replanned["expected"]) == {"plan": "-3"}
    assert replanned["status"]["turned_by"] == ["plan"]
    assert replanned["status"]["sentence"].endswith(
        "What turned it: what is planned or approved; without that it would be off track."
    )
    assert parts(corrected["attainment"]) == {"figure": "-1/4"}
    assert corrected["status"]["turned_by"] == ["figure"]
    # Time took 3/7 and the new dates gave them back: the whole is nothing, the parts are told.
    assert parts(nothing["attainment"]) == {"time": "-3/14", "plan": "3/14"}
    assert nothing["status"]["changed"] is False


async def test_another_tolerance_turns_a_status_and_a_target_gives_one(
    client: httpx.AsyncClient, lab: Lab
) -> None:
    await tell(lab, datetime(2020, 2, 24, 8, tzinfo=UTC))
    milder = [
        one.model_copy(
            update={
                "tolerance": one.tolerance.model_copy(
                    update={"on_track": Decimal("0.5"), "at_risk": Decimal("0.4")}
                )
            }
        )
        for one in the_snapshot().indicators
    ]
    new = the_plan(version=2, effective_on=D(2020, 2, 1), indicators=tuple(milder))
    target = TargetSet(indicator=key("LD3.2"), period="FY2019", low=Decimal("0.5"), revision=1)
    await tell(lab, datetime(2020, 2, 25, 8, tzinfo=UTC), new, target)

    told = await changes(client, "2020-02-24", "2020-02-25")
    answer = await client.get(
        f"/api/v1/results/{key('LD3.2')}/changes",
        params={"from": "2020-02-24", "to": "2020-02-25", "period": "FY2019"},
    )

    assert parts(told["attainment"]) == {}
    assert told["status"]["turned_by"] == ["definition"]
    assert told["status"]["after"]["status"] == "on-track"
    silent = answer.json()
    assert silent["attainment"] is None
    assert silent["status"]["sentence"] == "Before: not judged: no data. Now: not judged: no data."


def test_the_parts_of_any_game_add_up_and_what_does_nothing_gets_nothing() -> None:
    random = Random(3)
    causes = [Shift.FIGURE, Shift.TIME, Shift.PLAN, Shift.DEFINITION]
    undivided = 0
    for _ in range(200):
        drawn: dict[Came, Fraction | None] = {}
        idle = random.choice(causes)

        def value(
            came: Came, drawn: dict[Came, Fraction | None] = drawn, idle: Shift = idle
        ) -> Fraction | None:
            came -= {idle}
            if came not in drawn:
                known = random.random() > 0.2 or len(came) in (0, 3)
                drawn[came] = Fraction(random.randrange(99), 7) if known else None
            return drawn[came]

        found = divided(value, causes=causes)
        first, last = value(frozenset()), value(frozenset(causes))
        assert found is not None
        assert first is not None
        assert last is not None
        assert sum(found.values()) == last - first
        assert not found.get(idle)
        undivided += Shift.TOGETHER in found
        assert idle not in turned_by(value, causes=causes)
    assert 0 < undivided < 100
    assert divided(lambda came: Fraction(1) if came else None, causes=causes) is None
