"""The 29 indicators of the Plan, by the second calculation."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from shared_kit.events.envelope import CloudEvent
from tests.support.engine_oracle import Oracle
from tests.support.oracle_facts import BOUNDS, PLAN, Said

Item = dict[str, Any]
TOOLS = ("instrument", "compendium")
PACKAGES = ("ECP", "RP", "CEP", "ODP")
GATHERINGS = ("mission", "meeting", "event", "workshop")


def _tool(item: Item, *packages: str) -> bool:
    return item["kind"] in TOOLS and not set(packages).isdisjoint(item["packages"])


def _serving(code: str, *, milestones: bool) -> Callable[[Item], bool]:
    return lambda item: (
        f"{PLAN}:{code}" in item["objectives"] and (item["kind"] == "milestone") is milestones
    )


def _only_ours(item: Item) -> bool:
    """Serves the organization's own capacity and nothing else."""
    served = set(item["objectives"])
    return bool(served) and served <= {f"{PLAN}:ORG1", f"{PLAN}:ORG2"}


COUNTS: dict[str, Callable[[Item], bool]] = {
    "SG": lambda i: i["kind"] != "milestone" and not _only_ours(i),
    "SP1.1": lambda i: _tool(i, "ECP"),
    "SP2.1": lambda i: (
        _tool(i, "RP") or (i["kind"] == "advice-or-decision" and i["revenue_advice"])
    ),
    "SP3.1": lambda i: _tool(i, "CEP"),
    "SP4.1": lambda i: _tool(i, "ODP"),
    "SP5": lambda i: i["kind"] == "joint-operation",
    "SP6.1": lambda i: i["kind"] == "compendium" or (i["compendium"] and i["kind"] != "milestone"),
    "SP6.2": lambda i: i["kind"] in GATHERINGS and i["purpose"] == "knowledge",
    "LD1": lambda i: i["kind"] == "research",
    "LD2.1": lambda i: _tool(i, *PACKAGES) and i["uses_it"],
    "LD2.2": lambda i: i["kind"] in TOOLS and i["data_analysis"],
}
INITIALLY = ("SO1", "SO2", "SO3")
IMPLEMENTED = {"SP1.2": "ECP", "SP2.2": "RP", "SP3.2": "CEP", "SP4.2": "ODP"}
SUPPORTED = {
    "SP7.1": {"ECP"},
    "SP7.2": {"RP"},
    "SP7.3": {"CEP"},
    "SP7.4": {"ODP"},
    "SP7.5": {*PACKAGES, "standards"},
    "SP8": {"people"},
}
MILESTONES = {"LD3.1": "LD3", "ORG2.2": "ORG2"}


def figures(events: Iterable[CloudEvent], *, today: date) -> dict[tuple[str, str], Said]:
    """What the oracle says of all 29, by code and begun period."""
    oracle = Oracle(events, today=today)
    found: dict[tuple[str, str], Said] = {}
    for period, (start, _) in BOUNDS.items():
        if start <= today:
            found |= {(code, period): one for code, one in _of_period(oracle, period).items()}
    return found


def _of_period(oracle: Oracle, period: str) -> dict[str, Said]:
    found = {code: oracle.count(code, period, passes) for code, passes in COUNTS.items()}
    for code in INITIALLY:
        found[code] = oracle.count(
            code,
            period,
            _serving(code, milestones=False),
            initially=True,
        )
    for code, package in IMPLEMENTED.items():
        found[code] = oracle.implemented(code, period, package)
    for code, topics in SUPPORTED.items():
        found[code] = oracle.requests(code, period, topics)
    for code, objective in MILESTONES.items():
        found[code] = oracle.milestones(
            code,
            period,
            _serving(objective, milestones=True),
        )
    found["LD3.2"] = oracle.invitations("LD3.2", period)
    found["ORG1"] = oracle.effort("ORG1", period)
    found["ORG2.1"] = oracle.budget("ORG2.1", period)
    return found
