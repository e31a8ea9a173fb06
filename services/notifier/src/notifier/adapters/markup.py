"""The text and the HTML part of a message, made from the same lines."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import escape
from itertools import groupby

from markupsafe import Markup

from notifier.adapters.phrases import Language

BULLET = "• "
"""A line that begins with it is one of a list."""


@dataclass(slots=True)
class Marks:
    """Emphasis and links as plain text or as HTML; plain text gathers its addresses."""

    html: bool
    addresses: dict[str, str] = field(default_factory=dict)

    def strong(self, text: str) -> str:
        return Markup("<strong>{}</strong>").format(text) if self.html else text

    def titled(
        self, title: str, title_fr: str | None, language: Language, *, link: str | None = None
    ) -> str:
        """A title in the reader's language; one that has no French is marked as English.

        `link` leads to its page from HTML alone: a list of addresses would bury a plain text.
        """
        shown = title_fr if language == "fr" and title_fr else title
        if not self.html:
            return shown
        said = Markup.escape(shown)
        if language == "fr" and not title_fr:
            said = Markup('<span lang="en">{}</span>').format(shown)
        return Markup('<a href="{}">{}</a>').format(link, said) if link else said

    def link(self, label: str, address: str) -> str:
        if self.html:
            return Markup('<a href="{}">{}</a>').format(address, label)
        self.addresses[label] = address
        return f"[{label}]"


def one_line(text: str) -> str:
    # A line break in a title would end the header that it goes into.
    return text.replace("\r", " ").replace("\n", " ").strip()


def page(*, subject: str, body: str, language: Language) -> str:
    paragraphs = "\n".join(_paragraphs(body.strip().split("\n")))
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        f"<title>{escape(subject)}</title></head>\n"
        f'<body style="font-family:system-ui,sans-serif;max-width:40em;line-height:1.5">\n'
        f"{paragraphs}\n</body></html>\n"
    )


def _paragraphs(lines: Iterable[str]) -> Iterator[str]:
    for listed, group in groupby(lines, key=lambda line: line.startswith(BULLET)):
        if listed:
            items = "".join(f"<li>{line.removeprefix(BULLET)}</li>" for line in group)
            yield f"<ul>{items}</ul>"
        else:
            yield from (f"<p>{line}</p>" for line in group)
