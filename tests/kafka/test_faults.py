"""What the enrich worker delivers when processes die and Kafka goes away: everything, and once."""

from __future__ import annotations

import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import psutil
import pytest

from tests.kafka.harness import ROOT, Room, Telex, eventually, repeated
from tests.kafka.processors import EVENTS_PER_ARTICLE

Start = Callable[..., Telex]


def assert_once(room: Room, ids: set[str]) -> None:
    """A reader of committed records finds every article once, with each of its events once."""
    enriched = [record.key.decode() for record in room.read_committed("articles-enriched")]
    assert not repeated(enriched, str)
    assert set(enriched) == ids
    events = [record.key.decode() for record in room.read_committed("events")]
    assert not repeated(events, str)
    assert set(events) == {f"{one}/{n}" for one in ids for n in range(EVENTS_PER_ARTICLE)}
    assert room.read_committed("articles-dlq") == []


@pytest.mark.timeout(240)
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_5000_articles_while_workers_are_killed(bootstrap: str, telex: Start, number: int) -> None:
    room = Room(bootstrap).create(partitions=4)
    ids = {f"a{n}" for n in range(5000)}
    room.send({"id": one, "sleep": 0.004} for one in sorted(ids))
    worker = telex(room, processes=2)
    worker.wait_ready()
    chance = random.Random(number)  # noqa: S311
    for count in range(1, 6):
        time.sleep(chance.uniform(0.2, 2.0))
        pids = eventually(worker.worker_pids, 20, "a worker that runs")
        psutil.Process(pids[chance.choice(sorted(pids))]).send_signal(number)
        eventually(lambda n=count: len(worker.logged("worker_restart")) == n, 30, "a restart")
    assert room.committed_articles() < 5000, "the articles were done before the last kill"
    eventually(lambda: room.committed_articles() == 5000, 120, "all committed")
    assert worker.metric("telex_worker_restarts_total") == 5
    assert worker.stop() == 0
    assert_once(room, ids)


@pytest.mark.timeout(240)
def test_broker_frozen_for_a_minute(kafka: Any, telex: Start) -> None:
    room = Room(kafka.bootstrap).create(partitions=4)
    ids = {f"a{n}" for n in range(2000)}
    room.send({"id": one, "sleep": 0.002} for one in sorted(ids))
    worker = telex(room, processes=2)
    worker.wait_ready()
    eventually(lambda: worker.metric("telex_articles_enriched_total") > 100, 30, "some enriched")
    (node,) = kafka.nodes
    kafka.kill_node(node, signal.SIGSTOP)
    try:
        time.sleep(60)
        status, body = worker.probe("/readyz")
        assert (status, "kafka" in body["missing"]) == (503, True)
    finally:
        kafka.kill_node(node, signal.SIGCONT)
    eventually(lambda: room.committed_articles() == 2000, 90, "all committed")
    worker.wait_ready()
    assert worker.stop() == 0
    assert_once(room, ids)


@pytest.mark.timeout(180)
def test_a_short_freeze_costs_time_alone(kafka: Any, telex: Start) -> None:
    room = Room(kafka.bootstrap).create(partitions=2)
    ids = {f"a{n}" for n in range(600)}
    room.send({"id": one, "sleep": 0.01} for one in sorted(ids))
    worker = telex(room)
    worker.wait_ready()
    eventually(lambda: worker.metric("telex_articles_enriched_total") > 0, 30, "some enriched")
    (node,) = kafka.nodes
    kafka.kill_node(node, signal.SIGSTOP)
    try:
        time.sleep(12)
    finally:
        kafka.kill_node(node, signal.SIGCONT)
    eventually(lambda: room.committed_articles() == 600, 60, "all committed")
    assert worker.logged("worker_restart") == []
    assert worker.stop() == 0
    assert_once(room, ids)


@pytest.mark.timeout(180)
def test_a_worker_stuck_in_a_transaction_leaves_and_is_started_again(kafka: Any, telex: Start) -> None:
    room = Room(kafka.bootstrap).create(partitions=1)
    ids = {f"a{n}" for n in range(300)}
    room.send({"id": one, "sleep": 0.01} for one in sorted(ids))
    worker = telex(room, transaction_deadline_seconds=3)
    worker.wait_ready()
    eventually(lambda: worker.metric("telex_articles_enriched_total") > 0, 30, "some enriched")
    (node,) = kafka.nodes
    kafka.kill_node(node, signal.SIGSTOP)
    try:
        eventually(lambda: worker.logged("worker_restart"), 30, "a restart")
    finally:
        kafka.kill_node(node, signal.SIGCONT)
    (stuck, *_) = worker.logged("worker_stuck")
    assert (stuck["process"], stuck["work"], stuck["deadline_seconds"]) == ("worker-0", "transaction", 3.0)
    (restart, *_) = worker.logged("worker_restart")
    assert (restart["worker"], restart["reason"]) == (0, "stuck")
    assert worker.metric("telex_worker_restarts_total", reason="stuck") >= 1
    eventually(lambda: room.committed_articles() == 300, 90, "all committed")
    assert worker.stop() == 0
    assert_once(room, ids)


@pytest.mark.timeout(180)
def test_kafka_that_comes_later_and_goes_away_for_a_while(
    starter: ModuleType, telex: Start, tmp_path: Path
) -> None:
    ports = starter.free_ports(2)
    room = Room(f"127.0.0.1:{ports[0]}")
    worker = telex(room)
    eventually(lambda: worker.logged("kafka_not_ready"), 30, "a word that there is no Kafka")
    status, body = worker.probe("/readyz")
    assert (status, body["missing"]) == (503, ["kafka", "partitions", "loop"])
    assert worker.probe("/healthz")[0] == 200

    cluster = starter.start(tmp_path, ports[:1], starter.fetch_libs(), ports[1:])
    try:
        eventually(
            lambda: any("topics apply" in line["detail"] for line in worker.logged("kafka_not_ready")),
            60,
            "a word that there are no topics",
        )
        room.create(partitions=2)
        worker.wait_ready()
        room.send({"id": f"a{n}"} for n in range(100))
        eventually(lambda: room.committed_articles() == 100, 60, "all committed")

        cluster.stop()
        eventually(lambda: worker.probe("/readyz")[0] == 503, 60, "not ready")
        assert "kafka" in worker.probe("/readyz")[1]["missing"]
        assert worker.metric("telex_kafka_connected_workers") == 0
        cluster.start_node(cluster.nodes[0])
        cluster.wait()
        worker.wait_ready()
        room.send({"id": f"b{n}"} for n in range(100))
        eventually(lambda: room.committed_articles() == 200, 60, "all committed")
        assert worker.logged("worker_restart") == []
        assert worker.stop() == 0
        assert_once(room, {f"{letter}{n}" for letter in "ab" for n in range(100)})
    finally:
        cluster.stop()


def test_an_article_that_ends_every_worker_becomes_a_dead_letter(bootstrap: str, telex: Start) -> None:
    room = Room(bootstrap).create(partitions=1)
    room.send({"id": f"a{n}", **({"die": True} if n == 5 else {})} for n in range(10))
    worker = telex(room, batch_max_articles=4)
    eventually(lambda: room.committed_articles() == 10, 60, "all committed")
    assert len(worker.logged("worker_restart")) == 3
    assert [line["offset"] for line in worker.logged("message_set_aside")] == [5]
    (dead,) = room.read_committed("articles-dlq")
    assert dead.key == b"a5"
    assert dict(dead.headers)["dlq-reason"] == b"internal_error"
    assert len(room.read_committed("articles-enriched")) == 9
    assert worker.stop() == 0


def test_workers_leave_when_their_parent_dies(bootstrap: str, telex: Start) -> None:
    room = Room(bootstrap).create()
    worker = telex(room, processes=2)
    worker.wait_ready()
    pids = worker.worker_pids().values()
    worker.process.kill()
    eventually(lambda: not any(psutil.pid_exists(pid) for pid in pids), 20, "no worker left")


def test_a_taken_metrics_port_is_one_clear_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = subprocess.run(
            [sys.executable, "-m", "workers.cli", "run", "enrich"],
            cwd=ROOT,
            env={"TELEX_METRICS_PORT": str(port)},
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert result.returncode == 2
    assert (
        result.stderr
        == f"telex: TELEX_METRICS_PORT: cannot listen on 127.0.0.1:{port}: Address already in use\n"
    )
