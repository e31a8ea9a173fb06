"""What is said of a figure in parts, in English and French."""

from collections.abc import Mapping

from kpi_engine.domain.parts import Overlap
from kpi_engine.handlers.results import amount
from kpi_engine.ports.parts import By

Said = tuple[str, str]

_DIMENSION: Mapping[By, Said] = {
    By.MEMBER: ("Member", "Membre"),
    By.REGION: ("region", "région"),
    By.UNIT: ("unit", "unité"),
    By.PACKAGE: ("package", "paquet"),
    By.PRIORITY: ("priority", "priorité"),
}
_SEVERAL: Mapping[By, Said] = {
    By.MEMBER: ("several Members", "plusieurs Membres"),
    By.REGION: ("several regions", "plusieurs régions"),
    By.UNIT: ("several units", "plusieurs unités"),
    By.PACKAGE: ("several packages", "plusieurs paquets"),
    By.PRIORITY: ("several priorities", "plusieurs priorités"),
}
STATED: Said = (
    "The figure was stated as such; there are no facts beneath it to be divided.",
    "Le chiffre a été communiqué tel quel\u202f; aucun fait que l’on puisse répartir"
    " ne se trouve derrière.",
)
UNMEASURED: Said = (
    "This indicator is not measured from facts.",
    "Cet indicateur n’est pas mesuré à partir de faits.",
)
WHOLE_ESTIMATE: Said = (
    "The estimate was given as a whole; the plan does not divide it.",
    "L’estimation a été donnée globalement\u202f; le plan ne la répartit pas.",
)
_ADD_UP: Said = ("The rows add up to the total.", "La somme des lignes est égale au total.")


def not_divided(by: By) -> Said:
    """Why a measure has no parts of a kind."""
    english, french = _DIMENSION[by]
    return (
        f"What this indicator counts carries no {english}.",
        f"Ce que compte cet indicateur ne porte pas de {french}.",
    )


def statement(by: By, *, additive: bool, overlap: Overlap) -> Said:
    """Whether the rows add up to the total, and if not by how much they exceed it."""
    if additive:
        return _ADD_UP
    several = _SEVERAL[by]
    more = (amount(overlap.numerator), amount(overlap.denominator))
    if not any(more):
        return (
            f"Something may belong to {several[0]} and then stands in each row; here nothing does.",
            f"Un même élément peut relever de {several[1]} et figure alors dans chaque ligne\u202f;"
            " ce n’est pas le cas ici.",
        )
    english = (
        f"by {more[0]}"
        if more[1] is None
        else f"by {more[0]} (first figure) and {more[1]} (second)"
    )
    french = (
        f"de {more[0]}"
        if more[1] is None
        else f"de {more[0]} (premier chiffre) et de {more[1]} (second)"
    )
    return (
        f"What belongs to {several[0]} stands in each of their rows and once in the total:"
        f" together the rows exceed it {english}.",
        f"Ce qui relève de {several[1]} figure dans chacune de leurs lignes et une seule fois dans"
        f" le total\u00a0: ensemble, les lignes le dépassent {french}.",
    )


def in_language(said: Said, language: str) -> str:
    """The one of the two that is asked for."""
    return said[1] if language == "fr" else said[0]
