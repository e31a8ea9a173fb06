"""How a fact is shown on a line of an explanation: what it says, and where it lies."""

from collections.abc import Mapping
from dataclasses import dataclass

from kpi_engine.handlers.effective import EffectiveFact, apply_corrections, read_fact
from kpi_engine.handlers.trails import Step, trails
from kpi_engine.ports import Detail, DetailRow, FactRecord, History
from shared_kit.events.base import TYPE_PREFIX


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A fact after its corrections, with its place in the log."""

    record: FactRecord
    effective: EffectiveFact
    trail: tuple[Step, ...] = ()

    @property
    def reference(self) -> Mapping[str, object]:
        fact = self.record
        return {
            "source": fact.source,
            "id": fact.id,
            "type": f"{TYPE_PREFIX}{fact.name}.v1",
            "topic": fact.topic,
            "partition": fact.partition,
            "offset": fact.offset,
            "recorded": fact.recorded,
            "evidence": self.field("evidence"),
            "by": fact.actor,
            "corrections": [step.shown for step in self.trail],
        }

    def field(self, name: str) -> object:
        """A field of the event, as it stands after its corrections."""
        return getattr(self.effective.event, name, None)

    @property
    def title(self) -> str | None:
        """Its title; of what was retracted the one that it had."""
        return self._said("title")

    @property
    def french_title(self) -> str | None:
        return self._said("title_fr")

    def _said(self, name: str) -> str | None:
        event = self.effective.event or read_fact(self.effective.fact)
        found = getattr(event, name, None)
        return found if isinstance(found, str) else None


async def shown_facts(history: History, detail: Detail, *, most: int) -> Mapping[int, Shown]:
    """Read the facts that a detail names, up to `most` of each side."""
    rows = (*detail.numerator[:most], *detail.denominator[:most])
    seqs = {row.fact for row in rows} | set(detail.done_by.values())
    return await shown(history, list((await history.records(seqs)).values()))


async def shown(history: History, records: list[FactRecord]) -> Mapping[int, Shown]:
    """Apply the corrections below the positions to facts that were read."""
    below = await history.corrections([record.digest for record in records])
    effective = apply_corrections([record.stored() for record in records], below)
    told = await history.records({one.fact.seq for one in below}) if below else {}
    steps = trails(records, below, told)
    return {
        record.seq: Shown(record=record, effective=one, trail=steps.get(record.seq, ()))
        for record, one in zip(records, effective, strict=True)
    }


def line(row: DetailRow, fact: Shown) -> Mapping[str, object]:
    """A line of a side."""
    unit = fact.field("unit")
    title = row.title or fact.field("title")
    return {
        "item": row.item,
        "title": title if isinstance(title, str) else None,
        "title_fr": row.title_fr or fact.french_title,
        "effective": row.effective,
        "amount": row.amount,
        "member": row.member,
        "unit": unit if isinstance(unit, str) else None,
        "synthetic": bool(fact.field("synthetic")),
        "unplanned": fact.field("listed") is False,
        "contested": fact.effective.verdict.contested,
        "fact": fact.reference,
    }
