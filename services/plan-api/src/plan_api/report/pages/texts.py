"""The words of the pages in English and French, from catalogues compiled in memory at start.

English stands in the code and the templates; `locale/fr/<package>.po` holds the French, which a
test keeps complete. `.mo` files are not committed: a stale one would be believed.
"""

import gettext
from collections.abc import Mapping, Sequence
from importlib.resources import files
from io import BytesIO
from typing import Final, Literal

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

Language = Literal["en", "fr"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "fr")

Texts = gettext.NullTranslations


def load_catalogues(packages: Sequence[str] = ("plan_api.report",)) -> Mapping[Language, Texts]:
    """Read what the packages bring; English is the language of the source itself."""
    return {"en": gettext.NullTranslations(), "fr": _compiled("fr", packages)}


def _compiled(language: str, packages: Sequence[str]) -> Texts:
    first, *others = (_read(language, package) for package in packages)
    for one in others:
        first.add_fallback(one)
    return first


def _read(language: str, package: str) -> Texts:
    name = f"{package.rpartition('.')[2]}.po"
    source = files(package) / "locale" / language / name
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(source.read_bytes()), locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
