"""What the page of an indicator says of corrections, versions and what was known before."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape

import httpx
import pytest

from plan_api.report.model import Side, Version
from plan_api.report.model.provenance import (
    ChangedField,
    Correction,
    Definition,
    DefinitionVersion,
    FactName,
    Restatement,
    Stated,
)
from tests.support.page_data import PLAN, a_fact, an_explanation
from tests.support.pages import FakeFigures

OpenPages = Callable[..., httpx.AsyncClient]

DAY = datetime(2019, 12, 20, 9, 12, tzinfo=UTC)


def corrected() -> FakeFigures:
    """SG with a fact put right, a correction taken back, two estimates and a restatement."""
    explained = an_explanation()
    first, second, *rest = explained.numerator.items
    said = Correction(
        kind="replaced",
        source="/capacity-building",
        by="demo-director:CB",
        reason="the date was that of the draft",
        recorded=DAY,
        changed=(ChangedField(field="released_on", before="2019-09-01", after="2019-09-12"),),
    )
    retracted = Correction(
        kind="retracted", source="/mission-desk", reason="never held", recorded=DAY, in_force=False
    )
    back = Correction(
        kind="retracted",
        source="/mission-desk",
        by="demo-planning-office",
        recorded=DAY,
        corrects=FactName(source="/mission-desk", id="x"),
    )
    items = (
        replace(first, fact=a_fact(0, corrections=(said,))),
        replace(second, fact=a_fact(1, corrections=(retracted, back))),
        *rest,
    )
    stated = [
        Stated(
            period="FY2019",
            revision=number,
            value=Decimal(value),
            effective_on=day,
            reason=reason,
            in_force=number == 2,
            fact=a_fact(50 + number, by="demo-planning-office"),
        )
        for number, value, day, reason in (
            (1, 58, date(2019, 7, 1), None),
            (2, 61, date(2019, 11, 4), "three added"),
        )
    ]
    return FakeFigures(
        explained=replace(
            explained,
            numerator=Side(items=items, total=23, counted=Decimal(23)),
            estimate=Version(
                value=Decimal(61),
                first=Decimal(58),
                revision=2,
                reason="three added",
                stated=True,
                versions=tuple(stated),
            ),
            definition=Definition(
                versions=(
                    DefinitionVersion(
                        version=1,
                        effective_on=date(2019, 7, 1),
                        next_on=date(2020, 7, 1),
                        fact=a_fact(60),
                    ),
                    DefinitionVersion(
                        version=2, effective_on=date(2020, 7, 1), changed=True, in_force=False
                    ),
                )
            ),
            restatements=(
                Restatement(
                    judged_on=date(2019, 12, 20),
                    cause="correction",
                    since=DAY,
                    numerator=Decimal(22),
                    denominator=Decimal(61),
                    numerator_before=Decimal(23),
                    denominator_before=Decimal(61),
                ),
            ),
        )
    )


@pytest.mark.parametrize(
    ("lang", "sentences"),
    [
        (
            "en",
            (
                "Replaced on 20 Dec, 10:12 by Director, Capacity Building Directorate: the date "
                "was that of the draft; date: 12 Sep instead of 1 Sep",
                "Taken back on 20 Dec, 10:12 by the system /mission-desk, no longer holds: "
                "never held",
                "The correction was taken back on 20 Dec, 10:12 by Planning office",
                "Estimate: 58, revision 1 of 1 July 2019, by Planning office",
                "Estimate: 61, revision 2 of 4 November 2019, by Planning office: three added used",
                "Definition: version 1 of the plan, from 1 July 2019 to 30 June 2020 used",
                "Definition: version 2 of the plan, from 1 July 2020; it measures or judges "
                "otherwise than the version before",
                "20 Dec: 22 of 61 instead of 23 of 61, since a fact was corrected. Why it moved",
            ),
        ),
        (
            "fr",
            (
                "Remplacé le 20 décembre, 10:12 (Direction, Direction du renforcement des "
                "capacités)",
                "La correction a été retirée le 20 décembre, 10:12 (Bureau de la planification)",
                "61, révision 2 du 4 novembre 2019, Bureau de la planification",
                "22 sur 61 au lieu de 23 sur 61, car un fait a été corrigé.",
            ),
        ),
    ],
)
async def test_says_who_corrected_what_when_and_why_and_which_versions_were_used(
    open_pages: OpenPages, lang: str, sentences: tuple[str, ...]
) -> None:
    async with open_pages(told=corrected()) as pages:
        answer = await pages.get(f"/indicators/{PLAN}:SG", params={"lang": lang})

    text = " ".join(unescape(re.sub(r"<[^>]+>", "", answer.text)).split())
    for sentence in sentences:
        assert sentence in text
