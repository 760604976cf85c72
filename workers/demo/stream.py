"""The demo's side of Kafka: articles in, and what the worker committed of them out."""

from __future__ import annotations

import queue
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import orjson
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from workers.contract.cloudevents import RETRACTED_PREFIX
from workers.delivery.clients import connection_options
from workers.demo.articles import message_key
from workers.demo.lines import DeadLine, EventLine, dead_line, event_line
from workers.demo.processes import DemoError
from workers.settings import Settings

_CALL_SECONDS = 5
_CLOSE_SECONDS = 1
_MAX_REQUEST_BYTES = 32 << 20
# An article that is no first version may have fewer events published than it has: then none come any more.
_QUIET_SECONDS = 3.0
_TRACEPARENT = "traceparent"


@dataclass(frozen=True, slots=True)
class Enriched:
    """One enriched article of the feed was committed, with this many events."""

    events: int


@dataclass(frozen=True, slots=True)
class Dead:
    """One article of the feed was answered by a dead letter."""

    line: DeadLine


Seen = EventLine | Enriched | Dead


class Stream:
    """Feeds articles and reads, committed records only, what comes after the moment of its making.

    Every article carries a ``traceparent`` of its own, which the worker carries on; so the answers to this
    feed are told from those to others. Use it as a context manager. Raises DemoError when Kafka cannot be
    reached.
    """

    def __init__(self, settings: Settings) -> None:
        self._topic = settings.topic("articles")
        self._run = secrets.token_hex(8)
        self._unanswered: set[str] = set()
        self._events_due = 0
        self._seen_at = time.monotonic()
        self._sequence = 0
        self._refused: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._readers = {
            settings.topic("events"): self._read_event,
            settings.topic("articles-enriched"): self._read_enriched,
            settings.topic("articles-dlq"): self._read_dead,
        }
        options = connection_options(settings) | {
            "client_id": "telex-demo",
            "bootstrap_timeout_ms": _CALL_SECONDS * 1000,
            "allow_auto_create_topics": False,
        }
        try:
            self._producer = KafkaProducer(
                **options,
                linger_ms=0,
                max_block_ms=_CALL_SECONDS * 1000,
                max_request_size=_MAX_REQUEST_BYTES,
            )
            self._consumer = KafkaConsumer(
                **options,
                enable_auto_commit=False,
                isolation_level="read_committed",
            )
            self._seek_to_end()
        except (KafkaError, OSError) as error:
            raise DemoError(
                f"Kafka at {settings.bootstrap_servers} cannot be used: {type(error).__name__}: {error}"
            ) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._producer.close(timeout=_CLOSE_SECONDS)
        self._consumer.close(autocommit=False, timeout_ms=_CLOSE_SECONDS * 1000)

    def feed(self, value: bytes) -> None:
        """Send one article, whatever bytes it is made of.

        One that Kafka does not take is kept for ``refusals``, since its answer would never come.
        """
        self._sequence += 1
        trace = f"{self._run}{self._sequence:016x}"
        headers = [(_TRACEPARENT, f"00-{trace}-{self._sequence:016x}-01".encode("ascii"))]
        self._unanswered.add(trace)
        try:
            future = self._producer.send(self._topic, value=value, key=message_key(value), headers=headers)
        except KafkaError as error:
            self._refuse(trace, error)
            return
        future.add_errback(lambda error: self._refuse(trace, error))

    def refusals(self) -> list[str]:
        """The reasons why Kafka did not take articles, each told once."""
        reasons = []
        while not self._refused.empty():
            reasons.append(self._refused.get())
        return reasons

    @property
    def complete(self) -> bool:
        """Whether every article fed has been answered, and all events that come have been seen."""
        quiet = time.monotonic() - self._seen_at > _QUIET_SECONDS
        return not self._unanswered and (self._events_due <= 0 or quiet)

    def poll(self) -> Iterator[Seen]:
        """Yield what is to be shown of the messages that are there, without waiting for any.

        Pause between two calls: the embedded broker answers at once that there is nothing, so that a client
        that waits in its own poll keeps a core busy.
        """
        for partition, messages in self._consumer.poll(timeout_ms=0).items():
            self._seen_at = time.monotonic()
            read = self._readers[partition.topic]
            for message in messages:
                seen = read(message)
                if seen is not None:
                    yield seen

    def _seek_to_end(self) -> None:
        partitions = [
            TopicPartition(topic, number)
            for topic in self._readers
            for number in self._consumer.partitions_for_topic(topic) or ()
        ]
        if {partition.topic for partition in partitions} != set(self._readers):
            raise DemoError("Kafka does not show the topics that were just made")
        self._consumer.assign(partitions)
        for partition, offset in self._consumer.end_offsets(
            partitions, timeout_ms=_CALL_SECONDS * 1000
        ).items():
            self._consumer.seek(partition, offset)

    def _refuse(self, trace: str, error: BaseException) -> None:
        self._unanswered.discard(trace)
        self._refused.put(f"{type(error).__name__}: {error}")

    def _take_answer(self, message: Any) -> bool:
        trace = _trace_of(message)
        if trace not in self._unanswered:
            return False
        self._unanswered.discard(trace)
        return True

    def _read_event(self, message: Any) -> EventLine | None:
        if _is_retraction(message):
            return None
        if _trace_of(message).startswith(self._run):
            self._events_due -= 1
        return event_line(message.value, message.timestamp)

    def _read_enriched(self, message: Any) -> Enriched | None:
        if not self._take_answer(message):
            return None
        events = len(orjson.loads(message.value)["events"])
        self._events_due += events
        return Enriched(events)

    def _read_dead(self, message: Any) -> Dead | None:
        if not self._take_answer(message):
            return None
        return Dead(dead_line(message.value, message.headers, message.timestamp))


def _is_retraction(message: Any) -> bool:
    return any(
        name == "ce_type" and (content or b"").startswith(RETRACTED_PREFIX.encode())
        for name, content in message.headers
    )


def _trace_of(message: Any) -> str:
    for name, content in message.headers:
        if name == _TRACEPARENT and content:
            return str(content[3:35].decode("ascii", "replace"))
    return ""
