"""An app as one writes it on the first day: what the exploration must find fault with."""

from contextlib import suppress
from typing import Any

from fastapi import FastAPI, Response


def naive() -> Any:
    app = FastAPI()
    notes: dict[int, dict[str, Any]] = {}

    @app.get("/notes/{number}")
    async def read(number: int) -> dict[str, Any]:
        return notes[number]

    @app.post("/notes", status_code=201)
    async def write(note: dict[str, str], response: Response) -> dict[str, str]:
        response.headers["x-first"] = note["text"]
        return note

    @app.delete("/notes/{number}")
    async def forget(number: int) -> None:
        notes.pop(number, None)

    async def served(scope: Any, receive: Any, send: Any) -> None:
        # As behind a server: an error is answered 500 and goes no further.
        with suppress(Exception):
            await app(scope, receive, send)

    return served
