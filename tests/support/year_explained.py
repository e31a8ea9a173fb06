"""Holds what an explanation says of a figure against the figure: both sides, and the one line."""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

_QUOTIENT = re.compile(r"([\d.,\u202f]+) / ([\d.,\u202f]+)")
_NEVER_BELOW = {"en": "never below the whole", "fr": "jamais moins que l’ensemble"}
_EARLY = {"en": "nothing had to be done", "fr": "rien n’était dû"}
_WORDS = {
    "en": {"on-track": "on track", "at-risk": "at risk", "off-track": "off track"},
    "fr": {"on-track": "en bonne voie", "at-risk": "à risque", "off-track": "hors trajectoire"},
}


def number(said: str, language: str) -> Fraction:
    """A number as the language writes it."""
    if language == "fr":
        return Fraction(said.replace("\u202f", "").replace(",", "."))
    return Fraction(said.replace(",", ""))


def faults(told: Mapping[str, Any], language: str) -> list[str]:
    """What does not follow; nothing where the explanation is the figure's."""
    return [
        *([] if told["reproduced"] else ["it is not reproduced"]),
        *_of_sides(told),
        *_of_plan(told),
        *_of_line(told, language),
    ]


def _of_sides(told: Mapping[str, Any]) -> list[str]:
    measure = told["definition"]["measure"]["aggregate"]
    found = []
    for name in ("numerator", "denominator"):
        side, figure = told[name], told["result"][name]
        lines = side["items"]
        if side["total"] != len(lines):
            found.append(f"{name}: {len(lines)} of {side['total']} lines are shown")
        if not lines and (name == "denominator" or figure in (None, "0")):
            continue
        match measure:
            case "distinct":
                counted = Fraction(len({one["item"] for one in lines}))
            case "distinct-over-interval":
                counted = Fraction(len({one["member"] for one in lines}))
            case "latest-sum" | "milestones":
                counted = sum((Fraction(one["amount"]) for one in lines), Fraction(0))
            case _:
                counted = Fraction(len(lines))
        if figure is None or counted != Fraction(figure) or side["counted"] != figure:
            found.append(f"{name}: the lines come to {counted}, the figure is {figure}")
    return found


def _of_plan(told: Mapping[str, Any]) -> list[str]:
    """What is due and done, item by item; whence the estimate comes, with a fact each."""
    result, items = told["result"], told["planned"]["items"]
    found = []
    if result["due"] is not None:
        due = [one for one in items if one["due"] and one["due"] <= result["due_by"]]
        weight = sum((Fraction(one["amount"] or 1) for one in due), Fraction(0))
        if weight != Fraction(result["due"]):
            found.append(f"{weight} are listed as due, {result['due']} are told")
        late = {
            one["item"]
            for one in items
            if one["due"] and one["due"] < result["judged_on"] and one["done_on"] is None
        }
        if late != {one["key"] for one in result["overdue"]}:
            found.append("the items listed as late are not those told as overdue")
    for name in ("estimate", "target"):
        said = told[name]
        if said is None:
            continue
        used = [one for one in said["versions"] if one["in_force"]]
        if not used or not all(one["fact"]["id"] for one in used):
            found.append(f"the {name} names no version and no fact")
        elif name == "estimate" and sum(Fraction(one["value"]) for one in used) != Fraction(
            said["value"]
        ):
            found.append("the versions of the estimate do not come to it")
    if sum(one["in_force"] for one in told["definition"]["versions"]) != 1:
        found.append("not one version of the definition is in force")
    return found


def _of_line(told: Mapping[str, Any], language: str) -> list[str]:
    """The first quotient is the figure, the last the attainment that the status follows from."""
    result, line = told["result"], told["arithmetic"]
    pairs = [
        (number(part, language), number(whole, language)) for part, whole in _QUOTIENT.findall(line)
    ]
    found = []
    if result["numerator"] is not None:
        figure = (Fraction(result["numerator"]), Fraction(result["denominator"]))
        if not pairs or pairs[0] != figure:
            found.append(f"the line does not begin with the figure: {line}")
    if result["attainment"] is None:
        return found
    if _WORDS[language][result["status"]] not in line.rpartition(":")[2]:
        found.append(f"the line does not end with the status: {line}")
    attained = _attained(result, pairs, line, language)
    if round(attained * 10**6) != Fraction(result["attainment"]) * 10**6:
        found.append(f"the line comes to {attained}, not to {result['attainment']}: {line}")
    return found


def _attained(
    result: Mapping[str, Any], pairs: list[tuple[Fraction, Fraction]], line: str, language: str
) -> Fraction:
    whole = pairs[0][0] / pairs[0][1]
    last = pairs[-1][0] / pairs[-1][1]
    target = result["target"]
    if target is not None:
        low, high = Fraction(target["low"]), target["high"]
        if last < low:
            return last / low
        return Fraction(high) / last if high is not None and last > Fraction(high) else Fraction(1)
    if _EARLY[language] in line:
        return max(Fraction(1), whole)
    return whole if _NEVER_BELOW[language] in line else last
