"""A plan file that somebody sent from a page, and what is wrong with one."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """That it was sent, without its content."""

    id: UUID
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong, and where: a JSON pointer into the file, "" for the whole."""

    pointer: str
    en: str
    fr: str
