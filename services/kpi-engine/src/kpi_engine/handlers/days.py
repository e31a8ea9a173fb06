"""A day in words, in English and French."""

from datetime import date

_MONTHS = (
    ("January", "janvier"),
    ("February", "février"),
    ("March", "mars"),
    ("April", "avril"),
    ("May", "mai"),
    ("June", "juin"),
    ("July", "juillet"),
    ("August", "août"),
    ("September", "septembre"),
    ("October", "octobre"),
    ("November", "novembre"),
    ("December", "décembre"),
)


def long_day(value: date, *, french: bool) -> str:
    """4 January 2020; 1er janvier 2020."""
    month = _MONTHS[value.month - 1][french]
    number = "1er" if french and value.day == 1 else str(value.day)
    return f"{number} {month} {value.year}"
