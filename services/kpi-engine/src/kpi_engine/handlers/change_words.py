"""Each part of a change in one sentence, in English and French."""

from fractions import Fraction

from kpi_engine.domain.changes import Cause, Moved
from kpi_engine.domain.figures import Pair
from kpi_engine.handlers.results import amount


def sentence_of(
    moved: Moved, *, before: Pair, after: Pair, late: int, version: int, language: str
) -> str:
    """What a cause did to the numerator and to the denominator, in words.

    `late` is how many of its facts were told after the earlier judgement of what had happened by
    then.
    """
    french = language == "fr"
    said = _SAID[moved.cause](moved, before, after, version)[french]
    if not late:
        return said
    return f"{said} {_late(late)[french]}"


def _numerator(moved: Moved, _before: Pair, _after: Pair, _version: int) -> tuple[str, str]:
    more = _signed(moved.numerator)
    return (f"What is counted: {more}.", f"Ce qui est compté : {more}.")


def _denominator(moved: Moved, _before: Pair, _after: Pair, _version: int) -> tuple[str, str]:
    more = _signed(moved.denominator)
    return (f"What it is counted of: {more}.", f"Ce sur quoi on compte : {more}.")


def _scope(_moved: Moved, before: Pair, after: Pair, _version: int) -> tuple[str, str]:
    old, new = _n(before.denominator), _n(after.denominator)
    if after.denominator < before.denominator:
        return (
            f"Re-planned: {new} are planned instead of {old}. That is no recovery.",
            f"Replanifié : {new} sont prévus au lieu de {old}. Ce n’est pas un redressement.",
        )
    return (
        f"Re-planned: {new} are planned instead of {old}.",
        f"Replanifié : {new} sont prévus au lieu de {old}.",
    )


def _correction(moved: Moved, _before: Pair, _after: Pair, _version: int) -> tuple[str, str]:
    return (
        f"Facts were corrected: {_both(moved, french=False)}.",
        f"Des faits ont été corrigés : {_both(moved, french=True)}.",
    )


def _definition(moved: Moved, _before: Pair, _after: Pair, version: int) -> tuple[str, str]:
    return (
        f"Version {version} of the plan counts differently: {_both(moved, french=False)}.",
        f"La version {version} du plan compte autrement : {_both(moved, french=True)}.",
    )


def _stated(moved: Moved, _before: Pair, _after: Pair, _version: int) -> tuple[str, str]:
    return (
        "A figure was stated, or no longer stands, in place of what is counted: "
        f"{_both(moved, french=False)}.",
        "Un chiffre a été déclaré, ou ne vaut plus, à la place de ce qui est compté : "
        f"{_both(moved, french=True)}.",
    )


_SAID = {
    Cause.NUMERATOR: _numerator,
    Cause.DENOMINATOR: _denominator,
    Cause.SCOPE: _scope,
    Cause.CORRECTION: _correction,
    Cause.DEFINITION: _definition,
    Cause.STATED: _stated,
}


def _late(count: int) -> tuple[str, str]:
    if count == 1:
        return (
            "One of them had happened by then and was reported later.",
            "L’un d’eux avait déjà eu lieu et n’a été signalé que plus tard.",
        )
    return (
        f"{count} of them had happened by then and were reported later.",
        f"{count} d’entre eux avaient déjà eu lieu et n’ont été signalés que plus tard.",
    )


def _both(moved: Moved, *, french: bool) -> str:
    top, bottom = ("numérateur", "dénominateur") if french else ("numerator", "denominator")
    said = [
        f"{name} {_signed(value)}"
        for name, value in ((top, moved.numerator), (bottom, moved.denominator))
        if value
    ]
    return ", ".join(said) or ("rien en tout" if french else "nothing in all")


def _signed(value: Fraction) -> str:
    sign = "+" if value > 0 else "−" if value < 0 else "±"
    return f"{sign}{_n(abs(value))}"


def _n(value: Fraction) -> str:
    return format(amount(value) or 0, "f")
