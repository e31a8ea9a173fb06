"""The three ways in which plan-api says no; features derive their own errors from them."""

from collections.abc import Iterator
from contextlib import contextmanager


class PlanApiError(Exception):
    """An error that a caller can understand, in both languages."""

    def __init__(self, en: str, fr: str) -> None:
        super().__init__(en)
        self.en = en
        self.fr = fr


class NotFoundError(PlanApiError):
    """What the path names is not there."""


class RefusedError(PlanApiError):
    """The request is well formed; the present state forbids it."""


class InvalidFieldError(PlanApiError):
    """One field of the input breaks a rule; `field` names it, with `/` between its parts."""

    def __init__(self, field: str, en: str, fr: str) -> None:
        super().__init__(en, fr)
        self.field = field


@contextmanager
def below(place: str) -> Iterator[None]:
    """Say of the fields named inside that they lie below a place of the input."""
    try:
        yield
    except InvalidFieldError as error:
        raise InvalidFieldError(f"{place}/{error.field}", error.en, error.fr) from error


class KeyTakenError(RefusedError):
    """The key exists already with another content."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"{key} exists already with another content",
            f"{key} existe déjà avec un autre contenu",
        )


class ChangedMeanwhileError(PlanApiError):
    """Somebody else changed it between reading and writing."""

    def __init__(self, key: str) -> None:
        super().__init__(f"{key} has changed meanwhile", f"{key} a changé entre-temps")


class KeyReusedError(PlanApiError):
    """An Idempotency-Key came back with another request."""

    def __init__(self) -> None:
        super().__init__(
            "this Idempotency-Key was used for another request",
            "cette Idempotency-Key a servi à une autre requête",
        )
