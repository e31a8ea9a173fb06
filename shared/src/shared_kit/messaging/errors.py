"""What an event log can say no to; every adapter raises these and nothing of its library's."""


class LogError(Exception):
    """Base of all errors of an event log."""


class LogUnavailableError(LogError):
    """The log could not be reached or did not answer in time. Transient: try again.

    After a failed `publish` any part of the messages may be in the log.
    """


class UnknownTopicError(LogError):
    """The log has no such topic."""


class TopicDiffersError(LogError):
    """The topic is there with another number of partitions; changing it would break key order."""


class MessageRefusedError(LogError):
    """The log will never take this message, for instance because it is too large."""


class AssignmentChangedError(LogError):
    """The consumer's partitions changed: ask for the assignment and seek before fetching again."""


class OutsideLogError(LogError):
    """A position lies before the start or after the end of its partition.

    The log was truncated or made anew, or the position comes from another one. Nothing may reset
    it silently: somebody has to decide what was lost.
    """
