"""Every metric of Telex, declared once: prefix ``telex_``, base units, bounded labels.

With several processes the values live in files under ``PROMETHEUS_MULTIPROC_DIR`` (set before this
module is imported) and the parent process adds them up; see ``workers.delivery.exposition``.
"""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

from workers.contract.records import EventType, Reason

_LATENCY_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 21600, 86400)
_STAGE_BUCKETS = (
    0.0001,
    0.00025,
    0.0005,
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1,
    2.5,
    10,
)

ARTICLES_RECEIVED = Counter("telex_articles_received_total", "Articles read from the articles topic.")
ARTICLES_ENRICHED = Counter(
    "telex_articles_enriched_total", "Articles enriched, counted after commit.", ["language"]
)
ARTICLES_DEAD = Counter(
    "telex_articles_dead_total", "Articles sent to the dead-letter topic, counted after commit.", ["reason"]
)
EVENTS_PUBLISHED = Counter(
    "telex_events_published_total", "Typed events published, counted after commit.", ["type", "language"]
)
EVENTS_RETRACTED = Counter(
    "telex_events_retracted_total",
    "Events that a corrected article has no longer, counted after the commit that says so.",
    ["type"],
)
SOURCES_CREDITED = Counter(
    "telex_sources_credited_total", "Source tags, by id of the source registry.", ["source", "relation"]
)
STAGE_DURATION_SECONDS = Histogram(
    "telex_stage_duration_seconds", "Time of one stage for one article.", ["stage"], buckets=_STAGE_BUCKETS
)
RECEIVE_TO_EVENT_SECONDS = Histogram(
    "telex_receive_to_event_seconds",
    "From the article's Kafka timestamp to the commit of its events.",
    buckets=_LATENCY_BUCKETS,
)
PUBLISH_TO_EVENT_SECONDS = Histogram(
    "telex_publish_to_event_seconds",
    "From the time that the publisher gives to the commit of the article's events.",
    buckets=_LATENCY_BUCKETS,
)
CONSUMER_LAG = Gauge(
    "telex_consumer_lag_messages",
    "Messages of a partition that the group has not committed yet.",
    ["topic", "partition"],
    multiprocess_mode="livemostrecent",
)
TRANSACTIONS = Counter("telex_transactions_total", "Kafka transactions by outcome.", ["outcome"])
BATCH_ARTICLES = Histogram(
    "telex_batch_articles", "Articles in one transaction.", buckets=(1, 2, 5, 10, 25, 50, 100, 250, 500)
)
KAFKA_RETRIES = Counter("telex_kafka_retries_total", "Batches tried again after a fault of Kafka.", ["error"])
KAFKA_CONNECTED = Gauge(
    "telex_kafka_connected_workers", "Workers that reach Kafka now.", multiprocess_mode="livesum"
)
PARTITIONS_ASSIGNED = Gauge(
    "telex_partitions_assigned",
    "Partitions assigned to the workers of this process tree.",
    multiprocess_mode="livesum",
)
WORKER_RESTARTS = Counter(
    "telex_worker_restarts_total", "Workers started again after they ended unasked.", ["reason"]
)
BUILD_INFO = Gauge("telex_build_info", "Always 1.", ["version", "python"], multiprocess_mode="mostrecent")
MODEL_INFO = Gauge(
    "telex_model_info", "Always 1.", ["language", "model", "version"], multiprocess_mode="mostrecent"
)

# Known label values count from 0, so that a rate sees the first one of them too.
for _reason in Reason:
    ARTICLES_DEAD.labels(reason=_reason.value)
for _type in EventType:
    EVENTS_RETRACTED.labels(type=_type.value)
for _outcome in ("committed", "aborted"):
    TRANSACTIONS.labels(outcome=_outcome)
