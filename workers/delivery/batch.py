"""A batch: the messages that one transaction takes, and what became of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Event
from typing import NamedTuple

import structlog

from workers.contract.records import Outcome, Reason, Rejection

Processor = Callable[[bytes | None], Outcome]

_log = structlog.get_logger(__name__)


class Place(NamedTuple):
    """Where a message stands in Kafka."""

    topic: str
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the articles topic as it was read; ``timestamp_ms`` is Kafka's."""

    place: Place
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]

    @property
    def size(self) -> int:
        """Bytes of key, value and headers."""
        return (
            len(self.key or b"")
            + len(self.value or b"")
            + sum(len(name) + len(value) for name, value in self.headers)
        )


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one transaction may take: articles, input bytes, seconds of processing."""

    max_articles: int
    max_bytes: int
    max_seconds: float


def take_batch(buffered: Sequence[Message], bounds: Bounds) -> Sequence[Message]:
    """Return the longest prefix within the bounds of count and bytes; one message is always taken."""
    total = 0
    for count, message in enumerate(buffered):
        total += message.size
        if count and (count == bounds.max_articles or total > bounds.max_bytes):
            return buffered[:count]
    return buffered[:]


def process_batch(
    batch: Sequence[Message],
    process: Processor,
    *,
    max_seconds: float,
    cancelled: Event,
    set_aside: Mapping[Place, Rejection] | None = None,
    starting: Callable[[Message], None] = lambda _message: None,
    clock: Callable[[], float] = time.monotonic,
) -> list[Outcome]:
    """Return the outcomes of a prefix of ``batch``, one at least unless ``cancelled`` is set before.

    No further message is begun once ``max_seconds`` have passed or ``cancelled`` is set. A message in
    ``set_aside`` is not processed but gets the rejection there. ``starting`` hears of each one begun.
    """
    began = clock()
    outcomes: list[Outcome] = []
    for message in batch:
        if cancelled.is_set() or (outcomes and clock() - began >= max_seconds):
            break
        rejection = (set_aside or {}).get(message.place)
        if rejection is None:
            starting(message)
        outcomes.append(rejection or _process_safely(message, process))
    return outcomes


def next_offsets(batch: Sequence[Message]) -> dict[tuple[str, int], int]:
    """The offset after the last message of each partition: what a commit of ``batch`` says."""
    return {(m.place.topic, m.place.partition): m.place.offset + 1 for m in batch}


def _process_safely(message: Message, process: Processor) -> Outcome:
    """A processor answers bad input with a rejection; one that raises has a defect, and costs one article."""
    try:
        return process(message.value)
    except Exception as error:
        _log.exception("processor_failed", **message.place._asdict())
        return Rejection(
            stage="process",
            reason=Reason.INTERNAL_ERROR,
            error=type(error).__name__,
            message="the processor failed on this article; the worker's log has the trace",
        )
