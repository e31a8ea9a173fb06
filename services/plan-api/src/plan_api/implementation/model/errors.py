"""How the rules of Actions and Deliverables say no."""

from plan_api.core.errors import InvalidFieldError, RefusedError


class AlreadyReleasedError(RefusedError):
    """The first release counts; correct that one instead."""


class AlreadyReachedError(RefusedError):
    """The milestone is known to stand there on that date."""


class AlreadyCancelledError(RefusedError):
    """What was cancelled is planned anew, not revived."""


class AlreadyThereError(RefusedError):
    """The change that is asked for has been made."""


class NotAMilestoneError(RefusedError):
    """Only milestones are reached; everything else is released."""


class MilestoneError(RefusedError):
    """Milestones are reached; everything else is released."""


class NothingProposedError(RefusedError):
    """There is no new date that waits for an approval."""


class NotListedError(RefusedError):
    """Unplanned work belongs to no year's plan."""


class NotAdoptedError(RefusedError):
    """Only what a year's plan holds is carried over from it."""


class ActionClosedError(RefusedError):
    """The Action is completed or cancelled."""


class OpenDeliverablesError(RefusedError):
    """An Action is completed when all its Deliverables are released, reached or cancelled."""


class DateError(InvalidFieldError):
    """A date lies where it cannot."""


class YearError(InvalidFieldError):
    """The year is not one that the Deliverable can go to."""


class SharesError(InvalidFieldError):
    """Shares lie between 0 and 1, and those of an Action add to 1."""


class KindError(InvalidFieldError):
    """The kind of Deliverable does not go with another field."""
