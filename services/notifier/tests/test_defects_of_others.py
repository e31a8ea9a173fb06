"""Defects read in the notifiers of other open systems: none of them is to be ours.

Read in the code of ICTU/quality-time and dhis2/dhis2-core. That a killed process tells exactly
once is tried with real processes in `test_process.py`; here is what its database has to promise.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from notifier.domain.sample import Sample
from services.notifier.tests.builders import MONDAY, a_judgement, a_record, counts
from services.notifier.tests.conftest import Heard
from shared_kit.delivery.transaction import transaction
from shared_kit.messaging.log import Record

BAD = counts(20, 26)
GOOD = counts(26, 26, overdue=())
CORRECTED = replace(GOOD, daily=False, restated=True)


class BrokenError(Exception):
    """The process ends here, before anything is committed."""


async def break_after(informed: Heard, records: Sequence[Record]) -> None:
    async with transaction(informed.sessions, informed.tables, clock=informed.business) as tx:
        await informed.notifier.on_records(tx, records)
        raise BrokenError


def on(day: int, sample: Sample, revision: int) -> Sample:
    return replace(sample, judged_on=MONDAY + timedelta(days=day), revision=revision)


WORSE_MENDED_WORSE = (on(0, BAD, 1), on(0, CORRECTED, 2), on(1, BAD, 3))
"""Two changes between two looks: a comparison of the last two figures sees none."""


async def kinds(informed: Heard) -> list[str]:
    return [str(one) for one in await informed.column("inbox_item", "kind", "number")]


async def test_every_change_of_a_downtime_is_told_once(informed: Heard) -> None:
    """A mark in memory: what changed while the process was down was never told."""
    await informed.samples(*WORSE_MENDED_WORSE)

    assert await kinds(informed) == ["raised", "corrected", "raised"]
    assert len(await informed.rows("delivery")) == 3


async def test_a_failed_write_neither_loses_a_notice_nor_repeats_one(informed: Heard) -> None:
    """A database error set the mark back to the beginning: every last change was sent again."""
    records = [a_record(a_judgement(one), offset=one.revision) for one in WORSE_MENDED_WORSE]
    with pytest.raises(BrokenError):
        await break_after(informed, records)
    assert await kinds(informed) == []

    for _ in range(2):
        await informed.records(records)

    assert await kinds(informed) == ["raised", "corrected", "raised"]
    assert len(set(await informed.column("outbox", "event_id"))) == 3


async def test_validation_results_notify_once(informed: Heard) -> None:
    """Results that nobody had ticked to be kept were sent again by every run."""
    for day in range(6):
        await informed.samples(on(day, BAD, day + 1))

    assert await kinds(informed) == ["raised"]
    assert len(await informed.rows("delivery")) == len(await informed.rows("outbox")) == 1
