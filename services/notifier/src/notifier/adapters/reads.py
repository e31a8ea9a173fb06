"""The queries behind the API; each opens and closes its own session."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from notifier.adapters.definitions import SqlDefinitions
from notifier.adapters.differences import difference_read
from notifier.adapters.rule_words import RULE_WORDS
from notifier.adapters.samples import last_on_track
from notifier.adapters.tables import (
    DeliveryRow,
    EpisodeRow,
    InboxRow,
    ReminderRow,
    RuleRow,
    SampleRow,
    TransitionRow,
)
from notifier.adapters.then import is_shown, stood
from notifier.adapters.wire import kept_sample
from notifier.domain.episode import Change, CloseReason, Condition
from notifier.domain.evidence import decimal_of, once_in
from notifier.domain.rule import Level
from notifier.domain.sample import Sample
from notifier.domain.subject import Both, Subject, Unit
from notifier.ports.views import (
    AlertDetail,
    AlertRead,
    Figures,
    InboxItem,
    NoticeRead,
    OverdueRead,
    ReminderItem,
    RuleRead,
    Sentence,
    Told,
    TransitionRead,
    Which,
)
from shared_kit.calendar import UnknownPeriodError
from shared_kit.web.paging import Page, Paging

_RARE = 1_000_000
_CONDITIONS = {
    Condition.PENDING: "watched",
    Condition.FIRING: "open",
    Condition.RECOVERING: "open",
    Condition.CLOSED: "closed",
}
_KINDS = {
    Change.PENDING: "watched",
    Change.RAISED: "raised",
    Change.LEVEL_UP: "level-changed",
    Change.LEVEL_DOWN: "level-changed",
    Change.TOLD_LATE: "told",
    Change.RECOVERING: "recovering",
    Change.RELAPSED: "relapsed",
    Change.ACKNOWLEDGED: "acknowledged",
    Change.CLOSED: "closed",
}


class SqlReads:
    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self._sessions = sessions

    async def alerts(
        self,
        paging: Paging,
        *,
        plan: str | None,
        period: str | None,
        indicator: str | None,
        unit: str | None,
        which: Which,
        as_of: datetime | None = None,
    ) -> Page[AlertRead]:
        """Critical ones first, then the newest; with `as_of` as they stood then."""
        urgency = case((EpisodeRow.level == Level.CRITICAL.value, 0), else_=1)
        newest = -EpisodeRow.number
        columns = (
            (EpisodeRow.plan, plan),
            (EpisodeRow.period, period),
            (EpisodeRow.indicator, indicator),
            (EpisodeRow.owner_unit, unit),
        )
        filters = [column == value for column, value in columns if value is not None]
        async with self._sessions() as session:
            if as_of is None:
                statement = _with_sample().where(_which(which), *filters)
                rows = list(await session.execute(paging.apply(statement, (urgency, newest))))
            else:
                then = await stood(session, *filters, as_of=as_of)
                rows = [one for one in then if is_shown(one[0], which)]
            found = [(row, kept_sample(judged)) for row, judged in rows]
            shown = await _alerts(session, found)
        keys = {
            row.id: (0 if row.level == Level.CRITICAL.value else 1, -row.number) for row, _ in found
        }
        if as_of is None:
            return paging.page(shown, key=lambda alert: keys[alert.id])
        shown.sort(key=lambda alert: keys[alert.id])
        return paging.page_of(shown, key=lambda alert: keys[alert.id])

    async def alert(self, id: UUID, *, as_of: datetime | None = None) -> AlertDetail | None:
        async with self._sessions() as session:
            if as_of is None:
                row = (await session.execute(_with_sample().where(EpisodeRow.id == id))).first()
            else:
                then = await stood(session, EpisodeRow.id == id, as_of=as_of)
                row = then[0] if then else None
            if row is None:
                return None
            alert = (await _alerts(session, [(row[0], kept_sample(row[1]))]))[0]
            timeline = await _timeline(session, row[0])
            known = [one for one in timeline if as_of is None or one.at <= as_of]
            on_track_on = await last_on_track(
                session, indicator=alert.indicator, period=alert.period, before=alert.since
            )
            return AlertDetail(**dict(alert), on_track_on=on_track_on, timeline=known)

    async def inbox(
        self,
        paging: Paging,
        *,
        unit: str | None,
        plan: str | None,
        language: Literal["en", "fr"],
        as_of: datetime | None = None,
    ) -> Page[InboxItem]:
        """Newest first."""
        newest = -InboxRow.number
        statement = select(InboxRow)
        if as_of is not None:
            statement = statement.where(InboxRow.at <= as_of)
        if unit is not None:
            statement = statement.where(InboxRow.unit == unit)
        if plan is not None:
            statement = statement.where(InboxRow.plan == plan)
        async with self._sessions() as session:
            rows = list(await session.scalars(paging.apply(statement, (newest,))))
            reminders = await _reminders(session, rows)
        numbers = {row.id: row.number for row in rows}
        items = [
            InboxItem(**_item(row, language), deliverables=reminders.get(row.id, []))
            for row in rows
        ]
        return paging.page(items, key=lambda item: (-numbers[item.id],))

    async def notice(self, id: UUID, *, language: Literal["en", "fr"] | None) -> NoticeRead | None:
        async with self._sessions() as session:
            row = await session.get(InboxRow, id)
            if row is None:
                return None
            reminders = await _reminders(session, [row])
        chosen = language or ("fr" if row.language == "fr" else "en")
        message = row.messages[chosen]
        return NoticeRead(
            **_item(row, chosen),
            text=message["text"],
            html=message["html"],
            template_error=row.template_error,
            deliverables=reminders.get(row.id, []),
        )

    async def rules(self) -> list[RuleRead]:
        async with self._sessions() as session:
            rows = await session.scalars(select(RuleRow).order_by(RuleRow.id, RuleRow.version))
            return [
                RuleRead(
                    id=row.id,
                    version=row.version,
                    name=RULE_WORDS[row.id][0],
                    says=RULE_WORDS[row.id][1],
                    **row.definition,
                )
                for row in rows
            ]


def _with_sample() -> Select[EpisodeRow, dict[str, Any]]:
    return select(EpisodeRow, SampleRow.judged).join(
        SampleRow,
        (SampleRow.indicator == EpisodeRow.indicator)
        & (SampleRow.period == EpisodeRow.period)
        & (SampleRow.revision == EpisodeRow.last_revision),
    )


def _which(which: Which) -> ColumnElement[bool]:
    raised = EpisodeRow.raised_on.is_not(None)
    closed = EpisodeRow.condition == Condition.CLOSED.value
    match which:
        case "open":
            return raised & ~closed
        case "closed":
            return raised & closed & (EpisodeRow.close_reason != CloseReason.TRANSIENT.value)
        case "all":
            return raised


async def _alerts(
    session: AsyncSession, found: Sequence[tuple[EpisodeRow, Sample]]
) -> list[AlertRead]:
    definitions = SqlDefinitions(session)
    subjects = await definitions.names({row.indicator for row, _ in found})
    units = await definitions.units({row.owner_unit for row, _ in found if row.owner_unit})
    return [_alert(row, sample, subjects[row.indicator], units) for row, sample in found]


def _alert(
    row: EpisodeRow, sample: Sample, subject: Subject, units: Mapping[str, Unit]
) -> AlertRead:
    unit = units.get(row.owner_unit or "")
    return AlertRead.model_validate(
        {
            "id": row.id,
            "rule": row.rule,
            "rule_version": row.rule_version,
            "plan": row.plan,
            "indicator": row.indicator,
            "code": subject.code,
            "title": _sentence(subject.title),
            "counted": _sentence(subject.counted),
            "period": row.period,
            "period_label": _label(subject, row.period),
            "level": row.level,
            "condition": _CONDITIONS[Condition(row.condition)],
            "phase": row.condition,
            "handling": row.handling,
            "basis": row.basis,
            "since": row.since,
            "raised_on": row.raised_on,
            "raised_at": row.raised_at,
            "closed_on": row.closed_on,
            "closed_at": row.closed_at,
            "close_reason": row.close_reason,
            "reason": row.reason_en,
            "reason_fr": row.reason_fr,
            "figures": _figures(sample, _fraction(row.chance)),
            "difference": None if row.difference is None else difference_read(row.difference),
            "overdue": [
                OverdueRead(
                    key=item.key,
                    title=item.title,
                    title_fr=item.title_fr,
                    due=item.due,
                    days=item.days,
                )
                for item in sample.overdue
            ],
            "owner_unit": row.owner_unit,
            "owner_title": _sentence(unit.title) if unit else None,
            "acknowledged_by": row.acknowledged_by,
            "acknowledged_at": row.acknowledged_at,
            "comment": row.comment,
        }
    )


async def _timeline(session: AsyncSession, episode: EpisodeRow) -> list[TransitionRead]:
    rows = await session.execute(
        select(TransitionRow, SampleRow.judged, InboxRow, DeliveryRow)
        .join(
            SampleRow,
            (SampleRow.indicator == episode.indicator)
            & (SampleRow.period == episode.period)
            & (SampleRow.revision == TransitionRow.revision),
        )
        .outerjoin(
            InboxRow,
            (InboxRow.episode_id == TransitionRow.episode_id)
            & (InboxRow.transition == TransitionRow.seq),
        )
        .outerjoin(DeliveryRow, DeliveryRow.inbox_item_id == InboxRow.id)
        .where(TransitionRow.episode_id == episode.id)
        .order_by(TransitionRow.seq)
    )
    return [_transition(row, judged, item, mail) for row, judged, item, mail in rows]


def _transition(
    row: TransitionRow,
    judged: Mapping[str, Any],
    item: InboxRow | None,
    mail: DeliveryRow | None,
) -> TransitionRead:
    told = None
    if item is not None:
        told = Told.model_validate(
            {
                "inbox_item": item.id,
                "unit": item.unit,
                "mail": mail.status if mail else None,
                "recipient": mail.recipient if mail else None,
                "written_at": mail.written_at if mail else None,
            }
        )
    return TransitionRead.model_validate(
        {
            "seq": row.seq,
            "kind": _KINDS[Change(row.change)],
            "on": row.on,
            "at": row.at,
            "level": row.level,
            "previous_level": row.previous_level,
            "close_reason": row.close_reason,
            "reason": row.reason_en,
            "reason_fr": row.reason_fr,
            "figures": _figures(kept_sample(judged), _fraction(row.chance)),
            "by": row.by,
            "comment": row.comment,
            "told": told,
        }
    )


def _figures(sample: Sample, chance: Fraction | None) -> Figures:
    return Figures.model_validate(
        {
            "numerator": sample.numerator,
            "denominator": sample.denominator,
            "due": sample.due,
            "due_done": sample.due_done,
            "window_due": sample.window_due,
            "window_due_done": sample.window_due_done,
            "due_by": sample.due_by,
            "attainment": sample.attainment,
            "evidence_p": decimal_of(chance),
            "once_in": _once_in(chance),
            "status": sample.status.value,
            "revision": sample.revision,
            "judged_on": sample.judged_on,
            "judged_at": sample.judged_at,
        }
    )


def _fraction(chance: Decimal | None) -> Fraction | None:
    return None if chance is None else Fraction(chance)


def _once_in(chance: Fraction | None) -> int | None:
    if chance is None:
        return None
    return min(once_in(chance), _RARE) if chance else _RARE


async def _reminders(
    session: AsyncSession, rows: Sequence[InboxRow]
) -> Mapping[UUID, list[ReminderItem]]:
    found: dict[UUID, list[ReminderItem]] = {}
    asked = [row.id for row in rows if row.episode_id is None]
    if asked:
        reminders = select(ReminderRow).where(ReminderRow.inbox_item_id.in_(asked))
        for one in await session.scalars(
            reminders.order_by(ReminderRow.due, ReminderRow.deliverable)
        ):
            item = ReminderItem(key=one.deliverable, due=one.due)
            found.setdefault(one.inbox_item_id, []).append(item)
    return found


def _item(row: InboxRow, language: Literal["en", "fr"]) -> dict[str, Any]:
    return {
        "id": row.id,
        "alert": row.episode_id,
        "kind": row.kind,
        "level": row.level,
        "plan": row.plan,
        "indicator": row.indicator,
        "period": row.period,
        "unit": row.unit,
        "at": row.at,
        "language": language,
        "subject": row.messages[language]["subject"],
    }


def _label(subject: Subject, period: str) -> str:
    try:
        return subject.calendar.label(subject.period(period))
    except UnknownPeriodError:
        # A later version of the plan may cut its periods anew; the alert keeps its own.
        return period


def _sentence(text: Both) -> Sentence:
    return Sentence(en=text.en, fr=text.fr)
