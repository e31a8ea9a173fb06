"""Whether a declared path of a plan file can be judged by: what it lacks, and what contradicts."""

from collections.abc import Iterator

from shared_kit.events.definitions import DeclaredPath, Indicator, PlanSnapshot
from shared_kit.events.plan_places import Finding, Place

_LEVELS = ("observed", "stated")


def path_findings(indicator: Indicator, *, plan: PlanSnapshot, place: Place) -> Iterator[Finding]:
    """Say what keeps a path or a unit from making sense."""
    if indicator.kind not in _LEVELS:
        for name, value in (("path", indicator.path), ("unit", indicator.unit)):
            if value is not None:
                yield (place / name).finding(
                    "wrong-kind",
                    "only an observed or stated indicator has it",
                    "seul un indicateur observé ou déclaré en a",
                )
        return
    if indicator.path is None:
        return
    place = place / "path"
    if indicator.path.margin == 0:
        yield (place / "margin").finding(
            "range-order", "more than 0 is expected", "plus que 0 est attendu"
        )
    if indicator.path.direction == "keep":
        yield from _kept(indicator.path, place)
    else:
        yield from _unused(indicator.path, place, "low", "high")
        yield from _days(indicator.path, plan, place)
        yield from _values(indicator.path, place)


def _kept(path: DeclaredPath, place: Place) -> Iterator[Finding]:
    yield from _unused(path, place, "baseline", "points")
    if path.low is None and path.high is None:
        yield place.finding(
            "empty", "`low`, `high` or both are expected", "`low`, `high` ou les deux sont attendus"
        )
    if path.low is not None and path.high is not None and path.high < path.low:
        yield (place / "high").finding(
            "range-order",
            f"at least `low`, {path.low}, is expected",
            f"au moins `low`, {path.low}, est attendu",
        )
    if any(one is not None and one <= 0 for one in (path.low, path.high)):
        yield from _margin(path, place)


def _unused(path: DeclaredPath, place: Place, *names: str) -> Iterator[Finding]:
    for name in names:
        if getattr(path, name):
            yield (place / name).finding(
                "not-used",
                f"a path to {path.direction} does not use it",
                f"une trajectoire `{path.direction}` ne l’utilise pas",
            )


def _days(path: DeclaredPath, plan: PlanSnapshot, place: Place) -> Iterator[Finding]:
    before = None if path.baseline is None else path.baseline.on
    if before is not None and before > plan.cycle.end:
        yield (place / "baseline" / "on").finding(
            "period-order",
            "a day up to the end of the cycle is expected",
            "un jour jusqu’à la fin du cycle est attendu",
        )
    for number, point in enumerate(path.points):
        here = place / "points" / number / "on"
        if not plan.cycle.start <= point.on <= plan.cycle.end:
            yield here.finding(
                "period-order", "a day of the cycle is expected", "un jour du cycle est attendu"
            )
        if before is not None and point.on <= before:
            yield here.finding(
                "period-order",
                f"a day after {before} is expected",
                f"un jour après le {before} est attendu",
            )
        before = point.on


def _values(path: DeclaredPath, place: Place) -> Iterator[Finding]:
    start = None if path.baseline is None else path.baseline.value
    if start is None:
        if any(point.value <= 0 for point in path.points):
            yield from _margin(path, place)
        return
    for number, point in enumerate(path.points):
        here = place / "points" / number / "value"
        backwards = point.value < start if path.direction == "increase" else point.value > start
        if backwards:
            word_en = "least" if path.direction == "increase" else "most"
            word_fr = "moins" if path.direction == "increase" else "plus"
            yield here.finding(
                "wrong-direction",
                f"a path to {path.direction} is at {word_en} its baseline, {start}",
                f"une trajectoire `{path.direction}` vaut au {word_fr} sa valeur de référence,"
                f" {start}",
            )
        elif number == len(path.points) - 1 and point.value == start:
            yield here.finding(
                "no-way",
                "the path ends where it began; to keep a level, use the direction `keep`",
                "la trajectoire finit où elle a commencé ; pour tenir un niveau, utilisez `keep`",
            )


def _margin(path: DeclaredPath, place: Place) -> Iterator[Finding]:
    if path.margin is None:
        yield (place / "margin").finding(
            "no-margin",
            "levels of 0 and below need a `margin`: so far off, nothing is attained",
            "des niveaux nuls ou négatifs exigent `margin` : l’écart auquel rien n’est atteint",
        )
