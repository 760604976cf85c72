"""What the enrich worker delivers when nothing is in its way."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import ConfigResource
from kafka.errors import CommitFailedError

from tests.kafka.harness import Room, Telex, eventually, repeated
from tests.kafka.processors import EVENTS_PER_ARTICLE
from workers.contract.records import Reason, Rejection
from workers.delivery.batch import Message, Place
from workers.delivery.clients import Identity, make_consumer, make_producer
from workers.delivery.headernames import HeaderName, read_any_header_name
from workers.delivery.publish import OutputTopics, prepare
from workers.delivery.transaction import publish
from workers.settings import load_settings

Start = Callable[..., Telex]


def test_articles_become_enriched_articles_and_events(bootstrap: str, telex: Start) -> None:
    room = Room(bootstrap).create()
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    room.send({"id": f"a{n}", "published_at": "2025-06-13T08:00:00Z"} for n in range(200))
    room.send_raw([(b"k", json.dumps({"id": "traced"}).encode(), [("traceparent", trace.encode())])])
    worker = telex(room)
    worker.wait_ready()
    eventually(lambda: room.committed_articles() == 201, 30, "all committed")

    enriched = room.read_committed("articles-enriched")
    assert {record.key.decode() for record in enriched} == {f"a{n}" for n in range(200)} | {"traced"}
    assert all(json.loads(record.value)["id"] == record.key.decode() for record in enriched)
    events = room.read_committed("events")
    assert len(events) == 201 * EVENTS_PER_ARTICLE
    assert not repeated(events, lambda record: record.key.decode())
    (traced, _) = [r for r in events if r.key.startswith(b"traced")]
    headers = dict(traced.headers)
    assert headers["traceparent"] == trace.encode()
    assert headers["ce_id"] == traced.key

    assert worker.metric("telex_articles_received_total") == 201
    assert worker.metric("telex_articles_enriched_total", language="en") == 201
    assert worker.metric("telex_events_published_total", type="CONSULT") == 402
    assert worker.metric("telex_transactions_total", outcome="committed") >= 4
    assert worker.metric("telex_transactions_total", outcome="aborted") == 0
    assert worker.metric("telex_receive_to_event_seconds_count") == 201
    assert worker.metric("telex_publish_to_event_seconds_count") == 200
    assert worker.metric("telex_stage_duration_seconds_count", stage="text") == 201
    assert worker.metric("telex_partitions_assigned") == 4
    assert worker.metric("telex_kafka_connected_workers") == 1
    assert worker.metric("telex_process_resident_memory_bytes", process="worker-0") > 1 << 20
    assert worker.metric("telex_process_cpu_seconds_total", process="parent") > 0
    eventually(lambda: worker.metric("telex_consumer_lag_messages") == 0, 10, "no lag")
    assert worker.probe("/healthz")[0] == 200
    assert worker.stop() == 0
    assert not worker.noise


def test_dead_letters_keep_key_value_and_headers(bootstrap: str, telex: Start) -> None:
    room = Room(bootstrap).create(partitions=1)
    headers = [("traceparent", b"x"), ("a", b"\xff\x00"), ("a", b"")]
    large = b"{" + b"\xf0\x9f\x98\x80" * (10 << 18)
    messages = [
        (b"key", b"not JSON", headers),
        (None, b"\xff\xfe", []),
        (b"\x00key", None, headers),
        (b"large", large, headers),
    ]
    room.send_raw(messages)
    worker = telex(room)
    eventually(lambda: room.committed_articles() == len(messages), 60, "all committed")
    dead = sorted(room.read_committed("articles-dlq"), key=lambda r: int(dict(r.headers)["dlq-offset"]))
    assert len(large) > 10_000_000
    assert [(r.key, r.value) for r in dead] == [(key, value) for key, value, _ in messages]
    for offset, (record, (_, _, before)) in enumerate(zip(dead, messages, strict=True)):
        assert record.headers[: len(before)] == before
        added = dict(record.headers[len(before) :])
        assert added["dlq-topic"] == f"{room.prefix}articles".encode()
        assert added["dlq-partition"] == b"0"
        assert added["dlq-offset"] == str(offset).encode()
        assert added["dlq-reason"] == b"invalid_json"
        assert added["dlq-stage"] == b"read"
        assert added["dlq-error"] == b"JSONDecodeError"
        assert int(added["dlq-timestamp"]) > 1_600_000_000_000
        assert added["dlq-failed-at"].endswith(b"Z")
        assert b"dlq-message" in {name.encode() for name in added}
    assert worker.metric("telex_articles_dead_total", reason="invalid_json") == len(messages)
    assert worker.stop() == 0


def test_header_names_that_are_not_utf8_go_through(bootstrap: str, telex: Start) -> None:
    read_any_header_name()
    room = Room(bootstrap).create(partitions=1)
    bad = HeaderName(b"caf\xe9".decode("utf-8", "surrogateescape"))
    room.send({"id": f"a{n}"} for n in range(3))
    room.send_raw([(b"k", b'{"id": "b"}', [(bad, b"1")]), (b"dead", b"no JSON", [(bad, b"2")])])
    room.send({"id": f"c{n}"} for n in range(3))
    worker = telex(room)
    eventually(lambda: room.committed_articles() == 8, 30, "all committed")
    assert len(room.read_committed("articles-enriched")) == 7
    (dead,) = room.read_committed("articles-dlq")
    assert (dead.key, dead.value) == (b"dead", b"no JSON")
    assert (dead.headers[0][0].encode("utf-8"), dead.headers[0][1]) == (b"caf\xe9", b"2")
    assert worker.logged("worker_restart") == []
    assert worker.stop() == 0


def test_articles_of_an_aborted_transaction_are_not_read(bootstrap: str, telex: Start) -> None:
    room = Room(bootstrap).create(partitions=1)
    with KafkaProducer(bootstrap_servers=bootstrap, transactional_id=f"{room.prefix}feed") as feed:
        feed.init_transactions()
        for identifier, end in (("lost", feed.abort_transaction), ("kept", feed.commit_transaction)):
            feed.begin_transaction()
            feed.send(f"{room.prefix}articles", json.dumps({"id": identifier}).encode())
            feed.flush()
            end()
    worker = telex(room)
    eventually(lambda: room.committed_articles() >= 3, 30, "the second one committed")
    assert [record.key for record in room.read_committed("articles-enriched")] == [b"kept"]
    assert worker.stop() == 0


def test_nothing_is_committed_before_its_dead_letter_is_delivered(bootstrap: str, telex: Start) -> None:
    room = Room(bootstrap).create(partitions=1, articles_dlq={"max.message.bytes": "1000"})
    room.send_raw([(b"k", os.urandom(5000), [])])
    room.send([{"id": "after"}])
    worker = telex(room)
    eventually(lambda: len(worker.logged("worker_restart")) >= 2, 30, "a worker that tries again")
    assert {line["reason"] for line in worker.logged("worker_restart")} == {"kafka"}
    assert "articles-dlq" in worker.logged("kafka_refused")[0]["detail"]
    assert room.committed_articles() == 0
    assert room.read_committed("articles-enriched") == []
    with KafkaAdminClient(bootstrap_servers=bootstrap) as admin:
        admin.alter_configs(
            [ConfigResource("TOPIC", f"{room.prefix}articles-dlq", {"max.message.bytes": "100000"})]
        )
    eventually(lambda: room.committed_articles() == 2, 60, "all committed")
    assert len(room.read_committed("articles-dlq")) == 1
    assert len(room.read_committed("articles-enriched")) == 1
    assert worker.stop() == 0


def test_a_worker_of_an_older_generation_commits_nothing(bootstrap: str) -> None:
    room = Room(bootstrap).create(partitions=1)
    settings = load_settings(
        {
            "TELEX_BOOTSTRAP_SERVERS": bootstrap,
            "TELEX_TOPIC_PREFIX": room.prefix,
            "TELEX_GROUP_ID": room.group,
        }
    )
    identity = Identity.of(settings, 0)
    topics = OutputTopics.of(settings, {})
    article = Message(Place(f"{room.prefix}articles", 0, 0), 0, b"k", b"", ())
    rejection = Rejection(stage="read", reason=Reason.INVALID_JSON, error="E", message="m")
    delivery = prepare(article, rejection, topics, datetime.now(UTC))
    offsets = {(f"{room.prefix}articles", 0): 1}
    consumer, producer = make_consumer(settings, identity), make_producer(settings, identity)
    try:
        producer.init_transactions()
        consumer.subscribe([f"{room.prefix}articles"])
        consumer.partitions_for_topic(f"{room.prefix}articles")
        eventually(lambda: (consumer.poll(200), consumer.assignment())[1], 30, "the partition")
        group = consumer.group_metadata()
        with pytest.raises(CommitFailedError):
            publish(producer, [delivery], offsets, group._replace(generation_id=group.generation_id - 1))
        producer.abort_transaction()
        assert room.committed_articles() == 0
        assert room.read_committed("articles-dlq") == []
        publish(producer, [delivery], offsets, group)
        assert room.committed_articles() == 1
        assert len(room.read_committed("articles-dlq")) == 1
    finally:
        producer.close(timeout=5)
        consumer.close(autocommit=False)


def test_a_record_too_large_for_its_topic_becomes_a_dead_letter(bootstrap: str, telex: Start) -> None:
    room = Room(bootstrap).create(partitions=1, articles_enriched={"max.message.bytes": "20000"})
    room.send({"id": f"a{n}", "title_chars": 100_000 if n == 7 else 0} for n in range(20))
    worker = telex(room)
    eventually(lambda: room.committed_articles() == 20, 60, "all committed")
    assert len(room.read_committed("articles-enriched")) == 19
    assert len(room.read_committed("events")) == 19 * EVENTS_PER_ARTICLE
    (dead,) = room.read_committed("articles-dlq")
    assert (dead.key, json.loads(dead.value)["id"]) == (b"a7", "a7")
    assert dict(dead.headers)["dlq-reason"] == b"too_large"
    assert worker.metric("telex_transactions_total", outcome="aborted") == 0
    assert worker.stop() == 0


def test_two_trees_share_the_partitions(bootstrap: str, telex: Start) -> None:
    room = Room(bootstrap).create(partitions=4)
    first = telex(room, name="one")
    first.wait_ready()
    assert first.metric("telex_partitions_assigned") == 4
    room.send({"id": f"a{n}", "sleep": 0.005} for n in range(1000))
    second = telex(room, name="two")
    second.wait_ready()
    eventually(
        lambda: [w.metric("telex_partitions_assigned") for w in (first, second)] == [2, 2], 60, "two each"
    )
    room.send({"id": f"b{n}"} for n in range(400))
    eventually(lambda: room.committed_articles() == 1400, 60, "all committed")
    assert min(w.metric("telex_articles_enriched_total") for w in (first, second)) > 0
    enriched = room.read_committed("articles-enriched")
    assert len(enriched) == 1400
    assert not repeated(enriched, lambda record: record.key.decode())
    assert [first.stop(), second.stop()] == [0, 0]


def test_a_worker_without_partitions_is_ready(bootstrap: str, telex: Start) -> None:
    room = Room(bootstrap).create(partitions=1)
    worker = telex(room, processes=2)
    worker.wait_ready()
    _, body = worker.probe("/readyz")
    assert sorted(one["partitions"] for one in body["workers"]) == [0, 1]
    assert worker.stop(signal.SIGINT) == 0


def test_draining_commits_what_is_done(bootstrap: str, telex: Start) -> None:
    room = Room(bootstrap).create(partitions=2)
    room.send({"id": f"a{n}", "sleep": 0.02} for n in range(300))
    worker = telex(room, batch_max_seconds=10)
    worker.wait_ready()
    eventually(lambda: worker.metric("telex_articles_received_total") > 0, 30, "some received")
    assert worker.stop() == 0
    assert len(room.read_committed("articles-enriched")) == room.committed_articles() < 300
    again = telex(room, batch_max_seconds=10)
    eventually(lambda: room.committed_articles() == 300, 60, "all committed")
    enriched = room.read_committed("articles-enriched")
    assert len(enriched) == 300
    assert not repeated(enriched, lambda record: record.key.decode())
    assert again.stop() == 0


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
def test_articles_compressed_with_any_codec_are_read(bootstrap: str, telex: Start, codec: str) -> None:
    room = Room(bootstrap).create(partitions=1, articles={"compression.type": codec})
    room.send({"id": f"a{n}"} for n in range(20))
    worker = telex(room)
    worker.wait_ready()
    eventually(lambda: room.committed_articles() == 20, 30, "all committed")
    assert worker.logged("worker_restart") == []
    assert {record.key for record in room.read_committed("articles-enriched")} == {
        f"a{n}".encode() for n in range(20)
    }
