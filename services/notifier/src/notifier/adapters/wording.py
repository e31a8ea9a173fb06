"""Puts notices into words by templates, and never fails to: a plain text stands in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from html import escape
from typing import Any

import structlog
from jinja2 import BaseLoader, Environment, PackageLoader, StrictUndefined, TemplateError

from notifier.adapters.differing import Differing
from notifier.adapters.levels import Levels
from notifier.adapters.links import Links
from notifier.adapters.markup import Marks, one_line, page
from notifier.adapters.phrases import LANGUAGES, Language, Phrases
from notifier.domain.difference import Difference
from notifier.domain.notice import Notice
from notifier.domain.reminder import Reminder
from notifier.domain.sample import Kind, Status
from notifier.domain.subject import Subject
from notifier.ports.stores import Message, Written
from shared_kit.calendar import PeriodKind, UnknownPeriodError

_SHOWN_ITEMS = 2
_TEMPLATES = PackageLoader("notifier.adapters", "templates")
_log = structlog.get_logger("wording")

# What a template or a figure that nobody thought of may raise; the notice goes out all the same.
_FAILURES = (TemplateError, ValueError, TypeError, ArithmeticError, LookupError, AttributeError)

_LEVELS: Mapping[Language, Mapping[str, str]] = {
    "en": {"warning": "Warning", "critical": "Critical"},
    "fr": {"warning": "Avertissement", "critical": "Critique"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Message:
    """A message to be written: its templates, what they are given, what stands in for them."""

    kind: str
    subject: str
    body: str
    context: Callable[[Language, Marks], Mapping[str, Any]]
    fallback: Callable[[Language], Message]


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
        return self._written(
            _Message(
                kind=notice.kind.value,
                subject="doubt_subject" if notice.difference else "subject",
                body="doubt_body" if notice.difference else "body",
                context=partial(self._context, notice),
                fallback=partial(_fallback, notice),
            )
        )

    def remind(self, reminder: Reminder) -> Written:
        return self._written(
            _Message(
                kind="reminder",
                subject="reminder_subject",
                body="reminder_body",
                context=partial(self._context_of_reminder, reminder),
                fallback=partial(_fallback_of_reminder, reminder),
            )
        )

    def reason(self, notice: Notice) -> tuple[str, str]:
        return self._reason(notice, "en"), self._reason(notice, "fr")

    def _written(self, asked: _Message) -> Written:
        english, french = self._message(asked, "en"), self._message(asked, "fr")
        return Written(en=english[0], fr=french[0], error=english[1] or french[1])

    def _message(self, asked: _Message, language: Language) -> tuple[Message, str | None]:
        try:
            return self._render(asked, language), None
        except _FAILURES as error:
            _log.exception("template failed", kind=asked.kind, language=language)
            return asked.fallback(language), type(error).__name__

    def _render(self, asked: _Message, language: Language) -> Message:
        plain, html = Marks(html=False), Marks(html=True)
        subject = one_line(self._text(asked.subject, language, asked.context(language, plain)))
        lines = self._text(asked.body, language, asked.context(language, plain)).split("\n")
        lines.extend(["", *(f"[{label}] {url}" for label, url in plain.addresses.items())])
        body = self._text(asked.body, language, asked.context(language, html), html=True)
        return Message(
            subject=subject,
            text="\n".join(lines).rstrip() + "\n",
            html=page(subject=subject, body=body, language=language),
        )

    def _reason(self, notice: Notice, language: Language) -> str:
        try:
            context = self._context(notice, language, Marks(html=False))
            name = "doubt_reason" if notice.difference else "reason"
            return one_line(self._text(name, language, context))
        except _FAILURES:
            _log.exception("template failed", kind="reason", language=language)
            return _fallback(notice, language).subject

    def _text(
        self, name: str, language: Language, context: Mapping[str, Any], *, html: bool = False
    ) -> str:
        template = self._environments[language, html].get_template(f"{language}/{name}.jinja")
        text = template.render(**context)
        return "\n".join(line.strip() for line in text.strip().split("\n") if line.strip())

    def _context(self, notice: Notice, language: Language, marks: Marks) -> Mapping[str, Any]:
        phrases = Phrases(language=language)
        if notice.difference is not None:
            return self._context_of_doubt(notice, notice.difference, phrases, marks)
        sample, subject = notice.sample, notice.subject
        period = subject.period(sample.period)
        levels = Levels(phrases=phrases, subject=subject, sample=sample)
        level = levels.figure()
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
            "by_expected": sample.by_expected,
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
            "due_by": sample.due_by
            or min(period.end, sample.judged_on - timedelta(days=subject.grace_days)),
            "measured": level or phrases.measured(sample),
            "progress": phrases.progress(sample),
            "final": level or phrases.final(sample),
            "approved": levels.approved(sample.terms),
            "approved_before": None if notice.former is None else levels.approved(notice.former),
            "expected_level": levels.expected(),
            "zone": subject.calendar.zone,
            "demo": self._demo and notice.synthetic,
            "strong": marks.strong,
            "link": marks.link,
            "open_url": self._links.indicator(
                indicator=subject.indicator, period=sample.period, language=language
            ),
            "on_track_on": notice.on_track_on,
            "on_track_now": sample.status is Status.ON_TRACK,
            "moved_url": self._moved(notice, language),
            "alert_url": self._links.alert(alert=notice.alert, language=language),
            "list_url": self._links.due(
                indicator=subject.indicator, period=sample.period, language=language
            ),
        }

    def _moved(self, notice: Notice, language: Language) -> str | None:
        """Where the page says why it moved since it was on track; None where it never was."""
        sample = notice.sample
        if notice.on_track_on is None or notice.on_track_on >= sample.judged_on:
            return None
        return self._links.changes(
            indicator=sample.indicator,
            period=sample.period,
            since=notice.on_track_on,
            until=sample.judged_on,
            language=language,
        )

    def _context_of_doubt(
        self, notice: Notice, difference: Difference, phrases: Phrases, marks: Marks
    ) -> Mapping[str, Any]:
        subject, language = notice.subject, phrases.language
        return {
            **Differing(phrases=phrases, difference=difference).context(marks),
            "notice": notice,
            "kind": notice.kind.value,
            "code": subject.code,
            "name": getattr(subject.name, language),
            "title": getattr(subject.title, language).rstrip("."),
            "counted": getattr(subject.counted, language).rstrip("."),
            "period": _label(subject, notice.sample.period, language),
            "zone": subject.calendar.zone,
            "demo": self._demo and notice.synthetic,
            "strong": marks.strong,
            "link": marks.link,
            "alert_url": self._links.alert(alert=notice.alert, language=language),
            "check_url": self._links.check(number=difference.check),
        }

    def _context_of_reminder(
        self, reminder: Reminder, language: Language, marks: Marks
    ) -> Mapping[str, Any]:
        def titled(item: Mapping[str, Any]) -> str:
            return marks.titled(item["title_en"], item["title_fr"], language, link=item["url"])

        return {
            "unit": getattr(reminder.unit_title, language),
            "code": reminder.unit,
            "items": [
                {
                    "title": (item.title_fr if language == "fr" else None) or item.title,
                    "title_en": item.title,
                    "title_fr": item.title_fr,
                    "due": item.due,
                    "left": (item.due - reminder.on).days,
                    "url": self._links.deliverable(deliverable=item.key, language=language),
                }
                for item in reminder.items
            ],
            "days": reminder.days,
            "at": reminder.at,
            "zone": reminder.calendar.zone,
            "demo": self._demo and reminder.synthetic,
            "titled": titled,
            "link": marks.link,
            "open_url": self._links.unit(unit=reminder.unit, language=language),
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


def _label(subject: Subject, period: str, language: Language) -> str:
    try:
        return _period_label(subject.calendar.label(subject.period(period)), language)
    except UnknownPeriodError:
        return period  # a later version of the plan may cut its periods anew


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
    html = page(subject=subject, body=escape(text), language=language)
    return Message(subject=subject, text=text, html=html)


def _fallback_of_reminder(reminder: Reminder, language: Language) -> Message:
    subject = f"[Rappel] {reminder.unit}" if language == "fr" else f"[Reminder] {reminder.unit}"
    lines = "".join(f"{item.due} {item.key}\n" for item in reminder.items)
    text = f"{subject}\n{lines}"
    return Message(
        subject=subject,
        text=text,
        html=page(subject=subject, body=escape(text), language=language),
    )
