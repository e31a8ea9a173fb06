"""Every form of the desk: bad input, both languages, twice, without a token, by whom it may."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

PLAN = "wco-2019-2022"
OWN = {"origin": "http://plan-api"}
D1 = f"{PLAN}:D-#"
A1 = f"{PLAN}:A-#"
"""Each form gets a number of its own for #, so that one application serves all."""


async def _nothing(api: Any, number: str) -> None: ...


async def _deliverable(api: Any, number: str) -> None:
    await api.a_deliverable(f"D-{number}", objectives=[f"{PLAN}:ORG1"])


async def _milestone(api: Any, number: str) -> None:
    await api.a_deliverable(
        f"D-{number}", kind="milestone", weight="0.5", objectives=[f"{PLAN}:LD3"]
    )


async def _mission(api: Any, number: str) -> None:
    await api.a_deliverable(f"D-{number}", kind="mission")


async def _released(api: Any, number: str) -> None:
    await _deliverable(api, number)
    release = {"released_on": "2020-01-31", "stage": "published"}
    await api.post(f"/deliverables/{PLAN}:D-{number}/release", release, etag='"1"')


async def _moved(api: Any, number: str) -> None:
    await _deliverable(api, number)
    due = {"due": "2020-04-30"}
    await api.post(f"/deliverables/{PLAN}:D-{number}/reschedule", due, etag='"1"')


async def _adopted(api: Any, number: str) -> None:
    await _deliverable(api, number)
    await api.post(f"/implementation-plans/{PLAN}/FY2019/adopt", {})


async def _action(api: Any, number: str) -> None:
    await api.an_action(f"A-{number}")


@dataclass(frozen=True, kw_only=True)
class Asking:
    """A form: where it stands, what is typed into it, one bad answer, the event it becomes."""

    page: str
    form: str
    typed: dict[str, Any]
    event: str
    bad: tuple[str, str] | None = None
    """A field and what cannot stand in it; None where nothing is asked."""
    before: Callable[[Any, str], Awaitable[None]] = _nothing


DAY = "2020-01-31"
FORMS = {
    "release": Asking(
        page=f"/deliverables/{D1}",
        form="release",
        typed={"released_on": DAY, "stage": "published", "body": "PTC"},
        bad=("released_on", "2031-01-01"),
        event="deliverable.released",
        before=_deliverable,
    ),
    "reach": Asking(
        page=f"/deliverables/{D1}",
        form="reach",
        typed={"share": "50", "reached_on": DAY},
        bad=("share", "much"),
        event="milestone.reached",
        before=_milestone,
    ),
    "reschedule": Asking(
        page=f"/deliverables/{D1}",
        form="reschedule",
        typed={"due": "2020-05-31"},
        bad=("due", "1999-01-01"),
        event="deliverable.rescheduled",
        before=_deliverable,
    ),
    "approve": Asking(
        page=f"/deliverables/{D1}",
        form="approve",
        typed={},
        event="deliverable.rescheduled",
        before=_moved,
    ),
    "cancel": Asking(
        page=f"/deliverables/{D1}",
        form="cancel",
        typed={"cancelled_on": DAY},
        bad=("cancelled_on", "2031-01-01"),
        event="deliverable.cancelled",
        before=_deliverable,
    ),
    "retract": Asking(
        page=f"/deliverables/{D1}",
        form="retract",
        typed={"reason": "The date was that of the draft."},
        bad=("reason", ""),
        event="fact.retracted",
        before=_released,
    ),
    "action": Asking(
        page="/yearly-plan/actions",
        form="action",
        typed={
            "title": "A new <b>Action</b>",
            "title_fr": "Une action",
            "key": "A-#",
            "lead": "CF",
            "objectives": [f"{PLAN}:SO3"],
            "priorities": ["60", "40", "", "", "", "", "", "", ""],
            "end": "2020-05-31",
        },
        bad=("end", "2031-01-01"),
        event="action.planned",
    ),
    "action's code": Asking(
        page="/yearly-plan/actions",
        form="action",
        typed={"title": "A new Action", "key": "A-#", "lead": "CF"},
        bad=("key", "A 951"),
        event="action.planned",
    ),
    "deliverable": Asking(
        page=f"/yearly-plan/deliverables?action={A1}",
        form="deliverable",
        typed={
            "title": "A new Deliverable",
            "key": "D-#-1",
            "action": A1,
            "unit": "CF",
            "kind": "instrument",
            "due": "2020-05-31",
            "packages": ["CEP"],
            "uses_it": "yes",
        },
        bad=("due", "2021-05-31"),
        event="deliverable.planned",
        before=_action,
    ),
    "deliverable's weight": Asking(
        page="/yearly-plan/deliverables",
        form="deliverable",
        typed={
            "title": "A milestone",
            "key": "D-#-2",
            "unit": "CF",
            "kind": "milestone",
            "weight": "40",
        },
        bad=("weight", "140"),
        event="deliverable.planned",
    ),
    "start": Asking(
        page=f"/actions/{A1}",
        form="start",
        typed={"on": DAY},
        bad=("on", "2031-01-01"),
        event="action.started",
        before=_action,
    ),
    "complete": Asking(
        page=f"/actions/{A1}",
        form="complete",
        typed={"on": DAY},
        bad=("on", "not a day"),
        event="action.completed",
        before=_action,
    ),
    "cancel an Action": Asking(
        page=f"/actions/{A1}",
        form="cancel",
        typed={"on": DAY},
        bad=("on", ""),
        event="action.cancelled",
        before=_action,
    ),
    "estimate": Asking(
        page=f"/indicators/{PLAN}:SG/estimate?period=FY2020",
        form="estimate",
        typed={"value": "61", "points": "2020-12-31: 30\n2021-06-30: 61", "reason": "Annex"},
        bad=("points", "at Christmas: 30"),
        event="estimate.stated",
    ),
    "estimate's value": Asking(
        page=f"/indicators/{PLAN}:SG/estimate?period=FY2020",
        form="estimate",
        typed={"value": "61", "reason": "Annex"},
        bad=("value", "sixty"),
        event="estimate.stated",
    ),
    "target": Asking(
        page=f"/indicators/{PLAN}:LD3.2/target?period=FY2020",
        form="target",
        typed={"low": "60", "high": "80", "reason": "Council"},
        bad=("high", "50"),
        event="target.set",
    ),
    "adopt": Asking(
        page="/yearly-plan/adopt?period=FY2019",
        form="adopt",
        typed={"adopted_on": DAY},
        bad=("adopted_on", "2031-01-01"),
        event="implementation-plan.adopted",
        before=_action,
    ),
    "request": Asking(
        page="/record/request",
        form="request",
        typed={"member": "XA", "request": "REQ-#", "topics": ["CEP"], "received_on": DAY},
        bad=("received_on", "yesterday"),
        event="support.requested",
    ),
    "mission": Asking(
        page="/record/mission",
        form="mission",
        typed={
            "deliverable": D1,
            "member": "XA",
            "requests": "REQ-#, REQ-2",
            "topics": ["CEP"],
            "completed_on": DAY,
        },
        bad=("completed_on", ""),
        event="support.provided",
        before=_mission,
    ),
    "decline": Asking(
        page="/record/decline",
        form="decline",
        typed={"request": "REQ-#", "on": DAY},
        bad=("on", "x"),
        event="support.declined",
    ),
    "withdraw": Asking(
        page="/record/withdraw",
        form="withdraw",
        typed={"request": "REQ-#", "on": DAY},
        bad=("on", "x"),
        event="support.withdrawn",
    ),
    "invitation": Asking(
        page="/record/invitation",
        form="invitation",
        typed={
            "title": "A forum",
            "event": "INV-#",
            "event_on": DAY,
            "organizer_kind": "private-sector",
        },
        bad=("event_on", ""),
        event="invitation.received",
    ),
    "attended": Asking(
        page="/record/attended",
        form="attended",
        typed={"event": "INV-#"},
        bad=("event", ""),
        event="invitation.attended",
    ),
    "called off": Asking(
        page="/record/called-off",
        form="called-off",
        typed={"event": "INV-#"},
        bad=("event", ""),
        event="invitation.withdrawn",
    ),
    "effort": Asking(
        page="/record/effort",
        form="effort",
        typed={
            "unit": "CF",
            "quarter": "FY2019-Q1",
            "on_priorities": "1 120,5",
            "total": "2000",
        },
        bad=("total", "many"),
        event="effort.recorded",
    ),
    "budget": Asking(
        page="/record/budget",
        form="budget",
        typed={
            "period": "FY2019",
            "revision": "1",
            "wco-budget-priorities": "5",
            "wco-budget-total": "9",
        },
        bad=("revision", "first"),
        event="resources.allocated",
    ),
    "figure": Asking(
        page="/record/figure",
        form="figure",
        typed={
            "indicator": f"{PLAN}:SP1.2",
            "period": "FY2019",
            "numerator": "3",
            "as_on": DAY,
        },
        bad=("numerator", "three"),
        event="figure.stated",
    ),
    "nothing": Asking(
        page="/record/nothing",
        form="nothing",
        typed={"indicator": f"{PLAN}:SP7.1", "period": "FY2019", "until": DAY},
        bad=("until", "x"),
        event="reporting.confirmed",
    ),
    "implemented": Asking(
        page="/record/implemented",
        form="implemented",
        typed={"instrument": "data-model", "member": "XA", "implemented_on": DAY},
        bad=("implemented_on", "x"),
        event="instrument.implemented",
    ),
    "carry over": Asking(
        page=f"/deliverables/{D1}",
        form="carry-over",
        typed={"period": "FY2020", "due": "2020-10-01"},
        bad=("due", "2020-05-01"),
        event="deliverable.planned",
        before=_adopted,
    ),
}


async def test_each_form_does_once_what_it_asks_and_keeps_what_it_refuses(
    api: Any, browsing: Any, figures: Any
) -> None:
    figures.down = True  # nobody waits for figures here
    browser, member = browsing(), browsing("member")
    for number, (name, form) in enumerate(FORMS.items(), start=800):
        one = numbered(form, str(number))
        await one.before(api, str(number))
        ahead = len(await api.sent(one.event))

        await shows_no_form_but_who_may(member, one)
        await takes_none_without_its_token(browser, one)
        await refuses_and_keeps(browser, one)
        assert len(await api.sent(one.event)) == ahead, name
        html = await does_it_once(browser, one)
        assert len(await api.sent(one.event)) == ahead + 1, name
        assert '<div class="notice good" role="status">' in html, name


def numbered(one: Asking, number: str) -> Asking:
    def put(value: Any) -> Any:
        return value.replace("#", number) if isinstance(value, str) else value

    return replace(
        one,
        page=put(one.page),
        typed={name: put(value) for name, value in one.typed.items()},
    )


async def shows_no_form_but_who_may(member: Any, one: Asking) -> None:
    html = await member.get(one.page)
    form = one.typed | {"csrf": member.csrf}
    answer = await member.client.post(one.page.partition("?")[0], data=form, headers=OWN)

    assert '<form class="ask"' not in html
    assert '<p class="owner">' in html
    assert answer.status_code in (401, 403, 405)


async def takes_none_without_its_token(browser: Any, one: Asking) -> None:
    action, hidden = form_on(await browser.get(one.page), one.form)
    typed = hidden | one.typed
    for headers, csrf in ((OWN, "x"), ({"origin": "http://evil.test"}, hidden["csrf"])):
        answer = await browser.client.post(action, data=typed | {"csrf": csrf}, headers=headers)
        assert answer.status_code == 403


async def refuses_and_keeps(browser: Any, one: Asking) -> None:
    if one.bad is None:
        return
    name, bad = one.bad
    for language, nothing in (
        ("en", "Nothing was changed yet"),
        ("fr", "Rien n’a encore été modifié"),
    ):
        page = f"{one.page}{'&' if '?' in one.page else '?'}lang={language}"
        action, hidden = form_on(await browser.get(page), one.form)
        typed = one.typed | {name: bad}
        refused = await browser.client.post(action, data=hidden | typed, headers=OWN)

        assert refused.status_code == 422, (one.form, refused.text[:3000])
        assert nothing in refused.text
        assert f'href="#{one.form}-{name}"' in refused.text, (one.form, name)
        assert f'id="{one.form}-{name}-error"' in refused.text
        kept(refused.text, one.form, typed)


async def does_it_once(browser: Any, one: Asking) -> str:
    action, hidden = form_on(await browser.get(one.page), one.form)
    given = [
        await browser.client.post(action, data=hidden | one.typed, headers=OWN) for _ in range(2)
    ]

    assert [answer.status_code for answer in given] == [303, 303], given[0].text[:3000]
    assert given[0].headers["location"] == given[1].headers["location"]
    return str(await browser.get(given[0].headers["location"]))


def form_on(html: str, name: str) -> tuple[str, dict[str, str]]:
    """Where a form goes, and all that stands in it already."""
    form = re.search(rf'<form class="ask" id="{name}".*?</form>', html, re.S)
    assert form, name
    action = re.search(r'action="([^"]+)"', form[0])
    assert action
    filled = dict(re.findall(r'name="([^"]+)"[^>]*? value="([^"]*)"[^>]*? checked', form[0]))
    filled |= dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form[0]))
    for select in re.findall(r"<select .*?</select>", form[0], re.S):
        chosen = re.search(r'value="([^"]*)" selected', select)
        named = re.search(r'name="([^"]+)"', select)
        if chosen and named:
            filled[named[1]] = chosen[1]
    return action[1], filled


def kept(html: str, name: str, typed: dict[str, Any]) -> None:
    form = re.search(rf'<form class="ask" id="{name}".*?</form>', html, re.S)
    assert form, name
    for values in typed.values():
        for value in [values] if isinstance(values, str) else values:
            escaped = value.replace("<", "&lt;").replace(">", "&gt;")
            assert escaped in form[0], value
