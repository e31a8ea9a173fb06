"""The plan file holds the whole plan, to the letter, and every text says where it is from."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from importlib.resources import files

import pytest

from shared_kit.events.definitions import (
    Count,
    DistinctOverInterval,
    LatestSum,
    Milestones,
    PlanSnapshot,
    Said,
)

SOURCE = files("plan_api.plans").joinpath("data", "wco-2019-2022.json").read_text("utf-8")
PLAN = PlanSnapshot.model_validate_json(SOURCE)

# What the official texts hash to, white space taken out. They were compared with the published
# plan letter by letter once; a changed letter shows here.
OFFICIAL = {
    "statements": "94800446f746c508bb38e3af2c725c58187df590fd37f1d393920488c191fd84",
    "perspectives": "321ca8628db3f57faee8b0ff1acd291d2df01a1f8cbc2a92a2a83dec0685b0d4",
    "groups": "90e84f2d07afe03d26509a477e533f08e442b643afeb339eec2d657c359f600a",
    "objectives": "5c6d5d255ba13cff36aaadf0b756d51f2cec4f700247bbfff76261901f1aab5b",
    "indicators": "495e28285e344d6bf0590dcf8a804226703db8402486eed81a19bb7a8204bbd0",
    "definitions": "d9c766662180667246b5cf623e537600446e40d757107c4a0fe1f900debf89d9",
    "priorities": "61e4e125856bd85f25f0a4ad544498fdf82bd7e42b0d23a92b67b5634883c634",
    "descriptions": "4b619354acd386d3f5c24e78430d74a1a3198c458a41e37700a2c03d2b3cb1f4",
    "packages": "ffd3f32497354c960e03693188ce238c1dee95b63ebca89a8a66caf4042089d4",
}

# A version that went out is never edited: what is changed in the file is a higher version, and
# its line here. Installations that have the number with another content would not take it up.
PUBLISHED = {2: "b96023c2972a31492bfe9d61d76a0cf3e1a368464f26610555504bfe83ed4baa"}


def test_a_changed_plan_file_is_a_higher_version() -> None:
    content = json.dumps(json.loads(SOURCE), sort_keys=True, ensure_ascii=False)

    assert sha256(content.encode()).hexdigest() == PUBLISHED[max(PUBLISHED)]
    assert max(PUBLISHED) == PLAN.version


def official_texts() -> dict[str, list[str]]:
    assert PLAN.mission is not None
    assert PLAN.vision is not None
    values = [value.said.en for value in PLAN.values]
    return {
        "statements": [PLAN.mission.en, PLAN.vision.en, *values],
        "perspectives": [one.title.en for one in PLAN.perspectives],
        "groups": [one.title.en for one in PLAN.groups],
        "objectives": [f"{one.code}. {one.title.en}" for one in PLAN.objectives],
        "indicators": [one.title.en for one in PLAN.indicators],
        "definitions": [one.definition.en for one in PLAN.indicators],
        "priorities": [one.title.en for one in PLAN.priorities],
        "descriptions": [one.description.en for one in PLAN.priorities],
        "packages": [one.title.en for one in PLAN.packages],
    }


def digest(texts: list[str]) -> str:
    return sha256("\n".join(re.sub(r"\s+", "", text) for text in texts).encode()).hexdigest()


def said_in(part: object, path: str = "") -> Iterator[tuple[str, Said]]:
    if isinstance(part, dict):
        if {"en", "fr"} <= set(part):
            yield path, Said.model_validate_json(json.dumps(part))
            return
        for name, value in part.items():
            yield from said_in(value, f"{path}/{name}")
    elif isinstance(part, list):
        for place, value in enumerate(part):
            yield from said_in(value, f"{path}/{place}")


@pytest.mark.parametrize("kind", OFFICIAL)
def test_official_texts_stand_as_published(kind: str) -> None:
    assert digest(official_texts()[kind]) == OFFICIAL[kind]


def test_the_plan_is_whole() -> None:
    assert len(PLAN.perspectives) == 5
    assert len(PLAN.objectives) == 17
    assert len(PLAN.indicators) == 29
    assert len(PLAN.priorities) == 9
    assert len(PLAN.packages) == 4
    assert len(PLAN.values) == 5
    assert len(PLAN.deliverable_kinds) == 11


def test_codes_are_unique_among_their_kind() -> None:
    for kind in (
        PLAN.perspectives,
        PLAN.groups,
        PLAN.objectives,
        PLAN.indicators,
        PLAN.priorities,
        PLAN.packages,
    ):
        codes = Counter(one.code for one in kind)
        assert max(codes.values()) == 1, codes


def test_what_an_element_names_is_in_the_plan() -> None:
    objectives = {one.code for one in PLAN.objectives}
    groups = {one.code for one in PLAN.groups}
    perspectives = {one.code for one in PLAN.perspectives}
    ends = objectives | groups | perspectives

    assert {one.objective for one in PLAN.indicators} == objectives
    assert {one.perspective for one in PLAN.objectives} == perspectives
    assert {one.group for one in PLAN.objectives if one.group} == groups
    for link in PLAN.links:
        assert {*link.causes, *link.effects} <= ends


def test_every_text_has_both_languages_and_a_source_or_is_ours() -> None:
    found = list(said_in(json.loads(SOURCE)))

    assert len(found) > 200
    for path, said in found:
        assert said.en.strip(), path
        assert said.fr.strip(), path
        assert said.ours or said.source, path
        assert not said.fr_official, path
        if said.source:
            assert said.source.startswith(
                ("WCO Strategic Plan 2019-2022, ", "Told after WCO Strategic Plan 2019-2022, ")
            ), path


def test_what_is_told_in_our_own_words_says_so() -> None:
    for objective in PLAN.objectives:
        assert objective.description is not None
        assert objective.description.ours
    assert all(one.short.ours and one.owner_ours for one in PLAN.indicators)
    assert all(one.code_ours == ("." in one.code) for one in PLAN.indicators)
    assert PLAN.cycle.note is not None
    assert PLAN.cycle.note.ours


def test_the_cycle_is_three_financial_years() -> None:
    calendar = PLAN.calendar()

    assert [period.code for period in calendar.periods()] == [
        "FY2019",
        "FY2020",
        "FY2021",
        "2019-2022",
    ]
    assert calendar.cycle.start == date(2019, 7, 1)
    assert calendar.cycle.end == date(2022, 6, 30)
    assert not calendar.is_business_day(date(2020, 4, 13)), "Easter Monday"
    assert not calendar.is_business_day(date(2021, 5, 13)), "Ascension Day"
    assert calendar.is_business_day(date(2020, 2, 3))


def test_every_indicator_has_a_measure_of_its_kind() -> None:
    kinds = {
        "count": "planned",
        "distinct": "planned",
        "distinct-over-interval": "observed",
        "attended": "observed",
        "latest-sum": "observed",
        "milestones": "milestones",
    }
    for indicator in PLAN.indicators:
        assert indicator.measure is not None
        assert kinds[indicator.measure.aggregate] == indicator.kind, indicator.code


def test_a_count_takes_no_drafts_and_no_milestones() -> None:
    for indicator in PLAN.indicators:
        measure = indicator.measure
        if isinstance(measure, Count):
            (stage,) = measure.released
            assert stage.any_of == ("adopted", "published", "done")
            for way_in in filter(None, (measure.where, measure.also_where)):
                kinds = [one for one in way_in if one.field == "kind"]
                assert any(
                    "milestone" in one.none_of or (one.any_of and "milestone" not in one.any_of)
                    for one in kinds
                ), indicator.code


def test_conditions_name_codes_of_the_plan() -> None:
    known = {
        "objectives": {one.code for one in PLAN.objectives},
        "packages": {one.code for one in PLAN.packages},
        "kind": set(PLAN.deliverable_kinds),
    }
    for indicator in PLAN.indicators:
        measure = indicator.measure
        conditions = [*getattr(measure, "where", ()), *getattr(measure, "also_where", ())]
        for condition in conditions:
            if condition.field in known:
                named = {*condition.any_of, *condition.none_of, *condition.not_only}
                assert named <= known[condition.field], indicator.code


def test_silence_is_no_data_where_members_or_others_have_to_speak() -> None:
    silent = {one.code for one in PLAN.indicators if one.silence_is_no_data}

    assert silent == {
        *(f"SP{number}.2" for number in range(1, 5)),
        *(f"SP7.{number}" for number in range(1, 6)),
        "SP8",
        "LD3.2",
    }


def test_audit_titles_stay_in_the_secretariat() -> None:
    hidden = [one.code for one in PLAN.indicators if one.visibility != "members"]

    assert hidden == ["ORG2.2"]


def test_the_measures_of_the_hard_shapes_are_as_the_domain_has_them() -> None:
    measures = {one.code: one.measure for one in PLAN.indicators}

    assert isinstance(measures["SP7.4"], DistinctOverInterval)
    # Who asks for people development asks for the ODP: the engine adds it, the measure need not.
    assert measures["SP7.4"].topics == ("ODP",)
    assert isinstance(measures["SP7.5"], DistinctOverInterval)
    assert set(measures["SP7.5"].topics) == {"ECP", "RP", "CEP", "ODP", "standards"}
    assert isinstance(measures["SP8"], DistinctOverInterval)
    assert measures["SP8"].topics == ("people",)
    assert isinstance(measures["ORG2.1"], LatestSum)
    assert not any("in-kind" in path for path in measures["ORG2.1"].numerator)
    assert measures["ORG2.1"].latest_by == "revision"
    assert isinstance(measures["LD3.1"], Milestones)
