"""What every table that goes out is made with: the plan, the period, words and notes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from plan_api.exchange.model.outgoing import Column, Exported, Line, Table
from plan_api.exchange.service import headings
from shared_kit.calendar import Period
from shared_kit.events.definitions import PlanSnapshot, Said
from shared_kit.web.language import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was asked for; without a plan or a period, those of today."""

    table: Exported
    plan: str | None
    period: str | None
    language: Language
    as_of: date | None = None
    """The day at whose end everything was known; None is now."""
    since: date | None = None
    """The day with which it is compared, where that is what is wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What every table is made from."""

    wanted: Wanted
    plan: PlanSnapshot
    period: Period
    units: Mapping[str, str]
    now: datetime
    demo: bool

    @property
    def language(self) -> Language:
        return self.wanted.language

    def said(self, said: Said) -> str:
        return said.fr if self.language == "fr" else said.en

    def columns(self, *names: str) -> Sequence[Column]:
        return [headings.column(name, self.language) for name in names]

    def word(self, name: str) -> str:
        return headings.word(name, self.language)

    def title_of(self, title: str, title_fr: str | None) -> str:
        return (title_fr or title) if self.language == "fr" else title


def table(
    told: Told,
    *,
    columns: Sequence[Column],
    rows: Iterator[Line],
    known: datetime | None = None,
    figures: bool = False,
    more: str | None = None,
) -> Table:
    name = told.word(told.wanted.table.value)
    label = told.plan.calendar().label(told.period)
    day = told.plan.calendar().today(told.now)
    return Table(
        name=name,
        title=f"{name}, {told.said(told.plan.title)}, {label}",
        columns=[*columns, *told.columns("known_on")],
        # In every row: lines are cut out of files and put together with others.
        rows=([*row, day] for row in rows),
        known_on=day,
        made_at=told.now,
        notes=headings.notes(
            language=told.language,
            plan=told.said(told.plan.title),
            period=label,
            today=day,
            known=known.astimezone(told.plan.calendar().zone) if known else None,
            source=told.plan.title.source,
            figures=figures,
            demo=told.demo,
            more=more,
        ),
    )


def code_of(key: str) -> str:
    return key.partition(":")[2] or key
