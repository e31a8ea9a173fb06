"""Metrics of one service: a registry each, names and labels fixed in one table."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import Metric

MetricName = Literal[
    # How long an HTTP request took, by method, route template and status.
    "http_request_seconds",
    # Age of the oldest event that waits in the outbox; alert above 30 s.
    "outbox_oldest_unpublished_seconds",
    # How many events wait in the outbox.
    "outbox_unpublished",
    # Records of a topic that the service has not taken in yet.
    "consumer_lag",
    # Records that could not be used, by reason code.
    "parked_total",
    # Facts that had been seen before.
    "duplicates_total",
    # Judgements made, by cause (fact, daily).
    "judged_total",
    # Failures to judge an indicator and period, each try.
    "judge_failed_total",
    # How long one transaction of judgements took.
    "judge_seconds",
    # Actuals of past periods that a late fact changed.
    "restated_total",
    # Checks of the figures against the ledger, by outcome.
    "reconciliations_total",
    # Figures that the last check found to differ; alert above 0.
    "reconciliation_differing",
    # Alerts raised, by level.
    "alerts_raised_total",
    # Notices written, by channel and outcome.
    "notices_total",
    # Readers of the stream now.
    "streams_open",
    # Readers of the stream that took nothing for too long.
    "streams_cut_total",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Definition:
    kind: type[Counter] | type[Gauge] | type[Histogram]
    help: str
    labels: tuple[str, ...] = ()


_DEFINITIONS: Final[Mapping[MetricName, _Definition]] = {
    "http_request_seconds": _Definition(
        kind=Histogram,
        help="Duration of HTTP requests.",
        labels=("method", "route", "status"),
    ),
    "outbox_oldest_unpublished_seconds": _Definition(
        kind=Gauge, help="Age of the oldest unpublished event."
    ),
    "outbox_unpublished": _Definition(kind=Gauge, help="Events not published yet."),
    "consumer_lag": _Definition(kind=Gauge, help="Records not consumed yet.", labels=("topic",)),
    "parked_total": _Definition(kind=Counter, help="Records parked.", labels=("code",)),
    "duplicates_total": _Definition(kind=Counter, help="Facts seen before."),
    "judged_total": _Definition(kind=Counter, help="Judgements made.", labels=("cause",)),
    "judge_failed_total": _Definition(kind=Counter, help="Failures to judge."),
    "judge_seconds": _Definition(kind=Histogram, help="Duration of one judging transaction."),
    "restated_total": _Definition(kind=Counter, help="Past actuals changed by late facts."),
    "reconciliations_total": _Definition(
        kind=Counter, help="Checks against the ledger.", labels=("outcome",)
    ),
    "reconciliation_differing": _Definition(
        kind=Gauge, help="Figures that differ from the ledger."
    ),
    "alerts_raised_total": _Definition(kind=Counter, help="Alerts raised.", labels=("level",)),
    "notices_total": _Definition(
        kind=Counter, help="Notices written.", labels=("channel", "outcome")
    ),
    "streams_open": _Definition(kind=Gauge, help="Open streams."),
    "streams_cut_total": _Definition(kind=Counter, help="Slow readers of the stream cut."),
}

_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_NO_LABELS: Final[Mapping[str, str]] = {}

_M = TypeVar("_M", Counter, Gauge, Histogram)


class Metrics:
    """The metrics of one service. Every sample carries the service's name."""

    def __init__(self, *, service: str) -> None:
        self.service = service
        self.registry = CollectorRegistry(auto_describe=False)
        self._instruments: dict[MetricName, Counter | Gauge | Histogram] = {}
        for name, definition in _DEFINITIONS.items():
            labels = ("service", *definition.labels)
            if definition.kind is Histogram:
                self._instruments[name] = Histogram(
                    name, definition.help, labels, registry=self.registry, buckets=_BUCKETS
                )
            else:
                self._instruments[name] = definition.kind(
                    name, definition.help, labels, registry=self.registry
                )

    def count(
        self, name: MetricName, *, by: float = 1, labels: Mapping[str, str] = _NO_LABELS
    ) -> None:
        """Add to a counter."""
        self._labelled(name, Counter, labels).inc(by)

    def set(
        self, name: MetricName, *, value: float, labels: Mapping[str, str] = _NO_LABELS
    ) -> None:
        """Set a gauge."""
        self._labelled(name, Gauge, labels).set(value)

    def observe(
        self, name: MetricName, *, seconds: float, labels: Mapping[str, str] = _NO_LABELS
    ) -> None:
        """Put a duration into a histogram."""
        self._labelled(name, Histogram, labels).observe(seconds)

    def value(self, name: MetricName, *, labels: Mapping[str, str] = _NO_LABELS) -> float:
        """Read a counter, a gauge, or a histogram's count; 0 where nothing was recorded."""
        suffix = "_count" if isinstance(self._instruments[name], Histogram) else ""
        wanted = {"service": self.service, **labels}
        return self.registry.get_sample_value(f"{name}{suffix}", wanted) or 0.0

    def _labelled(self, name: MetricName, kind: type[_M], labels: Mapping[str, str]) -> _M:
        instrument = self._instruments[name]
        if not isinstance(instrument, kind):
            raise TypeError(f"{name} is no {kind.__name__}")
        return instrument.labels(service=self.service, **labels)


class _Together:
    """Families of several registries by name: one HELP and TYPE line each."""

    def __init__(self, metrics: Sequence[Metrics]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        families: dict[str, Metric] = {}
        for metrics in self._metrics:
            for family in metrics.registry.collect():
                if family.name in families:
                    families[family.name].samples.extend(family.samples)
                else:
                    families[family.name] = family
        yield from families.values()


def exposition(metrics: Sequence[Metrics]) -> bytes:
    """The Prometheus text of one service, or of several together."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Together(metrics))
    return generate_latest(registry)
