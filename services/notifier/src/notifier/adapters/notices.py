"""The inbox and the queue of mails, written in the transaction of the transition."""

from datetime import UTC, datetime
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from notifier.adapters.tables import DeliveryRow, InboxRow
from notifier.domain.episode import Episode, Transition
from notifier.domain.notice import Notice
from notifier.domain.reminder import Reminder
from notifier.domain.subject import Unit
from notifier.ports.stores import Message, Written

_ITEMS = UUID("9f1f6f0a-3a4e-5f0a-9f0c-1d2f6b7a8c90")
_REMINDERS = UUID("6d1b0c52-8a5e-5b7f-9d3c-4e2f7a9b1c60")
_DELIVERIES = UUID("3c1e8b7d-52a1-5d4e-8c55-7b0d9e6f2a14")

REMINDER = "reminder"
PENDING = "pending"
WRITTEN = "written"
NO_MAILBOX = "no-mailbox"
BAD_MAILBOX = "bad-mailbox"
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
"""Retries run on the system clock, which a business time must not be mixed with."""


class SqlNotices:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(
        self,
        *,
        episode: Episode,
        transition: Transition,
        notice: Notice,
        written: Written,
        unit: Unit | None,
        at: datetime,
    ) -> None:
        # Derived ids: the same transition is the same item, the same mail, the same file.
        item = uuid5(_ITEMS, f"{episode.id}|{transition.seq}")
        self._session.add(
            InboxRow(
                id=item,
                episode_id=episode.id,
                transition=transition.seq,
                kind=notice.kind.value,
                level=notice.level.value,
                indicator=episode.indicator,
                plan=episode.plan,
                period=episode.period,
                unit=episode.owner_unit,
                language=_language(unit),
                at=at,
                messages=_messages(written),
                template_error=written.error,
            )
        )
        await self._session.flush()
        if notice.kind.by_mail:
            self._queue(item, f"{transition.on}-{episode.id}-{transition.seq:03d}.eml")

    async def remind(
        self, *, plan: str, reminder: Reminder, written: Written, unit: Unit | None
    ) -> UUID:
        item = uuid5(_REMINDERS, f"{plan}|{reminder.unit}|{reminder.on}")
        self._session.add(
            InboxRow(
                id=item,
                kind=REMINDER,
                plan=plan,
                unit=reminder.unit,
                language=_language(unit),
                at=reminder.at,
                messages=_messages(written),
                template_error=written.error,
            )
        )
        await self._session.flush()
        self._queue(item, f"{reminder.on}-{item}-reminder.eml")
        return item

    def _queue(self, item: UUID, file_name: str) -> None:
        self._session.add(
            DeliveryRow(
                id=uuid5(_DELIVERIES, str(item)),
                inbox_item_id=item,
                file_name=file_name,
                status=PENDING,
                recipient=None,
                attempts=0,
                next_attempt_at=EARLIEST,
            )
        )


def _language(unit: Unit | None) -> str:
    return "fr" if unit and unit.language.lower().startswith("fr") else "en"


def _messages(written: Written) -> dict[str, dict[str, str]]:
    return {"en": _packed(written.en), "fr": _packed(written.fr)}


def _packed(message: Message) -> dict[str, str]:
    return {"subject": message.subject, "text": message.text, "html": message.html}
