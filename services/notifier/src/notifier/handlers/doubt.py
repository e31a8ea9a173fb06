"""Raises and ends the alert of figures that the ledger contradicts."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from notifier.domain.difference import Difference, DifferingItem
from notifier.domain.drift import doubt, trust
from notifier.domain.episode import Episode
from notifier.domain.subject import Subject
from notifier.handlers.evaluate import NEWS_FOR, Evaluation
from notifier.ports.stores import Checked

logger = logging.getLogger(__name__)


async def watch_drift(
    evaluation: Evaluation, checks: Sequence[Checked], *, unit: str | None
) -> None:
    """Go through what checks said, in their order. `unit` runs the system.

    Safe to repeat: an alert that stands is not raised again, one that is over is not ended again.
    """
    stores = evaluation.stores
    for said in sorted(checks, key=lambda one: (one.check, one.indicator, one.period)):
        place = (said.indicator, said.period)
        episode = (await stores.episodes.open({place}, in_doubt=True)).get(place)
        subject = (await stores.definitions.names([said.indicator]))[said.indicator]
        if said.difference is not None:
            await _doubt(evaluation, said, said.difference, episode, subject, unit)
        elif episode is not None:
            step = trust(episode=episode, on=said.on, fresh=_fresh(evaluation, said, subject))
            await evaluation.record_quietly(step, subject=subject)


async def _doubt(
    evaluation: Evaluation,
    said: Checked,
    difference: Difference,
    episode: Episode | None,
    subject: Subject,
    unit: str | None,
) -> None:
    sample = await evaluation.stores.samples.latest(
        indicator=said.indicator, period=said.period, until=difference.revision
    )
    if sample is None:
        # Its judgement lies before it on the same partition: it was parked, and is listed there.
        logger.error(
            "a check is about a judgement that was not heard of",
            extra={"key": said.indicator, "period": said.period, "check": said.check},
        )
        return
    step = doubt(
        episode=episode,
        difference=await _titled(evaluation, difference),
        sample=sample,
        unit=unit,
        on=said.on,
        fresh=_fresh(evaluation, said, subject),
    )
    await evaluation.record(step, sample=sample, subject=subject)


async def _titled(evaluation: Evaluation, difference: Difference) -> Difference:
    """With the titles of those items that are Deliverables."""
    keys = [item.key for item in difference.items]
    known = await evaluation.stores.deliverables.known(keys)
    titled = (
        DifferingItem(key=key, title=known[key].title, title_fr=known[key].title_fr)
        if key in known
        else DifferingItem(key=key)
        for key in keys
    )
    return replace(difference, items=tuple(titled))


def _fresh(evaluation: Evaluation, said: Checked, subject: Subject) -> bool:
    return subject.calendar.today(evaluation.business.now()) - said.on <= NEWS_FOR
