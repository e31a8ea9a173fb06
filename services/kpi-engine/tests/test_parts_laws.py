"""Laws of parts, on random histories: what they are to their total, whoever measured it."""

from collections import Counter, defaultdict
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest

from kpi_engine.bootstrap import explainer_of
from kpi_engine.handlers.parts import LedgerDivider
from kpi_engine.ports import DefinitionStore, History, Offsets, StoredJudgement
from kpi_engine.ports.parts import By, Divided
from shared_kit.events.base import Event
from shared_kit.events.plans import MemberRegistered
from shared_kit.events.results import IndicatorJudged
from tests.support.engine_builders import key, the_plan
from tests.support.engine_lab import Lab, sent
from tests.support.engine_streams import Streams

LAST = "SELECT DISTINCT ON (indicator, period) id, result, offsets FROM judgement"
CODES = ("SG", "SO1", "SP1.1", "SP1.2", "SP7.1", "SP7.5", "LD3.1", "LD3.2", "ORG2.1")
_IN_LINES = (By.MEMBER, By.REGION, By.UNIT)


class Parted(Streams):
    """Histories whose Deliverables have several units and priorities."""

    def _item(self, **fixed: Any) -> dict[str, Any]:
        drawn = self.random
        priorities = tuple(key(f"PRI-{n}") for n in drawn.sample(range(1, 5), drawn.randrange(3)))
        return super()._item(
            **{"unit": drawn.choice(("CAP", "TTA", "CF")), "priorities": priorities, **fixed}
        )

    def members(self) -> list[Event]:
        """Some Members of two regions; one is in no directory."""
        return [
            MemberRegistered(code=f"M{n}", title=f"M{n}", region="EW"[n % 2], revision=1)
            for n in range(4)
        ]


def broken_laws(found: Divided, result: IndicatorJudged) -> list[str]:
    """Which laws of parts an answer breaks; none, where it is right."""
    broken = []
    if (found.total.numerator, found.total.denominator) != (result.numerator, result.denominator):
        broken.append("the total is the figure")
    if found.reason is not None or not found.parts:
        return broken
    numerators = [Fraction(one.numerator or 0) for one in found.parts]
    total = Fraction(found.total.numerator or 0)
    if found.additive and sum(numerators) != total:
        broken.append("the parts add up")
    if not max(numerators) <= total <= sum(numerators):
        broken.append("no part exceeds the total, nor the total the parts")
    if any(one.denominator is None for one in found.parts) or found.beside is None:
        return broken
    denominators = [Fraction(one.denominator or 0) for one in found.parts]
    planned = Fraction(found.total.denominator or 0) - Fraction(found.beside)
    # More listed than estimated is an error of the plan, which its lint names.
    listed_too_many = found.beside == 0 and sum(denominators) > planned
    if found.additive and sum(denominators) != planned and not listed_too_many:
        broken.append("the parts of the denominator add up")
    if planned > sum(denominators):
        broken.append("nothing planned is in no part")
    complete = found.additive and found.beside == 0 and sum(denominators) == planned
    if complete and planned and all(denominators):
        ratios = [n / d for n, d in zip(numerators, denominators, strict=True)]
        if not min(ratios) <= total / planned <= max(ratios):
            broken.append("the ratio of all lies between the ratios of the parts")
    return broken


@pytest.mark.parametrize("seed", range(2))
async def test_parts_are_consistent_with_the_figure_and_its_explanation(
    lab: Lab, seed: int
) -> None:
    stream = Parted(100 + seed)
    history = [
        sent(the_plan(), id="plan"),
        *(sent(one, id=f"m{n}") for n, one in enumerate(stream.members())),
        *stream.history(length=160),
    ]
    Random(seed).shuffle(history)
    await lab.feed(*history)
    await lab.judge()
    explainer = explainer_of(lab.engine)
    divider = LedgerDivider(opening=explainer.opening)
    seen: Counter[tuple[By, bool | None]] = Counter()
    wrong: set[str] = set()

    for row in await lab.rows(f"{LAST} ORDER BY indicator, period, id DESC"):
        judged = StoredJudgement(*row)
        result = IndicatorJudged.model_validate_json(judged.result)
        if result.key.partition(":")[2] not in CODES:
            continue
        explained = await explainer.explain(judged=judged, language="en")
        divided = await divider.parts(judged=judged, by=tuple(By), language="en")
        for by, found in zip(By, divided, strict=True):
            where = (result.key, result.period, by)
            assert broken_laws(found, result) == [], where
            if found.reason is None and found.parts:
                seen[by, found.additive] += 1
                if by in _IN_LINES and result.kind != "milestones":
                    assert _counted(found) == _in_lines(explained, by, result), where
                wrong |= set(broken_laws(_summed(found), result))

    assert {by for by, _ in seen} == set(By)
    assert {additive for _, additive in seen} == {True, False}
    # The control: a total that is the sum of the parts is found out.
    assert "the total is the figure" in wrong


def _summed(found: Divided) -> Divided:
    whole = found.total._replace(
        numerator=sum((one.numerator or Decimal(0) for one in found.parts), Decimal(0)),
    )
    return Divided(
        **{
            **{name: getattr(found, name) for name in found.__dataclass_fields__},
            "total": whole,
        }
    )


def _counted(found: Divided) -> dict[str | None, int]:
    return {one.code: int(one.numerator or 0) for one in found.parts if one.numerator}


def _in_lines(explained: Any, by: By, result: IndicatorJudged) -> dict[str | None, int]:
    """The same from the lines of the explanation, which reads each fact by itself."""
    regions = {f"M{n}": "EW"[n % 2] for n in range(4)}
    things: dict[str | None, set[str]] = defaultdict(set)
    for line in explained["numerator"]["items"]:
        member = line["member"]
        value = {By.MEMBER: member, By.REGION: regions.get(member), By.UNIT: line["unit"]}[by]
        things[value].add(member if result.kind == "observed" else line["item"])
    return {value: len(found) for value, found in things.items()}


async def test_what_is_told_of_a_judgement_is_the_same_once_later_facts_have_come(
    lab: Lab,
) -> None:
    """Kept rows answer while nothing that matters has come; then those of then are laid out."""
    stream = Parted(7)
    history = [sent(the_plan(), id="plan"), *stream.history(length=160)]
    later = Parted(8).history(length=40)
    await lab.feed(*history)
    await lab.judge()
    rows = await lab.rows(f"{LAST} ORDER BY indicator, period, id DESC")
    judged = [one for one in (StoredJudgement(*row) for row in rows) if "FY2019" in one.result]
    explainer = explainer_of(lab.engine)
    divider = LedgerDivider(opening=explainer.opening)

    async def told() -> list[Any]:
        return [
            (
                await explainer.explain(judged=one, language="en"),
                await divider.parts(judged=one, by=tuple(By), language="en"),
            )
            for one in judged
            if IndicatorJudged.model_validate_json(one.result).key.partition(":")[2] in CODES
        ]

    kept = await told()
    await lab.feed(*((topic, replace(event, id=f"later-{event.id}")) for topic, event in later))
    counted = await lab.rows("SELECT count(*) FROM contribution")
    laid_out = await told()

    assert len(kept) == len(CODES)
    assert laid_out == kept
    assert counted[0][0] > 0


async def test_a_judgement_is_made_again_once_for_all_its_dimensions(lab: Lab) -> None:
    stream = Parted(7)
    await lab.feed(sent(the_plan(), id="plan"), *stream.history(length=20))
    await lab.judge()
    opening = explainer_of(lab.engine).opening
    opened: list[Offsets | None] = []

    def counted(
        offsets: Offsets | None,
    ) -> AbstractAsyncContextManager[tuple[History, DefinitionStore]]:
        opened.append(offsets)
        return opening(offsets)

    divider = LedgerDivider(opening=counted)
    rows = await lab.rows(f"{LAST} WHERE indicator LIKE '%SG' ORDER BY indicator, period, id DESC")
    judged = StoredJudgement(*rows[0])
    found = await divider.parts(judged=judged, by=tuple(By), language="en")

    assert [one.by for one in found] == list(By)
    assert opened == [judged.offsets]
