from datetime import date
from decimal import Decimal

import pytest

from notifier.domain.rule import DEVIATION, Basis, Level, assess
from notifier.domain.sample import Kind, OverdueItem, Sample, Status
from services.notifier.tests.builders import a_sample, counts

W, C = Level.WARNING, Level.CRITICAL
GRACE = 30


def breach(sample: Sample) -> Level | None:
    return assess(sample=sample, rule=DEVIATION, grace_days=GRACE).breach


def late(*days: int) -> tuple[OverdueItem, ...]:
    return tuple(
        OverdueItem(key=f"p:D-{place}", title=f"Item {place}", due=date(2019, 12, 1), days=each)
        for place, each in enumerate(days)
    )


@pytest.mark.parametrize(
    ("done", "due", "expected"),
    [
        pytest.param(5, 8, C, id="eight are enough; five of eight are no chance"),
        pytest.param(6, 8, None, id="six of eight are below the line and may be chance"),
        pytest.param(7, 10, W, id="evidence for a warning, none for critical"),
        pytest.param(8, 10, None, id="eight of ten may be chance"),
        pytest.param(16, 20, W, id="exactly .80 is not below the critical line"),
        pytest.param(15, 20, C, id="below .80 with evidence"),
        pytest.param(25, 30, W, id="evidence begins at 25 of 30"),
        pytest.param(26, 30, None, id="26 of 30 may be chance"),
        pytest.param(90, 100, None, id="exactly .90 is no breach, whatever the evidence"),
        pytest.param(89, 100, W, id="below .90 with evidence"),
        pytest.param(80, 100, W, id="exactly .80"),
        pytest.param(79, 100, C, id="below .80"),
    ],
)
def test_a_breach_needs_the_line_and_the_evidence(
    done: int, due: int, expected: Level | None
) -> None:
    assert breach(counts(done, due, overdue=())) is expected


def test_critical_looks_at_the_recent_window_that_a_cumulative_ratio_would_dilute() -> None:
    diluted = counts(80, 88, window=(12, 20))

    found = assess(sample=diluted, rule=DEVIATION, grace_days=GRACE)

    assert (found.breach, found.basis) == (C, Basis.WINDOW)
    assert breach(counts(80, 88, window=(16, 20))) is None


def test_a_window_of_fewer_than_eight_says_nothing() -> None:
    assert breach(counts(100, 107, window=(0, 7))) is None
    assert breach(counts(100, 108, window=(0, 8))) is C


@pytest.mark.parametrize(
    ("attainment", "expected"), [("0.750000", W), ("0.749999", C)], ids=["at .75", "below .75"]
)
def test_critical_by_the_period_to_date(attainment: str, expected: Level) -> None:
    sample = a_sample(
        due=Decimal(40),
        due_done=Decimal(33),
        window_due=Decimal(10),
        window_due_done=Decimal(9),
        attainment=Decimal(attainment),
    )

    assert breach(sample) is expected


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        pytest.param((31, 31), W, id="two beyond the grace"),
        pytest.param((31, 30), None, id="one beyond, one at the grace"),
        pytest.param((61,), W, id="one beyond twice the grace"),
        pytest.param((60,), None, id="one at twice the grace"),
        pytest.param((), None, id="nothing overdue"),
    ],
)
@pytest.mark.parametrize("kind", [Kind.PLANNED, Kind.MILESTONES])
def test_few_items_speak_for_themselves(
    kind: Kind, days: tuple[int, ...], expected: Level | None
) -> None:
    assert breach(counts(5, 7, kind=kind, overdue=late(*days))) is expected


def test_the_item_rule_ends_at_eight_due() -> None:
    assert breach(counts(5, 7, overdue=late(40, 40))) is W
    assert breach(counts(6, 8, overdue=late(40, 40))) is None


def test_milestones_are_never_counted_as_trials() -> None:
    many = counts(1, 20, kind=Kind.MILESTONES, overdue=())

    assert breach(many) is None


@pytest.mark.parametrize(
    ("status", "expected"),
    [(Status.ON_TRACK, None), (Status.AT_RISK, W), (Status.OFF_TRACK, W)],
)
def test_observed_indicators_go_by_their_status_and_never_beyond_a_warning(
    status: Status, expected: Level | None
) -> None:
    sample = a_sample(kind=Kind.OBSERVED, due=None, due_done=None, status=status)

    found = assess(sample=sample, rule=DEVIATION, grace_days=GRACE)

    assert found.breach is expected
    assert found.hold.days == 14


def test_planned_figures_without_listed_items_go_by_their_status() -> None:
    assert breach(a_sample(due=None, due_done=None, status=Status.OFF_TRACK)) is W


@pytest.mark.parametrize(
    ("expected_lagged", "breached"),
    [
        pytest.param("5", None, id="all that was expected is listed"),
        pytest.param("30", W, id="more"),
    ],
)
def test_what_is_expected_beyond_the_listed_items_goes_by_the_status(
    expected_lagged: str, breached: Level | None
) -> None:
    sample = counts(
        5, 5, overdue=(), status=Status.OFF_TRACK, expected_lagged=Decimal(expected_lagged)
    )

    found = assess(sample=sample, rule=DEVIATION, grace_days=GRACE)

    assert found.breach is breached
    assert (found.basis is Basis.STATUS) is (breached is W)


def test_what_was_not_judged_says_nothing() -> None:
    found = assess(sample=counts(0, 20, status=Status.NOT_JUDGED), rule=DEVIATION, grace_days=GRACE)

    assert not found.judged
    assert found.breach is None


def test_nothing_due_is_no_breach() -> None:
    assert breach(counts(0, 0, overdue=late(12))) is None


@pytest.mark.parametrize(
    ("done", "level", "standing"),
    [
        pytest.param(93, W, None, id="exactly .93 clears a warning"),
        pytest.param(92, W, W, id="between the lines a warning stays"),
        pytest.param(82, C, C, id="critical stays below .83"),
        pytest.param(83, C, W, id="at .83 it is a warning"),
        pytest.param(93, C, None, id="at .93 nothing is left"),
    ],
)
def test_clear_lines_lie_above_the_lines(done: int, level: Level, standing: Level | None) -> None:
    found = assess(sample=counts(done, 100), rule=DEVIATION, grace_days=GRACE)

    assert found.standing(level) is standing


@pytest.mark.parametrize(
    ("attainment", "standing"), [("0.93", None), ("0.92", W)], ids=["clear", "not yet"]
)
def test_an_observed_indicator_clears_above_its_line_too(
    attainment: str, standing: Level | None
) -> None:
    sample = a_sample(
        kind=Kind.OBSERVED, due=None, status=Status.ON_TRACK, attainment=Decimal(attainment)
    )

    assert assess(sample=sample, rule=DEVIATION, grace_days=GRACE).standing(W) is standing
