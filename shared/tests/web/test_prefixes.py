"""One table says who answers which path."""

import pytest

from shared_kit.web.prefixes import PREFIXES, SERVICES, own_path, service_for


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/", "plan-api"),
        ("/indicators/wco-2019-2022:SG", "plan-api"),
        ("/api/v1/plans/wco-2019-2022", "plan-api"),
        ("/api/v1/events", "plan-api"),
        ("/api/v1/results", "kpi-engine"),
        ("/api/v1/results/wco-2019-2022:SG/explain", "kpi-engine"),
        ("/api/v1/resultsets", "plan-api"),
        ("/api/v1/scorecards/wco-2019-2022", "kpi-engine"),
        ("/api/v1/facts/a/b", "kpi-engine"),
        ("/api/v1/parked", "kpi-engine"),
        ("/api/v1/alerts/1/ack", "notifier"),
        ("/api/v1/inbox", "notifier"),
        ("/api/v1/rules", "notifier"),
        ("/api/v1/stream", "notifier"),
        ("/api/v1/notifier/parked/1/replay", "notifier"),
        ("/api/v1", "plan-api"),
        ("/api/v1/RESULTS", "plan-api"),
    ],
)
def test_names_the_service_of_a_path(path: str, service: str) -> None:
    assert service_for(path) == service


@pytest.mark.parametrize(
    ("path", "own"),
    [
        ("/_/kpi-engine/progress", ("kpi-engine", "/progress")),
        ("/_/notifier/", ("notifier", "/")),
        ("/_/plan-api", ("plan-api", "/")),
        ("/_/other/progress", None),
        ("/_/", None),
        ("/progress", None),
    ],
)
def test_splits_own_paths(path: str, own: tuple[str, str] | None) -> None:
    assert own_path(path) == own


def test_prefixes_are_whole_segments_of_known_services() -> None:
    for prefix, service in PREFIXES.items():
        assert prefix.startswith("/api/v1/")
        assert not prefix.endswith("/")
        assert service in SERVICES
