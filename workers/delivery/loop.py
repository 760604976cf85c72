"""The loop of a worker: read articles, enrich them, publish results and offsets in one transaction.

Exactly once, for readers of committed records: outputs and offsets become visible together or not at all;
the transactional id fences a predecessor, the group's generation fences a worker that lost its partitions;
whatever goes wrong, the loop goes back to the offsets that Kafka has committed and starts over from there.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import structlog
from kafka import ConsumerRebalanceListener, KafkaConsumer, KafkaProducer
from kafka.errors import KafkaError
from kafka.structs import MemberState, TopicPartition

from workers import metrics
from workers.contract.records import Outcome, Rejection
from workers.delivery.backoff import Backoff
from workers.delivery.batch import Bounds, Message, Place, Processor, next_offsets, process_batch, take_batch
from workers.delivery.measure import LagReport, count_committed
from workers.delivery.publish import OutputTopics, prepare_batch, tombstones
from workers.delivery.published import PublishedArticles
from workers.delivery.status import Phase, StatusPipe
from workers.delivery.transaction import KafkaRefusedError, SendFailedError, leave_if_final, publish
from workers.delivery.versions import Draft
from workers.delivery.watchdog import Watchdog
from workers.settings import Settings

_POLL_SECONDS = 0.5
_KEEP_ALIVE_SECONDS = 0.1
_CATCH_UP_SECONDS = 0.2
_PROBE_AFTER_SECONDS = 3.0
_PROBE_SECONDS = 1.0
_OFFSETS_SECONDS = 5.0
_LAG_SECONDS = 1.0
_JOIN_SECONDS = 3.0
_SETTLE_SECONDS = 330.0  # longer than the longest rebalance, max.poll.interval.ms

_log = structlog.get_logger(__name__)


class _RebalanceError(Exception):
    """The group's partitions are being given out anew."""


class DeliveryLoop:
    """Moves articles from ``consumer`` through ``process`` to ``producer`` until ``stop`` is set.

    ``producer`` has its transactions initialised and ``consumer`` is not subscribed yet. ``published`` tells
    what readers have of each article; it is read before a partition's first article is. ``set_aside`` names
    messages that get a rejection unprocessed, ``max_record_bytes`` the largest record of each output topic.
    """

    def __init__(
        self,
        settings: Settings,
        consumer: KafkaConsumer,
        producer: KafkaProducer,
        process: Processor,
        *,
        published: PublishedArticles,
        stop: threading.Event,
        watchdog: Watchdog,
        status: StatusPipe,
        set_aside: Mapping[Place, Rejection],
        max_record_bytes: Mapping[str, int],
    ) -> None:
        self._settings = settings
        self._consumer = consumer
        self._producer = producer
        self._process = process
        self._published = published
        self._stop = stop
        self._watchdog = watchdog
        self._status = status
        self._set_aside = dict(set_aside)
        self._topic = settings.topic("articles")
        self._outputs = OutputTopics.of(settings, max_record_bytes)
        self._bounds = Bounds(
            settings.batch_max_articles, settings.batch_max_bytes, settings.batch_max_seconds
        )
        self._backoff = Backoff(settings.retry_max_seconds)
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="process")
        self._buffer: list[Message] = []
        self._revoked = threading.Event()
        self._rewind_needed = False
        self._partitions_known = False
        self._lag = LagReport()
        self._contact_at = self._lag_measured_at = time.monotonic()

    def run(self) -> None:
        """Deliver until told to stop. WorkerFencedError, KafkaRefusedError: this process must end."""
        self._consumer.subscribe([self._topic], listener=_RevocationListener(self._revoked))
        while not self._stop.is_set():
            try:
                self._step()
            except _RebalanceError:
                self._settle()
            except KafkaError as error:
                self._retry_later(error)
        self._status.update(phase=Phase.DRAINING)
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _learn_partitions(self) -> None:
        """Before the first join: kafka-python can lose one in the middle of which it learns of partitions."""
        if not self._partitions_known:
            self._consumer.partitions_for_topic(self._topic)
            self._partitions_known = True

    def _step(self) -> None:
        self._learn_partitions()
        if self._rewind_needed:
            self._rewind()
        if not self._buffer:
            self._buffer = self._poll(_POLL_SECONDS)
            metrics.ARTICLES_RECEIVED.inc(len(self._buffer))
        self._tell_parent()
        if not self._catch_up():
            return
        batch = take_batch(self._buffer, self._bounds)
        if not batch:
            self._probe_when_quiet()
            self._measure_lag()
            return
        with self._watchdog.limit(self._settings.transaction_deadline_seconds, "transaction"):
            done = self._deliver(batch)
        if self._rewind_needed:
            return
        del self._buffer[:done]
        self._backoff.reset()
        self._measure_lag()

    def _deliver(self, batch: Sequence[Message]) -> int:
        """Process and publish a prefix of ``batch``; return its length, or ask for a rewind."""
        outcomes = self._process_while_polling(batch)
        group = self._consumer.group_metadata()
        # Looked at after the generation was taken: one that changes later is fenced by Kafka.
        if self._rewind_needed or self._revoked.is_set() or group.state != MemberState.STABLE:
            # The partitions may be another worker's by now: what Kafka has committed is where to go on.
            self._rewind_needed = True
            return 0
        if not outcomes:
            return 0
        done = batch[: len(outcomes)]
        now = datetime.now(UTC)
        draft = Draft(self._published.memory)
        deliveries = prepare_batch(list(zip(done, outcomes, strict=True)), self._outputs, now, draft)
        forgotten = tombstones(draft, self._outputs.published)
        try:
            publish(self._producer, deliveries, next_offsets(done), group, forgotten)
        except SendFailedError as error:
            metrics.TRANSACTIONS.labels(outcome="aborted").inc()
            if error.__cause__ is not None:
                leave_if_final(error.__cause__)
            raise KafkaRefusedError(str(error)) from error
        except KafkaError as error:
            self._abort(error)
            raise
        else:
            self._heard_from_kafka()
            self._published.memory.apply(draft)
            count_committed(deliveries)
            for delivery in deliveries:
                self._set_aside.pop(delivery.message.place, None)
        return len(done)

    def _catch_up(self) -> bool:
        """Know what was published of the articles of all partitions, polling meanwhile as while processing.

        False when something else is to be done first.
        """
        try:
            while not self._published.catch_up(self._numbers(), _CATCH_UP_SECONDS):
                self._consumer.pause(*self._consumer.assignment())
                if self._poll(0):
                    self._rewind_needed = True
                if self._rewind_needed or self._stop.is_set():
                    return False
                # It may wait for another worker's transaction, or for a Kafka that is away.
                self._probe_when_quiet()
                self._measure_lag()
                self._tell_parent()
        finally:
            self._consumer.resume(*self._consumer.paused())
        return True

    def _numbers(self) -> set[int]:
        return {partition.partition for partition in self._consumer.assignment()}

    def _process_while_polling(self, batch: Sequence[Message]) -> list[Outcome]:
        """Process in the other thread while this one keeps the membership of the group alive."""
        cancelled = threading.Event()
        future = self._executor.submit(
            process_batch,
            batch,
            self._process,
            max_seconds=self._bounds.max_seconds,
            cancelled=cancelled,
            set_aside=self._set_aside,
            starting=lambda message: self._status.update(working_on=message.place),
        )
        try:
            while True:
                try:
                    return future.result(timeout=_KEEP_ALIVE_SECONDS)
                except TimeoutError:
                    self._keep_alive(cancelled)
        finally:
            cancelled.set()
            self._status.update(working_on=None)
            self._consumer.resume(*self._consumer.paused())

    def _keep_alive(self, cancelled: threading.Event) -> None:
        self._consumer.pause(*self._consumer.assignment())
        if self._poll(0):
            # Of a partition that was assigned just now: it is read again from its committed offset.
            self._rewind_needed = True
        if self._rewind_needed or self._stop.is_set():
            cancelled.set()
        self._tell_parent()

    def _poll(self, seconds: float) -> list[Message]:
        polled = self._consumer.poll(
            timeout_ms=int(seconds * 1000), max_records=self._settings.batch_max_articles
        )
        if self._revoked.is_set() or self._member_state() == MemberState.REBALANCING:
            raise _RebalanceError
        if polled:
            self._heard_from_kafka()
        return [_message(record) for records in polled.values() for record in records]

    def _settle(self) -> None:
        """Stay in the rebalance until it is over; nothing that was read before it counts any more.

        kafka-python forgets a join that completes between two polls and joins once more, which begins another
        rebalance: so there is nothing between two polls here. A join that it has lost never ends: after
        ``_SETTLE_SECONDS`` a new process has to try.
        """
        self._rewind_needed = True
        began = time.monotonic()
        try:
            while self._member_state() == MemberState.REBALANCING and not self._stop.is_set():
                self._consumer.poll(timeout_ms=int(_JOIN_SECONDS * 1000))
                self._tell_parent()
                if time.monotonic() - began > _SETTLE_SECONDS:
                    raise KafkaRefusedError(f"the group did not settle in {_SETTLE_SECONDS} s")
        except KafkaError as error:
            self._retry_later(error)
        self._revoked.clear()

    def _rewind(self) -> None:
        """Forget what was read but not committed; go on from the committed offsets."""
        self._buffer.clear()
        for partition in self._consumer.assignment():
            offset = self._consumer.committed(partition, timeout_ms=int(_OFFSETS_SECONDS * 1000))
            if offset is None:
                self._consumer.seek_to_beginning(partition)
            else:
                self._consumer.seek(partition, offset)
        self._published.rewind(self._numbers())
        self._rewind_needed = False

    def _abort(self, error: Exception) -> None:
        """Abort the open transaction, so that the producer can begin another."""
        self._rewind_needed = True
        metrics.TRANSACTIONS.labels(outcome="aborted").inc()
        leave_if_final(error)
        try:
            self._producer.abort_transaction()
        except KafkaError as abort_error:
            leave_if_final(abort_error)
            raise KafkaRefusedError(
                f"{_name(error)}, and the abort failed: {_name(abort_error)}: {abort_error}"
            ) from error

    def _retry_later(self, error: KafkaError) -> None:
        leave_if_final(error)
        self._rewind_needed = True
        metrics.KAFKA_RETRIES.labels(error=_name(error)).inc()
        pause = self._backoff.next_pause()
        _log.warning(
            "kafka_retry",
            error=_name(error),
            detail=str(error)[:300],
            failures=self._backoff.failures,
            pause_seconds=round(pause, 2),
        )
        until = time.monotonic() + pause
        while not self._stop.wait(min(_POLL_SECONDS, max(0.0, until - time.monotonic()))):
            self._tell_parent()
            if time.monotonic() >= until:
                return

    def _heard_from_kafka(self) -> None:
        self._contact_at = time.monotonic()
        self._connected(True)

    def _probe_when_quiet(self) -> None:
        """With nothing to read, ask Kafka something now and then: silence must not pass for health."""
        if time.monotonic() - self._contact_at < _PROBE_AFTER_SECONDS:
            return
        some = next(iter(self._consumer.assignment()), TopicPartition(self._topic, 0))
        try:
            self._consumer.end_offsets([some], timeout_ms=int(_PROBE_SECONDS * 1000))
        except KafkaError as error:
            if self._status.status.connected:
                _log.warning("kafka_away", error=_name(error))
            self._connected(False)
        else:
            self._heard_from_kafka()

    def _connected(self, connected: bool) -> None:
        if connected and not self._status.status.connected:
            _log.info("kafka_connected")
        metrics.KAFKA_CONNECTED.set(int(connected))
        self._status.update(connected=connected)

    def _tell_parent(self) -> None:
        assigned = len(self._consumer.assignment())
        metrics.PARTITIONS_ASSIGNED.set(assigned)
        joined = self._member_state() == MemberState.STABLE
        self._status.update(phase=Phase.RUNNING, joined=joined, partitions=assigned)

    def _member_state(self) -> str:
        return str(self._consumer.group_metadata().state)

    def _measure_lag(self) -> None:
        now = time.monotonic()
        if now - self._lag_measured_at >= _LAG_SECONDS:
            self._lag_measured_at = now
            self._lag.update(self._consumer, self._buffer)


class _RevocationListener(ConsumerRebalanceListener):  # type: ignore[misc]
    """Notes that partitions were taken away. kafka-python calls it in a thread of its own, within a poll."""

    def __init__(self, revoked: threading.Event) -> None:
        self._revoked = revoked

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Called before the partitions are given up, and with none before the first assignment."""
        if revoked:
            self._revoked.set()

    def on_partitions_lost(self, lost: Iterable[TopicPartition]) -> None:
        """Called after they were given to another worker already."""
        self.on_partitions_revoked(lost)

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Called with all partitions that the worker has from now on."""
        _log.info("partitions_assigned", partitions=sorted(partition.partition for partition in assigned))


def _message(record: object) -> Message:
    fields = record._asdict()  # type: ignore[attr-defined]
    return Message(
        place=Place(fields["topic"], fields["partition"], fields["offset"]),
        timestamp_ms=fields["timestamp"],
        key=fields["key"],
        value=fields["value"],
        # Kafka allows a header without a value, its Python client does not send one.
        headers=tuple((name, value or b"") for name, value in fields["headers"]),
    )


def _name(error: BaseException) -> str:
    return type(error).__name__
