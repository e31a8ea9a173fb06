"""Which correction stands: also corrections of corrections, in whatever order."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from kpi_engine.domain.corrections import Correction, CorrectionKind, by_target, verdict_on

NOON = datetime(2020, 2, 3, 12, tzinfo=UTC)
RETRACTED, REPLACED = CorrectionKind.RETRACTED, CorrectionKind.REPLACED


def a_correction(own: str, target: str, kind: CorrectionKind, minute: int = 0) -> Correction:
    return Correction(
        digest=own.encode(),
        target=target.encode(),
        kind=kind,
        order=(NOON + timedelta(minutes=minute), "/test", own),
    )


CASES = [
    ("nothing", [], (False, None)),
    ("retracted", [a_correction("r", "f", RETRACTED)], (True, None)),
    (
        "the retraction is retracted",
        [a_correction("r", "f", RETRACTED), a_correction("s", "r", RETRACTED)],
        (False, None),
    ),
    (
        "and that one too",
        [
            a_correction("r", "f", RETRACTED),
            a_correction("s", "r", RETRACTED),
            a_correction("t", "s", RETRACTED),
        ],
        (True, None),
    ),
    (
        "retraction outranks replacement",
        [a_correction("p", "f", REPLACED, 5), a_correction("r", "f", RETRACTED)],
        (True, b"p"),
    ),
    (
        "the latest replacement",
        [a_correction("p", "f", REPLACED, 1), a_correction("q", "f", REPLACED, 2)],
        (False, b"q"),
    ),
    (
        "of one time the greater id",
        [a_correction("p", "f", REPLACED), a_correction("q", "f", REPLACED)],
        (False, b"q"),
    ),
    (
        "a retracted replacement uncovers the one before",
        [
            a_correction("p", "f", REPLACED, 1),
            a_correction("q", "f", REPLACED, 2),
            a_correction("r", "q", RETRACTED),
        ],
        (False, b"p"),
    ),
    (
        "a replacement of a correction says nothing",
        [a_correction("r", "f", RETRACTED), a_correction("p", "r", REPLACED)],
        (True, None),
    ),
    (
        "a circle touches no fact",
        [a_correction("r", "s", RETRACTED), a_correction("s", "r", RETRACTED)],
        (False, None),
    ),
]


@pytest.mark.parametrize(
    ("corrections", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_what_stands_does_not_depend_on_the_order(
    corrections: list[Correction], expected: tuple[bool, bytes | None]
) -> None:
    for order in permutations(corrections):
        found = verdict_on(fact=b"f", corrections=by_target(order))

        replaced = None if found.replacement is None else found.replacement.digest
        assert (found.retraction is not None, replaced) == expected


def test_contested_facts_are_shown_apart_until_validated() -> None:
    contested = a_correction("c", "f", CorrectionKind.CONTESTED, 1)
    validated = a_correction("v", "f", CorrectionKind.VALIDATED, 2)

    assert verdict_on(fact=b"f", corrections=by_target([contested])).contested
    assert not verdict_on(fact=b"f", corrections=by_target([contested, validated])).contested


def test_a_long_chain_of_retractions_ends() -> None:
    chain = [a_correction("r0", "f", RETRACTED)]
    chain += [a_correction(f"r{n}", f"r{n - 1}", RETRACTED) for n in range(1, 3001)]

    assert verdict_on(fact=b"f", corrections=by_target(chain)).retraction is not None
