"""French in the code is set like the catalogues': ’ in elisions, fixed spaces before ; : ! ?"""

import io
import re
import tokenize
from collections.abc import Iterator

import pytest

from tests.architecture.test_house_rules import MEMBERS, ROOT, sources

ACCENT = re.compile(r"[éèêàâîôûçœÉÀ’]")
ELISION = re.compile(
    r"\b(?:[nldcsjmNLDCSJMt]|[QqJjLlPp]\w*qu|[Qq]u|[Aa]ujourd)'(?=[a-zA-ZéèêàâîôûœÉÀ{])"
)
LOOSE = re.compile(r"[\w»)}] [;:!?](?= |\"|$)")


def ill_set(source: str) -> Iterator[tuple[int, str]]:
    """The strings of one line that hold French with a straight apostrophe or a loose sign."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.STRING or token.start[0] != token.end[0]:
            continue
        said = token.string
        if ELISION.search(said) or (ACCENT.search(said) and LOOSE.search(said)):
            yield token.start[0], said


def test_french_is_well_set() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {said}"
        for member in MEMBERS
        for path in sources(member)
        if "migrations" not in path.parts
        for line, said in ill_set(path.read_text("utf-8"))
    ]

    assert wrong == []


@pytest.mark.parametrize("said", ["le plan n'a rien", "une unité : la première", "a été ; a"])
def test_what_is_ill_set_is_found(said: str) -> None:
    assert list(ill_set(f'x = "{said}"\n'))
