"""Why a figure moved: each cause told apart, in parts that add up, in both languages."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import httpx
import pytest

from kpi_engine.bootstrap import explainer_of, make_api
from kpi_engine.domain.changes import MILLION, Cause, Moved, effect_of, in_millionths
from kpi_engine.domain.figures import Pair
from kpi_engine.handlers.change_words import sentence_of
from kpi_engine.handlers.changes import LedgerComparer
from kpi_engine.ports import StoredJudgement
from shared_kit.events.activity import FigureStated
from shared_kit.events.corrections import FactReplaced, FactRetracted
from shared_kit.events.plans import EstimateStated
from shared_kit.events.results import IndicatorJudged
from tests.support.engine_builders import (
    adopted,
    an_item,
    key,
    released,
    the_plan,
    the_snapshot,
)
from tests.support.engine_lab import NOW, SOURCE, Lab, sent
from tests.support.engine_streams import Streams

D = date
ITEMS = [an_item(n, due=D(2019, 11, 30), kind="research") for n in range(6)]
SG = f"/api/v1/results/{key('SG')}/changes"


@pytest.fixture
async def client(lab: Lab) -> AsyncIterator[httpx.AsyncClient]:
    """Six items planned, three of them released; judged at nine, and it is noon now."""
    await lab.feed(sent(the_plan(), id="plan"), sent(adopted(*ITEMS), id="adopted"))
    await lab.feed(*(sent(released(ITEMS[n], D(2019, 11, 1 + n)), id=f"r{n}") for n in range(3)))
    await lab.judge()
    lab.clock.move_to(NOW + timedelta(hours=3))
    transport = httpx.ASGITransport(app=make_api(lab.engine))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as found:
        yield found


async def changes(client: httpx.AsyncClient, lab: Lab, *events: Any, **asked: str) -> Any:
    """What the API says once these were told."""
    await lab.feed(*events)
    await lab.judge()
    answer = await client.get(SG, params={"from": NOW.isoformat(), "period": "FY2019", **asked})
    assert answer.status_code == 200, answer.text
    return answer.json()


def later(event: Any, *, id: str, of: str | None = None) -> Any:
    """Told at eleven; a correction travels where the fact of Deliverable `of` lies."""
    topic = None if of is None else "work"
    return sent(event, id=id, time=NOW + timedelta(hours=2), subject=of, topic=topic)


def by_cause(told: Any) -> dict[str, tuple[str, str]]:
    return {one["cause"]: (one["numerator"], one["denominator"]) for one in told["parts"]}


def adds_up(told: Any) -> None:
    """As fractions, as shown, and on both sides."""
    before, after = told["from"], told["to"]
    for side in ("numerator", "denominator"):
        whole = Decimal(after[side] or 0) - Decimal(before[side] or 0)
        assert sum(Decimal(one[side]) for one in told["parts"]) == whole, side
        assert Decimal(told[f"{side}_change"]) == whole
    if before["ratio"] is None or after["ratio"] is None:
        assert told["ratio_change"] is None
        return
    shown = Decimal(after["ratio"]) - Decimal(before["ratio"])
    assert Decimal(told["ratio_change"]) == shown
    assert sum(Decimal(one["ratio"]) for one in told["parts"]) == shown
    exact = [
        Fraction(result["numerator"]) / Fraction(result["denominator"])
        for result in (before, after)
    ]
    assert sum(Fraction(one["exact"]) for one in told["parts"]) == exact[1] - exact[0]


async def test_new_facts_are_told_apart_from_late_ones(client: httpx.AsyncClient, lab: Lab) -> None:
    told = await changes(
        client,
        lab,
        later(released(ITEMS[3], D(2020, 2, 3)), id="r3"),
        later(released(ITEMS[4], D(2019, 12, 20)), id="r4"),
    )

    adds_up(told)
    [part] = told["parts"]
    assert (part["cause"], part["numerator"], part["total"]) == ("numerator", "2", 2)
    assert {one["item"]: one["late"] for one in part["items"]} == {
        key("D-3"): True,  # the day was over for the judgement at nine; the fact came later
        key("D-4"): True,
    }
    assert "+2" in part["sentence"]
    assert "2 of them" in part["sentence"]


async def test_a_retraction_and_a_replacement_are_corrections(
    client: httpx.AsyncClient, lab: Lab
) -> None:
    said = released(ITEMS[1], D(2020, 7, 15)).model_dump(mode="json")
    told = await changes(
        client,
        lab,
        later(FactRetracted(source=SOURCE, id="r0", reason="not adopted"), id="c0", of=key("D-0")),
        later(FactReplaced(source=SOURCE, id="r1", data=said), id="c1", of=key("D-1")),
        later(released(ITEMS[5], D(2020, 2, 3)), id="r5"),
        lang="fr",
    )

    adds_up(told)
    assert by_cause(told) == {"numerator": ("1", "0"), "correction": ("-2", "0")}
    part = told["parts"][1]
    assert "corrigés" in part["sentence"]
    assert {one["fact"]["id"] for one in part["items"]} == {"r0", "r1"}


async def test_a_correction_and_its_reversal_leave_nothing_to_tell(
    client: httpx.AsyncClient, lab: Lab
) -> None:
    told = await changes(
        client,
        lab,
        later(FactRetracted(source=SOURCE, id="r0"), id="c0", of=key("D-0")),
        later(FactRetracted(source=SOURCE, id="c0"), id="c1", of=key("D-0")),
    )

    assert told["parts"] == []
    assert Decimal(told["ratio_change"]) == 0


async def test_a_fall_of_what_is_planned_is_replanned_and_no_recovery(
    client: httpx.AsyncClient, lab: Lab
) -> None:
    told = await changes(
        client,
        lab,
        later(EstimateStated(indicator=key("SG"), period="FY2019", value=4, revision=2), id="e"),
        later(released(ITEMS[3], D(2020, 2, 3)), id="r3"),
    )

    adds_up(told)
    assert by_cause(told) == {"numerator": ("1", "0"), "scope": ("0", "-2")}
    assert told["parts"][1]["sentence"] == "Re-planned: 2 fewer are planned. That is no recovery."


async def test_what_a_revision_adds_is_listed(client: httpx.AsyncClient, lab: Lab) -> None:
    more = an_item(9, due=D(2020, 5, 31))
    told = await changes(
        client, lab, later(adopted(*ITEMS, more, revision=2, on=D(2020, 2, 3)), id="more")
    )

    adds_up(told)
    [part] = told["parts"]
    assert (part["cause"], part["denominator"]) == ("scope", "1")
    assert [one["item"] for one in part["items"]] == [key("D-9")]
    assert part["sentence"] == "Re-planned: 1 more is planned (“Item 9”)."


@pytest.mark.parametrize(
    ("changes", "english", "french"),
    [
        (
            {"Guide": 1, "Workshop": 1},
            "Re-planned: 2 more are planned (“Guide”, “Workshop”).",
            "Replanifié : 2 de plus sont prévus (« Guide », « Workshop »).",
        ),
        (
            {"Guide": 1, "A": -1, "B": -1, "C": -1, "D": -1},
            "Re-planned: 1 added (“Guide”); 4 taken out (“A”, “B”, “C” and 1 more)."
            " That is no recovery.",
            "Replanifié : 1 en plus (« Guide ») ; 4 en moins (« A », « B », « C » et 1 de plus)."
            " Ce n’est pas un redressement.",
        ),
        (
            {"Guide": -1},
            "Re-planned: 1 fewer is planned (“Guide”). That is no recovery.",
            "Replanifié : 1 de moins est prévu (« Guide »). Ce n’est pas un redressement.",
        ),
    ],
)
def test_what_is_planned_says_its_difference_and_its_items(
    changes: dict[str, int], english: str, french: str
) -> None:
    items = [
        {"item": title, "title": title, "title_fr": None, "change": Decimal(change)}
        for title, change in changes.items()
    ]
    moved = Moved(cause=Cause.SCOPE, denominator=Fraction(sum(changes.values())))
    said = [
        sentence_of(moved, items=items, late=0, version=1, language=language)
        for language in ("en", "fr")
    ]

    assert said[0] == english
    assert said[1].replace("\u202f", " ").replace("\u00a0", " ") == french


async def test_another_definition_is_named_as_the_cause(
    client: httpx.AsyncClient, lab: Lab
) -> None:
    narrower = [
        one.model_copy(
            update={"measure": one.measure.model_copy(update={"where": _without_research(one)})}
        )
        if one.code == "SG" and one.measure is not None
        else one
        for one in the_snapshot().indicators
    ]
    told = await changes(
        client,
        lab,
        later(the_plan(version=2, effective_on=D(2020, 1, 1), indicators=tuple(narrower)), id="v2"),
    )

    adds_up(told)
    assert by_cause(told) == {"definition": ("-3", "-6")}
    assert "Version 2" in told["parts"][0]["sentence"]


def _without_research(indicator: Any) -> Any:
    """What SG counts, without research papers."""
    return tuple(
        one.model_copy(update={"none_of": ("research", "milestone")})
        if one.field == "kind"
        else one
        for one in indicator.measure.where
    )


async def test_a_stated_figure_stands_in_place_of_what_is_counted(
    client: httpx.AsyncClient, lab: Lab
) -> None:
    told = await changes(
        client,
        lab,
        later(
            FigureStated(
                indicator=key("SG"),
                period="FY2019",
                numerator=Decimal("5.5"),
                denominator=Decimal(11),
                as_on=D(2020, 1, 31),
            ),
            id="f",
        ),
    )

    adds_up(told)
    assert by_cause(told) == {"stated": ("2.5", "5")}


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({}, 422),
        ({"from": "soon"}, 422),
        ({"from": "2019-01-01"}, 404),
        ({"from": "2020-02-03", "to": "2020-02-03"}, 200),
        ({"from": "2020-02-03", "to": "2020-02-02"}, 422),
        ({"from": "2020-02-04", "to": "2020-02-03T12:00:00Z"}, 422),
        ({"from": "2020-02-03T12:00:00Z", "to": "2020-02-03"}, 200),
        ({"from": "9999-12-31", "to": "9999-12-31"}, 200),
        ({"from": "2020-02-03", "period": "FY1999"}, 404),
    ],
)
async def test_what_cannot_be_compared_is_said_so(
    client: httpx.AsyncClient, asked: dict[str, str], status: int
) -> None:
    answer = await client.get(SG, params={"period": "FY2019", **asked})

    assert answer.status_code == status, answer.text
    if status == 200:
        assert answer.json()["parts"] == []


@pytest.mark.parametrize("seed", range(3))
async def test_every_change_of_a_random_history_adds_up(lab: Lab, seed: int) -> None:
    random = Random(seed)
    lab.clock.move_to(NOW)
    stream = [sent(the_plan(), id="plan"), *Streams(seed).history(length=100)]
    while stream:
        size = random.randrange(20, 50)
        await lab.feed(*stream[:size])
        del stream[:size]
        await lab.judge()
        lab.clock.move_to(lab.clock.now() + timedelta(days=20))
    comparer = LedgerComparer(opening=explainer_of(lab.engine).opening)
    pairs: dict[tuple[str, str], list[StoredJudgement]] = {}
    for row in await lab.rows(
        "SELECT id, result, offsets, indicator, period FROM judgement ORDER BY id"
    ):
        pairs.setdefault((row[3], row[4]), []).append(StoredJudgement(*row[:3]))
    moved = turned = 0
    for judged in pairs.values():
        if len(judged) > 1:
            before, after = judged[0], judged[-1]
            told: Any = await comparer.compare(before=before, after=after, language="en")
            _holds(told)
            _adds_up_too(told, before, after)
            moved += bool(told["parts"])
            turned += told["status"]["changed"]
    assert moved > 10
    assert turned > 3


def _holds(told: Any) -> None:
    before, after = told["from"], told["to"]
    for side in ("numerator", "denominator"):
        whole = (after[side] or 0) - (before[side] or 0)
        assert sum(one[side] for one in told["parts"]) == whole, (told["key"], side)
    if told["ratio_change"] is not None:
        assert sum(one["ratio"] for one in told["parts"]) == told["ratio_change"]


def _adds_up_too(told: Any, before: StoredJudgement, after: StoredJudgement) -> None:
    """Attainment, what was expected and the status, between the judgements as they were kept."""
    kept = [IndicatorJudged.model_validate_json(one.result) for one in (before, after)]
    for name in ("attainment", "expected"):
        first, last = (getattr(one, name) for one in kept)
        shift = told[name]
        if first is None or last is None:
            assert shift is None, (told["key"], name)
            continue
        assert (shift["before"], shift["after"]) == (first, last), (told["key"], name)
        assert sum(part["change"] for part in shift["parts"]) == last - first
        exact = sum(Fraction(part["exact"]) for part in shift["parts"])
        assert abs(exact - (Fraction(last) - Fraction(first))) <= Fraction(1, MILLION)
    status = told["status"]
    for one, side in zip(kept, ("before", "after"), strict=True):
        assert status[side]["status"] == one.status
        assert status[side]["attainment"] == one.attainment
        assert (status[side]["by"] is None) == (one.attainment is None)
    assert bool(status["turned_by"]) == status["changed"]
    assert status["sentence"]


def test_the_parts_of_a_ratio_add_up_whatever_moved() -> None:
    random = Random(7)
    for _ in range(300):
        before, after = (
            Pair(
                numerator=Fraction(random.randrange(90)),
                denominator=Fraction(random.randrange(1, 90)),
            )
            for _ in range(2)
        )
        top, bottom = after.numerator - before.numerator, after.denominator - before.denominator
        split, other = Fraction(random.randrange(-9, 9)), Fraction(random.randrange(-9, 9))
        moved = [
            Moved(cause=Cause.NUMERATOR, numerator=top - split, denominator=other),
            Moved(cause=Cause.CORRECTION, numerator=split, denominator=bottom - other),
        ]
        effects = [effect_of(one, before=before, after=after) for one in moved]
        known = [one for one in effects if one is not None]
        ratios = [one.numerator / one.denominator for one in (before, after)]
        assert sum(known) == ratios[1] - ratios[0]
        total = round(ratios[1] * MILLION) - round(ratios[0] * MILLION)
        assert sum(in_millionths(known, total=total)) == total
    lopsided = Moved(cause=Cause.SCOPE, numerator=Fraction(1))
    nothing = Pair(numerator=Fraction(0), denominator=Fraction(0))
    assert effect_of(lopsided, before=nothing, after=after) is None
