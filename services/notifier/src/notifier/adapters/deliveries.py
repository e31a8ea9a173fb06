"""The loop that writes queued mails after their commit: at least once, in order."""

import asyncio
import re
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from notifier.adapters.mail import Channel, Mail
from notifier.adapters.notices import BAD_MAILBOX, NO_MAILBOX, PENDING, WRITTEN
from notifier.adapters.tables import DeliveryRow, InboxRow, UnitRow
from notifier.ports.stores import Message
from shared_kit.clock import Clock
from shared_kit.delivery.rows import Tables
from shared_kit.delivery.transaction import Transaction, transaction
from shared_kit.telemetry.metrics import Metrics

_SWEEP = timedelta(seconds=1)
_LONGEST_PAUSE = timedelta(hours=4)
_AT_A_TIME = 50
_MAILBOX = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", re.ASCII)
_log = structlog.get_logger("deliveries")


class Deliveries:
    """Takes pending mails under a lock, hands them to the channel, marks them.

    A crash between the two delivers again: the channel gets the same id and the same file name.
    A signal wakes it; the sweep is the truth.
    """

    def __init__(
        self,
        *,
        sessions: async_sessionmaker[AsyncSession],
        tables: Tables,
        channel: Channel,
        business: Clock,
        system: Clock,
        metrics: Metrics,
    ) -> None:
        self._sessions = sessions
        self._tables = tables
        self._channel = channel
        self._business = business
        self._system = system
        self._metrics = metrics

    async def run(self) -> None:
        """Deliver until cancelled; its supervisor starts it again after an error."""
        with self._tables.signal.listener() as wake:
            while True:
                wake.clear()
                while await self.deliver_some():
                    pass
                try:
                    async with asyncio.timeout(_SWEEP.total_seconds()):
                        await wake.wait()
                except TimeoutError:
                    continue

    async def deliver_some(self) -> int:
        """Deliver what is due, a few at a time; return how many were tried."""
        now = self._system.now()
        if not await self._something_is_due(now):
            return 0
        async with transaction(
            self._sessions, self._tables, clock=self._business, edge="notifier"
        ) as tx:
            rows = await tx.session.execute(
                select(DeliveryRow, InboxRow, UnitRow)
                .join(InboxRow, InboxRow.id == DeliveryRow.inbox_item_id)
                .join(UnitRow, UnitRow.code == InboxRow.unit, isouter=True)
                .where(DeliveryRow.status == PENDING, DeliveryRow.next_attempt_at <= now)
                .order_by(InboxRow.number)
                .limit(_AT_A_TIME)
                .with_for_update(of=DeliveryRow, skip_locked=True)
            )
            count = 0
            for delivery, item, unit in rows:
                await self._deliver(tx, delivery, item, unit, now)
                count += 1
        return count

    async def _something_is_due(self, now: datetime) -> bool:
        due = select(DeliveryRow.id).where(
            DeliveryRow.status == PENDING, DeliveryRow.next_attempt_at <= now
        )
        async with self._sessions() as session:
            return bool(await session.scalar(select(due.exists())))

    async def _deliver(
        self,
        tx: Transaction,
        delivery: DeliveryRow,
        item: InboxRow,
        unit: UnitRow | None,
        now: datetime,
    ) -> None:
        delivery.attempts += 1
        if unit is None or unit.mailbox is None:
            # The inbox has it; that no mail went out is a row with its reason.
            delivery.status = NO_MAILBOX
            self._count("no-mailbox")
            return
        delivery.recipient = unit.mailbox
        if not _MAILBOX.fullmatch(unit.mailbox):
            delivery.status = BAD_MAILBOX
            self._count("bad-mailbox")
            return
        try:
            await asyncio.to_thread(self._channel.deliver, _mail(delivery, item, unit))
        except OSError as error:
            pause = min(timedelta(seconds=2**delivery.attempts), _LONGEST_PAUSE)
            delivery.next_attempt_at = now + pause
            delivery.last_error = type(error).__name__
            self._count("failed")
            _log.warning("mail not written", file=delivery.file_name, reason=str(error))
            return
        delivery.status = WRITTEN
        delivery.written_at = now
        delivery.last_error = None
        tx.audit.add(
            actor="service:notifier",
            action="mail.written",
            key=str(item.episode_id or item.id),
            detail={"file": delivery.file_name, "recipient": unit.mailbox},
        )
        self._count("written")

    def _count(self, outcome: str) -> None:
        self._metrics.count("notices_total", labels={"channel": "eml", "outcome": outcome})


def _mail(delivery: DeliveryRow, item: InboxRow, unit: UnitRow) -> Mail:
    language = item.language if item.language in item.messages else "en"
    message = item.messages[language]
    return Mail(
        id=delivery.id,
        thread=item.episode_id,
        file_name=delivery.file_name,
        to_name=" ".join((unit.title_fr if language == "fr" else unit.title_en).split()),
        to_mailbox=unit.mailbox or "",
        language=language,
        at=item.at,
        message=Message(subject=message["subject"], text=message["text"], html=message["html"]),
    )
