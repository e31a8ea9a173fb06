"""What a Deliverable needs so that an indicator counts it, in the words of its form and sheet."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from shared_kit.events.definitions import Condition
from shared_kit.web.language import Bilingual

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "instrument": ("tool or instrument", "outil ou instrument"),
    "compendium": ("compendium", "recueil"),
    "advice-or-decision": ("advice or decision", "avis ou décision"),
    "research": ("research paper or analysis", "travail de recherche ou analyse"),
    "joint-operation": ("joint operation", "opération conjointe"),
    "mission": ("mission", "mission"),
    "meeting": ("meeting", "réunion"),
    "event": ("event", "manifestation"),
    "workshop": ("workshop", "atelier"),
    "milestone": ("milestone", "jalon"),
    "other": ("other", "autre"),
    "knowledge": ("to share knowledge", "partager des connaissances"),
    "support": ("to support Members", "soutenir les Membres"),
    "governance": ("governance", "gouvernance"),
}
"""Kinds and purposes by their codes."""

FLAGS: Final = frozenset({"uses_it", "data_analysis", "compendium", "revenue_advice", "listed"})
_FIELDS: Final[Mapping[str, tuple[str, str]]] = {
    "kind": ("kind", "genre"),
    "purpose": ("purpose", "but"),
    "unit": ("unit", "unité"),
    "instrument": ("instrument", "instrument"),
    "objectives": ("objective", "objectif"),
    "priorities": ("priority", "priorité"),
    "packages": ("Package", "train de mesures"),
    "uses_it": ("Uses IT", "Informatique"),
    "data_analysis": ("Data analysis", "Analyse de données"),
    "compendium": ("Compendium", "Recueil"),
    "revenue_advice": ("Advice on revenue", "Avis sur les recettes"),
    "listed": ("In the plan", "Prévu au plan"),
    "weight": ("weight", "poids"),
    "due": ("date", "date"),
}


def needs(conditions: Iterable[Condition]) -> Bilingual:
    """What a Deliverable needs to meet some conditions, in the words of its form."""
    said = [_need(one) for one in conditions]
    return Bilingual(
        en=" and ".join(one.en for one in said), fr=" et ".join(one.fr for one in said)
    )


def field_of(condition: Condition) -> Bilingual:
    """What a form calls the field that a condition looks at."""
    en, fr = _FIELDS.get(condition.field, (condition.field, condition.field))
    return Bilingual(en=en, fr=fr)


def _need(condition: Condition) -> Bilingual:
    en, fr = _FIELDS.get(condition.field, (condition.field, condition.field))
    if condition.field in FLAGS and condition.any_of:
        yes = "true" in condition.any_of
        return Bilingual(
            en=f"{en} {'yes' if yes else 'no'}", fr=f"{fr}\u00a0: {'oui' if yes else 'non'}"
        )
    if condition.any_of:
        return _one_of(en, fr, condition.any_of)
    if condition.none_of:
        return _one_of(f"{en} other than", f"{fr} autre que", condition.none_of)
    if condition.not_only:
        return _one_of(f"{en} beside", f"{fr} en plus de", condition.not_only)
    if condition.present is not None:
        return Bilingual(
            en=f"{'a' if condition.present else 'no'} {en}",
            fr=f"{'avec' if condition.present else 'sans'} {fr}",
        )
    low, high = condition.at_least, condition.at_most
    bounds = " ".join(str(one) for one in (low and f"≥ {low}", high and f"≤ {high}") if one)
    return Bilingual(en=f"{en} {bounds}", fr=f"{fr} {bounds}")


def _one_of(en: str, fr: str, codes: Collection[str]) -> Bilingual:
    words = [_named(code) for code in codes]
    return Bilingual(
        en=f"{en} {_either([one.en for one in words], 'or')}",
        fr=f"{fr} {_either([one.fr for one in words], 'ou')}",
    )


def _either(names: Sequence[str], word: str) -> str:
    *first, last = names
    return f"{', '.join(first)} {word} {last}" if first else last


def _named(code: str) -> Bilingual:
    """A code as it is written, with its word where that is another."""
    en, fr = WORDS.get(code, (code, code))
    return Bilingual(
        en=code if en == code else f"{code} ({en})", fr=code if fr == code else f"{code} ({fr})"
    )
