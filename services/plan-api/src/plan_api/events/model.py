"""The rules of the intake: limits, and how an event that was sent can end."""

from datetime import timedelta
from enum import StrEnum

from plan_api.core.errors import InvalidFieldError, PlanApiError, RefusedError

LARGEST_EVENT = 64 * 1024
LARGEST_BATCH = 1_000
FURTHEST_AHEAD = timedelta(hours=24)


class Outcome(StrEnum):
    """How an event of a batch ended."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    INVALID = "invalid"


class ContradictedError(RefusedError):
    """The same source and id said something else before."""

    def __init__(self) -> None:
        super().__init__(
            "this source and id are known with another content: send a correction",
            "cette source et cet id sont connus avec un autre contenu : envoyez une correction",
        )


class TooLargeError(PlanApiError):
    """The event or the batch is larger than the limit."""

    def __init__(self) -> None:
        super().__init__(
            "an event may hold 64 KiB, a batch 1,000 events",
            "un événement est limité à 64 Kio, un lot à 1 000 événements",
        )


class NotAcceptedHereError(InvalidFieldError):
    """Events of this type are announced by plan-api alone, after a REST call."""

    def __init__(self) -> None:
        super().__init__(
            "type",
            "this type is not taken here",
            "ce type n’est pas accepté ici",
        )


class AheadOfTimeError(InvalidFieldError):
    """The event is dated more than 24 hours in the future."""

    def __init__(self) -> None:
        super().__init__(
            "time",
            "a time at most 24 hours ahead is expected",
            "une heure au plus 24 heures dans le futur est attendue",
        )
