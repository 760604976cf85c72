"""`telex lag` and `telex replay` on a real Kafka."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from kafka import KafkaConsumer, KafkaProducer
from kafka.structs import OffsetAndMetadata, TopicPartition

from tests.kafka.harness import Room, eventually
from workers.admin.connection import AdminError, open_admin
from workers.admin.group import apply_replay, plan_replay
from workers.cli import main
from workers.settings import load_settings

# One message a minute from here on in each of two partitions: 2026-03-14T08:00:00Z.
START_MS = 1_773_475_200_000
MINUTE_MS = 60_000
COUNT = 10


@pytest.fixture
def room(bootstrap: str, monkeypatch: pytest.MonkeyPatch) -> Room:
    room = Room(bootstrap).create(
        partitions=2, articles={"retention.ms": "-1", "max.message.bytes": str(20 << 20)}
    )
    monkeypatch.setenv("TELEX_BOOTSTRAP_SERVERS", bootstrap)
    monkeypatch.setenv("TELEX_TOPIC_PREFIX", room.prefix)
    monkeypatch.setenv("TELEX_GROUP_ID", room.group)
    with KafkaProducer(bootstrap_servers=bootstrap) as producer:
        for partition in (0, 1):
            for number in range(COUNT):
                producer.send(
                    f"{room.prefix}articles",
                    b"{}",
                    partition=partition,
                    timestamp_ms=START_MS + number * MINUTE_MS,
                )
        producer.flush()
    return room


@contextmanager
def member(room: Room, **options: Any) -> Iterator[KafkaConsumer]:
    """A live member of the workers' group that has partitions."""
    with KafkaConsumer(
        f"{room.prefix}articles",
        bootstrap_servers=room.bootstrap,
        group_id=room.group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        **options,
    ) as consumer:
        # kafka-python can lose a join that it begins before it knows the topic's partitions.
        consumer.partitions_for_topic(f"{room.prefix}articles")
        eventually(lambda: (consumer.poll(200), len(consumer.assignment()) == 2)[1], 60, "the partitions")
        yield consumer


def commit(room: Room, offsets: dict[int, int]) -> None:
    with member(room) as consumer:
        consumer.commit(
            {
                TopicPartition(f"{room.prefix}articles", partition): OffsetAndMetadata(offset, "", -1)
                for partition, offset in offsets.items()
            }
        )


def lags(capsys: pytest.CaptureFixture[str]) -> dict[int, tuple[int | None, int, int]]:
    assert main(["lag", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    return {row["partition"]: (row["committed"], row["end"], row["lag"]) for row in rows}


def test_lag_is_what_is_not_committed_yet(room: Room, capsys: pytest.CaptureFixture[str]) -> None:
    assert lags(capsys) == {0: (None, COUNT, COUNT), 1: (None, COUNT, COUNT)}
    commit(room, {0: 7})
    assert lags(capsys) == {0: (7, COUNT, 3), 1: (None, COUNT, COUNT)}
    assert main(["lag"]) == 0
    table = capsys.readouterr().out
    assert room.group in table
    assert table.splitlines()[-1].split() == ["total", "-", "-", "-", "-", str(3 + COUNT)]


def test_a_missing_topic_is_one_line(
    room: Room, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TELEX_TOPIC_PREFIX", "nowhere.")
    for command in (["lag"], ["replay", "--from", "2h"], ["dlq", "list"]):
        assert main(command) == 1
        error = capsys.readouterr().err
        assert error.startswith(f"telex {command[0]}: there is no topic nowhere.articles")
        assert error.count("\n") == 1


def test_a_replay_from_a_time_goes_back_and_never_forward(
    room: Room, capsys: pytest.CaptureFixture[str]
) -> None:
    commit(room, {0: COUNT, 1: 3})
    # 08:05 is offset 5: behind what partition 0 has committed, before partition 1 has got there.
    assert main(["replay", "--from", "2026-03-14T09:04:30+01:00", "--yes"]) == 0
    assert f"reads {COUNT - 5} offsets" in capsys.readouterr().out
    assert lags(capsys) == {0: (5, COUNT, COUNT - 5), 1: (3, COUNT, COUNT - 3)}
    with member(room) as consumer:
        assert consumer.position(TopicPartition(f"{room.prefix}articles", 0)) >= 5


def test_a_replay_from_an_offset_of_one_partition(room: Room, capsys: pytest.CaptureFixture[str]) -> None:
    commit(room, {0: COUNT, 1: COUNT})
    assert main(["replay", "--offset", "2", "--partition", "1", "--yes"]) == 0
    capsys.readouterr()
    assert lags(capsys) == {0: (COUNT, COUNT, 0), 1: (2, COUNT, COUNT - 2)}
    assert main(["replay", "--offset", "2", "--partition", "7", "--yes"]) == 1
    assert "has no partition 7" in capsys.readouterr().err


def test_a_plan_and_a_replay_that_is_not_confirmed_change_nothing(
    room: Room, capsys: pytest.CaptureFixture[str]
) -> None:
    commit(room, {0: COUNT, 1: COUNT})
    assert main(["replay", "--from", "2026-03-14T08:00:00Z", "--dry-run"]) == 0
    assert main(["replay", "--from", "2026-03-14T08:00:00Z"]) == 2
    assert "give --yes" in capsys.readouterr().err
    assert main(["replay", "--from", "2099-01-01T00:00:00Z", "--yes"]) == 0
    assert "nothing to do" in capsys.readouterr().out
    assert lags(capsys) == {0: (COUNT, COUNT, 0), 1: (COUNT, COUNT, 0)}


def test_a_replay_is_refused_while_a_worker_runs(room: Room, capsys: pytest.CaptureFixture[str]) -> None:
    commit(room, {0: COUNT, 1: COUNT})
    with member(room):
        assert main(["replay", "--from", "2026-03-14T08:00:00Z", "--yes"]) == 1
        assert "stop its workers first" in capsys.readouterr().err
    assert lags(capsys) == {0: (COUNT, COUNT, 0), 1: (COUNT, COUNT, 0)}


def test_a_worker_that_has_stopped_counts_until_its_session_is_over(
    room: Room, capsys: pytest.CaptureFixture[str]
) -> None:
    commit(room, {0: COUNT, 1: COUNT})
    with member(room, group_instance_id=f"{room.prefix}static", session_timeout_ms=6000):
        pass
    replay = ["replay", "--from", "2026-03-14T08:00:00Z", "--yes"]
    assert main(replay) == 1
    assert "which --wait SECONDS waits for" in capsys.readouterr().err
    assert main([*replay, "--wait", "60"]) == 0
    capsys.readouterr()
    assert lags(capsys) == {0: (0, COUNT, COUNT), 1: (0, COUNT, COUNT)}


def test_a_worker_that_starts_between_plan_and_change_keeps_its_offsets(
    room: Room, capsys: pytest.CaptureFixture[str]
) -> None:
    commit(room, {0: COUNT, 1: COUNT})
    topic = f"{room.prefix}articles"
    with open_admin(load_settings()) as admin:
        plans = plan_replay(admin, room.group, topic, offset=0)
        assert [plan.offsets for plan in plans] == [COUNT, COUNT]
        with member(room), pytest.raises(AdminError, match="is a worker running"):
            apply_replay(admin, room.group, topic, plans)
    assert lags(capsys) == {0: (COUNT, COUNT, 0), 1: (COUNT, COUNT, 0)}
