"""The whole life of an alert on one database: raised, worse, acknowledged, over, and anew."""

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from notifier.domain.sample import Sample
from services.notifier.tests.builders import MONDAY, SIX_OVERDUE, counts
from services.notifier.tests.conftest import Heard
from shared_kit.events.definitions import Said
from shared_kit.events.plans import UnitRegistered
from shared_kit.identity import Caller, NotAllowedError, Role

OFFICE = Caller(subject="demo-planning-office", role=Role.PLANNING_OFFICE)
FEW = counts(2, 4, overdue=SIX_OVERDUE[:2])
"""Two items late beyond the grace, of fewer than eight: a warning, at once."""
MANY = counts(20, 26)
"""Critical, at once."""
ALL = counts(26, 26, overdue=())


def director(unit: str) -> Caller:
    return Caller(
        subject=f"demo-director:{unit}", role=Role.DIRECTOR, scopes=frozenset({f"unit:{unit}"})
    )


def on(day: int, sample: Sample, **changes: Any) -> Sample:
    return replace(sample, judged_on=MONDAY + timedelta(days=day), revision=day + 1, **changes)


def test_the_readme_names_tests_that_there_are() -> None:
    folder = Path(__file__).parent
    named = re.findall(r"`(\w+\.py)::(test_\w+)`", (folder.parent / "README.md").read_text("utf-8"))
    assert len(named) > 20
    for file, name in named:
        [path] = folder.rglob(file)
        assert f"def {name}(" in path.read_text("utf-8"), f"{file}::{name}"


async def the_open_one(heard: Heard) -> dict[str, Any]:
    [found] = [row for row in await heard.rows("episode") if row["condition"] != "closed"]
    return dict(found)


async def test_an_alert_from_its_first_warning_to_its_end_and_anew_in_the_next_year(
    informed: Heard,
) -> None:
    await informed.samples(on(0, FEW))
    alert = await the_open_one(informed)
    assert (alert["level"], alert["handling"]) == ("warning", "new")
    await informed.acknowledge(director("SGO"), alert["id"], "Under way.")

    await informed.samples(on(1, MANY))
    worse = await the_open_one(informed)
    assert worse["id"] == alert["id"], "worse is the same alert"
    assert (worse["level"], worse["handling"]) == ("critical", "new"), "and asks anew"
    await informed.acknowledge(OFFICE, alert["id"], "The Council was told.")
    await informed.samples(on(2, MANY))
    assert (await the_open_one(informed))["acknowledged_by"] == OFFICE.subject

    await informed.samples(on(3, ALL))
    await informed.samples(on(10, ALL))
    assert (await the_open_one(informed))["condition"] == "recovering"
    await informed.samples(on(17, ALL))
    [ended] = await informed.rows("episode")
    assert (ended["condition"], ended["close_reason"]) == ("closed", "recovered")

    later = {"period": "FY2020", "closes_on": date(2021, 7, 30)}
    await informed.samples(on(300, MANY, **later))
    anew = await the_open_one(informed)
    assert anew["id"] != alert["id"]
    assert (anew["period"], anew["level"], anew["handling"]) == ("FY2020", "critical", "new")

    assert await informed.column("inbox_item", "kind", "number") == [
        "raised",
        "acknowledged",
        "level-up",
        "acknowledged",
        "recovered",
        "raised",
    ]
    # Mails: raised, worse, over, raised; who takes care of it is in the inbox alone.
    assert len(await informed.rows("delivery")) == 4
    assert len(await informed.rows("outbox")) == 6


async def test_an_alert_follows_its_indicator_to_another_owner(informed: Heard) -> None:
    await informed.events(
        UnitRegistered(
            code="CAP",
            title=Said(en="Capacity Building", fr="Renforcement des capacités"),
            language="fr",
            mailbox="cap@wco.example",
            revision=1,
        )
    )
    await informed.samples(on(0, FEW))
    alert = (await the_open_one(informed))["id"]

    await informed.samples(on(1, FEW, owner_unit="CAP"))
    with pytest.raises(NotAllowedError):
        await informed.acknowledge(director("SGO"), alert)
    await informed.acknowledge(director("CAP"), alert)
    await informed.samples(on(2, MANY, owner_unit="CAP"))

    assert await informed.column("inbox_item", "unit", "number") == ["SGO", "CAP", "CAP"]
    assert await informed.column("inbox_item", "language", "number") == ["en", "fr", "fr"]
    await informed.deliveries.deliver_some()
    assert set(await informed.column("delivery", "recipient")) == {
        "sgo@wco.example",
        "cap@wco.example",
    }
