"""What a yearly plan would never reach is said beforehand, by the measures of the plan alone."""

from dataclasses import replace
from typing import Any

from plan_api.implementation.model import DateCertainty, DeliverablePlan, Purpose
from plan_api.implementation.service.counting import reaches, shortfalls
from plan_api.implementation.service.needs import needs
from plan_api.plans.model import Estimate
from tests.support.page_data import the_plan

PLAN = the_plan()
KEY = f"{PLAN.plan}:SP6.2"
WORKSHOP = DeliverablePlan(
    key=f"{PLAN.plan}:D-1",
    plan=PLAN.plan,
    period="FY2019",
    title="Workshop on data",
    listed=True,
    kind="workshop",
    unit="CF",
    objectives=(f"{PLAN.plan}:SO3",),
    date_certainty=DateCertainty.NOT_GIVEN,
)
ITS_PURPOSE = replace(WORKSHOP, purpose=Purpose.KNOWLEDGE)


def said(*listed: DeliverablePlan, estimate: int) -> list[tuple[str, list[str]]]:
    figure = Estimate(indicator=KEY, period="FY2019", value=estimate)
    found = shortfalls(
        listed, plan=PLAN, period=PLAN.calendar().period("FY2019"), estimates={KEY: figure}
    )
    return [(one.said.en, [each.title for each in one.near]) for one in found]


def test_an_estimate_that_nothing_serves_names_what_would_and_what_nearly_does() -> None:
    assert said(WORKSHOP, estimate=2) == [
        (
            "SP6.2: the estimate for FY2019/20 says 2, and no listed Deliverable counts. One "
            "counts with kind mission, meeting, event or workshop and purpose knowledge (to share "
            "knowledge).",
            ["Workshop on data"],
        )
    ]


def test_unlisted_work_may_be_expected_and_is_no_doubt() -> None:
    assert said(ITS_PURPOSE, estimate=2) == []
    assert said(estimate=0) == []


def test_what_one_field_keeps_out_is_a_doubt_while_the_estimate_is_open() -> None:
    ((sentence, near),) = said(ITS_PURPOSE, WORKSHOP, estimate=2)
    assert "listed and counted so far: 1. One field is missing in 1 more" in sentence
    assert near == ["Workshop on data"]
    assert said(ITS_PURPOSE, WORKSHOP, estimate=1)[0][1] == ["Workshop on data"]


def test_a_package_that_is_not_given_is_a_doubt_only_while_the_estimate_is_open() -> None:
    guide = replace(WORKSHOP, kind="compendium", packages=("ECP",))
    other = replace(guide, title="Without a Package", packages=())
    key = f"{PLAN.plan}:SP1.1"
    for value, near in ((1, []), (2, [["Without a Package"]])):
        figure = Estimate(indicator=key, period="FY2019", value=value)
        found = shortfalls(
            [guide, other],
            plan=PLAN,
            period=PLAN.calendar().period("FY2019"),
            estimates={key: figure},
        )
        assert [[each.title for each in one.near] for one in found] == near


def test_more_listed_than_estimated_is_a_doubt() -> None:
    ((sentence, _),) = said(ITS_PURPOSE, ITS_PURPOSE, estimate=1)
    assert "2 listed Deliverables count, more than the 1" in sentence


def test_only_an_empty_field_is_missing_and_no_choice_of_what_it_serves() -> None:
    near = {
        one.indicator.code: needs(one.missing).fr
        for one in reaches(WORKSHOP, plan=PLAN)
        if one.is_near
    }
    assert near == {"SP6.2": "but knowledge (partager des connaissances)"}
    governing = replace(WORKSHOP, purpose=Purpose.GOVERNANCE)
    assert not [one for one in reaches(governing, plan=PLAN) if one.is_near]


async def test_a_yearly_plan_read_and_adopted_says_what_does_not_fit(api: Any) -> None:
    await api.a_deliverable("D-1", kind="workshop")
    await api.post(f"/indicators/{KEY}/estimates", {"period": "FY2019", "value": 2})

    read = (await api.get(f"/implementation-plans/{PLAN.plan}/FY2019", lang="fr")).json()
    adopted = await api.post(f"/implementation-plans/{PLAN.plan}/FY2019/adopt")

    (one,) = read["shortfalls"]
    assert (one["indicator"], one["near"]) == (KEY, [f"{PLAN.plan}:D-1"])
    assert one["message"].startswith("SP6.2\u00a0: l’estimation pour FY2019/20 est de 2")
    assert adopted.status_code == 201
    assert adopted.json()["shortfalls"][0]["message"].startswith("SP6.2: the estimate")
