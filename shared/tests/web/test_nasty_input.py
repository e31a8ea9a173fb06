"""Whatever is sent, the answer is right or a problem; never a 5xx, never an echo."""

import json
import re
from collections.abc import AsyncIterator

import httpx
import pytest

VALID: dict[str, object] = {"key": "wco-2019-2022:SP7.1", "title": "A title"}
JSON = {"content-type": "application/json"}


def with_(**fields: object) -> bytes:
    return json.dumps(VALID | fields).encode()


BODIES: dict[str, tuple[bytes, int]] = {
    "empty": (b"", 422),
    "only spaces": (b"   ", 400),
    "null": (b"null", 422),
    "a list": (b"[]", 422),
    "a string": (b'"x"', 422),
    "a number": (b"1", 422),
    "an empty object": (b"{}", 422),
    "not closed": (b'{"key": "a"', 400),
    "trailing comma": (b'{"key": "a",}', 400),
    "single quotes": (b"{'key': 'a'}", 400),
    "two documents": (b"{}{}", 400),
    "bad UTF-8": (b'{"key": "\xff\xfe"}', 400),
    "UTF-8 surrogate bytes": (b'{"key": "\xed\xa0\x80"}', 422),
    "UTF-16": ('{"key": "a"}'.encode("utf-16"), 422),
    "BOM": (b"\xef\xbb\xbf" + json.dumps(VALID).encode(), 201),
    "raw NUL byte": (b'{"key": "a\x00b", "title": "t"}', 400),
    "control character": (b'{"key": "a", "title": "a\nb"}', 400),
    "NUL in a line": (with_(title="a\x00b"), 422),
    "NUL in a text": (with_(text="a\x00b"), 422),
    "NUL in a key": (with_(key="a\x00b"), 422),
    "NUL in an unknown name": (with_(**{"a\x00b": 1}), 422),
    "lone high surrogate": (b'{"key": "a", "title": "\\ud800"}', 422),
    "lone low surrogate": (b'{"key": "a", "title": "\\udc00x"}', 422),
    "surrogate in a text": (b'{"key": "a", "title": "t", "text": "\\ud800"}', 422),
    "surrogate in an unknown name": (b'{"key": "a", "title": "t", "\\ud800": 1}', 422),
    "surrogate in a choice": (b'{"key": "a", "title": "t", "stage": "\\ud800"}', 422),
    "surrogate for a number": (b'{"key": "a", "title": "t", "count": "\\ud800"}', 422),
    "surrogate for a date": (b'{"key": "a", "title": "t", "due": "\\ud800"}', 422),
    "surrogate for a decimal": (b'{"key": "a", "title": "t", "value": "\\ud800"}', 422),
    "NaN": (b'{"key": "a", "title": "t", "count": NaN}', 422),
    "Infinity": (b'{"key": "a", "title": "t", "count": Infinity}', 422),
    "minus Infinity": (b'{"key": "a", "title": "t", "value": -Infinity}', 422),
    "NaN in an unknown name": (b'{"key": "a", "title": "t", "x": NaN}', 422),
    "1e400": (b'{"key": "a", "title": "t", "count": 1e400}', 422),
    "5000 digits": (b'{"key": "a", "title": "t", "count": ' + b"9" * 5000 + b"}", 400),
    "int8 and one": (with_(count=2**63), 422),
    "int4 and one": (with_(count=2**31), 422),
    "negative": (with_(count=-1), 422),
    "a whole float": (b'{"key": "a", "title": "t", "count": 20966.0}', 201),
    "a float": (with_(count=1.5), 422),
    "a number as string": (with_(count="7"), 422),
    "true for a number": (with_(count=True), 422),
    "one for true": (with_(done=1), 422),
    "text for true": (with_(done="true"), 422),
    "a decimal as number": (with_(value=0.5), 422),
    "a decimal as NaN": (with_(value="NaN"), 422),
    "a decimal in words": (with_(value="1e5"), 422),
    "a decimal too fine": (with_(value="0.1234567"), 422),
    "a decimal too large": (with_(value="1" * 19), 422),
    "Arabic digits": (with_(value="١"), 422),
    "a fullwidth date": (with_(due="２０２０-01-01"), 422),
    "no date": (with_(due="2019-02-30"), 422),
    "a timestamp for a date": (with_(due=1580688000), 422),
    "a timestamp as string": (with_(due="1580688000"), 422),
    "a date with time": (with_(due="2020-02-03T00:00:00"), 422),
    "the year 0": (with_(due="0000-01-01"), 422),
    "the year 9999": (with_(due="9999-12-31"), 422),
    "an unknown choice": (with_(stage="finished"), 422),
    "an empty title": (with_(title=""), 422),
    "a blank title": (with_(title="  "), 422),
    "two lines": (with_(title="a\nb"), 422),
    "a Unicode line": (with_(title="a\u2028b"), 422),
    "a long title": (with_(title="x" * 301), 422),
    "a long text": (with_(text="x" * 4001), 422),
    "a null title": (with_(title=None), 422),
    "an object as title": (with_(title={"a": 1}), 422),
    "a key with a path": (with_(key="../../etc"), 422),
    "markup in an unknown name": (with_(**{"<script>": 1}), 422),
    "duplicate names": (b'{"key": "a", "key": "b", "title": "t"}', 201),
    "deep nesting": (b"[" * 100_000, 400),
    "deep and closed": (b'{"key":' + b"[" * 50_000 + b"]" * 50_000 + b"}", 400),
    "wrong shares": (with_(shares=[{"priority": "a", "share": "-1"}, 3]), 422),
    "10,000 errors": (with_(shares=[0] * 10_000), 422),
    "emoji": (with_(title="🙂 ok"), 201),
    "no character": (with_(title="\uffff"), 201),
}

QUERIES: dict[str, int] = {
    "limit=0": 422,
    "limit=-1": 422,
    "limit=201": 422,
    "limit=1e3": 422,
    "limit=99999999999999999999": 422,
    "limit=" + "9" * 5000: 422,
    "limit=": 422,
    "limit=1&limit=2": 200,
    "limit=%00": 400,
    "cursor=%00": 400,
    "cursor=%ED%A0%80": 400,
    "q=%ED%A0%80": 400,
    "%00=1": 400,
    "q=%FF": 400,
    "cursor=%F0%9F%99%82": 400,
    "cursor=": 422,
    "cursor=" + "A" * 3000: 422,
    "cursor=AAAA": 400,
    "stage=%E2%80%AE": 422,
    "stage=done&stage=nope": 422,
    "unknown=1": 200,
    "&&&===": 200,
    "%": 200,
    "a[b][]=1": 200,
    ";drop": 200,
}

PATHS: dict[str, int] = {
    "/api/v1/things/%00": 400,
    "/api/v1/things/a%00b": 400,
    "/api/v1/things/%ED%A0%80": 400,
    "/api/v1/things/%FF": 400,
    "/api/v1/things/%20": 422,
    "/api/v1/things/a%0Ab": 422,
    "/api/v1/things/" + "a" * 5000: 422,
    "/api/v1/things/a:b:c:d": 422,
    "/api/v1/things/": 404,
    "/api/v1/things/x/y/z": 404,
    "/api/v1/things/rows/9223372036854775807": 200,
    "/api/v1/things/rows/9223372036854775808": 422,
    "/api/v1/things/rows/-1": 422,
    "/api/v1/things/rows/" + "9" * 5000: 422,
    "/api/v1/things/rows/1.5": 422,
    "/api/v1/things/rows/%D9%A1": 422,
    "/api/v1/things/..%2F..%2Fetc": 404,
    "//api/v1/things": 404,
    "/%F0%9F%99%82": 404,
    "/problems/nope": 404,
    "/docs/assets/..%2F..%2Fapp.py": 404,
    "/docs/assets/init.js.map": 404,
}


def assert_problem(answer: httpx.Response) -> None:
    assert answer.headers["content-type"] == "application/problem+json"
    body = json.loads(answer.content.decode("ascii"))
    assert re.fullmatch(r"/problems/[a-z-]+", body["type"])
    assert body["status"] == answer.status_code
    assert re.fullmatch(r"[0-9a-f]{32}", body["trace_id"])
    assert body["title"]
    assert body["detail"]
    assert body["instance"].startswith("/")
    assert answer.headers["content-language"] in {"en", "fr"}
    for error in body.get("errors", []):
        assert re.fullmatch(r"(/[A-Za-z0-9_.-]+)+", error["pointer"])
        assert error["message"]


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("name", BODIES)
async def test_answers_every_body_rightly(client: httpx.AsyncClient, name: str, lang: str) -> None:
    body, expected = BODIES[name]

    for method, path in (("POST", "/api/v1/things"), ("PUT", "/api/v1/things/a")):
        answer = await client.request(
            method, f"{path}?lang={lang}", content=body, headers=JSON | {"if-match": '"7"'}
        )
        assert answer.status_code == (200 if method == "PUT" and expected == 201 else expected)
        if answer.status_code >= 400:
            assert_problem(answer)


@pytest.mark.parametrize("query", QUERIES)
async def test_answers_every_query_rightly(client: httpx.AsyncClient, query: str) -> None:
    answer = await client.get(f"/api/v1/things?{query}")

    assert answer.status_code == QUERIES[query]
    if answer.status_code >= 400:
        assert_problem(answer)


@pytest.mark.parametrize("path", PATHS)
async def test_answers_every_path_rightly(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(f"http://things.test{path}")

    assert answer.status_code == PATHS[path]
    if answer.status_code >= 400:
        assert_problem(answer)


@pytest.mark.parametrize(
    "content_type",
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
        "application/xml",
        "application/octet-stream",
        "nonsense",
        "application/json+evil",
        "",
    ],
)
async def test_reads_no_other_content_type(client: httpx.AsyncClient, content_type: str) -> None:
    headers = {"content-type": content_type} if content_type else {}
    answer = await client.post("/api/v1/things", content=with_(), headers=headers)

    assert answer.status_code == 415
    assert_problem(answer)


async def test_reads_json_with_parameters_and_suffix(client: httpx.AsyncClient) -> None:
    for content_type in ("application/json; charset=utf-8", "application/vnd.wco+json"):
        answer = await client.post(
            "/api/v1/things", content=with_(), headers={"content-type": content_type}
        )
        assert answer.status_code == 201


async def test_never_echoes_input(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/api/v1/things",
        json={"key": "canary one", "title": ["canary two"], "canary three": 1, "stage": "canary"},
    )

    assert answer.status_code == 422
    assert "canary" not in answer.text
    pointers = [error["pointer"] for error in answer.json()["errors"]]
    assert sorted(pointers) == ["/body/-", "/body/key", "/body/stage", "/body/title"]


async def test_names_fields_inside_lists(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/api/v1/things",
        content=with_(shares=[{"priority": "wco:PRI-1", "share": "1"}, {"priority": "p"}]),
        headers=JSON,
    )

    assert [error["pointer"] for error in answer.json()["errors"]] == ["/body/shares/1/share"]


async def test_refuses_an_announced_body_that_is_too_large(client: httpx.AsyncClient) -> None:
    for path in ("/api/v1/things", "/api/v1/things/raw"):
        for size, closes in ((1024 * 1024 + 1, False), (17 * 1024 * 1024, True)):
            answer = await client.post(path, content=b"x" * size, headers=JSON)

            assert answer.status_code == 413
            # A client that is cut off while it writes never sees the answer.
            assert (answer.headers.get("connection") == "close") is closes
            assert_problem(answer)


async def test_refuses_a_chunked_body_that_grows_too_large(client: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"x" * 65_536

    for path in ("/api/v1/things", "/api/v1/things/raw"):
        answer = await client.post(path, content=endless(), headers=JSON)

        assert answer.status_code == 413
        assert_problem(answer)


async def test_takes_a_body_of_exactly_the_limit(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/things/raw", content=b"x" * 1024 * 1024)

    assert answer.json() == {"bytes": 1024 * 1024}


@pytest.mark.parametrize("length", ["-1", "1.5", "abc", "9" * 5000, "٣", "+5"])
async def test_refuses_a_length_that_is_none(client: httpx.AsyncClient, length: str) -> None:
    answer = await client.post(
        "/api/v1/things/raw", content=b"x", headers=[(b"content-length", length.encode())]
    )

    assert answer.status_code in {400, 413}
    assert_problem(answer)


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PATCH", "DELETE", "FOO", "get", "OPTIONS"])
async def test_answers_every_method(client: httpx.AsyncClient, method: str) -> None:
    answer = await client.request(method, "/api/v1/things")

    if method in {"OPTIONS", "get"}:  # httpx writes methods in capitals
        assert answer.status_code in {204, 200}
    else:
        assert answer.status_code == 405
        assert_problem(answer)


@pytest.mark.parametrize(
    "headers",
    [
        {"accept-language": "\xff;q=x,,;;,fr;q=9999,*;q=nan"},
        {"accept-language": "x" * 20_000},
        {"x-request-id": "evil value <script>", "traceparent": "00-zz"},
        {"traceparent": "00-" + "0" * 32 + "-" + "0" * 16 + "-01"},
        {"if-none-match": '"' + "x" * 5000},
        {"cookie": "wcoplan_demo=\xff"},
        {"accept": "\xff"},
    ],
)
async def test_survives_every_header(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    answer = await client.get("/api/v1/things/a", headers=raw)

    assert answer.status_code == 200
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,64}", answer.headers["x-request-id"])
