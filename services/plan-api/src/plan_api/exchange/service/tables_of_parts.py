"""The parts of every figure as a table, as whoever asks may see them."""

from collections.abc import Iterator, Sequence

from plan_api.exchange.model.outgoing import Line, Table
from plan_api.exchange.service.told import Told, code_of, table
from plan_api.report.model import Scorecard
from plan_api.report.model.parts import Part, Parted, dimensions_of
from plan_api.report.reads import Figures, NothingKnownError

Divided = Sequence[tuple[str, Parted]]
"""Key of an indicator, and its figure by one dimension."""


async def divided(figures: Figures, told: Told, card: Scorecard) -> Divided:
    """Each figure of a scorecard by each dimension that it has."""
    found: list[tuple[str, Parted]] = []
    dimensions = {
        f"{told.plan.plan}:{one.code}": dimensions_of(one.measure.aggregate)
        for one in told.plan.indicators
        if one.measure is not None
    }
    for result in card.items:
        by = dimensions.get(result.key, ())
        if not by:
            continue
        try:
            parted = await figures.parts(indicator=result.key, period=result.period, by=by)
        except NothingKnownError:
            continue
        found += [(result.key, one) for one in parted if one.told]
    return found


def parts(told: Told, card: Scorecard, found: Divided) -> Table:
    """A line for each part, and one for the total, which is no sum of them."""

    def rows() -> Iterator[Line]:
        for key, one in found:
            for part in one.parts:
                yield _line(told, key, one, part, _title(told, part))
            yield _line(told, key, one, one.total, told.word("all-together"))

    return table(
        told,
        columns=told.columns(
            "indicator", "divided_by", "part", "title", "numerator", "denominator", "unplanned",
            "pairs", "small", "adds_up", "key",
        ),
        rows=rows(),
        known=card.as_known_on,
        figures=True,
    )  # fmt: skip


def _line(told: Told, key: str, found: Parted, part: Part, title: str) -> Line:
    return [
        code_of(key),
        told.word(f"by-{found.by}"),
        None if part.code is None else code_of(part.code),
        title,
        part.numerator,
        part.denominator,
        part.unplanned,
        part.pairs,
        part.suppressed,
        found.statement if part is found.total else None,
        key,
    ]


def _title(told: Told, part: Part) -> str:
    if part.code is None:
        return told.word("no-value")
    title = part.title_fr if told.language == "fr" and part.title_fr else part.title
    return title or part.code
