"""The batch command's contract kept by the worker: articles on standard input go through Kafka.

``python -m tests.quality.through_kafka --bootstrap HOST:PORT``: makes topics under a prefix of their own,
starts ``telex run enrich``, produces every input line to ``articles`` and writes what comes out of
``articles-enriched``, with the events as they came out of ``events``, in the order of the input.
The scorer can so judge the whole way.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kafka import KafkaConsumer, KafkaProducer

TELEX = str(Path(sys.executable).with_name("telex"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--timeout-seconds", type=float, default=120.0)
    args = parser.parse_args()
    articles = [json.loads(line) for line in sys.stdin]
    prefix = f"quality-{uuid.uuid4().hex[:8]}."
    env = {
        **os.environ,
        "TELEX_BOOTSTRAP_SERVERS": args.bootstrap,
        "TELEX_TOPIC_PREFIX": prefix,
        "TELEX_GROUP_ID": f"{prefix}enrich",
        "TELEX_WORKER_ID": prefix.rstrip("."),
        "TELEX_METRICS_PORT": "0",
        "TELEX_LOG_LEVEL": "warning",
    }
    subprocess.run([TELEX, "topics", "apply", "--yes"], env=env, stdout=subprocess.DEVNULL, check=True)
    with worker(env):
        send(articles, args.bootstrap, f"{prefix}articles")
        for enriched in receive(articles, args.bootstrap, prefix, args.timeout_seconds):
            print(json.dumps(enriched, ensure_ascii=False))
    return 0


@contextmanager
def worker(env: dict[str, str]) -> Iterator[None]:
    process = subprocess.Popen([TELEX, "run", "enrich"], env=env, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def send(articles: list[dict[str, Any]], bootstrap: str, topic: str) -> None:
    producer = KafkaProducer(bootstrap_servers=bootstrap)
    for article in articles:
        producer.send(topic, json.dumps(article).encode(), key=str(article["id"]).encode()).get(timeout=30)
    producer.close()


def receive(
    articles: list[dict[str, Any]], bootstrap: str, prefix: str, timeout_seconds: float
) -> list[dict[str, Any]]:
    consumer = KafkaConsumer(
        f"{prefix}articles-enriched",
        f"{prefix}events",
        bootstrap_servers=bootstrap,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        isolation_level="read_committed",
    )
    enriched: dict[str, dict[str, Any]] = {}
    events: dict[str, dict[str, Any]] = {}
    deadline = time.monotonic() + timeout_seconds
    while not complete(articles, enriched, events):
        if time.monotonic() > deadline:
            raise SystemExit(f"{len(enriched)} of {len(articles)} articles came out in {timeout_seconds} s")
        for records in consumer.poll(timeout_ms=500).values():
            for record in records:
                value = json.loads(record.value)
                (events if record.topic.endswith(".events") else enriched)[value["id"]] = value
    consumer.close()
    return [
        {**one, "events": [events[event["id"]] for event in one["events"]]}
        for one in (enriched[str(article["id"])] for article in articles)
    ]


def complete(
    articles: list[dict[str, Any]], enriched: dict[str, dict[str, Any]], events: dict[str, dict[str, Any]]
) -> bool:
    return all(
        str(article["id"]) in enriched
        and all(event["id"] in events for event in enriched[str(article["id"])]["events"])
        for article in articles
    )


if __name__ == "__main__":
    sys.exit(main())
