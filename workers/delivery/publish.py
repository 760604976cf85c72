"""From the outcome of a message to the records that go out for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog

from workers.contract.cloudevents import enriched_headers, event_headers, retracted_headers
from workers.contract.encoding import encode
from workers.contract.records import EnrichedArticle, Outcome, PublishedArticle, Reason, Rejection
from workers.delivery.batch import Message
from workers.delivery.versions import Changes, Draft, changes_of
from workers.settings import Settings

_MAX_HEADER_CHARS = 1000
_FRAMING_BYTES = 10
_BATCH_FRAMING_BYTES = 100

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One record to send; without a ``partition`` its key chooses one."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    partition: int | None = None

    @property
    def size(self) -> int:
        """At most so many bytes uncompressed, with the framing of a batch of its own."""
        headers = sum(len(name.encode()) + len(value) + _FRAMING_BYTES for name, value in self.headers)
        return len(self.key or b"") + len(self.value or b"") + headers + _BATCH_FRAMING_BYTES


@dataclass(frozen=True, slots=True)
class OutputTopics:
    """The full names of the topics that the enrich worker writes, and the largest record of each."""

    enriched: str
    events: str
    dead_letters: str
    published: str
    max_record_bytes: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Settings, max_record_bytes: Mapping[str, int]) -> OutputTopics:
        """Read the names from the settings; ``max_record_bytes`` is by full name, no entry for no limit."""
        return cls(
            enriched=settings.topic("articles-enriched"),
            events=settings.topic("events"),
            dead_letters=settings.topic("articles-dlq"),
            published=settings.topic("articles-published"),
            max_record_bytes=max_record_bytes,
        )


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message with its outcome, what that changes for readers of events, and the records that tell it."""

    message: Message
    outcome: Outcome
    records: tuple[Outgoing, ...]
    changes: Changes = field(default_factory=Changes)


def prepare_batch(
    batch: Sequence[tuple[Message, Outcome]], topics: OutputTopics, now: datetime, draft: Draft
) -> list[Delivery]:
    """Turn outcomes into records, in their order; ``draft`` gets what they leave to be remembered."""
    deliveries = []
    for message, outcome in batch:
        partition = message.place.partition
        before = draft.find(partition, outcome.id) if isinstance(outcome, EnrichedArticle) else None
        delivery = prepare(message, outcome, topics, now, before)
        for record in delivery.records:
            if record.topic == topics.published and record.key is not None and record.value is not None:
                draft.write(partition, record.key, record.value)
        deliveries.append(delivery)
    return deliveries


def prepare(
    message: Message,
    outcome: Outcome,
    topics: OutputTopics,
    now: datetime,
    before: PublishedArticle | None = None,
) -> Delivery:
    """Turn an outcome into records; what cannot be written, or is too large to be sent, is a dead letter.

    ``before`` is what was published of the same article.
    """
    if isinstance(outcome, EnrichedArticle):
        try:
            changes = changes_of(outcome, before)
            records = enriched_records(outcome, changes, message, topics, now)
        except Exception as error:
            _log.exception("record_not_written", **message.place._asdict())
            outcome = Rejection(
                stage="publish",
                reason=Reason.INTERNAL_ERROR,
                error=type(error).__name__,
                message="the enriched article cannot be written as a record; the worker's log has the trace",
            )
        else:
            too_large = _too_large(records, topics)
            if too_large is None:
                return Delivery(message, outcome, records, changes)
            outcome = too_large
    return Delivery(message, outcome, (dead_letter(message, outcome, topics.dead_letters, now),))


def _too_large(records: Sequence[Outgoing], topics: OutputTopics) -> Rejection | None:
    for record in records:
        limit = topics.max_record_bytes.get(record.topic)
        if limit is not None and record.size > limit:
            return Rejection(
                stage="publish",
                reason=Reason.TOO_LARGE,
                error="RecordTooLarge",
                message=f"a record of {record.size} bytes for {record.topic}, which takes {limit}",
            )
    return None


def enriched_records(
    enriched: EnrichedArticle, changes: Changes, message: Message, topics: OutputTopics, now: datetime
) -> tuple[Outgoing, ...]:
    """The enriched article, keyed by its id; each new or retracted event, by its own; what to remember.

    The last is keyed by the article's id too, in the partition that the article came from.
    """
    published = () if changes.published is None else (encode(changes.published),)
    return (
        Outgoing(
            topics.enriched,
            enriched.id.encode(),
            encode(enriched),
            tuple(enriched_headers(enriched, message.headers, now)),
        ),
        *(
            Outgoing(
                topics.events,
                event.id.encode(),
                encode(event),
                tuple(event_headers(event, message.headers, now)),
            )
            for event in changes.events
        ),
        *(
            Outgoing(
                topics.events,
                retracted.id.encode(),
                encode(retracted),
                tuple(retracted_headers(retracted, message.headers, now)),
            )
            for retracted in changes.retracted
        ),
        *(
            Outgoing(topics.published, enriched.id.encode(), value, (), message.place.partition)
            for value in published
        ),
    )


def tombstones(draft: Draft, topic: str) -> tuple[Outgoing, ...]:
    """Take what ``draft`` forgets out of the topic of published articles."""
    return tuple(Outgoing(topic, key, None, (), partition) for partition, key in draft.forgotten())


def dead_letter(message: Message, rejection: Rejection, topic: str, failed_at: datetime) -> Outgoing:
    """The message as it was, key, value and headers unchanged, and headers ``dlq-*`` that say why it is here.

    ``dlq-timestamp`` is the message's Kafka timestamp in milliseconds, ``dlq-failed-at`` is RFC 3339 in UTC.
    Kafka's client sends no record that has neither key nor value: an empty value stands for it then.
    """
    place = message.place
    added = {
        "topic": place.topic,
        "partition": str(place.partition),
        "offset": str(place.offset),
        "timestamp": str(message.timestamp_ms),
        "stage": rejection.stage,
        "reason": rejection.reason.value,
        "error": rejection.error,
        "message": rejection.message,
        "failed-at": failed_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    value = b"" if message.key is None and message.value is None else message.value
    headers = tuple(
        (f"dlq-{name}", text[:_MAX_HEADER_CHARS].encode("utf-8", "replace")) for name, text in added.items()
    )
    return Outgoing(topic, message.key, value, (*message.headers, *headers))
