"""Field types for HTTP bodies and parameters: bounded, no NUL, and saying so in the schema.

Each is as narrow as its field type in `events`, so what HTTP takes, an event can carry.
"""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Final

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

COUNT_MAX: Final = 1_000_000_000
INT8_MAX: Final = 9_223_372_036_854_775_807

_LINE = r"^[^\x00-\x20\x7f-\x9f\u2028\u2029][^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
_CODE = r"[A-Za-z0-9][A-Za-z0-9._-]*"

Text = Annotated[
    str,
    StringConstraints(min_length=1, max_length=4000, pattern=r"^[^\x00]*$"),
    Field(examples=["Held in Brussels, for 24 Members."]),
]
"""Several lines. PostgreSQL cannot keep NUL; as a pattern the ban stands in the schema too."""

Line = Annotated[
    str,
    StringConstraints(min_length=1, max_length=300, pattern=_LINE),
    Field(examples=["Workshop on risk profiles"]),
]
"""One line: a title or a name, without control characters."""

Code = Annotated[
    str,
    StringConstraints(min_length=1, max_length=80, pattern=rf"^{_CODE}$"),
    Field(examples=["FY2019"]),
]
"""A plan, unit, Member, instrument or period code: `wco-2019-2022`, `CAP`, `FY2019`."""

KeyText = Annotated[
    str,
    StringConstraints(min_length=1, max_length=160, pattern=rf"^{_CODE}(:{_CODE})?$"),
    Field(examples=["wco-2019-2022:D-017-2"]),
]
"""A full key: `wco-2019-2022:D-017-2`."""


def written_out(value: object) -> object:
    """Let a date or an instant through only as it is written: pydantic alone reads numbers too.

    It takes 20200203, and even 6e-2, as seconds since 1970.

    Raises:
        ValueError
    """
    if isinstance(value, str) and not (value[:4].isdecimal() and value[4:5] == "-"):
        raise ValueError("a date is YYYY-MM-DD")
    if isinstance(value, str) and value[:4] in ("0001", "9999"):
        _in_utc_too(value)
    return value


def _in_utc_too(written: str) -> None:
    """Refuse what its offset moves out of the calendar: no clock and no database can hold it."""
    try:
        read = datetime.fromisoformat(written)
    except ValueError:
        return  # pydantic says what is wrong
    try:
        if read.tzinfo is not None:
            read.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("in UTC it lies outside the years 1 to 9999") from error


Instant = Annotated[
    AwareDatetime, BeforeValidator(written_out), Field(examples=["2020-02-03T09:00:00+01:00"])
]
"""A moment with its offset from UTC."""

Evidence = Annotated[
    str,
    StringConstraints(min_length=1, max_length=2000, pattern=_LINE),
    Field(examples=["https://example.org/minutes/17"]),
]
"""A link or a reference to a document."""


def _whole(value: object) -> object:
    # JSON Schema calls 20966.0 an integer, strict pydantic does not. It stands after Field:
    # before it, pydantic would write ge/le instead of minimum/maximum into the schema.
    return int(value) if isinstance(value, float) and value.is_integer() else value


Count = Annotated[int, Field(strict=True, ge=0, le=COUNT_MAX), BeforeValidator(_whole)]
"""A count in a body: never a string, never a boolean, never beyond the column."""

Positive = Annotated[int, Field(strict=True, ge=1, le=COUNT_MAX), BeforeValidator(_whole)]

RowNumber = Annotated[int, Field(ge=0, le=INT8_MAX)]
"""A bigint in a path or a query, where everything is text."""

Flag = Annotated[bool, Field(strict=True)]

_DECIMAL = r"^-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,6})?$"


def _decimal(value: object) -> Decimal:
    if isinstance(value, Decimal) and value.is_finite():
        return value
    if isinstance(value, str) and re.fullmatch(_DECIMAL, value, re.ASCII):
        return Decimal(value)
    raise ValueError("a decimal is a string of digits, with at most six after the point")


def _not_negative(value: Decimal) -> Decimal:
    if value < 0:
        raise ValueError("at least 0 is expected")
    return value


DecimalString = Annotated[
    Decimal,
    BeforeValidator(_decimal),
    PlainSerializer(lambda value: format(value, "f"), return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": _DECIMAL, "examples": ["0.950000"]}),
]
"""A decimal as a JSON string; a JSON number would pass through binary floating point."""

AmountString = Annotated[
    Decimal,
    BeforeValidator(_decimal),
    AfterValidator(_not_negative),
    PlainSerializer(lambda value: format(value, "f"), return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": _DECIMAL.replace("-?", ""), "examples": ["12.5"]}),
]
"""A decimal that is not negative."""


def _day(value: object) -> object:
    # pydantic alone would also read unix timestamps and midnights as dates.
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise ValueError("a date is YYYY-MM-DD")
    if isinstance(value, str | date):
        return value
    raise ValueError("a date is YYYY-MM-DD")


def _day_in_reach(value: date) -> date:
    if not 1900 <= value.year <= 2199:
        raise ValueError("a date between 1900 and 2199 is expected")
    return value


Day = Annotated[
    date,
    BeforeValidator(_day),
    AfterValidator(_day_in_reach),
    Field(
        examples=["2019-12-13"],
        json_schema_extra={"pattern": "^(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}$"},
    ),
]
"""A business date."""
