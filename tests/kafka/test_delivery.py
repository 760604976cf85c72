"""What the enrich worker delivers when nothing is in its way."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable

from tests.kafka.harness import Room, Telex, eventually, repeated
from tests.kafka.processors import EVENTS_PER_ARTICLE

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
