"""The true pipeline through the worker and a real Kafka."""

from __future__ import annotations

import json
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from itertools import cycle, islice

import psutil
import pytest
from hostile import ENRICHED, corpus

from tests.kafka.harness import Room, Telex, eventually, repeated
from workers.contract.records import EnrichedArticle
from workers.demo.samples import (
    load_malformed_samples,
    load_sample_articles,
    load_sample_contents,
    load_samples,
)
from workers.enrich.message import Processor

Start = Callable[..., Telex]


def test_the_samples_come_out_as_the_batch_command_has_them(
    bootstrap: str, telex: Start, process: Processor
) -> None:
    samples = load_samples()
    room = Room(bootstrap).create(partitions=2)
    room.send_raw((None, value, []) for value in samples)
    worker = telex(room, factory=None)
    worker.wait_ready(120)
    eventually(lambda: room.committed_articles() == len(samples), 120, "all samples answered")
    assert worker.stop() == 0

    enriched = {
        record.key.decode(): json.loads(record.value) for record in room.read_committed("articles-enriched")
    }
    events = {record.key.decode(): json.loads(record.value) for record in room.read_committed("events")}
    expected = [process(value) for value in load_sample_articles()]
    assert all(isinstance(outcome, EnrichedArticle) for outcome in expected)
    assert set(enriched) == {outcome.id for outcome in expected if isinstance(outcome, EnrichedArticle)}
    ids = {
        event.id for outcome in expected if isinstance(outcome, EnrichedArticle) for event in outcome.events
    }
    assert set(events) == ids
    assert {event["id"] for one in enriched.values() for event in one["events"]} == ids
    reasons = Counter(
        dict(record.headers)["dlq-reason"].decode() for record in room.read_committed("articles-dlq")
    )
    assert reasons == Counter(sample.reason for sample in load_malformed_samples())


def test_the_credited_agency_is_a_source_and_never_a_party(bootstrap: str, telex: Start) -> None:
    room = Room(bootstrap).create(partitions=1)
    articles = [json.loads(value) for value in load_sample_articles()]
    contents = list(load_sample_contents().values())
    room.send({**article, "id": str(number)} for number, article in enumerate(articles))
    worker = telex(room, factory=None)
    worker.wait_ready(120)
    eventually(lambda: room.committed_articles() == len(articles), 120, "all samples answered")

    by_number = {int(r.key): json.loads(r.value) for r in room.read_committed("articles-enriched")}
    for number, content in enumerate(contents):
        enriched = by_number[number]
        assert enriched["language"] == content["language"]
        assert {tag["source"] for tag in enriched["sources"]} == set(content["sources"])
        credited = [tag["evidence"] for tag in enriched["sources"] if tag["relation"] == "agency"]
        entities = {
            entity["id"]
            for entity in enriched["entities"]
            for mention in entity["mentions"]
            for evidence in credited
            if mention["field"] == evidence["field"]
            and evidence["start"] <= mention["start"] < evidence["end"]
        }
        organisations = {e["id"] for e in enriched["entities"] if e["type"] == "ORGANIZATION"}
        for event in enriched["events"]:
            parties = {party["entity"] for party in (*event["actors"], *event["recipients"])}
            assert not parties & entities & organisations, (number, event)


def test_bad_input_of_every_kind_is_answered_once_and_the_worker_stays_up(
    bootstrap: str, telex: Start
) -> None:
    kinds = corpus()
    room = Room(bootstrap).create(partitions=2)
    room.send_raw((kind.name.encode(), kind.value, []) for kind in kinds)
    worker = telex(room, factory=None)
    worker.wait_ready(120)
    pids = worker.worker_pids()
    eventually(lambda: room.committed_articles() == len(kinds), 180, "all kinds answered")
    assert worker.worker_pids() == pids

    dead = [
        (record.key.decode(), dict(record.headers)["dlq-reason"].decode(), record.value)
        for record in room.read_committed("articles-dlq")
    ]
    assert sorted(dead) == sorted(
        (kind.name, kind.outcome, kind.value) for kind in kinds if kind.outcome != ENRICHED
    )
    enriched = room.read_committed("articles-enriched")
    assert len(enriched) == sum(kind.outcome == ENRICHED for kind in kinds)


@pytest.mark.timeout(480)
def test_5000_sample_articles_while_a_worker_is_killed_five_times(
    bootstrap: str, telex: Start, process: Processor
) -> None:
    samples = [json.loads(value) for value in load_sample_articles()]
    articles = [
        {**sample, "id": f"sample-{number}"} for number, sample in enumerate(islice(cycle(samples), 5000))
    ]
    room = Room(bootstrap).create(partitions=4)
    room.send(articles)
    worker = telex(room, factory=None, processes=2)
    worker.wait_ready(120)
    chance = random.Random(5)  # noqa: S311
    for count in range(1, 6):
        time.sleep(chance.uniform(0.5, 8.0))
        pids = eventually(worker.worker_pids, 20, "a worker that runs")
        psutil.Process(pids[chance.choice(sorted(pids))]).send_signal(signal.SIGKILL)
        eventually(lambda n=count: len(worker.logged("worker_restart")) == n, 30, "a restart")
    assert room.committed_articles() < 5000, "the articles were done before the last kill"
    eventually(lambda: room.committed_articles() == 5000, 300, "all committed")
    assert worker.stop() == 0

    enriched = room.read_committed("articles-enriched")
    assert not repeated(enriched, lambda record: record.key.decode())
    assert {record.key.decode() for record in enriched} == {article["id"] for article in articles}
    events = room.read_committed("events")
    assert not repeated(events, lambda record: record.key.decode())
    per_sample = [process(json.dumps(sample).encode()) for sample in samples]
    counts = [len(outcome.events) for outcome in per_sample if isinstance(outcome, EnrichedArticle)]
    assert len(events) == sum(islice(cycle(counts), 5000))
    assert room.read_committed("articles-dlq") == []
