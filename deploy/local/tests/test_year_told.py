"""The diary of the year meets what somebody did meanwhile, and what is wrong with it."""

import json

import httpx
import pytest

from wcoplan.demo.year import Desk, YearRefusedError, read

_RELEASE = next(one for one in read().diary if one["do"] == "release")
_MOVE = next(one for one in read().diary if one["do"] == "carry-over")


def desk_that_answers(status: int) -> Desk:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            known = {"carried_to": None}
            return httpx.Response(200, json=known, headers={"etag": '"1"'})
        if request.url.path == "/api/v1/events":
            said = json.loads(request.content)
            item = {"status": "invalid", "problem": {"status": status, "detail": "not so"}}
            return httpx.Response(207, json={"invalid": len(said), "items": [item]})
        return httpx.Response(status, json={"detail": "not so"})

    client = httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://plan-api")
    return Desk(client)


async def test_what_was_released_by_hand_stays_so() -> None:
    await desk_that_answers(409).tell([_RELEASE, _MOVE])


@pytest.mark.parametrize("entry", [_RELEASE, _MOVE], ids=["fact", "verb"])
async def test_what_breaks_a_rule_is_not_passed_over(entry: dict[str, object]) -> None:
    with pytest.raises(YearRefusedError, match="not so"):
        await desk_that_answers(422).tell([entry])


async def test_a_database_that_is_away_is_waited_for() -> None:
    answers = iter([503, 503, 409])

    def answer(_request: httpx.Request) -> httpx.Response:
        headers = {"retry-after": "0"}
        return httpx.Response(next(answers), json={"detail": "later"}, headers=headers)

    client = httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://plan-api")
    entry = {"do": "plan-action", "action": {"action": "wco-2019-2022:A-999"}}
    with pytest.raises(YearRefusedError, match="answered 409"):
        await Desk(client).tell([entry])

    assert list(answers) == []
