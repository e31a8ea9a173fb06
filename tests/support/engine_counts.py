"""What each of the planned counts takes, and near Deliverables that it leaves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shared_kit.events.work import Purpose

Fields = dict[str, Any]


@dataclass(frozen=True)
class Counts:
    """What an indicator counts: Deliverables that it takes, and near ones that it does not."""

    takes: Sequence[Fields]
    leaves: Sequence[Fields]
    initially: bool = False


def tools(package: str, other: str) -> Counts:
    return Counts(
        takes=[
            {"kind": "instrument", "packages": (package,)},
            {"kind": "compendium", "packages": (other, package)},
            {"kind": "instrument", "packages": (package,), "objectives": ("ORG1",)},
        ],
        leaves=[
            {"kind": "instrument", "packages": (other,)},
            {"kind": "instrument", "packages": ()},
            {"kind": "workshop", "packages": (package,)},
            {"kind": "advice-or-decision", "packages": (package,)},
        ],
    )


def serving(code: str, other: str) -> Counts:
    return Counts(
        initially=True,
        takes=[
            {"kind": "workshop", "objectives": (code,)},
            {"kind": "instrument", "objectives": (other, code)},
            {"kind": "other", "objectives": (code, "ORG1")},
        ],
        leaves=[
            {"kind": "workshop", "objectives": (other,)},
            {"kind": "workshop", "objectives": ()},
            {"kind": "milestone", "objectives": (code,)},
        ],
    )


COUNTS: dict[str, Counts] = {
    "SG": Counts(
        takes=[
            {"kind": "workshop", "objectives": ("SO1",)},
            {"kind": "other", "objectives": ()},
            {"kind": "meeting", "objectives": ("ORG1", "SP8")},
        ],
        leaves=[
            {"kind": "milestone", "objectives": ("LD3",)},
            {"kind": "meeting", "objectives": ("ORG1",)},
            {"kind": "meeting", "objectives": ("ORG1", "ORG2")},
        ],
    ),
    "SO1": serving("SO1", "SO2"),
    "SO2": serving("SO2", "SO3"),
    "SO3": serving("SO3", "SO1"),
    "SP1.1": tools("ECP", "RP"),
    "SP2.1": Counts(
        takes=[
            {"kind": "instrument", "packages": ("RP",)},
            {"kind": "compendium", "packages": ("RP", "ODP")},
            {"kind": "advice-or-decision", "revenue_advice": True},
        ],
        leaves=[
            {"kind": "advice-or-decision", "packages": ("RP",)},
            {"kind": "advice-or-decision", "packages": ("ECP",)},
            {"kind": "instrument", "packages": ("ECP",)},
            {"kind": "meeting", "packages": ("RP",), "revenue_advice": True},
        ],
    ),
    "SP3.1": tools("CEP", "ECP"),
    "SP4.1": tools("ODP", "CEP"),
    "SP5": Counts(
        takes=[{"kind": "joint-operation"}],
        leaves=[{"kind": "mission"}, {"kind": "event"}],
    ),
    "SP6.1": Counts(
        takes=[
            {"kind": "compendium"},
            {"kind": "compendium", "packages": ("CEP",)},
            {"kind": "instrument", "compendium": True},
        ],
        leaves=[{"kind": "instrument"}, {"kind": "milestone", "compendium": True}],
    ),
    "SP6.2": Counts(
        takes=[
            {"kind": kind, "purpose": Purpose.KNOWLEDGE}
            for kind in ("mission", "meeting", "event", "workshop")
        ],
        leaves=[
            {"kind": "mission", "purpose": Purpose.SUPPORT},
            {"kind": "meeting", "purpose": Purpose.GOVERNANCE},
            {"kind": "workshop"},
            {"kind": "research", "purpose": Purpose.KNOWLEDGE},
        ],
    ),
    "LD1": Counts(takes=[{"kind": "research"}], leaves=[{"kind": "instrument"}]),
    "LD2.1": Counts(
        takes=[
            {"kind": "instrument", "uses_it": True, "packages": ("ECP",)},
            {"kind": "compendium", "uses_it": True, "packages": ("ODP", "RP")},
        ],
        leaves=[
            {"kind": "instrument", "uses_it": True, "packages": ()},
            {"kind": "instrument", "uses_it": False, "packages": ("ECP",)},
            {"kind": "workshop", "uses_it": True, "packages": ("ECP",)},
        ],
    ),
    "LD2.2": Counts(
        takes=[
            {"kind": "instrument", "data_analysis": True},
            {"kind": "compendium", "data_analysis": True, "packages": ("CEP",)},
        ],
        leaves=[
            {"kind": "instrument", "uses_it": True, "packages": ("CEP",)},
            {"kind": "research", "data_analysis": True},
        ],
    ),
}
