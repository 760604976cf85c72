"""`telex topics` on a real Kafka."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import uuid
from collections.abc import Iterator

import pytest
from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import ConfigResource

from tests.kafka.harness import ROOT, eventually
from workers.cli import main
from workers.contract.topics import all_topics, topic_spec

MIB = 1 << 20


@pytest.fixture
def prefix(bootstrap: str, monkeypatch: pytest.MonkeyPatch) -> str:
    prefix = f"t-{uuid.uuid4().hex[:8]}."
    monkeypatch.setenv("TELEX_BOOTSTRAP_SERVERS", bootstrap)
    monkeypatch.setenv("TELEX_TOPIC_PREFIX", prefix)
    return prefix


@pytest.fixture
def admin(bootstrap: str) -> Iterator[KafkaAdminClient]:
    with KafkaAdminClient(bootstrap_servers=bootstrap) as client:
        yield client


def partitions_of(admin: KafkaAdminClient, prefix: str) -> dict[str, int]:
    names = [name for name in admin.list_topics() if name.startswith(prefix)]
    described = admin.describe_topics(names) if names else []
    return {topic["name"].removeprefix(prefix): len(topic["partitions"]) for topic in described}


def config_of(admin: KafkaAdminClient, topic: str) -> dict[str, str]:
    found = admin.describe_configs([ConfigResource("TOPIC", topic)], config_filter="all")["topic"][topic]
    return {name: entry["value"] for name, entry in found.items()}


def test_a_plan_changes_nothing_and_apply_does_what_it_shows(
    prefix: str, admin: KafkaAdminClient, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["topics", "plan"]) == 0
    planned = capsys.readouterr().out
    assert planned.count("create") == len(all_topics())
    assert partitions_of(admin, prefix) == {}

    assert main(["topics", "apply", "--yes"]) == 0
    assert planned in capsys.readouterr().out
    assert partitions_of(admin, prefix) == {spec.name: spec.partitions for spec in all_topics()}
    for spec in all_topics():
        wanted = spec.configs(1)
        found = config_of(admin, f"{prefix}{spec.name}")
        assert {name: found[name] for name in wanted} == wanted

    assert main(["topics", "apply"]) == 0
    assert "nothing to do" in capsys.readouterr().out


def test_without_a_terminal_and_without_yes_nothing_is_changed(
    prefix: str, admin: KafkaAdminClient, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["topics", "apply"]) == 2
    assert "give --yes" in capsys.readouterr().err
    assert partitions_of(admin, prefix) == {}


@pytest.mark.parametrize(("answer", "status", "topics"), [(b"y\n", 0, 5), (b"\n", 2, 0), (b"no\n", 2, 0)])
def test_on_a_terminal_it_asks(
    prefix: str, admin: KafkaAdminClient, answer: bytes, status: int, topics: int
) -> None:
    ours, theirs = pty.openpty()
    os.write(ours, answer)
    command = [sys.executable, "-m", "workers.cli", "topics", "apply"]
    done = subprocess.run(command, stdin=theirs, capture_output=True, cwd=ROOT, timeout=60, check=False)
    os.close(ours)
    os.close(theirs)
    assert done.returncode == status, done.stderr
    assert b"Change 5 topics? [y/N]" in done.stdout
    assert len(partitions_of(admin, prefix)) == topics


def test_what_exists_grows_and_is_otherwise_left_unless_asked(
    prefix: str, admin: KafkaAdminClient, capsys: pytest.CaptureFixture[str]
) -> None:
    few, many = f"{prefix}events", f"{prefix}articles"
    admin.create_topics(
        {
            few: {"num_partitions": 2, "replication_factor": 1, "configs": {"retention.ms": "1000"}},
            many: {"num_partitions": 20, "replication_factor": 1},
        },
        wait_for_metadata=True,
    )
    assert main(["topics", "apply", "--yes"]) == 0
    printed = capsys.readouterr().out
    assert "2 partitions, 12 wanted" in printed
    assert "20 partitions, 12 wanted; stays" in printed
    eventually(lambda: partitions_of(admin, prefix)["events"] == 12, 10, "the new partitions")
    assert partitions_of(admin, prefix)["articles"] == 20
    assert partitions_of(admin, prefix)["articles-published"] == 20
    assert config_of(admin, few)["retention.ms"] == "1000"

    assert main(["topics", "apply", "--yes", "--configs"]) == 0
    capsys.readouterr()
    wanted = topic_spec("events").configs(1)["retention.ms"]
    eventually(lambda: config_of(admin, few)["retention.ms"] == wanted, 10, "the configuration")
    assert main(["topics", "apply", "--configs"]) == 0
    assert "nothing to do" in capsys.readouterr().out


def test_more_copies_than_brokers_are_one_clear_line(
    prefix: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TELEX_REPLICATION_FACTOR", "3")
    assert main(["topics", "apply", "--yes"]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"telex topics: {prefix}articles")
    assert "replication" in error.lower()
    assert error.count("\n") == 1


@pytest.mark.parametrize("topic", ["articles", "articles-dlq"])
def test_the_largest_article_fits(prefix: str, bootstrap: str, topic: str) -> None:
    assert main(["topics", "apply", "--yes"]) == 0
    producer = KafkaProducer(bootstrap_servers=bootstrap, max_request_size=32 * MIB)
    try:
        sent = producer.send(f"{prefix}{topic}", os.urandom(16 * MIB), key=b"k" * 512)
        assert sent.get(30).offset == 0
    finally:
        producer.close()
