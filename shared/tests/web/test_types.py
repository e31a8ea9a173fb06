"""The field types take what an event can carry, and nothing that a column cannot."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from shared_kit.events import base as events
from shared_kit.web import types

PAIRS = [
    (types.Line, events.Line, ["a", "x" * 300, "é 漢 🙂", "a  b"]),
    (types.Text, events.Text, ["a\nb", "x" * 4000]),
    (types.Code, events.Code, ["CAP", "FY2019", "x" * 80, "wco-2019-2022"]),
    (types.KeyText, events.Key, ["wco-2019-2022:D-017-2", "x" * 80 + ":" + "y" * 79]),
    (types.Evidence, events.Text, ["https://example.org/a?b=c#d"]),
]


@pytest.mark.parametrize(("ours", "theirs", "values"), PAIRS)
def test_what_http_takes_an_event_can_carry(ours: Any, theirs: Any, values: list[str]) -> None:
    for value in values:
        assert TypeAdapter(ours).validate_python(value) == value
        assert TypeAdapter(theirs).validate_python(value) == value


@pytest.mark.parametrize("kind", [types.Line, types.Text, types.Code, types.KeyText])
@pytest.mark.parametrize("value", ["", "\x00", "a\x00", "\ud800", "x" * 4001, 1, None])
def test_no_text_takes_what_no_column_can(kind: Any, value: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(value)


@pytest.mark.parametrize("value", ["0", "-1.5", "0.000001", "999999999999999999.999999"])
def test_a_decimal_stays_a_string(value: str) -> None:
    adapter = TypeAdapter(types.DecimalString)

    assert adapter.validate_json(f'"{value}"') == Decimal(value)
    assert adapter.dump_json(Decimal(value)) == f'"{value}"'.encode()


@pytest.mark.parametrize("value", ["", " 1", "01", "1.", ".5", "+1", "1e3", "Infinity", "1_0", 1])
def test_refuses_other_spellings_of_a_decimal(value: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(types.DecimalString).validate_python(value)


def test_reads_days() -> None:
    adapter = TypeAdapter(types.Day)

    assert adapter.validate_python("2020-02-29") == date(2020, 2, 29)
    assert adapter.validate_python(date(2020, 2, 29)) == date(2020, 2, 29)
    for value in ("2019-02-29", "2020-2-3", "20200203", "1899-12-31", "2200-01-01", 0, 1.5, True):
        with pytest.raises(ValidationError):
            adapter.validate_python(value)
