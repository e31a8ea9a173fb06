"""The CloudEvents 1.0 envelope as a value, with the rules of the specification checked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from types import MappingProxyType
from typing import Any

SPECVERSION = "1.0"

# RFC 3986 characters; brackets only around an IP literal, percent only before two hex digits.
_URI_REFERENCE = re.compile(
    r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?(?://(?:[^\s/?#\[\]@]*@)?(?:\[[0-9A-Fa-f:.]+\]|[^\s/?#\[\]@]*))?"
    r"[A-Za-z0-9._~!$&'()*+,;=:@/%-]*(?:\?[A-Za-z0-9._~!$&'()*+,;=:@/?%-]*)?"
    r"(?:#[A-Za-z0-9._~!$&'()*+,;=:@/?%-]*)?"
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_NAME = re.compile(r"[a-z0-9]{1,20}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_TIME = re.compile(r"(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)")
_LONGEST = 1000


class InvalidEventError(ValueError):
    """What came is not an event that we can use; `code` is one of a registered list.

    `errors` holds (JSON pointer, message) pairs where a field can be named.
    """

    def __init__(
        self, code: str, message: str, *, errors: tuple[tuple[str, str], ...] = ()
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.errors = errors


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudEvent:
    """One event. (source, id) is the dedupe key; extensions are kept in their string form.

    Raises:
        InvalidEventError: an attribute breaks a rule of the specification.
    """

    id: str
    source: str
    type: str
    data: bytes | None
    subject: str | None = None
    time: datetime | None = None
    datacontenttype: str | None = "application/json"
    dataschema: str | None = None
    extensions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        for name in ("id", "source", "type"):
            if not getattr(self, name):
                raise _invalid(name, "is required and not empty")
        for name in ("id", "source", "type", "subject", "datacontenttype", "dataschema"):
            check_text(name, getattr(self, name))
        if not is_uri_reference(self.source):
            raise _invalid("source", "is a URI-reference")
        if self.dataschema is not None and not (
            is_uri_reference(self.dataschema)
            and re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", self.dataschema)
        ):
            raise _invalid("dataschema", "is an absolute URI")
        if self.time is not None and self.time.tzinfo is None:
            raise _invalid("time", "has an offset")
        for name, value in self.extensions.items():
            if _NAME.fullmatch(name) is None or name == "data":
                raise _invalid(name[:20], "is no attribute name: a-z and 0-9, at most 20")
            check_text(name, value)

    @property
    def recordedtime(self) -> datetime | None:
        """When the first of our services accepted it (extension `recordedtime`)."""
        text = self.extensions.get("recordedtime")
        return None if text is None else parse_time("recordedtime", text)

    @property
    def authid(self) -> str | None:
        """Who caused it, as the service that accepted it knows them (extension `authid`)."""
        return self.extensions.get("authid")

    @property
    def digest(self) -> bytes:
        """16 bytes of (source, id): the unique key of the ledger."""
        return digest_of(self.source, self.id)

    @property
    def content_digest(self) -> bytes:
        """16 bytes of what it says: the same id with another one is a contradiction."""
        said = "\x00".join((self.type, self.subject or ""))
        return blake2b(said.encode() + b"\x00" + (self.data or b""), digest_size=16).digest()


def digest_of(source: str, event_id: str) -> bytes:
    """16 bytes of (source, id)."""
    return blake2b(f"{source}\x00{event_id}".encode(), digest_size=16).digest()


def is_uri_reference(text: str) -> bool:
    return _URI_REFERENCE.fullmatch(text) is not None and _BAD_PERCENT.search(text) is None


def check_text(name: str, value: str | None) -> None:
    """CloudEvents strings hold no control characters and no surrogates; ours are bounded."""
    if value is None:
        return
    if len(value) > _LONGEST:
        raise _invalid(name, f"is longer than {_LONGEST} characters")
    if _CONTROL.search(value):
        raise _invalid(name, "holds a control character or a surrogate")


def parse_time(name: str, text: str) -> datetime:
    """Read an RFC 3339 time; digits beyond microseconds are cut.

    Raises:
        InvalidEventError: it is none.
    """
    match = _TIME.fullmatch(text)
    if match is None:
        raise _invalid(name, "is an RFC 3339 time with an offset")
    moment, fraction, offset = match.groups()
    try:
        return datetime.fromisoformat(
            f"{moment.upper()}.{(fraction or '0')[:6]:0<6}{offset.upper()}"
        ).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _invalid(name, "is an RFC 3339 time with an offset") from error


def format_time(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def canonical(name: str, value: Any) -> str:
    """The string form of an attribute value that came as JSON (booleans in lower case)."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():  # as JSON Schema has it
        value = int(value)
    if isinstance(value, int):
        if not -(2**31) <= value < 2**31:
            raise _invalid(name, "is an integer of 32 bits")
        return str(value)
    if isinstance(value, str):
        return value
    raise _invalid(name, "is a string, a boolean or an integer")


def _invalid(name: str, rule: str) -> InvalidEventError:
    return InvalidEventError(
        "invalid-envelope", f"attribute {name} {rule}", errors=((f"/{name}", rule),)
    )
