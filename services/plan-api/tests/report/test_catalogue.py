"""Everything that a person reads exists in both languages."""

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

PACKAGES = ("report", "desk", "exchange")
NAMES = re.compile(r"%\((\w+)\)s")


def root_of(package: str) -> Path:
    return Path(str(files(f"plan_api.{package}")))


def in_the_source(package: str) -> set[tuple[str, ...]]:
    found = extract_from_dir(
        root_of(package),
        method_map=[("**.py", "python"), ("**/templates/**.html", "jinja2")],
        options_map={"**/templates/**.html": {"trimmed": "true"}},
        keywords={"gettext": None, "_": None, "ngettext": (1, 2)},
    )
    return {forms(message) for _, _, message, _, _ in found}


def forms(message: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    if message is None or isinstance(message, str):
        return (message or "",)
    return tuple(message)


def french(package: str) -> Catalog:
    with (root_of(package) / "locale" / "fr" / f"{package}.po").open("rb") as source:
        return read_po(source)


def translated(*packages: str) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    for package in packages or PACKAGES:
        for message in french(package):
            if message.id:
                yield forms(message.id), forms(message.string)


def test_finds_the_words_of_templates_and_modules() -> None:
    found = in_the_source("report")

    assert ("What needs attention",) in found
    assert ("On track",) in found
    assert ("%(count)s day late", "%(count)s days late") in found


def test_has_a_french_text_for_every_english_one_and_none_too_many() -> None:
    report = in_the_source("report")

    assert {english for english, _ in translated("report")} == report
    for room in PACKAGES[1:]:
        assert {english for english, _ in translated(room)} == in_the_source(room) - report


def test_leaves_no_translation_empty_or_unsure() -> None:
    for english, texts in translated():
        assert all(text.strip() for text in texts), english
    for package in PACKAGES:
        assert not [one.id for one in french(package) if one.id and one.fuzzy]


def test_keeps_the_names_of_what_is_put_into_a_sentence() -> None:
    for english, texts in translated():
        expected = {name for text in english for name in NAMES.findall(text)}
        for text in texts:
            # A singular may leave the number out.
            assert set(NAMES.findall(text)) <= expected, english
        assert set(NAMES.findall(texts[-1])) == expected, english


FAULTS = {
    "no narrow space before ; ! ? or a closing guillemet": re.compile(r"(?<!\u202f)[;!?»]"),
    "no no-break space before a colon": re.compile(r"[^\u00a0]:(?!//)"),
    "no narrow space after an opening guillemet": re.compile(r"«(?!\u202f)"),
    "a straight apostrophe or quote": re.compile(r"['\"]"),
    "thousands without a narrow space": re.compile(r"\d[ .,\u00a0]\d{3}\b|\d{5}"),
    "a space that breaks before a percent sign": re.compile(r"(?<![\u202f%])%(?![(\w])"),
    "an English dash or ellipsis of points": re.compile(r"\.\.\.|\s-\s"),
}


def test_every_package_with_words_is_looked_at() -> None:
    found = {file.stem for file in root_of("report").parent.glob("*/locale/fr/*.po")}

    assert found == set(PACKAGES)


def test_writes_french_as_french_is_set() -> None:
    found = [
        (text, fault)
        for _, texts in translated()
        for text in texts
        for fault, pattern in FAULTS.items()
        if pattern.search(text)
    ]

    assert found == []


@pytest.mark.parametrize(
    "wrong",
    ["Ah ?", "Ah !", "a ; b", "a : b", "« a »", "l'un", "10 000", "10000", "5 %", "a - b"],
)
def test_sees_what_is_not_french_typography(wrong: str) -> None:
    assert any(pattern.search(wrong) for pattern in FAULTS.values())


def test_has_no_text_in_templates_outside_the_catalogue() -> None:
    allowed = {"English", "Français"}
    templates = [root_of(package) / "templates" for package in PACKAGES]
    for template in (file for folder in templates for file in folder.glob("*.html")):
        text = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", " ", template.read_text("utf-8"), flags=re.S)
        text = re.sub(r"<[^>]*>", " ", text)
        words = set(re.findall(r"[A-Za-zÀ-ÿ]{2,}", text)) - allowed - {"nbsp"}
        assert not words, f"{template.name}: {words}"
