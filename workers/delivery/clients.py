"""The Kafka clients of a worker, configured from the settings."""

from __future__ import annotations

import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.admin import ConfigResource
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.errors import AuthorizationError

from workers.contract.topics import topic_spec
from workers.delivery.headernames import read_any_header_name
from workers.settings import Settings

# What a record has around its value: key, headers, framing.
_SLACK_BYTES = 1 << 20
_MIN_FETCH_BYTES = 32 << 20
_MIN_REQUEST_BYTES = 512 << 20
_BOOTSTRAP_SECONDS = 10
_RECONNECT_MAX_SECONDS = 2.0
_MAX_NAME_CHARS = 249
_READ_RECORDS = 5_000
_READ_WAIT_MS = 100
_TCP_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Identity:
    """The names of one worker in Kafka, the same after every restart.

    ``instance_id`` makes it a static member: a restart within the session timeout moves no partition.
    ``transactional_id`` fences the predecessor and aborts the transaction it left open.
    """

    instance_id: str
    transactional_id: str

    @classmethod
    def of(cls, settings: Settings, index: int) -> Identity:
        """Name the worker number ``index`` of this process tree."""
        instance = _kafka_name(f"{settings.stable_worker_id}-{index}")
        return cls(instance, _kafka_name(f"{settings.group_id}-{instance}"))


def connection_options(settings: Settings) -> dict[str, Any]:
    """What every Kafka client of Telex is told about the connection, TLS and SASL included."""
    read_any_header_name()
    options: dict[str, Any] = {
        "bootstrap_servers": [server.strip() for server in settings.bootstrap_servers.split(",")],
        "security_protocol": settings.security_protocol,
    }
    if settings.ssl_cafile is not None:
        options["ssl_cafile"] = str(settings.ssl_cafile)
    if settings.security_protocol.startswith("SASL") and settings.sasl_password is not None:
        options["sasl_mechanism"] = settings.sasl_mechanism
        options["sasl_plain_username"] = settings.sasl_username
        options["sasl_plain_password"] = settings.sasl_password.get_secret_value()
    return options


def make_consumer(settings: Settings, identity: Identity) -> KafkaConsumer:
    """A consumer of committed records as a static member of the group; commits are the producer's."""
    partition_fetch = settings.max_message_bytes + _SLACK_BYTES
    return KafkaConsumer(
        **_worker_options(settings, identity),
        group_id=settings.group_id,
        group_instance_id=identity.instance_id,
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        partition_assignment_strategy=(RangePartitionAssignor,),
        max_partition_fetch_bytes=partition_fetch,
        fetch_max_bytes=max(_MIN_FETCH_BYTES, partition_fetch),
        max_poll_records=settings.batch_max_articles,
    )


def make_reader(settings: Settings, identity: Identity, isolation_level: str) -> KafkaConsumer:
    """A consumer in no group, for whole topics; ``isolation_level`` is Kafka's."""
    return KafkaConsumer(
        **_worker_options(settings, identity),
        group_id=None,
        isolation_level=isolation_level,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_poll_records=_READ_RECORDS,
        fetch_max_wait_ms=_READ_WAIT_MS,
    )


def make_producer(settings: Settings, identity: Identity) -> KafkaProducer:
    """A transactional, idempotent producer."""
    deadline_ms = max(1_000, int(settings.transaction_deadline_seconds * 1000))
    return KafkaProducer(
        **_worker_options(settings, identity),
        transactional_id=identity.transactional_id,
        # Kafka aborts a transaction whose worker is gone for good; the worker's own deadline comes first.
        transaction_timeout_ms=deadline_ms + 20_000,
        acks="all",
        compression_type="gzip",
        batch_size=1 << 18,
        # kafka-python gives a producer up for good when a request of a transaction times out. So none does:
        # a Kafka that answers before the deadline after all has lost nothing.
        request_timeout_ms=deadline_ms,
        delivery_timeout_ms=deadline_ms,
        max_block_ms=deadline_ms,
        # Uncompressed: a dead letter goes back as large as it came, and its topic has the last word.
        max_request_size=max(_MIN_REQUEST_BYTES, 2 * settings.max_message_bytes),
    )


def record_limits(settings: Settings, names: Sequence[str]) -> dict[str, int]:
    """The largest record, in bytes, of each topic, by its full name: what Kafka says, else ``topics.yaml``.

    A record that Kafka refuses for its size costs more than itself: kafka-python fails all records of the
    transaction with it, and its producer cannot be used again.
    """
    wanted = {settings.topic(name): topic_spec(name).max_message_bytes for name in names}
    admin = KafkaAdminClient(**connection_options(settings), bootstrap_timeout_ms=_BOOTSTRAP_SECONDS * 1000)
    try:
        resources = [ConfigResource("TOPIC", topic) for topic in wanted]
        described = admin.describe_configs(resources, config_filter="all").get("topic", {})
    except AuthorizationError:
        return wanted
    finally:
        admin.close()
    for topic, configs in described.items():
        limit = configs.get("max.message.bytes", {}).get("value")
        if limit is not None:
            wanted[topic] = int(limit)
    return wanted


def any_broker_listens(settings: Settings) -> bool:
    """Whether a bootstrap server takes a TCP connection now.

    A client is built only then: one that fails while it is built leaves its threads behind.
    """
    for server in settings.bootstrap_servers.split(","):
        host, _, port = server.strip().rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=_TCP_SECONDS).close()
        except (OSError, UnicodeError):  # the latter for what cannot be a host's name
            continue
        return True
    return False


def _worker_options(settings: Settings, identity: Identity) -> dict[str, Any]:
    return connection_options(settings) | {
        "client_id": identity.instance_id,
        "bootstrap_timeout_ms": _BOOTSTRAP_SECONDS * 1000,
        "reconnect_backoff_max_ms": int(min(_RECONNECT_MAX_SECONDS, settings.retry_max_seconds) * 1000),
        "allow_auto_create_topics": False,
        "metrics_enabled": False,
    }


def _kafka_name(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "-", name)[:_MAX_NAME_CHARS]
