"""Metrics: every name defined once, a registry each, several services in one text."""

from typing import get_args

import pytest
from prometheus_client.parser import text_string_to_metric_families

from shared_kit.telemetry.metrics import _DEFINITIONS, MetricName, Metrics, exposition


def test_every_name_has_a_definition() -> None:
    assert set(_DEFINITIONS) == set(get_args(MetricName))


def test_services_do_not_share_values() -> None:
    engine, notifier = Metrics(service="kpi-engine"), Metrics(service="notifier")

    engine.count("parked_total", by=2, labels={"code": "unknown-type"})

    assert engine.value("parked_total", labels={"code": "unknown-type"}) == 2
    assert notifier.value("parked_total", labels={"code": "unknown-type"}) == 0


def test_several_services_are_one_text() -> None:
    services = [Metrics(service="kpi-engine"), Metrics(service="notifier")]
    for metrics in services:
        metrics.count("duplicates_total")
        metrics.set("outbox_unpublished", value=3)
        metrics.observe("judge_seconds", seconds=0.2)

    text = exposition(services).decode()

    assert text.count("# TYPE duplicates_total counter") == 1
    families = {family.name: family for family in text_string_to_metric_families(text)}
    samples = families["outbox_unpublished"].samples
    assert {sample.labels["service"]: sample.value for sample in samples} == {
        "kpi-engine": 3,
        "notifier": 3,
    }
    assert services[0].value("judge_seconds") == 1


def test_a_counter_is_not_set() -> None:
    with pytest.raises(TypeError):
        Metrics(service="s").set("parked_total", value=1)


def test_labels_are_fixed() -> None:
    with pytest.raises(ValueError, match=r"[Ll]abel"):
        Metrics(service="s").count("parked_total", labels={"reason": "x"})
