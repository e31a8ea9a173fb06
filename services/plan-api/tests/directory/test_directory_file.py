"""The directory file names the units that own indicators, and real tools as the article does."""

import json
from importlib.resources import files
from typing import Any

from shared_kit.events.definitions import PlanSnapshot, Said
from shared_kit.events.plans import InstrumentRegistered, UnitRegistered

DIRECTORY: dict[str, Any] = json.loads(
    files("plan_api.directory").joinpath("data", "directory.json").read_text("utf-8")
)
PLAN = PlanSnapshot.model_validate_json(
    files("plan_api.plans").joinpath("data", "wco-2019-2022.json").read_bytes()
)


def test_every_entry_makes_the_event_that_registers_it() -> None:
    for unit in DIRECTORY["units"]:
        UnitRegistered.model_validate_json(json.dumps({**unit, "revision": 1}))
    for instrument in DIRECTORY["instruments"]:
        InstrumentRegistered.model_validate_json(json.dumps({**instrument, "revision": 1}))


def test_codes_are_unique() -> None:
    for entries in (DIRECTORY["units"], DIRECTORY["regions"], DIRECTORY["instruments"]):
        codes = [entry["code"] for entry in entries]
        assert len(codes) == len(set(codes))


def test_parents_stand_before_their_children() -> None:
    seen: set[str] = set()
    for unit in DIRECTORY["units"]:
        assert unit.get("parent", "SGO") in {*seen, "SGO"}
        seen.add(unit["code"])


def test_every_owner_of_an_indicator_is_a_unit() -> None:
    assert {one.owner for one in PLAN.indicators} <= {unit["code"] for unit in DIRECTORY["units"]}


def test_no_notice_leaves_for_a_real_mailbox() -> None:
    assert all(unit["mailbox"].endswith(".example") for unit in DIRECTORY["units"])


def test_units_and_regions_are_marked_ours_in_both_languages() -> None:
    for entry in (*DIRECTORY["units"], *DIRECTORY["regions"]):
        title = Said.model_validate_json(json.dumps(entry["title"]))
        assert title.ours
        assert title.en
        assert title.fr
    assert len(DIRECTORY["regions"]) == 6


def test_an_instrument_says_where_it_is_named_and_that_its_packages_are_ours() -> None:
    packages = {one.code for one in PLAN.packages}
    for instrument in DIRECTORY["instruments"]:
        assert "paragraph" in instrument["source"]
        assert instrument["packages_ours"]
        assert set(instrument["packages"]) <= packages
        assert instrument["title_fr"]
