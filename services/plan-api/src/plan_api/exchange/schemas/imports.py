"""Answers about spreadsheets that came in."""

from datetime import datetime
from uuid import UUID

from pydantic import ConfigDict, Field

from plan_api.core.bodies import Read
from plan_api.exchange.model.findings import Import, ImportState
from plan_api.exchange.model.sheets import BY_NAME
from shared_kit.web.language import Language


class SheetRead(Read):
    """What a sheet holds: lines, and how many are new, known already, wrong, waiting."""

    sheet: str
    lines: int
    new: int
    known: int
    wrong: int
    waiting: int = Field(
        default=0, description="Nothing is wrong in them but that they name a line that is."
    )


class WaitRead(Read):
    """A line with a mistake, and how many others name what it would enter."""

    sheet: str
    row: int
    code: str
    lines: int = Field(description="Those that name it, directly or through others.")


class MistakeRead(Read):
    """What is wrong in a cell, and what to do."""

    sheet: str
    row: int
    column: str = Field(description="Its heading.")
    cell: str = Field(examples=["D14"])
    value: str = Field(description="What stands there, shortened.")
    message: str


class ForeseenRead(Read):
    """An estimate that does not fit what the year would list."""

    indicator: str
    message: str
    near: list[str] = Field(description="Codes of Deliverables that one field keeps out.")


class ImportRead(Read):
    """A spreadsheet that came in, how far it is, and what was found in it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "01900000-0000-7000-8000-000000000001",
                    "plan": "wco-2019-2022",
                    "name": "plan.xlsx",
                    "digest": "0" * 64,
                    "state": "ready",
                    "rows_done": 5,
                    "rows_total": 5,
                    "lines": 5,
                    "can_be_applied": False,
                    "sheets": [
                        {
                            "sheet": "Actions",
                            "lines": 2,
                            "new": 1,
                            "known": 0,
                            "wrong": 1,
                            "waiting": 0,
                        },
                        {
                            "sheet": "Deliverables",
                            "lines": 3,
                            "new": 0,
                            "known": 0,
                            "wrong": 0,
                            "waiting": 3,
                        },
                    ],
                    "mistake_count": 1,
                    "mistakes": [
                        {
                            "sheet": "Actions",
                            "row": 4,
                            "column": "Lead unit",
                            "cell": "E4",
                            "value": "XX",
                            "message": "XX is not among the units of the directory. "
                            "Choose from CAP, CF, RC, SG-ADMIN, TTA.",
                        }
                    ],
                    "waits": [{"sheet": "Actions", "row": 4, "code": "A-017", "lines": 3}],
                    "shortfalls": [],
                    "failure": None,
                    "created_at": "2020-02-03T08:00:00Z",
                    "applied_at": None,
                }
            ]
        }
    )

    id: UUID
    plan: str
    name: str
    digest: str = Field(description="SHA-256 of the file.")
    state: ImportState = Field(description="reading and applying are under way.")
    rows_done: int
    rows_total: int | None = Field(description="None: not known yet.")
    lines: int
    can_be_applied: bool
    sheets: list[SheetRead]
    mistake_count: int
    mistakes: list[MistakeRead] = Field(description="The first 300.")
    waits: list[WaitRead] = Field(
        description="Lines with a mistake that others hang on; those are not wrong for that."
    )
    shortfalls: list[ForeseenRead] = Field(
        description="Estimates that do not fit what the years would list; no mistakes, and nothing "
        "is kept out for them. Looked for where there is no mistake."
    )
    failure: str | None = Field(description="Why the file could not be read.")
    created_at: datetime
    applied_at: datetime | None

    @classmethod
    def of(cls, one: Import, language: Language) -> "ImportRead":
        french = language == "fr"
        preview = one.preview or {}
        failure = preview.get("failure")
        return cls(
            id=one.id,
            plan=one.plan,
            name=one.name,
            digest=one.digest,
            state=one.state,
            rows_done=one.rows_done,
            rows_total=one.rows_total,
            lines=one.lines,
            can_be_applied=one.can_be_applied,
            sheets=[
                SheetRead(**{**sheet, "sheet": BY_NAME[sheet["sheet"]].title(french=french)})
                for sheet in preview.get("sheets", ())
            ],
            mistake_count=one.mistakes,
            mistakes=[
                MistakeRead(
                    sheet=BY_NAME[found["sheet"]].title(french=french),
                    row=found["row"],
                    column=next(
                        column.fr if french else column.en
                        for column in BY_NAME[found["sheet"]].columns
                        if column.name == found["column"]
                    ),
                    cell=f"{found['letter']}{found['row']}",
                    value=found["value"],
                    message=found[language],
                )
                for found in preview.get("mistakes", ())
            ],
            waits=[
                WaitRead(**{**wait, "sheet": BY_NAME[wait["sheet"]].title(french=french)})
                for wait in preview.get("waits", ())
            ],
            shortfalls=[
                ForeseenRead(
                    indicator=one["indicator"],
                    message=one[language],
                    near=[each["code"] for each in one["near"]],
                )
                for one in preview.get("shortfalls", ())
            ],
            failure=None if failure is None else failure[language],
            created_at=one.created_at,
            applied_at=one.applied_at,
        )
