"""The list of Deliverables and the page of one, with its forms."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.page_data import a_scorecard

PLAN = "wco-2019-2022"
KEY = f"{PLAN}:D-900-1"
PAGE = f"/deliverables/{KEY}"

TOOL = {
    "kind": "instrument",
    "packages": ["CEP"],
    "uses_it": True,
    "data_analysis": True,
    "objectives": [f"{PLAN}:SO3"],
    "priorities": [f"{PLAN}:PRI-8"],
}


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


async def test_lists_what_is_overdue_for_an_indicator(api: Any, browsing: Any) -> None:
    await api.a_deliverable(title="A late tool")
    await api.a_deliverable("D-900-2", title="A tool to come", due="2020-04-30")
    await api.a_deliverable("D-900-3", title="A milestone", kind="milestone", weight="0.5")

    html = await browsing().get(
        f"/deliverables?indicator={PLAN}:SG&period=FY2019&overdue=true&lang=fr"
    )

    assert "A late tool" in html
    assert "A tool to come" not in html
    assert "A milestone" not in html
    assert "65 jours de retard" in words(html), words(html)


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", {"late", "soon", "far", "done"}),
        ("state=overdue", {"late"}),
        ("state=soon", {"soon"}),
        ("state=open", {"late", "soon", "far"}),
        ("state=done", {"done"}),
        ("unit=CB", {"far"}),
        (f"priority={PLAN}:PRI-2", {"soon"}),
        ("indicator=SP3.1", {"soon"}),
        ("indicator=LD2.2", {"soon"}),
        ("indicator=SP5", set()),
        ("indicator=SP7.1", set()),
        ("period=FY2020", set()),
        ("period=2019-2022", {"late", "soon", "far", "done"}),
    ],
)
async def test_narrows_the_list(api: Any, browsing: Any, query: str, titles: set[str]) -> None:
    await api.a_deliverable("D-900-1", title="[late]")
    await api.a_deliverable(
        "D-900-2",
        title="[soon]",
        due="2020-02-20",
        **{**TOOL, "priorities": [f"{PLAN}:PRI-2"]},
    )
    await api.a_deliverable("D-900-3", title="[far]", due="2020-06-30", unit="CB")
    await api.a_deliverable("D-900-4", title="[done]")
    release = {"released_on": "2020-01-31", "stage": "published"}
    await api.post(f"/deliverables/{PLAN}:D-900-4/release", release, etag='"1"')

    html = await browsing().get(f"/deliverables?{query}")

    assert set(re.findall(r"\[(\w+)\]", html)) == titles


@pytest.mark.parametrize("query", ["period=FY1", "unit=X", "priority=P", "indicator=X9"])
async def test_knows_no_list_of_what_the_plan_has_not(browsing: Any, query: str) -> None:
    html = await browsing().get(f"/deliverables?{query}", status=404)

    assert "This page does not exist" in html


async def test_its_page_and_the_adoption_say_which_one_field_keeps_it_out(
    api: Any, browsing: Any
) -> None:
    await api.a_deliverable(title="A workshop", kind="workshop", purpose=None)
    await api.post(f"/indicators/{PLAN}:SP6.2/estimates", {"period": "FY2019", "value": 2})
    browser = browsing()

    page = words(await browser.get(f"/deliverables/{PLAN}:D-900-1"))
    adoption = words(await browser.get("/yearly-plan/adopt?period=FY2019"))
    french = words(await browser.get("/yearly-plan/adopt?period=FY2019&lang=fr"))

    assert "Would count too SP6.2 with purpose knowledge (to share knowledge)" in page
    assert "says 2, and no listed Deliverable counts. One counts with kind mission," in adoption
    assert adoption.index("no listed Deliverable counts") < adoption.index("A workshop")
    assert "aucun livrable inscrit ne compte" in french


async def test_what_was_moved_out_of_its_year_stays_late_in_it(api: Any, browsing: Any) -> None:
    """As the figures count it: moved beyond its year, an item stays due where it was."""
    await api.a_deliverable("D-900-1", title="[moved out]", due="2019-11-30")
    await api.a_deliverable("D-900-2", title="[moved within]", due="2019-11-30")
    for code, due in (("D-900-1", "2020-09-30"), ("D-900-2", "2020-04-30")):
        path = f"/deliverables/{PLAN}:{code}"
        moved = await api.post(f"{path}/reschedule", {"due": due}, etag='"1"')
        assert moved.status_code == 200, moved.text
        assert (await api.post(f"{path}/approve", etag='"2"')).status_code == 200
    browser = browsing()

    here = await browser.get("/deliverables?state=overdue&period=FY2019")
    there = await browser.get("/deliverables?state=overdue&period=FY2020")
    unit = await browser.get("/units/CF")

    assert ("[moved out]" in here, "[moved within]" in here) == (True, False)
    assert "[moved out]" not in there
    assert "[moved out]" in unit


async def test_what_is_carried_over_waits_for_its_new_year_and_for_no_approval(
    api: Any, browsing: Any
) -> None:
    await api.a_deliverable("D-900-1", due="2019-11-30")
    await api.post(f"/implementation-plans/{PLAN}/FY2019/adopt")
    browser = browsing()
    page = f"/deliverables/{PLAN}:D-900-1"
    assert "Approve the new date" not in await browser.get(page)

    sent = await browser.send(page, "carry-over", period="FY2020", due="2020-09-30")
    carried = await browser.get(page)

    assert sent.status_code == 303, sent.text
    assert "Carried over into" in carried
    assert "Approve the new date" not in carried
    assert "[late]" not in await browser.get("/deliverables?state=proposed")


async def test_releases_from_the_page_and_says_what_moved(
    api: Any, browsing: Any, figures: Any, one_more: Callable[..., Any]
) -> None:
    await api.a_deliverable(**TOOL)
    figures.after = one_more(a_scorecard(), "SG", "SO3", "SP3.1", "LD2.1", "LD2.2")

    html = await browsing().sent(
        PAGE, "release", released_on="2020-01-31", stage="published", evidence="PC0587"
    )

    assert "Released. SG 23 → 24 of 61; SO3 , SP3.1 , LD2.1 , LD2.2 too." in words(html)
    assert "PC0587" in html
    assert len(await api.sent("deliverable.released")) == 1
    audit = await api.rows("SELECT actor FROM audit WHERE action = 'deliverable.release'")
    assert [row[0] for row in audit] == ["demo-planning-office"]


async def test_offers_each_form_to_those_alone_who_may_use_it(api: Any, browsing: Any) -> None:
    await api.a_deliverable()
    await api.post(f"/deliverables/{KEY}/reschedule", {"due": "2020-04-30"}, etag='"1"')
    offered = {}
    for user in ("member", "director:CB", "director:CF", "planning-office", "auditor"):
        html = await browsing(user).get(PAGE)
        offered[user] = re.findall(r'<form class="ask" id="([\w-]+)"', html)

    assert offered == {
        "member": [],
        "director:CB": [],
        "director:CF": ["release", "reschedule", "carry-over", "cancel"],
        "planning-office": ["release", "approve", "reschedule", "carry-over", "cancel"],
        "auditor": [],
    }


async def test_keeps_what_was_typed_and_says_which_field_and_why(api: Any, browsing: Any) -> None:
    await api.a_deliverable()

    answer = await browsing().send(
        f"{PAGE}?lang=fr", "release", released_on="2030-01-01", body="Comité <b>x</b>", evidence="Y"
    )
    again = await browsing().send(
        PAGE, "release", released_on="2030-01-01", stage="published", body="A body"
    )

    assert answer.status_code == again.status_code == 422
    assert '<a href="#release-stage">Où en est-il' in answer.text
    assert "Choisissez une réponse." in answer.text
    assert 'value="Comité &lt;b&gt;x&lt;/b&gt;"' in answer.text
    assert '<details class="act" open>' in answer.text
    assert '<a href="#release-released_on">When was it released?</a>' in again.text
    assert "The plan&#39;s today is 3 February 2020, and what is done cannot lie in" in again.text
    assert 'id="release-released_on-error"' in again.text
    assert 'aria-describedby="release-released_on-error"' in again.text
    assert 'value="published" checked' in again.text
    assert 'value="A body"' in again.text
    assert not await api.sent("deliverable.released")


async def test_refuses_to_overwrite_what_somebody_else_changed_meanwhile(
    api: Any, browsing: Any
) -> None:
    await api.a_deliverable()
    browser = browsing()
    await browser.get(PAGE)
    form = {"csrf": browser.csrf, "version": "1", "due": "2020-05-31"}
    await api.post(f"/deliverables/{KEY}/reschedule", {"due": "2020-04-30"}, etag='"1"')

    stale = await browser.client.post(
        f"{PAGE}/reschedule", data=form, headers={"origin": "http://plan-api"}
    )

    assert stale.status_code == 412
    assert "Somebody else changed it" in stale.text
    assert 'name="version" value="2"' in stale.text
    assert 'value="2020-05-31"' in stale.text
    assert len(await api.sent("deliverable.rescheduled")) == 1


async def test_releases_once_what_is_sent_twice(api: Any, browsing: Any) -> None:
    await api.a_deliverable(objectives=[f"{PLAN}:ORG1"])
    browser = browsing()
    await browser.get(PAGE)
    form = {
        "csrf": browser.csrf,
        "version": "1",
        "released_on": "2020-01-31",
        "stage": "done",
        "body": "",
        "evidence": "",
    }
    headers = {"origin": "http://plan-api"}

    answers = [
        await browser.client.post(f"{PAGE}/release", data=form, headers=headers) for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(await api.sent("deliverable.released")) == 1


async def test_proposes_a_date_and_the_planning_office_approves_it(api: Any, browsing: Any) -> None:
    await api.a_deliverable()
    director, office = browsing("director:CF"), browsing()

    proposed = await director.sent(PAGE, "reschedule", due="2020-05-31")
    waiting = await office.get("/deliverables?state=proposed")
    approved = await office.sent(PAGE, "approve")

    assert "It counts once the planning office has approved it." in proposed
    assert "Guide on transit guarantees" in waiting
    assert "re-planned to" in approved
    assert "due 31 May" in words(approved).replace("\u00a0", " ")
    assert [one.said.approved_by for one in await api.sent("deliverable.rescheduled")] == [
        None,
        "demo-planning-office",
    ]


async def test_cancels_and_says_that_it_stays_due(api: Any, browsing: Any) -> None:
    await api.a_deliverable()

    html = await browsing("director:CF").sent(PAGE, "cancel", cancelled_on="2020-02-01")

    assert "Cancelled. It stays due, and lowers no estimate." in html
    assert "planned anew" in html
    assert '<form class="ask"' not in html


async def test_reaches_a_milestone_in_percent(api: Any, browsing: Any) -> None:
    await api.a_deliverable(kind="milestone", weight="0.5", objectives=[f"{PLAN}:LD3"])
    browser = browsing()

    wrong = await browser.send(PAGE, "reach", share="lots", reached_on="2020-01-31")
    html = await browser.sent(PAGE, "reach", share="37,5", reached_on="2020-01-31")

    assert wrong.status_code == 422
    assert "Enter a number between 0 and 100." in wrong.text
    assert "38%" in html
    assert [str(one.said.share) for one in await api.sent("milestone.reached")] == ["0.375"]


async def test_takes_a_release_back_by_a_correction(api: Any, browsing: Any) -> None:
    await api.a_deliverable(objectives=[f"{PLAN}:ORG1"])
    browser = browsing("director:CF")
    await browser.sent(PAGE, "release", released_on="2020-01-31", stage="done")

    html = await browser.sent(PAGE, "retract", reason="The date was that of the draft.")
    again = await browser.sent(PAGE, "release", released_on="2020-02-01", stage="done")

    assert "The release is taken back" in html
    assert "released 1" in words(again)
    released = await api.sent("deliverable.released")
    retracted = await api.sent("fact.retracted")
    assert [one.said.id for one in retracted] == [released[0].event.id]
    assert retracted[0].key == released[0].key


@pytest.mark.parametrize("verb", ["release", "reschedule", "approve", "cancel", "retract"])
async def test_takes_no_form_of_another_site_or_of_somebody_else(
    api: Any, browsing: Any, verb: str
) -> None:
    await api.a_deliverable()
    owner, other = browsing("director:CF"), browsing("director:CB")
    form = {"version": "1", "released_on": "2020-01-31", "stage": "done", "due": "2020-05-31"}
    form |= {"cancelled_on": "2020-01-31", "reason": "x"}
    answers = []
    for browser, origin in [(owner, "http://evil.test"), (other, "http://plan-api")]:
        await browser.get(PAGE)
        sent = form | {"csrf": browser.csrf}
        answers.append(
            await browser.client.post(f"{PAGE}/{verb}", data=sent, headers={"origin": origin})
        )
    answers.append(await owner.client.post(f"{PAGE}/{verb}", data=form))

    statuses = [answer.status_code for answer in answers]
    assert statuses in ([403, 403, 403], [403, 409, 403])
    assert await api.rows("SELECT version FROM deliverable") == [(1,)]


async def test_says_that_figures_follow_when_the_engine_is_away(
    api: Any, browsing: Any, figures: Any
) -> None:
    await api.a_deliverable()
    figures.down = True

    html = await browsing().sent(PAGE, "release", released_on="2020-01-31", stage="done")

    assert "Its figures follow in a moment" in html


async def test_knows_no_deliverable_that_is_not_there(browsing: Any) -> None:
    browser = browsing()
    await browser.get("/deliverables")

    html = await browser.get(f"/deliverables/{PLAN}:D-404", status=404)
    posted = await browser.client.post(
        f"/deliverables/{PLAN}:D-404/release",
        data={"csrf": browser.csrf},
        headers={"origin": "http://plan-api"},
    )

    assert "This page does not exist" in html
    assert posted.status_code == 404
