"""The list of Deliverables: what is late, what comes, whatever it is narrowed to."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from plan_api.desk.model import Narrowing, Standing
from plan_api.desk.pages.forms import Option, options
from plan_api.desk.repository import counts
from plan_api.desk.service.room import Open, Room
from plan_api.report.service import PageNotFoundError
from shared_kit.calendar import PeriodKind
from shared_kit.events.definitions import Count, Indicator, Milestones, PlanSnapshot

PAGE: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the address of the list asks for."""

    period: str | None = None
    standing: Standing | None = None
    unit: str | None = None
    priority: str | None = None
    indicator: str | None = None
    page: int = 1

    @property
    def query(self) -> dict[str, str]:
        """The filters as the address carries them."""
        named = {
            "period": self.period,
            "state": self.standing.value if self.standing else None,
            "unit": self.unit,
            "priority": self.priority,
            "indicator": self.indicator,
        }
        return {name: value for name, value in named.items() if value}


async def deliverables_page(room: Room, asked: Asked) -> str:
    """Write the list.

    Raises:
        PageNotFoundError: there is no such plan, period, unit, priority or indicator.
    """
    opened = await room.current()
    plan = opened.plan
    period = room.period(plan, asked.period)
    indicator = _indicator(plan, asked.indicator)
    if indicator is not None:
        asked = replace(asked, indicator=f"{plan.plan}:{indicator.code}")
    counted = None if indicator is None else counts(indicator, plan)
    narrowing = Narrowing(
        plan=plan.plan,
        years={one.code: one.end for one in plan.calendar().years},
        period=period.code if period.kind is PeriodKind.YEAR else None,
        standing=asked.standing,
        unit=_known(asked.unit, opened.units),
        priority=_priority(plan, asked.priority),
    )
    countable = indicator is None or counted is not None
    found = await room.shelf.deliverables(
        narrowing,
        today=opened.frame.format.today,
        counted=counted,
        limit=PAGE if countable else 0,
        skip=PAGE * (asked.page - 1),
    )
    return room.write(
        "deliverables.html",
        opened,
        asked=asked,
        period=period,
        indicator=indicator,
        countable=countable,
        found=found.items if countable else (),
        total=found.total if countable else 0,
        pages=max(1, -(-found.total // PAGE)),
        choices=_choices(opened),
    )


def _choices(opened: Open) -> Mapping[str, tuple[Option, ...]]:
    plan, said = opened.plan, opened.frame.words
    calendar = plan.calendar()
    return {
        "state": options((one.value, opened.words.standing(one)) for one in Standing),
        "period": options((one.code, said.period(calendar, one)) for one in calendar.periods()),
        "unit": options(sorted(opened.units.items(), key=lambda one: one[1])),
        "priority": options(
            (f"{plan.plan}:{one.code}", said.said(one.title)) for one in plan.priorities
        ),
        "indicator": options(
            (f"{plan.plan}:{one.code}", f"{one.code} {said.short(one)}")
            for one in plan.indicators
            if isinstance(one.measure, Count | Milestones)
        ),
    }


def _indicator(plan: PlanSnapshot, key: str | None) -> Indicator | None:
    if not key:
        return None
    code = key.removeprefix(f"{plan.plan}:")
    found = next((one for one in plan.indicators if one.code == code), None)
    if found is None:
        raise PageNotFoundError(key)
    return found


def _priority(plan: PlanSnapshot, key: str | None) -> str | None:
    if not key:
        return None
    full = f"{plan.plan}:{key.removeprefix(f'{plan.plan}:')}"
    return _known(full, {f"{plan.plan}:{one.code}": "" for one in plan.priorities})


def _known(code: str | None, among: Mapping[str, str]) -> str | None:
    if code and code not in among:
        raise PageNotFoundError(code)
    return code or None
