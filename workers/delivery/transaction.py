"""One Kafka transaction: the output records of a batch and the offsets of its input, all or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from kafka import KafkaProducer
from kafka.errors import (
    AuthorizationError,
    CorruptRecordError,
    FencedInstanceIdError,
    KafkaError,
    ProducerFencedError,
    SaslAuthenticationFailedError,
    UnsupportedCodecError,
    UnsupportedVersionError,
)
from kafka.structs import ConsumerGroupMetadata, OffsetAndMetadata, TopicPartition

from workers.delivery.publish import Delivery, Outgoing

_FENCED = (ProducerFencedError, FencedInstanceIdError)
# A consumer that has met a record it cannot read may wait on it for ever at the next poll.
_UNREADABLE = (CorruptRecordError, UnsupportedCodecError)
_HOPELESS = (AuthorizationError, SaslAuthenticationFailedError, UnsupportedVersionError, *_UNREADABLE)


class WorkerFencedError(Exception):
    """Another process runs under this worker's name."""


class KafkaRefusedError(Exception):
    """Kafka's fault cannot be mended by this process; a new one has to try."""


class SendFailedError(Exception):
    """A record was refused or not delivered in time.

    The producer counts on from that record and Kafka does not, so it is of no use any more.
    """


def publish(
    producer: KafkaProducer,
    deliveries: Sequence[Delivery],
    offsets: Mapping[tuple[str, int], int],
    group: ConsumerGroupMetadata,
    more: Sequence[Outgoing] = (),
) -> None:
    """Send all records, wait until Kafka has every one of them, then commit them with the offsets.

    ``more`` are records that belong to no delivery; they are sent last. ``group`` fences a worker that is no
    longer in the group's present generation. Raises KafkaError or SendFailedError; the transaction is open
    then and nothing of it can be read. Most of kafka-python's waits take no timeout: the caller holds a
    deadline.
    """
    producer.begin_transaction()
    sent = [
        (
            record.topic,
            producer.send(
                record.topic, record.value, record.key, list(record.headers), partition=record.partition
            ),
        )
        for record in chain(*(delivery.records for delivery in deliveries), more)
    ]
    # A record that was not delivered in time fails its own future alone, and a commit would leave it out.
    _wait_for(sent)
    producer.send_offsets_to_transaction(
        {
            TopicPartition(*partition): OffsetAndMetadata(offset, "", -1)
            for partition, offset in offsets.items()
        },
        group,
    )
    producer.commit_transaction()


def _wait_for(sent: Sequence[tuple[str, Any]]) -> None:
    """Wait for every record on its own: a flush returns too early when a batch is split for its size."""
    for topic, future in sent:
        try:
            future.get()
        except KafkaError as error:
            raise SendFailedError(f"a record for {topic}: {type(error).__name__}: {error}") from error


def leave_if_final(error: BaseException) -> None:
    """Raise WorkerFencedError or KafkaRefusedError for a fault that no retry by this process can mend."""
    name = type(error).__name__
    if isinstance(error, _FENCED):
        raise WorkerFencedError(f"{name}: another process runs under the same worker id") from error
    if isinstance(error, _HOPELESS):
        raise KafkaRefusedError(f"{name}: {error}") from error
