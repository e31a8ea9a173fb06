"""A second invented organization, in a system that runs: figures that move along declared paths."""

import json
import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

from tests.support.figures import get
from tests.support.systems import System
from wcoplan.folder import SHOWN_AT

FILE = Path(__file__).parents[2] / "docs" / "examples" / "harbour-2019-2022.json"
PLAN = "harbour-2019-2022"
YEAR = "FY2019"
LEVELS = {
    "QUICK.1": "66",
    "QUICK.2": "32",
    "QUICK.3": "-3.2",
    "SAFE.1": "2",
    "WATER.1": "27.5",
}
STANDS = {
    "QUICK.1": ("off-track", "0.655914"),
    "QUICK.2": ("at-risk", "0.800000"),
    "QUICK.3": ("on-track", "0.943226"),
    "SAFE.1": ("at-risk", "0.800000"),
    "SAFE.2": ("off-track", None),
    "WATER.1": ("at-risk", "0.800000"),
}
REASONS = {
    "QUICK.1": (
        "Measured 66 %, expected by now at least 68.43 %",
        "attendu à ce jour au moins 68,43",
    ),
    "QUICK.2": (
        "Measured 32 hours, expected by now at most 30 hours",
        "Mesuré 32 heures, attendu à ce jour au plus 30 heures",
    ),
    "SAFE.1": ("expected by now at most 0 accidents", "attendu à ce jour au plus 0 accidents"),
    "SAFE.2": ("Measured 30 of 100, expected by now at least 42.", "Mesuré 30 sur 100"),
    "WATER.1": (
        "Measured 27.5 g/l, approved 18 g/l to 22 g/l",
        "Mesuré 27,5 g/l, approuvé de 18 g/l à 22 g/l",
    ),
}
"""What begins an alert's reason, in English and in French."""
SEEN = {
    "QUICK.1": ("66%, where at least 68.43% was expected by now", "66 %, pour au moins 68,43 %"),
    "QUICK.2": ("Baseline 40 hours on 31 March 2019", "Valeur de référence 40 heures"),
    "QUICK.3": ("−3.2%", "−3,2 %"),
    "SAFE.1": ("The target is at most 0 accidents.", "La cible est d’au plus 0 accidents."),
    "SAFE.2": ("30 of 100", "30 sur 100"),
    "WATER.1": ("The target is 18 g/l to 22 g/l.", "La cible va de 18 g/l à 22 g/l."),
}
"""What stands on the page of each, in English and in French."""


async def loaded(system: System) -> None:
    """Import the plan and state what was measured; the clock stands at the shown day."""
    for path, body in (
        ("/units", {"code": "HAR", "title": {"en": "Harbour master", "fr": "Capitainerie"}}),
        ("/plans", json.loads(FILE.read_text("utf-8"))),
    ):
        answer = await system.client.post(f"/api/v1{path}", json=body)
        assert answer.status_code == 201, answer.text
    for code, level in LEVELS.items():
        figure = {
            "indicator": f"{PLAN}:{code}", "period": YEAR, "numerator": level, "as_on": "2020-01-31"
        }  # fmt: skip
        await _happened(system, "figure.stated", f"{PLAN}:{code}", figure)
    effort = {
        "plan": PLAN, "unit": "HAR", "quarter": "FY2019-Q2", "on_priorities": "30", "total": "100"
    }  # fmt: skip
    await _happened(system, "effort.recorded", "HAR", effort)
    await system.settle()


async def each_kind_is_judged_told_and_shown(system: System) -> None:
    """One indicator of each kind: its status, its alert after a fortnight, its page."""
    for code, (status, attainment) in STANDS.items():
        result = await get(system.client, f"/api/v1/results/{PLAN}:{code}", period=YEAR)
        assert result["status"] == status, code
        assert attainment is None or result["attainment"] == attainment, code
    for days in (1, 15):
        await system.move_to(SHOWN_AT + timedelta(days=days))
    alerts = await get(system.client, "/api/v1/alerts", plan=PLAN, condition="open")
    said = {
        alert["indicator"].partition(":")[2]: alert
        for alert in alerts["items"]
        if alert["period"] == YEAR
    }
    assert said.keys() == REASONS.keys(), "the one that is on track is told of to nobody"
    for code, (english, french) in REASONS.items():
        assert english in _spaced(said[code]["reason"]), said[code]["reason"]
        assert french in _spaced(said[code]["reason_fr"]), said[code]["reason_fr"]
    for code, texts in SEEN.items():
        for language, text in zip(("en", "fr"), texts, strict=True):
            page = await system.client.get(
                f"/indicators/{PLAN}:{code}", params={"period": YEAR, "lang": language}
            )
            assert page.status_code == 200, page.text
            assert text in _read(page.text), f"{code} {language}"
    front = _read((await system.client.get("/", params={"plan": PLAN, "period": YEAR})).text)
    assert "32 hours, where at most 30 hours was expected by now" in front
    awaited = await get(system.client, f"/api/v1/results/{PLAN}:QUICK.2", period=YEAR)
    assert awaited["next_fact_by"] == "2020-03-05", "31 days after it was recorded"
    carried = await get(
        system.client, f"/api/v1/results/{PLAN}:QUICK.2/explain", period="2019-2022"
    )
    [line] = carried["numerator"]["items"]
    assert (line["amount"], line["effective"]) == ("32", "2020-01-31"), "the year's, carried over"
    assert carried["reproduced"]
    await a_target_is_set_on_the_page(system)
    below = {
        "indicator": "rivers-2019-2022:SAFE.1", "period": YEAR, "numerator": "-1",
        "as_on": "2020-02-01",
    }  # fmt: skip
    refused = await _posted(system, "figure.stated", "rivers-2019-2022:SAFE.1", below)
    assert refused.status_code == 422, refused.text
    assert refused.json()["errors"][0]["pointer"].endswith("/data/numerator")


async def a_target_is_set_on_the_page(system: System) -> None:
    """A level that has to fall is asked for by one field, in its unit, and becomes a ceiling."""
    path = f"/indicators/{PLAN}:QUICK.2/target"
    form = (await system.client.get(path, params={"period": "FY2020", "lang": "en"})).text
    assert "At most how much?" in form
    assert "In this unit: hours." in form
    assert "At least how much?" not in form
    sent = {
        name: re.findall(rf'name="{name}" value="([^"]*)"', form)[0]
        for name in ("csrf", "period", "version")
    }
    answer = await system.client.post(
        path,
        data={**sent, "low": "18,5"},
        headers={"sec-fetch-site": "same-origin"},
    )
    assert answer.status_code == 303, answer.text
    shown = await system.client.get(answer.headers["location"])
    assert "18.5 hours" in _read(shown.text)


async def _happened(system: System, name: str, subject: str, data: dict[str, str]) -> None:
    answer = await _posted(system, name, subject, data)
    assert answer.status_code == 202, answer.text


async def _posted(system: System, name: str, subject: str, data: dict[str, str]) -> Any:
    event = {
        "specversion": "1.0",
        "id": f"harbour-{name}-{subject}",
        "source": "urn:harbour",
        "type": f"org.wcoomd.strategy.{name}.v1",
        "subject": subject,
        "time": "2020-02-01T09:00:00Z",
        "data": data,
    }
    return await system.client.post(
        "/api/v1/events",
        content=json.dumps(event),
        headers={"content-type": "application/cloudevents+json"},
    )


def _read(page: str) -> str:
    return _spaced(" ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split()))


def _spaced(text: str) -> str:
    return re.sub(r"\s+", " ", text)
