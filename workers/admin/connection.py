"""Kafka clients for the operator's commands, and Kafka's faults as one clear line."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.errors import KafkaError, RetriableError
from kafka.structs import TopicPartition

from workers.delivery.clients import any_broker_listens, connection_options
from workers.settings import Settings

_BOOTSTRAP_MS = 10_000
_REQUEST_MS = 20_000
# The largest message of any topic with what is around it.
_FETCH_BYTES = 20 << 20
_MAX_DETAIL_CHARS = 300
_PATIENCE_SECONDS = 15.0
_PAUSE_SECONDS = 0.2


class AdminError(Exception):
    """Something that the operator can act upon; the message is one line."""


@contextmanager
def open_admin(settings: Settings) -> Iterator[KafkaAdminClient]:
    """An admin client for the block. Raises AdminError for every fault of Kafka inside it."""
    with _faults_in_one_line(settings):
        admin = KafkaAdminClient(**_options(settings))
        try:
            yield admin
        finally:
            admin.close()


@contextmanager
def open_reader(settings: Settings) -> Iterator[KafkaConsumer]:
    """A consumer of committed records, in no group, for the block. Raises AdminError as ``open_admin``."""
    with _faults_in_one_line(settings):
        consumer = KafkaConsumer(
            **_options(settings),
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=_FETCH_BYTES,
            fetch_max_bytes=2 * _FETCH_BYTES,
            allow_auto_create_topics=False,
        )
        try:
            yield consumer
        finally:
            consumer.close(autocommit=False)


@contextmanager
def open_producer(settings: Settings, transactional_id: str, timeout_seconds: int) -> Iterator[KafkaProducer]:
    """A transactional producer for the block. Raises AdminError as ``open_admin``."""
    with _faults_in_one_line(settings):
        producer = KafkaProducer(
            **_options(settings),
            transactional_id=transactional_id,
            transaction_timeout_ms=timeout_seconds * 1000,
            acks="all",
            compression_type="gzip",
            max_request_size=2 * _FETCH_BYTES,
        )
        try:
            producer.init_transactions()
            yield producer
        finally:
            producer.close(timeout=5)


def patiently(call: Callable[[], Any]) -> Any:
    """Call, and call again while Kafka says that it is not ready yet, for some seconds.

    Just after a start, and where a leader or coordinator has moved, that is an answer like any other.
    """
    give_up = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return call()
        except RetriableError:
            if time.monotonic() > give_up:
                raise
        time.sleep(_PAUSE_SECONDS)


@contextmanager
def deadline(seconds: float, line: str) -> Iterator[None]:
    """End the process with status 1 and ``line`` on standard error unless the block ends within ``seconds``.

    For calls of kafka-python that can wait without end, and whose clean-up can, too.
    """

    def leave() -> None:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
        os._exit(1)

    timer = threading.Timer(seconds, leave)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def find_partitions(consumer: KafkaConsumer, topic: str) -> list[TopicPartition]:
    """The partitions of a topic in order. Raises AdminError when there is no such topic."""
    numbers = consumer.partitions_for_topic(topic)
    if not numbers:
        raise missing_topic(topic)
    return [TopicPartition(topic, number) for number in sorted(numbers)]


def describe_partitions(admin: KafkaAdminClient, topic: str) -> list[TopicPartition]:
    """``find_partitions`` with an admin client."""
    if topic not in admin.list_topics():
        raise missing_topic(topic)
    (state,) = admin.describe_topics([topic])
    return sorted(TopicPartition(topic, partition["partition_index"]) for partition in state["partitions"])


def missing_topic(topic: str) -> AdminError:
    """The error for a topic that is not there."""
    return AdminError(f"there is no topic {topic}; `telex topics apply` creates it")


@contextmanager
def _faults_in_one_line(settings: Settings) -> Iterator[None]:
    servers = settings.bootstrap_servers
    # What kafka-python logs about a fault, the one line says.
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    if not any_broker_listens(settings):
        raise AdminError(f"Kafka cannot be reached at {servers}")
    try:
        yield
    except KafkaError as error:
        detail = " ".join(str(error).split())[:_MAX_DETAIL_CHARS]
        raise AdminError(f"Kafka at {servers}: {detail or type(error).__name__}") from error
    except OSError as error:
        raise AdminError(f"Kafka at {servers}: {error.strerror or error}") from error


def _options(settings: Settings) -> dict[str, Any]:
    return connection_options(settings) | {
        "client_id": "telex-admin",
        "bootstrap_timeout_ms": _BOOTSTRAP_MS,
        "request_timeout_ms": _REQUEST_MS,
    }
