"""A plan file brought in from pages alone: looked through, its units entered, brought in once."""

import copy
import json
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from plan_api.plans.schemas.files import EXAMPLE
from tests.support.form_browser import OWN, FormBrowser

RIVERS = json.loads(
    (Path(__file__).parents[4] / "docs/examples/rivers-2019-2022.json").read_text("utf-8")
)


async def sent(
    browser: FormBrowser, plan: object, name: str = "rivers.json"
) -> tuple[str, httpx.Response]:
    content = plan if isinstance(plan, bytes) else json.dumps(plan).encode()
    answer = await browser.upload("/plan-files", content, name=name, kind="application/json")
    return answer.headers.get("location", ""), answer


async def published(api: Any, code: str) -> int:
    return len([one for one in await api.sent("plan.published") if one.key == code])


async def test_a_file_is_looked_through_shown_and_brought_in_once(
    api: Any, browser: FormBrowser
) -> None:
    path, answer = await sent(browser, EXAMPLE)
    assert answer.status_code == 303

    preview = unescape(await browser.get(path))
    assert "rivers.json: ready to be brought in" in preview
    assert "1 objectives, 1 indicators" in preview
    assert "FY2021, FY2022, FY2023" in preview
    assert await published(api, "rivers-2021-2023") == 0

    for _ in range(2):
        assert (await browser.send(f"{path}/bring")).status_code == 303
    done = unescape(await browser.get(path))
    assert "rivers.json: is in" in done
    assert 'href="/?plan=rivers-2021-2023"' in done
    assert await published(api, "rivers-2021-2023") == 1

    again, _ = await sent(browser, EXAMPLE)
    assert "is in" in await browser.get(again)
    first = await browser.get("/?plan=rivers-2021-2023")
    assert "CLEAN.1" in first


async def test_units_that_are_missing_are_named_with_their_indicators_and_entered_there(
    api: Any, browser: FormBrowser
) -> None:
    path, _ = await sent(browser, RIVERS)
    page = unescape(await browser.get(path))
    assert "2 units are missing" in page
    assert "/bring" not in page
    assert (await browser.send(f"{path}/bring")).status_code == 409

    refused = await browser.send(f"{path}/units", **{"en:RIV": "Rivers & lakes", "en:LAB": ""})
    assert refused.status_code == 422
    assert 'value="Rivers &amp; lakes"' in refused.text, "what was typed stays"
    assert 'href="#en-LAB"' in refused.text
    assert (await api.get("/units/RIV")).status_code == 404, "all of them or none"

    entered = await browser.send(
        f"{path}/units", **{"en:RIV": "Rivers & lakes", "en:LAB": "Laboratory", "fr:LAB": "Labo"}
    )
    assert entered.status_code == 303
    assert (await api.get("/units/RIV")).json()["title"]["fr"] == "Rivers & lakes"
    assert (await browser.send(f"{path}/bring")).status_code == 303
    assert await published(api, RIVERS["plan"]) == 1


async def test_every_fault_stands_by_its_place_in_both_languages(
    api: Any, browser: FormBrowser
) -> None:
    plan: dict[str, Any] = copy.deepcopy(dict(EXAMPLE))
    plan["cycle"]["timezone"] = "Mars/Olympus"
    plan["objectives"][0]["perspective"] = "TOP"
    plan["title"] = {**EXAMPLE["title"], "en": "<b>Plan</b>"}
    plan["titel"] = "x"
    path, _ = await sent(browser, plan, name="../<i>plan</i>.json")

    english, french = await browser.get(path), await browser.get(f"{path}?lang=fr")

    for pointer in ("/cycle/timezone", "/objectives/0/perspective", "/titel"):
        assert f"<code>{pointer}</code>" in english
        assert f"<code>{pointer}</code>" in french
    assert "a time zone such as Europe/Brussels is expected" in english
    assert "un fuseau tel que Europe/Brussels est attendu" in french
    assert "i&gt;.json: not a plan yet" in english
    assert "<b>Plan" not in english
    assert (await browser.send(f"{path}/bring")).status_code == 409
    assert api.app is not None


async def test_a_version_that_is_published_with_another_content_is_said_to_need_a_higher_one(
    browser: FormBrowser,
) -> None:
    path, _ = await sent(browser, EXAMPLE)
    await browser.get(path)
    await browser.send(f"{path}/bring")

    changed, _ = await sent(browser, {**EXAMPLE, "deliverable_kinds": ["clean-up", "song"]})
    higher = {**EXAMPLE, "deliverable_kinds": ["clean-up", "song"], "version": 2}
    early, _ = await sent(browser, {**higher, "effective_on": "2020-12-31"})
    better, _ = await sent(browser, higher)

    assert "<code>/version</code>" in await browser.get(changed)
    assert "<code>/effective_on</code>" in await browser.get(early)
    assert "It becomes version 2" in await browser.get(better)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"plan": "x",\n oops}', "line 2, column 2"),
        (b'{"plan": "\xe9"}', "not JSON in UTF-8"),
        (b"[1, 2]", "the whole file"),
        (b"PK\x03\x04", "line 1, column 1"),
    ],
)
async def test_what_is_no_plan_at_all_is_said_to_be_none(
    browser: FormBrowser, content: bytes, said: str
) -> None:
    path, _ = await sent(browser, content)
    page = unescape(await browser.get(path))

    assert "not a plan yet" in page
    assert said in page


async def test_a_byte_order_mark_of_an_editor_does_no_harm(browser: FormBrowser) -> None:
    path, _ = await sent(browser, b"\xef\xbb\xbf" + json.dumps(EXAMPLE).encode())

    assert "ready to be brought in" in await browser.get(path)


@pytest.mark.parametrize(
    ("content", "said"), [(b"", "ends in .json"), (b" " * 1_048_577, "at most 1 MiB")]
)
async def test_a_form_without_a_file_or_with_a_huge_one_says_what_to_choose(
    browser: FormBrowser, content: bytes, said: str
) -> None:
    _, answer = await sent(browser, content)

    assert answer.status_code == 422
    assert said in answer.text
    assert 'aria-invalid="true"' in answer.text


async def test_forms_of_others_are_refused_and_a_member_is_offered_none(
    browser: FormBrowser,
) -> None:
    path, _ = await sent(browser, EXAMPLE)
    file = {"file": ("plan.json", b"{}", "application/json")}
    for data, headers in (({}, OWN), ({"csrf": browser.token}, {"origin": "https://evil.example"})):
        for form in ("/plan-files", f"{path}/bring", f"{path}/units"):
            answer = await browser.client.post(
                form, data=data, headers=headers, files=file if form == "/plan-files" else None
            )
            assert answer.status_code == 403, form

    browser.client.cookies.set("wcoplan_demo", "member")
    page = await browser.get("/plan-files")
    assert 'type="file"' not in page
    assert path not in page
    await browser.get(path, status=403)
    assert (await browser.send(f"{path}/bring")).status_code == 403


async def test_the_example_and_the_schema_to_be_had_agree_and_the_example_comes_in(
    browser: FormBrowser,
) -> None:
    example = await browser.client.get("/plan-files/example.json")
    schema = await browser.client.get("/plan-files/schema.json")
    Draft202012Validator.check_schema(schema.json())

    assert list(Draft202012Validator(schema.json()).iter_errors(example.json())) == []
    assert example.json()["cycle"]["start"] == "2020-01-01", "its cycle has begun"
    path, _ = await sent(browser, example.content)
    assert "ready to be brought in" in await browser.get(path)


@pytest.mark.parametrize("name", ["7", "00000000-0000-0000-0000-000000000000"])
async def test_a_file_that_was_not_sent_is_a_page_that_says_so(
    browser: FormBrowser, name: str
) -> None:
    await browser.get(f"/plan-files/{name}", status=422 if name == "7" else 404)
