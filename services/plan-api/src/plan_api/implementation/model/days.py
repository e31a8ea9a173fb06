"""Days on which something can have been done."""

from datetime import date
from typing import Final

from plan_api.implementation.model.errors import DateError

_MONTHS: Final = (
    ("January", "janvier"), ("February", "février"), ("March", "mars"), ("April", "avril"),
    ("May", "mai"), ("June", "juin"), ("July", "juillet"), ("August", "août"),
    ("September", "septembre"), ("October", "octobre"), ("November", "novembre"),
    ("December", "décembre"),
)  # fmt: skip


def check_done_on(on: date, *, today: date, field: str) -> None:
    """What is done lies not in the future.

    Raises:
        DateError
    """
    if on > today:
        month, mois = _MONTHS[today.month - 1]
        first = "1er" if today.day == 1 else str(today.day)
        raise DateError(
            field,
            f"the plan's today is {today.day} {month} {today.year}, and what is done cannot lie "
            "in the future: enter that day or an earlier one",
            f"pour le plan, nous sommes le {first} {mois} {today.year}, et ce qui est fait ne "
            "peut se situer dans le futur\u00a0: indiquez ce jour-là ou un jour antérieur",
        )
