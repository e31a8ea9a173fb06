"""How every service shows a record of the log that it could not use."""

import base64
from datetime import datetime

from pydantic import BaseModel

from shared_kit.messaging.headers import unpack


class ParkedHeader(BaseModel):
    """A header of the record; its value is base64."""

    name: str
    value: str


class ParkedRead(BaseModel):
    """A record that could not be used, whole. Bytes are base64."""

    id: int
    topic: str
    partition: int
    offset: int
    code: str
    reason: str
    key: str | None
    value: str | None
    headers: list[ParkedHeader]
    recorded_at: datetime
    parked_at: datetime
    attempts: int
    replayed_at: datetime | None


class ReplayRead(BaseModel):
    id: int
    replayed: bool


def base64_of(raw: bytes | None) -> str | None:
    return None if raw is None else base64.b64encode(raw).decode()


def headers_of(packed: str) -> list[ParkedHeader]:
    return [ParkedHeader(name=name, value=base64_of(value) or "") for name, value in unpack(packed)]
