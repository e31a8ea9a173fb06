"""Forms as data: what is asked, what was sent, and what is wrong with it.

A refused form is shown again with all that was typed; each fault stands at the top and at its
field. What a field may hold is decided by the body or event that the form becomes, not here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, Self

from markupsafe import Markup

from plan_api.report.pages.texts import Texts

Kind = Literal[
    "line", "text", "date", "number", "choice", "radios", "checks", "shares", "flag", "hidden"
]
Sent = Mapping[str, Sequence[str]]

ONCE: Final = "once"
"""The page's mark, which tells a form that was sent twice from two forms."""
VERSION: Final = "version"
"""The field that says which version the reader had before them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One thing that can be chosen."""

    value: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One question with its hint, and what the reader has answered so far."""

    name: str
    label: str = ""
    kind: Kind = "line"
    hint: str = ""
    options: tuple[Option, ...] = ()
    suggestions: tuple[Option, ...] = ()
    """What a line may well be; anything else can be typed too."""
    optional: bool = False
    values: tuple[str, ...] = ()
    error: str = ""

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""

    def described(self, place: str) -> Markup:
        """The attributes that tie hint and fault to the field, for those who listen."""
        said = [f"{place}-hint"] if self.hint else []
        if self.error:
            said.append(f"{place}-error")
        described = Markup('aria-describedby="{}"').format(" ".join(said)) if said else Markup("")
        return described + Markup(' aria-invalid="true"') if self.error else described

    @property
    def is_asked(self) -> bool:
        return self.kind != "hidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """Questions under one heading and one button."""

    name: str
    action: str
    title: str
    button: str
    fields: tuple[Field, ...] = ()
    lead: str = ""
    trouble: str = ""

    @property
    def is_refused(self) -> bool:
        return bool(self.trouble) or any(one.error for one in self.fields)

    def filled(self, sent: Sent) -> Self:
        """The same form with what was typed."""
        return replace(
            self,
            fields=tuple(replace(one, values=tuple(sent.get(one.name, ()))) for one in self.fields),
        )

    def with_hidden(self, other: "Form") -> Self:
        """The same form with what another one carries unasked."""
        carried = {one.name: one for one in other.fields if not one.is_asked}
        return replace(self, fields=tuple(carried.get(one.name, one) for one in self.fields))

    def refused(self, errors: Mapping[str, str], *, trouble: str = "") -> Self:
        """The same form with what is wrong; a fault of no field stands at the top alone."""
        names = {one.name for one in self.fields if one.is_asked}
        loose = [text for name, text in errors.items() if name not in names]
        return replace(
            self,
            fields=tuple(replace(one, error=errors.get(one.name, "")) for one in self.fields),
            trouble=" ".join([*([trouble] if trouble else []), *loose]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What was typed into a form, read field by field."""

    form: Form
    missing: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str | None:
        """One answer without its outer spaces; None where nothing was typed."""
        return self._one(name).value.strip() or None

    def number(self, name: str) -> str | None:
        """A number as people type it: spaces between thousands, a comma for the point."""
        text = self.text(name)
        return None if text is None else _number(text)

    def all(self, name: str) -> list[str]:
        return [value for value in self._one(name).values if value]

    def beside(self, name: str) -> list[tuple[str, str]]:
        """What was typed beside each option, for those with something beside them."""
        one = self._one(name)
        typed = [_number(value.strip()) for value in one.values]
        pairs = zip(one.options, typed, strict=False)
        return [(option.value, value) for option, value in pairs if value]

    def flag(self, name: str) -> bool:
        return bool(self._one(name).value)

    def lines_of(self, name: str) -> list[str]:
        """An answer of several lines."""
        return [line.strip() for line in self._one(name).value.splitlines() if line.strip()]

    def lines(self, name: str) -> list[str]:
        """An answer of several, separated by commas or lines."""
        text = self._one(name).value.replace("\r", "\n").replace(",", "\n")
        return [part.strip() for part in text.split("\n") if part.strip()]

    def _one(self, name: str) -> Field:
        return next(one for one in self.form.fields if one.name == name)


def read(form: Form, sent: Sent, *, texts: Texts) -> Answers:
    """What was typed, and what is missing of it."""
    filled = form.filled(_clean(sent))
    missing = {
        one.name: _ask_for(one, texts)
        for one in filled.fields
        if one.is_asked
        and not one.optional
        and one.kind != "flag"
        and not any(value.strip() for value in one.values)
    }
    return Answers(form=filled, missing=missing)


def options(pairs: Iterable[tuple[str, str]]) -> tuple[Option, ...]:
    return tuple(Option(value=value, label=label) for value, label in pairs)


def _clean(sent: Sent) -> Sent:
    return {
        name: [value.replace("\r\n", "\n").replace("\x00", "") for value in values]
        for name, values in sent.items()
    }


def _number(text: str) -> str:
    for space in (" ", "\u00a0", "\u202f", "\u2009"):
        text = text.replace(space, "")
    return text.replace(",", ".") if text.count(",") == 1 and "." not in text else text


def _ask_for(one: Field, texts: Texts) -> str:
    _ = texts.gettext
    match one.kind:
        case "date":
            return _("Enter a date.")
        case "number":
            return _("Enter a number, in digits.")
        case "choice" | "radios":
            return _("Choose one of the answers.")
        case "checks":
            return _("Choose at least one.")
        case "shares":
            return _("Enter at least one share.")
        case _:
            return _("Fill this in.")
