"""The metrics of delivery."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from kafka import KafkaConsumer

from workers import metrics
from workers.contract.records import EnrichedArticle
from workers.delivery.batch import Message
from workers.delivery.publish import Delivery


def count_committed(deliveries: Sequence[Delivery]) -> None:
    """Count what a transaction has made visible just now."""
    now = time.time()
    metrics.TRANSACTIONS.labels(outcome="committed").inc()
    metrics.BATCH_ARTICLES.observe(len(deliveries))
    for delivery in deliveries:
        outcome = delivery.outcome
        if isinstance(outcome, EnrichedArticle):
            _count_enriched(outcome, delivery, now)
        else:
            metrics.ARTICLES_DEAD.labels(reason=outcome.reason.value).inc()


def published_seconds(published_at: str | None) -> float | None:
    """The POSIX time of an RFC 3339 time; None without one, without its offset, or with a wrong one."""
    if published_at is None:
        return None
    try:
        moment = datetime.fromisoformat(published_at)
        return moment.timestamp() if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


class LagReport:
    """Each assigned partition's lag, from what the last fetches told, without asking Kafka."""

    def __init__(self) -> None:
        self._reported: set[tuple[str, int]] = set()

    def update(self, consumer: KafkaConsumer, undelivered: Sequence[Message]) -> None:
        """Set the gauges; a partition that was given away has no lag here any more."""
        waiting = Counter((message.place.topic, message.place.partition) for message in undelivered)
        lags = dict.fromkeys(self._reported, 0)
        assigned = consumer.assignment()
        for partition in assigned:
            highwater = consumer.highwater(partition)
            position = consumer.position(partition, timeout_ms=0)
            if highwater is not None and position is not None:
                lags[partition] = max(0, highwater - position) + waiting[partition]
        for (topic, number), lag in lags.items():
            metrics.CONSUMER_LAG.labels(topic=topic, partition=number).set(lag)
        self._reported = {(topic, number) for topic, number in assigned}


def _count_enriched(enriched: EnrichedArticle, delivery: Delivery, now: float) -> None:
    metrics.ARTICLES_ENRICHED.labels(language=enriched.language).inc()
    for event in delivery.changes.events:
        metrics.EVENTS_PUBLISHED.labels(type=event.type.value, language=enriched.language).inc()
    for retracted in delivery.changes.retracted:
        metrics.EVENTS_RETRACTED.labels(type=retracted.type.value).inc()
    for source in enriched.sources:
        metrics.SOURCES_CREDITED.labels(source=source.source, relation=source.relation.value).inc()
    metrics.RECEIVE_TO_EVENT_SECONDS.observe(max(0.0, now - delivery.message.timestamp_ms / 1000))
    published = published_seconds(enriched.published_at)
    if published is not None:
        metrics.PUBLISH_TO_EVENT_SECONDS.observe(max(0.0, now - published))
