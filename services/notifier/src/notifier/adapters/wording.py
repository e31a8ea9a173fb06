"""Puts notices into words by templates, and never fails to: a plain text stands in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

import structlog
from jinja2 import BaseLoader, Environment, PackageLoader, StrictUndefined, TemplateError
from markupsafe import Markup

from notifier.adapters.links import Links
from notifier.adapters.phrases import LANGUAGES, Language, Phrases
from notifier.domain.notice import Notice
from notifier.domain.sample import Kind
from notifier.ports.stores import Message, Written
from shared_kit.calendar import PeriodKind

_SHOWN_ITEMS = 2
_TEMPLATES = PackageLoader("notifier.adapters", "templates")
_log = structlog.get_logger("wording")

# What a template or a figure that nobody thought of may raise; the notice goes out all the same.
_FAILURES = (TemplateError, ValueError, TypeError, ArithmeticError, LookupError, AttributeError)

_LEVELS: Mapping[Language, Mapping[str, str]] = {
    "en": {"warning": "Warning", "critical": "Critical"},
    "fr": {"warning": "Avertissement", "critical": "Critique"},
}


@dataclass(slots=True)
class _Marks:
    """Emphasis and links as plain text or as HTML; plain text gathers its addresses."""

    html: bool
    addresses: dict[str, str] = field(default_factory=dict)

    def strong(self, text: str) -> str:
        return Markup("<strong>{}</strong>").format(text) if self.html else text

    def titled(self, title: str, title_fr: str | None, language: Language) -> str:
        """A title in the reader's language; one that has no French is marked as English."""
        if language == "fr" and title_fr:
            return title_fr
        if language == "fr" and self.html:
            return Markup('<span lang="en">{}</span>').format(title)
        return title

    def link(self, label: str, address: str) -> str:
        if self.html:
            return Markup('<a href="{}">{}</a>').format(address, label)
        self.addresses[label] = address
        return f"[{label}]"


class JinjaWriter:
    """Templates by language; the text and the HTML part come from the same lines."""

    def __init__(self, *, links: Links, demo: bool, loader: BaseLoader | None = None) -> None:
        self._links = links
        self._demo = demo
        self._environments = {
            (language, html): _environment(loader or _TEMPLATES, language, html=html)
            for language in LANGUAGES
            for html in (False, True)
        }

    def write(self, notice: Notice) -> Written:
        english, french = self._message(notice, "en"), self._message(notice, "fr")
        return Written(en=english[0], fr=french[0], error=english[1] or french[1])

    def reason(self, notice: Notice) -> tuple[str, str]:
        return self._reason(notice, "en"), self._reason(notice, "fr")

    def _message(self, notice: Notice, language: Language) -> tuple[Message, str | None]:
        try:
            return self._render(notice, language), None
        except _FAILURES as error:
            _log.exception("template failed", kind=notice.kind, language=language)
            return _fallback(notice, language), type(error).__name__

    def _render(self, notice: Notice, language: Language) -> Message:
        subject = self._text("subject", notice, language, _Marks(html=False))
        plain = _Marks(html=False)
        lines = self._text("body", notice, language, plain).split("\n")
        lines.extend(["", *(f"[{label}] {url}" for label, url in plain.addresses.items())])
        body = self._text("body", notice, language, _Marks(html=True))
        return Message(
            subject=_one_line(subject),
            text="\n".join(lines).rstrip() + "\n",
            html=_page(subject=_one_line(subject), body=body, language=language),
        )

    def _reason(self, notice: Notice, language: Language) -> str:
        try:
            return _one_line(self._text("reason", notice, language, _Marks(html=False)))
        except _FAILURES:
            _log.exception("template failed", kind="reason", language=language)
            return _fallback(notice, language).subject

    def _text(self, name: str, notice: Notice, language: Language, marks: _Marks) -> str:
        template = self._environments[language, marks.html].get_template(f"{language}/{name}.jinja")
        text = template.render(**self._context(notice, language, marks))
        return "\n".join(line.strip() for line in text.strip().split("\n") if line.strip())

    def _context(self, notice: Notice, language: Language, marks: _Marks) -> Mapping[str, Any]:
        phrases = Phrases(language=language)
        sample, subject = notice.sample, notice.subject
        period = subject.period(sample.period)
        return {
            "notice": notice,
            "kind": notice.kind.value,
            "basis": notice.basis.value,
            "sample": sample,
            "planned": sample.kind is Kind.PLANNED,
            "milestones": sample.kind is Kind.MILESTONES,
            "counts_due": sample.kind is Kind.PLANNED and bool(sample.due),
            # All that has a date is released, yet more was expected: say what is missing.
            "undated_missing": sample.undated_missing,
            "level": _LEVELS[language][notice.level.value],
            "previous_level": _LEVELS[language].get(notice.previous_level or "", ""),
            "code": subject.code,
            "name": getattr(subject.name, language),
            "title": getattr(subject.title, language).rstrip("."),
            "counted": getattr(subject.counted, language).rstrip("."),
            "period": _period_label(subject.calendar.label(period), language),
            "year": period.kind is PeriodKind.YEAR,
            "overdue": [
                {
                    "title": marks.titled(item.title, item.title_fr, language),
                    "day": phrases.short_day(item.due, seen_on=sample.judged_on),
                    "days": item.days,
                }
                for item in sample.overdue[:_SHOWN_ITEMS]
            ],
            "more": max(0, len(sample.overdue) - _SHOWN_ITEMS),
            "count": len(sample.overdue),
            "due_by": sample.due_by or sample.judged_on,
            "measured": phrases.measured(sample),
            "progress": phrases.progress(sample),
            "final": phrases.final(sample),
            "zone": subject.calendar.zone,
            "demo": self._demo,
            "strong": marks.strong,
            "link": marks.link,
            "open_url": self._links.indicator(
                indicator=subject.indicator, period=sample.period, language=language
            ),
            "list_url": self._links.due(
                indicator=subject.indicator, period=sample.period, language=language
            ),
        }


def _environment(loader: BaseLoader, language: Language, *, html: bool) -> Environment:
    made = Environment(
        loader=loader,
        undefined=StrictUndefined,
        autoescape=html,  # noqa: S701 - the text part is no markup; the HTML part is escaped
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(Phrases(language=language).filters())
    return made


def _period_label(label: str, language: Language) -> str:
    if language == "fr" and label.startswith("FY"):
        return f"exercice {label.removeprefix('FY')}"
    return label


def _fallback(notice: Notice, language: Language) -> Message:
    """What is certain to be there, without a template."""
    level = _LEVELS[language][notice.level.value]
    if language == "fr":
        subject = f"[{level}] {notice.subject.code} : {notice.kind.value}"
        text = f"{subject}\n{notice.subject.indicator}, {notice.sample.period}, {notice.on}\n"
    else:
        subject = f"[{level}] {notice.subject.code}: {notice.kind.value}"
        text = f"{subject}\n{notice.subject.indicator}, {notice.sample.period}, {notice.on}\n"
    html = _page(subject=subject, body=escape(text), language=language)
    return Message(subject=subject, text=text, html=html)


def _one_line(text: str) -> str:
    # A line break in a title would end the header that it goes into.
    return text.replace("\r", " ").replace("\n", " ").strip()


def _page(*, subject: str, body: str, language: Language) -> str:
    paragraphs = "\n".join(f"<p>{line}</p>" for line in body.strip().split("\n"))
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        f"<title>{escape(subject)}</title></head>\n"
        f'<body style="font-family:system-ui,sans-serif;max-width:40em;line-height:1.5">\n'
        f"{paragraphs}\n</body></html>\n"
    )
