"""Every page, in both languages, whatever the figures: complete, well formed, safe."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from itertools import product

import httpx
import pytest

from plan_api.report.model import LateItem, Planned, Scorecard, Side, Status, StatusReason
from plan_api.report.pages.work import count
from shared_kit.events.definitions import PlanSnapshot
from tests.support.page_data import (
    NOW,
    PLAN,
    a_deliverable,
    a_result,
    a_scorecard,
    an_alert,
    an_explanation,
    planned,
    realistic_results,
    the_plan,
)
from tests.support.pages import FakeBook, FakeFigures

OpenPages = Callable[..., httpx.AsyncClient]

ALERT = "0190a1c2-0000-7000-8000-000000000001"
PATHS = (
    "/",
    "/?period=2019-2022",
    f"/indicators/{PLAN}:SG",
    f"/indicators/{PLAN}:SP7.3",
    f"/objectives/{PLAN}:SP7",
    "/priorities",
    "/start",
    "/then-and-now",
    "/?as_of=2019-12-16",
    f"/indicators/{PLAN}:SG?as_of=2019-12-16",
    f"/alerts/{ALERT}",
    "/no-such-page",
)
VOID = {"meta", "link", "input", "br", "wbr", "img", "hr"}
CANARY = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


class Checker(HTMLParser):
    """Complains about tags that are not closed in order, ids used twice, and what CSP forbids."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.faults: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        if tag in ("style", "iframe", "object", "embed"):
            self.faults.append(tag)
        if tag == "script" and not (dict(attrs).get("src") or "").startswith("/static/live.js?"):
            self.faults.append("a script that is not ours")
        for name, value in attrs:
            if name == "style" or name.startswith("on"):
                self.faults.append(f"{tag} {name}")
            if name == "id":
                self.ids.append(value or "")
            if name in ("src", "href", "action") and re.match(r"(?:[a-z]+:)?//|\w+:", value or ""):
                self.faults.append(f"{tag} leads away: {value}")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            self.faults.append("script in the page")
        self.text += data


def checked(html: str) -> Checker:
    checker = Checker()
    checker.feed(html)
    checker.close()
    assert not checker.faults
    assert not checker.open
    assert len(checker.ids) == len(set(checker.ids))
    return checker


@pytest.mark.parametrize(("path", "lang"), list(product(PATHS, ("en", "fr"))))
async def test_is_well_formed_small_and_free_of_inline_script_and_style(
    open_pages: OpenPages, path: str, lang: str
) -> None:
    async with open_pages(user="director:SGO") as pages:
        answer = await pages.get(path, params={"lang": lang})

    checker = checked(answer.text)
    assert f'<html lang="{lang}">' in answer.text
    assert answer.headers["content-language"] == lang
    assert "figures unavailable" not in checker.text.lower()
    assert len(answer.content) < 150_000


@pytest.mark.parametrize("path", PATHS)
async def test_says_by_its_headers_what_a_browser_may_do_with_it(
    open_pages: OpenPages, path: str
) -> None:
    async with open_pages() as pages:
        answer = await pages.get(path)

    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'")
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "httponly" in answer.headers["set-cookie"].lower()


async def test_answers_the_first_question_first(open_pages: OpenPages) -> None:
    async with open_pages() as pages:
        html = (await pages.get("/")).text

    text = " ".join(checked(html).text.split())
    assert "5 of 16 judged indicators need attention" in text
    late = re.search(r">Overdue <small>(\d+)</small>", html)
    assert late is not None
    assert f"{late[1]} Deliverables are overdue" in text, "the sentence counts what the list names"
    assert "20 of 26 due are released" in text
    assert "Guide on transit guarantees (30 Nov, 65 days late)" in text
    assert "and 4 more" in text
    assert html.index("What needs attention") < html.index("Strategic Map")


async def test_puts_an_unanswered_critical_alert_first(open_pages: OpenPages) -> None:
    async with open_pages() as pages:
        html = (await pages.get("/")).text

    order = re.findall(r'id="need-([A-Z0-9.]+)"', html)
    assert order[0] == "SG"
    assert order[1:3] == ["SP2.1", "SO2"]


async def test_names_what_is_late_and_what_comes_with_links_to_the_forms(
    open_pages: OpenPages,
) -> None:
    work = [
        a_deliverable(1, due=date(2019, 11, 30), unit="SGO"),
        a_deliverable(3, due=date(2020, 3, 4), unit="SGO"),
        a_deliverable(5, due=date(2020, 3, 5), unit="SGO"),
        a_deliverable(7, due=date(2019, 12, 1), unit="CF"),
    ]

    async with open_pages(book=FakeBook(work=work), user="director:SGO") as pages:
        html = (await pages.get("/")).text

    listed = html[html.index('id="dates"') : html.index('id="map"')]
    forms = re.findall(r'href="/deliverables/([^"]+)#(\w+)"', listed)
    own = [one.key for one in work[:2]]
    assert forms == [(key, form) for key in own for form in ("release", "reschedule")]
    assert work[3].key in listed, "late, though another unit's to release"
    assert work[2].key not in listed, "due in more than 30 days"


async def test_tells_what_was_moved_beyond_the_year_apart_from_what_is_late(
    open_pages: OpenPages,
) -> None:
    late, moved = a_deliverable(1), a_deliverable(3, due=date(2019, 11, 30))
    work = [late, replace(moved, replanned_due=date(2020, 9, 1), carried_to="FY2020")]
    async with open_pages(book=FakeBook(work=work)) as pages:
        text = " ".join(checked((await pages.get("/")).text).text.split())

    assert "1 Deliverable is overdue" in text
    assert "1 more has a new date after this period" in text


def test_counts_as_released_in_a_year_only_what_was_released_by_its_end() -> None:
    carried = replace(a_deliverable(2), released_on=date(2020, 9, 1), carried_to="FY2020")

    assert count([carried], until=date(2020, 6, 30)).released == 0
    assert count([carried], until=date(2021, 6, 30)).released == 1


async def test_calls_only_a_plan_with_invented_work_a_demonstration(open_pages: OpenPages) -> None:
    own = a_deliverable(1)
    invented = replace(own, planned=replace(own.planned, synthetic=True))
    texts = {}
    for work in (own, invented):
        async with open_pages(book=FakeBook(work=[work])) as pages:
            texts[work.planned.synthetic] = checked((await pages.get("/")).text).text

    assert "synthetic data" in texts[True]
    assert "No sign-in" not in texts[True]
    assert "synthetic data" not in texts[False]
    assert "Not a WCO publication." in texts[False], "the plan is still theirs"
    assert "whoever opens these pages on this machine may enter" in texts[False]


async def test_says_of_a_cycle_that_is_over_what_that_means(open_pages: OpenPages) -> None:
    over = the_plan()
    cycle = over.cycle.model_copy(update={"start": date(2016, 7, 1), "end": date(2019, 6, 30)})
    own = FakeBook(the_plan=over.model_copy(update={"cycle": cycle}), work=())
    async with open_pages(book=own) as pages:
        text = checked((await pages.get("/")).text).text
    async with open_pages() as pages:
        running = (await pages.get("/")).text

    assert "This cycle ended on 30 June 2019" in text.replace("\u00a0", " ")
    assert "Work in it as if it were running" in text
    assert "This cycle ended" not in running


async def test_leads_from_the_first_page_to_the_ways_to_begin(open_pages: OpenPages) -> None:
    async with open_pages() as pages:
        first = (await pages.get("/")).text
        start = checked((await pages.get("/start")).text).text

    assert 'href="/start"' in first
    assert "wcoplan up --empty" in start


async def test_shows_every_indicator_with_its_figure_or_its_reason(open_pages: OpenPages) -> None:
    async with open_pages() as pages:
        html = (await pages.get("/")).text

    table = html[html.index('class="indicators"') : html.index('class="priorities"')]
    rows = re.findall(r'<tr role="row">(.*?)</tr>', table, flags=re.S)[1:]
    assert len(rows) == 29
    for row in rows:
        text = " ".join(checked(f"<table><tr>{row}</tr></table>").text.split())
        assert re.search(r"\d of [\d.,]+|yet|received|service time|confirmed", text), text
    assert "n/a" not in table.lower()


async def test_shows_no_percentage_below_a_denominator_of_5(open_pages: OpenPages) -> None:
    told = FakeFigures(
        card=a_scorecard(
            planned("SG", "1", "4", expected="1", due="1", due_done="1"),
            planned("SO1", "1", "5", expected="1", due="1", due_done="1"),
        )
    )

    async with open_pages(told=told) as pages:
        text = (await pages.get("/")).text

    assert "<small>20%</small>" in text
    assert "<small>25%</small>" not in text


async def test_gives_the_reason_and_no_figure_where_nothing_is_planned(
    open_pages: OpenPages,
) -> None:
    nothing = [
        a_result(
            code,
            Status.NOT_JUDGED,
            reason=StatusReason.NOT_APPLICABLE,
            numerator=Decimal(0),
            denominator=Decimal(0),
        )
        for code in ("SP1.2", "ORG2.2", "SP7.1")
    ]

    async with open_pages(told=FakeFigures(card=a_scorecard(*nothing))) as pages:
        text = (await pages.get("/")).text

    assert "0 of 0" not in text
    assert "none is estimated for this period" in text
    assert "no milestone is planned for this period" in text
    assert "no requests received" in text


async def test_shows_an_actual_above_its_estimate_as_it_is(open_pages: OpenPages) -> None:
    told = FakeFigures(
        card=a_scorecard(planned("SG", "28", "25", expected="25", due="20", due_done="20"))
    )

    async with open_pages(told=told) as pages:
        text = (await pages.get("/")).text

    assert "28 of 25" in text
    assert "112%" in text


@pytest.mark.parametrize("path", [path for path in PATHS if "alerts" not in path])
@pytest.mark.parametrize("lang", ["en", "fr"])
async def test_is_complete_though_the_figures_are_unavailable(
    open_pages: OpenPages, path: str, lang: str
) -> None:
    async with open_pages(told=FakeFigures(down=True)) as pages:
        answer = await pages.get(path, params={"lang": lang})

    text = checked(answer.text).text
    assert answer.status_code == (404 if path == "/no-such-page" else 200)
    if path.startswith(("/?", "/indicators", "/objectives")) or path == "/":
        said = "Figures unavailable" if lang == "en" else "Chiffres indisponibles"
        assert said in text
    if path == "/":
        assert text.count("SP7.5") >= 1
        assert "Coordinated Border Management" in text or lang == "fr"


async def test_says_an_alert_is_unavailable_when_the_notifier_is(open_pages: OpenPages) -> None:
    async with open_pages(told=FakeFigures(down=True)) as pages:
        answer = await pages.get(f"/alerts/{ALERT}")

    assert answer.status_code == 503
    assert "Not available just now" in answer.text


async def test_says_so_when_nothing_needs_attention(open_pages: OpenPages) -> None:
    fine = tuple(one for one in realistic_results() if not one.needs_attention)

    told = FakeFigures(card=a_scorecard(*fine))
    async with open_pages(told=told, book=FakeBook(work=())) as pages:
        text = " ".join(checked((await pages.get("/")).text).text.split())

    assert "Nothing does: no indicator is at risk or off track." in text
    assert "0 of 11 judged indicators need attention, 0 Deliverables are overdue" in text


async def test_shows_a_plan_that_nothing_was_reported_of(open_pages: OpenPages) -> None:
    told = FakeFigures(card=Scorecard(plan=PLAN, period="FY2019"))

    async with open_pages(told=told) as pages:
        text = " ".join(checked((await pages.get("/")).text).text.split())

    assert "No indicator is judged yet" in text
    assert text.count("nothing reported yet") == 29


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("lang", ["en", "fr"])
async def test_gives_each_status_a_word_and_a_shape(
    open_pages: OpenPages, status: Status, lang: str
) -> None:
    reason = StatusReason.NO_TARGET if status is Status.NOT_JUDGED else None
    told = FakeFigures(card=a_scorecard(a_result("SG", status, reason=reason)))

    async with open_pages(told=told) as pages:
        html = (await pages.get("/", params={"lang": lang})).text

    words = {
        Status.ON_TRACK: ("On track", "En bonne voie"),
        Status.AT_RISK: ("At risk", "À risque"),
        Status.OFF_TRACK: ("Off track", "Hors trajectoire"),
        Status.NOT_JUDGED: ("Not judged", "Non évalué"),
    }[status]
    assert f'class="mark {status.value}"' in html
    assert words[0 if lang == "en" else 1] in html


@pytest.mark.parametrize("reason", list(StatusReason))
async def test_gives_a_reason_in_words_for_each_indicator_not_judged(
    open_pages: OpenPages, reason: StatusReason
) -> None:
    codes = [one.code for one in the_plan().indicators]
    results = [a_result(code, Status.NOT_JUDGED, reason=reason) for code in codes]

    async with open_pages(told=FakeFigures(card=a_scorecard(*results))) as pages:
        html = (await pages.get("/")).text

    said = re.findall(r'<span class="reason">(.*?)</span>', html)
    assert len(said) == 29
    assert all(len(text) > 10 for text in said)
    assert not any(reason.value in text for text in said)


@pytest.mark.parametrize("path", [path for path in PATHS if path != "/no-such-page"])
async def test_escapes_what_came_from_outside(open_pages: OpenPages, path: str) -> None:
    late = LateItem(key="k", title=CANARY, due=date(2019, 11, 30), days=65)
    result = planned(
        "SG",
        "1",
        "9",
        expected="2",
        due="2",
        due_done="1",
        status=Status.OFF_TRACK,
        overdue=(late,),
        owner_unit=CANARY,
    )
    explained = an_explanation()
    explained = type(explained)(
        result=result,
        numerator=type(explained.numerator)(
            items=tuple(
                type(one)(item=CANARY, title=CANARY, member=CANARY, fact=one.fact)
                for one in explained.numerator.items[:2]
            )
        ),
        planned=type(explained.planned)(
            items=(type(explained.planned.items[0])(item="k", title=CANARY),)
        ),
        excluded=(type(explained.excluded[0])(item=CANARY, rule=CANARY, rule_fr=CANARY),),
        arithmetic=CANARY,
    )
    told = FakeFigures(
        card=a_scorecard(result),
        alerts=(
            an_alert(
                reason=CANARY,
                handling="acknowledged",
                acknowledged_by=CANARY,
                acknowledged_at=NOW,
                comment=CANARY,
                owner_unit=CANARY,
            ),
        ),
        explained=explained,
    )
    work = (
        a_deliverable(1, title=CANARY, objectives=(f"{PLAN}:SP7",), priorities=(f"{PLAN}:PRI-1",)),
    )

    async with open_pages(told=told, book=FakeBook(work=work)) as pages:
        answer = await pages.get(path)

    checked(answer.text)
    assert "<script>alert" not in answer.text
    assert "onerror=alert(2)>" not in answer.text.replace("onerror=alert(2)&gt;", "")


@pytest.mark.parametrize(
    "path",
    [
        "/?period=FY1999",
        f"/indicators/{PLAN}:XX1",
        "/indicators/no-such-plan:SG",
        f"/objectives/{PLAN}:PRI-1",
        "/alerts/unknown",
        "/indicators/%3Cscript%3E",
    ],
)
async def test_answers_what_does_not_exist_by_a_page_of_the_same_style(
    open_pages: OpenPages, path: str
) -> None:
    async with open_pages() as pages:
        answer = await pages.get(path)

    assert answer.status_code == 404
    assert "This page does not exist" in checked(answer.text).text
    assert "Strategic Plan 2019-2022" in answer.text


async def test_answers_programs_by_a_problem_and_not_by_a_page(open_pages: OpenPages) -> None:
    async with open_pages() as pages:
        answer = await pages.get("/no-such-page", headers={"accept": "application/json"})
        in_api = await pages.get("/api/v1/no-such-thing")

    assert answer.headers["content-type"] == "application/problem+json"
    assert in_api.headers["content-type"] == "application/problem+json"


async def test_says_so_while_no_plan_is_loaded(open_pages: OpenPages) -> None:
    async with open_pages(book=FakeBook(the_plan=None)) as pages:
        answer = await pages.get("/")

    assert answer.status_code == 200
    assert "No plan is loaded yet" in checked(answer.text).text


class LostBook(FakeBook):
    async def current_plan(self, *, now: datetime) -> PlanSnapshot | None:
        raise ConnectionRefusedError(now)


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "fr"])
async def test_says_so_while_the_database_is_away(open_pages: OpenPages, lang: str) -> None:
    async with open_pages(book=LostBook()) as pages:
        answer = await pages.get("/", params={"lang": lang})

    assert answer.status_code == 503
    said = "Not available just now" if lang == "en" else "Indisponible pour l’instant"
    assert said in checked(answer.text).text


async def test_keeps_the_language_that_the_reader_chose_in_every_link(
    open_pages: OpenPages,
) -> None:
    async with open_pages() as pages:
        html = (await pages.get("/", params={"lang": "fr"})).text

    links = re.findall(r'<a [^>]*href="(/[^"]*)"', html)
    inside = [link for link in links if not link.startswith("/docs") and "lang=en" not in link]
    assert len(inside) > 60
    assert all("lang=fr" in link for link in inside)


async def test_speaks_the_browser_s_language_when_none_was_chosen(open_pages: OpenPages) -> None:
    async with open_pages() as pages:
        answer = await pages.get("/", headers={"accept-language": "fr-BE,fr;q=0.9,en;q=0.5"})

    assert "Ce qui demande attention" in answer.text
    assert "Accept-Language" in answer.headers["vary"]


async def test_proves_a_figure_down_to_each_fact(open_pages: OpenPages) -> None:
    async with open_pages() as pages:
        html = (await pages.get(f"/indicators/{PLAN}:SG")).text

    text = " ".join(checked(html).text.split())
    assert "23 of 61" in text
    assert "Number of initiatives or actions carried out" in text
    assert "PC-2019-1234E, paragraph 14" in text
    assert "work 5:5" in text
    assert "Milestones are measured by their weights, elsewhere." in text
    assert "23 / 61 = 0.377049" in text
    assert "revision 2 (first 58): three added" in text
    assert "overdue, 65 days late" in text
    assert 'class="trend"' in html


async def test_says_why_another_number_is_listed_than_is_estimated(open_pages: OpenPages) -> None:
    explained = an_explanation()
    items = explained.planned.items

    async with open_pages() as pages:
        html = (await pages.get(f"/indicators/{PLAN}:SG")).text

    text = " ".join(checked(html).text.split())
    assert (
        f"61 are estimated; {len(items)} of them are listed by name in the adopted plan, "
        f"each with a date. The others, {61 - len(items)}, have no name yet." in text
    )
    assert f'href="/deliverables/{items[0].item}"' in html


async def test_shows_the_figure_though_its_proof_is_unavailable(open_pages: OpenPages) -> None:
    async with open_pages(told=FakeFigures(unproven=True)) as pages:
        text = (await pages.get(f"/indicators/{PLAN}:SG")).text

    assert "23 of 61" in text
    assert "What the figure is made of could not be read just now" in text


async def test_stays_small_however_many_facts_there_are(open_pages: OpenPages) -> None:
    explained = an_explanation()
    many = replace(
        explained,
        numerator=Side(items=explained.numerator.items * 100),
        denominator=Side(items=explained.numerator.items * 100),
        planned=Planned(items=explained.planned.items * 100),
        excluded=explained.excluded * 1000,
    )
    late = tuple(
        LateItem(key=f"k{place}", title="T" * 300, due=date(2019, 11, 30), days=65)
        for place in range(500)
    )
    result = replace(explained.result, overdue=late)
    told = FakeFigures(card=a_scorecard(result), explained=many)

    async with open_pages(told=told) as pages:
        answer = await pages.get(f"/indicators/{PLAN}:SG")
        first = await pages.get("/")

    assert "The first 40 of 2,300 rows are shown." in checked(answer.text).text
    assert len(answer.content) < 250_000
    assert "478 more" in checked(first.text).text
    assert len(first.content) < 150_000


async def test_tells_an_alert_and_what_happened_to_it(open_pages: OpenPages) -> None:
    async with open_pages() as pages:
        html = (await pages.get("/alerts/0190a1c2-0000-7000-8000-000000000002")).text

    text = " ".join(checked(html).text.split())
    assert "Warning, acknowledged" in text
    assert "One item is overdue by more than 30 days." in text
    assert "Acknowledged by Director, Tariff and Trade Affairs Directorate" in text
    assert "The two advices wait for the Technical Committee in March." in text
    assert "<textarea" not in html


async def test_an_alert_leads_to_why_its_figure_moved(open_pages: OpenPages) -> None:
    late = LateItem(key=f"{PLAN}:D-7", title="Guide", due=date(2019, 11, 30), days=65)
    fell = an_alert(on_track_on=date(2019, 12, 20), overdue=(late,))
    told = FakeFigures(alerts=(fell, an_alert(id="0190a1c2-0000-7000-8000-00000000000a")))

    async with open_pages(told=told) as pages:
        html = (await pages.get(f"/alerts/{fell.id}")).text
        never = (await pages.get("/alerts/0190a1c2-0000-7000-8000-00000000000a")).text

    asked = f"/indicators/{PLAN}:SG/changes?period=FY2019"
    assert f'href="{asked}&amp;from=2019-12-20&amp;to={NOW.date()}"' in html
    assert ", before the alert." in checked(html).text
    assert f'<a href="/deliverables/{PLAN}:D-7">Guide</a>' in html
    assert f'<a href="/indicators/{PLAN}:SG?period=FY2019#proof">' in html, "with the documents"
    assert f'href="{asked}"' in never
    assert "before the alert" not in never


async def test_counts_unplanned_work_apart(open_pages: OpenPages) -> None:
    work = [
        a_deliverable(number, priorities=(f"{PLAN}:PRI-1",), listed=number < 4)
        for number in (0, 1, 2, 3, 8)
    ]

    async with open_pages(book=FakeBook(work=work)) as pages:
        text = " ".join(checked((await pages.get("/priorities")).text).text.split())

    assert "Released: 2 of 4, 1 unplanned" in text


async def test_takes_long_titles(open_pages: OpenPages) -> None:
    late = LateItem(key="k", title="Very long title " * 18, due=date(2019, 11, 30), days=65)
    result = planned(
        "SG",
        "1",
        "9",
        expected="2",
        due="2",
        due_done="1",
        status=Status.OFF_TRACK,
        overdue=(late,) * 3,
    )

    async with open_pages(told=FakeFigures(card=a_scorecard(result))) as pages:
        answer = await pages.get("/")

    checked(answer.text)
    assert answer.text.count("Very long title") == 18 * 3


async def test_says_amounts_in_millions_and_exact_ones_below(open_pages: OpenPages) -> None:
    told = FakeFigures(
        card=a_scorecard(
            a_result(
                "ORG2.1",
                kind="observed",
                numerator=Decimal("9120000"),
                denominator=Decimal("21400000"),
            )
        )
    )

    async with open_pages(told=told) as pages:
        text = (await pages.get("/")).text

    assert "9.12 of 21.4" in text
    assert "million EUR" in text


async def test_serves_its_style_under_an_address_that_changes_with_it(
    open_pages: OpenPages,
) -> None:
    async with open_pages() as pages:
        html = (await pages.get("/")).text
        link = re.search(r'href="(/static/report\.css\?v=[0-9a-f]{16})"', html)
        assert link
        style = await pages.get(link[1])
        unknown = await pages.get("/static/../api.py")

    assert style.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in style.headers["cache-control"]
    assert len(style.content) < 40_000
    assert unknown.status_code == 404


async def test_counts_in_its_headline_what_its_first_list_names(open_pages: OpenPages) -> None:
    """What no longer needs attention stands apart, with its alert that is still open."""
    risky, fine = (
        planned("SO2", "4", "14", expected="7", due="6", due_done="4", status=Status.OFF_TRACK),
        planned("SO3", "9", "35", expected="10", due="9", due_done="9"),
    )
    other = "0190a1c2-0000-7000-8000-000000000002"
    alerts = [an_alert("SO3"), an_alert("SO2", id=other)]
    told = FakeFigures(card=a_scorecard(risky, fine), alerts=alerts)
    async with open_pages(told=told) as pages:
        html = (await pages.get("/")).text
        quiet = (await pages.get("/", params={"period": "FY2020"})).text

    text = " ".join(checked(html).text.split())
    first, _, second = html.partition('id="settling"')
    assert "1 of 2 judged indicators needs attention" in text
    assert re.findall(r'id="need-([A-Z0-9.]+)"', first) == ["SO2"]
    assert re.findall(r'id="need-([A-Z0-9.]+)"', second) == ["SO3"]
    assert "Not at risk, alert still open 1" in text
    assert "its grace of 30 days is over: so far that is what fell due up to 4 Jan" in text
    assert 'id="settling"' not in quiet


async def test_says_that_a_year_s_plan_is_not_adopted(open_pages: OpenPages) -> None:
    """The dates do not count then; who may adopt it is led there."""
    draft = FakeBook(adopted=False)
    async with open_pages(book=draft, user="planning-office") as pages:
        office = (await pages.get("/")).text
        cycle = (await pages.get("/?period=2019-2022")).text
    async with open_pages(book=draft, user="member") as pages:
        member = (await pages.get("/")).text
    async with open_pages(book=FakeBook(adopted=False, work=())) as pages:
        nothing = (await pages.get("/?period=FY2020")).text
    async with open_pages() as pages:
        adopted = (await pages.get("/")).text

    line = "The Implementation Plan of FY2019/20 is not adopted"
    assert line in office
    assert line in member
    assert 'href="/yearly-plan/adopt?period=FY2019"' in office
    assert "/yearly-plan/adopt" not in member
    assert 'href="/yearly-plan?period=FY2019"' in member
    for other in (cycle, nothing, adopted):
        assert "is not adopted" not in other


async def test_tells_a_newcomer_what_the_pages_are_for(open_pages: OpenPages) -> None:
    async with open_pages() as pages:
        english, french = [(await pages.get(f"/?lang={lang}")).text for lang in ("en", "fr")]

    assert "each figure leads to the facts behind it" in english
    assert "chaque chiffre mène aux faits qui le fondent" in french


async def test_an_indicator_s_page_leads_to_the_four_answers(open_pages: OpenPages) -> None:
    """Why it is so, what is missing, what was shown before, what changed since then."""
    key = f"{PLAN}:SG"
    async with open_pages() as pages:
        today = (await pages.get(f"/indicators/{key}?period=FY2019")).text
        then = (await pages.get(f"/indicators/{key}?period=FY2019&as_of=2019-12-16")).text

    asked = today[today.index('class="questions"') : today.index('<dl class="facts">')]
    found = re.findall(r'href="([^"]+)"', asked)
    assert found == ["#proof", "#outlook", "#as-of", f"/indicators/{key}/changes?period=FY2019"]
    assert [f'id="{one[1:]}"' in today for one in found[:3]] == [True] * 3
    assert f'href="/indicators/{key}/changes?period=FY2019&amp;from=2019-12-16"' in then
