"""The consumer group of the enrich workers: how far it is, and how it is sent back to read articles again."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from kafka import KafkaAdminClient
from kafka.admin import OffsetSpec
from kafka.errors import NoError
from kafka.structs import OffsetAndMetadata, TopicPartition

from workers.admin.connection import AdminError, describe_partitions, patiently

_AGE = re.compile(r"([0-9]{1,6})([smhd])")
_AGE_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_POLL_SECONDS = 1.0
# States of a group that no member is in.
_WITHOUT_MEMBERS = frozenset({"Empty", "Dead"})


@dataclass(frozen=True, slots=True)
class PartitionLag:
    """How far a group is in one partition; ``committed`` is None when it has committed nothing there.

    ``lag`` counts offsets, so that the end of a transaction in the topic counts as one. Without a committed
    offset a worker starts at the beginning, and the lag is all that is there.
    """

    group: str
    topic: str
    partition: int
    committed: int | None
    end: int
    lag: int


@dataclass(frozen=True, slots=True)
class PartitionReplay:
    """Where a group goes back to in one partition; ``offset`` is at most ``committed``."""

    partition: int
    committed: int
    offset: int

    @property
    def offsets(self) -> int:
        """How many offsets are read again."""
        return self.committed - self.offset


def read_lag(admin: KafkaAdminClient, group: str, topic: str) -> list[PartitionLag]:
    """The lag of ``group`` in each partition of ``topic``. Raises AdminError when there is no such topic."""
    partitions = describe_partitions(admin, topic)
    committed = _committed(admin, group, partitions)
    begins = _offsets(admin, dict.fromkeys(partitions, OffsetSpec.EARLIEST))
    ends = _offsets(admin, dict.fromkeys(partitions, OffsetSpec.LATEST))
    return [
        PartitionLag(
            group,
            topic,
            partition.partition,
            committed.get(partition),
            ends[partition],
            max(0, ends[partition] - max(committed.get(partition, 0), begins[partition])),
        )
        for partition in partitions
    ]


def parse_time(text: str, now: datetime) -> datetime:
    """Read an RFC 3339 time with its offset, or an age before ``now`` such as ``90m``, ``2h`` or ``3d``.

    Raises ValueError, with a line that says what is wanted.
    """
    age = _AGE.fullmatch(text)
    try:
        if age is not None:
            return now - timedelta(**{_AGE_UNITS[age[2]]: int(age[1])})
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError(
            f"{text!r} is neither a time like 2026-03-14T08:30:00Z nor an age like 90m, 2h or 3d"
        )
    return moment.astimezone(UTC)


def plan_replay(
    admin: KafkaAdminClient,
    group: str,
    topic: str,
    *,
    since: datetime | None = None,
    offset: int | None = None,
    partitions: Sequence[int] = (),
) -> list[PartitionReplay]:
    """Where ``group`` goes back to, to read ``topic`` again from the time ``since`` or from ``offset``.

    Only partitions in which that lies before what is committed are in the plan: a replay skips no article.
    What retention has deleted is past replaying. ``partitions`` (default: all) are those to look at.
    Raises AdminError for a topic or partition that is not there.
    """
    chosen = _choose(describe_partitions(admin, topic), partitions)
    committed = _committed(admin, group, chosen)
    begins = _offsets(admin, dict.fromkeys(chosen, OffsetSpec.EARLIEST))
    if since is not None:
        wanted = _offsets(admin, dict.fromkeys(chosen, int(since.timestamp() * 1000)))
    else:
        wanted = dict.fromkeys(chosen, offset or 0)
    plans = []
    for partition in chosen:
        target = max(wanted[partition], begins[partition])
        # A negative answer: no message is as late as that.
        if wanted[partition] >= 0 and target < committed.get(partition, 0):
            plans.append(PartitionReplay(partition.partition, committed[partition], target))
    return plans


def wait_until_empty(admin: KafkaAdminClient, group: str, wait_seconds: float) -> None:
    """Wait until ``group`` has no member. Raises AdminError when it still has one after ``wait_seconds``."""
    deadline = time.monotonic() + wait_seconds
    while True:
        state = patiently(lambda: admin.describe_groups([group]))[group]
        # A group that there never was is dead, and an error, too.
        if not state["members"] and state["group_state"] in _WITHOUT_MEMBERS:
            return
        if state["error"]:
            raise AdminError(f"the group {group}: {state['error']}")
        if time.monotonic() >= deadline:
            raise AdminError(
                f"the group {group} has {len(state['members'])} members: stop its workers first; one that "
                "has stopped counts until its session is over, which --wait SECONDS waits for"
            )
        time.sleep(_POLL_SECONDS)


def apply_replay(admin: KafkaAdminClient, group: str, topic: str, plans: Sequence[PartitionReplay]) -> None:
    """Commit the offsets of the plan for ``group``, which must have no members (Kafka refuses it otherwise).

    Raises AdminError when Kafka refuses a partition.
    """
    offsets = {
        TopicPartition(topic, plan.partition): OffsetAndMetadata(plan.offset, "replay", None)
        for plan in plans
    }
    answer = patiently(lambda: admin.alter_group_offsets(group, offsets))
    refused = {partition: error for partition, error in answer.items() if error is not NoError}
    for partition, error in refused.items():
        raise AdminError(
            f"partition {partition.partition} was not set back ({error.__name__}), nor were "
            f"{len(refused) - 1} others: is a worker running?"
        )


def _choose(partitions: Sequence[TopicPartition], numbers: Sequence[int]) -> list[TopicPartition]:
    known = {partition.partition for partition in partitions}
    for number in numbers:
        if number not in known:
            raise AdminError(f"{partitions[0].topic} has no partition {number}")
    return [partition for partition in partitions if not numbers or partition.partition in numbers]


def _committed(
    admin: KafkaAdminClient, group: str, partitions: Sequence[TopicPartition]
) -> dict[TopicPartition, int]:
    found = patiently(lambda: admin.list_group_offsets({group: list(partitions)}))[group]
    return {partition: place.offset for partition, place in found.items() if place.offset >= 0}


def _offsets(
    admin: KafkaAdminClient, wanted: Mapping[TopicPartition, int | OffsetSpec]
) -> dict[TopicPartition, int]:
    found = patiently(lambda: admin.list_partition_offsets(dict(wanted)))
    return {partition: place.offset for partition, place in found.items()}
