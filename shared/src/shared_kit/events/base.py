"""What every contract is made of: the event base class and the field types of payloads."""

import re
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

TYPE_PREFIX = "org.wcoomd.strategy."

_DECIMAL = r"^-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,6})?$"


def _decimal_text(value: object) -> object:
    # Decimals travel as strings: a JSON number goes through a float in too many clients.
    if isinstance(value, Decimal):
        value = format(value, "f")
    if not isinstance(value, str) or re.fullmatch(_DECIMAL, value) is None:
        raise ValueError('a decimal is a string such as "0.25", at most 6 decimals')
    return Decimal(value)


def _decimal_json(value: Decimal) -> str:
    return format(value, "f")


DecimalString = Annotated[
    Decimal,
    BeforeValidator(_decimal_text),
    PlainSerializer(_decimal_json, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": _DECIMAL}),
]
"""A decimal that is a JSON string with a pattern; at most 18 digits and 6 places."""

_AMOUNT = r"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?$"


def _amount_text(value: Decimal) -> Decimal:
    if re.fullmatch(_AMOUNT, format(value, "f")) is None:
        raise ValueError("an amount is not negative and has at most 12 digits before the point")
    return value


Amount = Annotated[
    DecimalString,
    AfterValidator(_amount_text),
    WithJsonSchema({"type": "string", "pattern": _AMOUNT}),
]
"""What somebody states: not negative, and so small that sums and ratios of two are decimals too."""

_LEVEL = r"^-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?$"


def _level_text(value: Decimal) -> Decimal:
    if re.fullmatch(_LEVEL, format(value, "f")) is None:
        raise ValueError("a level has at most 12 digits before the point")
    return value


Level = Annotated[
    DecimalString,
    AfterValidator(_level_text),
    WithJsonSchema({"type": "string", "pattern": _LEVEL}),
]
"""A level that somebody states: as large as an amount, and it may be below zero."""

_BOUND = r"^(-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?|[0-9]{4}-[0-9]{2}-[0-9]{2})$"


def _date_or_number(value: str) -> str:
    if value.count("-") == 2 and not value.startswith("-"):
        try:
            date.fromisoformat(value)
        except ValueError:
            raise ValueError("a date or a number is expected") from None
    return value


Bound = Annotated[str, StringConstraints(pattern=_BOUND), AfterValidator(_date_or_number)]
"""An end of a range: a date or a number, as text."""

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")]
"""A code of the organization's own: a unit, a Member, an instrument, a period, a request."""

Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,159}$")]
"""A key of something inside a plan: `wco-2019-2022:SP7.1`."""

Line = Annotated[
    str, StringConstraints(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$")
]
"""A title or a name: one line, no control characters."""

Text = Annotated[str, StringConstraints(max_length=4000, pattern=r"^[^\x00]*$")]
"""Free text without NUL, which PostgreSQL cannot store."""


def _ordinary_year(value: date) -> date:
    if not 1900 <= value.year <= 2200:
        raise ValueError("a date lies between 1900 and 2200")
    return value


_DAY = "^(19[0-9]{2}|2[01][0-9]{2}|2200)-[0-9]{2}-[0-9]{2}$"

BusinessDate = Annotated[
    date, AfterValidator(_ordinary_year), Field(json_schema_extra={"pattern": _DAY})
]
"""A date in the plan's zone, between 1900 and 2200."""


def whole(value: object) -> object:
    """JSON Schema calls 3.0 an integer, strict pydantic does not.

    As a validator it stands after Field: before it, pydantic would write ge/le instead of
    minimum/maximum into the schema.
    """
    return int(value) if isinstance(value, float) and value.is_integer() else value


Count = Annotated[int, Field(ge=0, le=1_000_000_000), BeforeValidator(whole)]
Revision = Annotated[int, Field(ge=1, le=1_000_000_000), BeforeValidator(whole)]


class DateCertainty(StrEnum):
    """How well a date is known (`domain.md`, decision 12)."""

    STATED = "stated"
    INFERRED = "inferred"
    SYNTHETIC = "synthetic"
    NOT_GIVEN = "not-given"


class Part(BaseModel):
    """A piece of a payload: frozen, strict, unknown fields ignored."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


class Event(Part):
    """A fact in the past tense. Frozen; unknown fields are ignored; a break is a new version.

    `subject` and `partition_key` follow the table "Topics" of the contracts.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1
    topic: ClassVar[str]

    evidence: Text | None = None
    synthetic: bool = False

    @property
    def subject(self) -> str:
        raise NotImplementedError(type(self).__name__)

    @property
    def partition_key(self) -> str:
        return self.subject


class BrokenRuleError(ValueError):
    """Fields that do not go together, which no schema can say; its text is a constant.

    `web/messages.py` has its French.
    """

    code: ClassVar[str] = "rule"


def type_of(event: type[Event]) -> str:
    """The CloudEvents type of a contract: org.wcoomd.strategy.deliverable.released.v1."""
    return f"{TYPE_PREFIX}{event.name}.v{event.version}"


def plan_of(key: str) -> str:
    """The plan code in a key: `wco-2019-2022:SP7.1` lies in `wco-2019-2022`."""
    return key.partition(":")[0]
