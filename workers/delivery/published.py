"""Reads the topic ``articles-published`` into memory, before an article of a partition is processed.

What is told of an article stands in the partition that the article came from, so that a worker reads exactly
the partitions that it is assigned. It reads to the very end: past it, and past every transaction that another
worker may have begun there and Kafka has not decided yet.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Set

import structlog
from kafka import KafkaConsumer
from kafka.errors import KafkaError
from kafka.structs import TopicPartition

from workers.delivery.versions import Memory

_OFFSETS_SECONDS = 5.0
_WARN_SECONDS = 10.0

_log = structlog.get_logger(__name__)


class PublishedArticles:
    """The memory of the assigned partitions, and how far it is read.

    ``reader`` reads committed records alone; ``ends`` reads uncommitted ones, and only looks where they end.
    Neither is subscribed to anything.
    """

    def __init__(self, topic: str, reader: KafkaConsumer, ends: KafkaConsumer, max_articles: int) -> None:
        self.memory = Memory(max_articles)
        self._topic = topic
        self._reader = reader
        self._ends = ends
        self._positions: dict[int, int] = {}
        self._targets: dict[int, int] = {}
        self._current: set[int] = set()
        self._began_at = self._warned_at = 0.0

    def rewind(self, partitions: Collection[int]) -> None:
        """Others may have written meanwhile: read on in ``partitions``, and forget all others."""
        self.memory.keep(partitions)
        self._positions = {
            number: position for number, position in self._positions.items() if number in partitions
        }
        self._targets.clear()
        self._current.clear()

    def catch_up(self, partitions: Set[int], seconds: float) -> bool:
        """Whether all that was published in ``partitions`` is known; if not, read on for about ``seconds``.

        Raises KafkaError for what a later try may mend.
        """
        behind = partitions - self._current
        if not behind:
            return True
        if self._targets.keys() != behind:
            self._begin(behind)
        if not self._arrived(behind):
            polled = self._reader.poll(timeout_ms=int(seconds * 1000))
            for partition, records in polled.items():
                for record in records:
                    self.memory.read(partition.partition, record.key, record.value)
            self._note_positions(behind)
        if not self._arrived(behind):
            self._warn_when_slow()
            return False
        self._current |= behind
        self._targets.clear()
        _log.info(
            "published_articles_read",
            partitions=sorted(behind),
            articles=len(self.memory),
            seconds=round(time.monotonic() - self._began_at, 2),
        )
        return True

    def _begin(self, behind: Set[int]) -> None:
        self._check_present(behind)
        self._began_at = self._warned_at = time.monotonic()
        partitions = [TopicPartition(self._topic, number) for number in sorted(behind)]
        ends = self._ends.end_offsets(partitions, timeout_ms=int(_OFFSETS_SECONDS * 1000))
        self._reader.assign(partitions)
        for partition in partitions:
            position = self._positions.get(partition.partition)
            if position is None or position > ends[partition]:
                # Unread, or a topic that was made anew.
                self.memory.of(partition.partition).clear()
                self._positions.pop(partition.partition, None)
                self._reader.seek_to_beginning(partition)
            else:
                self._reader.seek(partition, position)
        self._targets = {partition.partition: end for partition, end in ends.items()}

    def _check_present(self, behind: Set[int]) -> None:
        if not behind <= self._ends.partitions_for_topic(self._topic):
            self._ends.topics()  # asks Kafka again
            missing = behind - self._ends.partitions_for_topic(self._topic)
            if missing:
                raise KafkaError(
                    f"{self._topic} has no partition {min(missing)}: `telex topics apply` adds it"
                )

    def _note_positions(self, behind: Set[int]) -> None:
        for number in behind:
            position = self._reader.position(TopicPartition(self._topic, number), timeout_ms=0)
            if position is not None:
                self._positions[number] = position

    def _arrived(self, behind: Set[int]) -> bool:
        return all(self._positions.get(number, 0) >= self._targets[number] for number in behind)

    def _warn_when_slow(self) -> None:
        now = time.monotonic()
        if now - self._warned_at >= _WARN_SECONDS:
            self._warned_at = now
            left = {n: end for n, end in self._targets.items() if self._positions.get(n, 0) < end}
            _log.warning(
                "published_articles_awaited", partitions=sorted(left), seconds=round(now - self._began_at, 1)
            )
