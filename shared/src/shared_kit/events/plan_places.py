"""Where something is wrong in a plan file, and what."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong. `pointer` is a JSON pointer into the file."""

    pointer: str
    code: str
    en: str
    fr: str


@dataclass(frozen=True, slots=True)
class Place:
    """A JSON pointer that grows: `Place("/cycle") / "end"`."""

    pointer: str

    def __truediv__(self, part: str | int) -> "Place":
        return Place(f"{self.pointer}/{str(part).replace('~', '~0').replace('/', '~1')}")

    def __str__(self) -> str:
        return self.pointer

    def finding(self, code: str, en: str, fr: str) -> Finding:
        """Say what is wrong here."""
        return Finding(pointer=self.pointer, code=code, en=en, fr=fr)
