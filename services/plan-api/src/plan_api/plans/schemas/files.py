"""A plan file as a request body: read whole, looked through, refused place by place."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import Field

from plan_api.core.bodies import Read, SaidRead, said_read
from shared_kit.events.definitions import PlanSnapshot
from shared_kit.events.plan_file import PlanFileError, read_plan_file
from shared_kit.events.plan_places import Finding
from shared_kit.web.language import Bilingual, Language
from shared_kit.web.messages import field_errors
from shared_kit.web.openapi import component, components_of
from shared_kit.web.problems import (
    INVALID_INPUT,
    UNREADABLE_BODY,
    UNSUPPORTED_MEDIA_TYPE,
    FieldError,
    ProblemError,
)

_ERRORS_MAX: Final = 200

_SAID: Final = {"en": "More clean rivers", "fr": "Plus de rivières propres", "ours": True}
EXAMPLE: Final[Mapping[str, Any]] = {
    "plan": "rivers-2021-2023",
    "version": 1,
    "effective_on": "2021-01-01",
    "organization": {"en": "Rivers Board", "fr": "Office des rivières", "ours": True},
    "title": {"en": "Plan 2021-2023", "fr": "Plan 2021-2023", "ours": True},
    "cycle": {
        "code": "2021-2023",
        "start": "2021-01-01",
        "end": "2023-12-31",
        "year_start_month": 1,
        "timezone": "Europe/Paris",
    },
    "perspectives": [
        {"code": "R", "title": {"en": "Results", "fr": "Résultats", "ours": True}, "position": 1}
    ],
    "objectives": [{"code": "CLEAN", "title": _SAID, "perspective": "R"}],
    "indicators": [
        {
            "code": "CLEAN.1",
            "objective": "CLEAN",
            "title": {"en": "Rivers cleaned", "fr": "Rivières nettoyées", "ours": True},
            "definition": {
                "en": "Clean-ups done, of those planned",
                "fr": "Nettoyages faits, sur ceux prévus",
                "ours": True,
            },
            "short": {"en": "clean-ups", "fr": "nettoyages", "ours": True},
            "kind": "planned",
            "measure": {
                "aggregate": "count",
                "where": [
                    {
                        "field": "kind",
                        "any_of": ["clean-up"],
                        "why": {"en": "No clean-up", "fr": "Pas un nettoyage", "ours": True},
                    }
                ],
            },
            "owner": "SGO",
            "tolerance": {"on_track": "0.95", "at_risk": "0.8"},
        }
    ],
    "deliverable_kinds": ["clean-up"],
}
"""A small plan that can be imported as it is; its owner is a unit of the starter directory."""

PLAN_FILE_BODY: Final[Mapping[str, Any]] = {
    "required": True,
    "content": {
        "application/json": {
            "schema": component("PlanFile"),
            "example": EXAMPLE,
        }
    },
}
PLAN_FILE_ANSWER: Final[Mapping[str, Any]] = {
    "description": "The plan file.",
    "content": {"application/json": {"schema": component("PlanFile"), "example": EXAMPLE}},
}
LOCATION_HEADER: Final[Mapping[str, Any]] = {
    "Location": {"description": "Path of the plan.", "schema": {"type": "string"}}
}


def plan_file_schemas() -> Mapping[str, Any]:
    """The schemas of a plan file: those of `plan.published`, but closed, as a file is refused
    for a misspelt field.
    """
    found = components_of(
        PlanSnapshot, name=lambda model: "PlanFile" if model == "PlanSnapshot" else f"Plan{model}"
    )
    for schema in found.values():
        if schema.get("type") == "object":
            schema["additionalProperties"] = False
    return found


def plan_file_schema() -> Mapping[str, Any]:
    """The JSON Schema of a plan file on its own, for an editor that completes and checks."""
    parts = json.dumps(plan_file_schemas()).replace("#/components/schemas/", "#/$defs/")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": "#/$defs/PlanFile",
        "$defs": json.loads(parts),
    }


def example_from(year: int) -> Mapping[str, Any]:
    """The small example with a cycle of three years from 1 January of `year`."""
    code = f"{year}-{year + 2}"
    return {
        **EXAMPLE,
        "plan": f"rivers-{code}",
        "effective_on": f"{year}-01-01",
        "title": {"en": f"Plan {code}", "fr": f"Plan {code}", "ours": True},
        "cycle": {
            **EXAMPLE["cycle"],
            "code": code,
            "start": f"{year}-01-01",
            "end": f"{year + 2}-12-31",
        },
    }


class PlanImported(Read):
    """A version of a plan that is there now."""

    plan: str = Field(examples=["rivers-2021-2023"])
    version: int = Field(examples=[1])
    title: SaidRead
    periods: list[str] = Field(examples=[["FY2021", "FY2022", "FY2023", "2021-2023"]])
    objectives: int = Field(examples=[1])
    indicators: int = Field(examples=[1])

    @classmethod
    def of(cls, snapshot: PlanSnapshot, language: Language) -> "PlanImported":
        return cls(
            plan=snapshot.plan,
            version=snapshot.version,
            title=said_read(snapshot.title, language),
            periods=[period.code for period in snapshot.calendar().periods()],
            objectives=len(snapshot.objectives),
            indicators=len(snapshot.indicators),
        )


def plan_file_of(content_type: str | None, body: bytes) -> PlanSnapshot:
    """Read the body.

    Raises:
        ProblemError: 415, 400 or 422 with every place that is wrong.
    """
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise ProblemError(UNSUPPORTED_MEDIA_TYPE)
    return plan_file_in(body)


def plan_file_in(body: bytes) -> PlanSnapshot:
    """Read a plan file, however it came.

    Raises:
        ProblemError: 400 or 422 with every place that is wrong.
    """
    try:
        found = read_plan_file(body)
    except PlanFileError as error:
        if error.cause is None:
            raise ProblemError(UNREADABLE_BODY, _broken_off(error)) from error
        errors: Sequence[Any] = error.cause.errors(include_url=False, include_input=False)
        if any(one["type"] == "json_invalid" for one in errors):
            raise ProblemError(UNREADABLE_BODY) from error
        raise ProblemError(
            INVALID_INPUT, errors=field_errors([_in_body(one) for one in errors])
        ) from error
    if found.findings:
        raise ProblemError(
            INVALID_INPUT, errors=[_field_error(one) for one in found.findings[:_ERRORS_MAX]]
        )
    return found.snapshot


def _broken_off(error: PlanFileError) -> Bilingual:
    if error.line is None:
        return Bilingual(
            en="The text is not JSON in UTF-8.", fr="Le texte n’est pas du JSON en UTF-8."
        )
    return Bilingual(
        en=f"The text stops being JSON at line {error.line}, column {error.column}.",
        fr=f"Le texte cesse d’être du JSON à la ligne {error.line}, colonne {error.column}.",
    )


def _in_body(error: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**error, "loc": ("body", *error["loc"])}


def _field_error(finding: Finding) -> FieldError:
    return FieldError(
        pointer=f"/body{finding.pointer}",
        message=Bilingual(en=finding.en, fr=finding.fr),
        code=finding.code,
    )
