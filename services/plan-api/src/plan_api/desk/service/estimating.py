"""The pages on which an estimate is stated and a target set, and what their forms do."""

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Final, Literal

from plan_api.core.errors import ChangedMeanwhileError, InvalidFieldError, below
from plan_api.desk.model import Done
from plan_api.desk.pages.forms import VERSION, Answers, Form
from plan_api.desk.pages.planning_forms import PlanningForms, takes_range
from plan_api.desk.service.deliverables import Doing
from plan_api.desk.service.room import Open, Room
from plan_api.plans import service as plans
from plan_api.plans.model import Estimate, Target
from plan_api.plans.repository import Figures, Revised
from plan_api.plans.schemas.figures import EstimateCreate, TargetCreate
from plan_api.report.service import PageNotFoundError
from shared_kit.events.definitions import Indicator, PlanSnapshot
from shared_kit.identity import DECIDE

What = Literal["estimate", "target"]
_POINT: Final = re.compile(r"(\d{4}-\d{2}-\d{2})\s*[:;=,\s]\s*(.+)")


async def figure_page(room: Room, key: str, *, what: What, period: str | None) -> str:
    """Write the page on which an estimate is stated or a target is set.

    Raises:
        PageNotFoundError: there is no such indicator or period, or it takes no such figure.
    """
    opened, indicator, form = await figure_form(room, key, what=what, period=period)
    chosen = room.period(opened.plan, _named(form))
    return room.write(
        "figure.html",
        opened,
        what=what,
        key=key,
        indicator=indicator,
        period=chosen,
        stated=await room.shelf.revisions(key, chosen.code, what=what),
        percent=indicator.kind == "observed",
        may=_may(room, indicator, what),
        form=room.forms(form)[0],
    )


async def figure_form(
    room: Room, key: str, *, what: What, period: str | None
) -> tuple[Open, Indicator, Form]:
    opened = await room.open(await room.report.plan_of(key))
    indicator = _indicator(opened.plan, key)
    if what != takes(indicator):
        raise PageNotFoundError(key)
    chosen = room.period(opened.plan, period)
    known = await room.shelf.revisions(key, chosen.code, what=what)
    forms = PlanningForms(words=opened.words)
    if what == "target":
        form = forms.target(key, indicator, year=chosen.code, version=len(known))
        return opened, indicator, form
    last = known[-1].figure if known else None
    value = str(last.value) if isinstance(last, Estimate) else ""
    form = forms.estimate(key, year=chosen.code, version=len(known), value=value)
    return opened, indicator, form


def takes(indicator: Indicator) -> What | None:
    """Which figure an indicator is held against: an estimate, a target, or neither."""
    if indicator.kind == "planned":
        return "estimate"
    return "target" if indicator.kind in ("observed", "stated") else None


async def state_estimate(doing: Doing, key: str, answers: Answers) -> Done:
    """State an estimate; the very same again makes no revision.

    Raises:
        InvalidFieldError, NotAllowedError, ChangedMeanwhileError
    """
    body = EstimateCreate.model_validate(
        {
            "period": answers.text("period"),
            "value": _whole(answers.number("value") or "", field="value"),
            "points": _points(answers.lines_of("points")) or None,
            "reason": answers.text("reason"),
        }
    )
    estimate = body.estimate(indicator=key)
    known = await Figures(doing.tx.session).estimates(key, body.period)
    _check_seen(key, answers, known, same=bool(known) and known[-1].figure == estimate)
    await plans.state_estimate(doing.tx, caller=doing.caller, now=doing.now, estimate=estimate)
    return Done()


async def set_target(doing: Doing, key: str, answers: Answers, *, indicator: Indicator) -> Done:
    """Set a target; the very same again makes no revision.

    Raises:
        InvalidFieldError, NotAllowedError, ChangedMeanwhileError
    """
    high = answers.number("high") if takes_range(indicator) else None
    percent = indicator.kind == "observed"
    # A declared path may lie below zero, and a share on it above one.
    free = indicator.path is not None
    body = TargetCreate.model_validate(
        {
            "period": answers.text("period"),
            "low": _level(answers.number("low") or "", field="low", percent=percent, free=free),
            "high": None
            if high is None
            else _level(high, field="high", percent=percent, free=free),
            "reason": answers.text("reason"),
        }
    )
    if body.high is not None and body.high < body.low:
        raise InvalidFieldError(
            "high",
            "Enter at least the lower figure, or leave it empty.",
            "Indiquez au moins le chiffre inférieur, ou laissez vide.",
        )
    target = body.target(indicator=key)
    known = await Figures(doing.tx.session).targets(key, body.period)
    _check_seen(key, answers, known, same=bool(known) and known[-1].figure == target)
    await plans.set_target(doing.tx, caller=doing.caller, now=doing.now, target=target)
    return Done()


def _check_seen(
    key: str,
    answers: Answers,
    known: Sequence[Revised[Estimate]] | Sequence[Revised[Target]],
    *,
    same: bool,
) -> None:
    if not same and answers.text(VERSION) != str(len(known)):
        raise ChangedMeanwhileError(key)


def _may(room: Room, indicator: Indicator, what: What) -> bool:
    if what == "target":
        return room.is_office
    return room.caller.role in DECIDE and room.writes_for(indicator.owner)


def _named(form: Form) -> str:
    return next(one.value for one in form.fields if one.name == "period")


def _indicator(plan: PlanSnapshot, key: str) -> Indicator:
    found = next((one for one in plan.indicators if f"{plan.plan}:{one.code}" == key), None)
    if found is None:
        raise PageNotFoundError(key)
    return found


def _whole(text: str, *, field: str) -> int:
    if not re.fullmatch(r"\d{1,9}", text):
        raise InvalidFieldError(
            field,
            "Enter a whole number in digits, for example 61.",
            "Indiquez un nombre entier en chiffres, par exemple 61.",
        )
    return int(text)


def _level(text: str, *, field: str, percent: bool, free: bool) -> str:
    try:
        level = Decimal(text) / 100 if percent else Decimal(text)
    except InvalidOperation:
        level = Decimal("NaN")
    if not level.is_finite() or (not free and (level < 0 or (percent and level > 1))):
        raise InvalidFieldError(
            field,
            "Enter a number between 0 and 100." if percent else "Enter a number, in digits.",
            "Indiquez un nombre entre 0 et 100." if percent else "Indiquez un nombre, en chiffres.",
        )
    return format(level, "f")


def _points(lines: Sequence[str]) -> list[dict[str, object]]:
    points: list[dict[str, object]] = []
    for place, line in enumerate(lines):
        found = _POINT.fullmatch(line)
        if found is None:
            raise InvalidFieldError(
                "points",
                f"Write line {place + 1} as a date and a number, for example 2019-12-31: 30.",
                f"Écrivez la ligne {place + 1} comme une date et un nombre, par exemple "
                "2019-12-31: 30.",
            )
        with below("points"):
            points.append({"on": found[1], "value": _whole(found[2].strip(), field=str(place))})
    return points
