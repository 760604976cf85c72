"""The dead letters: read, chosen, and sent to the articles topic once more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from kafka import KafkaConsumer, KafkaProducer
from kafka.errors import KafkaError
from kafka.structs import TopicPartition

from workers.admin.connection import AdminError, find_partitions

HEADER_PREFIX = "dlq-"
_POLL_MS = 1000
_IDLE_POLLS = 15
_PLACE = re.compile(r"([0-9]{1,9}):([0-9]{1,18})")


class Place(NamedTuple):
    """Where a dead letter stands in its topic, written ``partition:offset``."""

    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.partition}:{self.offset}"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One dead letter: the article's key, value and headers as they came, and ``why`` it is here.

    ``why`` has the values of the ``dlq-`` headers by name without that prefix (``reason``, ``stage`` …).
    """

    place: Place
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    why: dict[str, str]


@dataclass(frozen=True, slots=True)
class Selection:
    """Which dead letters are meant; what is empty or None chooses all."""

    reason: str | None = None
    stage: str | None = None
    places: frozenset[Place] = frozenset()

    def has(self, letter: DeadLetter) -> bool:
        """Whether ``letter`` is one of them."""
        return (
            (self.reason is None or letter.why.get("reason") == self.reason)
            and (self.stage is None or letter.why.get("stage") == self.stage)
            and (not self.places or letter.place in self.places)
        )


def parse_place(text: str) -> Place:
    """Read ``partition:offset``. Raises ValueError for anything else."""
    match = _PLACE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not PARTITION:OFFSET, such as 2:1234")
    return Place(int(match[1]), int(match[2]))


def read_letters(consumer: KafkaConsumer, topic: str, selection: Selection) -> Iterator[DeadLetter]:
    """The chosen dead letters that are in ``topic`` now, partition by partition as they come.

    Raises AdminError when there is no such topic, or Kafka gives no more for a while before its end.
    """
    partitions = find_partitions(consumer, topic)
    starts: dict[TopicPartition, int] = {}
    if selection.places:
        wanted = {place.partition for place in selection.places}
        partitions = [partition for partition in partitions if partition.partition in wanted]
        starts = {
            partition: min(p.offset for p in selection.places if p.partition == partition.partition)
            for partition in partitions
        }
    if not partitions:
        return
    begins, ends = consumer.beginning_offsets(partitions), consumer.end_offsets(partitions)
    if selection.places:
        last = {
            partition: max(p.offset for p in selection.places if p.partition == partition.partition) + 1
            for partition in partitions
        }
        ends = {partition: min(ends[partition], last[partition]) for partition in partitions}
    consumer.assign(partitions)
    for partition in partitions:
        consumer.seek(partition, max(begins[partition], starts.get(partition, 0)))
    yield from _read_to(consumer, ends, selection)


def read_letter(consumer: KafkaConsumer, topic: str, place: Place) -> DeadLetter:
    """The dead letter at ``place``. Raises AdminError when there is none."""
    for letter in read_letters(consumer, topic, Selection(places=frozenset({place}))):
        return letter
    raise AdminError(f"there is no dead letter at {place} of {topic}")


def send_again(
    producer: KafkaProducer, letters: Iterable[DeadLetter], topic: str, count: int, flush_seconds: float
) -> None:
    """Send the letters' articles to ``topic`` in one transaction, all ``count`` of them or none.

    Key, value and headers are those that the article had; the ``dlq-`` headers are left out. Raises
    KafkaError, or AdminError if there are fewer letters; nothing of it can be read then. kafka-python may
    wait without end for a transaction whose broker has died: the caller holds a deadline.
    """
    producer.begin_transaction()
    try:
        futures = [producer.send(topic, letter.value, letter.key, list(letter.headers)) for letter in letters]
        producer.flush(flush_seconds)
        _check_sent(futures, topic, count)
    except BaseException:
        producer.abort_transaction()
        raise
    producer.commit_transaction()


def _check_sent(futures: Sequence[Any], topic: str, count: int) -> None:
    for future in futures:
        if not future.succeeded():
            raise future.exception or KafkaError(f"a record for {topic} was not delivered")
    if len(futures) != count:
        raise AdminError(f"of {count} dead letters {len(futures)} are left: nothing was sent; look again")


def _read_to(
    consumer: KafkaConsumer, ends: dict[TopicPartition, int], selection: Selection
) -> Iterator[DeadLetter]:
    open_partitions = set(ends)
    idle = 0
    while True:
        open_partitions = {p for p in open_partitions if consumer.position(p) < ends[p]}
        if not open_partitions:
            return
        polled = consumer.poll(_POLL_MS)
        idle = 0 if polled else idle + 1
        if idle > _IDLE_POLLS:
            raise AdminError(
                "Kafka gives no more dead letters before the end of their topic: try again later"
            )
        for partition, records in polled.items():
            for record in records:
                if record.offset < ends[partition]:
                    letter = _letter(record)
                    if selection.has(letter):
                        yield letter


def _letter(record: Any) -> DeadLetter:
    # Kafka allows a header without a value, its Python client does not send one.
    headers = [(name, value or b"") for name, value in record.headers or ()]
    return DeadLetter(
        Place(record.partition, record.offset),
        record.key,
        record.value,
        tuple((name, value) for name, value in headers if not name.startswith(HEADER_PREFIX)),
        {
            name.removeprefix(HEADER_PREFIX): value.decode("utf-8", "replace")
            for name, value in headers
            if name.startswith(HEADER_PREFIX)
        },
    )
