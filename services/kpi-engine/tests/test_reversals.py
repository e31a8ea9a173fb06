"""A correction, then its reversal, then the reversal of that: each kind, each family of facts.

What is compared is all that is said: every result with its judgement inputs, explanations, parts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from kpi_engine.bootstrap import explainer_of
from kpi_engine.handlers.parts import LedgerDivider
from kpi_engine.ports import StoredJudgement
from kpi_engine.ports.parts import By
from shared_kit.events import activity, plans, work
from shared_kit.events.base import Event
from shared_kit.events.corrections import FactContested, FactReplaced, FactRetracted, FactValidated
from shared_kit.events.results import IndicatorJudged
from tests.support.engine_builders import PLAN, adopted, an_item, key, reached, released, the_plan
from tests.support.engine_lab import NOW, SOURCE, Lab, sent

D = date
ITEMS = [an_item(n, due=D(2019, 11, 30), packages=("ECP",)) for n in range(4)]
PAPER = an_item("P", due=D(2019, 10, 31), kind="research")
STEP = an_item("M", due=D(2019, 12, 1), kind="milestone", objectives=("LD3",), weight="0.5")
MORE = an_item("X", due=D(2019, 11, 1), objectives=("SO2",))
HALF = activity.SourceAmounts(priorities=Decimal(60), total=Decimal(100))
LESS = activity.SourceAmounts(priorities=Decimal(10), total=Decimal(100))


def _invited(event: str, on: date) -> Event:
    return activity.InvitationReceived(
        event=event,
        title="A forum",
        event_on=on,
        organizer_kind=activity.OrganizerKind.PRIVATE_SECTOR,
    )


def _asked(request: str, member: str, *topics: Any) -> Event:
    return activity.SupportRequested(
        request=request, member=member, topics=topics, received_on=D(2019, 8, 1)
    )


def _implemented(member: str) -> Event:
    return activity.InstrumentImplemented(
        instrument="TOOL-1", packages=("ECP",), member=member, implemented_on=D(2019, 9, 9)
    )


def _stated(numerator: int) -> Event:
    return activity.FigureStated(
        indicator=key("LD1"), period="FY2019", numerator=Decimal(numerator),
        denominator=Decimal(9), as_on=D(2020, 1, 31),
    )  # fmt: skip


def _estimate(value: int) -> Event:
    return plans.EstimateStated(
        indicator=key("SP1.2"), period="FY2019", value=value, revision=1, reason="as agreed"
    )


def _target(low: str) -> Event:
    return plans.TargetSet(indicator=key("SP7.1"), period="FY2019", low=Decimal(low), revision=1)


def _effort(part: int) -> Event:
    return activity.EffortRecorded(
        plan=PLAN, unit="CAP", quarter="FY2019-Q1", on_priorities=Decimal(part), total=Decimal(90)
    )


FAMILIES: Mapping[str, tuple[Event, Event, str]] = {
    "adopted": (adopted(*ITEMS, PAPER, STEP), adopted(*ITEMS[:2], MORE, STEP), "SG"),
    "released": (released(ITEMS[0], D(2019, 10, 3)), released(ITEMS[0], D(2020, 7, 2)), "SG"),
    "reached": (reached(STEP, "1", D(2019, 11, 5)), reached(STEP, "0.5", D(2019, 11, 5)), "LD3.1"),
    "rescheduled": (
        work.DeliverableRescheduled(
            deliverable=key("D-1"), period="FY2019", due=D(2020, 5, 5), approved_by="PO"
        ),
        work.DeliverableRescheduled(
            deliverable=key("D-2"), period="FY2019", due=D(2020, 5, 5), approved_by="PO"
        ),
        "SG",
    ),
    "estimate": (_estimate(4), _estimate(7), "SP1.2"),
    "target": (_target("0.5"), _target("0.9"), "SP7.1"),
    "implemented": (_implemented("M1"), _implemented("M2"), "SP1.2"),
    "asked": (_asked("R-1", "M1", "ECP", "people"), _asked("R-1", "M2", "RP"), "SP7.1"),
    "declined": (
        activity.SupportDeclined(request="R-2", on=D(2019, 9, 1)),
        activity.SupportDeclined(request="R-3", on=D(2019, 9, 1)),
        "SP7.1",
    ),
    "withdrawn": (
        activity.SupportWithdrawn(request="R-4", on=D(2019, 9, 1)),
        activity.SupportWithdrawn(request="R-5", on=D(2019, 9, 1)),
        "SP7.1",
    ),
    "provided": (
        activity.SupportProvided(
            deliverable=key("D-3"), member="M1", requests=("R-1",), topics=("ECP",),
            completed_on=D(2019, 12, 1),
        ),
        activity.SupportProvided(
            deliverable=key("D-3"), member="M3", requests=("R-3",), topics=("ECP",),
            completed_on=D(2019, 12, 1),
        ),
        "SP7.1",
    ),
    "invited": (_invited("E-1", D(2019, 10, 1)), _invited("E-1", D(2020, 10, 1)), "LD3.2"),
    "attended": (
        activity.InvitationAttended(event="E-2"),
        activity.InvitationAttended(event="E-3"),
        "LD3.2",
    ),
    "called-off": (
        activity.InvitationWithdrawn(event="E-4"),
        activity.InvitationWithdrawn(event="E-3"),
        "LD3.2",
    ),
    "effort": (_effort(60), _effort(20), "ORG1"),
    "resources": (
        activity.ResourcesAllocated(
            plan=PLAN, period="FY2019", revision=1, by_source={"wco-budget": HALF}
        ),
        activity.ResourcesAllocated(
            plan=PLAN, period="FY2019", revision=1, by_source={"wco-budget": LESS}
        ),
        "ORG2.1",
    ),
    "stated": (_stated(7), _stated(3), "LD1"),
    "confirmed": (
        activity.ReportingConfirmed(indicator=key("SP8"), period="FY2020", until=D(2020, 8, 1)),
        activity.ReportingConfirmed(indicator=key("SP7.4"), period="FY2020", until=D(2020, 8, 1)),
        "SP8",
    ),
}  # fmt: skip
AROUND: Sequence[Event] = (
    *(released(item, D(2019, 12, 20)) for item in ITEMS[1:3]),
    *(_asked(f"R-{n}", f"M{n}", "ECP") for n in range(2, 6)),
    *(_invited(f"E-{n}", D(2019, 10, 1 + n)) for n in range(2, 5)),
)
# What corrects a family's fact; a validation and a contest move no figure, but what is shown.
KINDS = ("retracted", "replaced", "validated", "contested")


def _correction(kind: str, family: str) -> Event:
    match kind:
        case "retracted":
            return FactRetracted(source=SOURCE, id=family)
        case "replaced":
            data = FAMILIES[family][1].model_dump(mode="json")
            return FactReplaced(source=SOURCE, id=family, data=data)
        case "validated":
            return FactValidated(source=SOURCE, id=family)
        case _:
            return FactContested(source=SOURCE, id=family)


async def _tell(lab: Lab, events: Mapping[str, Event]) -> None:
    """Corrections travel where the fact of their family lies; all are judged."""
    await lab.feed(
        *(
            sent(
                event,
                id=name,
                time=lab.clock.now(),
                topic=FAMILIES[name.partition("/")[0]][0].topic,
                subject=FAMILIES[name.partition("/")[0]][0].subject,
            )
            for name, event in events.items()
        )
    )
    await lab.judge()
    lab.clock.move_to(lab.clock.now() + timedelta(minutes=1))


_OCCASION = {"judged_on", "judged_at", "revision", "daily", "restated"}
_SHOWN = ("SG", "SP1.2", "SP7.1", "LD1", "LD3.1", "LD3.2", "ORG1", "ORG2.1")


async def _results(lab: Lab) -> dict[tuple[str, str], Any]:
    return {
        place: one.model_dump(mode="json", exclude=_OCCASION)
        for place, one in (await lab.figures()).items()
    }


def _without_history(told: Any) -> Any:
    """Without the corrections that a fact went through: these stay on record."""
    if isinstance(told, dict):
        return {k: _without_history(one) for k, one in told.items() if k != "corrections"}
    return [_without_history(one) for one in told] if isinstance(told, list | tuple) else told


async def _proofs(
    lab: Lab, *, parts: Sequence[By] = (By.MEMBER, By.PACKAGE)
) -> dict[tuple[str, str], Any]:
    """Explanations and parts of a year's results, log positions apart."""
    explainer = explainer_of(lab.engine)
    divider = LedgerDivider(opening=explainer.opening)
    found: dict[tuple[str, str], Any] = {}
    for row in await lab.rows(
        "SELECT DISTINCT ON (indicator) id, result, offsets FROM judgement"
        " WHERE period = 'FY2019' ORDER BY indicator, id DESC"
    ):
        judged = StoredJudgement(*row)
        result = IndicatorJudged.model_validate_json(judged.result)
        code = result.key.partition(":")[2]
        if code not in _SHOWN:
            continue
        explained = await explainer.explain(judged=judged, language="fr")
        assert explained["reproduced"], code
        found[code, "explained"] = {
            name: _without_history(one)
            for name, one in explained.items()
            if name not in {"offsets", "result", "restatements"}
        }
        for divided in await divider.parts(judged=judged, by=tuple(parts), language="fr"):
            found[code, divided.by.value] = replace(divided, revision=0)
    return found


@pytest.fixture
async def told(lab: Lab) -> Lab:
    """One fact of each family, and some around them, judged."""
    await lab.feed(sent(the_plan(), id="plan"))
    await lab.feed(*(sent(one, id=f"around-{n}") for n, one in enumerate(AROUND)))
    await _tell(lab, {name: original for name, (original, _, _) in FAMILIES.items()})
    return lab


@pytest.mark.parametrize("kind", KINDS)
async def test_a_correction_and_its_reversal_leave_everything_as_it_was(
    told: Lab, kind: str
) -> None:
    results, proofs = await _results(told), await _proofs(told)

    await _tell(told, {f"{name}/1": _correction(kind, name) for name in FAMILIES})
    corrected, shown = await _results(told), await _proofs(told)
    await _tell(told, {f"{n}/2": FactRetracted(source=SOURCE, id=f"{n}/1") for n in FAMILIES})
    reversed_, proofs_again = await _results(told), await _proofs(told)
    await _tell(told, {f"{n}/3": FactRetracted(source=SOURCE, id=f"{n}/2") for n in FAMILIES})
    corrected_again = await _results(told)
    await _tell(told, {f"{n}/4": FactRetracted(source=SOURCE, id=f"{n}/3") for n in FAMILIES})

    assert reversed_ == results
    assert proofs_again == proofs
    assert corrected_again == corrected
    assert await _results(told) == results
    moving = kind in ("retracted", "replaced")
    for family, (_, _, code) in FAMILIES.items():
        periods = [place for place in results if place[0] == key(code)]
        moved = any(results[place] != corrected[place] for place in periods)
        assert moved == moving, family
    # What moves no figure is not judged anew: it shows with the next judgement.
    assert (shown != proofs) == moving


async def test_a_contest_shows_with_the_next_day_until_it_is_taken_back(told: Lab) -> None:
    async def contested_on(day: int) -> int:
        told.clock.move_to(NOW + timedelta(days=day))
        await told.open_day()
        await told.judge()
        return repr(await _proofs(told, parts=())).count("'contested': True")

    await _tell(told, {f"{name}/1": _correction("contested", name) for name in FAMILIES})
    in_dispute = await contested_on(1)
    await _tell(told, {f"{n}/2": FactRetracted(source=SOURCE, id=f"{n}/1") for n in FAMILIES})
    settled = await contested_on(2)

    assert (in_dispute > 5, settled) == (True, 0)


@pytest.mark.parametrize("family", FAMILIES)
def test_each_family_is_corrected_by_something_else(family: str) -> None:
    original, other, _ = FAMILIES[family]

    assert type(original) is type(other)
    assert original != other
