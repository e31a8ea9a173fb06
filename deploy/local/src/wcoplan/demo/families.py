"""The synthetic Deliverables: when each is due, and when it is released.

Most are released about when they are due. The story is in the others: see `released_on`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from wcoplan.demo import words

YEAR_BEGINS = date(2019, 7, 1)
YEAR_ENDS = date(2020, 6, 30)
PLAN = "wco-2019-2022"

Tags = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """An Action and what its Deliverables have in common."""

    number: int
    title: str
    title_fr: str
    lead: str
    objectives: Sequence[str]
    priorities: Sequence[tuple[int, str]]
    kind: str
    items: Sequence[words.Pair]
    tags: Tags = field(default_factory=dict)
    begins: date = date(2019, 8, 20)
    ends: date = date(2020, 6, 12)
    serves: Sequence[Sequence[str]] = ()
    weights: Sequence[str] = ()

    def action(self) -> dict[str, object]:
        return {
            "key": f"{PLAN}:A-{self.number}",
            "plan": PLAN,
            "title": f"{self.title} (synthetic)",
            "title_fr": f"{self.title_fr} (synthétique)",
            "period": "FY2019",
            "lead": self.lead,
            "contributors": [],
            "objectives": [f"{PLAN}:{code}" for code in self.objectives],
            "priorities": [
                {"priority": f"{PLAN}:PRI-{number}", "share": share}
                for number, share in self.priorities
            ],
            "date_certainty": "synthetic",
            "synthetic": True,
        }


def _tool(*packages: str, it: bool = False, data: bool = False, compendium: bool = False) -> Tags:
    return {
        "packages": list(packages),
        "uses_it": it,
        "data_analysis": data,
        "compendium": compendium,
    }


FAMILIES: Sequence[Family] = (
    Family(
        number=101,
        title="Trade made easier",
        title_fr="Faciliter le commerce",
        lead="CF",
        objectives=("SO1", "SP1"),
        priorities=((1, "0.5"), (3, "0.5")),
        kind="instrument",
        items=words.ECONOMY,
        tags=_tool("ECP"),
    ),
    Family(
        number=102,
        title="Revenue guidance",
        title_fr="Orientations sur les recettes",
        lead="TTA",
        objectives=("SO2", "SP2"),
        priorities=((5, "1"),),
        kind="instrument",
        items=words.REVENUE,
        tags=_tool("RP"),
    ),
    Family(
        number=103,
        title="Advices on revenue",
        title_fr="Avis sur les recettes",
        lead="TTA",
        objectives=("SO2", "SP2"),
        priorities=((5, "1"),),
        kind="advice-or-decision",
        items=words.ADVICE,
        tags={"revenue_advice": True},
        begins=date(2019, 10, 1),
        ends=date(2020, 5, 20),
    ),
    Family(
        number=104,
        title="Compliance tools",
        title_fr="Outils de contrôle",
        lead="CF",
        objectives=("SO3", "SP3"),
        priorities=((4, "1"),),
        kind="instrument",
        items=words.ENFORCEMENT,
        tags=_tool("CEP"),
        begins=date(2019, 9, 2),
    ),
    Family(
        number=105,
        title="Tools for organizations",
        title_fr="Outils pour les organisations",
        lead="CB",
        objectives=("SP4",),
        priorities=((6, "0.5"), (8, "0.5")),
        kind="instrument",
        items=words.ORGANIZATION,
        tags=_tool("ODP"),
    ),
    Family(
        number=106,
        title="Sharing knowledge",
        title_fr="Partager les connaissances",
        lead="CB",
        objectives=("SP6",),
        priorities=((6, "1"),),
        kind="workshop",
        items=words.KNOWLEDGE,
        tags={"purpose": "knowledge"},
        begins=date(2019, 8, 28),
        ends=date(2020, 6, 5),
        serves=(("SO1", "SP6"), ("SO1", "SP6"), ("SO3", "SP6")),
    ),
    Family(
        number=107,
        title="Kyoto guidance",
        title_fr="Orientations sur Kyoto",
        lead="CF",
        objectives=("SO1", "SP1"),
        priorities=((2, "1"),),
        kind="instrument",
        items=words.KYOTO,
        tags=_tool("ECP"),
        begins=date(2019, 10, 7),
    ),
    Family(
        number=108,
        title="Measuring performance",
        title_fr="Mesurer la performance",
        lead="CB",
        objectives=("SP4",),
        priorities=((7, "1"),),
        kind="instrument",
        items=words.MEASURING,
        tags=_tool("ODP", data=True),
        begins=date(2019, 9, 16),
    ),
    Family(
        number=109,
        title="Working with data",
        title_fr="Travailler avec les données",
        lead="CF",
        objectives=("SO1", "LD2"),
        priorities=((9, "1"),),
        kind="instrument",
        items=words.DIGITAL,
        tags=_tool("ECP", it=True, data=True),
        begins=date(2019, 9, 9),
    ),
    Family(
        number=110,
        title="Compendiums",
        title_fr="Recueils",
        lead="CF",
        objectives=("SP6",),
        priorities=((8, "0.5"), (1, "0.5")),
        kind="compendium",
        items=words.COMPENDIUMS,
        tags=_tool(compendium=True),
        begins=date(2019, 10, 14),
    ),
    Family(
        number=111,
        title="Research papers",
        title_fr="Documents de recherche",
        lead="RCU",
        objectives=("LD1",),
        priorities=((9, "1"),),
        kind="research",
        items=words.RESEARCH,
        begins=date(2019, 9, 30),
        ends=date(2020, 5, 29),
    ),
    Family(
        number=112,
        title="Joint operations",
        title_fr="Opérations conjointes",
        lead="CF",
        objectives=("SO3", "SP5"),
        priorities=((4, "1"),),
        kind="joint-operation",
        items=words.OPERATIONS,
        begins=date(2019, 9, 20),
        ends=date(2020, 5, 15),
    ),
    Family(
        number=113,
        title="Communication Strategy",
        title_fr="Stratégie de communication",
        lead="RCU",
        objectives=("LD3",),
        priorities=(),
        kind="milestone",
        items=words.STRATEGY,
        begins=date(2019, 11, 29),
        ends=date(2020, 6, 30),
        weights=("0.4", "0.3", "0.3"),
    ),
    Family(
        number=114,
        title="Audit Plan",
        title_fr="Plan d’audit",
        lead="SGO",
        objectives=("ORG2",),
        priorities=(),
        kind="milestone",
        items=words.AUDIT,
        begins=date(2019, 9, 30),
        ends=date(2020, 6, 30),
        weights=("0.2", "0.2", "0.3", "0.3"),
    ),
    Family(
        number=115,
        title="Work allocation inside the Secretariat",
        title_fr="Répartition des travaux au sein du Secrétariat",
        lead="SGO",
        objectives=("ORG1",),
        priorities=(),
        kind="other",
        items=words.OFFICE,
        begins=date(2019, 12, 11),
        ends=date(2020, 4, 22),
    ),
)


def working_day(day: date) -> date:
    """The day itself, or the Friday before a weekend."""
    return day - timedelta(days=max(0, day.weekday() - 4))


def dates_of(family: Family, random: Random) -> Iterator[date]:
    """Due dates spread over the family's part of the year, none exactly at its place."""
    count = len(family.items)
    span = (family.ends - family.begins).days
    for place in range(count):
        exact = family.begins + timedelta(days=span * place // max(1, count - 1))
        inside = 0 < place < count - 1
        yield working_day(exact + timedelta(days=int(random.random() * 9) - 4 if inside else 0))


# The indicator that falls behind in December and recovers: these wait for the catch-up of January.
_WAIT = {3: 9, 4: 13, 5: 15, 6: 20, 7: 22}
# The indicator that drifts: each of these takes longer than the one before.
_DRIFT = (0, 12, 34, 60, 80, 95, 110, 105, 90, 70, 45, 18)
_SPECIAL: dict[tuple[int, int], date] = {
    (101, 2): date(2019, 9, 18),
    (111, 2): date(2019, 12, 20),
    (114, 2): date(2019, 12, 17),
}


def released_on(family: Family, place: int, due: date, random: Random) -> date | None:
    """When an item is released; None: not in this year. `place` counts from 1."""
    usual = due + timedelta(days=int(random.random() * 12) - 8)
    if family.number == 101 and place == 1:
        return date(2020, 3, 12)
    if family.number == 111 and place == 3:
        return None  # carried over into the next year
    if family.number == 106 and place in _WAIT:
        return date(2020, 1, _WAIT[place])
    if family.number == 104:
        usual = due + timedelta(days=_DRIFT[place - 1])
    usual = _SPECIAL.get((family.number, place), usual)
    return min(working_day(max(usual, YEAR_BEGINS)), YEAR_ENDS)


def fixed_due(family: Family, place: int, due: date) -> date:
    """A date that the documentation speaks of stays where it is."""
    if family.number == 101 and place == 1:
        return date(2019, 11, 30)
    if family.number == 111 and place == 3:
        return date(2019, 11, 29)
    return due
