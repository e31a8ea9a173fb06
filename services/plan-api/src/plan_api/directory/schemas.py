"""Bodies of units, Members and instruments."""

from typing import Annotated

from pydantic import ConfigDict, Field, JsonValue

from plan_api.core.bodies import Body, Read, SaidBody
from plan_api.directory.repository import Entry
from shared_kit.web.types import Code, Day, Flag, Line

_UNIT: dict[str, JsonValue] = {
    "title": {
        "en": "Capacity Building Directorate",
        "fr": "Direction du renforcement des capacités",
    },
    "language": "en",
    "mailbox": "capacity-building@example.org",
}
_MEMBER: dict[str, JsonValue] = {
    "title": "Republic of Examplia",
    "region": "europe",
    "accession": "1998-05-04",
    "fictional": True,
}
_INSTRUMENT: dict[str, JsonValue] = {
    "title": "Guidelines on risk profiles",
    "packages": ["CEP"],
    "uses_it": True,
    "data_analysis": True,
}


class UnitUpdate(Body):
    """A unit of the Secretariat."""

    model_config = ConfigDict(json_schema_extra={"examples": [_UNIT]})

    title: SaidBody
    parent: Code | None = Field(default=None, description="The unit above it.")
    language: Annotated[Code, Field(description="Language of its notices: en or fr.")] = "en"
    mailbox: Line | None = Field(default=None, description="Where its notices go.")


class UnitCreate(UnitUpdate):
    """A new unit."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "CAP", **_UNIT}]})

    code: Code


class MemberUpdate(Body):
    """A Member, named as the organization writes it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_MEMBER]})

    title: Line
    region: Code
    iso_code: Code | None = None
    accession: Day | None = None
    fictional: Flag = False


class MemberCreate(MemberUpdate):
    """A new Member."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "XA", **_MEMBER}]})

    code: Code


class InstrumentUpdate(Body):
    """A tool or instrument with its Packages and tags."""

    model_config = ConfigDict(json_schema_extra={"examples": [_INSTRUMENT]})

    title: Line
    packages: list[Code] = Field(default_factory=list, max_length=20)
    uses_it: Flag = False
    data_analysis: Flag = False
    compendium: Flag = False


class InstrumentCreate(InstrumentUpdate):
    """A new tool or instrument."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"code": "RISK-PROFILES", **_INSTRUMENT}]}
    )

    code: Code


class _EntryRead(Read):
    code: str
    revision: int

    @classmethod
    def fields_of(cls, entry: Entry) -> dict[str, object]:
        return {**entry.content, "code": entry.code, "revision": entry.revision}


class UnitRead(_EntryRead):
    title: SaidBody
    parent: str | None = None
    language: str = "en"
    mailbox: str | None = None

    @classmethod
    def of(cls, entry: Entry) -> "UnitRead":
        return cls.model_validate(cls.fields_of(entry))


class MemberRead(_EntryRead):
    title: str
    region: str
    iso_code: str | None = None
    accession: Day | None = None
    fictional: bool = False

    @classmethod
    def of(cls, entry: Entry) -> "MemberRead":
        return cls.model_validate(cls.fields_of(entry))


class InstrumentRead(_EntryRead):
    title: str
    packages: list[str] = Field(default_factory=list)
    uses_it: bool = False
    data_analysis: bool = False
    compendium: bool = False

    @classmethod
    def of(cls, entry: Entry) -> "InstrumentRead":
        return cls.model_validate(cls.fields_of(entry))
