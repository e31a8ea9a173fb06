"""Ids of a request: taken over where well formed, and gone with the request."""

import pytest

from shared_kit.telemetry.context import correlate, current, outgoing_headers

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.mark.parametrize(
    "bad", [None, "", "00-zz", "00-" + "0" * 32 + "-" + "1" * 16 + "-01", "ff" * 30, TRACE]
)
def test_an_unknown_traceparent_begins_a_new_trace(bad: str | None) -> None:
    with correlate(request_id="a b\n", traceparent=bad) as made:
        assert len(made.trace_id) == 32
        assert made.trace_id != TRACE
        assert made.request_id != "a b\n"
        assert made.traceparent.startswith(f"00-{made.trace_id}-")


def test_a_request_inside_another_does_not_outlive_itself() -> None:
    with correlate(request_id="outer", traceparent=f"00-{TRACE}-00f067aa0ba902b7-01"):
        handed_on = outgoing_headers()
        with correlate(
            request_id=handed_on["x-request-id"], traceparent=handed_on["traceparent"]
        ) as inner:
            assert inner.trace_id == TRACE
            assert inner.request_id == "outer"
        outer = current()
        assert outer is not None
        assert outer.span_id != inner.span_id

    assert current() is None
    assert outgoing_headers() == {}
