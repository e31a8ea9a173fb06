"""What is wrong with a field, in both languages, by pydantic's error type."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from shared_kit.web.answers import pointer_to
from shared_kit.web.language import Bilingual
from shared_kit.web.problems import FieldError

_MESSAGES: Final[Mapping[str, tuple[str, str]]] = {
    "missing": ("This is required.", "Ce champ est obligatoire."),
    "extra_forbidden": ("This field is not known.", "Ce champ n’est pas connu."),
    "string_type": ("A string is expected.", "Une chaîne est attendue."),
    "string_unicode": ("The string is not valid Unicode.", "La chaîne n’est pas de l’Unicode."),
    "string_too_short": (
        "At least {min_length} characters are expected.",
        "Au moins {min_length} caractères sont attendus.",
    ),
    "string_too_long": (
        "At most {max_length} characters are allowed.",
        "Au plus {max_length} caractères sont permis.",
    ),
    "string_pattern_mismatch": (
        "This must match {pattern}.",
        "La valeur doit correspondre à {pattern}.",
    ),
    "int_type": ("An integer is expected.", "Un entier est attendu."),
    "int_parsing": ("An integer is expected.", "Un entier est attendu."),
    "int_parsing_size": ("The integer is out of range.", "L’entier est hors limites."),
    "int_from_float": ("An integer is expected.", "Un entier est attendu."),
    "float_type": ("A number is expected.", "Un nombre est attendu."),
    "float_parsing": ("A number is expected.", "Un nombre est attendu."),
    "finite_number": ("A finite number is expected.", "Un nombre fini est attendu."),
    "decimal_type": ("A decimal is expected.", "Un décimal est attendu."),
    "decimal_parsing": ("A decimal is expected.", "Un décimal est attendu."),
    "bool_type": ("true or false is expected.", "true ou false est attendu."),
    "bool_parsing": ("true or false is expected.", "true ou false est attendu."),
    "greater_than": ("More than {gt} is expected.", "Une valeur supérieure à {gt} est attendue."),
    "greater_than_equal": ("At least {ge} is expected.", "Au moins {ge} est attendu."),
    "less_than": ("Less than {lt} is expected.", "Une valeur inférieure à {lt} est attendue."),
    "less_than_equal": ("At most {le} is allowed.", "Au plus {le} est permis."),
    "enum": ("One of {expected} is expected.", "Une valeur parmi {expected} est attendue."),
    "literal_error": ("{expected} is expected.", "{expected} est attendu."),
    "date_type": ("A date (YYYY-MM-DD) is expected.", "Une date (AAAA-MM-JJ) est attendue."),
    "date_parsing": ("A date (YYYY-MM-DD) is expected.", "Une date (AAAA-MM-JJ) est attendue."),
    "date_from_datetime_parsing": (
        "A date (YYYY-MM-DD) is expected.",
        "Une date (AAAA-MM-JJ) est attendue.",
    ),
    "date_from_datetime_inexact": (
        "A date without a time is expected.",
        "Une date sans heure est attendue.",
    ),
    "datetime_type": ("A date and time is expected.", "Une date avec heure est attendue."),
    "datetime_parsing": ("A date and time is expected.", "Une date avec heure est attendue."),
    "datetime_from_date_parsing": (
        "A date and time is expected.",
        "Une date avec heure est attendue.",
    ),
    "timezone_aware": (
        "The time needs a UTC offset.",
        "L’heure doit porter un décalage UTC.",
    ),
    "list_type": ("A list is expected.", "Une liste est attendue."),
    "set_type": ("A list is expected.", "Une liste est attendue."),
    "tuple_type": ("A list is expected.", "Une liste est attendue."),
    "dict_type": ("An object is expected.", "Un objet est attendu."),
    "model_type": ("An object is expected.", "Un objet est attendu."),
    "model_attributes_type": ("An object is expected.", "Un objet est attendu."),
    "too_short": (
        "At least {min_length} items are expected.",
        "Au moins {min_length} éléments sont attendus.",
    ),
    "too_long": (
        "At most {max_length} items are allowed.",
        "Au plus {max_length} éléments sont permis.",
    ),
    "uuid_parsing": ("A UUID is expected.", "Un UUID est attendu."),
    "uuid_type": ("A UUID is expected.", "Un UUID est attendu."),
    "url_parsing": ("A URL is expected.", "Une URL est attendue."),
    "recursion_loop": ("The input refers to itself.", "Les données se contiennent elles-mêmes."),
    "union_tag_invalid": (
        "One of {expected_tags} is expected.",
        "Une valeur parmi {expected_tags} est attendue.",
    ),
}
_OTHERWISE: Final = ("This value is not valid.", "Cette valeur n’est pas valide.")

_OURS: Final[Mapping[str, str]] = {
    "a decimal is a string of digits, with at most six after the point": (
        "Un décimal est une chaîne de chiffres, six au plus après le point."
    ),
    "at least 0 is expected": "Au moins 0 est attendu.",
    "in UTC it lies outside the years 1 to 9999": "En UTC, elle sort des années 1 à 9999.",
    "a date is YYYY-MM-DD": "Une date s’écrit AAAA-MM-JJ.",
    "a date between 1900 and 2199 is expected": "Une date entre 1900 et 2199 est attendue.",
    'a decimal is a string such as "0.25", at most 6 decimals': (
        "Un décimal est une chaîne telle que « 0.25 », avec six décimales au plus."
    ),
    "a level has at most 12 digits before the point": (
        "Un niveau a au plus 12 chiffres avant le point."
    ),
    "an amount is not negative and has at most 12 digits before the point": (
        "Un montant n’est pas négatif et a au plus 12 chiffres avant le point."
    ),
    "a date or a number is expected": "Une date ou un nombre est attendu.",
    "a date lies between 1900 and 2200": "Une date se situe entre 1900 et 2200.",
    "on_priorities lies between 0 and total": "on_priorities se situe entre 0 et total.",
    "priorities lies between 0 and total": "priorities se situe entre 0 et total.",
    "a denominator is above 0": "Un dénominateur est supérieur à 0.",
    "share lies between 0 and 1": "share se situe entre 0 et 1.",
}
"""French for the messages of our own validators: of web/types.py and of the contracts."""

_LIMIT: Final = 50


def field_errors(errors: Sequence[Any]) -> list[FieldError]:
    """Turn pydantic's errors into ours, without the input that they carry."""
    return [
        FieldError(
            pointer=pointer_to(error.get("loc", ())),
            message=_message(error),
            code=_code(error),
        )
        for error in errors[:_LIMIT]
    ]


def _code(error: Mapping[str, Any]) -> str:
    # A rule about several fields says so itself (events.base.BrokenRuleError).
    raised = (error.get("ctx") or {}).get("error")
    return str(getattr(raised, "code", error.get("type", "invalid")))


def known_codes() -> frozenset[str]:
    """The codes of errors in the shape of an input; a rule of ours has another."""
    return frozenset(_MESSAGES)


def _message(error: Mapping[str, Any]) -> Bilingual:
    kind, context = str(error.get("type", "")), error.get("ctx") or {}
    if kind == "value_error":
        # The text of a ValueError raised by a validator of ours: a constant, no input.
        english = str(context.get("error", "")) or _OTHERWISE[0]
        return Bilingual(en=_sentence(english), fr=_OURS.get(english, _OTHERWISE[1]))
    en, fr = _MESSAGES.get(kind, _OTHERWISE)
    # Limits, patterns and choices come from our schemas, not from the caller.
    return Bilingual(en=en.format_map(_Known(context)), fr=fr.format_map(_Known(context)))


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:].rstrip('.')}."


class _Known(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"
