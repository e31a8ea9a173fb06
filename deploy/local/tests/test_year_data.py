"""The two files of the demonstration's year: what the article names, and what is synthetic."""

import json
from datetime import date
from fractions import Fraction
from importlib.resources import files
from typing import Any

import pytest

from shared_kit.events.codec import from_http, read
from shared_kit.events.envelope import CloudEvent
from tests.support.article_marks import MARKS, quoted
from wcoplan.demo import story
from wcoplan.demo.year import read as read_year

NAMED: dict[str, Any] = story.article()
FILE = files("wcoplan").joinpath("data", "fy2019-synthetic.json").read_text("utf-8")
ADDED: dict[str, Any] = json.loads(FILE)
ARTICLE = [*NAMED["actions"], *NAMED["deliverables"], *NAMED["background"]]
MARKED = json.loads(MARKS.read_text("utf-8"))


@pytest.mark.parametrize("item", ARTICLE, ids=lambda one: one.get("key") or one["deliverable"])
def test_the_article_says_what_is_quoted_in_the_paragraph_that_is_named(
    item: dict[str, Any],
) -> None:
    assert quoted(MARKED, item["citation"])
    assert len(item["citation"]["quote"].split()) <= 20


def test_a_quotation_that_is_not_there_is_found_out() -> None:
    citation = {"heading": "Integrity", "paragraph": 3, "quote": "launched in Norway"}

    assert not quoted(MARKED, citation)
    assert not quoted(MARKED, {**citation, "quote": "two words"})


def test_every_priority_has_actions_deliverables_and_a_place_in_the_article() -> None:
    served = {share["priority"] for action in NAMED["actions"] for share in action["priorities"]}
    cited = {item["citation"]["heading"] for item in NAMED["deliverables"]}

    assert served == {f"{NAMED['plan']}:PRI-{number}" for number in range(1, 10)}
    assert cited == set(MARKED)
    assert {item["action"] for item in NAMED["deliverables"]} == {
        action["key"] for action in NAMED["actions"]
    }


def test_what_the_article_names_has_no_date_but_those_that_it_gives() -> None:
    for item in ARTICLE:
        day = item.get("due") or item.get("end") or item.get("happened", {}).get("on")
        assert (item["date_certainty"], day) in {
            ("not-given", None),
            ("inferred", "2019-12-31"),
            ("inferred", "2020-06-30"),
            ("stated", "2022-01-01"),
            ("inferred", "2018-06-30"),
            ("inferred", "2019-01-31"),
            ("inferred", "2019-04-30"),
            ("inferred", "2019-05-31"),
            ("inferred", "2019-06-30"),
        }
        assert not item.get("synthetic", False)


def test_what_happened_before_the_cycle_is_no_part_of_the_plan() -> None:
    for item in NAMED["background"]:
        assert item["listed"] is False
        assert "due" not in item
        assert "action" not in item
        if "happened" in item:
            assert item["happened"]["on"] < "2019-07-01"


def test_nothing_that_the_article_names_is_released_by_an_invented_fact() -> None:
    real = {item["deliverable"] for item in (*NAMED["deliverables"], *NAMED["background"])}

    told = {
        entry.get("deliverable") or entry.get("event", {}).get("subject")
        for entry in ADDED["diary"]
        if isinstance(entry.get("deliverable") or entry.get("event", {}).get("subject"), str)
    }
    assert not told & real


def test_the_same_seed_makes_the_committed_file() -> None:
    assert story.text(story.generate(story.SEED, NAMED)) == FILE
    assert story.generate(story.SEED + 1, NAMED)["diary"] != ADDED["diary"]


def test_everything_that_the_complement_adds_is_marked() -> None:
    assert all(one["fictional"] and "(fictional)" in one["title"] for one in ADDED["members"])
    assert {one["region"] for one in ADDED["members"]} == {
        "AMERICAS", "EUROPE", "ESA", "MENA", "WCA", "ASIA-PACIFIC"
    }  # fmt: skip
    assert all(one["synthetic"] for one in (*ADDED["actions"], *ADDED["deliverables"]))
    assert all(one["title"].startswith("Fictional") for one in ADDED["instruments"])
    assert all(one["reason"].startswith("Synthetic") for one in ADDED["estimates"])
    assert all(one["reason"].startswith("Synthetic") for one in ADDED["targets"])
    for entry in ADDED["diary"]:
        if entry["do"] == "tell":
            assert entry["event"]["data"]["synthetic"]


def test_every_fact_is_one_that_the_contracts_know() -> None:
    events = [entry["event"] for entry in ADDED["diary"] if entry["do"] == "tell"]
    body = json.dumps(events).encode()

    _, found = from_http([("content-type", "application/cloudevents-batch+json")], body)

    assert len({event["id"] for event in events}) == len(events) == len(found)
    for event in found:
        assert isinstance(event, CloudEvent)
        read(event)


def test_nobody_tells_what_has_not_happened_yet() -> None:
    for entry in ADDED["diary"]:
        for name in ("released_on", "reached_on"):
            assert entry.get(name, "") <= entry["on"]
        data = entry.get("event", {}).get("data", {})
        for name in ("received_on", "completed_on", "implemented_on", "on"):
            assert data.get(name, "") <= entry["on"]


def test_shares_and_weights_add_to_one() -> None:
    for action in (*NAMED["actions"], *ADDED["actions"]):
        shares = [Fraction(part["share"]) for part in action["priorities"]]
        assert not shares or sum(shares) == 1
    for action in ("A-113", "A-114"):
        chosen = [one for one in ADDED["deliverables"] if one["action"].endswith(action)]
        assert sum(Fraction(one["weight"]) for one in chosen) == 1


def test_a_paper_is_carried_over_and_stays_due() -> None:
    told = [
        one for one in ADDED["diary"] if one.get("deliverable", "") == f"{NAMED['plan']}:D-111-3"
    ]
    [paper] = [one for one in ADDED["deliverables"] if one["deliverable"].endswith("D-111-3")]

    assert [(one["do"], one["period"]) for one in told] == [("carry-over", "FY2020")]
    assert (paper["due"], told[0]["due"]) == ("2019-11-29", "2020-09-30")


def test_the_note_of_an_item_says_where_it_stands_in_the_article_and_what_is_ours() -> None:
    year = read_year()
    [handbook] = [one for one in year.deliverables if one["deliverable"].endswith("D-003-1")]

    assert (
        "Coordinated Border Management, paragraph 5: “will be submitted" in handbook["source_note"]
    )
    assert handbook["source_note"].endswith("the article gives none.")
    assert "citation" not in handbook
    assert date.fromisoformat(handbook["due"]) == date(2020, 6, 30)
