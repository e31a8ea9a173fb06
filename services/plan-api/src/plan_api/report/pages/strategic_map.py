"""The Strategic Map's layout: bands of boxes of equal size, and the links between bands.

Columns are counted in halves, so that one or three boxes stand in the middle of four. Links are
drawn in the gaps between neighbouring bands only; so none can pass under a box. A link that skips
a band is not drawn; all of them stand in words beneath the map.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Final

from markupsafe import Markup

from shared_kit.events.definitions import Group, MapLink, Objective, Perspective, PlanSnapshot

HALVES: Final = 8
_GAP: Final = 56
_BUS: Final = 30
_HEAD: Final = 3
_NO_LINKS: Final = Markup("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Objectives side by side, in a frame when they are a group."""

    group: Group | None
    objectives: tuple[Objective, ...]
    at: int
    halves: int
    columns: int

    @property
    def middle(self) -> Fraction:
        """Where a link meets the block, as a share of the band's width."""
        return Fraction(2 * (self.at - 1) + self.halves, 2 * HALVES)

    @property
    def codes(self) -> frozenset[str]:
        own = {objective.code for objective in self.objectives}
        return frozenset(own | ({self.group.code} if self.group else set()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A perspective, with the picture of the links that leave it for the band above."""

    perspective: Perspective
    blocks: tuple[Block, ...]
    links: Markup = _NO_LINKS


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategicMap:
    bands: tuple[Band, ...]
    across: tuple[Band, ...]


def lay_out(plan: PlanSnapshot) -> StrategicMap:
    """Place every objective of a plan once."""
    groups = {group.code: group for group in plan.groups}
    ordered = sorted(plan.perspectives, key=lambda perspective: perspective.position)
    bands = [
        Band(perspective=perspective, blocks=_blocks(_of(plan, perspective), groups))
        for perspective in ordered
    ]
    down = [band for band in bands if not band.perspective.transversal]
    return StrategicMap(
        bands=tuple(
            Band(
                perspective=lower.perspective,
                blocks=lower.blocks,
                links=_links(plan.links, upper=upper, lower=lower) if upper else _NO_LINKS,
            )
            for upper, lower in zip([None, *down], down, strict=False)
        ),
        across=tuple(band for band in bands if band.perspective.transversal),
    )


def _of(plan: PlanSnapshot, perspective: Perspective) -> list[Objective]:
    return [one for one in plan.objectives if one.perspective == perspective.code]


def _blocks(objectives: Sequence[Objective], groups: Mapping[str, Group]) -> tuple[Block, ...]:
    """One row where four are enough; else two rows a group; else a row of its own for each."""
    sets = [
        (groups.get(code or ""), tuple(members))
        for code, members in groupby(objectives, key=lambda objective: objective.group)
    ]
    rows = 1 if len(objectives) * 2 <= HALVES else 2
    widths = [2 * -(-len(members) // rows) for _, members in sets]
    if sum(widths) > HALVES:
        widths = [HALVES] * len(sets)
        starts = [1] * len(sets)
    else:
        first = (HALVES - sum(widths)) // 2 + 1
        starts = [first + sum(widths[:place]) for place in range(len(widths))]
    return tuple(
        Block(group=group, objectives=members, at=start, halves=width, columns=width // 2)
        for (group, members), start, width in zip(sets, starts, widths, strict=True)
    )


def _links(links: Sequence[MapLink], *, upper: Band, lower: Band) -> Markup:
    drawn = []
    for link in links:
        causes = _ports(lower, link.causes, single=False)
        effects = _ports(upper, link.effects, single=True)
        if causes and effects:
            drawn.append(_drawn(causes, effects))
    if not drawn:
        return _NO_LINKS
    return Markup('<svg class="links" width="100%" height="{}" aria-hidden="true">{}</svg>').format(
        _GAP, Markup("").join(drawn)
    )


def _ports(band: Band, codes: Iterable[str], *, single: bool) -> list[Fraction]:
    """Where a link meets a band: a group at its middle, objectives of an open row each."""
    wanted = set(codes)
    whole = band.perspective.code in wanted
    found: list[Fraction] = []
    for block in band.blocks:
        if not whole and not wanted & block.codes:
            continue
        if block.group is not None or len(block.objectives) * 2 > block.halves or not single:
            found.append(block.middle)
            continue
        found.extend(
            Fraction(2 * (block.at - 1) + 4 * place + 2, 2 * HALVES)
            for place, objective in enumerate(block.objectives)
            if whole or objective.code in wanted
        )
    return found


def _drawn(causes: Sequence[Fraction], effects: Sequence[Fraction]) -> Markup:
    ends = [*causes, *effects]
    parts = [_line(cause, _GAP, cause, _BUS) for cause in causes]
    parts += [_line(effect, _BUS, effect, _HEAD) for effect in effects]
    if min(ends) != max(ends):
        parts.append(_line(min(ends), _BUS, max(ends), _BUS))
    # A nested picture keeps the arrow's head in shape whatever the width.
    parts += [
        f'<svg x="{_percent(effect)}" y="1" width="1" height="8" overflow="visible">'
        '<path d="M-4 6 0 0 4 6"/></svg>'
        for effect in effects
    ]
    return Markup("").join(Markup(part) for part in parts)  # noqa: S704 - numbers only


def _line(x1: Fraction, y1: int, x2: Fraction, y2: int) -> str:
    return f'<line x1="{_percent(x1)}" y1="{y1}" x2="{_percent(x2)}" y2="{y2}"/>'


def _percent(share: Fraction) -> str:
    return f"{float(share * 100):g}%"
