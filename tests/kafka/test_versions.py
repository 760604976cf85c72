"""What readers of events learn of corrected articles, through workers that die and partitions that move."""

from __future__ import annotations

import json
import signal
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import psutil
import pytest
from kafka import KafkaAdminClient, KafkaProducer

from tests.kafka.harness import Room, Telex, eventually, repeated
from tests.kafka.processors import event_id
from workers.contract.schemas import validate

Start = Callable[..., Telex]
FIRST = {"id": "a", "version": 1, "events": ["gone", "kept"]}
SECOND = {"id": "a", "version": 2, "events": ["kept", "new"]}


def told(room: Room) -> list[tuple[str, str]]:
    """What the topic of events says, in order within a partition: event or retracted, and the id."""
    lines = []
    for record in room.read_committed("events"):
        kind = dict(record.headers)["ce_type"].decode()
        value = json.loads(record.value)
        assert record.key.decode() == value["id"]
        if kind == "telex.event.consult.v1":
            assert validate("event", value) is None
            lines.append(("event", value["id"]))
        else:
            assert kind == "telex.event-retracted.consult.v1"
            assert validate("retracted-event", value) is None
            lines.append(("retracted", value["id"]))
    return lines


def standing(room: Room) -> set[str]:
    """The events that a reader has who goes by the last message of each key."""
    last = {identifier: kind for kind, identifier in told(room)}
    return {identifier for identifier, kind in last.items() if kind == "event"}


def named(article: dict[str, Any], *names: str) -> set[str]:
    return {event_id(article["id"], name) for name in names}


def published(room: Room) -> dict[int, dict[str, Any]]:
    """The last value of each article in the topic of published articles, by partition."""
    last: dict[int, dict[str, Any]] = defaultdict(dict)
    for record in room.read_committed("articles-published"):
        value = None if record.value is None else json.loads(record.value)
        assert value is None or validate("published-article", value) is None
        last[record.partition].pop(record.key.decode(), None)
        last[record.partition][record.key.decode()] = value
    return last


def answered(room: Room, count: int, seconds: float = 60) -> None:
    eventually(lambda: len(room.read_committed("articles-enriched")) == count, seconds, "all answered")


def test_a_correction_tells_what_changed_and_an_old_version_nothing(bootstrap: str, telex: Start) -> None:
    room = Room(bootstrap).create(partitions=1)
    worker = telex(room)
    room.send_in_order([FIRST])
    answered(room, 1)
    assert Counter(told(room)) == Counter(("event", one) for one in named(FIRST, "gone", "kept"))

    room.send_in_order([SECOND])
    answered(room, 2)
    (gone,) = named(FIRST, "gone")
    (new,) = named(FIRST, "new")
    after = Counter(told(room)[2:])
    assert after == Counter([("event", new), ("retracted", gone)])
    (retraction,) = [r for r in room.read_committed("events") if b"retracted" in dict(r.headers)["ce_type"]]
    headers = dict(retraction.headers)
    assert headers["ce_id"] == f"{gone}:2".encode()
    assert headers["ce_subject"] == b"a"
    assert headers["ce_dataschema"] == b"https://telex.example/schemas/retracted-event/1.0.0.json"
    assert json.loads(retraction.value) == {
        "id": gone,
        "retracted": True,
        "type": "CONSULT",
        "article": {"id": "a", "version": 2},
    }

    room.send_in_order([FIRST])
    answered(room, 3)
    assert len(told(room)) == 4
    assert standing(room) == named(FIRST, "kept", "new")

    room.send_in_order([SECOND])
    answered(room, 4)
    again = Counter(told(room)) - Counter(("event", one) for one in named(FIRST, "gone", "kept")) - after
    assert again == Counter(
        [("event", new), ("retracted", gone), *(("event", one) for one in named(FIRST, "kept"))]
    )
    enriched = [json.loads(record.value) for record in room.read_committed("articles-enriched")]
    assert [one["version"] for one in enriched] == [1, 2, 1, 2]
    assert [{event["id"] for event in one["events"]} for one in enriched] == [
        named(FIRST, "gone", "kept"),
        named(FIRST, "kept", "new"),
        named(FIRST, "gone", "kept"),
        named(FIRST, "kept", "new"),
    ]
    assert worker.metric("telex_events_retracted_total", type="CONSULT") == 2
    assert worker.metric("telex_events_published_total", type="CONSULT") == 5
    assert worker.stop() == 0
    assert not worker.noise


def test_all_versions_in_one_batch_are_as_one_after_the_other(bootstrap: str, telex: Start) -> None:
    room = Room(bootstrap).create(partitions=1)
    third = {"id": "a", "version": 3, "events": ["gone"]}
    room.send_in_order([FIRST, SECOND, FIRST, third])
    worker = telex(room)
    answered(room, 4)
    assert standing(room) == named(FIRST, "gone")
    counts = Counter(told(room))
    (gone,), (kept,), (new,) = (named(FIRST, name) for name in ("gone", "kept", "new"))
    assert counts == {
        ("event", gone): 2,
        ("retracted", gone): 1,
        ("event", kept): 1,
        ("retracted", kept): 1,
        ("event", new): 1,
        ("retracted", new): 1,
    }
    assert worker.stop() == 0


def test_a_worker_that_starts_knows_what_was_published(bootstrap: str, telex: Start) -> None:
    room = Room(bootstrap).create(partitions=3)
    for number in range(3):
        room.send_in_order([{**FIRST, "id": f"a{number}"}, {"id": f"n{number}", "events": []}], number)
    first = telex(room)
    answered(room, 6)
    assert first.stop() == 0
    assert {number: list(articles) for number, articles in published(room).items()} == {
        number: [f"a{number}"] for number in range(3)
    }
    for number in range(3):
        room.send_in_order([{**SECOND, "id": f"a{number}"}], number)
    other = telex(room)
    answered(room, 9)
    assert other.stop() == 0
    for number in range(3):
        article = {"id": f"a{number}"}
        assert standing(room) >= named(article, "kept", "new")
    assert Counter(kind for kind, _ in told(room)) == {"event": 9, "retracted": 3}
    (read, *_) = other.logged("published_articles_read")
    assert (read["partitions"], read["articles"]) == ([0, 1, 2], 3)


def test_articles_that_fall_out_are_taken_out_of_the_topic_and_count_as_new(
    bootstrap: str, telex: Start
) -> None:
    room = Room(bootstrap).create(partitions=1)
    room.send_in_order({**FIRST, "id": f"a{number}"} for number in range(5))
    worker = telex(room, remembered_articles=3)
    answered(room, 5)
    assert {key for key, value in published(room)[0].items() if value} == {"a2", "a3", "a4"}
    assert {key for key, value in published(room)[0].items() if not value} == {"a0", "a1"}
    worker.stop()
    again = telex(room, remembered_articles=3)
    room.send_in_order([{**SECOND, "id": "a0"}, {**SECOND, "id": "a4"}])
    answered(room, 7)
    retracted = {one for kind, one in told(room) if kind == "retracted"}
    assert retracted == named({"id": "a4"}, "gone")
    assert again.stop() == 0


def partitions(admin: KafkaAdminClient, topic: str) -> list[Any]:
    (described,) = admin.describe_topics([topic])
    return list(described["partitions"])


def test_a_partition_without_its_memory_is_waited_for(bootstrap: str, telex: Start) -> None:
    room = Room(bootstrap).create(partitions=2)
    with KafkaAdminClient(bootstrap_servers=bootstrap) as admin:
        admin.create_partitions({f"{room.prefix}articles": 3})
        eventually(lambda: len(partitions(admin, f"{room.prefix}articles")) == 3, 30, "the new partition")
        room.send_in_order([FIRST], partition=2)
        worker = telex(room)
        eventually(
            lambda: any("telex topics apply" in line["detail"] for line in worker.logged("kafka_retry")),
            30,
            "a word on what is missing",
        )
        assert room.read_committed("articles-enriched") == []
        admin.create_partitions({f"{room.prefix}articles-published": 3})
    answered(room, 1)
    assert list(published(room)) == [2]
    assert worker.stop() == 0


def test_what_another_worker_has_not_decided_yet_is_waited_for(bootstrap: str, telex: Start) -> None:
    room = Room(bootstrap).create(partitions=1)
    before = {"version": 1, "events": [{"id": event_id("a", "gone"), "type": "CONSULT"}], "retracted": []}
    with KafkaProducer(bootstrap_servers=bootstrap, transactional_id=f"{room.prefix}other") as other:
        other.init_transactions()
        other.begin_transaction()
        other.send(f"{room.prefix}articles-published", json.dumps(before).encode(), b"a", partition=0)
        other.flush()
        room.send_in_order([SECOND])
        worker = telex(room)
        eventually(lambda: worker.logged("published_articles_awaited"), 60, "a word that it waits")
        assert room.read_committed("articles-enriched") == []
        other.commit_transaction()
    answered(room, 1)
    assert Counter(kind for kind, _ in told(room)) == {"event": 2, "retracted": 1}
    assert worker.stop() == 0


def versions(count: int, last: int) -> Iterable[dict[str, Any]]:
    """Articles of ``last`` versions, the first ones first; each version drops one event for another."""
    for version in range(1, last + 1):
        for number in range(count):
            yield {
                "id": f"a{number}",
                "version": version,
                "events": ["kept", f"of-{version}", f"of-{version + 1}"],
                "sleep": 0.002,
            }


def assert_each_change_once(room: Room, count: int, last: int) -> None:
    counts = Counter(told(room))
    for number in range(count):
        article = {"id": f"a{number}"}
        (kept,) = named(article, "kept")
        assert counts.pop(("event", kept)) == 1
        for version in range(1, last + 2):
            (one,) = named(article, f"of-{version}")
            assert counts.pop(("event", one)) == 1, (article, version)
            if version < last:
                assert counts.pop(("retracted", one)) == 1, (article, version)
    assert not counts
    enriched = room.read_committed("articles-enriched")
    assert len(enriched) == count * last
    assert not repeated(enriched, lambda record: dict(record.headers)["ce_id"].decode())
    assert room.read_committed("articles-dlq") == []


def send_keyed(room: Room, articles: Iterable[dict[str, Any]]) -> None:
    room.send_raw((article["id"].encode(), json.dumps(article).encode(), []) for article in articles)


@pytest.mark.timeout(240)
def test_each_change_is_told_once_while_workers_are_killed(bootstrap: str, telex: Start) -> None:
    room = Room(bootstrap).create(partitions=4)
    count, last = 200, 6
    send_keyed(room, versions(count, last))
    worker = telex(room, processes=2, batch_max_articles=16)
    worker.wait_ready()
    for kills in range(1, 5):
        floor = kills * count
        eventually(lambda n=floor: room.committed_articles() >= n, 60, f"{floor} committed")
        pids = eventually(worker.worker_pids, 20, "a worker that runs")
        psutil.Process(pids[sorted(pids)[kills % len(pids)]]).send_signal(signal.SIGKILL)
        eventually(lambda n=kills: len(worker.logged("worker_restart")) == n, 30, "a restart")
    assert room.committed_articles() < count * last, "the articles were done before the last kill"
    eventually(lambda: room.committed_articles() == count * last, 120, "all committed")
    assert worker.stop() == 0
    assert_each_change_once(room, count, last)


@pytest.mark.timeout(240)
def test_each_change_is_told_once_while_partitions_move(bootstrap: str, telex: Start) -> None:
    room = Room(bootstrap).create(partitions=4)
    count, last = 200, 16  # enough that both have work left when the partitions have moved
    send_keyed(room, versions(count, last))
    first = telex(room, name="one", batch_max_articles=16, remembered_articles=count)
    first.wait_ready()
    eventually(lambda: room.committed_articles() >= count, 60, "some committed")
    second = telex(room, name="two", batch_max_articles=16, remembered_articles=count)
    eventually(
        lambda: [w.metric("telex_partitions_assigned") for w in (first, second)] == [2, 2], 60, "two each"
    )
    assert room.committed_articles() < count * last, "the articles were done before the partitions moved"
    eventually(lambda: room.committed_articles() == count * last, 120, "all committed")
    assert min(w.metric("telex_articles_enriched_total") for w in (first, second)) > 0
    # Both go on from what the other has published: the partitions move back as well.
    send_keyed(room, ({**article, "version": last + 1, "events": []} for article in versions(count, 1)))
    assert second.stop() == 0
    eventually(lambda: room.committed_articles() == count * (last + 1), 120, "all committed")
    assert first.stop() == 0
    assert standing(room) == set()
    counts = Counter(told(room))
    assert set(counts.values()) == {1}
    assert Counter(kind for kind, _ in counts) == {
        "event": count * (last + 2),
        "retracted": count * (last + 2),
    }
