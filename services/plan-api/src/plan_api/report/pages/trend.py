"""How a figure moved within its period: actual as a line, expected as a thin step, the estimate.

Labels stand at the lines' ends; text keeps its size at every width because only the nested
picture is stretched.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from markupsafe import Markup

from plan_api.report.model import Result

_HEIGHT: Final = 220
_TOP: Final = 16
_FLOOR: Final = 190
_WIDTH: Final = 1000
_LEAST_GAP: Final = 17
_PLOT: Final = "73%"
_BESIDE: Final = "74.5%"


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    on: date
    actual: Decimal
    expected: Decimal | None
    whole: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """The words at the lines' ends, and the whole picture for those who listen."""

    actual: str
    expected: str
    whole: str
    first: str
    last: str
    picture: str


def points_of(results: Sequence[Result]) -> tuple[Point, ...]:
    """The last judgement of each day, in the order of days."""
    by_day = {
        result.judged_on: result
        for result in sorted(results, key=lambda result: result.revision)
        if result.judged_on is not None and result.numerator is not None
    }
    return tuple(
        Point(
            on=day,
            actual=result.numerator if result.numerator is not None else Decimal(0),
            expected=result.expected,
            whole=result.denominator,
        )
        for day, result in sorted(by_day.items())
    )


def trend(points: Sequence[Point], *, labels: Labels) -> Markup:
    """Draw at least two days; with fewer there is nothing to see."""
    if len(points) < 2 or points[0].on == points[-1].on:
        return Markup("")
    top = max(value for point in points for value in _values(point)) or Decimal(1)
    ends = _Ends(points[-1], top=top)
    parts = [
        f'<line class="t-floor" x1="0" y1="{_FLOOR}" x2="{_PLOT}" y2="{_FLOOR}"/>',
        f'<svg x="0" y="0" width="{_PLOT}" height="{_HEIGHT}" '
        f'viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        'preserveAspectRatio="none">'
        f"{_path('t-whole', points, [point.whole for point in points], top, steps=True)}"
        f"{_path('t-expected', points, [point.expected for point in points], top, steps=True)}"
        f"{_path('t-actual', points, [point.actual for point in points], top, steps=False)}"
        "</svg>",
    ]
    texts = [
        Markup('<text class="{}" x="{}" y="{}">{}</text>').format(
            f"{name}-label", _BESIDE, place, text
        )
        for name, place, text in ends.placed(labels)
    ]
    texts.append(Markup('<text x="0" y="{}">{}</text>').format(_FLOOR + 20, labels.first))
    texts.append(
        Markup('<text x="{}" y="{}" text-anchor="end">{}</text>').format(
            _PLOT, _FLOOR + 20, labels.last
        )
    )
    return Markup(
        '<svg class="trend" width="100%" height="{}" role="img" aria-label="{}">{}{}</svg>'
    ).format(
        _HEIGHT,
        labels.picture,
        Markup("").join(Markup(part) for part in parts),  # noqa: S704 - numbers only
        Markup("").join(texts),
    )


class _Ends:
    """Places the labels beside their lines' ends, apart from one another."""

    def __init__(self, last: Point, *, top: Decimal) -> None:
        self._last = last
        self._top = top

    def placed(self, labels: Labels) -> list[tuple[str, float, str]]:
        wanted = [("t-actual", self._last.actual, labels.actual)]
        if self._last.expected is not None:
            wanted.append(("t-expected", self._last.expected, labels.expected))
        if self._last.whole is not None:
            wanted.append(("t-whole", self._last.whole, labels.whole))
        found: list[tuple[str, float, str]] = []
        floor = float(_FLOOR)
        # From below upwards, each at its line or as far above the one below as text needs.
        for name, value, text in sorted(wanted, key=lambda one: one[1]):
            place = min(_y(value, self._top) + 4, floor)
            found.append((name, round(place, 1), text))
            floor = place - _LEAST_GAP
        return found


def _values(point: Point) -> list[Decimal]:
    return [value for value in (point.actual, point.expected, point.whole) if value is not None]


def _path(
    name: str,
    points: Sequence[Point],
    values: Sequence[Decimal | None],
    top: Decimal,
    *,
    steps: bool,
) -> str:
    first, last = points[0].on.toordinal(), points[-1].on.toordinal()
    drawn = ""
    for point, value in zip(points, values, strict=True):
        if value is None:
            continue
        x = round(_WIDTH * (point.on.toordinal() - first) / (last - first), 1)
        y = round(_y(value, top), 1)
        if not drawn:
            drawn = f"M{x:g} {y:g}"
        else:
            drawn += f"H{x:g}V{y:g}" if steps else f"L{x:g} {y:g}"
    return f'<path class="{name}" d="{drawn}"/>' if drawn else ""


def _y(value: Decimal, top: Decimal) -> float:
    return _FLOOR - (_FLOOR - _TOP) * float(value / top)
