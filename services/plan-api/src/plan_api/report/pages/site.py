"""The templates, one environment a language; everything a page shows is escaped by default."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from typing import Self

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from plan_api.report.pages.marks import mark
from plan_api.report.pages.texts import Language, Texts, load_catalogues


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What is needed to write a page in either language. Built once at start."""

    environments: Mapping[Language, Environment]
    catalogues: Mapping[Language, Texts]

    @classmethod
    @cache
    def load(cls, *, rooms: tuple[str, ...] = ()) -> Self:
        """Read the templates and words of the report, and of further packages that show pages.

        Once a process, however many apps it has: a template is compiled when it is first shown.
        """
        packages = ("plan_api.report", *rooms)
        catalogues = load_catalogues(packages)
        return cls(
            environments={
                language: _environment(texts, packages) for language, texts in catalogues.items()
            },
            catalogues=catalogues,
        )

    def render(self, template: str, *, language: Language, context: Mapping[str, object]) -> str:
        """Write a page. A name that a template misspells is an error, never an empty place."""
        return self.environments[language].get_template(template).render(context)


def _environment(texts: Texts, packages: Sequence[str]) -> Environment:
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package, "templates") for package in packages]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    # The extension installs this method; jinja2's types do not know it.
    install = getattr(environment, "install_gettext_translations")  # noqa: B009
    install(texts, newstyle=True)
    environment.policies["ext.i18n.trimmed"] = True
    environment.globals["mark"] = mark
    environment.globals["style"] = _digest("report.css")
    environment.globals["script"] = _digest("live.js")
    environment.globals["icon"] = _digest("icon.svg")
    return environment


def _digest(name: str) -> str:
    """Stands in the asset's address: a changed file gets another one."""
    content = files("plan_api.report").joinpath("static", name).read_bytes()
    return blake2b(content, digest_size=8).hexdigest()
