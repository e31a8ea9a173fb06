"""The topic catalogue: who writes, who reads, how much. Kept for ever, never compacted."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicSpec:
    """One topic; `name` is logical, adapters put the prefix first."""

    name: str
    partitions: int
    key: str
    written_by: tuple[str, ...]
    read_by: tuple[str, ...]
    max_message_bytes: int = 1024 * 1024


_ALL = (
    TopicSpec(
        name="plan",
        partitions=1,
        key="plan code",
        written_by=("plan-api",),
        read_by=("kpi-engine", "notifier"),
        max_message_bytes=8 * 1024 * 1024,
    ),
    TopicSpec(
        name="work",
        partitions=6,
        key="Action key, or the Deliverable's without an Action",
        written_by=("plan-api",),
        read_by=("kpi-engine", "notifier"),
    ),
    TopicSpec(
        name="activity",
        partitions=12,
        key="subject",
        written_by=("plan-api", "other systems"),
        read_by=("kpi-engine",),
    ),
    TopicSpec(
        name="results",
        partitions=6,
        key="indicator key",
        written_by=("kpi-engine",),
        read_by=("notifier",),
    ),
    TopicSpec(
        name="alerts",
        partitions=6,
        key="indicator key",
        written_by=("notifier",),
        read_by=(),
    ),
)

TOPICS: Mapping[str, TopicSpec] = {topic.name: topic for topic in _ALL}
