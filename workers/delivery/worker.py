"""A worker process, ``python -m workers.delivery.worker``; ``workers.delivery.supervisor`` starts it.

Standard input is its lifeline: the parent writes one JSON line, the task, and keeps the pipe open; when it
closes, the parent is gone and the worker leaves. ``--status-fd`` is the pipe for what the worker has to say.
"""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson
import structlog
from kafka import KafkaConsumer, KafkaProducer
from kafka.errors import KafkaError, KafkaTimeoutError
from pydantic import SecretStr

from workers import metrics
from workers.contract.records import Reason, Rejection
from workers.delivery.backoff import Backoff
from workers.delivery.batch import Place, Processor
from workers.delivery.clients import (
    Identity,
    any_broker_listens,
    make_consumer,
    make_producer,
    make_reader,
    record_limits,
)
from workers.delivery.loop import DeliveryLoop
from workers.delivery.published import PublishedArticles
from workers.delivery.status import Phase, StatusPipe
from workers.delivery.transaction import KafkaRefusedError, WorkerFencedError, leave_if_final
from workers.delivery.watchdog import Watchdog, leave
from workers.logging import configure_logging
from workers.settings import Settings

EXIT_FAILED = 1
EXIT_FENCED = 76
EXIT_KAFKA = 77
_BEAT_SECONDS = 0.5
# Each leaves its threads behind, so a new process is better than many more.
_MAX_FAILED_CLIENTS = 10
_INPUT = "articles"
_PUBLISHED = "articles-published"
_OUTPUTS = ("articles-enriched", "events", "articles-dlq", _PUBLISHED)
# A dead letter has to go out unchanged, however large: compressed, as it came, it may pass.
_LIMITED = ("articles-enriched", "events", _PUBLISHED)

StageObserver = Callable[[str, float], None]
ProcessFactory = Callable[[Settings, StageObserver], Processor]

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker is told by its parent; ``set_aside`` are messages that have ended workers before."""

    index: int
    process_factory: str
    settings: Settings
    set_aside: tuple[Place, ...] = ()

    def encode(self) -> bytes:
        """One line of JSON, secrets included: it goes through a pipe only."""
        values: dict[str, Any] = {}
        for name in Settings.model_fields:
            value = getattr(self.settings, name)
            values[name] = value.get_secret_value() if isinstance(value, SecretStr) else value
        return (
            orjson.dumps(
                {
                    "index": self.index,
                    "process_factory": self.process_factory,
                    "settings": values,
                    "set_aside": [list(place) for place in self.set_aside],
                },
                default=str,
            )
            + b"\n"
        )

    @classmethod
    def decode(cls, line: bytes) -> Task:
        """Read what ``encode`` wrote."""
        fields = orjson.loads(line)
        return cls(
            index=fields["index"],
            process_factory=fields["process_factory"],
            settings=Settings(**fields["settings"]),
            set_aside=tuple(Place(*place) for place in fields["set_aside"]),
        )


def main(argv: Sequence[str] | None = None) -> int:
    """Run one worker until the parent asks it to drain; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m workers.delivery.worker", description=__doc__)
    parser.add_argument("--status-fd", type=int, required=True)
    args = parser.parse_args(argv)
    line = sys.stdin.buffer.readline()
    if not line:
        return 0
    task = Task.decode(line)
    settings = task.settings
    configure_logging(settings, process=f"worker-{task.index}")
    stop = _stop_when_asked(settings)
    status = StatusPipe(args.status_fd)
    status.update()
    watchdog = Watchdog()
    try:
        process = _load(task.process_factory)(settings, _observe_stage)
        connected = _connect(settings, Identity.of(settings, task.index), stop, status)
        if connected is None:
            return 0
        consumer, producer = connected.consumer, connected.producer
        readers = (connected.reader, connected.ends)
        DeliveryLoop(
            settings,
            consumer,
            producer,
            process,
            published=PublishedArticles(settings.topic(_PUBLISHED), *readers, settings.remembered_articles),
            stop=stop,
            watchdog=watchdog,
            status=status,
            set_aside={place: _fatal_article(place) for place in task.set_aside},
            max_record_bytes=connected.max_record_bytes,
        ).run()
    except WorkerFencedError as error:
        leave(EXIT_FENCED, "worker_fenced", detail=str(error))
    except KafkaRefusedError as error:
        leave(EXIT_KAFKA, "kafka_refused", detail=str(error)[:300])
    except Exception:
        # A defect; the transaction that is open has to wait for the next process in any case.
        _log.exception("worker_failed")
        leave(EXIT_FAILED, "worker_leaves")
    with watchdog.limit(settings.shutdown_seconds, "close"):
        try:
            producer.close(timeout=settings.shutdown_seconds / 2)
            consumer.close(autocommit=False, timeout_ms=int(settings.shutdown_seconds * 250))
            for reader in readers:
                reader.close(autocommit=False, timeout_ms=int(settings.shutdown_seconds * 100))
        except KafkaError as error:
            # All that was done is committed; Kafka finds out by itself that the connections are gone.
            _log.warning("close_failed", error=type(error).__name__)
    _log.info("worker_drained")
    return 0


def _stop_when_asked(settings: Settings) -> threading.Event:
    """SIGTERM drains; so does the parent's end. An interrupt from the terminal is the parent's to handle."""
    stop = threading.Event()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda _signal, _frame: stop.set())

    def follow_parent() -> None:
        while os.read(sys.stdin.fileno(), 1):
            pass
        stop.set()
        time.sleep(settings.shutdown_seconds)
        os._exit(1)

    threading.Thread(target=follow_parent, name="lifeline", daemon=True).start()
    return stop


def _load(process_factory: str) -> ProcessFactory:
    module, _, function = process_factory.partition(":")
    factory: ProcessFactory = getattr(importlib.import_module(module), function)
    return factory


def _observe_stage(stage: str, seconds: float) -> None:
    metrics.STAGE_DURATION_SECONDS.labels(stage=stage).observe(seconds)


def _fatal_article(place: Place) -> Rejection:
    return Rejection(
        stage="process",
        reason=Reason.INTERNAL_ERROR,
        error="WorkerEnded",
        message=f"workers have ended again and again while they processed offset {place.offset}",
    )


@dataclass(frozen=True, slots=True)
class _Connected:
    """The Kafka clients of this process, with transactions initialised, and what its topics take."""

    consumer: KafkaConsumer
    producer: KafkaProducer
    reader: KafkaConsumer
    ends: KafkaConsumer
    max_record_bytes: dict[str, int]


@dataclass(slots=True)
class _Connector:
    """Makes the clients as soon as a broker listens, and keeps them over failed tries."""

    settings: Settings
    identity: Identity
    consumer: KafkaConsumer | None = None
    producer: KafkaProducer | None = None
    reader: KafkaConsumer | None = None
    ends: KafkaConsumer | None = None
    failures: int = 0

    def try_once(self) -> _Connected:
        """Make what is missing; raises KafkaError when a later try may do better."""
        settings = self.settings
        if not any_broker_listens(settings):
            raise KafkaTimeoutError(f"no broker listens at {settings.bootstrap_servers}")
        self.consumer = self.consumer or self._make(make_consumer)
        self.producer = self.producer or self._make(make_producer)
        self.reader = self.reader or self._make(partial(make_reader, isolation_level="read_committed"))
        self.ends = self.ends or self._make(partial(make_reader, isolation_level="read_uncommitted"))
        present = self.consumer.topics()
        missing = [topic for topic in map(settings.topic, (_INPUT, *_OUTPUTS)) if topic not in present]
        if missing:
            raise KafkaError(f"no topic {', '.join(missing)}: `telex topics apply` creates them")
        limits = record_limits(settings, _LIMITED)
        # Before any offset is read: it aborts what a predecessor has left open.
        self.producer.init_transactions()
        return _Connected(self.consumer, self.producer, self.reader, self.ends, limits)

    def _make(self, make: Callable[[Settings, Identity], Any]) -> Any:
        try:
            return make(self.settings, self.identity)
        except KafkaError:
            self.failures += 1
            if self.failures == _MAX_FAILED_CLIENTS:
                raise KafkaRefusedError("brokers listen but do not answer") from None
            raise
        except (OSError, ValueError) as error:
            raise KafkaRefusedError(f"the Kafka settings: {error}") from error


def _connect(
    settings: Settings, identity: Identity, stop: threading.Event, status: StatusPipe
) -> _Connected | None:
    """Wait for Kafka and its topics, for as long as it takes; None when asked to stop meanwhile."""
    metrics.KAFKA_CONNECTED.set(0)
    connector = _Connector(settings, identity)
    backoff = Backoff(settings.retry_max_seconds)
    while not stop.is_set():
        status.update(phase=Phase.CONNECTING)
        try:
            return connector.try_once()
        except KafkaError as error:
            leave_if_final(error)
            _wait(error, backoff, stop, status)
    return None


def _wait(error: KafkaError, backoff: Backoff, stop: threading.Event, status: StatusPipe) -> None:
    pause = backoff.next_pause()
    metrics.KAFKA_RETRIES.labels(error=type(error).__name__).inc()
    _log.warning(
        "kafka_not_ready", error=type(error).__name__, detail=str(error)[:300], pause_seconds=round(pause, 2)
    )
    while pause > 0 and not stop.wait(min(_BEAT_SECONDS, pause)):
        pause -= _BEAT_SECONDS
        status.update()


if __name__ == "__main__":
    sys.exit(main())
