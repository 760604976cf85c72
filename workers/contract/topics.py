"""The topics of ``schemas/topics.yaml`` as records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from workers.contract.files import schemas_folder

_MILLISECONDS_PER_HOUR = 3_600_000
_COMPACTED_SEGMENT_BYTES = 32 << 20
_OPTIONAL = frozenset({"follows"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicSpec:
    """One topic as it should be; ``record`` is the schema of its values (of its headers for dead letters).

    ``replication_factor`` is an upper limit: a cluster with fewer brokers gets as many copies as brokers.
    ``follows`` names a topic that this one must not have fewer partitions than: its messages stand in the
    partition of the same number as what they tell of, whatever their key.
    """

    name: str
    purpose: str
    key: str
    record: str
    partitions: int
    replication_factor: int
    retention_hours: int
    cleanup_policy: Literal["delete", "compact"]
    max_message_bytes: int
    follows: str | None = None

    def copies(self, brokers: int, wanted: int = 0) -> int:
        """The replication factor to create it with: ``wanted`` if given, else what ``brokers`` allow."""
        return wanted or max(1, min(self.replication_factor, brokers))

    def configs(self, copies: int) -> dict[str, str]:
        """The topic's configuration in Kafka's own names.

        Of three or more copies two must have a message before it counts as written. A compacted topic is read
        as a whole, and Kafka leaves out what is outdated in closed segments alone: so its segments are small.
        """
        configs = {
            "cleanup.policy": self.cleanup_policy,
            "max.message.bytes": str(self.max_message_bytes),
            "min.insync.replicas": "2" if copies >= 3 else "1",
            "retention.ms": str(self.retention_hours * _MILLISECONDS_PER_HOUR),
        }
        if self.cleanup_policy == "compact":
            configs["segment.bytes"] = str(_COMPACTED_SEGMENT_BYTES)
        return configs


def load_topics(path: Path) -> tuple[TopicSpec, ...]:
    """Read a topics file. Raises ValueError, with one line that names the topic, for a wrong one."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict) or not isinstance(content.get("topics"), dict):
        raise ValueError(f"{path.name}: there is no mapping named topics")  # noqa: TRY004
    topics = tuple(_read_topic(name, entry) for name, entry in content["topics"].items())
    partitions = {topic.name: topic.partitions for topic in topics}
    for topic in topics:
        if topic.follows is None:
            continue
        if topic.follows not in partitions:
            raise ValueError(f"topic {topic.name}: it follows {topic.follows}, which is no topic")
        if topic.partitions < partitions[topic.follows]:
            raise ValueError(
                f"topic {topic.name}: it has fewer partitions than {topic.follows}, which it follows"
            )
    return topics


@cache
def all_topics() -> tuple[TopicSpec, ...]:
    """``load_topics`` of Telex's own file, read once."""
    return load_topics(schemas_folder() / "topics.yaml")


def topic_spec(name: str) -> TopicSpec:
    """The topic of that name, without a prefix. Raises KeyError when there is none."""
    for spec in all_topics():
        if spec.name == name:
            return spec
    raise KeyError(name)


def _read_topic(name: str, entry: Mapping[str, Any]) -> TopicSpec:
    wanted = {field.name for field in fields(TopicSpec)} - {"name"} - _OPTIONAL
    if not isinstance(entry, dict) or set(entry) - _OPTIONAL != wanted:
        raise ValueError(f"topic {name}: it needs exactly {', '.join(sorted(wanted))}")
    for field in ("partitions", "replication_factor", "retention_hours", "max_message_bytes"):
        if type(entry[field]) is not int or entry[field] < 1:
            raise ValueError(f"topic {name}: {field} must be a whole number of 1 or more")
    if entry["cleanup_policy"] not in ("delete", "compact"):
        raise ValueError(f"topic {name}: cleanup_policy is delete or compact")
    return TopicSpec(name=name, **entry)
