"""An explanation names who corrected a fact, why and when, and which versions were used."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from kpi_engine.bootstrap import explainer_of
from kpi_engine.ports import StoredJudgement
from shared_kit.events.base import Event
from shared_kit.events.corrections import (
    FactContested,
    FactReplaced,
    FactRetracted,
    FactValidated,
)
from shared_kit.events.envelope import CloudEvent
from shared_kit.events.plans import EstimateStated
from tests.support.engine_builders import adopted, an_item, key, released
from tests.support.engine_lab import NOW, SOURCE, Lab, sent
from tests.support.engine_tables import begin

PERIOD = "FY2019"
AUTUMN = datetime(2019, 11, 4, 8, 30, tzinfo=UTC)


def by(who: str, said: tuple[str, CloudEvent]) -> tuple[str, CloudEvent]:
    """The same event, caused by somebody."""
    topic, event = said
    extensions = {**event.extensions, "authtype": "app_user", "authid": who}
    return topic, CloudEvent(
        id=event.id,
        source=event.source,
        type=event.type,
        subject=event.subject,
        time=event.time,
        data=event.data,
        extensions=extensions,
    )


def about(event: Event, *, id: str, at: datetime = NOW) -> tuple[str, CloudEvent]:
    return sent(event, id=id, time=at, topic="work", subject=key("D-a"))


async def explained(lab: Lab, code: str = "SG") -> dict[str, Any]:
    await lab.judge()
    [row] = await lab.rows(
        "SELECT id, result, offsets FROM judgement WHERE indicator = :key AND period = :period"
        " ORDER BY id DESC LIMIT 1",
        key=key(code),
        period=PERIOD,
    )
    found = await explainer_of(lab.engine).explain(
        judged=StoredJudgement(*row), language="en", by_now=True
    )
    assert found["reproduced"] is True
    return dict(found)


def steps(fact: Mapping[str, Any]) -> list[tuple[str, str | None, str | None, bool]]:
    return [(one["kind"], one["by"], one["reason"], one["in_force"]) for one in fact["corrections"]]


async def test_each_correction_is_told_with_person_source_reason_and_instant(lab: Lab) -> None:
    item = an_item("a")
    await begin(lab)
    await lab.feed(
        sent(adopted(item), id="adopted"),
        by("rita", sent(released(item, date(2019, 9, 1)), id="released")),
    )
    before = await explained(lab)

    said = released(item, date(2019, 9, 12)).model_dump(mode="json")
    await lab.feed(
        by(
            "paul",
            about(
                FactReplaced(source=SOURCE, id="released", reason="the draft's date", data=said),
                id="replaced",
                at=AUTUMN,
            ),
        ),
        by("vera", about(FactValidated(source=SOURCE, id="released"), id="seen")),
        by("carl", about(FactContested(source=SOURCE, id="released", reason="whose?"), id="doubt")),
    )
    after = await explained(lab)

    [line] = before["numerator"]["items"]
    assert line["effective"] == date(2019, 9, 1)
    assert (line["fact"]["by"], line["fact"]["corrections"]) == ("rita", [])
    [line] = after["numerator"]["items"]
    assert line["effective"] == date(2019, 9, 12)
    assert line["contested"] is False
    assert steps(line["fact"]) == [
        ("replaced", "paul", "the draft's date", True),
        ("contested", "carl", "whose?", False),
        ("validated", "vera", None, True),
    ]
    first = line["fact"]["corrections"][0]
    assert (first["source"], first["id"]) == (SOURCE, "replaced")
    assert (first["stated"], first["recorded"]) == (AUTUMN, AUTUMN)
    assert first["changed"] == [
        {"field": "released_on", "before": "2019-09-01", "after": "2019-09-12"}
    ]


async def test_a_retracted_fact_is_left_out_by_its_rule_and_counts_again_when_that_is_taken_back(
    lab: Lab,
) -> None:
    item = an_item("a")
    await begin(lab)
    await lab.feed(
        sent(adopted(item), id="adopted"), sent(released(item, date(2019, 9, 1)), id="released")
    )
    await lab.judge()
    lab.clock.move_to(NOW + timedelta(hours=1))
    gone = FactRetracted(source=SOURCE, id="released", reason="never printed")
    await lab.feed(by("paul", about(gone, id="gone")))
    without = await explained(lab)

    assert without["numerator"]["items"] == []
    [out] = [one for one in without["excluded"] if one["fact"]["id"] == "released"]
    assert (out["title"], out["rule"]) == (item["title"], "It was retracted.")
    assert steps(out["fact"]) == [("retracted", "paul", "never printed", True)]
    [restated] = without["restatements"]
    assert (restated["cause"], restated["numerator_before"], restated["numerator"]) == (
        "correction",
        1,
        0,
    )
    assert restated["since"] == NOW
    assert restated["judged_at"] == NOW + timedelta(hours=1)

    back = FactRetracted(source=SOURCE, id="gone", reason="it was")
    await lab.feed(by("rita", about(back, id="back")))
    again = await explained(lab)

    [line] = again["numerator"]["items"]
    assert steps(line["fact"]) == [
        ("retracted", "rita", "it was", True),
        ("retracted", "paul", "never printed", False),
    ]
    assert line["fact"]["corrections"][0]["corrects"] == {"source": SOURCE, "id": "gone"}
    assert [one["numerator"] for one in again["restatements"]] == [0, 1]


async def test_the_first_estimate_stands_beside_a_revised_one_with_date_and_reason(
    lab: Lab,
) -> None:
    def estimate(value: int, revision: int, reason: str | None) -> EstimateStated:
        return EstimateStated(
            indicator=key("SG"), period=PERIOD, value=value, revision=revision, reason=reason
        )

    await begin(lab)
    await lab.feed(
        sent(adopted(an_item("a")), id="adopted"),
        by("rita", sent(estimate(8, 1, None), id="first", time=AUTUMN - timedelta(days=90))),
        by("paul", sent(estimate(6, 2, "two moved to next year"), id="second", time=AUTUMN)),
    )

    found = await explained(lab)

    estimate_read = found["estimate"]
    assert (estimate_read["value"], estimate_read["first"]) == (6, 8)
    assert (estimate_read["revision"], estimate_read["basis"]) == (2, "stated")
    assert estimate_read["reason"] == "two moved to next year"
    assert estimate_read["effective_on"] == date(2019, 11, 4)
    assert [
        (one["revision"], one["value"], one["effective_on"], one["in_force"], one["fact"]["by"])
        for one in estimate_read["versions"]
    ] == [
        (1, 8, date(2019, 8, 6), False, "rita"),
        (2, 6, date(2019, 11, 4), True, "paul"),
    ]
    cycle = await _cycle(lab)
    assert (cycle["basis"], cycle["revision"]) == ("years", None)
    assert [one["period"] for one in cycle["versions"]] == [PERIOD, PERIOD]


async def _cycle(lab: Lab) -> Mapping[str, Any]:
    [row] = await lab.rows(
        "SELECT id, result, offsets FROM judgement WHERE indicator = :key AND period = '2019-2022'"
        " ORDER BY id DESC LIMIT 1",
        key=key("SG"),
    )
    found = await explainer_of(lab.engine).explain(judged=StoredJudgement(*row), language="en")
    estimate: Mapping[str, Any] = found["estimate"]  # type: ignore[assignment]
    return estimate


async def test_without_a_stated_estimate_the_adoptions_and_what_each_added_are_told(
    lab: Lab,
) -> None:
    one, two = an_item("a"), an_item("b")
    await begin(lab)
    await lab.feed(
        sent(adopted(one), id="adopted"), sent(adopted(one, two, revision=2), id="again")
    )

    found = await explained(lab)

    assert found["estimate"]["basis"] == "adopted"
    assert [(v["revision"], v["value"], v["added"]) for v in found["estimate"]["versions"]] == [
        (1, 1, 1),
        (2, 2, 1),
    ]
    [version] = found["definition"]["versions"]
    assert (version["in_force"], version["changed"], version["next_on"]) == (True, False, None)
    assert version["fact"]["type"].endswith("plan.published.v1")
