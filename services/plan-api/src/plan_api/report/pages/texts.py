"""The words of the pages in English and French, from catalogues compiled in memory at start.

English stands in the code and the templates; `locale/fr/report.po` holds the French, which a test
keeps complete. `.mo` files are not committed: a stale one would be believed.
"""

import gettext
from collections.abc import Mapping
from importlib.resources import files
from io import BytesIO
from typing import Final, Literal

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

Language = Literal["en", "fr"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "fr")

Texts = gettext.NullTranslations


def load_catalogues() -> Mapping[Language, Texts]:
    """Read what the package brings; English is the language of the source itself."""
    return {"en": gettext.NullTranslations(), "fr": _compiled("fr")}


def _compiled(language: str) -> Texts:
    source = files("plan_api.report") / "locale" / language / "report.po"
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(source.read_bytes()), locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
