"""Log lines: one JSON object each, ours and the libraries', and none that input can forge."""

import json
import logging
import warnings
from collections.abc import Iterator

import pytest
import structlog

from shared_kit.telemetry.context import correlate
from shared_kit.telemetry.logging import configure_logging

EVIL = 'x\r\n{"level": "forged"}\x1b[31mred\x1b[0m\u2028\u2029\x85\x00\ud800'


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root, access = logging.getLogger(), logging.getLogger("uvicorn.access")
    before, level, disabled = root.handlers[:], root.level, access.disabled
    configured = structlog.get_config()
    yield
    root.handlers[:] = before
    root.setLevel(level)
    access.disabled = disabled
    structlog.configure(**configured)
    structlog.contextvars.clear_contextvars()


def fail() -> None:
    raise ValueError(EVIL)


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.split("\n")[:-1]


def test_ours_and_the_librarys_look_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # as an earlier server left it
    configure_logging(service="plan-api")

    with correlate(request_id="portal-17", traceparent=None) as correlation:
        structlog.get_logger("ours").info("released", key="D-017-2")
        logging.getLogger("uvicorn.error").warning("Started %s", "server", extra={"port": 8000})

    ours, theirs = (json.loads(line) for line in lines(capsys))
    for line in (ours, theirs):
        assert line["service"] == "plan-api"
        assert line["request_id"] == "portal-17"
        assert line["trace_id"] == correlation.trace_id
        assert line["time"].endswith("Z")
    assert (ours["event"], ours["level"], ours["logger"]) == ("released", "info", "ours")
    assert ours["key"] == "D-017-2"
    assert (theirs["event"], theirs["level"], theirs["port"]) == ("Started server", "warning", 8000)


@pytest.mark.parametrize("log_format", ["json", "pretty"])
def test_input_cannot_forge_lines(capsys: pytest.CaptureFixture[str], log_format: str) -> None:
    configure_logging(service="s", log_format=log_format)  # type: ignore[arg-type]

    structlog.get_logger("ours").info("got", title=EVIL, nested={"a": [EVIL]})
    logging.getLogger("theirs").warning("got %s", EVIL)

    out = capsys.readouterr().out
    assert out.count("\n") == len(out.splitlines()) == 2
    for harmful in ("\x1b[31mred", "\r", "\x00", "\u2028", "\x85"):
        assert harmful not in out
    out.encode("utf-8")


def test_a_traceback_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(service="s")

    try:
        fail()
    except ValueError:
        structlog.get_logger("ours").exception("failed")
        logging.getLogger("theirs").exception("failed")

    for line in map(json.loads, lines(capsys)):
        assert line["event"] == "failed"
        assert line["exception"][0]["exc_type"] == "ValueError"
        # Values of local variables may be personal data.
        assert "locals" not in json.dumps(line["exception"])


def test_a_pretty_traceback_cannot_forge_lines(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(service="s", log_format="pretty")

    try:
        fail()
    except ValueError:
        structlog.get_logger("ours").exception("failed")

    out = capsys.readouterr().out
    assert "ValueError" in out
    assert "\x1b[31mred" not in out
    assert '\n{"level"' not in out
    assert all(line.startswith(("  | ", "20")) for line in out.splitlines())


def test_levels_are_obeyed(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(service="s", level="warning")

    structlog.get_logger("ours").info("quiet")
    logging.getLogger("theirs").info("quiet")
    logging.getLogger("uvicorn.access").warning("repeated")

    assert lines(capsys) == []


def test_what_json_cannot_hold_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(service="s")

    structlog.get_logger("ours").info("odd", thing=object(), number=float("nan"))

    assert "object object" in lines(capsys)[0]


def test_warnings_are_not_swallowed() -> None:
    configure_logging(service="s")

    with pytest.warns(UserWarning, match="seen"):
        warnings.warn("seen", stacklevel=1)


def test_what_passes_by_itself_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(service="s")

    coordinator = logging.getLogger("aiokafka.consumer.group_coordinator")
    coordinator.error("Group Coordinator Request failed: %s", "not available")
    coordinator.error("Unexpected error")

    assert [json.loads(line)["level"] for line in lines(capsys)] == ["warning", "error"]


def test_libraries_do_not_say_again_what_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(service="s")

    for name in ("httpx", "httpcore.connection", "uvicorn.access"):
        logging.getLogger(name).info('HTTP Request: GET /x "200 OK"')
    schema = logging.getLogger("alembic.runtime.migration")
    schema.info("Context impl %s.", "PostgresqlImpl")
    schema.info("Will assume transactional DDL.")
    schema.info("Running upgrade 0001 -> 0002")
    logging.getLogger("uvicorn.error").info("Started %d", 7, extra={"color_message": "\x1b[36m"})

    said = [json.loads(line) for line in lines(capsys)]
    assert [line["event"] for line in said] == ["Running upgrade 0001 -> 0002", "Started 7"]
    assert "color_message" not in said[1]
