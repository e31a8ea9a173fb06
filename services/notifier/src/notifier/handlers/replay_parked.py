"""Sends a parked record through the log once more, under a new offset.

Source and id stay, so whoever knows the event already does nothing with it.
"""

from notifier.ports.stores import ParkedBox
from shared_kit.delivery.transaction import Transaction
from shared_kit.events.codec import from_kafka
from shared_kit.events.envelope import InvalidEventError
from shared_kit.messaging.headers import unpack


class UnknownRecordError(Exception):
    """There is no parked record of that number."""

    fr = "Il n’y a pas d’enregistrement mis de côté de ce numéro."


class NotReplayableError(Exception):
    """The record is no CloudEvent: sending it again cannot help."""

    fr = "L’enregistrement n’est pas un CloudEvent : le renvoyer ne peut rien changer."


async def replay_parked(tx: Transaction, *, box: ParkedBox, id: int, actor: str) -> None:
    """Put it into the outbox again, and note who did.

    Raises:
        UnknownRecordError, NotReplayableError
    """
    record = await box.record(id)
    if record is None:
        raise UnknownRecordError(f"there is no parked record {id}")
    try:
        event = from_kafka(record.value, unpack(record.headers))
    except InvalidEventError as error:
        raise NotReplayableError(f"the record is no CloudEvent: {error.message}") from error
    key = record.key.decode("utf-8", "replace") if record.key else event.subject or event.id
    tx.outbox.add_cloud_event(event, topic=record.topic, key=key)
    await box.replayed(id)
    tx.audit.add(actor=actor, action="parked.replay", key=str(id))
